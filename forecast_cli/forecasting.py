"""What is asked of every model, and what a forecast is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from forecast_cli.panel.panel import Panel, read_only

Progress = Callable[[int, int, float], None]
"""Called with (steps done, steps in all, loss)."""


@dataclass(frozen=True)
class Forecast:
    """Forecasts of `n` series over a horizon of `h` steps.

    ids:              (n,) str
    cutoff:           (n,) the last time known to each forecast
    times:            (n, h) datetime64[ns], or int64 step numbers if undated
    point:            (n, h) float64, the point forecast
    quantile_levels:  (q,) ascending, within (0, 1); q may be 0
    quantiles:        (n, h, q)
    """

    ids: NDArray[np.str_]
    cutoff: NDArray[Any]
    times: NDArray[Any]
    point: NDArray[np.float64]
    quantile_levels: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    quantiles: NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        n, h = self.point.shape
        quantiles = np.empty((n, h, 0)) if self.quantiles is None else self.quantiles
        if quantiles.shape != (n, h, len(self.quantile_levels)):
            raise ValueError("the quantiles are not those of the levels")
        object.__setattr__(self, "quantiles", quantiles)
        for name in ("ids", "cutoff", "times", "point", "quantile_levels", "quantiles"):
            object.__setattr__(self, name, read_only(getattr(self, name)))

    @property
    def horizon(self) -> int:
        return int(self.point.shape[1])


class Forecaster(Protocol):
    """Forecasts a panel from nothing but the panel."""

    def predict(self, panel: Panel, horizon: int) -> Forecast:
        """Forecast `horizon` steps after the last point of every series of `panel`.

        A series that cannot be forecast gets NaN.
        """
        ...


class Model(Protocol):
    """What is yet to be fitted."""

    def fit(self, panel: Panel, progress: Progress) -> Forecaster:
        """The forecaster that has learned from `panel` and from nothing else."""
        ...
