"""A panel as features: scaled, seasonally adjusted, and ready for windows to be cut at any origin."""

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
"""Targets are clipped to this many scales, so that a large step after a constant window does not dominate the loss."""

History = tuple[Floats, NDArray[np.bool_], NDArray[np.bool_]]
"""Adjusted values (b, steps) up to each origin; whether each lies inside the series; whether it was observed."""


@dataclass(frozen=True)
class Features:
    """The features of a panel of `N` points in all. A window is one index, its origin: a position in these arrays.

    scaled, observed, phase, start, end, rows: (N,) each
    scaled:    values on the log or linear scale, missing ones filled
    observed:  False where a missing value was filled
    phase:     position within the season
    start:     position of the first point of the point's series; `end` is one after its last
    rows:      the series that the point belongs to
    long_run:  at each point; None if windows have no long run
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
        """Fit scaling (unless it is given), season and long run on all of `panel`, and apply them."""
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
        """(n,) the last point of each series; no series may be empty."""
        return self.panel.indptr[1:] - 1

    def training_origins(self, min_history: int) -> Ints:
        """Every observed point, `min_history` points into its series or later, whose next point is observed too.

        A short series has its first origin earlier, see `history_needed`. A point within a gap is no origin: its value
        was interpolated from later ones.
        """
        at = np.arange(len(self.scaled))
        pairs = (at + 1 < self.end) & self.observed & np.r_[self.observed[1:], False]
        late = pairs & (at - self.start + 1 >= history_needed(self.panel.lengths, min_history)[self.rows])
        without = np.bincount(self.rows, late, len(self.panel)) == 0
        return np.flatnonzero(late | (pairs & without[self.rows]))

    def history(self, origins: Ints, steps: int | None = None) -> History:
        """The last `steps` values (default: the input size) up to each origin (b,), seasonally adjusted."""
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
        """Windows of a given history, which may hold predicted values at its end."""
        return Windows.of(*history, phase, self.panel.season_length, self.shape.level_size, long_run)

    def long_run_at(self, origins: Ints) -> LongRun | None:
        """The long run at `origins`; None if windows have no long run."""
        return None if self.long_run is None else self.long_run.at(origins)

    def targets(self, origins: Ints, windows: Windows) -> NDArray[np.float32]:
        """(b, output_size) normalised values after the origins, NaN where missing or past the end of the series."""
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
    """(n,) points up to the first training origin of series of these lengths (n,): at most half of a short series."""
    return np.minimum(min_history, np.maximum(lengths // 2, 1))


def season_phase(panel: Panel) -> Ints:
    """(N,) each point's position in the season, the same calendar position in every series.

    >>> import numpy as np
    >>> times = np.array(["2024-01-01", "2024-02-01", "2023-12-01"], dtype="datetime64[ns]")
    >>> season_phase(Panel(np.array(["a", "b"]), "MS", 12, np.array([0, 2, 3]), times, np.ones(3))).tolist()
    [0, 1, 11]
    """
    calendar = calendar_of(panel.freq)
    return calendar.count(panel.times) // calendar.step % panel.season_length
