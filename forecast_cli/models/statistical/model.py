"""Models such as `ets`: one statistical method. It is fitted to each series in `predict`, not in training.

A bundle contains the forecast after the training data. So a prediction for these data usually fits nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import repeat
from typing import Self

import numpy as np

from forecast_cli.features.scaling import Scaling
from forecast_cli.forecasting import Forecast, Forecaster, Progress, Saved, no_progress
from forecast_cli.models.description import Description
from forecast_cli.models.statistical.costs import estimated_seconds
from forecast_cli.models.statistical.fixed import FixedMethod
from forecast_cli.models.statistical.kept import KeptForecast, unpack_forecast
from forecast_cli.models.statistical.methods import check, forecast_each, season_of, takes_regressors
from forecast_cli.models.statistical.reach import limit_to_range
from forecast_cli.models.statistical.regressors import regressors_of
from forecast_cli.models.statistical.workers import MIN_SECONDS_IN_PARALLEL, spread
from forecast_cli.models.training import Training
from forecast_cli.panel.arrays import Floats, Ints, fill_missing
from forecast_cli.panel.covariates import FUTURE
from forecast_cli.panel.panel import Panel

CONTEXT_SIZE = 2_000
"""The number of last points of each series that a bundle keeps, so that it can forecast without the file. If the season
of the method has more points, the bundle keeps one season."""


@dataclass(frozen=True)
class StatisticalForecaster:
    """The forecaster of one statistical method. `predict` fits the method, except where `known` returns a forecast.

    name: the name of the method, such as "ets"
    kept: the saved forecast after the training data, which needs no fit; None if there is none
    context_size: the number of last points of each series that a bundle keeps

    Raises UsageError if there is no method of this name.
    """

    name: str
    kept: KeptForecast | None = None
    context_size: int = CONTEXT_SIZE

    def __post_init__(self) -> None:
        check(self.name)

    @property
    def members(self) -> Mapping[str, Forecaster]:
        return {}

    def predict(self, panel: Panel, horizon: int) -> Forecast:
        """Forecast `horizon` steps after the last point of every series.

        If the method cannot be fitted to a series, the forecast of this series is NaN.
        """
        known = self.known(panel, horizon)
        return Forecast.after(panel, self._fitted_to(panel, horizon) if known is None else known)

    def known(self, panel: Panel, horizon: int) -> Floats | None:
        """(n, horizon) the forecast of a panel, if it was computed in training and saved with the model.

        None if no forecast of this panel and horizon was saved: `predict` then fits the method. Also None if the method
        takes covariates that are known ahead and the panel has some: their future values may have changed since.
        """
        depends = takes_regressors(self.name) and panel.covariates is not None and panel.covariates.of(FUTURE)
        return self.kept.of(panel, horizon) if self.kept and not depends else None

    def _fitted_to(self, panel: Panel, horizon: int) -> Floats:
        filled, _ = fill_missing(panel)
        known = regressors_of(panel, horizon) if takes_regressors(self.name) else None
        ends = zip(panel.indptr[:-1], panel.indptr[1:], known or repeat(None), strict=False)
        series = [(filled[start:end], regressors) for start, end, regressors in ends]
        each = partial(forecast_each, self.name, season_of(self.name, panel), horizon)
        in_parallel = estimated_seconds(self.name, panel) > MIN_SECONDS_IN_PARALLEL
        point = spread(each, series) if in_parallel else each(series)
        return limit_to_range(np.array(point, dtype=np.float64).reshape(len(panel), horizon), filled, panel.indptr)

    def update(self, panel: Panel, cutoff: str | None = None) -> None:
        """Has no effect, because the method is fitted when it predicts."""

    def for_calibration(self, panel: Panel, steps: int) -> tuple[Forecaster, Ints]:
        """A forecaster that has not learned the last points of each series, and (n,) the number of these points.

        The method is fitted once, without these points, and forecasts from later origins with the same parameters. If
        the method cannot do this, it is fitted again at each origin. If that would take too long, all numbers are 0.
        """
        unlearned = np.minimum(steps, panel.lengths // 2)
        fitted = FixedMethod.fit(self.name, panel.drop_last(unlearned))
        if fitted is not None:
            return fitted, unlearned
        affordable = estimated_seconds(self.name, panel) * steps < MIN_SECONDS_IN_PARALLEL
        return replace(self, kept=None), unlearned if affordable else np.zeros_like(unlearned)

    def save(self) -> Saved:
        """What to save in a bundle: a description. There are no files, because nothing was learned from the data."""
        return Saved(Description(self.name, self.context_size), {})

    @classmethod
    def load(
        cls, description: Description, files: Mapping[str, bytes], scaling: Scaling | None = None
    ) -> StatisticalForecaster:
        """The forecaster in a bundle, with its saved forecast after the training data, if the bundle has one.

        description:  from the model card
        files:        logical name -> content
        scaling:      None if the panels to forecast have whole series; otherwise they have only the last points, and
                      the saved forecast is used for these. The method itself needs no scaling

        Raises ModelError, KeyError or ValueError if the file of the forecasts is not valid.
        """
        kept = unpack_forecast(description.name, files, of_tails=scaling is not None)
        return cls(description.name, kept, description.context_size)

    @classmethod
    def load_as_scored(cls, description: Description, _files: Mapping[str, bytes]) -> StatisticalForecaster:
        """The forecaster without the saved forecast, because that is a forecast after data that include the holdout."""
        return cls(description.name, context_size=description.context_size)


@dataclass(frozen=True)
class StatisticalModel:
    """The unfitted model of a statistical method. `fit` fits nothing, because the method is fitted later.

    name: the name of the method, such as "ets"
    """

    name: str

    def for_data(self, _panel: Panel) -> Self:
        return self

    def fit(self, panel: Panel, _progress: Progress = no_progress, _cutoff: str | None = None) -> StatisticalForecaster:
        return StatisticalForecaster(self.name, context_size=max(CONTEXT_SIZE, season_of(self.name, panel)))


FORECASTER = StatisticalForecaster


def create(name: str, _training: Training) -> StatisticalModel:
    """The unfitted model of the method with this name. Raises UsageError if there is no such method."""
    check(name)
    return StatisticalModel(name)
