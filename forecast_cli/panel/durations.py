"""Durations in nanoseconds, and the days of the week."""

from __future__ import annotations

SECOND = 1_000_000_000
MINUTE, HOUR, DAY = 60 * SECOND, 3600 * SECOND, 86_400 * SECOND

WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
EPOCH_WEEKDAY = 3
"""The weekday of 1970-01-01 as an index in WEEKDAYS: 3, because it was a Thursday."""
