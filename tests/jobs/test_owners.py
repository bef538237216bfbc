"""Two job files and one state folder: a job is one file's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from forecast_cli.errors import UsageError
from forecast_cli.jobs.file.loading import ledger_of
from forecast_cli.jobs.ledger.ledger import Ledger


def job_file(path: Path, *jobs: str, state: str = "forecast-state") -> Path:
    path.write_text(f'state = "{state}"\n' + "".join(f'[jobs."{job}"]\ndata = "x.csv"\n' for job in jobs))
    return path


@pytest.fixture
def first(tmp_path: Path) -> Path:
    return job_file(tmp_path / "first.toml", "sales", "visits")


@pytest.fixture
def ledger(first: Path) -> Iterator[Ledger]:
    """A ledger whose jobs are those of `first`."""
    with Ledger.open(ledger_of(first)) as opened:
        opened.claim(["sales", "visits"], first)
        yield opened


def refused(ledger: Ledger, jobs: list[str], file: Path) -> bool:
    try:
        ledger.claim(jobs, file)
    except UsageError:
        return True
    return False


def test_a_job_of_another_file_is_refused_and_stays_that_of_the_other(ledger: Ledger, first: Path) -> None:
    second = job_file(first.with_name("second.toml"), "stock", "sales")
    with pytest.raises(UsageError) as raised:
        ledger.claim(["stock", "sales"], second)
    assert raised.value.message == (
        f"Job sales of {second} would share what {ledger.path} knows with job sales of {first}."
    )
    assert raised.value.hint is not None
    assert "state = ..." in raised.value.hint
    assert ledger.query("SELECT job, job_file FROM owners") == [("sales", str(first)), ("visits", str(first))]
    ledger.claim(["sales", "visits"], first)


def test_other_jobs_may_share_the_ledger(ledger: Ledger, first: Path) -> None:
    second = job_file(first.with_name("second.toml"), "stock")
    ledger.claim(["stock"], second)
    ledger.claim(["sales"], first)
    assert refused(ledger, ["stock"], first)


def test_a_job_file_that_was_renamed_keeps_its_jobs(ledger: Ledger, first: Path) -> None:
    renamed = first.rename(first.with_name("renamed.toml"))
    ledger.claim(["sales", "visits"], renamed)
    copied = job_file(first, "sales")
    assert refused(ledger, ["sales"], copied)


def test_a_folder_that_was_moved_keeps_its_jobs(tmp_path: Path) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    before.mkdir()
    file = job_file(before / "jobs.toml", "sales")
    with Ledger.open(ledger_of(file)) as opened:
        opened.claim(["sales"], file)
    before.rename(after)
    with Ledger.open(after / "forecast-state" / "ledger.sqlite") as opened:
        opened.claim(["sales"], after / "jobs.toml")


@pytest.mark.parametrize("link", ["symbolic", "hard"])
def test_one_file_of_two_names_is_one_file(ledger: Ledger, first: Path, link: str) -> None:
    other = first.with_name("other.toml")
    if link == "hard":
        other.hardlink_to(first)
    else:
        other.symlink_to(first)
    ledger.claim(["sales"], other)
    ledger.claim(["sales"], first)


def test_a_job_may_move_from_one_file_to_another(ledger: Ledger, first: Path) -> None:
    second = job_file(first.with_name("second.toml"), "sales")
    assert refused(ledger, ["sales"], second)
    job_file(first, "visits")
    ledger.claim(["sales"], second)
    assert ledger.query("SELECT job, job_file FROM owners") == [("sales", str(second)), ("visits", str(first))]


@pytest.mark.parametrize("begun", [True, False])
def test_a_file_may_take_its_jobs_to_a_state_folder_of_its_own(ledger: Ledger, first: Path, begun: bool) -> None:
    second = job_file(first.with_name("second.toml"), "sales")
    job_file(first, "sales", "visits", state="elsewhere")
    if begun:
        with Ledger.open(ledger_of(first)) as other:
            other.claim(["sales", "visits"], first)
    ledger.claim(["sales"], second)


@pytest.mark.parametrize("content", [b"[jobs", b"\xff", b"jobs = 1", b'state = 7\n[jobs.sales]\ndata = "x.csv"'])
def test_what_cannot_be_understood_may_still_have_its_jobs(ledger: Ledger, first: Path, content: bytes) -> None:
    second = job_file(first.with_name("second.toml"), "sales")
    first.write_bytes(content)
    assert refused(ledger, ["sales"], second)
