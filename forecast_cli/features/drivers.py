"""Drivers: the channels that a network gets for each step in addition to values, from covariates and the calendar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from forecast_cli.features.calendar_channels import Channels, calendar_channels, channel_count
from forecast_cli.panel.arrays import Floats, Ints
from forecast_cli.panel.calendar import calendar_of
from forecast_cli.panel.covariates import FUTURE, PAST, STATIC, Covariate
from forecast_cli.panel.panel import Panel

CovariateScaling = Mapping[str, tuple[float, float]]
"""Name of a covariate -> the mean that is subtracted from its numbers, and the standard deviation that they are then
divided by. The deviation is 0 if all numbers were equal; then all scaled numbers are 0."""

MAX_SCALED = 10.0
"""Scaled numbers are clipped to -MAX_SCALED to MAX_SCALED, so that a number far outside the training data cannot
dominate."""

MAX_CATEGORIES = 32
"""The largest number of channels of a covariate with categories. Its most frequent categories have a channel each."""


def learnable(panel: Panel) -> tuple[Covariate, ...]:
    """The covariates that a network can learn from: those that are not constant at the points of the panel.

    A missing value counts as one more value. In the result, a covariate with categories has only the categories that
    get a channel: the most frequent ones, at most MAX_CATEGORIES. Values after the end of a series do not count,
    because a network learns nothing from them.
    """
    found = []
    for column in panel.covariates.columns if panel.covariates else ():
        values = _column(panel, column)[0]
        numbers, counts = np.unique(values, return_counts=True)  # all NaN count as one number, the last
        if len(numbers) < 2:
            continue
        if column.categories is None:
            found.append(column)
            continue
        known = np.isfinite(numbers)
        frequent = np.argsort(-counts[known], kind="stable")[:MAX_CATEGORIES]
        texts = [column.categories[int(number)] for number in numbers[known][np.sort(frequent)]]
        found.append(replace(column, categories=tuple(texts)))
    return tuple(found)


def scaling_of(panel: Panel, columns: Sequence[Covariate]) -> dict[str, tuple[float, float]]:
    """Name -> (mean, standard deviation) of each numeric covariate, over its known values at the points of a panel.

    Both are 0 if no value is known.
    """
    scaling = {}
    for column in columns:
        if column.categories is None:
            values = _column(panel, column)[0]
            known = values[np.isfinite(values)]
            scaling[column.name] = (float(known.mean()), float(known.std())) if len(known) else (0.0, 0.0)
    return scaling


def widths(columns: Sequence[Covariate], parts: Sequence[str]) -> tuple[int, int]:
    """Two numbers of channels: of the past covariates, and of the other covariates and the calendar together.

    parts: the names of the parts of the calendar, as for `calendar_channels`
    """
    past = sum(_width(column) for column in columns if column.kind == PAST)
    return past, sum(_width(column) for column in columns if column.kind != PAST) + channel_count(parts)


@dataclass(frozen=True)
class Drivers:
    """The drivers of a panel of n series and N points.

    A covariate with numbers has two channels: the scaled number, and 1 where it is known. Where it is unknown, both are
    0. A covariate with categories has a channel for each category, which is 1 or 0. The categories of a panel are
    matched with those of the training data by their texts, because their numbers can differ.

    past:      (N + 1, p) channels of the past covariates at each point; the last row is 0, for unknown steps
    ahead:     (M + 1, f) channels of the other covariates, for the M rows of `Covariates.ahead`: at the points and at
               steps after the end of each series; the last row is 0, for unknown steps
    start, end: (n,) series i has the rows `start[i]` to `end[i] - 1` of `ahead`
    calendar:  (steps, c) channels of the calendar at each step of the time grid
    step:      (N,) the row of `calendar` of each point
    """

    past: Channels
    ahead: Channels
    start: Ints
    end: Ints
    calendar: Channels
    step: Ints

    @classmethod
    def of(
        cls, panel: Panel, columns: Sequence[Covariate], scaling: CovariateScaling, parts: Sequence[str], horizon: int
    ) -> Drivers:
        """The drivers of a panel.

        columns: the covariates of the training data; the panel must have all of them
        scaling: how the covariates with numbers are scaled
        parts:   the names of the parts of the calendar, as for `calendar_channels`
        horizon: for how many steps after the end of a series the calendar is needed
        """
        past = [_channels(panel, column, scaling) for column in columns if column.kind == PAST]
        ahead = [_channels(panel, column, scaling) for column in columns if column.kind != PAST]
        known = panel.covariates
        calendar, step = _calendar(panel, parts, horizon)
        return cls(
            past=_with_zeros(past),
            ahead=_with_zeros(ahead),
            start=known.start if ahead and known else panel.indptr[:-1],
            end=known.end if ahead and known else panel.indptr[1:],
            calendar=calendar,
            step=step,
        )

    def known_ahead(self, rows: Ints, points: Ints, first: Ints, offsets: Ints) -> Channels:
        """(b, q, f + c) the channels known ahead at q steps from each of b points: f of covariates, c of the calendar.

        Channels of covariates are 0 where they are unknown.

        rows:    (b,) the indices of the series
        points:  (b,) the indices of the points
        first:   (b,) the indices of the first points of their series
        offsets: (q,) steps from each point: 0 is the point itself, 1 the step after it
        """
        if self.ahead.shape[1] == 0:
            return self.calendar[self._steps(points, offsets)]
        at = (self.start[rows] + points - first)[:, None] + offsets
        inside = (at >= self.start[rows][:, None]) & (at < self.end[rows][:, None])
        channels = self.ahead[np.where(inside, at, -1)]
        return np.concatenate([channels, self.calendar[self._steps(points, offsets)]], axis=2)

    def _steps(self, points: Ints, offsets: Ints) -> Ints:
        steps: Ints = np.clip(self.step[points][:, None] + offsets, 0, len(self.calendar) - 1)
        return steps

    def past_at(self, points: Ints, first: Ints, offsets: Ints) -> Channels:
        """(b, q, p) the p channels of past covariates at q steps from each of b points.

        Channels after the point are unknown, so those at the point are repeated. Before the first point of a series,
        all channels are 0.

        points:  (b,) the indices of the points
        first:   (b,) the indices of the first points of their series
        offsets: (q,) steps from each point: 0 is the point itself, -1 the one before it
        """
        if self.past.shape[1] == 0:
            return np.empty((len(points), len(offsets), 0), np.float32)
        at = points[:, None] + np.minimum(offsets, 0)
        return self.past[np.where(at >= first[:, None], at, -1)]


def _with_zeros(channels: list[Channels]) -> Channels:
    """The channels as columns of one array, with a row of zeros added at the end. An empty list gives no columns."""
    joined = np.concatenate(channels, axis=1) if channels else np.empty((0, 0), np.float32)
    return np.concatenate([joined, np.zeros((1, joined.shape[1]), np.float32)])


def _column(panel: Panel, column: Covariate) -> tuple[Floats, Floats]:
    """The values (N,) of a covariate at the points of the panel; and its column in `Covariates.past` or `.ahead`.

    Categories are given by their numbers. Raises ValueError if the panel has no such covariate.
    """
    known = panel.covariates
    names = [] if known is None else [each.name for each in known.columns]
    if known is None or column.name not in names:
        raise ValueError(f"the panel has no covariate {column.name!r}")
    if column.kind == PAST:
        values = known.past[:, [each.name for each in known.of(PAST)].index(column.name)]
        return values, values
    values = known.ahead[:, [each.name for each in known.of(FUTURE, STATIC)].index(column.name)]
    points = np.repeat(known.start - panel.indptr[:-1], panel.lengths) + np.arange(len(panel.values))
    return values[points], values


def _width(column: Covariate) -> int:
    return 2 if column.categories is None else len(column.categories)


def _channels(panel: Panel, column: Covariate, scaling: CovariateScaling) -> Channels:
    """(k, channels) the channels of a covariate, for all k rows of `Covariates.past` or `.ahead`."""
    values = _column(panel, column)[1]
    known = np.isfinite(values)
    if column.categories is not None:
        own = (
            next(each for each in panel.covariates.columns if each.name == column.name) if panel.covariates else column
        )
        numbers = {text: number for number, text in enumerate(own.categories or ())}
        shown = np.array([numbers.get(text, -1) for text in column.categories], dtype=np.float64)
        return np.asarray(values[:, None] == shown, dtype=np.float32)
    middle, deviation = scaling[column.name]
    if deviation == 0:
        return np.stack([np.zeros(len(values)), known], axis=1).astype(np.float32)
    scaled = np.clip((np.where(known, values, middle) - middle) / deviation, -MAX_SCALED, MAX_SCALED)
    return np.stack([scaled, known], axis=1).astype(np.float32)


def _calendar(panel: Panel, parts: Sequence[str], horizon: int) -> tuple[Channels, NDArray[np.int64]]:
    """The channels (steps, c) of the calendar at each step of the time grid, and the row (N,) in them of each point.

    The grid begins at the first time of the panel, and ends `horizon` steps after the last one.
    """
    if not parts or not len(panel.times):
        return np.empty((1, 0), np.float32), np.zeros(len(panel.times), dtype=np.int64)
    calendar = calendar_of(panel.freq)
    counts = calendar.count(panel.times)
    step = (counts - counts.min()) // calendar.step
    grid = counts.min() + calendar.step * np.arange(step.max() + horizon + 1)
    return calendar_channels(calendar.stamp(grid), parts), step
