"""The features of a panel: scaled, seasonally adjusted values, from which windows are cut at any origin."""

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
"""Targets are limited to this many window scales: a large step after a constant window must not dominate the loss."""

History = tuple[Floats, NDArray[np.bool_], NDArray[np.bool_]]
"""Three (b, steps) arrays: adjusted values up to each of b origins; whether each lies inside its series; whether it was
observed."""


@dataclass(frozen=True)
class Features:
    """The features of a panel of `N` points. A window is given by its origin, an index into the (N,) arrays.

    scaled:    (N,) values on the log or linear scale; missing values are filled
    observed:  (N,) False where a missing value was filled
    phase:     (N,) position within the season, from 0
    start:     (N,) index of the first point of the same series
    end:       (N,) index of the last point of the same series, plus 1
    rows:      (N,) row of the series that the point belongs to
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
        """Fit scaling (unless it is given), season and long run to all points of `panel`, and apply them."""
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
        """(n,) index of the last point of each series; no series may be empty."""
        return self.panel.indptr[1:] - 1

    def training_origins(self, min_history: int) -> Ints:
        """Indices of the observed points that have `min_history` points up to them, and whose next point is observed.

        A short series has its first origin earlier, see `history_needed`. A series without any origin then has one at
        each observed point whose next point is observed. A missing point is no origin: its value was interpolated from
        later values.
        """
        at = np.arange(len(self.scaled))
        pairs = (at + 1 < self.end) & self.observed & np.r_[self.observed[1:], False]
        late = pairs & (at - self.start + 1 >= history_needed(self.panel.lengths, min_history)[self.rows])
        without = np.bincount(self.rows, late, len(self.panel)) == 0
        return np.flatnonzero(late | (pairs & without[self.rows]))

    def history(self, origins: Ints, steps: int | None = None) -> History:
        """The last `steps` adjusted values (default: `input_size`) up to each of the origins (b,)."""
        offsets = np.arange(1 - (steps or self.shape.input_size), 1)
        first = self.start[origins][:, None]
        at = origins[:, None] + offsets
        inside = at >= first
        at = np.maximum(at, first)
        adjusted = self.scaled[at] - self.season.at(origins, offsets)
        return adjusted, inside, inside & self.observed[at]

    def windows(self, origins: Ints) -> Windows:
        """The windows at `origins` (b,)."""
        return self.windows_of(self.history(origins), self.phase[origins], self.long_run_at(origins))

    def windows_of(self, history: History, phase: Ints, long_run: LongRun | None) -> Windows:
        """The windows of a given history, whose last values may be predicted; phase: (b,) at the last step of each."""
        return Windows.of(*history, phase, self.panel.season_length, self.shape.level_size, long_run)

    def long_run_at(self, origins: Ints) -> LongRun | None:
        """The long run at `origins`; None if windows have no long run."""
        return None if self.long_run is None else self.long_run.at(origins)

    def targets(self, origins: Ints, windows: Windows) -> NDArray[np.float32]:
        """(b, output_size) normalised values after the origins; NaN where missing or after the end of the series."""
        offsets = np.arange(1, self.shape.output_size + 1)
        at = origins[:, None] + offsets
        exists = at < self.end[origins][:, None]
        at = np.minimum(at, len(self.scaled) - 1)
        adjusted = self.scaled[at] - self.season.at(origins, offsets)
        normalised = np.clip(windows.normalise(adjusted), -MAX_TARGET, MAX_TARGET)
        return np.where(exists & self.observed[at], normalised, np.nan).astype(np.float32)

    def values(self, path: Floats, origins: Ints) -> Floats:
        """(b, h) values from a path of adjusted values after the origins (b,): add the season, undo the scaling."""
        season = self.season.at(origins, np.arange(1, path.shape[1] + 1))
        return self.scaling.inverse_transform(path + season, self.rows[origins][:, None])


def history_needed(lengths: Ints, min_history: int) -> Ints:
    """(n,) number of points up to each series' first training origin: `min_history`, but at most half of its length."""
    return np.minimum(min_history, np.maximum(lengths // 2, 1))


def season_phase(panel: Panel) -> Ints:
    """(N,) each point's position in the season, from 0. The same date has the same position in every series.

    >>> import numpy as np
    >>> times = np.array(["2024-01-01", "2024-02-01", "2023-12-01"], dtype="datetime64[ns]")
    >>> season_phase(Panel(np.array(["a", "b"]), "MS", 12, np.array([0, 2, 3]), times, np.ones(3))).tolist()
    [0, 1, 11]
    """
    calendar = calendar_of(panel.freq)
    return calendar.count(panel.times) // calendar.step % panel.season_length
