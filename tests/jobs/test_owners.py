"""Two job files with one state folder: a job belongs to one of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import pytest

from forecast_cli.errors import UsageError
from forecast_cli.jobs.file.loading import ledger_of
from forecast_cli.jobs.ledger.ledger import Ledger
from forecast_cli.jobs.run import owners as run_owners
from forecast_cli.jobs.run.owners import claim_jobs


def job_file(path: Path, *jobs: str, state: str = "forecast-state") -> Path:
    path.write_text(f'state = "{state}"\n' + "".join(f'[jobs."{job}"]\ndata = "x.csv"\n' for job in jobs))
    return path


@pytest.fixture
def first(tmp_path: Path) -> Path:
    return job_file(tmp_path / "first.toml", "sales", "visits")


@pytest.fixture
def ledger(first: Path) -> Iterator[Ledger]:
    """A ledger in which `first` owns its jobs."""
    with Ledger.open(ledger_of(first)) as opened:
        claim_jobs(opened, ["sales", "visits"], first)
        yield opened


def refused(ledger: Ledger, jobs: list[str], file: Path) -> bool:
    try:
        claim_jobs(ledger, jobs, file)
    except UsageError:
        return True
    return False


def owners(ledger: Ledger) -> list[tuple[str, str]]:
    return [(job, job_file) for job, job_file in ledger.query("SELECT job, job_file FROM owners ORDER BY job")]


def test_a_job_of_another_file_is_refused(ledger: Ledger, first: Path) -> None:
    second = job_file(first.with_name("second.toml"), "stock", "sales")
    with pytest.raises(UsageError) as raised:
        claim_jobs(ledger, ["stock", "sales"], second)
    assert raised.value.message == (
        f"Job sales of {second} would share its entries in {ledger.path} with job sales of {first}."
    )
    assert raised.value.hint is not None
    assert "state = ..." in raised.value.hint
    assert owners(ledger) == [("sales", str(first)), ("visits", str(first))]
    claim_jobs(ledger, ["sales", "visits"], first)


def test_two_files_with_different_jobs_share_a_ledger(ledger: Ledger, first: Path) -> None:
    second = job_file(first.with_name("second.toml"), "stock")
    claim_jobs(ledger, ["stock"], second)
    claim_jobs(ledger, ["sales"], first)
    assert refused(ledger, ["stock"], first)


def test_a_renamed_job_file_keeps_its_jobs(ledger: Ledger, first: Path) -> None:
    renamed = first.rename(first.with_name("renamed.toml"))
    claim_jobs(ledger, ["sales", "visits"], renamed)
    copied = job_file(first, "sales")
    assert refused(ledger, ["sales"], copied)


def test_a_job_file_in_a_moved_folder_keeps_its_jobs(tmp_path: Path) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    before.mkdir()
    file = job_file(before / "jobs.toml", "sales")
    with Ledger.open(ledger_of(file)) as opened:
        claim_jobs(opened, ["sales"], file)
    before.rename(after)
    with Ledger.open(after / "forecast-state" / "ledger.sqlite") as opened:
        claim_jobs(opened, ["sales"], after / "jobs.toml")


@pytest.mark.parametrize("link", ["symbolic", "hard"])
def test_a_linked_job_file_is_the_same_file(ledger: Ledger, first: Path, link: str) -> None:
    other = first.with_name("other.toml")
    if link == "hard":
        other.hardlink_to(first)
    else:
        other.symlink_to(first)
    claim_jobs(ledger, ["sales"], other)
    claim_jobs(ledger, ["sales"], first)


def test_a_job_can_move_to_another_file(ledger: Ledger, first: Path) -> None:
    second = job_file(first.with_name("second.toml"), "sales")
    assert refused(ledger, ["sales"], second)
    job_file(first, "visits")
    claim_jobs(ledger, ["sales"], second)
    assert owners(ledger) == [("sales", str(second)), ("visits", str(first))]


@pytest.mark.parametrize("has_run", [True, False])
def test_a_file_can_move_its_jobs_to_another_state_folder(ledger: Ledger, first: Path, has_run: bool) -> None:
    second = job_file(first.with_name("second.toml"), "sales")
    job_file(first, "sales", "visits", state="elsewhere")
    if has_run:
        with Ledger.open(ledger_of(first)) as other:
            claim_jobs(other, ["sales", "visits"], first)
    claim_jobs(ledger, ["sales"], second)


@pytest.mark.parametrize("content", [b"[jobs", b"\xff", b"jobs = 1", b'state = 7\n[jobs.sales]\ndata = "x.csv"'])
def test_a_file_that_cannot_be_understood_keeps_its_jobs(ledger: Ledger, first: Path, content: bytes) -> None:
    second = job_file(first.with_name("second.toml"), "sales")
    first.write_bytes(content)
    assert refused(ledger, ["sales"], second)


def test_a_claim_by_another_run_at_the_same_moment_is_respected(
    ledger: Ledger, first: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other run claims the job after its owner was read and before the claim is written."""
    second, third = (job_file(first.with_name(f"{name}.toml"), "stock") for name in ("second", "third"))
    claim = Ledger.claim

    def claim_too_late(self: Ledger, jobs: Collection[str], job_file: Path, owners: Mapping[str, Path]) -> bool:
        with Ledger.open(ledger.path) as other:
            claim(other, ["stock"], second, {})
        return claim(self, jobs, job_file, owners)

    monkeypatch.setattr(Ledger, "claim", claim_too_late)
    with pytest.raises(UsageError, match=r"job stock of .*second\.toml"):
        claim_jobs(ledger, ["stock"], third)
    assert ledger.owners(["stock"]) == {"stock": second}


def test_other_job_files_are_read_outside_the_transaction(
    ledger: Ledger, first: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process can write to the ledger while the owner of a job is checked."""
    second = job_file(first.with_name("second.toml"), "sales")

    def check(path: Path) -> list[str]:
        with Ledger.open(ledger.path, wait=0) as other:
            other.claim(["visits"], path, {"visits": first})
        return []

    monkeypatch.setattr(run_owners, "job_names", check)
    claim_jobs(ledger, ["sales"], second)
    assert ledger.owners(["sales"]) == {"sales": second}
