"""The records of the ledger as dataclasses, and how they are stored in the database."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.bundle.arrays import pack_arrays, unpack_arrays
from forecast_cli.forecasting import Forecast
from forecast_cli.outcomes import JobRun
from forecast_cli.panel.panel import Panel
from forecast_cli.words import utc_text

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SNAPSHOT_POINTS = 1000
"""The number of last points of each series that a snapshot keeps."""

JOB_RUN_FIELDS = (
    "run_id",
    "job",
    "outcome",
    "stage",
    "message",
    "fingerprint",
    "last",
    "series",
    "points",
    "model",
    "training",
    "scored",
)
"""The fields of a JobRun that the ledger stores without converting them."""

JOB_RUN_COLUMNS = (*JOB_RUN_FIELDS, "started", "ended", "noticed")


@dataclass(frozen=True)
class ModelRow:
    """A model that made a forecast of a job.

    job:         the name of the job
    version:     the version of the model: a digest of its bundle
    created:     when the model was saved
    trained_to:  the last time of its training data, as text
    mase:        its MASE on the holdout when it was trained; None without a holdout
    """

    job: str
    version: str
    created: datetime
    trained_to: str | None = None
    mase: float | None = None


@dataclass(frozen=True)
class ForecastRow:
    """A forecast of n series over h steps, and what is needed to score it later.

    model:        the version of the model
    fingerprint:  the SHA-256 of the data that the forecast continues, with covariates after their last points
    made:         when the forecast was made
    forecast:     the forecast itself
    naive:        (n, h) the seasonal naive forecast
    scale:        (n,) the divisor of errors in the MASE: the mean absolute difference between values one season apart
    factors:      level of an interval in percent -> the factor by which its width was multiplied; the forecast has no
                  intervals of other levels in the ledger
    """

    model: str
    fingerprint: str
    made: datetime
    forecast: Forecast
    naive: Floats
    scale: Floats
    factors: dict[float, float] = field(default_factory=dict)

    @property
    def dated(self) -> bool:
        return self.forecast.times.dtype.kind == "M"


@dataclass(frozen=True)
class AnomalyRow:
    """An anomaly in the data of a job. Times are integers: nanoseconds since 1970, or step numbers.

    series:           the id of the series
    start, peak, end: the times of the first alarm, of the most surprising point, and of the last alarm
    kind:             the kind of anomaly, such as "spike"
    value, expected:  the actual value and the forecast of the most surprising point
    p:                the p-value of the most surprising point
    dated:            whether times are dates, and not step numbers
    """

    series: str
    start: int
    peak: int
    end: int
    kind: str
    value: float
    expected: float
    p: float
    dated: bool


@dataclass(frozen=True)
class Snapshot:
    """The data of a job at the last run. The next run compares its own data with this snapshot.

    fingerprint: the SHA-256 of the whole data
    since:       when a run first read data with this fingerprint
    columns:     the column names of the file
    panel:       the last SNAPSHOT_POINTS points of each series
    lengths:     (n,) the number of points of each whole series
    """

    fingerprint: str
    since: datetime
    columns: tuple[str, ...]
    panel: Panel
    lengths: Ints

    @classmethod
    def of(cls, panel: Panel, fingerprint: str, since: datetime, columns: tuple[str, ...]) -> Snapshot:
        """The snapshot of the data of a job. `panel` has all points of each series.

        fingerprint: the SHA-256 of the data
        since:       when a run first read data with this fingerprint
        columns:     the column names of the file
        """
        return cls(fingerprint, since, columns, panel.tail(SNAPSHOT_POINTS), panel.lengths)


@dataclass(frozen=True)
class Evidence:
    """The accuracy of the latest forecasts of a model.

    Only forecast points with an actual value, a seasonal naive forecast and a scale above 0 are used. The scale is the
    one in `ForecastRow`.

    mase:        the mean of |error| / scale over these points; NaN if there are none
    naive_mase:  the same for the seasonal naive forecast
    points:      the number of these points
    """

    mase: float
    naive_mase: float
    points: int


def job_run_row(run: JobRun) -> dict[str, object]:
    """A job run as a row of the ledger: {column: value}, for all JOB_RUN_COLUMNS."""
    row = {name: getattr(run, name) for name in JOB_RUN_FIELDS}
    return row | {"started": utc_text(run.started), "ended": utc_text(run.ended), "noticed": run.noticed or None}


def job_run_of(row: dict[str, Any]) -> JobRun:
    """The job run in a row of the ledger, the inverse of `job_run_row`.

    All its warnings are one text. Fields that the ledger does not store have their default values.

    Raises ValueError or TypeError if the row is damaged.
    """
    if any(isinstance(value, bytes) for value in row.values()):
        raise ValueError("bytes in place of text")
    return JobRun(
        **{name: row[name] for name in JOB_RUN_FIELDS},
        started=datetime.fromisoformat(row["started"]),
        ended=datetime.fromisoformat(row["ended"]),
        warnings=(row["noticed"],) if row["noticed"] else (),
    )


def as_integers(times: NDArray[np.generic]) -> Ints:
    """Times as the ledger stores them: int64, nanoseconds since 1970 for dates, or step numbers. Shapes are kept."""
    return times.astype("datetime64[ns]").astype(np.int64) if times.dtype.kind == "M" else times.astype(np.int64)


def finite_or_nan(values: Floats) -> Floats:
    """The values, with NaN in place of infinite values. SQLite stores NaN as NULL."""
    return np.where(np.isfinite(values), values, np.nan)


MAX_SNAPSHOT_BYTES = 1 << 29


def packed(snapshot: Snapshot) -> bytes:
    """The arrays of a snapshot as compressed bytes.

    Times are stored as the differences between them, which compress well.
    """
    panel = snapshot.panel
    arrays = {
        "ids": panel.ids,
        "indptr": panel.indptr,
        "steps": np.diff(as_integers(panel.times), prepend=0),
        "values": panel.values,
        "lengths": snapshot.lengths,
    }
    return zlib.compress(pack_arrays(arrays), level=1)


def unpacked(
    content: bytes, fingerprint: str, since: datetime, columns: tuple[str, ...], freq: str, season: int, tz: str | None
) -> Snapshot:
    """The snapshot with the arrays in `content`, the inverse of `packed`.

    content:      the compressed arrays
    fingerprint:  the SHA-256 of the data
    since:        when a run first read data with this fingerprint
    columns:      the column names of the file
    freq, season, tz:  the frequency, the season length and the time zone of the panel

    Raises ModelError, zlib.error, KeyError or ValueError if the bytes are damaged.
    """
    unpacking = zlib.decompressobj()
    plain = unpacking.decompress(content, MAX_SNAPSHOT_BYTES)
    if not unpacking.eof:
        raise ValueError("the snapshot is incomplete or too large")
    arrays = unpack_arrays(plain)
    times = np.cumsum(arrays["steps"])
    panel = Panel(arrays["ids"], freq, season, arrays["indptr"], times, arrays["values"], tz)
    if panel.dated:
        panel = Panel(panel.ids, freq, season, panel.indptr, times.astype("datetime64[ns]"), panel.values, tz)
    return Snapshot(fingerprint, since, columns, panel, arrays["lengths"])
