"""Processes of jobs that succeed, die, hang, send many remarks, or are tried again."""

from __future__ import annotations

import logging
import os
import signal
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from forecast_cli.jobs.file.job import Job
from forecast_cli.jobs.run.messages import Remark
from forecast_cli.jobs.run.processes import Work, in_processes
from forecast_cli.outcomes import JobRun
from tests.jobs.live_runs import until


def job(name: str, data: object = "", retries: int = 0, **more: timedelta) -> Job:
    """A job; `data` is an argument of the function that its process runs."""
    return Job(name, str(data), Path("models"), retries=retries, retry_delay=timedelta(seconds=0.2), **more)


def results(jobs: Sequence[Job], work: Work, slots: int = 4) -> tuple[dict[str, JobRun], list[tuple[str, Remark]]]:
    """The result of each job by its name, and the remarks with the names of their jobs."""
    remarks: list[tuple[str, Remark]] = []
    job_runs = list(in_processes("run", jobs, work, slots, lambda job, remark: remarks.append((job.name, remark))))
    assert len(job_runs) == len(jobs)
    return {job_run.job: job_run for job_run in job_runs}, remarks


def words_in(path: object) -> list[str]:
    return Path(str(path)).read_text().split()


def result(job: Job, outcome: str, stage: str, message: str, retryable: bool = False) -> JobRun:
    now = datetime.now(UTC)
    return JobRun("run", job.name, now, now, outcome, stage, message, retryable=retryable)


# --- functions that the processes run; some write to the file that the job's data name


def succeed(job: Job, channel: Connection) -> None:
    channel.send(result(job, "forecast", "record", "Done."))


def compute_in_parallel(job: Job, channel: Connection) -> None:
    from forecast_cli.models.statistical.workers import spread

    os.setpgid(0, 0)
    os.environ["LOKY_MAX_CPU_COUNT"] = "2"
    spread(list, range(4))
    Path(job.data).write_text(str(os.getpid()))
    succeed(job, channel)


def send_many_remarks(job: Job, channel: Connection) -> None:
    for number in range(2000):
        channel.send(Remark(logging.INFO, "x" * 1000 + str(number), "train", 0.0))
    succeed(job, channel)


def die(job: Job, _channel: Connection) -> None:
    os.kill(os.getpid(), signal.SIGSEGV) if job.name == "fault" else os._exit(7)


def die_in_the_middle_of_a_message(job: Job, channel: Connection) -> None:
    channel.send(Remark(logging.INFO, "Training.", "train", 0.0))
    os.write(channel.fileno(), b"\x00\x00\x10\x00half of it")
    die(job, channel)


def hang_with_a_helper(job: Job, channel: Connection) -> None:
    """Hang in two processes that ignore all signals except SIGKILL."""
    os.setpgid(0, 0)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    channel.send(Remark(logging.INFO, "Hanging.", "predict", 0.0))
    helper = os.fork()
    if helper:
        Path(job.data).write_text(f"{os.getpid()} {helper}")
    time.sleep(600)


def hang_with_data(job: Job, channel: Connection) -> None:
    hang_with_a_helper(job, channel) if job.data else succeed(job, channel)


def fail_twice(job: Job, channel: Connection) -> None:
    with Path(job.data).open("a") as file:
        file.write(f"{time.monotonic()}\n")
    attempts = len(words_in(job.data))
    if attempts == 1:
        die(job, channel)
    elif attempts == 2:
        channel.send(result(job, "failed", "find", "No such file.", retryable=True))
    else:
        succeed(job, channel)


def fail_always(job: Job, channel: Connection) -> None:
    with Path(job.data).open("a") as file:
        file.write("attempt\n")
    channel.send(result(job, "failed", "read", "Bad data.", retryable=job.name == "again"))


def log_start_and_end(job: Job, channel: Connection) -> None:
    with Path(job.data).open("a") as file:
        file.write("+1\n")
        file.flush()
        time.sleep(0.3)
        file.write("-1\n")
    succeed(job, channel)


def leave_a_folder(job: Job, channel: Connection) -> None:
    Path(job.data).write_text(tempfile.mkdtemp())
    succeed(job, channel)


# --- tests


def test_each_job_has_a_result_and_a_duration() -> None:
    job_runs, _ = results([job(name) for name in "abcde"], succeed, slots=2)
    assert sorted(job_runs) == [*"abcde"]
    assert all(job_run.succeeded and job_run.seconds > 0 for job_run in job_runs.values())


def test_no_jobs_give_no_results() -> None:
    assert results([], succeed) == ({}, [])


def test_all_remarks_of_two_jobs_arrive_in_order() -> None:
    job_runs, remarks = results([job("a"), job("b")], send_many_remarks)
    assert all(job_run.succeeded for job_run in job_runs.values())
    for name in "ab":
        assert [int(remark.message[1000:]) for sender, remark in remarks if sender == name] == [*range(2000)]


def test_a_process_that_dies_is_reported_with_its_exit_code_or_signal() -> None:
    job_runs, _ = results([job("code"), job("fault")], die)
    assert job_runs["code"].message == "The job's process ended with code 7."
    assert job_runs["fault"].message == f"The job's process was killed by signal {signal.SIGSEGV:d}."
    assert {job_run.outcome for job_run in job_runs.values()} == {"died"}


def test_a_process_that_dies_in_the_middle_of_a_message_is_reported_with_its_stage() -> None:
    job_runs, remarks = results([job("a")], die_in_the_middle_of_a_message)
    assert (job_runs["a"].outcome, job_runs["a"].stage) == ("died", "train")
    assert [remark.message for _, remark in remarks] == ["Training."]


@pytest.mark.slow
def test_a_hanging_process_is_killed_with_its_children_at_the_time_limit(tmp_path: Path) -> None:
    hanging = job("hanging", tmp_path / "processes", timeout=timedelta(seconds=5))
    job_runs, _ = results([hanging, job("good")], hang_with_data)
    assert job_runs["good"].succeeded
    assert (job_runs["hanging"].outcome, job_runs["hanging"].stage) == ("timeout", "predict")
    assert job_runs["hanging"].message == "The job took longer than 5 s and was stopped."
    await_end(tmp_path / "processes")


def test_closing_the_generator_kills_the_processes(tmp_path: Path) -> None:
    job_runs = in_processes(
        "run", [job("good"), job("hanging", tmp_path / "processes")], hang_with_data, 2, lambda *_: None
    )
    assert next(job_runs).job == "good"
    until(lambda: (tmp_path / "processes").exists() and len(words_in(tmp_path / "processes")) == 2)
    job_runs.close()
    await_end(tmp_path / "processes")


def await_end(processes: Path) -> None:
    """Wait until the processes whose ids are in the file have ended."""
    for process in words_in(processes):
        until(lambda process=process: has_ended(process))  # type: ignore[misc]


def has_ended(process: str) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


@pytest.mark.slow
def test_a_retryable_failure_is_tried_again_after_longer_and_longer_pauses(tmp_path: Path) -> None:
    job_runs, remarks = results([job("a", tmp_path / "log", retries=2)], fail_twice)
    assert job_runs["a"].succeeded
    first, second, third = map(float, words_in(tmp_path / "log"))
    assert second - first >= 0.2
    assert third - second >= 0.4
    assert [remark.message for _, remark in remarks] == [
        "The job's process ended with code 7. Trying again in 0.2 s (1 of 2).",
        "No such file. Trying again in 0.4 s (2 of 2).",
    ]
    assert {remark.level for _, remark in remarks} == {logging.WARNING}


@pytest.mark.slow
@pytest.mark.parametrize(("name", "attempts"), [("again", 3), ("never", 1)])
def test_the_last_failure_is_the_result(tmp_path: Path, name: str, attempts: int) -> None:
    job_runs, _ = results([job(name, tmp_path / "log", retries=2)], fail_always)
    assert (job_runs[name].outcome, job_runs[name].message) == ("failed", "Bad data.")
    assert len(words_in(tmp_path / "log")) == attempts


def test_other_jobs_start_while_one_waits_for_its_next_attempt(tmp_path: Path) -> None:
    jobs = [job("again", tmp_path / "log", retries=1), *(job(name, tmp_path / "others") for name in "bc")]
    order = [job_run.job for job_run in in_processes("run", jobs, fail_or_succeed, 1, lambda *_: None)]
    assert order == ["b", "c", "again"]


def fail_or_succeed(job: Job, channel: Connection) -> None:
    (fail_always if job.name == "again" else succeed)(job, channel)


@pytest.mark.slow
@pytest.mark.parametrize("slots", [1, 3])
def test_no_more_than_the_given_number_of_jobs_run_at_once(tmp_path: Path, slots: int) -> None:
    results([job(name, tmp_path / "log") for name in "abcdef"], log_start_and_end, slots)
    running = most = 0
    for step in words_in(tmp_path / "log"):
        running += int(step)
        most = max(most, running)
    assert running == 0
    assert 1 <= most <= slots


def test_temporary_files_of_a_process_are_removed(tmp_path: Path) -> None:
    job_runs, _ = results([job("a", tmp_path / "log")], leave_a_folder)
    assert job_runs["a"].succeeded
    (folder,) = words_in(tmp_path / "log")
    assert not Path(folder).exists()
    assert not Path(folder).parent.exists()


@pytest.mark.slow
def test_nothing_is_left_in_memory_by_the_processes_of_a_job(tmp_path: Path) -> None:
    results([job("parallel", tmp_path / "process")], compute_in_parallel)
    (process,) = words_in(tmp_path / "process")
    assert not list(Path("/dev/shm").glob(f"*[-_]{process}[-_]*"))
