"""Convert a table to observations. An observation is one value with its series and its time."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.errors import DataError, mention
from forecast_cli.options import ReadConfig
from forecast_cli.panel.reading.chosen_covariates import chosen_kinds, possible_covariates, roles_of
from forecast_cli.panel.reading.columns import RawColumn
from forecast_cli.panel.reading.covariates import (
    CovariateRows,
    named_covariates,
    read_covariates,
    with_empty_categories,
)
from forecast_cli.panel.reading.future_rows import merge_future_values
from forecast_cli.panel.reading.ids import count_distinct, distinguishing_columns, group_codes
from forecast_cli.panel.reading.interpretation import MAX_NAMES_SHOWN, log_interpretation, log_several_targets
from forecast_cli.panel.reading.naming import MAX_NAME, check_name, series_ids
from forecast_cli.panel.reading.roles import Roles
from forecast_cli.panel.reading.row_times import (
    refuse_fiscal_weeks,
    rows_with_date,
    step_numbers,
    times_of,
    unread_dates,
)
from forecast_cli.panel.reading.table import RawTable
from forecast_cli.panel.reading.values import checked_values
from forecast_cli.words import time_text

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Observations:
    """N observations of n series, in the order of the file until `regularise` sorts them by series and time.

    name:    the file's name in messages
    ids:     (n,) str, the ids of the series
    series:  (N,) the index in `ids` of each observation's series
    times:   (N,) datetime64[ns], or int64 step numbers for a file without dates
    values:  (N,) float64, NaN where missing
    lines:   (N,) the line number of each observation in the file
    tz:      "UTC" if `times` are in UTC, otherwise None
    distinguishing:  columns whose cells differ between rows of the same series and time; errors about duplicates name
                     them, because they may be further ids or parts of dates
    unread:  whether the file has dates that could not be read, so that `times` are step numbers
    covariates:  the covariates of each observation; None if there are none
    unused:  the names of columns that could be covariates, and are not used as such
    id_columns:  the names of the columns that the ids come from; () if each series is a column
    future_file_name: the name of the second file in messages; "" if there is none
    """

    name: str
    ids: NDArray[np.object_]
    series: NDArray[np.intp]
    times: NDArray[Any]
    values: NDArray[np.float64]
    lines: NDArray[np.int64]
    tz: str | None = None
    distinguishing: tuple[RawColumn, ...] = ()
    unread: bool = False
    covariates: CovariateRows | None = None
    unused: tuple[str, ...] = ()
    id_columns: tuple[str, ...] = ()
    future_file_name: str = ""

    @property
    def starts_series(self) -> NDArray[np.bool_]:
        """(N,) whether each observation is the first of its series. Observations of one series must be adjacent."""
        starts: NDArray[np.bool_] = np.r_[True, self.series[1:] != self.series[:-1]]
        return starts

    def take(self, rows: NDArray[Any]) -> Observations:
        """The observations at `rows`: an array of indices, or of N bools."""
        return replace(
            self,
            series=self.series[rows],
            times=self.times[rows],
            values=self.values[rows],
            lines=self.lines[rows],
            covariates=self.covariates and self.covariates.take(rows),
        )

    def place(self, row: int) -> str:
        """Time, series and line of one observation, for messages: "2024-01-31 in series 'a' (row 3)".

        The series is left out if the file has only one. The line of a second file has the name of this file. `row` is
        the index of the observation.
        """
        series = f" in series '{self.ids[self.series[row]]}'" if len(self.ids) > 1 else ""
        file = f" of {self.future_file_name}" if self.covariates is not None and self.covariates.added[row] else ""
        return f"{time_or_step(self.times[row])}{series} (row {self.lines[row]}{file})"


def time_or_step(time: Any) -> str:
    """A time as text for messages: an ISO 8601 date such as "2024-01-31", or "step 3" for a step number."""
    return time_text(time) if isinstance(time, np.datetime64) else f"step {time}"


def observe(table: RawTable, columns: Sequence[RawColumn], config: ReadConfig) -> Observations:
    """The observations of a table.

    columns: the columns of `table`, with what they hold

    Raises DataError if the role of a column is not clear, or if a cell is not a date, number or id as it should be.
    """
    named = named_covariates(table, columns, config)
    columns = [column for column in columns if column not in named]
    roles = roles_of(table, columns, config)
    possible = possible_covariates(table, columns, roles, config)
    log_interpretation(table, columns, roles, possible if config.covariates == "auto" else ())
    if named and not roles.ids and len(roles.values) > 1 and not config.value_columns:
        log_several_targets(table, roles)
    if roles.timestamps is None:
        refuse_fiscal_weeks(table, columns)
    unread = unread_dates(columns, roles) if roles.time is None else None
    if unread is not None:
        row = int(np.argmin(unread.numbers.missing))
        log.warning(
            "%s: '%s' has no known date format, or the column has several: dates are not used, each row is one step",
            table.where(row, unread.name),
            str(unread.cells[row])[:40],
        )
    rows = np.arange(len(table.lines))
    if roles.timestamps is not None and roles.time is not None:
        rows = rows_with_date(table, roles.time, roles.timestamps, roles.values)
    values = np.stack([checked_values(table, column) for column in roles.values], axis=1)[rows]
    for column in roles.ids:
        _check_ids(table, column, rows)
    group, ids = _groups(roles, rows)
    if roles.timestamps is not None:
        times, tz = times_of(table, roles.timestamps, rows)
    else:
        times, tz = step_numbers(group, roles.order), None
    observed = np.isnan(values).sum(axis=1) < values.shape[1]
    if config.covariates == "auto":
        named |= chosen_kinds(table, possible, rows, times, group, observed)
    known = read_covariates(table, named, rows)
    if known is not None and known.added.any():
        known, keep = merge_future_values(known, times, group)
        known, rows, values, times, group = known.take(keep), rows[keep], values[keep], times[keep], group[keep]
        observed = observed[keep]
    if known is not None:
        known = with_empty_categories(table.name, known, observed)
    width = len(roles.values)
    return Observations(
        name=table.name,
        ids=ids,
        series=(group[:, None] * width + np.arange(width)).ravel(),
        times=np.repeat(times, width),
        values=values.ravel(),
        lines=np.repeat(table.lines[rows], width),
        tz=tz,
        distinguishing=_distinguishing(columns, roles, rows, times, group),
        unread=unread is not None or (roles.time is not None and roles.time.kind == "date" and times.dtype.kind != "M"),
        covariates=known and known.take(np.repeat(np.arange(len(rows)), width)),
        unused=tuple(column.name for column in possible if column not in named),
        id_columns=tuple(column.name for column in roles.ids),
        future_file_name=table.future_file_name,
    )


def _check_ids(table: RawTable, column: RawColumn, rows: NDArray[np.intp]) -> None:
    missing = column.cells[rows] == ""
    if missing.any():
        row = int(rows[np.argmax(missing)])
        raise DataError(
            f"{table.where(row, column.name)}: the series id is missing.",
            f"Fill it in, or name another column with {mention('id-column')}.",
        )
    for code, text in enumerate(column.texts):
        if len(text) > MAX_NAME:
            check_name(table.where(int(np.argmax(column.codes == code)), column.name), text)


def _groups(roles: Roles, rows: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.object_]]:
    """Return the group number of each row (rows,), and the ids of all series (n,), ordered by group.

    A group is the set of rows with the same texts in the id columns. All rows are in group 0 if there are none. If
    several columns hold values, each group has one series per column: store "a" and column "sales" give the id
    "a/sales".

    rows: the indices of the rows to use
    """
    values = [column.name for column in roles.values]
    group = group_codes(roles.ids, rows)
    if group is None:
        return np.zeros(len(rows), dtype=np.intp), series_ids([(name,) for name in values])
    first_rows = rows[np.unique(group, return_index=True)[1]]
    texts = list(zip(*(column.cells[first_rows] for column in roles.ids), strict=True))
    return group, series_ids(texts if len(values) == 1 else [(*text, name) for text in texts for name in values])


def _distinguishing(
    columns: Sequence[RawColumn], roles: Roles, rows: NDArray[np.intp], times: NDArray[Any], group: NDArray[np.intp]
) -> tuple[RawColumn, ...]:
    """Find the columns whose cells differ between rows of the same group and time: possibly further id columns.

    Returns () if no two rows have the same group and time.

    rows:  the indices of the rows to use
    times: (rows,) their times
    group: (rows,) their groups, from `_groups`
    """
    keys = times.astype(np.int64), group
    if len(rows) == 0 or count_distinct(*keys) == len(rows):
        return ()
    others = [column for column in columns if column is not roles.time and column not in roles.ids]
    return tuple(distinguishing_columns(others, rows, *keys)[:MAX_NAMES_SHOWN])
