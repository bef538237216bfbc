"""Panels and calibrations for tests of intervals."""

from __future__ import annotations

import numpy as np

from forecast_cli.models.intervals import Calibration, calibrate
from forecast_cli.models.statistical.model import StatisticalForecaster
from forecast_cli.panel.panel import Panel
from tests.sample_panels import Floats

LEVELS = np.array([0.5, 0.8, 0.95])


def calibration_of(panel: Panel, model: str = "naive", horizon: int = 4) -> Calibration:
    found = calibrate(StatisticalForecaster(model), panel, horizon)
    assert found is not None
    return found


def white_noise(series: int, length: int, seed: int = 0) -> list[Floats]:
    return list(100 + np.random.default_rng(seed).normal(0, 5, (series, length)))
