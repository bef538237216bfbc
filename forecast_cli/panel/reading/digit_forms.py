"""Read times that are written in digits only.

Examples: 1949 (year), 194901 (month), 19490131 and 490131 (day), 1949031 (day of the year), 1949.083 (February 1949),
and seconds since 1970.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from forecast_cli.panel.arrays import Floats
from forecast_cli.panel.calendar import FIRST_YEAR, LAST_YEAR
from forecast_cli.panel.durations import DAY
from forecast_cli.panel.reading.dates import days_of_year, with_century
from forecast_cli.panel.reading.weeks import first_days_of_weeks

Times = NDArray[np.datetime64]
EPOCH_UNITS = (("s", 1e8, 9.2e9), ("ms", 1e11, 9.2e12), ("us", 1e14, 9.2e15), ("ns", 1e17, 9.2e18))
"""(unit, lowest, highest count since 1970), for 1973 to 2261. The ranges do not overlap."""
FIRST_YEAR_WITH_CLOCK = 1900
"""Earlier years with month, day and hour in digits look like seconds since 1970."""
MIN_EVENNESS, MAX_USUAL_STEP = 0.7, 366 * DAY
"""Six digits are days in the order 310124 or 013124 only if more than a fraction MIN_EVENNESS of the steps are about
equal, and if the median step is at most MAX_USUAL_STEP, in nanoseconds."""
MAX_MONTH_ERROR = 0.05
"""Maximum distance of decimal years from a whole month, in months."""


def times_in_digits(values: Floats, *, six_digits: bool, dated: bool) -> Times | None:
    """The times (rows,) that numbers (rows,) stand for, in the first form that fits all of them; None if no form does.

    six_digits: whether all numbers are written with six digits. They may then be days: 200131, 310120 and 013120 are
                31 January 2020. If another form fits too, such as months, the one with more equal steps is used
    dated:      whether the numbers are known to be dates. If not, numbers with a constant step may be counts. They are
                then not read as days of six digits, or as days of a year (2001031)
    """
    counting = not dated and len(np.unique(np.diff(np.unique(values)))) <= 1
    readers = (_years, _year_months, _year_weeks, _days, days_with_clock, _since_1970, _decimal_years)
    times = next((times for read in readers if (times := read(values)) is not None), None)
    if counting:
        return times
    short = _short_days(values) if six_digits else None
    if times is None:
        return _days_of_years(values) if short is None else short
    return times if short is None or _evenness(short) <= _evenness(times) else short


def read_by_name(values: Floats, part: str, epidemic: bool) -> tuple[Times, NDArray[np.bool_]] | None:
    """Read quarters (200103, 20013, 2001.3) or weeks (202105), if the column's name shows that it holds them.

    part:     the part of a date that the column's name stands for, such as "week" or "year and quarter"
    epidemic: whether weeks are numbered as in US health reports (MMWR)

    Returns the first day of each quarter or week (rows,), and True for weeks that do not exist (rows,). Returns None if
    `part` is neither quarters nor weeks, or if the numbers have another form.
    """
    if values.max(initial=0) > LAST_YEAR * 100 + 99:
        return None
    if part in ("quarter", "year and quarter"):
        for numbers, digits in ((values, 100), (values, 10), ((values * 10).round(6), 10)):
            if whole_between(numbers, FIRST_YEAR * digits + 1, LAST_YEAR * digits + 4):
                years, quarters = np.divmod(numbers.astype(np.int64), digits)
                months = (years - 1970) * 12 + 3 * quarters - 3
                if (quarters >= 1).all() and (quarters <= 4).all():
                    return months.astype("datetime64[M]").astype("datetime64[ns]"), np.zeros(len(values), dtype=bool)
    if part in ("week", "year and week") and whole_between(values, FIRST_YEAR * 100, LAST_YEAR * 100 + 53):
        years, weeks = np.divmod(values.astype(np.int64), 100)
        if (weeks <= 53).all():
            days, bad = first_days_of_weeks(years, weeks, epidemic=epidemic)
            return days.astype("datetime64[D]").astype("datetime64[ns]"), bad
    return None


def _year_weeks(values: Floats) -> Times | None:
    """The first days of weeks such as 202105; None if a number has another form, or if a week does not exist."""
    weeks = read_by_name(values, "week", epidemic=False)
    return None if weeks is None or weeks[1].any() else weeks[0]


def _years(values: Floats) -> Times | None:
    if not whole_between(values, FIRST_YEAR, LAST_YEAR):
        return None
    return (values.astype(np.int64) - 1970).astype("datetime64[Y]").astype("datetime64[ns]")


def _year_months(values: Floats) -> Times | None:
    if not whole_between(values, FIRST_YEAR * 100 + 1, LAST_YEAR * 100 + 12):
        return None
    years, months = np.divmod(values.astype(np.int64), 100)
    if months.min() < 1 or months.max() > 12:
        return None
    return ((years - 1970) * 12 + months - 1).astype("datetime64[M]").astype("datetime64[ns]")


def _days(values: Floats) -> Times | None:
    if not whole_between(values, FIRST_YEAR * 10_000 + 101, LAST_YEAR * 10_000 + 1231):
        return None
    months = _year_months(values // 100)
    days = values.astype(np.int64) % 100
    if months is None or days.min() < 1:
        return None
    dates = months.astype("datetime64[D]") + (days - 1)
    same_month = dates.astype("datetime64[M]") == months.astype("datetime64[M]")
    return dates.astype("datetime64[ns]") if same_month.all() else None


def days_with_clock(values: Floats) -> Times | None:
    """The times in numbers such as 2024012013, 202401201330 or 20240120133059; None if one has another form."""
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
    """The months in decimal years, as R writes them: 1949.083 is February 1949. None if a number has another form."""
    if values.min() < FIRST_YEAR or values.max() > LAST_YEAR:
        return None
    months = np.rint(values * 12)
    if np.abs(values * 12 - months).max() > MAX_MONTH_ERROR:
        return None
    return (months.astype(np.int64) - 1970 * 12).astype("datetime64[M]").astype("datetime64[ns]")


def _short_days(values: Floats) -> Times | None:
    """The days that numbers of six digits stand for, such as 240131, 310124 or 013124. Returns None if no order fits.

    If several orders fit, the one with the largest fraction of about equal steps (see `_evenness`) is used; if two have
    the same fraction, the one with shorter steps. The orders of 310124 and 013124 fit only if this fraction is above
    MIN_EVENNESS, and if the median step is MAX_USUAL_STEP or shorter.
    """
    if not whole_between(values, 101, 999_999):
        return None
    first, rest = np.divmod(values.astype(np.int64), 10_000)
    middle, last = np.divmod(rest, 100)
    orders = ((first, middle, last), (last, middle, first), (last, first, middle))
    usual, *others = (_days(10_000.0 * with_century(year) + 100 * month + day) for year, month, day in orders)
    possible = [times for times in others if times is not None and _evenness(times) > MIN_EVENNESS]
    possible = [times for times in possible if 0 < _usual_step(times) <= MAX_USUAL_STEP]
    possible = possible if usual is None else [usual, *possible]
    return max(possible, key=lambda times: (_evenness(times), -_usual_step(times)), default=None)


def _days_of_years(values: Floats) -> Times | None:
    """The days that numbers such as 2024031 (year and day of the year) stand for. Returns None if one is not a day."""
    if not whole_between(values, FIRST_YEAR * 1000 + 1, LAST_YEAR * 1000 + 366):
        return None
    years, days = np.divmod(values.astype(np.int64), 1000)
    day_numbers, wrong = days_of_year(years, days)
    return None if wrong.any() else day_numbers.astype("datetime64[D]").astype("datetime64[ns]")


def _evenness(times: Times) -> float:
    """The fraction of steps between the distinct times that are 0.5 to 1.5 times as long as the median step, 0 to 1."""
    steps = np.diff(np.unique(times)).astype(np.int64)
    return float((np.rint(steps / np.median(steps)) == 1).mean()) if len(steps) else 0.0


def _usual_step(times: Times) -> float:
    return float(np.median(np.diff(np.unique(times)).astype(np.int64))) if len(np.unique(times)) > 1 else 0.0


def whole_between(values: Floats, low: float, high: float) -> bool:
    """Whether all numbers are whole, and from `low` to `high`."""
    return bool((values % 1 == 0).all() and values.min() >= low and values.max() <= high)
