"""What the ledger keeps and gives back, as frozen values."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from forecast_cli.bundle.arrays import pack_arrays, unpack_arrays
from forecast_cli.forecasting import Forecast
from forecast_cli.panel.panel import Panel

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

GOOD = ("forecast", "unchanged")
OUTCOMES = (*GOOD, "failed", "timeout", "interrupted", "died")
UNFINISHED = "unfinished"
"""What stands in the place of an outcome for a run that is going on, or that was killed."""

SEEN_POINTS = 1000
"""How much of the end of each series is remembered, to tell by it what has changed since."""


@dataclass(frozen=True)
class JobRun:
    """How one job of a run ended.

    outcome:   one of OUTCOMES
    stage:     what was being done when it ended
    last:      the last time in the data, as text
    model:     the version of the model that forecast
    training:  "" (not due), "trained", or "kept" (the old model was better than a new one)
    scored:    how many earlier forecasts were given their actual value
    noticed:   what was warned of, None where nothing was
    """

    run_id: str
    job: str
    started: datetime
    ended: datetime
    outcome: str
    stage: str | None = None
    message: str | None = None
    fingerprint: str | None = None
    last: str | None = None
    series: int | None = None
    points: int | None = None
    model: str | None = None
    training: str = ""
    scored: int = 0
    noticed: str | None = None

    @property
    def well(self) -> bool:
        """Whether it ended as it should."""
        return self.outcome in GOOD

    @property
    def unfinished(self) -> bool:
        return self.outcome == UNFINISHED


@dataclass(frozen=True)
class ModelRow:
    """The model that a job forecast with.

    trained_to:  the last time of the data that it learned from, as text
    mase:        its error on what was held out when it was trained, None where nothing was
    """

    job: str
    version: str
    created: datetime
    trained_to: str | None = None
    mase: float | None = None


@dataclass(frozen=True)
class ForecastRow:
    """A forecast of n series over h steps, and what it will be measured by.

    model:        the version of the model that made it
    fingerprint:  of the data that it was made from
    naive:        (n, h) what repeating the last season says, see `evaluation.naive`
    scale:        (n,) see `evaluation.metrics.naive_scale`, of the same data
    """

    model: str
    fingerprint: str
    made: datetime
    forecast: Forecast
    naive: Floats
    scale: Floats

    @property
    def dated(self) -> bool:
        return self.forecast.times.dtype.kind == "M"


@dataclass(frozen=True)
class Seen:
    """What the data of a job looked like when they were last read.

    since:    when a run first saw these very data
    columns:  the columns of the file
    panel:    the last `SEEN_POINTS` points of each series
    lengths:  (n,) points of each whole series
    """

    fingerprint: str
    since: datetime
    columns: tuple[str, ...]
    panel: Panel
    lengths: Ints

    @classmethod
    def of(cls, panel: Panel, fingerprint: str, since: datetime, columns: tuple[str, ...]) -> Seen:
        """What is to be remembered of `panel`, the whole data."""
        return cls(fingerprint, since, columns, panel.tail(SEEN_POINTS), panel.lengths)


@dataclass(frozen=True)
class Evidence:
    """How the latest forecasts of a model turned out.

    mase:        mean of |error| / scale over the points whose actual value is known, NaN where there is none
    naive_mase:  the same of the naive forecast
    points:      how many points that is
    """

    mase: float
    naive_mase: float
    points: int


def as_counts(times: NDArray[np.generic]) -> Ints:
    """Times of any shape as the ledger keeps them: ns since 1970 where they are dates, otherwise step numbers."""
    return times.astype("datetime64[ns]").astype(np.int64) if times.dtype.kind == "M" else times.astype(np.int64)


def packed(seen: Seen) -> bytes:
    """The arrays of `seen`, small: the times as their differences, which repeat themselves."""
    panel = seen.panel
    arrays = {
        "ids": panel.ids.astype(str),
        "indptr": panel.indptr,
        "steps": np.diff(as_counts(panel.times), prepend=0),
        "values": panel.values,
        "lengths": seen.lengths,
    }
    return zlib.compress(pack_arrays(arrays), level=1)


def unpacked(
    content: bytes, fingerprint: str, since: datetime, columns: tuple[str, ...], freq: str, season: int, tz: str | None
) -> Seen:
    """The inverse of `packed`. Raises ModelError, zlib.error, KeyError or ValueError for other bytes."""
    arrays = unpack_arrays(zlib.decompress(content))
    times = np.cumsum(arrays["steps"])
    panel = Panel(arrays["ids"], freq, season, arrays["indptr"], times, arrays["values"], tz)
    if panel.dated:
        panel = Panel(panel.ids, freq, season, panel.indptr, times.astype("datetime64[ns]"), panel.values, tz)
    return Seen(fingerprint, since, columns, panel, arrays["lengths"])
