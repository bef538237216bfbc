"""Time written as bare numbers: years, 194901, 19490131, seconds since 1970, 1949.083, or counted steps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from forecast_cli.panel.calendar import FIRST_YEAR, LAST_YEAR
from forecast_cli.panel.reading.columns import Column
from forecast_cli.panel.reading.dates import Stamps

Floats = NDArray[np.float64]
Times = NDArray[np.datetime64]
EPOCH_UNITS = (("s", 1e8, 9.2e9), ("ms", 1e11, 9.2e12), ("us", 1e14, 9.2e15), ("ns", 1e17, 9.2e18))
"""Units since 1970 and the numbers they make from 1973 to 2261; the ranges do not meet."""

FIRST_CLOCKED_YEAR = 1900
"""Earlier years with their month, day and hour look like the seconds since 1970 of our days."""
SPREADSHEET_DAYS = (20_000, 80_000)
"""Days since 1899-12-30, as spreadsheets count them, from 1954 to 2119."""


def number_axis(column: Column, trusted: bool) -> Stamps | None:
    """The times that a column of numbers stands for: datetime64[ns], or int64 steps; None if it is no time.

    trusted: the column's name says that it is the time; otherwise its content has to prove it, by advancing
             evenly from row to row
    """
    numbers = column.numbers
    there = ~numbers.missing
    if column.kind != "number" or numbers.bad.any() or not np.isfinite(numbers.values[there]).all():
        return None
    values = numbers.values[there]
    times = next((t for read in READERS if (t := read(values)) is not None), None)
    if times is not None and (trusted or _advances_evenly(times.astype(np.int64))):
        local = np.full(len(there), "NaT", dtype="datetime64[ns]")
        local[there] = times
        return _stamps(local, numbers.missing)
    if trusted or column.counts_rows or _counts_up(values):
        steps = _steps(values, numbers.missing)
        return replace(steps, note=_spreadsheet_note(values)) if steps is not None else None
    return None


def _stamps(local: NDArray[np.datetime64] | NDArray[np.int64], missing: NDArray[np.bool_]) -> Stamps:
    nowhere = np.zeros(len(missing), dtype=bool)
    return Stamps(local, local, missing, nowhere, nowhere)


def _spreadsheet_note(values: Floats) -> str:
    if not _whole_between(values, *SPREADSHEET_DAYS):
        return ""
    day = np.datetime64("1899-12-30") + int(values[0])
    return f"steps are counted; if {values[0]:.0f} stands for {day}, as in a spreadsheet, write dates as text"


def _steps(values: Floats, missing: NDArray[np.bool_]) -> Stamps | None:
    """Counted steps. Those that advance by 10 or by 0.5 are counted anew from 1."""
    distinct = np.unique(values)
    if len(distinct) < 2:
        return None
    gaps, counts = np.unique(np.diff(distinct).round(9), return_counts=True)
    step = float(gaps[np.argmax(counts)])
    counted = (values - distinct[0]) / step
    if step <= 0 or np.abs(counted - np.rint(counted)).max() > 0.01 or counted.max() > 1e9:
        return None
    steps = np.zeros(len(missing), dtype=np.int64)
    unit = step == 1 and values[0] % 1 == 0
    steps[~missing] = np.rint(values if unit else counted + 1).astype(np.int64)
    return _stamps(steps, missing)


def _counts_up(values: Floats) -> bool:
    """Whether the numbers run 1, 2, 3, ..., afresh for each series of a long file."""
    steps = np.diff(values)
    starts = np.concatenate([values[:1], values[1:][steps <= 0]])
    ups = steps[steps > 0]
    return len(ups) >= 2 and bool((ups == 1).mean() > 0.95) and bool(np.isin(starts, (0, 1)).all())


def _advances_evenly(times: NDArray[np.int64]) -> bool:
    steps = np.diff(times)
    forward = steps[steps > 0]
    if len(forward) < 2 or len(forward) < 0.8 * len(steps):
        return False
    return bool((np.rint(forward / np.median(forward)) == 1).mean() > 0.8)


def _whole_between(values: Floats, low: float, high: float) -> bool:
    return bool((values % 1 == 0).all() and values.min() >= low and values.max() <= high)


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


def _clocked_days(values: Floats) -> Times | None:
    """2024012013 is an hour of a day; so are 202401201330 a minute and 20240120133059 a second."""
    for digits in (2, 4, 6):
        days = _days(values // 10**digits)
        if days is None or (values < FIRST_CLOCKED_YEAR * 10.0 ** (4 + digits)).any() or (values % 1 != 0).any():
            continue
        clock = (values % 10**digits).astype(np.int64) * 10 ** (6 - digits)
        minutes, seconds = clock // 100 % 100, clock % 100
        if clock.max() <= 240_000 and minutes.max() < 60 and seconds.max() < 60:
            since_midnight = clock // 10_000 * 3600 + minutes * 60 + seconds
            times: Times = days + since_midnight.astype("timedelta64[s]")
            return times
    return None


def _epoch(values: Floats) -> Times | None:
    for unit, low, high in EPOCH_UNITS:
        if low <= values.min() and values.max() <= high:
            # A double holds nanoseconds since 1970 to a quarter microsecond only.
            micros = np.rint(values * {"s": 1e6, "ms": 1e3, "us": 1.0, "ns": 1e-3}[unit])
            return micros.astype(np.int64).astype("datetime64[us]").astype("datetime64[ns]")
    return None


def _decimal_years(values: Floats) -> Times | None:
    """1949.083 is February 1949, as R writes the time of a monthly series."""
    if values.min() < FIRST_YEAR or values.max() > LAST_YEAR:
        return None
    months = np.rint(values * 12)
    if np.abs(values * 12 - months).max() > 0.05:
        return None
    return (months.astype(np.int64) - 1970 * 12).astype("datetime64[M]").astype("datetime64[ns]")


READERS: tuple[Callable[[Floats], Times | None], ...] = (
    _years,
    _year_months,
    _days,
    _clocked_days,
    _epoch,
    _decimal_years,
)
