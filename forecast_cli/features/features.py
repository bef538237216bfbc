"""The features of a panel: its values, scaled and without season. Windows can be cut from them at any origin."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast_cli.features.long_run import LongRun
from forecast_cli.features.scaling import Scaling
from forecast_cli.features.season import Season
from forecast_cli.features.windows import Windows, WindowShape
from forecast_cli.panel.arrays import Floats, Ints, fill_missing
from forecast_cli.panel.calendar import calendar_of
from forecast_cli.panel.panel import Panel

MAX_TARGET = 50.0
"""Targets are limited to -MAX_TARGET to MAX_TARGET after they were divided by the scale of their window. This scale is
tiny if the window is constant. Without the limit, a change after such a window would dominate the loss."""

History = tuple[Floats, NDArray[np.bool_], NDArray[np.bool_]]
"""The last steps up to each of b origins, as three arrays (b, steps): adjusted values; True where the step is in the
series; True where the value was observed."""


@dataclass(frozen=True)
class Features:
    """The features of a panel of N points. A window is named by its origin: the index of a point, 0 to N - 1.

    panel:     the panel itself
    shape:     the size of windows
    scaling:   how each series is scaled
    season:    the season of each series, as known at each point
    scaled:    (N,) the values on the log or linear scale; missing values are filled
    observed:  (N,) False where a missing value was filled
    phase:     (N,) the position of each point within the season, from 0
    start:     (N,) the index of the first point of the same series
    end:       (N,) the index of the last point of the same series, plus 1
    rows:      (N,) the index of the series that each point belongs to
    long_run:  the long run at each point; None if windows have no long run
    """

    panel: Panel
    shape: WindowShape
    scaling: Scaling
    season: Season
    scaled: Floats
    observed: NDArray[np.bool_]
    phase: Ints
    start: Ints
    end: Ints
    rows: Ints
    long_run: LongRun | None

    @classmethod
    def fit(cls, panel: Panel, shape: WindowShape, scaling: Scaling | None = None) -> Features:
        """The features of a panel. Its season and long run are fitted to all its points.

        scaling: how each series is scaled; None: the scaling is fitted to all points of the panel too
        """
        filled, observed = fill_missing(panel)
        rows = panel.rows
        scaling = scaling or Scaling.fit(filled, panel.indptr)
        scaled = scaling.transform(filled, rows)
        season = Season.fit(scaled, panel.indptr, panel.season_length if shape.deseasonalise else 1)
        start, end = panel.indptr[:-1][rows], panel.indptr[1:][rows]
        long_run = LongRun.fit(scaled - season.now(), panel.indptr) if shape.long_run else None
        phase = season_phase(panel)
        return cls(panel, shape, scaling, season, scaled, observed, phase, start, end, rows, long_run)

    def last_origins(self) -> Ints:
        """(n,) the index of the last point of each series. No series may be empty."""
        return self.panel.indptr[1:] - 1

    def training_origins(self, min_history: int) -> Ints:
        """The origins of the windows for training, as indices of points.

        An origin is an observed point. The next point is observed too, and at least `min_history` points lead up to
        the origin; in a short series, at least half of its points. If a series then has no origin, this minimum is 1
        for the series. A missing point is no origin, because its value was interpolated from later values.
        """
        at = np.arange(len(self.scaled))
        pairs = (at + 1 < self.end) & self.observed & np.r_[self.observed[1:], False]
        late = pairs & (at - self.start + 1 >= history_needed(self.panel.lengths, min_history)[self.rows])
        without = np.bincount(self.rows, late, len(self.panel)) == 0
        return np.flatnonzero(late | (pairs & without[self.rows]))

    def history(self, origins: Ints, steps: int | None = None) -> History:
        """The last steps up to each of the origins (b,).

        steps: the number of steps; None: `input_size`
        """
        offsets = np.arange(1 - (steps or self.shape.input_size), 1)
        first = self.start[origins][:, None]
        at = origins[:, None] + offsets
        inside = at >= first
        at = np.maximum(at, first)
        adjusted = self.scaled[at] - self.season.at(origins, offsets)
        return adjusted, inside, inside & self.observed[at]

    def windows(self, origins: Ints) -> Windows:
        """The windows that end at the origins (b,)."""
        return self.windows_of(self.history(origins), self.phase[origins], self.long_run_at(origins))

    def windows_of(self, history: History, phase: Ints, long_run: LongRun | None) -> Windows:
        """The windows of b given histories.

        history:  the steps of the windows; the last values may be predictions instead of known values
        phase:    (b,) the position of each window's last step within the season
        long_run: the long run at each window's last step; None if windows have no long run
        """
        return Windows.of(*history, phase, self.panel.season_length, self.shape.level_size, long_run)

    def long_run_at(self, origins: Ints) -> LongRun | None:
        """The long run at the origins (b,); None if windows have no long run."""
        return None if self.long_run is None else self.long_run.at(origins)

    def targets(self, origins: Ints, windows: Windows) -> NDArray[np.float32]:
        """(b, output_size) the targets of training: the values after each origin, normalised like its window.

        They are NaN where the value is missing or after the end of the series.
        """
        offsets = np.arange(1, self.shape.output_size + 1)
        at = origins[:, None] + offsets
        exists = at < self.end[origins][:, None]
        at = np.minimum(at, len(self.scaled) - 1)
        adjusted = self.scaled[at] - self.season.at(origins, offsets)
        normalised = np.clip(windows.normalise(adjusted), -MAX_TARGET, MAX_TARGET)
        return np.where(exists & self.observed[at], normalised, np.nan).astype(np.float32)

    def values(self, path: Floats, origins: Ints) -> Floats:
        """(b, h) adjusted values, changed back into values: the season is added, then the scaling is undone.

        path:    (b, h) the adjusted values at the h steps after each origin
        origins: (b,) the indices of the origins
        """
        season = self.season.at(origins, np.arange(1, path.shape[1] + 1))
        return self.scaling.inverse_transform(path + season, self.rows[origins][:, None])


def history_needed(lengths: Ints, min_history: int) -> Ints:
    """(n,) the smallest number of points up to an origin for training: `min_history`, or half of the series if less.

    lengths: (n,) the number of points of each series
    """
    return np.minimum(min_history, np.maximum(lengths // 2, 1))


def season_phase(panel: Panel) -> Ints:
    """(N,) the position of each point within the season, from 0. Points of the same date have the same position.

    >>> import numpy as np
    >>> times = np.array(["2024-01-01", "2024-02-01", "2023-12-01"], dtype="datetime64[ns]")
    >>> season_phase(Panel(np.array(["a", "b"]), "MS", 12, np.array([0, 2, 3]), times, np.ones(3))).tolist()
    [0, 1, 11]
    """
    calendar = calendar_of(panel.freq)
    return calendar.count(panel.times) // calendar.step % panel.season_length
