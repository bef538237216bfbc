"""Past job runs, read from the ledger."""

from __future__ import annotations

from forecast_cli.jobs.ledger.ledger import Ledger
from forecast_cli.jobs.ledger.records import JOB_RUN_COLUMNS, job_run_of
from forecast_cli.outcomes import SUCCEEDED, UNFINISHED, JobRun

UNFINISHED_RUN = {
    "run_id": "id",
    "job": "''",
    "started": "started",
    "ended": "started",
    "outcome": f"'{UNFINISHED}'",
    "message": "'The run is still going on, or it was killed.'",
    "training": "''",
    "scored": "0",
}
"""Column of a job run -> SQL expression on the table `runs`, for a run without an end. Other columns are NULL."""


def history(ledger: Ledger, limit: int, job: str | None = None, failed: bool = False) -> list[JobRun]:
    """The latest job runs, at most `limit`, the newest first.

    job:     only runs of this job
    failed:  only runs that did not succeed

    A run without an end adds one entry with the outcome UNFINISHED and "" as job.

    Raises UsageError for a job that has never run.
    """
    ledger.check_jobs([job] if job else [])
    conditions = ["1"]
    if job is not None:
        conditions.append("job = :job")
    if failed:
        conditions.append(f"outcome NOT IN {SUCCEEDED}")
    unfinished = ", ".join(UNFINISHED_RUN.get(name, "NULL") for name in JOB_RUN_COLUMNS)
    rows = ledger.query(
        f"SELECT * FROM (SELECT {', '.join(JOB_RUN_COLUMNS)} FROM job_runs "
        f"UNION ALL SELECT {unfinished} FROM runs WHERE ended IS NULL) "
        f"WHERE {' AND '.join(conditions)} ORDER BY started DESC, run_id, job LIMIT :limit",
        {"job": job, "limit": limit},
    )
    return [job_run_of(dict(zip(JOB_RUN_COLUMNS, row, strict=True))) for row in rows]
