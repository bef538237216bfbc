"""Covariates: columns of numbers that help to forecast the values of a panel, such as prices."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from forecast_cli.words import counted

PAST, FUTURE, STATIC = "past", "future", "static"
"""The kinds of covariates. PAST: known up to the last value of the series. FUTURE: known ahead, for steps after it too.
STATIC: one value per series."""

KIND_WORDS = {PAST: "past", FUTURE: "known ahead", STATIC: "static"}
"""Kind of a covariate -> the words for it in messages."""


@dataclass(frozen=True)
class Covariate:
    """One covariate.

    name:        the name of its column
    kind:        PAST, FUTURE or STATIC
    categories:  the words of the column, in the order of their numbers 0, 1, 2, ...; None for a column of numbers
    """

    name: str
    kind: str
    categories: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Covariates:
    """The covariates of a panel with n series and N points.

    columns:    all covariates
    past:       (N, p) the p PAST covariates at each point of the panel; NaN where unknown
    ahead:      (M, f) the f covariates of kind FUTURE or STATIC; NaN where unknown. Series i has the rows
                `ahead[start[i]:end[i]]`: one for each of its points, then those for steps after its last point. A
                STATIC covariate has the same value in all rows of a series
    start, end: (n,) int64, the range of rows of each series in `ahead`

    Both arrays have their columns in the order of `columns`. Only `ahead` has rows after the last point, because a
    PAST covariate is not known there.

    Raises ValueError if two covariates have the same name, or if the arrays do not have one column for each covariate.
    """

    columns: tuple[Covariate, ...]
    past: NDArray[np.float64]
    ahead: NDArray[np.float64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]

    def __post_init__(self) -> None:
        names = [column.name for column in self.columns]
        if len(set(names)) != len(names):
            raise ValueError("two covariates have the same name")
        if self.past.shape[1:] != (len(self.of(PAST)),) or self.ahead.shape[1:] != (len(self.of(FUTURE, STATIC)),):
            raise ValueError("the arrays do not have a column for each covariate")

    def of(self, *kinds: str) -> tuple[Covariate, ...]:
        """The covariates of these kinds."""
        return tuple(column for column in self.columns if column.kind in kinds)

    def part(self, rows: NDArray[np.intp], points: NDArray[np.int64], skipped: NDArray[np.int64]) -> Covariates:
        """The covariates of a part of the panel. Each series keeps its rows of `ahead` after the points of the part.

        rows:    (k,) the indices of the series in the part
        points:  (K,) the indices of the points in the part
        skipped: (k,) how many points at the start of each series are left out
        """
        return replace(self, past=self.past[points], start=self.start[rows] + skipped, end=self.end[rows])

    def without(self, name: str) -> Covariates:
        """The covariates without the one of this name."""
        past = [column.name != name for column in self.of(PAST)]
        ahead = [column.name != name for column in self.of(FUTURE, STATIC)]
        columns = tuple(column for column in self.columns if column.name != name)
        return replace(self, columns=columns, past=self.past[:, past], ahead=self.ahead[:, ahead])

    def compact(self) -> Covariates:
        """The same covariates, without the rows of `ahead` that belong to no series."""
        lengths = self.end - self.start
        ends = np.cumsum(lengths)
        rows = np.arange(lengths.sum()) + np.repeat(self.start - (ends - lengths), lengths)
        return replace(self, ahead=self.ahead[rows], start=ends - lengths, end=ends)

    def last_known_steps(self, lengths: NDArray[np.int64]) -> dict[str, NDArray[np.int64]]:
        """{name: (n,) the number of steps from the last point of each series to the last known value of the covariate}.

        Only FUTURE covariates are included. The number is 0 or less if no value after the last point is known.

        lengths: (n,) the number of points of each series
        """
        series = np.repeat(np.arange(len(lengths)), self.end - self.start)
        rows = np.concatenate([np.arange(start, end) for start, end in zip(self.start, self.end, strict=True)])
        steps = rows - np.repeat(self.start + lengths, self.end - self.start) + 1
        last = {}
        for place, column in enumerate(self.of(FUTURE, STATIC)):
            if column.kind == FUTURE:
                known = ~np.isnan(self.ahead[rows, place])
                last[column.name] = -lengths
                np.maximum.at(last[column.name], series[known], steps[known])
        return last

    def text(self, lengths: NDArray[np.int64]) -> str:
        """The covariates in words, such as "price (known ahead, 14 steps), promo (past)".

        lengths: (n,) the number of points of each series
        """
        steps = {name: f", {_steps_text(np.maximum(last, 0))}" for name, last in self.last_known_steps(lengths).items()}
        return ", ".join(
            f"{column.name} ({KIND_WORDS[column.kind]}{steps.get(column.name, '')})" for column in self.columns
        )


def _steps_text(steps: NDArray[np.int64]) -> str:
    fewest, most = int(steps.min()), int(steps.max())
    if most == 0:
        return "no future values"
    return counted(most, "step") if fewest == most else f"{fewest} to {most} steps"
