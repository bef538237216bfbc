"""Options of `predict`."""

from __future__ import annotations

from dataclasses import dataclass

from forecast_cli.model_names import BASELINES
from forecast_cli.option_fields import Options, option
from forecast_cli.option_types import NameList, Steps, Texts


@dataclass(frozen=True)
class PredictConfig(Options):
    """Options of `predict`: how many steps, for which series, and which further models to compare with."""

    horizon: int | None = option(
        Steps(), "Steps to predict.", short="n", default_text="the horizon the model was trained for"
    )
    against: tuple[str, ...] = option(
        NameList(BASELINES),
        f"Also predict with these, separated by commas: {', '.join(BASELINES)}, a model of statsforecast by its class "
        "name, such as CrostonSBA, or a part of the trained model, such as lstm.",
        default=(),
    )
    series: tuple[str, ...] = option(Texts(), "Show only this series. Repeatable.", metavar="ID", default=())
