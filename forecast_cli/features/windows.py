"""Windows of a panel: which ones there are, and a batch of them as numbers.

A window is one index, its origin: the flat position of the last point it knows.

    ... [ x  x  x  x  x ] y  y  y ...        input_size = 5, output_size = 3
                     ^ origin

Nothing is copied ahead of need. A batch gathers its inputs and targets from the flat arrays, takes out the season
as known at the origin, and measures what is left from the window's own level in units of its own scale:

    adjusted   = mapped value - season                       (features/season.py)
    level      = mean of the last `level_size` adjusted steps
    scale      = mean absolute step within the window
    normalised = (adjusted - level) / scale
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast_cli.features.long_run import LongRun
from forecast_cli.features.scaling import ValueMap
from forecast_cli.features.season import Seasonality
from forecast_cli.panel.calendar import calendar_of
from forecast_cli.panel.panel import Panel
from forecast_cli.panel.series import Floats, Ints, fill_missing, rows_of

SCALE_FLOOR = 1e-4
"""The least scale of a window, so that a flat one does not divide by zero."""

TARGET_REACH = 50.0
"""Targets are cut to so many scales: what follows a flat window must not outweigh all others."""

Inputs = dict[str, NDArray[np.float32]]
"""What a network is given, by the names of its inputs: "window" (b, input_size, channels) and, where the shape of the
windows has it, "long_run" (b, FEATURES)."""


@dataclass(frozen=True)
class WindowShape:
    """How windows are cut; all lengths in steps.

    input_size:        history that a window shows
    output_size:       steps after the origin that it is trained to predict
    level_size:        last steps whose mean is the window's level
    deseasonalise:     whether the season is taken out first
    long_run:          whether a window comes with what the whole past says, see panel/longrun.py
    """

    input_size: int
    output_size: int
    level_size: int
    deseasonalise: bool
    long_run: bool = False

    @staticmethod
    def channels(season_length: int) -> tuple[str, ...]:
        """What a window shows for each step, in the order of its last axis."""
        phase = ("phase_sine", "phase_cosine") if season_length > 1 else ()
        return ("value", "known", "volatility", *phase)


@dataclass(frozen=True)
class Prepared:
    """A panel mapped and decomposed, ready for windows to be cut from it.

    mapped, observed, phase, start, end, rows: (N,) each
    long_run:  at each point, None where the windows go without
    """

    panel: Panel
    value_map: ValueMap
    season: Seasonality
    mapped: Floats
    observed: NDArray[np.bool_]
    phase: Ints
    start: Ints
    end: Ints
    rows: Ints
    long_run: LongRun | None

    @classmethod
    def fit(cls, panel: Panel, shape: WindowShape, value_map: ValueMap | None = None) -> Prepared:
        """Fit the transforms on the whole of `panel`, but for a `value_map` that is given, and apply them."""
        filled, observed = fill_missing(panel)
        rows = rows_of(panel.indptr)
        value_map = value_map or ValueMap.fit(filled, panel.indptr)
        mapped = value_map.transform(filled, rows)
        season_length = panel.season_length if shape.deseasonalise else 1
        season = Seasonality.fit(mapped, panel.indptr, season_length)
        start, end = panel.indptr[:-1][rows], panel.indptr[1:][rows]
        long_run = LongRun.fit(mapped - season.now(), panel.indptr) if shape.long_run else None
        return cls(panel, value_map, season, mapped, observed, season_phase(panel), start, end, rows, long_run)

    def last_origins(self) -> Ints:
        """(n,) the last point of each series; none of them may be empty."""
        return self.panel.indptr[1:] - 1

    def training_origins(self, min_history: int) -> Ints:
        """Every observed point with an observed next one and, where the series has such, `min_history` points so far.

        A point within a gap is no origin: it was filled in from what comes after it.
        """
        at = np.arange(len(self.mapped))
        pairs = (at + 1 < self.end) & self.observed & np.r_[self.observed[1:], False]
        late = pairs & (at - self.start + 1 >= history_needed(self.panel.lengths, min_history)[self.rows])
        without = np.bincount(self.rows, late, len(self.panel)) == 0
        return np.flatnonzero(late | (pairs & without[self.rows]))


def history_needed(lengths: Ints, min_history: int) -> Ints:
    """(n,) points of series of these lengths (n,) that the first window to learn from knows at least."""
    return np.minimum(min_history, np.maximum(lengths // 2, 1))


@dataclass(frozen=True)
class Batch:
    """A batch of `b` windows, seasonally adjusted.

    adjusted:   (b, input_size); steps before the series began hold the level
    known:      (b, input_size) False before the series began and where a value was filled in
    level:      (b,)
    scale:      (b,)
    phase:      (b,) position of the origin within the season
    long_run:   at the origins, None where the windows go without
    """

    adjusted: Floats
    known: NDArray[np.bool_]
    level: Floats
    scale: Floats
    phase: Ints
    long_run: LongRun | None

    @classmethod
    def of(
        cls,
        adjusted: Floats,
        inside: NDArray[np.bool_],
        known: NDArray[np.bool_],
        phase: Ints,
        level_size: int,
        long_run: LongRun | None,
    ) -> Batch:
        """Measure level and scale over the steps `inside` the series."""
        recent = inside[:, -level_size:]
        level = (adjusted[:, -level_size:] * recent).sum(axis=1) / recent.sum(axis=1)
        pairs = inside[:, 1:] & inside[:, :-1]
        steps = np.abs(np.diff(adjusted, axis=1)) * pairs
        scale = np.maximum(steps.sum(axis=1) / np.maximum(pairs.sum(axis=1), 1), SCALE_FLOOR)
        return cls(np.where(inside, adjusted, level[:, None]), known, level, scale, phase, long_run)

    def inputs(self, season_length: int) -> Inputs:
        """What a network sees of the windows; what is the same at each step of a window is repeated."""
        angle = 2 * np.pi * self.phase[:, None] / season_length
        shown = {
            "value": (self.adjusted - self.level[:, None]) / self.scale[:, None],
            "known": self.known,
            "volatility": np.clip(np.log(self.scale[:, None]), -10, 10) / 2 + 2,
            "phase_sine": np.sin(angle),
            "phase_cosine": np.cos(angle),
        }
        channels = [np.broadcast_to(shown[name], self.known.shape) for name in WindowShape.channels(season_length)]
        inputs = {"window": np.stack(channels, axis=-1).astype(np.float32)}
        if self.long_run is not None:
            inputs["long_run"] = self.long_run.features(self.level, self.scale).astype(np.float32)
        return inputs

    def restore(self, outputs: Floats) -> Floats:
        """(b, q) normalised outputs of a network, back on the adjusted scale."""
        return self.level[:, None] + self.scale[:, None] * outputs


def gather(prepared: Prepared, origins: Ints, shape: WindowShape) -> Batch:
    """The windows at `origins` (b,)."""
    long_run = prepared.long_run.at(origins) if prepared.long_run is not None else None
    return Batch.of(*history(prepared, origins, shape), prepared.phase[origins], shape.level_size, long_run)


def history(
    prepared: Prepared, origins: Ints, shape: WindowShape
) -> tuple[Floats, NDArray[np.bool_], NDArray[np.bool_]]:
    """The last `input_size` adjusted values up to `origins`, which of them lie inside the series, which are known."""
    offsets = np.arange(1 - shape.input_size, 1)
    first = prepared.start[origins][:, None]
    at = origins[:, None] + offsets
    inside = at >= first
    at = np.maximum(at, first)
    adjusted = prepared.mapped[at] - prepared.season.at(origins, offsets)
    return adjusted, inside, inside & prepared.observed[at]


def gather_targets(prepared: Prepared, origins: Ints, batch: Batch, output_size: int) -> NDArray[np.float32]:
    """(b, output_size) the normalised values after the origins, NaN where they are missing or past the end."""
    offsets = np.arange(1, output_size + 1)
    at = origins[:, None] + offsets
    exists = at < prepared.end[origins][:, None]
    at = np.minimum(at, len(prepared.mapped) - 1)
    adjusted = prepared.mapped[at] - prepared.season.at(origins, offsets)
    normalised = np.clip((adjusted - batch.level[:, None]) / batch.scale[:, None], -TARGET_REACH, TARGET_REACH)
    return np.where(exists & prepared.observed[at], normalised, np.nan).astype(np.float32)


def season_phase(panel: Panel) -> Ints:
    """(N,) each point's position in the season, the same calendar position in every series.

    >>> import numpy as np
    >>> times = np.array(["2024-01-01", "2024-02-01", "2023-12-01"], dtype="datetime64[ns]")
    >>> season_phase(Panel(np.array(["a", "b"]), "MS", 12, np.array([0, 2, 3]), times, np.ones(3))).tolist()
    [0, 1, 11]
    """
    calendar = calendar_of(panel.freq)
    return calendar.count(panel.times) // calendar.step % panel.season_length
