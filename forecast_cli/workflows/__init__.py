"""One function a command: the story of that command, readable top to bottom."""

from forecast_cli.workflows.backtesting import Backtest, backtest, draw_backtest
from forecast_cli.workflows.inspection import Inspection, info, inspect
from forecast_cli.workflows.prediction import Prediction, continued, draw, predict
from forecast_cli.workflows.training import TrainingSummary, train, train_on

__all__ = [
    "Backtest",
    "Inspection",
    "Prediction",
    "TrainingSummary",
    "backtest",
    "continued",
    "draw",
    "draw_backtest",
    "info",
    "inspect",
    "predict",
    "train",
    "train_on",
]
