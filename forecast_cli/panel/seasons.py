"""The usual seasons of a frequency, such as 12 steps for months."""

from __future__ import annotations

from collections.abc import Sequence

from forecast_cli.panel.calendar import YEAR, calendar_of
from forecast_cli.panel.durations import DAY, HOUR, MINUTE, SECOND

DAYS_IN_WEEK = 7

BUSINESS_STEP = 7 / 5 * DAY
"""The mean distance between two business days, in nanoseconds."""


def season_length_of(freq: str) -> int:
    """The number of steps in the usual season of a frequency; 1 if it has none.

    The season is the minute for steps of 1 to 5 seconds, the hour for steps up to 4 minutes, the day up to 12 hours,
    the week up to 3 days, and the year for whole weeks, months, quarters and half-years. Other steps have none. Steps
    that do not divide their season have none either. A cycle, such as opening hours, has its own season.

    >>> [season_length_of(freq) for freq in ("h", "15min", "D", "B", "W-SUN", "MS", "QE-DEC", "YS-JAN")]
    [24, 96, 7, 5, 52, 12, 4, 1]
    >>> [season_length_of(freq) for freq in ("D@TUE-SUN", "h@MON-FRI.09:00-17:00", "SMS", "D@1,11,21", "8D@YS")]
    [6, 9, 24, 36, 46]
    """
    calendar = calendar_of(freq)
    if calendar.cycle:
        return calendar.cycle.season_length
    match calendar.unit:
        case "step":
            return 1
        case "month":
            return _steps_in(12, calendar.step)
        case "business day":
            return _steps_in(5, calendar.step)
    step = calendar.step
    if step % (7 * DAY) == 0:
        return _steps_in(52, step // (7 * DAY))
    if step < SECOND:
        return 1
    for cycle, longest_step in ((MINUTE, 5 * SECOND), (HOUR, 4 * MINUTE), (DAY, 12 * HOUR), (7 * DAY, 3 * DAY)):
        if step <= longest_step:
            return _steps_in(cycle, step)
    return 1


def long_seasons_of(freq: str) -> tuple[float, ...]:
    """Return the lengths of the usual seasons that are longer than `season_length_of`, in steps.

    For steps of at most three days, this is the year. Its length is not a whole number. Other steps have none.

    >>> [round(length, 1) for freq in ("h", "D", "B", "D@MON-SAT", "W-SUN", "MS") for length in long_seasons_of(freq)]
    [8765.8, 365.2, 260.9, 313.1]
    """
    calendar = calendar_of(freq)
    step = BUSINESS_STEP * calendar.step if calendar.unit == "business day" else calendar.approximate_step
    if step is None or calendar.unit == "month" or step > 3 * DAY or season_length_of(freq) * step > YEAR / 4:
        return ()
    return (YEAR / step,)


def long_seasons_given(freq: str, seasons: Sequence[float] | None) -> tuple[float, ...]:
    """The lengths of the long seasons of a panel, in steps: those that the user gave, or else the usual ones.

    seasons: the season lengths that the user gave, the first of which is not a long one; None if the user gave none
    """
    return long_seasons_of(freq) if seasons is None else tuple(seasons[1:])


def long_lag(freq: str, season_length: int, long_seasons: Sequence[float]) -> int:
    """Return the lag, in steps, to the same phase one long season ago, such as the same day of the week a year ago.

    It is the longest season, rounded to a multiple of the season length. If the season length is one day, it is rounded
    to whole weeks. Without a long season, it is the season length.

    >>> [long_lag(*case) for case in (("D", 7, [365.25]), ("h", 24, [8766]), ("B", 5, [260.9]), ("MS", 12, []))]
    [364, 8736, 260, 12]
    """
    if not long_seasons:
        return season_length
    step = calendar_of(freq).approximate_step
    is_day = step is not None and season_length * step == DAY
    unit = season_length * (DAYS_IN_WEEK if is_day else 1)
    return max(round(long_seasons[-1] / unit), 1) * unit


def _steps_in(cycle: int, step: int) -> int:
    """Return the number of steps in a season; 1 (no season) if it is not a whole number.

    cycle, step: the lengths of the season and of the step, in the same unit
    """
    return cycle // step if cycle % step == 0 else 1
