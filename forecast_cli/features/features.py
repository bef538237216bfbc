"""The features of a panel: its values, scaled and without season. Windows can be cut from them at any origin."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from forecast_cli.features.drivers import CovariateScaling, Drivers, scaling_of
from forecast_cli.features.idle import idle_values
from forecast_cli.features.joint import Joint
from forecast_cli.features.long_run import LongRun
from forecast_cli.features.long_season import LongSeason
from forecast_cli.features.reversion import DEFAULT_DECAY_TIME, Reversion
from forecast_cli.features.scaling import Scaling
from forecast_cli.features.season import Season
from forecast_cli.features.windows import WindowDrivers, Windows, WindowShape
from forecast_cli.features.year_before import YearBefore
from forecast_cli.panel.arrays import Floats, Ints, fill_missing
from forecast_cli.panel.calendar import calendar_of
from forecast_cli.panel.panel import Panel

MAX_TARGET = 50.0
"""Targets are limited to -MAX_TARGET to MAX_TARGET after they were divided by the scale of their window. This scale is
tiny if the window is constant. Without the limit, a change after such a window would dominate the loss."""

SEASONS_PER_CYCLE = 7
"""The number of seasons in a cycle (see `Reversion`) if the season is not subtracted. In hourly values, the season is a
day, so the cycle is a week. If the season is subtracted, a cycle is one season."""

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
    long_season:  the long seasons of each series, as known at each point
    scaled:    (N,) the values on the log or linear scale; missing values are filled
    adjusted:  (N,) the adjusted values: all seasons, as known at the point itself, are subtracted
    observed:  (N,) False where a missing value was filled
    phase:     (N,) the position of each point within the season, from 0
    start:     (N,) the index of the first point of the same series
    end:       (N,) the index of the last point of the same series, plus 1
    rows:      (N,) the index of the series that each point belongs to
    long_run:  the long run at each point; None if windows have no long run
    drivers:   covariates and calendar at each step; None if windows have none
    covariate_scaling:  how the covariates are scaled
    joint:     the series that are forecast jointly; None if each is forecast by itself
    """

    panel: Panel
    shape: WindowShape
    scaling: Scaling
    season: Season
    long_season: LongSeason
    scaled: Floats
    adjusted: Floats
    observed: NDArray[np.bool_]
    phase: Ints
    start: Ints
    end: Ints
    rows: Ints
    long_run: LongRun | None
    drivers: Drivers | None
    covariate_scaling: CovariateScaling
    joint: Joint | None

    @classmethod
    def fit(
        cls,
        panel: Panel,
        shape: WindowShape,
        scaling: Scaling | None = None,
        covariate_scaling: CovariateScaling | None = None,
        horizon: int | None = None,
    ) -> Features:
        """Compute the features of `panel`. Seasons and long run are fitted to all its points.

        scaling, covariate_scaling: scalings that were fitted earlier; None fits them to all points of `panel` too
        horizon: the number of steps after the end of a series for which drivers are needed; at least `output_size` is
                 taken, also for None
        """
        filled, observed = fill_missing(panel)
        rows = panel.rows
        scaling = scaling or Scaling.fit(filled, panel.indptr)
        scaled = scaling.transform(filled, rows)
        short = panel.season_length if shape.deseasonalise else 1
        long_season = LongSeason.fit(scaled, panel.indptr, shape.long_seasons, panel.season_length // short)
        without_long = scaled - long_season.now()
        season = Season.fit(without_long, panel.indptr, short)
        adjusted = without_long - season.now()
        start, end = panel.indptr[:-1][rows], panel.indptr[1:][rows]
        long_run = LongRun.fit(adjusted, panel.indptr) if shape.long_run else None
        if covariate_scaling is None:
            covariate_scaling = scaling_of(panel, shape.covariates)
        drivers = None
        if shape.has_drivers:
            ahead = max(horizon or 0, shape.output_size)
            drivers = Drivers.of(panel, shape.covariates, covariate_scaling, shape.calendar, ahead)
        return cls(
            panel=panel,
            shape=shape,
            scaling=scaling,
            season=season,
            long_season=long_season,
            scaled=scaled,
            adjusted=adjusted,
            observed=observed,
            phase=season_phase(panel),
            start=start,
            end=end,
            rows=rows,
            long_run=long_run,
            drivers=drivers,
            covariate_scaling=covariate_scaling,
            joint=Joint.of(panel, shape.joint, adjusted) if shape.joint else None,
        )

    def last_origins(self) -> Ints:
        """(n,) the index of the last point of each series. No series may be empty."""
        return self.panel.indptr[1:] - 1

    def training_origins(self, min_history: int) -> Ints:
        """The origins of the windows for training, as indices of points, ascending.

        An origin and the next point are observed. (A missing value was interpolated from later values.) Up to an
        origin, the series has at least `min_history` points, or half of its points if these are fewer. If a series has
        no such origin, one point is enough.
        """
        at = np.arange(len(self.scaled))
        pairs = (at + 1 < self.end) & self.observed & np.r_[self.observed[1:], False]
        late = pairs & (at - self.start + 1 >= history_needed(self.panel.lengths, min_history)[self.rows])
        without = np.bincount(self.rows, late, len(self.panel)) == 0
        return np.flatnonzero(late | (pairs & without[self.rows]))

    def history(self, origins: Ints, steps: int | None = None) -> History:
        """The last steps up to each of the origins (b,). The seasons, as known at the origin, are subtracted.

        steps: the number of steps; None takes `input_size`
        """
        offsets = np.arange(1 - (steps or self.shape.input_size), 1)
        first = self.start[origins][:, None]
        at = origins[:, None] + offsets
        inside = at >= first
        at = np.maximum(at, first)
        adjusted = self.scaled[at] - self.season_at(origins, offsets)
        return adjusted, inside, inside & self.observed[at]

    def season_at(self, origins: Ints, offsets: Ints) -> Floats:
        """(b, q) the sum of all seasons at the steps `offsets` (q,) from each origin (b,), as known at the origin."""
        return self.season.at(origins, offsets) + self.long_season.at(origins, offsets)

    def windows(self, origins: Ints) -> Windows:
        """The windows that end at the origins (b,)."""
        return self.windows_of(origins, 0, self.history(origins), self.long_run_at(origins))

    def windows_of(self, origins: Ints, steps: int, history: History, long_run: LongRun | None) -> Windows:
        """The windows that end `steps` steps after the origins (b,). Their values after the origin are predictions.

        steps:    0 or more
        history:  the steps in the windows, as `history` returns them, with the predictions at the end
        long_run: the long run at the last steps of the windows; None if windows have no long run
        """
        phase, drivers = self.phase[origins] + steps, self._drivers_at(origins, steps)
        return Windows.of(*history, phase, self.panel.season_length, self.shape.level_size, long_run, drivers)

    def _drivers_at(self, origins: Ints, steps: int) -> WindowDrivers | None:
        if self.drivers is None and self.joint is None:
            return None
        first, rows = self.start[origins], self.rows[origins]
        within = np.arange(1 - self.shape.input_size, 1) + steps
        after = np.arange(1, self.shape.output_size + 1) + steps
        joint = () if self.joint is None else (self.joint.window(origins, rows, within),)
        if self.drivers is None:
            known, ahead = (np.empty((len(origins), len(each), 0), np.float32) for each in (within, after))
            return WindowDrivers(joint, known, ahead)
        known, ahead = (self.drivers.known_ahead(rows, origins, first, each) for each in (within, after))
        return WindowDrivers((self.drivers.past_at(origins, first, within), *joint), known, ahead)

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
        adjusted = self.scaled[at] - self.season_at(origins, offsets)
        normalised = np.clip(windows.normalise(adjusted), -MAX_TARGET, MAX_TARGET)
        return np.where(exists & self.observed[at], normalised, np.nan).astype(np.float32)

    def values(self, path: Floats, origins: Ints) -> Floats:
        """(b, h) the forecast in the units of the data: the seasons are added to `path`, and the scaling is undone.

        Three options of `shape` change the forecast: `usual_season` moves `path` towards the usual values of the series
        (see `Reversion`). Then `follows_year` averages `path` with the values one year before (see `YearBefore`).
        `knows_idle` sets idle steps to the lowest recent value of the series (see `idle_values`).

        path:    (b, h) the predicted adjusted values at the h steps after each origin
        origins: (b,) the indices of the origins
        """
        if self.shape.usual_season:
            path = self._returning(path, origins)
        scaled = path + self.season_at(origins, np.arange(1, path.shape[1] + 1))
        if self.shape.knows_idle:
            season = self.panel.season_length
            idle = idle_values(self.scaled, self.start[origins], origins, season, path.shape[1])
            scaled = np.where(np.isnan(idle), scaled, idle)
        return self.scaling.inverse_transform(scaled, self.rows[origins][:, None])

    def _returning(self, path: Floats, origins: Ints) -> Floats:
        reversion = self.reversion
        steps = reversion.season // reversion.cycle * reversion.cycle
        past, inside, _ = self.history(origins, steps)
        rows = self.rows[origins]
        path = reversion.apply(path, past, inside, rows)
        return self.year_before.apply(path, past, inside, rows) if self.shape.follows_year else path

    @cached_property
    def reversion(self) -> Reversion:
        """How forecasts return to the usual values of their series."""
        cycle = self.panel.season_length * (1 if self.shape.deseasonalise else SEASONS_PER_CYCLE)
        time = DEFAULT_DECAY_TIME if self.shape.long_seasons else np.inf
        trusted = max(1, -(-self.shape.output_size // cycle))
        return Reversion.fit(self._at_the_end(), cycle, self.shape.usual_season, trusted, time)

    @cached_property
    def year_before(self) -> YearBefore:
        """In which series forecasts are averaged with the values one year before."""
        return YearBefore.fit(self._at_the_end(), self.reversion)

    def _at_the_end(self) -> Iterator[Floats]:
        """Yield for each series (length,) its adjusted values, with the seasons as estimated at its last point."""
        for origin, length in zip(self.last_origins(), self.panel.lengths, strict=True):
            yield self.history(np.array([origin]), int(length))[0][0]


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
