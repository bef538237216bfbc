"""Ownership of jobs: two job files with the same ledger must not both have a job of the same name."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from forecast_cli.errors import UsageError
from forecast_cli.jobs.file.loading import job_names, ledger_of
from forecast_cli.jobs.ledger.ledger import Ledger


def claim_jobs(ledger: Ledger, jobs: Collection[str], job_file: Path) -> None:
    """Record `job_file` as the owner of the named jobs.

    Other job files are read outside the ledger's transaction, so another run may claim a job meanwhile: the ledger then
    refuses the claim, and the owners are checked again.

    Raises UsageError if another file still owns one of the jobs.
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
    """Whether `owner` is another file than `job_file`, still has the job, and still uses the ledger.

    A file that exists but cannot be understood counts as the owner.
    """
    try:
        return not owner.samefile(job_file) and job in job_names(owner) and ledger_of(owner).samefile(ledger)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, UsageError):
        return True
