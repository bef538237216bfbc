"""Crontab lines and systemd units: the same times, and correct quoting for each."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path

import pytest
from cronsim import CronSim
from hypothesis import assume, given
from hypothesis import strategies as st

from forecast_cli.cli import run
from forecast_cli.errors import ExitCode, UsageError
from forecast_cli.jobs.schedule.cron import parse_schedule

START = datetime(2024, 2, 27, 22, 30)
JOBS = '[jobs.sales]\ndata = "sales.csv"\n'


@pytest.fixture
def jobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A job file in the working directory."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "jobs.toml"
    path.write_text(JOBS, encoding="utf-8")
    return path


# --- systemd's calendars, evaluated by an independent implementation


def allowed(field: str, first: int, last: int) -> set[int]:
    """The values of a field of systemd.time(7): *, or numbers and a..b, separated by commas."""
    if field == "*":
        return set(range(first, last + 1))
    values: set[int] = set()
    for part in field.split(","):
        start, _, end = part.partition("..")
        values |= set(range(int(start), int(end or start) + 1))
    assert values <= set(range(first, last + 1)), field
    return values


def elapses(calendar: str, since: datetime) -> Iterator[datetime]:
    """The times of an OnCalendar= value after `since`, for ten years."""
    *weekday, days, clock = calendar.split()
    names = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    numbered = "".join(weekday) or "Mon..Sun"
    for number, name in enumerate(names):
        numbered = numbered.replace(name, str(number))
    weekdays = allowed(numbered, 0, 6)
    year, month, day = days.split("-")
    assert year == "*"
    months, in_month = allowed(month, 1, 12), allowed(day, 1, 31)
    hour, minute, second = clock.split(":")
    times = [time(h, m) for h in sorted(allowed(hour, 0, 23)) for m in sorted(allowed(minute, 0, 59))]
    assert second == "00"
    for ahead in range(3653):
        on = since.date() + timedelta(days=ahead)
        if on.month in months and on.day in in_month and on.weekday() in weekdays:
            yield from (found for at in times if (found := datetime.combine(on, at)) > since)


def terms(first: int, last: int, names: tuple[str, ...] = ()) -> st.SearchStrategy[str]:
    number = st.integers(first, last)
    pair = st.tuples(number, number).filter(lambda ends: ends[0] < ends[1])
    steps = st.integers(1, last + 1)
    kinds = [
        st.just("*"),
        number.map(str),
        pair.map(lambda ends: f"{ends[0]}-{ends[1]}"),
        steps.map(lambda step: f"*/{step}"),
        st.tuples(pair, steps).map(lambda stepped: f"{stepped[0][0]}-{stepped[0][1]}/{stepped[1]}"),
        *([st.sampled_from(names)] if names else []),
    ]
    return st.lists(st.one_of(kinds), min_size=1, max_size=3).map(",".join)


EXPRESSIONS = st.tuples(
    terms(0, 59), terms(0, 23), terms(1, 31), terms(1, 12, ("jan", "Jun", "DEC")), terms(0, 7, ("sun", "Mon", "SAT"))
).map(" ".join)


@given(EXPRESSIONS)
def test_systemd_has_the_same_times_as_cron(cron: str) -> None:
    try:
        calendars = parse_schedule(cron).calendars
    except UsageError:
        assume(False)
    wanted = [found for found in islice(CronSim(cron, START), 8) if found < START + timedelta(days=3600)]
    found = {elapse for calendar in calendars for elapse in islice(elapses(calendar, START), 8)}
    assert sorted(found)[: len(wanted)] == wanted


@pytest.mark.parametrize(
    ("cron", "calendars"),
    [
        ("0 6 * * *", ("*-*-* 06:00:00",)),
        ("*/15 8-18 * * mon-fri", ("Mon..Fri *-*-* 08..18:00,15,30,45:00",)),
        ("0 0 1 1,7 *", ("*-01,07-01 00:00:00",)),
        ("5 4 13 * 5", ("*-*-13 04:05:00", "Fri *-*-* 04:05:00")),
        ("5 4 */2 * 5", ("Fri *-*-01,03,05,07,09,11,13,15,17,19,21,23,25,27,29,31 04:05:00",)),
        ("0 0 * * 0", ("Sun *-*-* 00:00:00",)),
        ("0 0 * * 7", ("Sun *-*-* 00:00:00",)),
        ("0 0 * * 5-7", ("Fri..Sun *-*-* 00:00:00",)),
        ("@daily", ("*-*-* 00:00:00",)),
        ("@Hourly", ("*-*-* *:00:00",)),
        ("@weekly", ("Sun *-*-* 00:00:00",)),
        ("* * * * *", ("*-*-* *:*:00",)),
    ],
)
def test_calendars(cron: str, calendars: tuple[str, ...]) -> None:
    assert parse_schedule(cron).calendars == calendars


def test_next_time_with_a_day_of_month_and_a_day_of_week() -> None:
    schedule = parse_schedule("0 6 13 * fri")
    assert schedule.next_after(datetime(2025, 3, 12, 6)).date() == date(2025, 3, 13)
    assert schedule.next_after(datetime(2025, 3, 13, 6)) == datetime(2025, 3, 14, 6)


@pytest.mark.parametrize(
    ("cron", "reason"),
    [
        ("", "has 0 fields, not 5"),
        ("0 6 * *", "has 4 fields, not 5"),
        ("0 0 6 * * *", "has 6 fields, not 5"),
        ("60 6 * * *", "bad minute"),
        ("0 24 * * *", "bad hour"),
        ("0 6 0 * *", "bad day-of-month"),
        ("0 6 * * fri-mon", "bad day-of-week"),
        ("*/0 6 * * *", "bad minute"),
        ("0 0 30 2 *", "bad day-of-month"),
        ("5/15 6 * * *", 'minute "5/15" is not syntax that every cron supports'),
        ("0 6 L * *", 'day-of-month "L" is not syntax'),
        ("0 6 * * 5#2", 'day-of-week "5#2" is not syntax'),
        ("@dialy", "is not a known name. Did you mean '@daily'?"),
        ("@reboot", "is not a time"),
    ],
)
def test_an_invalid_schedule_is_refused(cron: str, reason: str, jobs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schedule", str(jobs), "--at", cron]) == ExitCode.USAGE
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f'Error: --at "{cron}": {reason}')


# --- output


def printed(wanted: str, path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    assert run(["schedule", path.name, "--print", wanted, "--quiet"]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    return said.out


def as_cron_runs_it(line: str) -> list[str]:
    """The words of a crontab line's command, read by cron as in crontab(5) and then by sh."""
    command = line.rstrip("\n").split(" ", 5)[5]
    assert "%" not in command.replace(r"\%", "")
    shell = f"for word in {command.replace(chr(92) + '%', '%')}; do printf '%s\\0' \"$word\"; done"
    done = subprocess.run(["/bin/sh", "-c", shell], capture_output=True, text=True, check=True, env={})
    return done.stdout.split("\0")[:-1]


def as_systemd_runs_it(unit: str) -> list[str]:
    """The words of ExecStart=, read as in systemd.service(5): quotes, backslashes, then %% and $$."""
    (line,) = [line for line in unit.splitlines() if line.startswith("ExecStart=")]
    words = shlex.split(line.removeprefix("ExecStart="))
    assert not any("%" in word.replace("%%", "") or "$" in word.replace("$$", "") for word in words)
    return [word.replace("%%", "%").replace("$$", "$") for word in words]


@pytest.mark.parametrize(
    "folder", ["plain", "two words", "100%", "$HOME", 'a "quoted" one', "it's", "back\\slash", "ü;&"]
)
def test_any_path_reaches_the_program(
    folder: str, jobs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    there = jobs.parent / folder / "jobs.toml"
    there.parent.mkdir()
    there.write_text(JOBS, encoding="utf-8")
    monkeypatch.chdir(there.parent)
    command = [sys.executable, "-P", "-m", "forecast_cli", "run", str(there), "--quiet"]
    assert as_cron_runs_it(printed("crontab", there, capsys)) == command
    service = printed("service", there, capsys)
    assert as_systemd_runs_it(service) == command
    assert f"WorkingDirectory={str(there.parent).replace('%', '%%')}\n" in service


def test_a_path_with_a_line_break_is_refused(jobs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    there = jobs.rename(jobs.with_name("two\nlines.toml"))
    assert run(["schedule", str(there)]) == ExitCode.USAGE
    assert "cannot contain unprintable characters" in capsys.readouterr().err


def test_by_default_all_three_are_printed_with_headings(jobs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schedule", "jobs.toml"]) == 0
    said = capsys.readouterr()
    for wanted, heading in {
        "crontab": "# A line for crontab -e",
        "service": "# /etc/systemd/system/forecast-jobs.service",
        "timer": "# /etc/systemd/system/forecast-jobs.timer",
    }.items():
        assert f"{heading}\n{printed(wanted, jobs, capsys)}" in said.out
    assert "The next run would be on " in said.err


def test_the_default_job_file_is_that_of_run(jobs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schedule", "--print", "crontab", "--quiet"]) == 0
    assert as_cron_runs_it(capsys.readouterr().out)[-2:] == [str(jobs), "--quiet"]


def test_the_timer_makes_up_for_missed_runs(jobs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "\nType=oneshot\n" in printed("service", jobs, capsys)
    timer = printed("timer", jobs, capsys)
    assert "\nOnCalendar=*-*-* 06:00:00\nPersistent=true\n" in timer
    assert timer.endswith("[Install]\nWantedBy=timers.target\n")


def test_an_invalid_job_file_is_not_scheduled(jobs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    jobs.write_text(JOBS + "horzion = 12\n", encoding="utf-8")
    assert run(["schedule", "jobs.toml"]) == ExitCode.USAGE
    assert "Did you mean 'horizon'?" in capsys.readouterr().err
