"""Read times that are written as numbers.

Examples: 1949 (year), 194901 (month), 19490131 (day), 1700000000 (seconds since 1970), 1949.083 (February 1949), 45292
(days as spreadsheets count them), and 1, 2, 3, ... (step numbers).
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.panel.arrays import Floats
from forecast_cli.panel.reading.columns import RawColumn
from forecast_cli.panel.reading.digit_forms import Times, days_with_clock, read_by_name, times_in_digits, whole_between
from forecast_cli.panel.reading.numbers import read_numbers
from forecast_cli.panel.reading.part_names import DATE_PARTS, is_epidemic, part_of
from forecast_cli.panel.reading.patterns import full_match
from forecast_cli.panel.reading.timestamps import Timestamps

SPREADSHEET_DAYS = (20_000, 80_000)
"""Spreadsheets write dates as days since 1899-12-30. These are the lowest and the highest number read as such a date:
dates from 1954 to 2119."""
CALENDAR_STEPS = ((28, 31), (90, 92), (365, 366))
"""(fewest, most) days of a month, of a quarter, and of a year."""
MIN_CALENDAR_STEPS = 4
_DOTTED_MONTH = re.compile(r"(\d{4})\.(0[1-9]|1[0-2])|(0[1-9]|1[0-2])\.(\d{4})")
DATE_DIGITS = (8, 12, 14)
"""How many digits a date has: 8 for a day (20240131), 12 with hours and minutes, 14 with seconds too. Other numbers of
these lengths rarely look like dates by chance."""
MAX_EXACT = 2.0**53
"""The largest number that can be a step number. Larger numbers lose their last digits in float64."""
MAX_STEP_NUMBER = 1e9
MIN_EVEN_FRACTION = 0.5
"""Numbers are step numbers if at least this fraction of the differences between neighbours are equal, once the
different numbers are sorted."""
MAX_STEP_ERROR = 0.01
"""The largest distance of a step number from a whole number, in steps."""


def read_numeric_dates(column: RawColumn, trusted: bool, dated: bool = False) -> Timestamps | None:
    """The times in a column of numbers: dates or step numbers. None if the column holds no times.

    trusted: whether the user or the column's name says that it holds times; otherwise the numbers must also advance by
             nearly equal steps from row to row, or count the rows
    dated:   whether the user or the column's name says that the times are dates, and not step numbers; then numbers in
             SPREADSHEET_DAYS are days since 1899-12-30, even if `are_calendar_days` is False
    """
    numbers = column.numbers
    present = ~numbers.missing
    if column.kind != "number" or numbers.bad.any() or not np.isfinite(numbers.values[present]).all():
        return None
    values = numbers.values[present]
    if (months := _dotted_months(column.cells[present])) is not None:
        values = months
    if (named := read_by_name(values, column.label.part, is_epidemic(column.name))) is not None:
        return _with_missing(*named, numbers.missing)
    if whole_between(np.floor(values), *SPREADSHEET_DAYS) and (dated or are_calendar_days(values)):
        return _spreadsheet_days(values, numbers.missing)
    six_digits = all(len(cell) == len("240131") for cell in column.cells[present])
    times = times_in_digits(values, six_digits=six_digits, dated=dated)
    if times is not None and (trusted or advances_evenly(times.astype(np.int64))):
        return _with_missing(times, np.zeros(len(times), dtype=bool), numbers.missing)
    if trusted or column.counts_rows or _counts_up(values):
        return read_steps(column)
    return None


def read_steps(column: RawColumn) -> Timestamps | None:
    """The step numbers in a column of numbers; None if the numbers do not advance by equal steps, see `_steps`."""
    missing = column.numbers.missing
    values = column.numbers.values[~missing]
    steps = _steps(values, missing)
    return replace(steps, note=_spreadsheet_note(values) or steps.note) if steps is not None else None


def _with_missing(times: Times, bad: NDArray[np.bool_], missing: NDArray[np.bool_]) -> Timestamps:
    """Build the timestamps of all rows from the times of the rows that have a time. The other rows get NaT.

    times:   (present rows,) datetime64[ns]; a present row is one with a time
    bad:     (present rows,) True for times that do not exist; they become NaT too
    missing: (rows,) True for rows without a time
    """
    local = np.full(len(missing), "NaT", dtype="datetime64[ns]")
    local[np.flatnonzero(~missing)[~bad]] = times[~bad]
    bad_rows = np.zeros(len(missing), dtype=bool)
    bad_rows[~missing] = bad
    return replace(_timestamps(local, missing), bad=bad_rows)


def _timestamps(local: NDArray[np.datetime64] | NDArray[np.int64], missing: NDArray[np.bool_]) -> Timestamps:
    no_row = np.zeros(len(missing), dtype=bool)
    return Timestamps(local, local, missing, bad=no_row, zoned=no_row)


def are_calendar_days(days: NDArray[np.integer[Any]] | Floats) -> bool:
    """Return whether days since 1899-12-30 advance by weeks, months, quarters or years, or by days without weekends.

    At least MIN_CALENDAR_STEPS steps are needed, and not all may be of one day, because other numbers advance by 1 too.
    If all steps are negative, their signs are changed; otherwise steps that are not positive are ignored.

    days: (k,) in their order in the file; the result is False if some are not whole
    """
    if (days % 1 != 0).any():
        return False
    steps = np.diff(days)
    steps = -steps if (steps < 0).all() else steps[steps > 0]
    if len(steps) < MIN_CALENDAR_STEPS or (steps == 1).all():
        return False
    without_weekends = (days % 7 > 1).all() and np.isin(steps, (1, 3)).all()  # day 0 was a Saturday
    calendar = any(low <= steps.min() < steps.max() <= high for low, high in CALENDAR_STEPS)
    return bool(without_weekends or calendar or (steps == 7).all())


def _spreadsheet_days(days: Floats, missing: NDArray[np.bool_]) -> Timestamps:
    """Convert days since 1899-12-30 to times, rounded to seconds: 45292.5 -> 2024-01-01 12:00.

    days:    (present rows,) the days of the rows that have a time
    missing: (rows,) True for rows without a time
    """
    seconds = np.rint(days * 86_400).astype(np.int64).astype("timedelta64[s]")
    local = np.full(len(missing), "NaT", dtype="datetime64[ns]")
    local[~missing] = np.datetime64("1899-12-30", "s") + seconds
    first = np.datetime_as_string(local[~missing][0].astype("datetime64[D]"))
    return replace(_timestamps(local, missing), note=f"read as the days of a spreadsheet: {days[0]:.15g} is {first}")


def _spreadsheet_note(values: Floats) -> str:
    if not whole_between(values, *SPREADSHEET_DAYS):
        return ""
    day = np.datetime64("1899-12-30") + int(values[0])
    return f"taken as step numbers; if {values[0]:.0f} stands for {day}, as in a spreadsheet, write dates as text"


def _steps(values: Floats, missing: NDArray[np.bool_]) -> Timestamps | None:
    """Convert numbers that advance by equal steps to int64 step numbers (rows,).

    Whole numbers up to MAX_STEP_NUMBER are kept. Others, such as 0.1, 0.2, become 1, 2, and `note` of the result says
    so. Rows without a number get 0.

    The step is the most frequent difference between neighbours, once the different numbers are sorted. Returns None if
    less than MIN_EVEN_FRACTION of these differences are equal to it, or if a number is not a whole number of steps
    above the smallest number. Also returns None if all numbers are equal, or if a number is too large.

    values:  (present rows,) the numbers of the rows that have one
    missing: (rows,) True for rows without a number
    """
    distinct = np.unique(values)
    if len(distinct) < 2 or np.abs(distinct).max() > MAX_EXACT:
        return None
    gaps, counts = np.unique(np.diff(distinct).round(9), return_counts=True)
    step = float(gaps[np.argmax(counts)])
    if step <= 0 or counts.max() < MIN_EVEN_FRACTION * counts.sum():
        return None
    from_zero = (values - distinct[0]) / step
    if np.abs(from_zero - np.rint(from_zero)).max() > MAX_STEP_ERROR or from_zero.max() > MAX_STEP_NUMBER:
        return None
    steps = np.zeros(len(missing), dtype=np.int64)
    count = np.rint(from_zero).astype(np.int64)
    whole = step % 1 == 0 and distinct[0] % 1 == 0 and np.abs(values).max() <= MAX_STEP_NUMBER
    steps[~missing] = int(distinct[0]) + int(step) * count if whole else 1 + count
    note = "" if whole else f"{distinct[0]:.12g}, {distinct[1]:.12g}, ... are counted as the steps 1, 2, ..."
    return replace(_timestamps(steps, missing), note=note)


def _counts_up(values: Floats) -> bool:
    """Return whether numbers count the rows of each series: they start at 0 or 1, and nearly all increases are by 1.

    A number that is not above the one before it is the start of the next series.
    """
    steps = np.diff(values)
    starts = np.concatenate([values[:1], values[1:][steps <= 0]])
    ups = steps[steps > 0]
    return len(ups) >= 2 and bool((ups == 1).mean() > 0.95) and bool(np.isin(starts, (0, 1)).all())


def advances_evenly(times: NDArray[np.int64]) -> bool:
    """Return whether the times of the rows advance by nearly equal steps.

    At least 80 % of the steps must go forwards. More than 80 % of these must be 0.5 to 1.5 times their median. Other
    steps may be starts of new series. If all steps go backwards, the times are read in reverse.

    times: (rows,)
    """
    steps = np.diff(times)
    if (steps < 0).all():
        steps = -steps
    forward = steps[steps > 0]
    if len(forward) < 2 or len(forward) < 0.8 * len(steps):
        return False
    return bool((np.rint(forward / np.median(forward)) == 1).mean() > 0.8)


def _dotted_months(cells: NDArray[Any]) -> Floats | None:
    """Months that are written 2015.01 or 01.2015, as numbers such as 201501; None if any cell is not like this.

    All cells must be like this, because a number such as 1949.08 can also be a decimal year (February 1949).
    """
    matches = [full_match(_DOTTED_MONTH, cell) for cell in cells]
    if not all(matches):
        return None
    return np.array([int((m[1] or m[4]) + (m[2] or m[3])) for m in matches if m], dtype=np.float64)


def dates_in_digits(name: str, cells: NDArray[Any]) -> Timestamps | None:
    """Read dates that are written in digits only, such as 20240131, or 202401311730 with a time of day.

    Shorter dates are read only if the column's name says that it holds dates. The name also decides whether 202405 is
    a month, a quarter or a week. Returns None if the cells hold no such dates.

    name:  the name of the column
    cells: (rows,) object, text
    """
    lengths = {len(cell) for cell in cells if cell.isdigit()}
    if len(lengths) != 1 or not all(cell.isdigit() for cell in cells):
        return None
    column = RawColumn(name, "number", cells, read_numbers(cells, "."))
    is_date = column.label.is_time and not column.label.numbers_rows
    named = lengths <= {5, 6} if part_of(name) in DATE_PARTS else lengths <= {6, 7} and is_date
    if not named and not lengths <= set(DATE_DIGITS):
        return None
    if max(lengths) > DATE_DIGITS[0] and days_with_clock(column.numbers.values) is None:  # probably article numbers
        return None
    times = read_numeric_dates(column, trusted=True, dated=is_date)
    return times if times is not None and times.dated else None
