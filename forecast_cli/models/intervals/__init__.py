"""Prediction intervals around the forecasts of any model."""

from forecast_cli.models.intervals.calibration import Calibration, calibrate

__all__ = ["Calibration", "calibrate"]
