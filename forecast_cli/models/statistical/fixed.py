"""A statistical method whose parameters are estimated once and stay the same at all later origins."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from forecast_cli.forecasting import Forecast, Forecaster, Saved
from forecast_cli.models.statistical.costs import estimated_seconds
from forecast_cli.models.statistical.methods import (
    Series,
    create_model,
    fit_model,
    forward,
    season_of,
    takes_regressors,
)
from forecast_cli.models.statistical.reach import limit_to_range
from forecast_cli.models.statistical.regressors import regressors_of
from forecast_cli.models.statistical.workers import MIN_SECONDS_IN_PARALLEL, spread
from forecast_cli.panel.arrays import Ints, fill_missing
from forecast_cli.panel.panel import Panel


@dataclass(frozen=True)
class FixedMethod:
    """A method that was fitted to each series without its last points.

    `predict` forecasts the same series from later points, with the same parameters.

    name:    the name of the method
    models:  id of a series -> the model of statsforecast fitted to it, or None if it could not be fitted
    """

    name: str
    models: Mapping[str, Any]

    @classmethod
    def fit(cls, name: str, panel: Panel) -> FixedMethod | None:
        """The method fitted to each series of a panel. None if the method must be fitted again for each forecast."""
        if not hasattr(create_model(name, season_of(name, panel)), "forward"):
            return None
        filled, _ = fill_missing(panel)
        known = regressors_of(panel, 1) if takes_regressors(name) else None
        series = [
            (filled[start:end], known[row] if known else None)
            for row, (start, end) in enumerate(zip(panel.indptr[:-1], panel.indptr[1:], strict=True))
        ]
        each = partial(_fit_each, name, season_of(name, panel))
        fitted = spread(each, series) if estimated_seconds(name, panel) > MIN_SECONDS_IN_PARALLEL else each(series)
        return cls(name, dict(zip(panel.ids.tolist(), fitted, strict=True)))

    @property
    def members(self) -> Mapping[str, Forecaster]:
        return {}

    def predict(self, panel: Panel, horizon: int) -> Forecast:
        """Forecast `horizon` steps after the last point of every series; NaN for a series that was not fitted."""
        filled, _ = fill_missing(panel)
        known = regressors_of(panel, horizon) if takes_regressors(self.name) else None
        point = np.full((len(panel), horizon), np.nan)
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            for row, name in enumerate(panel.ids.tolist()):
                y = filled[panel.indptr[row] : panel.indptr[row + 1]]
                point[row] = forward(self.models.get(name), y, horizon, known[row] if known else None)
        return Forecast.after(panel, limit_to_range(point, filled, panel.indptr))

    def update(self, panel: Panel, cutoff: str | None = None) -> None:
        """Has no effect: the parameters stay the same."""

    def for_calibration(self, panel: Panel, steps: int) -> tuple[Forecaster, Ints]:
        """This forecaster, and (n,) the number of last points of each series that the method was not fitted to.

        The forecaster does not store this number. It returns `steps`, or the length of a shorter series.
        """
        return self, np.minimum(steps, panel.lengths)

    def save(self) -> Saved:
        raise NotImplementedError("only the method itself is saved, not its parameters")


def _fit_each(name: str, season_length: int, series: Sequence[Series]) -> list[Any]:
    """The model fitted to each series; None where it cannot be fitted."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return [fit_model(create_model(name, season_length), *one) for one in series]
