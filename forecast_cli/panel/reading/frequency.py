"""The frequency of stamps: the step that most of them keep, or the one to bring them to."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from forecast_cli.panel.calendar import (
    DAY,
    EPOCH_WEEKDAY,
    FIXED,
    HOUR,
    MINUTE,
    MONTH_NAMES,
    SECOND,
    WEEKDAYS,
    Calendar,
    calendar_of,
)

ROUND_STEPS = (
    *(n * SECOND for n in (1, 2, 5, 10, 15, 20, 30)),
    *(n * MINUTE for n in (1, 2, 5, 10, 15, 20, 30)),
    *(n * HOUR for n in (1, 2, 3, 4, 6, 8, 12)),
    DAY,
)
"""What irregular sampling is brought to: the next of these above the median step."""
JITTER = 0.1
"""The share of a step by which a clock may miss it."""
SPARSE_DAYS = 10
"""Days of the median step up to which scattered dates are days with gaps; a tenth of all days is about 7."""


def infer_freq(times: NDArray[np.datetime64], series: NDArray[np.intp]) -> tuple[str, bool]:
    """The frequency that most steps of all series together agree on, and whether they do.

    times:  (N,) datetime64[ns], ascending within each series, without duplicates
    series: (N,) the series of each, in blocks

    Where no step makes up half of them the sampling is irregular. Clock times are then brought to the next round
    step above the median one; scattered dates remain days, or months where all lie on the same day of a month,
    unless they are so far apart that whole months, quarters or years say more.
    """
    within = series[1:] == series[:-1]
    steps = np.diff(times).astype(np.int64)[within]
    if len(steps) == 0:
        return "D", False
    if np.median(steps) < 20 * HOUR:
        return _clock_freq(steps)
    return _day_freq(times, within)


def _majority(steps: NDArray[np.int64]) -> tuple[int, float]:
    """The most frequent step and its share."""
    values, counts = np.unique(steps, return_counts=True)
    best = int(np.argmax(counts))
    return int(values[best]), float(counts[best] / len(steps))


def _clock_freq(steps: NDArray[np.int64]) -> tuple[str, bool]:
    step, share = _majority(steps)
    if share >= 0.5:
        return _fixed_alias(step), True
    return _fixed_alias(_round_step(float(np.median(steps)))), False


def _round_step(step: float) -> int:
    return next((nice for nice in ROUND_STEPS if nice >= step * (1 - JITTER)), DAY)


def _fixed_alias(step: int) -> str:
    unit = next(name for name, size in FIXED.items() if name != "W" and step % size == 0)
    multiple = step // FIXED[unit]
    return unit if multiple == 1 else f"{multiple}{unit}"


def _day_freq(times: NDArray[np.datetime64], within: NDArray[np.bool_]) -> tuple[str, bool]:
    """A frequency of a day or longer; steps are rounded, as daylight saving shifts them by an hour."""
    steps = np.rint(np.diff(times).astype(np.int64)[within] / DAY).astype(np.int64)
    step, share = _majority(steps)
    dates = times.astype("datetime64[D]")
    weekdays = (dates.astype(np.int64) + EPOCH_WEEKDAY) % 7
    if share >= 0.5 and 1 <= step < 28:
        if step == 1 and _skips_weekends(weekdays, steps, within):
            return "B", True
        finer = _has_finer(steps, step)
        if step % 7 == 0 and not (finer and (steps % 7 != 0).mean() > 0.1):
            return _week_alias(weekdays, 1 if finer else step // 7), True
        return ("" if finer else _counted(step)) + "D", True
    months = times.astype("datetime64[M]").astype(np.int64)
    month_steps = (months[1:] - months[:-1])[within]
    month_step, month_share = _majority(month_steps)
    if step % 7 == 0 and share >= 0.8 and share > month_share - 0.05 and step != 0:
        return _week_alias(weekdays, step // 7), True
    if month_step > 0 and month_share >= 0.5:
        return _month_alias(dates, 1 if _has_finer(month_steps, month_step) else month_step), True
    if (steps % 7 == 0).mean() > 0.9 or (np.abs(steps - 7) <= 2).mean() > 0.8:
        return _week_alias(weekdays, 1), False
    median = float(np.median(steps))
    if median > SPARSE_DAYS and _keep_their_day(dates):
        return _month_alias(dates, int(np.gcd.reduce(month_steps))), False
    coarse = ((SPARSE_DAYS, "D"), (45, "MS"), (140, "QS-JAN"))
    return next((alias for days, alias in coarse if median <= days), "YS-JAN"), False


def _has_finer(steps: NDArray[np.int64], step: int) -> bool:
    """Whether some are so much shorter than the usual step that they belong to a finer grid."""
    return float((steps < 0.75 * step).mean()) > 0.1


def _skips_weekends(weekdays: NDArray[np.int64], steps: NDArray[np.int64], within: NDArray[np.bool_]) -> bool:
    """Whether there are weekends between the stamps and hardly a stamp on one."""
    from_friday = weekdays[:-1][within] == 4
    over_weekend = int((from_friday & (steps >= 3)).sum())
    return over_weekend > 0 and float((weekdays > 4).mean()) < 0.01


def _week_alias(weekdays: NDArray[np.int64], weeks: int) -> str:
    return f"{_counted(weeks)}W-{WEEKDAYS[_majority(weekdays)[0]]}"


def _share_on_edge(dates: NDArray[np.datetime64]) -> tuple[str, float]:
    """The edge of the month on which most dates lie, and their share."""
    months = dates.astype("datetime64[M]").astype(np.int64)
    edges = ("start", "end", "business start", "business end")
    fits = [float((Calendar("", "month", 1, edge).stamp(months) == dates).mean()) for edge in edges]
    best = int(np.argmax(fits))
    return edges[best], fits[best]


def _keep_their_day(dates: NDArray[np.datetime64]) -> bool:
    """Whether nearly all stand on one day of the month, as the first, the last or the 15th."""
    days = (dates - dates.astype("datetime64[M]")).astype(np.int64)
    return max(_majority(days)[1], _share_on_edge(dates)[1]) > 0.9


def _month_alias(dates: NDArray[np.datetime64], step: int) -> str:
    months = dates.astype("datetime64[M]").astype(np.int64)
    edge, share = _share_on_edge(dates)
    edge = edge if share > 0.5 else "start"
    letters = ("B" if edge.startswith("business") else "") + "{}" + ("E" if edge.endswith("end") else "S")
    anchor = _majority(months % 12)[0]
    if step % 12 == 0:
        return _counted(step // 12) + letters.format("Y") + f"-{MONTH_NAMES[anchor]}"
    if step == 3:
        # pandas names the quarters by the first month of the year that starts one, or ends the last one
        month = anchor % 3 if edge.endswith("start") else 9 + anchor % 3
        return letters.format("Q") + f"-{MONTH_NAMES[month]}"
    return _counted(step) + letters.format("M")


def _counted(multiple: int) -> str:
    return "" if multiple == 1 else str(multiple)


def coverage(times: NDArray[np.datetime64], series: NDArray[np.intp]) -> float:
    """The share of the inferred grid, from first stamp to last in each series, that has a stamp (0 to 1)."""
    order = np.lexsort((times, series))
    times, series = times[order], series[order]
    fresh = np.r_[True, (times[1:] != times[:-1]) | (series[1:] != series[:-1])] if len(times) else []
    times, series = times[fresh], series[fresh]
    calendar = calendar_of(infer_freq(times, series)[0])
    counts = calendar.count(times)
    within = series[1:] == series[:-1]
    steps = np.diff(counts)[within] / calendar.step
    return float(len(steps) / steps.sum()) if len(steps) else 0.0
