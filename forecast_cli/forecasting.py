"""The protocols of all models, and the forecast. A `Model` is fitted to a panel; this gives a `Forecaster`, which
predicts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from forecast_cli.panel.calendar import future_times
from forecast_cli.panel.panel import Panel, read_only

Progress = Callable[[int, int, float], None]
"""A function that is called during training, with three arguments: steps done, steps in total, training loss."""


def no_progress(_done: int, _total: int, _loss: float) -> None:
    """A `Progress` function that does nothing."""


def half_progress(progress: Progress, half: int) -> Progress:
    """Return a progress function for one of two trainings. It reports this training as one half of the whole.

    half: 0 for the first training, 1 for the second
    """
    return lambda done, total, loss: progress(half * total + done, 2 * total, loss)


@dataclass(frozen=True)
class Forecast:
    """Forecasts of `n` series over a horizon of `h` steps.

    ids:              (n,) str
    cutoff:           (n,) the last known time of each series
    times:            (n, h) datetime64[ns], or int64 step numbers for a panel without dates
    point:            (n, h) float64, the point forecast
    quantile_levels:  (q,) ascending, between 0 and 1; q may be 0
    quantiles:        (n, h, q) the quantile at each level
    spread:           (n, h) the distance that the model expects between the value and the point forecast. It is not
                      calibrated: only its ratios are meaningful. None if the model does not estimate it
    """

    ids: NDArray[np.object_]
    cutoff: NDArray[Any]
    times: NDArray[Any]
    point: NDArray[np.float64]
    quantile_levels: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    quantiles: NDArray[np.float64] | None = None
    spread: NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        n, h = self.point.shape
        quantiles = np.empty((n, h, 0)) if self.quantiles is None else self.quantiles
        if quantiles.shape != (n, h, len(self.quantile_levels)):
            raise ValueError("the shape of the quantiles does not match their levels")
        if self.spread is not None and self.spread.shape != (n, h):
            raise ValueError("the spread has another shape than the point forecast")
        object.__setattr__(self, "quantiles", quantiles)
        object.__setattr__(self, "spread", None if self.spread is None else read_only(self.spread))
        for name in ("ids", "cutoff", "times", "point", "quantile_levels", "quantiles"):
            object.__setattr__(self, name, read_only(getattr(self, name)))

    @classmethod
    def after(cls, panel: Panel, point: NDArray[np.float64], spread: NDArray[np.float64] | None = None) -> Forecast:
        """The forecast for the h steps after the last point of each series of a panel. No series may be empty.

        point:  (n, h) the point forecasts
        spread: (n, h) as in the attribute, or None
        """
        times = future_times(panel.freq, panel.ends, point.shape[1])
        return cls(panel.ids, panel.ends, times, point, spread=spread)

    @property
    def horizon(self) -> int:
        return int(self.point.shape[1])

    @property
    def every_quantile(self) -> NDArray[np.float64]:
        """`quantiles` (n, h, q), which are never None after construction; q is 0 if there are none."""
        assert self.quantiles is not None  # it was replaced by an empty array
        return self.quantiles

    def position(self, level: float) -> int:
        """The index of a quantile level. Raises ValueError if the forecast does not have it."""
        found = np.flatnonzero(np.abs(self.quantile_levels - level) < 1e-9)
        if len(found) == 0:
            raise ValueError(f"the forecast has no quantile {level}")
        return int(found[0])


@dataclass(frozen=True)
class Saved:
    """What a forecaster saves in a bundle, so that it can be loaded again.

    description:  the settings of the forecaster and the parts of its forecast: a `models.description.Description`
    files:        file name -> content
    """

    description: Any
    files: Mapping[str, bytes]


class Forecaster(Protocol):
    """A fitted forecasting model."""

    @property
    def name(self) -> str:
        """The model's name."""
        ...

    @property
    def members(self) -> Mapping[str, Forecaster]:
        """The forecasters that this one combines, by name; empty if it combines none."""
        ...

    def predict(self, panel: Panel, horizon: int) -> Forecast:
        """Forecast `horizon` steps after the last point of every series of `panel`.

        A series that cannot be forecast gets NaN.
        """
        ...

    def update(self, panel: Panel, cutoff: str | None = None) -> None:
        """Train on all values of `panel`, also on the last steps, which `fit` did not use for training.

        A second call with the same panel has no effect.

        cutoff:  the time that is recorded as the end of the training data, as text; None: the last time of the panel
        """
        ...

    def for_calibration(self, panel: Panel, steps: int) -> tuple[Forecaster, NDArray[np.int64]]:
        """Return a forecaster that has not learned the last steps of `panel`: its errors on them are out of sample.

        steps:  the number of last steps that are wanted

        Returns this forecaster in an earlier state, or the same method fitted to fewer points. Also returns (n,) how
        many last points of each series it has not learned. Both may depend on `steps`. The number can differ from
        `steps`, and can be 0.
        """
        ...

    def save(self) -> Saved:
        """What to save in a bundle, so that this forecaster can be loaded from it."""
        ...


def all_members(forecaster: Forecaster) -> dict[str, Forecaster]:
    """All members of a forecaster, and the members of these members, as {name: forecaster}."""
    found: dict[str, Forecaster] = {}
    for name, member in forecaster.members.items():
        found |= {name: member, **all_members(member)}
    return found


class Model(Protocol):
    """An unfitted forecasting model."""

    @property
    def name(self) -> str:
        """The model's name, as in `--model`."""
        ...

    def for_data(self, panel: Panel) -> Self:
        """The same model with all options set: options that the user left open get a value chosen from `panel`.

        Raises UsageError or DataError if the model cannot be fitted to these data.
        """
        ...

    def fit(self, panel: Panel, progress: Progress = no_progress, cutoff: str | None = None) -> Forecaster:
        """Fit the model to `panel` and to no other data. Options that the user left open are chosen from `panel`.

        cutoff:  the time that is recorded as the end of the training data, as text: the last known time of the series
                 that will be scored. None takes the last time of the panel

        Raises DataError if the panel is too short.
        """
        ...
