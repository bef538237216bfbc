"""The time of each row of a table: from its column of dates, or counted if it has none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.errors import DataError, mention
from forecast_cli.panel.calendar import FIRST_YEAR, LAST_YEAR
from forecast_cli.panel.reading.columns import RawColumn
from forecast_cli.panel.reading.forms import is_fiscal_week
from forecast_cli.panel.reading.roles import Roles
from forecast_cli.panel.reading.table import RawTable
from forecast_cli.panel.reading.timestamps import Timestamps

MAX_BAD_FRACTION = 0.5
"""If more than this fraction of the rows of the data have bad dates, a second file has dates of another form."""


def refuse_fiscal_weeks(table: RawTable, columns: Sequence[RawColumn]) -> None:
    """Raise DataError if a column has weeks of fiscal years. It is called only if no column holds times."""
    for column in columns:
        row = int(np.argmin(column.numbers.missing))
        if column.kind == "text" and is_fiscal_week(str(column.cells[row])):
            raise DataError(
                f"{table.where(row, column.name)}: '{column.cells[row]}' is a week of a fiscal year, whose first day "
                "is not known.",
                "Write the first day of each week as 2024-01-31; weeks of ISO 8601 as 2024-W05.",
            )


def unread_dates(columns: Sequence[RawColumn], roles: Roles) -> RawColumn | None:
    """A column of text that may hold dates in an unknown form; None if there is none.

    The first column of text named like a date is returned, or else the first column of text. Id columns and columns
    with the same text in all rows do not count.
    """
    texts = [c for c in columns if c.kind == "text" and not c.constant and c not in roles.ids]
    return next((column for column in texts if column.label.may_be_time), next(iter(texts), None))


def rows_with_date(
    table: RawTable, date: RawColumn, timestamps: Timestamps, values: tuple[RawColumn, ...]
) -> NDArray[np.intp]:
    """The indices of the rows with a date, ascending.

    Raises DataError if a cell of `date` is not a date, if a row with a value has none, or if time zones differ and
    cannot be converted to UTC.

    date:       the column of dates
    timestamps: what its cells mean
    values:     the columns of values
    """
    if timestamps.zones is not None:
        raise _zones_error(table, date, timestamps.zones, timestamps.missing)
    if timestamps.bad.any():
        odd = _in_another_form(table, timestamps)
        row = int(np.argmax(odd))
        good = np.flatnonzero(~(odd | timestamps.missing))
        example = f", such as '{str(date.cells[good[0]])[:40]}'" if len(good) else ""
        raise DataError(
            f"{table.where(row, date.name)}: '{str(date.cells[row])[:40]}' is not a date like the others{example}.",
            f"Write all dates in one form (years {FIRST_YEAR} to {LAST_YEAR}), or name another column with "
            f"{mention('date-column')}.",
        )
    without_value = np.all([column.numbers.missing for column in values], axis=0)
    without_date = timestamps.missing & ~without_value
    if without_date.any():
        row = int(np.argmax(without_date))
        raise DataError(f"{table.where(row, date.name)}: the date is missing.", "Fill it in or remove the row.")
    return np.flatnonzero(~timestamps.missing)


def _in_another_form(table: RawTable, timestamps: Timestamps) -> NDArray[np.bool_]:
    """(rows,) whether the date of each row is not in the form of the data.

    These are the bad dates, unless most dates of the data are bad. Then their form is that of a longer second file, and
    the dates of the second file that could be read are not in the form of the data.
    """
    added = np.arange(len(timestamps.bad)) >= (table.first_future_row or len(timestamps.bad))
    read = added & ~(timestamps.bad | timestamps.missing)
    return read if read.any() and timestamps.bad[~added].mean() > MAX_BAD_FRACTION else timestamps.bad


def _zones_error(table: RawTable, date: RawColumn, zones: NDArray[Any], missing: NDArray[np.bool_]) -> DataError:
    """The error for `zones` (rows,) that differ and cannot be converted to UTC."""
    present = np.flatnonzero(~missing)
    first = present[0]
    row = int(present[np.argmax(zones[present] != zones[first])])
    names = [f"the time zone is '{zones[i]}'" if zones[i] else "there is no time zone" for i in (row, first)]
    return DataError(
        f"{table.where(row, date.name)}: {names[0]}, and in row {table.lines[first]} {names[1]}.",
        "Write one zone in all rows, or offsets from UTC such as +01:00.",
    )


def times_of(table: RawTable, timestamps: Timestamps, rows: NDArray[np.intp]) -> tuple[NDArray[Any], str | None]:
    """Return the times (k,) of some rows, datetime64[ns] or int64 step numbers, and their time zone, "UTC" or None.

    Times with a zone are converted to UTC if their local times of day differ. If all are at the same time of day, such
    as midnight, they stay local times, and the zone is None.

    rows: (k,) the indices of the rows

    Raises DataError if only some rows have a zone.
    """
    zoned = timestamps.zoned[rows]
    if zoned.any() and not zoned.all():
        with_zone, without_zone = int(np.argmax(zoned)), int(np.argmin(zoned))
        raise DataError(
            f"{table.name}: the timestamp in row {table.lines[rows[with_zone]]} has a time zone, but the one in "
            f"row {table.lines[rows[without_zone]]} has none.",
            "Give a time zone in all rows, or in none.",
        )
    local = timestamps.local[rows]
    if not zoned.any():
        return local, None
    clock = local - local.astype("datetime64[D]")
    if (clock == clock[0]).all():
        return local, None
    return timestamps.utc[rows], "UTC"


def step_numbers(group: NDArray[np.intp], order: RawColumn | None) -> NDArray[np.int64]:
    """(rows,) step numbers for a file without dates: 1, 2, 3, ... in each group.

    group: (rows,) the number of each row's group
    order: the column whose numbers order the rows; None keeps the order of the file
    """
    sorted_rows = np.argsort(group, kind="stable") if order is None else np.lexsort((order.numbers.values, group))
    ordered = group[sorted_rows]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(group) else np.empty(0, np.intp)
    lengths = np.diff(np.r_[starts, len(group)])
    numbers = np.empty(len(group), dtype=np.int64)
    numbers[sorted_rows] = np.arange(len(group)) - np.repeat(starts, lengths) + 1
    return numbers
