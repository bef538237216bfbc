"""The processes of jobs, with little jobs in them: they end, die, hang, chatter and are tried again."""

from __future__ import annotations

import logging
import os
import signal
import tempfile
import time
from collections.abc import Sequence
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from forecast_cli.jobs.file.job import Job
from forecast_cli.jobs.run.outcome import Outcome, Remark
from forecast_cli.jobs.run.processes import Work, in_processes


def job(name: str, data: object = "", retries: int = 0, **more: timedelta) -> Job:
    """A job whose `data` tell its process what to do."""
    return Job(name, str(data), Path("models"), retries=retries, retry_delay=timedelta(seconds=0.2), **more)


def results(jobs: Sequence[Job], work: Work, slots: int = 4) -> tuple[dict[str, Outcome], list[tuple[str, Remark]]]:
    told: list[tuple[str, Remark]] = []
    outcomes = list(in_processes(jobs, work, slots, lambda job, remark: told.append((job.name, remark))))
    assert len(outcomes) == len(jobs)
    return {outcome.job: outcome for outcome in outcomes}, told


def log_of(path: object) -> list[str]:
    return Path(str(path)).read_text().split()


# --- what processes do; each appends to the file that the job's data name


def succeed(job: Job, channel: Connection) -> None:
    channel.send(Outcome(job.name, "forecast", "record", "Done."))


def chatter(job: Job, channel: Connection) -> None:
    for number in range(2000):
        channel.send(Remark(logging.INFO, "x" * 1000 + str(number), "train", 0.0))
    succeed(job, channel)


def die(job: Job, _channel: Connection) -> None:
    os.kill(os.getpid(), signal.SIGSEGV) if job.name == "fault" else os._exit(7)


def die_in_the_midst_of_a_word(job: Job, channel: Connection) -> None:
    channel.send(Remark(logging.INFO, "Training.", "train", 0.0))
    os.write(channel.fileno(), b"\x00\x00\x10\x00half of it")
    die(job, channel)


def hang_with_a_helper(job: Job, channel: Connection) -> None:
    """Hang, deaf to all but SIGKILL, in two processes."""
    os.setpgid(0, 0)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    channel.send(Remark(logging.INFO, "Hanging.", "predict", 0.0))
    helper = os.fork()
    if helper:
        Path(job.data).write_text(f"{os.getpid()} {helper}")
    time.sleep(600)


def hang_if_told(job: Job, channel: Connection) -> None:
    hang_with_a_helper(job, channel) if job.data else succeed(job, channel)


def fail_twice(job: Job, channel: Connection) -> None:
    with Path(job.data).open("a") as file:
        file.write(f"{time.monotonic()}\n")
    attempts = len(log_of(job.data))
    if attempts == 1:
        die(job, channel)
    elif attempts == 2:
        channel.send(Outcome(job.name, "failed", "find", "Not there.", again=True))
    else:
        succeed(job, channel)


def fail_for_good(job: Job, channel: Connection) -> None:
    with Path(job.data).open("a") as file:
        file.write("attempt\n")
    channel.send(Outcome(job.name, "failed", "read", "No good.", again=job.name == "again"))


def come_and_go(job: Job, channel: Connection) -> None:
    with Path(job.data).open("a") as file:
        file.write("+1\n")
        file.flush()
        time.sleep(0.3)
        file.write("-1\n")
    succeed(job, channel)


def leave_something(job: Job, channel: Connection) -> None:
    Path(job.data).write_text(tempfile.mkdtemp())
    succeed(job, channel)


# --- what becomes of them


def test_each_job_has_its_outcome_and_the_time_that_it_took() -> None:
    outcomes, _ = results([job(name) for name in "abcde"], succeed, slots=2)
    assert sorted(outcomes) == [*"abcde"]
    assert all(outcome.succeeded and outcome.seconds > 0 for outcome in outcomes.values())


def test_no_jobs_are_no_trouble() -> None:
    assert results([], succeed) == ({}, [])


def test_all_that_two_chatty_jobs_say_arrives_in_order() -> None:
    outcomes, told = results([job("a"), job("b")], chatter)
    assert all(outcome.succeeded for outcome in outcomes.values())
    for name in "ab":
        assert [int(remark.message[1000:]) for teller, remark in told if teller == name] == [*range(2000)]


def test_a_process_that_dies_is_told_how_and_spoils_no_other() -> None:
    outcomes, _ = results([job("code"), job("fault")], die)
    assert outcomes["code"].message == "Its process ended with code 7."
    assert outcomes["fault"].message == f"Its process was killed by signal {signal.SIGSEGV:d}."
    assert {outcome.outcome for outcome in outcomes.values()} == {"died"}


def test_a_process_that_dies_in_the_midst_of_a_word_is_told_with_its_stage() -> None:
    outcomes, told = results([job("a")], die_in_the_midst_of_a_word)
    assert (outcomes["a"].outcome, outcomes["a"].stage) == ("died", "train")
    assert [remark.message for _, remark in told] == ["Training."]


def test_a_process_that_hangs_is_ended_with_all_that_it_started_and_the_others_go_on(tmp_path: Path) -> None:
    hanging = job("hanging", tmp_path / "processes", timeout=timedelta(seconds=2))
    outcomes, _ = results([hanging, job("well")], hang_if_told)
    assert outcomes["well"].succeeded
    assert (outcomes["hanging"].outcome, outcomes["hanging"].stage) == ("timeout", "predict")
    assert outcomes["hanging"].message == "It took longer than 2 s and was ended."
    assert_gone(tmp_path / "processes")


def test_whoever_stops_listening_ends_the_processes(tmp_path: Path) -> None:
    outcomes = in_processes([job("well"), job("hanging", tmp_path / "processes")], hang_if_told, 2, lambda *_: None)
    assert next(outcomes).job == "well"
    while not (tmp_path / "processes").exists() or len(log_of(tmp_path / "processes")) < 2:
        time.sleep(0.02)
    outcomes.close()
    assert_gone(tmp_path / "processes")


def assert_gone(processes: Path) -> None:
    for process in log_of(processes):
        status = Path(f"/proc/{process}/stat")
        given_up = time.monotonic() + 30
        while status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z":
            assert time.monotonic() < given_up
            time.sleep(0.02)


def test_what_may_help_is_tried_again_after_ever_longer_pauses(tmp_path: Path) -> None:
    outcomes, told = results([job("a", tmp_path / "log", retries=2)], fail_twice)
    assert outcomes["a"].succeeded
    first, second, third = map(float, log_of(tmp_path / "log"))
    assert second - first >= 0.2
    assert third - second >= 0.4
    assert [remark.message for _, remark in told] == [
        "Its process ended with code 7. Trying again in 0.2 s (1 of 2).",
        "Not there. Trying again in 0.4 s (2 of 2).",
    ]
    assert {remark.level for _, remark in told} == {logging.WARNING}


@pytest.mark.parametrize(("name", "attempts"), [("again", 3), ("never", 1)])
def test_the_last_failure_stands(tmp_path: Path, name: str, attempts: int) -> None:
    outcomes, _ = results([job(name, tmp_path / "log", retries=2)], fail_for_good)
    assert (outcomes[name].outcome, outcomes[name].message) == ("failed", "No good.")
    assert len(log_of(tmp_path / "log")) == attempts


def test_while_one_waits_to_be_tried_again_others_have_its_place(tmp_path: Path) -> None:
    jobs = [job("again", tmp_path / "log", retries=1), *(job(name, tmp_path / "others") for name in "bc")]
    order = [outcome.job for outcome in in_processes(jobs, one_of_many, 1, lambda *_: None)]
    assert order == ["b", "c", "again"]


def one_of_many(job: Job, channel: Connection) -> None:
    (fail_for_good if job.name == "again" else succeed)(job, channel)


@pytest.mark.parametrize("slots", [1, 3])
def test_no_more_than_so_many_at_once(tmp_path: Path, slots: int) -> None:
    results([job(name, tmp_path / "log") for name in "abcdef"], come_and_go, slots)
    running = most = 0
    for step in log_of(tmp_path / "log"):
        running += int(step)
        most = max(most, running)
    assert running == 0
    assert 1 <= most <= slots


def test_what_a_process_leaves_in_the_folder_for_temporary_files_is_removed(tmp_path: Path) -> None:
    outcomes, _ = results([job("a", tmp_path / "log")], leave_something)
    assert outcomes["a"].succeeded
    (left,) = log_of(tmp_path / "log")
    assert not Path(left).exists()
    assert not Path(left).parent.exists()
