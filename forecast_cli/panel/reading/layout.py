"""From a table to flat observations: every value with its series and its time."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.errors import DataError
from forecast_cli.options import ReadConfig
from forecast_cli.panel.calendar import FIRST_YEAR, LAST_YEAR
from forecast_cli.panel.reading.columns import Column
from forecast_cli.panel.reading.dates import Stamps
from forecast_cli.panel.reading.roles import Roles, find_roles, not_a_number
from forecast_cli.panel.reading.table import Table, in_one_line

log = logging.getLogger(__name__)


LARGEST = 1e100
"""Values beyond stand for something else, such as a missing one; their squares and sums would be infinite."""


@dataclass(frozen=True)
class Observations:
    """Single values as they stand in a file, in its order.

    ids:     (n,) str
    series:  (N,) the place of each observation's series in `ids`
    times:   (N,) datetime64[ns], or int64 steps where there are no dates
    values:  (N,) float64, NaN where missing
    lines:   (N,) the row of the file
    tz:      "UTC" where the times are in it
    """

    name: str
    ids: NDArray[np.str_]
    series: NDArray[np.intp]
    times: NDArray[Any]
    values: NDArray[np.float64]
    lines: NDArray[np.int64]
    tz: str | None = None

    @property
    def begins(self) -> NDArray[np.bool_]:
        """(N,) where a series begins, once the observations are sorted."""
        begins: NDArray[np.bool_] = np.r_[True, self.series[1:] != self.series[:-1]]
        return begins

    def take(self, rows: NDArray[Any]) -> Observations:
        return replace(
            self,
            series=self.series[rows],
            times=self.times[rows],
            values=self.values[rows],
            lines=self.lines[rows],
        )

    def place(self, row: int) -> str:
        """An observation, as messages name it: its time, its series where there are several, its row."""
        series = f" in series '{self.ids[self.series[row]]}'" if len(self.ids) > 1 else ""
        return f"{shown(self.times[row])}{series} (row {self.lines[row]})"


def shown(time: Any) -> str:
    """A time as messages name it."""
    if isinstance(time, np.datetime64):
        text = np.datetime_as_string(time, unit="s").replace("T", " ")
        return text.removesuffix(" 00:00:00")
    return f"step {time}"


def counted_steps(count: int) -> str:
    """A number of steps, as messages name it."""
    return "1 step" if count == 1 else f"{count} steps"


def observe(table: Table, columns: Sequence[Column], config: ReadConfig) -> Observations:
    """The observations of a table. Raises DataError where they cannot be told, or one is no number."""
    roles = find_roles(table, columns, config)
    _say(table, columns, roles)
    rows = np.arange(len(table.lines))
    if roles.stamps is not None and roles.date is not None:
        rows = _dated_rows(table, roles.date, roles.stamps, roles.values)
    values = np.stack([_checked_values(table, column) for column in roles.values], axis=1)[rows]
    for column in roles.ids:
        _check_ids(table, column, rows)
    group, names = _series_of(roles, rows)
    if roles.stamps is not None:
        times, tz = _times(table, roles.stamps, rows)
    else:
        times, tz = _running_number(group), None
    width = len(roles.values)
    return Observations(
        name=table.name,
        ids=np.array(_unique_names(names, roles), dtype=np.str_),
        series=(group[:, None] * width + np.arange(width)).ravel(),
        times=np.repeat(times, width),
        values=values.ravel(),
        lines=np.repeat(table.lines[rows], width),
        tz=tz,
    )


def _checked_values(table: Table, column: Column) -> NDArray[np.float64]:
    if column.numbers.bad.any():
        raise not_a_number(table, column, int(np.argmax(column.numbers.bad)))
    huge = np.abs(column.numbers.values) > LARGEST
    if huge.any():
        row = int(np.argmax(huge))
        what = "infinite" if np.isinf(column.numbers.values[row]) else "too large to calculate with"
        raise DataError(
            f"{table.where(row, column.name)}: '{column.cells[row]}' is {what}.", "Correct it or leave it empty."
        )
    return column.numbers.values


def _dated_rows(table: Table, date: Column, stamps: Stamps, values: tuple[Column, ...]) -> NDArray[np.intp]:
    """The rows that have a date; one without is an error, unless it has no value either."""
    if stamps.bad.any():
        row = int(np.argmax(stamps.bad))
        raise DataError(
            f"{table.where(row, date.name)}: '{str(date.cells[row])[:40]}' is not a date like the others.",
            f"Correct it (years reach from {FIRST_YEAR} to {LAST_YEAR}), or name another column with --date-column.",
        )
    empty = np.all([column.numbers.missing for column in values], axis=0)
    undated = stamps.missing & ~empty
    if undated.any():
        row = int(np.argmax(undated))
        raise DataError(f"{table.where(row, date.name)}: the date is missing.", "Fill it in or remove the row.")
    return np.flatnonzero(~stamps.missing)


def _times(table: Table, stamps: Stamps, rows: NDArray[np.intp]) -> tuple[NDArray[Any], str | None]:
    """The times of `rows`, in UTC where they carry a zone and are more than dates."""
    zoned = stamps.zoned[rows]
    if zoned.any() and not zoned.all():
        with_zone, without = int(np.argmax(zoned)), int(np.argmin(zoned))
        raise DataError(
            f"{table.name}: the stamp of row {table.lines[rows[with_zone]]} carries a time zone and that of "
            f"row {table.lines[rows[without]]} none.",
            "Give all of them a zone, or none.",
        )
    local = stamps.local[rows]
    if not zoned.any():
        return local, None
    clock = local - local.astype("datetime64[D]")
    if (clock == clock[0]).all():
        return local, None
    return stamps.utc[rows], "UTC"


def _check_ids(table: Table, column: Column, rows: NDArray[np.intp]) -> None:
    missing = column.cells[rows] == ""
    if missing.any():
        row = int(rows[np.argmax(missing)])
        raise DataError(
            f"{table.where(row, column.name)}: the series id is missing.",
            "Fill it in, or name another column with --id-column.",
        )


def _series_of(roles: Roles, rows: NDArray[np.intp]) -> tuple[NDArray[np.intp], list[str]]:
    """The series of each row, and the names of the series; "" is the one series of a file without ids."""
    if not roles.ids:
        return np.zeros(len(rows), dtype=np.intp), [""]
    import pandas as pd

    texts = roles.ids[0].cells
    for column in roles.ids[1:]:
        texts = texts + "/" + column.cells
    codes, names = pd.factorize(texts[rows])
    return codes, [in_one_line(str(name)) for name in names]


def _unique_names(names: list[str], roles: Roles) -> list[str]:
    if not roles.ids:
        return [column.name for column in roles.values]
    if len(roles.values) == 1:
        return names
    return [f"{name}/{column.name}" for name in names for column in roles.values]


def _running_number(group: NDArray[np.intp]) -> NDArray[np.int64]:
    """1, 2, 3, ... within each group."""
    order = np.argsort(group, kind="stable")
    ordered = group[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(group) else np.empty(0, np.intp)
    lengths = np.diff(np.r_[starts, len(group)])
    numbers = np.empty(len(group), dtype=np.int64)
    numbers[order] = np.arange(len(group)) - np.repeat(starts, lengths) + 1
    return numbers


def _say(table: Table, columns: Sequence[Column], roles: Roles) -> None:
    """What was understood, in a line; and what was left out, in another."""
    values = ", ".join(f"'{column.name}'" for column in roles.values[:6])
    more = f" and {len(roles.values) - 6} more" if len(roles.values) > 6 else ""
    ids = " and ".join(f"'{column.name}'" for column in roles.ids)
    date = f"dates in '{roles.date.name}'" if roles.date is not None else "no dates, steps are counted"
    layout = f"long (series by {ids})" if roles.ids else "wide"
    if not roles.ids and len(roles.values) == 1:
        layout = "one series"
    log.info("%s: %s, %s, values in %s%s", table.name, layout, date, values, more)
    if roles.stamps is not None and roles.stamps.note:
        log.warning("%s: %s", table.name, roles.stamps.note)
    used = {id(column) for column in (roles.date, *roles.ids, *roles.values)}
    unused = [c.name for c in columns if id(c) not in used and c.kind != "blank"]
    if roles.date is None and (dates := next((c for c in columns if c.kind == "text" and not c.constant), None)):
        sample = dates.cells[0]
        log.warning("%s: column '%s' holds no date that is known here: %s", table.name, dates.name, sample)
    if unused:
        log.info("%s: left out: %s", table.name, ", ".join(f"'{name}'" for name in unused[:6]))
