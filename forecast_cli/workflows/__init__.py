"""One function per command. It computes the result and returns it, without printing or drawing."""

from forecast_cli.workflows.backtesting import Backtest, backtest
from forecast_cli.workflows.detection import Detection, detect
from forecast_cli.workflows.inspection import Inspection, ModelInfo, info, inspect, models
from forecast_cli.workflows.prediction import Prediction, continued, predict
from forecast_cli.workflows.training import TrainingSummary, train, train_on
from forecast_cli.workflows.tuning import TuneRequest, Tuning, tune

__all__ = [
    "Backtest",
    "Detection",
    "Inspection",
    "ModelInfo",
    "Prediction",
    "TrainingSummary",
    "TuneRequest",
    "Tuning",
    "backtest",
    "continued",
    "detect",
    "info",
    "inspect",
    "models",
    "predict",
    "train",
    "train_on",
    "tune",
]
