"""Channels of the calendar: numbers that tell a network the hour, the weekday and the time of the year of a step."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from forecast_cli.options import CALENDAR_PARTS
from forecast_cli.panel.calendar import YEAR, calendar_of
from forecast_cli.panel.durations import DAY, EPOCH_WEEKDAY

Channels = NDArray[np.float32]
Times = NDArray[np.datetime64]

HARMONICS = 2
"""The number of pairs of sine and cosine for the hour and for the year."""


def usual_parts(freq: str) -> tuple[str, ...]:
    """The parts of the calendar that matter for a frequency, as names in CALENDAR_PARTS; none without dates.

    >>> usual_parts("h"), usual_parts("D"), usual_parts("W-SUN"), usual_parts("YS-JAN"), usual_parts("step")
    (('hour', 'weekday', 'year'), ('weekday', 'year'), ('year',), (), ())
    """
    calendar = calendar_of(freq)
    step = calendar.approximate_step
    if step is None:
        return ()
    longest = {"hour": DAY / 2 if calendar.has_clock else 0, "weekday": 3 * DAY, "year": YEAR / 2}
    return tuple(part for part in CALENDAR_PARTS if step <= longest[part])


def calendar_channels(times: Times, parts: Sequence[str]) -> Channels:
    """(k, channels) the channels of these parts of the calendar at each of the times (k,)."""
    return np.concatenate([np.empty((len(times), 0), np.float32), *(PARTS[part](times) for part in parts)], axis=1)


def channel_count(parts: Sequence[str]) -> int:
    """The number of channels of these parts."""
    return int(calendar_channels(np.array(["1970-01-01"], dtype="datetime64[ns]"), parts).shape[1])


def _hour(times: Times) -> Channels:
    return _waves(times.astype(np.int64) % DAY / DAY)


def _weekday(times: Times) -> Channels:
    """(k, 7) 1 for the weekday of the time, 0 for the others."""
    day = (times.astype(np.int64) // DAY + EPOCH_WEEKDAY) % 7
    return np.asarray(day[:, None] == np.arange(7), dtype=np.float32)


def _year(times: Times) -> Channels:
    start = times.astype("datetime64[Y]").astype("datetime64[ns]")
    return _waves((times - start).astype(np.int64) / YEAR)


def _waves(fraction: NDArray[np.float64]) -> Channels:
    """(k, 2 HARMONICS) sines and cosines of a fraction (k,) of a cycle, 0 to 1."""
    angles = 2 * np.pi * fraction[:, None] * np.arange(1, HARMONICS + 1)
    return np.concatenate([np.sin(angles), np.cos(angles)], axis=1).astype(np.float32)


PARTS: dict[str, Callable[[Times], Channels]] = {"hour": _hour, "weekday": _weekday, "year": _year}
"""Part of the calendar, one of CALENDAR_PARTS -> function from times (k,) to channels."""
