"""Infer the frequency of timestamps.

A step here is the distance between two neighbouring timestamps of a series. If at least half of the steps are equal,
this step is the frequency. Otherwise a round step, such as 10 minutes, is chosen, and the values are resampled to it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.panel.calendar import ALIAS_NS, MONTH_NAMES, Calendar, calendar_of, elapsed
from forecast_cli.panel.cycle import Cycle
from forecast_cli.panel.cycle_text import cycle_text
from forecast_cli.panel.durations import DAY, EPOCH_WEEKDAY, HOUR, MINUTE, SECOND, WEEKDAYS
from forecast_cli.panel.panel import UNDATED
from forecast_cli.panel.reading.cycles import (
    MAX_STRAY_FRACTION,
    learn_fiscal_year,
    learn_month,
    learn_week,
    learn_year,
)

ROUND_STEPS = (
    *(n * SECOND // 1000 for n in (1, 2, 5, 10, 20, 50, 100, 200, 500)),
    *(n * SECOND for n in (1, 2, 5, 10, 15, 20, 30)),
    *(n * MINUTE for n in (1, 2, 5, 10, 15, 20, 30)),
    *(n * HOUR for n in (1, 2, 3, 4, 6, 8, 12)),
    DAY,
)
"""Round steps in nanoseconds. Irregular times get the shortest of them that is at least 90 % of their median step."""
MAX_JITTER_FRACTION = 0.1
"""A time is on the time grid if its distance from a step is at most this fraction of a step."""
MIN_MAJORITY_FRACTION = 0.5
"""Times are regular if at least this fraction of their steps are equal."""
MAX_FILLED_FRACTION = 0.97
"""If at least this fraction of steps of constant length, shorter than a day, have a timestamp, no cycle is searched."""
MIN_WEEK_STEPS = 6
"""A frequency of weeks needs at least this many steps. With fewer, steps of 4 weeks, for example, may be months."""
MIN_RELATIVE_COVERAGE = 0.9
"""A cycle must fit about as well as a constant step: the fraction of its steps that have a timestamp must be at least
0.9 times the fraction for the constant step."""
MAX_SPARSE_STEP_DAYS = 10
"""Irregular dates are daily data with gaps if the median distance between two dates is at most this many days."""
MAX_MEDIAN_STEP_DAYS = ((MAX_SPARSE_STEP_DAYS, "D"), (45, "MS"), (140, "QS-JAN"))
"""(longest median step in days, frequency) of irregular dates: days, months or quarters. With longer steps: years."""


def infer_freq(times: NDArray[np.datetime64], series: NDArray[np.intp]) -> tuple[str, bool]:
    """Infer the frequency of the times. Returns the frequency, and whether the times are regular.

    - Regular times, with at least half of their steps equal: the most frequent step.
    - Irregular times with a median step below 20 hours: the round step next to the median step (see ROUND_STEPS).
    - Other irregular times: weeks, if most steps are about one week or whole weeks; months, if nearly all dates are on
      the same day of the month. Otherwise the median step decides: days, months, quarters or years.
    - Steps that are not constant: a cycle such as opening hours, if it fits about as well. Such times are regular.
    - No two times in one series: "D", irregular.

    times:  (N,) datetime64[ns], ascending within each series, without duplicates
    series: (N,) the series of each time, as a number; times of one series are adjacent
    """
    same_series = series[1:] == series[:-1]
    steps = _steps(times)[same_series]
    if len(steps) == 0:
        return "D", False
    below_20_hours = bool(np.median(steps) < 20 * HOUR)
    freq, regular = _clock_freq(steps) if below_20_hours else _day_freq(times, same_series)
    filled = _filled(freq, times, same_series)
    constant = freq == "B" or (below_20_hours and filled >= MAX_FILLED_FRACTION)
    cycle = None if constant else _learn_cycle(times, below_20_hours, steps)
    if cycle is None:
        return freq, regular
    cyclic = cycle_text(cycle)
    as_filled = _filled(cyclic, times, same_series) >= MIN_RELATIVE_COVERAGE * filled
    as_exact = _on_grid(cyclic, times) >= _on_grid(freq, times) - MAX_STRAY_FRACTION
    return (cyclic, True) if as_filled and as_exact else (freq, regular)


def infer_step(times: NDArray[np.int64], series: NDArray[np.intp]) -> str:
    """The frequency of step numbers: "step" for 1, 2, 3, ...; "10step" if all differences are multiples of 10.

    times:  (N,) int64, ascending within each series
    series: (N,) the series of each time, as a number; times of one series are adjacent
    """
    steps = np.diff(times)[series[1:] == series[:-1]]
    return _multiple(int(np.gcd.reduce(steps)) or 1) + UNDATED


def filled_fraction(times: NDArray[np.datetime64], series: NDArray[np.intp]) -> float:
    """The fraction of the time grid's steps that have a timestamp, 0 to 1. The frequency of the grid is inferred.

    The steps from the first to the last time of each series are counted.

    times:  (N,) datetime64[ns], in any order
    series: (N,) the series of each time, as a number
    """
    order = np.lexsort((times, series))
    times, series = times[order], series[order]
    distinct = np.r_[True, (times[1:] != times[:-1]) | (series[1:] != series[:-1])] if len(times) else []
    times, series = times[distinct], series[distinct]
    return _filled(infer_freq(times, series)[0], times, series[1:] == series[:-1])


def _filled(freq: str, times: NDArray[np.datetime64], same_series: NDArray[np.bool_]) -> float:
    """How completely timestamps fill the steps of a frequency: timestamps per step, 0 to 1.

    In each series, the first timestamp and its step are not counted: the days 1 and 3 give 1 / 2. Several timestamps in
    one step all count, so they can hide gaps. 0 if no series has two timestamps.

    times:       (N,) datetime64[ns], ascending within each series
    same_series: (N - 1,) whether each time, from the second on, is of the same series as the one before
    """
    calendar = calendar_of(freq)
    counts = calendar.count(times)
    steps = elapsed(counts[1:], counts[:-1])[same_series] / calendar.step
    return float(len(steps) / max(steps.sum(), len(steps))) if len(steps) else 0.0


def _on_grid(freq: str, times: NDArray[np.datetime64]) -> float:
    """The fraction of times (N,) that are exactly on a step of a frequency, 0 to 1.

    If steps are a day or longer, only the days are compared. Steps of constant length may start at any time: the start
    that most times fit is used.
    """
    calendar = calendar_of(freq)
    exactness = "datetime64[ns]" if calendar.has_clock else "datetime64[D]"
    if calendar.unit == "ns":
        return _most_frequent(calendar.count(times.astype(exactness)) % calendar.step)[1]
    return float((calendar.stamp(calendar.count(times)).astype(exactness) == times.astype(exactness)).mean())


def _learn_cycle(times: NDArray[np.datetime64], below_20_hours: bool, steps: NDArray[np.uint64]) -> Cycle | None:
    """The cycle of times, such as opening hours; None if they have no cycle.

    If all steps are multiples of the most frequent one, the times have no cycle, unless this step is at most one day.

    times:       (N,) datetime64[ns]
    below_20_hours: whether the median step is below 20 hours
    steps:       nanoseconds from each time to the next of the same series
    """
    if below_20_hours:
        return learn_week(times)
    dates = times.astype("datetime64[D]")
    one_clock = len(np.unique(times - dates)) == 1
    days = np.rint(steps / DAY).astype(np.int64)
    usual = _most_frequent(days)[0]
    constant = usual > 0 and not (days % usual).any()
    if constant:
        return learn_week(times if one_clock else dates) if usual == 1 else None
    return (
        learn_month(dates)
        or learn_week(times if one_clock else dates)
        or learn_year(dates, usual)
        or learn_fiscal_year(dates)
    )


def _steps(times: NDArray[np.datetime64]) -> NDArray[np.uint64]:
    """(N - 1,) nanoseconds from each time to the next. Elements between the last time of a series and the first of the
    next have no meaning."""
    since_1970 = times.astype(np.int64)
    return elapsed(since_1970[1:], since_1970[:-1])


def _most_frequent(steps: NDArray[np.integer[Any]]) -> tuple[int, float]:
    """The most frequent of some integers, and the fraction of all that equal it."""
    values, counts = np.unique(steps, return_counts=True)
    best = int(np.argmax(counts))
    return int(values[best]), float(counts[best] / len(steps))


def _clock_freq(steps: NDArray[np.uint64]) -> tuple[str, bool]:
    """The frequency of steps shorter than a day, in nanoseconds, and whether at least half of the steps equal it."""
    step, fraction = _most_frequent(steps)
    if fraction >= MIN_MAJORITY_FRACTION:
        return _clock_alias(step), True
    return _clock_alias(_round_step(float(np.median(steps)))), False


def _round_step(step: float) -> int:
    return next((round_step for round_step in ROUND_STEPS if round_step >= step * (1 - MAX_JITTER_FRACTION)), DAY)


def _clock_alias(step: int) -> str:
    unit = next(name for name, size in ALIAS_NS.items() if name != "W" and step % size == 0)
    return _multiple(step // ALIAS_NS[unit]) + unit


def _day_freq(times: NDArray[np.datetime64], same_series: NDArray[np.bool_]) -> tuple[str, bool]:
    """The frequency of times whose steps are a day or longer, and whether the times are regular.

    They are regular if at least half of the steps are equal, or if over 60 % of the dates fit a grid of weeks.

    times:       (N,) datetime64[ns], ascending within each series
    same_series: (N - 1,) whether each time, from the second on, is of the same series as the one before
    """
    # Rounded, as daylight saving time moves days by an hour.
    steps = np.rint(_steps(times)[same_series] / DAY).astype(np.int64)
    step, fraction = _most_frequent(steps)
    dates = times.astype("datetime64[D]")
    weekdays = (dates.astype(np.int64) + EPOCH_WEEKDAY) % 7
    if fraction >= MIN_MAJORITY_FRACTION and 1 <= step < 28:
        if step == 1 and _skips_weekends(weekdays, steps, same_series):
            return "B", True
        finer = _has_finer(steps, step)
        if step % 7 == 0 and not (finer and (steps % 7 != 0).mean() > 0.1):
            return _week_alias(weekdays, 1 if finer else step // 7), True
        return ("" if finer else _multiple(step)) + "D", True
    months = times.astype("datetime64[M]").astype(np.int64)
    month_steps = (months[1:] - months[:-1])[same_series]
    month_step, month_fraction = _most_frequent(month_steps)
    weeks = step > 0 and step % 7 == 0
    if weeks and len(steps) >= MIN_WEEK_STEPS and _on_grid(_week_alias(weekdays, step // 7), times) > 0.6:
        return _week_alias(weekdays, step // 7), True
    if weeks and fraction >= 0.8 and fraction > month_fraction - 0.05:
        return _week_alias(weekdays, step // 7), True
    if month_step > 0 and month_fraction >= MIN_MAJORITY_FRACTION:
        return _month_alias(dates, 1 if _has_finer(month_steps, month_step) else month_step), True
    if (steps % 7 == 0).mean() > 0.9 or (np.abs(steps - 7) <= 2).mean() > 0.8:
        return _week_alias(weekdays, 1), False
    median = float(np.median(steps))
    if median > MAX_SPARSE_STEP_DAYS and _keep_day_of_month(dates):
        return _month_alias(dates, int(np.gcd.reduce(month_steps))), False
    return next((alias for days, alias in MAX_MEDIAN_STEP_DAYS if median <= days), "YS-JAN"), False


def _has_finer(steps: NDArray[np.int64], step: int) -> bool:
    """Whether more than a tenth of the steps are shorter than 3/4 of `step`, so that the time grid must be finer."""
    return float((steps < 0.75 * step).mean()) > 0.1


def _skips_weekends(weekdays: NDArray[np.int64], steps: NDArray[np.int64], same_series: NDArray[np.bool_]) -> bool:
    """Whether dates are business days: some steps skip a weekend, and under 1 % of the dates are on weekends.

    weekdays:    (N,) 0 for Monday to 6 for Sunday
    steps:       days from each date to the next of the same series
    same_series: (N - 1,) whether each date, from the second on, is of the same series as the one before
    """
    from_friday = weekdays[:-1][same_series] == 4
    over_weekend = int((from_friday & (steps >= 3)).sum())
    return over_weekend > 0 and float((weekdays > 4).mean()) < 0.01


def _week_alias(weekdays: NDArray[np.int64], weeks: int) -> str:
    return f"{_multiple(weeks)}W-{WEEKDAYS[_most_frequent(weekdays)[0]]}"


def _most_common_edge(dates: NDArray[np.datetime64]) -> tuple[str, float]:
    """The day at an edge of the month that most dates are on, and the fraction of dates on it.

    The day is "start", "end", "business start" (first business day) or "business end" (last business day).
    """
    months = dates.astype("datetime64[M]").astype(np.int64)
    edges = ("start", "end", "business start", "business end")
    fractions = [float((Calendar("", "month", 1, edge).stamp(months) == dates).mean()) for edge in edges]
    best = int(np.argmax(fractions))
    return edges[best], fractions[best]


def _keep_day_of_month(dates: NDArray[np.datetime64]) -> bool:
    """Whether over 90 % of the dates are on the same day of the month: the first, the 15th or the last, for example."""
    days = (dates - dates.astype("datetime64[M]")).astype(np.int64)
    return max(_most_frequent(days)[1], _most_common_edge(dates)[1]) > 0.9


def _month_alias(dates: NDArray[np.datetime64], step: int) -> str:
    months = dates.astype("datetime64[M]").astype(np.int64)
    edge, fraction = _most_common_edge(dates)
    edge = edge if fraction > 0.5 else "start"
    alias = ("B" if edge.startswith("business") else "") + "{}" + ("E" if edge.endswith("end") else "S")
    anchor = _most_frequent(months % 12)[0]
    if step % 12 == 0:
        return _multiple(step // 12) + alias.format("Y") + f"-{MONTH_NAMES[anchor]}"
    if step == 3:
        # pandas names quarters by the first month of a year that starts one, or the last that ends one.
        month = anchor % 3 if edge.endswith("start") else 9 + anchor % 3
        return alias.format("Q") + f"-{MONTH_NAMES[month]}"
    return _multiple(step) + alias.format("M")


def _multiple(number: int) -> str:
    """The number at the start of a frequency's text: "15" of "15min"; "" for 1."""
    return "" if number == 1 else str(number)
