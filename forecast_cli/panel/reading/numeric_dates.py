"""Read times that are written as numbers.

Examples: 1949 (year), 194901 (month), 19490131 (day), 1700000000 (seconds since 1970), 1949.083 (February 1949), 45292
(days as spreadsheets count them), and 1, 2, 3, ... (step numbers).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.panel.arrays import Floats
from forecast_cli.panel.calendar import FIRST_YEAR, LAST_YEAR
from forecast_cli.panel.reading.columns import RawColumn
from forecast_cli.panel.reading.dates import Timestamps
from forecast_cli.panel.reading.numbers import read_numbers
from forecast_cli.panel.reading.part_names import DATE_PARTS, is_epidemic, part_of
from forecast_cli.panel.reading.weeks import first_days_of_weeks

Times = NDArray[np.datetime64]
EPOCH_UNITS = (("s", 1e8, 9.2e9), ("ms", 1e11, 9.2e12), ("us", 1e14, 9.2e15), ("ns", 1e17, 9.2e18))
"""(unit, lowest number, highest number) of times counted from 1970, for dates from 1973 to 2261.

The size of a number shows its unit, because the ranges do not overlap.
"""
FIRST_YEAR_WITH_CLOCK = 1900
"""Numbers such as 2024012013 (day and hour) are read from this year on. With earlier years they are about as large as
seconds since 1970."""
SPREADSHEET_DAYS = (20_000, 80_000)
"""Spreadsheets write dates as days since 1899-12-30. These are the lowest and the highest number read as such a date:
dates from 1954 to 2119."""
CALENDAR_STEPS = ((28, 31), (90, 92), (365, 366))
"""(fewest, most) days of a month, of a quarter, and of a year."""
MIN_CALENDAR_STEPS = 4
_DOTTED_MONTH = re.compile(r"(\d{4})\.(0[1-9]|1[0-2])|(0[1-9]|1[0-2])\.(\d{4})")
DATE_DIGITS = (8, 12, 14)
"""The digits of a day alone, with hours and minutes, with seconds: so many are no dates by chance."""
MAX_EXACT = 2.0**53
"""The largest number that can be a step number. Larger numbers lose their last digits in float64."""
MAX_STEP_NUMBER = 1e9
MIN_EVEN_FRACTION = 0.5
"""Numbers are step numbers if at least this fraction of the distances between neighbouring numbers are equal."""
MAX_STEP_ERROR = 0.01
"""Numbers such as 0.1, 0.2, 0.3 count as steps if each is at most this far from a multiple of the step, in steps."""
MAX_MONTH_ERROR = 0.05
"""Numbers such as 1949.083 are decimal years if each is at most this far from a whole month, in months."""


def read_numeric_dates(column: RawColumn, trusted: bool, dated: bool = False) -> Timestamps | None:
    """The times in a column of numbers: dates or step numbers. None if the column holds no times.

    trusted: whether the user or the column's name says that it holds times; otherwise the times must also advance by
             equal steps from row to row
    dated:   whether the user or the column's name says that the times are dates, and not step numbers; then the numbers
             may be days since 1899-12-30, as spreadsheets count them
    """
    numbers = column.numbers
    present = ~numbers.missing
    if column.kind != "number" or numbers.bad.any() or not np.isfinite(numbers.values[present]).all():
        return None
    values = numbers.values[present]
    if (months := _dotted_months(column.cells[present])) is not None:
        values = months
    if (named := _read_by_name(values, column.label.part, is_epidemic(column.name))) is not None:
        return _with_missing(*named, numbers.missing)
    if _whole_between(np.floor(values), *SPREADSHEET_DAYS) and (dated or are_calendar_days(values)):
        return _spreadsheet_days(values, numbers.missing)
    times = next((t for read in READERS if (t := read(values)) is not None), None)
    if times is not None and (trusted or advances_evenly(times.astype(np.int64))):
        return _with_missing(times, np.zeros(len(times), dtype=bool), numbers.missing)
    if trusted or column.counts_rows or _counts_up(values):
        return read_steps(column)
    return None


def read_steps(column: RawColumn) -> Timestamps | None:
    """The step numbers in a column of numbers; None if less than half of the distances between them are equal."""
    missing = column.numbers.missing
    values = column.numbers.values[~missing]
    steps = _steps(values, missing)
    return replace(steps, note=_spreadsheet_note(values) or steps.note) if steps is not None else None


def _with_missing(times: Times, bad: NDArray[np.bool_], missing: NDArray[np.bool_]) -> Timestamps:
    """The timestamps of all rows, from those of the rows that are not missing.

    times:   (present rows,) datetime64[ns]
    bad:     (present rows,) True for times that do not exist
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
    """Whether days since 1899-12-30 advance by months, quarters, years or weeks, or by days without weekends.

    Steps back are ignored, unless all are.
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
    """The times that days since 1899-12-30 stand for, rounded to seconds: 45292.5 -> 2024-01-01 12:00.

    missing: (rows,) True for rows without a time; `days` has the other rows
    """
    seconds = np.rint(days * 86_400).astype(np.int64).astype("timedelta64[s]")
    local = np.full(len(missing), "NaT", dtype="datetime64[ns]")
    local[~missing] = np.datetime64("1899-12-30", "s") + seconds
    first = np.datetime_as_string(local[~missing][0].astype("datetime64[D]"))
    return replace(_timestamps(local, missing), note=f"read as the days of a spreadsheet: {days[0]:.15g} is {first}")


def _spreadsheet_note(values: Floats) -> str:
    if not _whole_between(values, *SPREADSHEET_DAYS):
        return ""
    day = np.datetime64("1899-12-30") + int(values[0])
    return f"taken as step numbers; if {values[0]:.0f} stands for {day}, as in a spreadsheet, write dates as text"


def _steps(values: Floats, missing: NDArray[np.bool_]) -> Timestamps | None:
    """The step numbers of all rows, int64. Numbers that are not whole, such as 0.1, 0.2, are counted 1, 2, with a note.

    Returns None if the numbers do not advance by equal steps.

    values:  (present rows,) the numbers
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
    """Whether nearly all numbers are the previous one plus 1, and numbering starts again at 0 or 1 for each series."""
    steps = np.diff(values)
    starts = np.concatenate([values[:1], values[1:][steps <= 0]])
    ups = steps[steps > 0]
    return len(ups) >= 2 and bool((ups == 1).mean() > 0.95) and bool(np.isin(starts, (0, 1)).all())


def advances_evenly(times: NDArray[np.int64]) -> bool:
    """Whether most rows differ by the usual step, all forwards or all backwards. Few may start a new series."""
    steps = np.diff(times)
    if (steps < 0).all():
        steps = -steps
    forward = steps[steps > 0]
    if len(forward) < 2 or len(forward) < 0.8 * len(steps):
        return False
    return bool((np.rint(forward / np.median(forward)) == 1).mean() > 0.8)


def _whole_between(values: Floats, low: float, high: float) -> bool:
    return bool((values % 1 == 0).all() and values.min() >= low and values.max() <= high)


def _dotted_months(cells: NDArray[Any]) -> Floats | None:
    """Months that are written 2015.01 or 01.2015, as numbers such as 201501; None if any cell is not like this.

    All cells must be like this, because a number such as 1949.08 can also be a decimal year (February 1949).
    """
    matches = [_DOTTED_MONTH.fullmatch(cell) for cell in cells]
    if not all(matches):
        return None
    return np.array([int((m[1] or m[4]) + (m[2] or m[3])) for m in matches if m], dtype=np.float64)


def _read_by_name(values: Floats, part: str, epidemic: bool) -> tuple[Times, NDArray[np.bool_]] | None:
    """The first days of quarters or weeks in a column with such a name, and True for weeks that do not exist.

    Quarters are written 200103, 20013 or 2001.3, weeks 202105. Returns None for other numbers.

    part:     the part of a date that the column's name stands for; None is returned if it is neither quarter nor week
    epidemic: whether weeks are numbered as in US health reports (MMWR)
    """
    if values.max(initial=0) > LAST_YEAR * 100 + 99:
        return None
    if part in ("quarter", "year and quarter"):
        for numbers, digits in ((values, 100), (values, 10), ((values * 10).round(6), 10)):
            if _whole_between(numbers, FIRST_YEAR * digits + 1, LAST_YEAR * digits + 4):
                years, quarters = np.divmod(numbers.astype(np.int64), digits)
                months = (years - 1970) * 12 + 3 * quarters - 3
                if (quarters >= 1).all() and (quarters <= 4).all():
                    return months.astype("datetime64[M]").astype("datetime64[ns]"), np.zeros(len(values), dtype=bool)
    if part in ("week", "year and week") and _whole_between(values, FIRST_YEAR * 100, LAST_YEAR * 100 + 53):
        years, weeks = np.divmod(values.astype(np.int64), 100)
        if (weeks <= 53).all():
            days, bad = first_days_of_weeks(years, weeks, epidemic=epidemic)
            return days.astype("datetime64[D]").astype("datetime64[ns]"), bad
    return None


def _year_weeks(values: Floats) -> Times | None:
    """The first days of weeks such as 202105 (week 5 of 2021); None if one of the numbers is no week."""
    weeks = _read_by_name(values, "week", epidemic=False)
    return None if weeks is None or weeks[1].any() else weeks[0]


def dates_in_digits(name: str, cells: NDArray[Any]) -> Timestamps | None:
    """The dates in cells (rows,) of digits: days as 20240131, times as 202401311730; months etc. if `name` says so.

    The name of the column decides whether 202405 is a month, a quarter or a week. Returns None for other cells.

    name:  the name of the column
    cells: (rows,) object, text
    """
    lengths = {len(cell) for cell in cells if cell.isdigit()}
    if len(lengths) != 1 or not all(cell.isdigit() for cell in cells):
        return None
    if not lengths <= set(DATE_DIGITS) and not (lengths <= {5, 6} and part_of(name) in DATE_PARTS):
        return None
    column = RawColumn(name, "number", cells, read_numbers(cells, "."))
    if max(lengths) > DATE_DIGITS[0] and _days_with_clock(column.numbers.values) is None:  # codes of articles
        return None
    times = read_numeric_dates(column, trusted=True)
    return times if times is not None and times.dated else None


def _years(values: Floats) -> Times | None:
    if not _whole_between(values, FIRST_YEAR, LAST_YEAR):
        return None
    return (values.astype(np.int64) - 1970).astype("datetime64[Y]").astype("datetime64[ns]")


def _year_months(values: Floats) -> Times | None:
    if not _whole_between(values, FIRST_YEAR * 100 + 1, LAST_YEAR * 100 + 12):
        return None
    years, months = np.divmod(values.astype(np.int64), 100)
    if months.min() < 1 or months.max() > 12:
        return None
    return ((years - 1970) * 12 + months - 1).astype("datetime64[M]").astype("datetime64[ns]")


def _days(values: Floats) -> Times | None:
    if not _whole_between(values, FIRST_YEAR * 10_000 + 101, LAST_YEAR * 10_000 + 1231):
        return None
    months = _year_months(values // 100)
    days = values.astype(np.int64) % 100
    if months is None or days.min() < 1:
        return None
    dates = months.astype("datetime64[D]") + (days - 1)
    same_month = dates.astype("datetime64[M]") == months.astype("datetime64[M]")
    return dates.astype("datetime64[ns]") if same_month.all() else None


def _days_with_clock(values: Floats) -> Times | None:
    """Days with a time of day: 2024012013 (hour), 202401201330 (minute), 20240120133059 (second); None for others."""
    for digits in (2, 4, 6):
        days = _days(values // 10**digits)
        if days is None or (values < FIRST_YEAR_WITH_CLOCK * 10.0 ** (4 + digits)).any() or (values % 1 != 0).any():
            continue
        clock = (values % 10**digits).astype(np.int64) * 10 ** (6 - digits)
        minutes, seconds = clock // 100 % 100, clock % 100
        if clock.max() <= 240_000 and minutes.max() < 60 and seconds.max() < 60:
            since_midnight = clock // 10_000 * 3600 + minutes * 60 + seconds
            times: Times = days + since_midnight.astype("timedelta64[s]")
            return times
    return None


def _since_1970(values: Floats) -> Times | None:
    for unit, low, high in EPOCH_UNITS:
        if low <= values.min() and values.max() <= high:
            # Nanoseconds since 1970 exceed the precision of float64, about 0.25 microseconds.
            micros = np.rint(values * {"s": 1e6, "ms": 1e3, "us": 1.0, "ns": 1e-3}[unit])
            return micros.astype(np.int64).astype("datetime64[us]").astype("datetime64[ns]")
    return None


def _decimal_years(values: Floats) -> Times | None:
    """The months in decimal years, as R writes them: 1949.083 is February 1949. None for other numbers."""
    if values.min() < FIRST_YEAR or values.max() > LAST_YEAR:
        return None
    months = np.rint(values * 12)
    if np.abs(values * 12 - months).max() > MAX_MONTH_ERROR:
        return None
    return (months.astype(np.int64) - 1970 * 12).astype("datetime64[M]").astype("datetime64[ns]")


READERS: tuple[Callable[[Floats], Times | None], ...] = (
    _years,
    _year_months,
    _year_weeks,
    _days,
    _days_with_clock,
    _since_1970,
    _decimal_years,
)
"""Functions that read numbers as times, or return None. They are tried in this order."""
