"""Delete old entries of the ledger and shrink its file."""

from __future__ import annotations

import logging
from datetime import datetime

from forecast_cli.jobs.ledger.database import Database
from forecast_cli.words import utc_text

log = logging.getLogger(__name__)


def prune(database: Database, before: datetime) -> None:
    """Delete forecasts, job runs, anomalies and runs that are older than the time `before`, and shrink the file.

    Also delete series without remaining forecasts, models that are older than `before` and have no remaining
    forecasts, and snapshots that are older than `before` and have no remaining job runs.
    """
    limit = (utc_text(before),)
    with database.transaction():
        deleted = database.change("DELETE FROM forecasts WHERE made < ?", limit)
        deleted += database.change("DELETE FROM job_runs WHERE started < ?", limit)
        runs = "SELECT id FROM runs WHERE started < ?"
        deleted += database.change(f"DELETE FROM anomalies WHERE run_id IN ({runs})", limit)
        database.change(
            "DELETE FROM runs WHERE started < ? AND NOT EXISTS (SELECT 1 FROM forecasts WHERE run_id = runs.id) "
            "AND NOT EXISTS (SELECT 1 FROM job_runs WHERE run_id = runs.id)",
            limit,
        )
        if deleted:
            _delete_unreferenced(database, limit)
            _shrink(database)
    if deleted:
        log.info("Removed the entries of the ledger from before %s.", before.date())


def _delete_unreferenced(database: Database, limit: tuple[str]) -> None:
    database.change(
        "DELETE FROM models WHERE created < ? AND NOT EXISTS "
        "(SELECT 1 FROM forecasts f WHERE f.job = models.job AND f.model = models.version)",
        limit,
    )
    database.change("DELETE FROM series WHERE NOT EXISTS (SELECT 1 FROM origins WHERE series = series.id)")
    database.change("DELETE FROM seen WHERE since < ? AND job NOT IN (SELECT job FROM job_runs)", limit)


def _shrink(database: Database) -> None:
    """Make the file smaller: give its unused pages back to the disk."""
    ((pages,),) = database.query("PRAGMA freelist_count")
    for _ in range(pages):  # Python executes one step of this statement, which frees one page
        database.change("PRAGMA incremental_vacuum")
