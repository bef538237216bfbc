"""Options for measuring accuracy: those of `backtest`, the metrics, and the groupings of `score`."""

from __future__ import annotations

from dataclasses import dataclass

from forecast_cli.model_names import (
    ALWAYS_COMPARED,
    BASELINES,
    BLEND,
    LONG_NAIVE,
    MAX_BLENDED_SERIES,
    NETWORKS,
    default_models,
)
from forecast_cli.option_fields import Options, option
from forecast_cli.option_types import MAX_STEPS, Integer, NameList, NumberList, Steps, Switch

METRICS = ("mase", "rmsse", "smape", "mae", "rmse", "wape", "bias", "skill", "won")
"""The names of the metrics, in the order of `evaluation.metrics.METRICS`."""

GROUPINGS = ("step", "age", "job", "series", "month")
"""How `score` can group forecast points: by step of the horizon, age of the model, job, series, or month."""


@dataclass(frozen=True)
class BacktestConfig(Options):
    """Options of `backtest`: which models to compare, at which cutoffs."""

    models: tuple[str, ...] | None = option(
        NameList((*NETWORKS, *BASELINES)),
        "Models to compare, separated by commas.",
        default_text=f"{','.join(default_models(1))}; without {BLEND} for more than {MAX_BLENDED_SERIES} series, "
        "or with covariates, calendar, holidays or joint series; "
        f"{', '.join(ALWAYS_COMPARED)} are always added, "
        f"{LONG_NAIVE} if all series have a long season that can be repeated",
    )
    horizon: int | None = option(
        Steps(),
        "Steps to forecast from each cutoff.",
        short="n",
        default_text="by the frequency, at most a quarter of the longest series",
    )
    n_windows: int | None = option(
        Integer(1, MAX_STEPS),
        "Number of cutoffs.",
        name="windows",
        default_text="3, or 5 if there are fewer than 10 series, or as many as the data allow",
    )
    step_size: int | None = option(
        Steps(), "Steps from one cutoff to the next.", name="step", default_text="the horizon"
    )
    level: tuple[float, ...] = option(
        NumberList(0, 100, "80,95"),
        "Also measure prediction intervals of these levels in percent, such as 80,95.",
        default=(),
    )
    refit: bool = option(
        Switch(off="no-refit"),
        "Train networks at every cutoff, or only at the first. Statistical methods are always fitted at every cutoff.",
        default=True,
    )
