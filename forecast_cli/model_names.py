"""The names of models, and rules about them: which have a network, which is the default, which are compared.

This module imports nothing heavy: `--help` names every model. `models/table.py` says how each of them is made.
"""

from __future__ import annotations

from forecast_cli.networks import TOPOLOGIES

# --- names

SMOOTHED = "+smoothing"
"""The end of the name of a network that is combined with exponential smoothing, as in "lstm+smoothing"."""

TREES = {"forest": "a random forest", "boosting": "gradient boosting", "xgboost": "XGBoost"}
"""The end of the name of a hybrid, after the topology and "+" -> the trees that correct the network, in words."""

HYBRIDS = tuple(f"{name}+{trees}" for name in TOPOLOGIES for trees in TREES)
"""The names of networks that are combined with trees."""

BLEND = "blend"

NETWORKS = (*TOPOLOGIES, *(name + SMOOTHED for name in TOPOLOGIES), *HYBRIDS, BLEND, "auto")
"""The names of models that have a network."""

BASELINES = (
    "naive",
    "seasonal-naive",
    "long-naive",
    "drift",
    "window-average",
    "theta",
    "ces",
    "ets",
    "arima",
    "median",
)
"""The names of the statistical methods. `predict` and `backtest` can compare a model with them."""

# --- the default model

DEFAULT_NETWORK = "lstm+smoothing"
"""The default model for large panels, and the network in the default model for small ones (the blend)."""

MAX_BLENDED_SERIES = 50
"""The largest number of series for which the default model is the blend."""

DEFAULT_MODEL_TEXT = (
    f"{BLEND} for at most {MAX_BLENDED_SERIES} series; {DEFAULT_NETWORK} for more, or with covariates, calendar, "
    "holidays or joint series"
)
"""`default_model` in words, for --help."""


def default_model(series: int, *, has_drivers: bool = False) -> str:
    """The name of the model that is trained if the user names none.

    It is BLEND for at most MAX_BLENDED_SERIES series without drivers, otherwise DEFAULT_NETWORK. Reason: the blend is
    the most accurate on small panels (docs/benchmarks.md). On large ones, its statistical methods would need minutes
    for each prediction. Most of them ignore drivers.

    series:       the number of series
    has_drivers:  whether a network gets covariates, the calendar, holidays or joint series
    """
    return BLEND if series <= MAX_BLENDED_SERIES and not has_drivers else DEFAULT_NETWORK


# --- models that are compared

HOLDOUT_BASELINES = ("seasonal-naive", "theta", "ets", "arima")
"""Methods that `train` compares a new model with, on the holdout."""

FAST_HOLDOUT_BASELINES = ("seasonal-naive", "theta")
"""Methods that `train` compares a new model with if the preset is fast."""

COMPARED_METHODS = ("theta", "ets", "arima")
"""Methods that `backtest` compares with the default models, or with a tuned model."""

LONG_NAIVE = "long-naive"
"""`train` and `backtest` compare with this method too, if the data have a long season that can be repeated."""

ALWAYS_COMPARED = ("seasonal-naive", "naive", "drift")
"""Methods that every backtest includes: they take almost no time, and a useful model must be more accurate."""


def default_models(series: int, *, has_drivers: bool = False) -> tuple[str, ...]:
    """The names of the models that `backtest` compares if the user names none, without those of ALWAYS_COMPARED.

    series:       the number of series
    has_drivers:  whether a network gets covariates, the calendar, holidays or joint series
    """
    first = default_model(series, has_drivers=has_drivers)
    return tuple(dict.fromkeys([first, DEFAULT_NETWORK, *COMPARED_METHODS]))
