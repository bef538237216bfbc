"""The timestamps of one column, for one way to read its cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.panel.calendar import FIRST_YEAR, LAST_YEAR
from forecast_cli.panel.durations import DAY


@dataclass(frozen=True)
class Timestamps:
    """The timestamps of one column, for one reading: one way to understand its cells, such as day before month.

    local:    (rows,) datetime64[ns] in local time, NaT where missing or bad; or int64 step numbers
    utc:      (rows,) the same in UTC where a time zone is given
    missing:  (rows,) bool, cells without a date
    bad:      (rows,) bool, cells that are not a date, or not one from FIRST_YEAR to LAST_YEAR
    zoned:    (rows,) bool, cells with a time zone
    note:     what the user should know about this reading, or ""
    zones:    (rows,) str, the zones if they differ and not all can be converted to UTC; otherwise None
    """

    local: NDArray[Any]
    utc: NDArray[Any]
    missing: NDArray[np.bool_]
    bad: NDArray[np.bool_]
    zoned: NDArray[np.bool_]
    note: str = ""
    zones: NDArray[Any] | None = None

    @classmethod
    def of_days(
        cls,
        days: NDArray[np.datetime64],
        since_midnight: NDArray[np.int64] | int = 0,
        bad: NDArray[np.bool_] | bool = False,
    ) -> Timestamps:
        """The timestamps of days with times of day.

        days:           (rows,) datetime64[D]
        since_midnight: (rows,) the time of day in nanoseconds
        bad:            (rows,) True for rows whose date or time of day does not exist

        Days outside of FIRST_YEAR to LAST_YEAR are bad too.
        """
        years = days.astype("datetime64[Y]").astype(np.int64) + 1970
        bad = bad | (years < FIRST_YEAR) | (years > LAST_YEAR)
        local = (np.where(bad, 0, days.astype(np.int64)) * DAY + since_midnight).astype("datetime64[ns]")
        local[bad] = np.datetime64("NaT")
        no_row = np.zeros(len(days), dtype=bool)
        return cls(local, local, missing=no_row, bad=bad, zoned=no_row)

    @property
    def dated(self) -> bool:
        """True for dates, False for step numbers."""
        return bool(self.local.dtype.kind == "M")

    @property
    def valid_fraction(self) -> float:
        """The fraction of the non-missing cells that are dates; 0 if all are missing."""
        present = int((~self.missing).sum())
        return 1 - int(self.bad.sum()) / present if present else 0.0

    def take(self, rows: NDArray[np.intp]) -> Timestamps:
        """The timestamps of the rows at these indices."""
        return Timestamps(
            self.local[rows],
            self.utc[rows],
            self.missing[rows],
            self.bad[rows],
            self.zoned[rows],
            self.note,
            None if self.zones is None else self.zones[rows],
        )
