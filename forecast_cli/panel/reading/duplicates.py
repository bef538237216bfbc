"""Merge several values of one series at one time into one."""

from __future__ import annotations

import logging
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from forecast_cli.errors import DataError, mention
from forecast_cli.panel.covariates import STATIC
from forecast_cli.panel.reading.covariates import CovariateRows
from forecast_cli.panel.reading.levels import level_of_change
from forecast_cli.panel.reading.observations import Observations
from forecast_cli.words import and_joined, counted

log = logging.getLogger(__name__)

Floats = NDArray[np.float64]

MERGES = {
    "mean": "their mean is taken",
    "sum": "they are added up",
    "first": "the first is kept",
    "last": "the last is kept",
}
"""How to merge several values of one series at one time -> what messages say of it."""


MAX_AVERAGED_FRACTION = 0.05
"""The mean of duplicates is taken if at most this fraction of rows share series and time with another row. If more do,
an id column was probably not found."""


def merge_duplicates(observations: Observations, policy: str | None) -> Observations:
    """The observations with at most one value for each series and time. They must be sorted by series and time.

    policy: a key of MERGES; "error"; or None, which takes the mean unless there are many duplicates

    Raises DataError if there are duplicates and `policy` is "error", or if `policy` is None and there are many, with
    different values.
    """
    same_series = observations.series[1:] == observations.series[:-1]
    same_time = observations.times[1:] == observations.times[:-1]
    repeated = np.r_[False, same_series & same_time]
    if not repeated.any():
        return observations
    if policy == "error":
        raise duplicates_error(observations, repeated)
    if policy is None and _many_differ(observations, repeated):
        raise _too_many_error(observations, repeated)
    merged = policy or "mean"
    described = _described(observations, repeated)
    log.log(level_of_change(policy), "%s: %s: %s", observations.name, described, MERGES[merged])
    return merge(observations, ~repeated, merged)


def _many_differ(observations: Observations, repeated: NDArray[np.bool_]) -> bool:
    """Whether there are many duplicates, and some of them have different values.

    Duplicates are rows that have the same series and time as another row. They are many if they are more than 2, and
    more than 5 % of all rows.

    repeated: (N,) whether each observation has the same series and time as the one before
    """
    starts = np.flatnonzero(~repeated)
    rows = np.diff(np.r_[starts, len(repeated)])
    shared = rows[rows > 1].sum()
    if shared <= max(2, MAX_AVERAGED_FRACTION * len(repeated)):
        return False
    lowest, highest = (extreme.reduceat(observations.values, starts) for extreme in (np.fmin, np.fmax))
    return bool((highest > lowest).any())


def _too_many_error(observations: Observations, repeated: NDArray[np.bool_]) -> DataError:
    choice = f"choose with {mention('on-duplicate')}: mean, sum, first, last."
    part = next((column.name for column in observations.distinguishing if column.tells_time), None)
    names = [f"'{column.name}'" for column in observations.distinguishing]
    if part is not None:
        hint = f"If '{part}' is a part of the date, write both in one column, as 2024-01-31 17:30; if not, {choice}"
    elif names:
        hint = (
            f"Such rows differ in {and_joined(names)}: if that names the series, give {mention('id-column')}; "
            f"if not, {choice}"
        )
    else:
        hint = choice.capitalize()
    return DataError(f"{observations.name}: {_described(observations, repeated)}: too many to take their mean.", hint)


def duplicates_error(observations: Observations, repeated: NDArray[np.bool_], where: str = "") -> DataError:
    """The error for several values of one series at one time.

    repeated: (N,) whether each observation has the same series and time as the one before
    where:    text to add to the message, such as " on the time grid of D"
    """
    return DataError(
        f"{observations.name}: {_described(observations, repeated, where)}.",
        f"Remove the duplicates, or choose with {mention('on-duplicate')}: mean, sum, first, last.",
    )


def merge(observations: Observations, starts_group: NDArray[np.bool_], policy: str) -> Observations:
    """Merge each group of adjacent observations into one, with the time and line of the first one in the group.

    starts_group: (N,) True for the first observation of each group
    policy:       a key of MERGES, such as "sum"; values that are NaN are ignored
    """
    group = np.cumsum(starts_group) - 1
    starts = np.flatnonzero(starts_group)
    known = observations.covariates
    return replace(
        observations.take(starts),
        values=_merged_values(observations.values, group, len(starts), policy),
        covariates=known and _merged_covariates(known, group, policy),
    )


def _merged_covariates(known: CovariateRows, group: NDArray[np.intp], policy: str) -> CovariateRows:
    """Merge the covariates of each group of observations.

    Numbers are merged by `policy`. Static covariates, and covariates with words as values, get the first known value of
    the group.

    group:  (N,) the group of each observation: 0, 1, 2, ..., ascending
    policy: a key of MERGES, such as "sum"; unknown values are ignored
    """
    number = int(group[-1]) + 1 if len(group) else 0
    out = np.full((number, len(known.columns)), np.nan)
    for i, column in enumerate(known.columns):
        first = column.categories is not None or column.kind == STATIC
        out[:, i] = _merged_values(known.values[:, i], group, number, "first" if first else policy)
    return CovariateRows(known.columns, out, known.added[np.r_[True, group[1:] != group[:-1]]])


def _merged_values(values: Floats, group: NDArray[np.intp], number: int, policy: str) -> Floats:
    """(number,) one value for each of `number` groups of values (N,); NaN if a group has only NaN.

    group:  (N,) the group of each value: 0, 1, 2, ..., ascending
    policy: a key of MERGES, such as "sum"; NaN is ignored
    """
    known = np.flatnonzero(~np.isnan(values))
    out = np.full(number, np.nan)
    if policy in ("first", "last"):
        rows = (
            known[::-1] if policy == "first" else known
        )  # of several values assigned to one group, the last one stays
        out[group[rows]] = values[rows]
        return out
    count = np.bincount(group[known], minlength=number)
    total = np.bincount(group[known], weights=values[known], minlength=number)
    np.divide(total, np.ones(number) if policy == "sum" else count, out=out, where=count > 0)
    return out


def first_true(mask: NDArray[np.bool_]) -> int:
    """The index of the first True in an array of bools; 0 if there is none."""
    return int(np.argmax(mask))


def _described(observations: Observations, repeated: NDArray[np.bool_], where: str = "") -> str:
    count = counted(int(repeated.sum()), "repeated timestamp")
    return f"{count}{where}, first {observations.place(first_true(repeated))}"
