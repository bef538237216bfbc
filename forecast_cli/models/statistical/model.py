"""The model of one statistical method, which is fitted to each series that it forecasts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Self

import numpy as np

from forecast_cli.features.scaling import Scaling
from forecast_cli.forecasting import Forecast, Forecaster, Progress, Saved, no_progress
from forecast_cli.models.description import Description
from forecast_cli.models.statistical.methods import check, estimated_seconds, forecast_each
from forecast_cli.models.statistical.workers import spread
from forecast_cli.models.training import Training
from forecast_cli.panel.arrays import fill_missing
from forecast_cli.panel.panel import Panel

MIN_SECONDS_IN_PARALLEL = 5
"""If the estimate is above this, the series are spread over the cores. Starting the processes takes about 3 seconds."""

CONTEXT_SIZE = 2_000
"""Number of last points of each series that a bundle keeps, to forecast without the file."""


@dataclass(frozen=True)
class StatisticalForecaster:
    """One method. Each call of `predict` fits it to the panel that it is given.

    Raises UsageError if there is no method of that name, see `check`.
    """

    name: str

    def __post_init__(self) -> None:
        check(self.name)

    @property
    def members(self) -> Mapping[str, Forecaster]:
        return {}

    def predict(self, panel: Panel, horizon: int) -> Forecast:
        """Forecast `horizon` steps after the last point of every series.

        A series that the method cannot be fitted to gets NaN, not another method's forecast.
        """
        filled, _ = fill_missing(panel)
        series = [filled[start:end] for start, end in zip(panel.indptr[:-1], panel.indptr[1:], strict=True)]
        each = partial(forecast_each, self.name, panel.season_length, horizon)
        in_parallel = estimated_seconds(self.name, panel) > MIN_SECONDS_IN_PARALLEL
        point = spread(each, series) if in_parallel else each(series)
        return Forecast.after(panel, np.array(point).reshape(len(panel), horizon))

    def update(self, panel: Panel, cutoff: str | None = None) -> None:
        """Does nothing: the method is fitted when it predicts."""

    def save(self) -> Saved:
        """A description, and no files: the forecaster has learned nothing."""
        return Saved(Description(self.name, CONTEXT_SIZE), {})

    @classmethod
    def load(
        cls, description: Description, _files: Mapping[str, bytes], _scaling: Scaling | None = None
    ) -> StatisticalForecaster:
        """The forecaster of a bundle."""
        return cls(description.name)

    @classmethod
    def load_as_scored(cls, description: Description, _files: Mapping[str, bytes]) -> StatisticalForecaster:
        """The same as `load`."""
        return cls(description.name)


@dataclass(frozen=True)
class StatisticalModel:
    """A statistical method. `fit` does not use the data: `predict` of the forecaster fits the method to each series."""

    name: str

    def for_data(self, _panel: Panel) -> Self:
        return self

    def fit(
        self, _panel: Panel, _progress: Progress = no_progress, _cutoff: str | None = None
    ) -> StatisticalForecaster:
        return StatisticalForecaster(self.name)


FORECASTER = StatisticalForecaster


def create(name: str, _training: Training) -> StatisticalModel:
    """The unfitted method of that name. Raises UsageError if there is none."""
    check(name)
    return StatisticalModel(name)
