"""Whose job it is: two job files that share a state folder must not both have a job of the same name."""

from __future__ import annotations

import tomllib
from pathlib import Path

from forecast_cli.errors import UsageError
from forecast_cli.jobs.file.loading import ledger_of


def check_owner(job: str, owner: Path, job_file: Path, ledger: Path) -> None:
    """Raise UsageError if the job, one of `job_file`, is that of another file `owner` in the same ledger.

    A file that is gone, has the job no more or another ledger owns it no more.
    """
    if _still_owns(job, owner, job_file, ledger):
        raise UsageError(
            f"Job {job} of {job_file} would share what {ledger} knows with job {job} of {owner}.",
            "Rename one of the two, or give one of the files a folder of its own: state = ...",
        )


def _still_owns(job: str, owner: Path, job_file: Path, ledger: Path) -> bool:
    try:
        if owner.samefile(job_file):
            return False
        content = tomllib.loads(owner.read_text(encoding="utf-8-sig"))
        return job in content.get("jobs", {}) and ledger_of(owner).samefile(ledger)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, UsageError, ValueError, TypeError):  # it is there, and what it says cannot be known
        return True
