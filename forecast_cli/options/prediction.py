"""Options of `predict`."""

from __future__ import annotations

from dataclasses import dataclass

from forecast_cli.model_names import BASELINES
from forecast_cli.option_fields import Options, option
from forecast_cli.option_types import Choice, ColumnList, NameList, NumberList, Steps, Texts

PERIODS = ("month", "quarter", "year", "all")
"""The periods over which a forecast can be summed. "all" is the whole horizon."""


@dataclass(frozen=True)
class PredictConfig(Options):
    """Options of `predict`: the horizon, the series, intervals, and further models to compare with."""

    horizon: int | None = option(
        Steps(), "Steps to predict.", short="n", default_text="the horizon the model was trained for"
    )
    against: tuple[str, ...] = option(
        NameList(BASELINES),
        f"Also predict with these, separated by commas: {', '.join(BASELINES)}, a model of statsforecast by its class "
        "name, such as CrostonSBA, or a part of the trained model, such as lstm.",
        default=(),
    )
    level: tuple[float, ...] = option(
        NumberList(0, 100, "80,95"),
        "Levels of prediction intervals in percent, such as 80,95: an interval of level 80 should contain 80 of 100 "
        "actual values.",
        default=(),
        default_text="none in tables, 80,95 in pictures",
    )
    quantiles: tuple[float, ...] = option(
        NumberList(0, 1, "0.1,0.5,0.9"), "Quantiles of the forecast, such as 0.1,0.5,0.9.", default=()
    )
    aggregate: str | None = option(
        Choice(PERIODS), "Forecast the totals over these periods, with intervals for the totals."
    )
    series: tuple[str, ...] = option(Texts(), "Show only this series. Repeatable.", metavar="ID", default=())
    draw: tuple[str, ...] = option(
        ColumnList(), "Covariates to draw under each series of the picture, such as price,promo.", default=()
    )
