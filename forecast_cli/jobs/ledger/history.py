"""Read past job runs from the ledger, for the command `history`."""

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
"""The row that is shown for a run that has not ended: column -> SQL expression on the table `runs`. Other columns are
NULL."""


def history(ledger: Ledger, limit: int, job: str | None = None, failed: bool = False) -> list[JobRun]:
    """The latest job runs, the newest first. A run that has not ended adds an entry with the outcome UNFINISHED.

    limit:   the largest number of entries
    job:     the name of a job whose runs are returned; None returns those of all jobs
    failed:  True returns only runs that did not succeed

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
    with ledger.intact("job runs"):
        return [job_run_of(dict(zip(JOB_RUN_COLUMNS, row, strict=True))) for row in rows]
