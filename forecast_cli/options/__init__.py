"""All options of training, prediction, backtests, tuning and detection, each defined once: name, type, default, help.

The command line's options, the keys of a job file, their checks and the command reference are made from these fields,
see `option_fields`. If an option is None, the user did not give it. For options of a network and its training,
`models.network.defaults` then chooses a value from the data. For other options, see their help and default text.
"""

from forecast_cli.options.detection import DetectConfig
from forecast_cli.options.evaluation import GROUPINGS, METRICS, BacktestConfig
from forecast_cli.options.network import AUTO_CALENDAR, CALENDAR_PARTS, NO_CALENDAR, ModelConfig
from forecast_cli.options.prediction import PERIODS, PredictConfig
from forecast_cli.options.reading import COVARIATE_OPTIONS, COVARIATES, ReadConfig
from forecast_cli.options.training import NETWORK_OPTIONS, ContinueConfig, TrainConfig, TrainingRequest
from forecast_cli.options.tuning import ORACLES, TuneConfig

__all__ = [
    "AUTO_CALENDAR",
    "CALENDAR_PARTS",
    "COVARIATES",
    "COVARIATE_OPTIONS",
    "GROUPINGS",
    "METRICS",
    "NETWORK_OPTIONS",
    "NO_CALENDAR",
    "ORACLES",
    "PERIODS",
    "BacktestConfig",
    "ContinueConfig",
    "DetectConfig",
    "ModelConfig",
    "PredictConfig",
    "ReadConfig",
    "TrainConfig",
    "TrainingRequest",
    "TuneConfig",
]
