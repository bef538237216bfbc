"""Owners of jobs: the job file that a job in the ledger belongs to.

Two job files that use the same ledger must not have jobs of the same name.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from forecast_cli.errors import UsageError
from forecast_cli.jobs.file.loading import job_names, ledger_of
from forecast_cli.jobs.ledger.ledger import Ledger


def claim_jobs(ledger: Ledger, jobs: Collection[str], job_file: Path) -> None:
    """Record a job file as the owner of the named jobs.

    First, the job files of other owners are read. If another run changes an owner meanwhile, nothing is recorded, and
    this is repeated.

    Raises UsageError if another job file owns one of the jobs, and still has this job and uses the same ledger.
    """
    while True:
        owners = ledger.owners(jobs)
        for job, owner in owners.items():
            if owner != job_file and _still_owns(owner, job, job_file, ledger.path):
                raise UsageError(
                    f"Job {job} of {job_file} would share its entries in {ledger.path} with job {job} of {owner}.",
                    "Rename one of the two, or give one of the files its own state folder: state = ...",
                )
        if ledger.claim(jobs, job_file, owners):
            return


def _still_owns(owner: Path, job: str, job_file: Path, ledger: Path) -> bool:
    """Whether the job file `owner` still has the job, and still uses the ledger. False if it is `job_file` itself.

    A file that exists but cannot be read as a job file counts as an owner.
    """
    try:
        return not owner.samefile(job_file) and job in job_names(owner) and ledger_of(owner).samefile(ledger)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, UsageError):
        return True
