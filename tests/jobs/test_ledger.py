"""The ledger: what is entered, what it gives back, and that neither a crash nor company harms it."""

from __future__ import annotations

import math
import multiprocessing
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_samples import DAY, NOON, count, enter, forecast_of, job_run
from sample_panels import panel_of, undated

from forecast_cli.errors import DataError, ForecastError, LockedError, OutputError
from forecast_cli.evaluation.naive import naive_forecast
from forecast_cli.jobs import schema
from forecast_cli.jobs.ledger import ForecastRow, Ledger, ModelRow, Seen
from forecast_cli.models.baselines import StatisticalForecaster

NAN = np.nan
TABLES = ("runs", "job_runs", "models", "forecasts", "origins", "points")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a state % of #1?" / "ledger.sqlite"


def actuals(ledger: Ledger) -> list[float | None]:
    return [value for (value,) in ledger.query("SELECT actual FROM forecast_points ORDER BY series, made, step")]


# --- the naive forecast


@given(
    lengths=st.lists(st.integers(1, 30), min_size=1, max_size=5),
    season_length=st.integers(1, 8),
    horizon=st.integers(1, 20),
    seed=st.integers(0, 99),
)
@settings(max_examples=40, deadline=None)
def test_the_naive_forecast_is_that_of_the_baseline(
    lengths: list[int], season_length: int, horizon: int, seed: int
) -> None:
    generator = np.random.default_rng(seed)
    series = [generator.normal(size=length) for length in lengths]
    for values in series:
        values[generator.random(len(values)) < 0.2] = NAN
    panel = undated(*series, season_length=season_length)
    name = "seasonal-naive" if season_length > 1 else "naive"

    expected = StatisticalForecaster(name).predict(panel, horizon).point

    np.testing.assert_allclose(naive_forecast(panel, horizon), expected, rtol=1e-6)  # the baseline is of float32


# --- what is entered comes back


def test_actual_values_are_filled_in_as_they_come(path: Path) -> None:
    whole = panel_of([1, 2, 4, 7, NAN, 16], [5, 6, 8, 5, 5, 5], freq="D", season_length=1)
    known = whole.drop_last(3)
    with Ledger.open(path) as ledger:
        enter(ledger, known, error=1.0)
        assert ledger.score("sales", known) == 0
        assert ledger.score("sales", whole.drop_last(2)) == 2
        assert actuals(ledger) == [7, None, None, 5, None, None]
        assert ledger.score("sales", whole) == 3
        assert actuals(ledger) == [7, None, 16, 5, 5, 5]
        assert ledger.score("sales", whole) == 0

        rows = ledger.query("SELECT time, forecast, naive, actual, error, scaled_error FROM forecast_points LIMIT 1")
        assert rows == [("1999-12-05T00:00:00", 5.0, 4.0, 7.0, -2.0, 2 / 1.5)]  # steps of 1 and 2: the scale is 1.5


def test_an_actual_value_stays_as_it_was_first_known_but_one_that_was_missing_may_still_come(path: Path) -> None:
    before, after = (undated([1, 2, 4, *rest]) for rest in ([7, NAN], [70, 11]))
    with Ledger.open(path) as ledger:
        enter(ledger, before.drop_last(2))
        assert ledger.score("sales", before) == 1
        assert ledger.score("sales", after) == 1
        assert actuals(ledger) == [7, 11, None]


def test_actual_values_find_their_own_series_and_job(path: Path) -> None:
    panel = undated([1, 2, 3, 4, 5], [10, 20, 30, 40, 50], [100, 200, 300])
    with Ledger.open(path) as ledger:
        enter(ledger, panel.drop_last(2), job="sales")
        enter(ledger, panel.drop_last(2), job="returns")
        turned = panel.select(np.array([2, 1, 0]))  # other rows, and another series that is not there
        assert ledger.score("sales", turned.select(np.array([1, 2]))) == 4
        assert ledger.query("SELECT job, series, step, actual FROM forecast_points WHERE actual IS NOT NULL") == [
            ("sales", "a", 1, 4.0),
            ("sales", "a", 2, 5.0),
            ("sales", "b", 1, 40.0),
            ("sales", "b", 2, 50.0),
        ]
        assert ledger.score("nothing", panel) == 0


def test_evidence_by_hand_is_of_the_latest_forecasts_that_have_actual_values(path: Path) -> None:
    panel = undated([0, 1, 2, 3, 4, 5, 6, 7, 8])  # the scale is 1, the naive forecast is one off a step
    with Ledger.open(path) as ledger:
        for day, (drop, error) in enumerate([(4, 10.0), (3, 1.0), (2, 0.0), (0, 99.0)]):
            enter(ledger, panel.drop_last(drop), error, horizon=2, run_id=str(day), at=NOON + day * DAY)
        enter(ledger, panel.drop_last(2), 50.0, horizon=2, run_id="other", model="other")
        ledger.score("sales", panel)

        last = ledger.evidence("sales", "model", 1)
        assert (last.mase, last.naive_mase, last.points) == (1.5, 1.5, 2)
        two = ledger.evidence("sales", "model", 2)
        assert (two.mase, two.naive_mase, two.points) == ((1 + 2 + 0 + 1) / 4, 1.5, 4)
        assert ledger.evidence("sales", "model", 99).mase == (9 + 8 + 0 + 1 + 1 + 2) / 6

        none = ledger.evidence("sales", "unknown", 9)
        assert (math.isnan(none.mase), math.isnan(none.naive_mase), none.points) == (True, True, 0)


def test_evidence_leaves_out_what_has_no_scale(path: Path) -> None:
    panel = undated([3, 3, 3, 3], [0, 1, 2, 3])
    with Ledger.open(path) as ledger:
        enter(ledger, panel.drop_last(1))
        ledger.score("sales", panel)
        assert ledger.evidence("sales", "model", 5).points == 1


def test_a_forecast_is_known_by_data_model_and_horizon(path: Path) -> None:
    panel = undated([1, 2, 3])
    with Ledger.open(path) as ledger:
        enter(ledger, panel)
        assert ledger.has_forecast("sales", "[3]", "model", 3)
        for other in (("x", "[3]", "model", 3), ("sales", "x", "model", 3), ("sales", "[3]", "x", 3)):
            assert not ledger.has_forecast(*other)
        assert not ledger.has_forecast("sales", "[3]", "model", 4)


@pytest.mark.parametrize("dated", [True, False])
def test_what_was_seen_comes_back(path: Path, dated: bool) -> None:
    long = np.random.default_rng(0).normal(size=1500)
    long[-3] = NAN
    series = (long, [1.0, 2.0])
    panel = replace(panel_of(*series, freq="15min"), tz="UTC") if dated else undated(*series)
    with Ledger.open(path) as ledger:
        ledger.start_run("run", Path("jobs.toml"), NOON)
        assert ledger.seen("sales") is None
        ledger.record(job_run(), None, None, Seen.of(panel, "print", NOON, ("when", "naïve value")))
        seen = ledger.seen("sales")
        assert seen is not None
        assert (seen.fingerprint, seen.since, seen.columns) == ("print", NOON, ("when", "naïve value"))
        assert seen.lengths.tolist() == [1500, 2]
        tail = panel.tail(1000)
        assert (seen.panel.freq, seen.panel.season_length, seen.panel.tz) == (tail.freq, tail.season_length, tail.tz)
        for name in ("ids", "indptr", "times", "values"):
            np.testing.assert_array_equal(getattr(seen.panel, name), getattr(tail, name))
        assert seen.panel.times.dtype == panel.times.dtype

        ledger.record(job_run(), None, None, Seen.of(panel, "print", NOON + DAY, ()))
        again = ledger.seen("sales")
        assert again is not None
        assert again.since == NOON  # the same data, seen since then

        ledger.record(job_run(), None, None, Seen.of(panel, "other", NOON + DAY, ()))
        other = ledger.seen("sales")
        assert other is not None
        assert other.since == NOON + DAY


def test_what_is_recorded_twice_is_there_once(path: Path) -> None:
    panel = undated([1, 2, 3], [4, 5, 6])
    with Ledger.open(path) as ledger:
        enter(ledger, panel)
        before = {table: count(ledger, table) for table in TABLES}
        enter(ledger, panel)
        assert {table: count(ledger, table) for table in TABLES} == before
        enter(ledger, panel, run_id="next")  # a later run repeats what was killed before it was done
        assert count(ledger, "forecasts") == 1
        assert count(ledger, "points") == 6
        assert count(ledger, "job_runs") == 2
        ledger.record(job_run(outcome="timeout"))  # the last word on a job counts
        assert ledger.query("SELECT outcome FROM job_runs WHERE run_id = 'run'") == [("timeout",)]


def test_series_that_could_not_be_forecast_leave_no_points(path: Path) -> None:
    panel = undated([1, 2, 3], [4, 5, 6])
    naive = naive_forecast(panel, 2)
    point = np.array([[NAN, np.inf], [7.0, 8.0]])
    with Ledger.open(path) as ledger:
        ledger.start_run("run", Path("jobs.toml"), NOON)
        row = ForecastRow("m", "p", NOON, forecast_of(panel, point), naive, np.array([NAN, NAN]))
        ledger.record(job_run(), ModelRow("sales", "m", NOON, "3", 0.5), row)
        assert ledger.query("SELECT series, step, forecast, scaled_error FROM forecast_points") == [
            ("b", 1, 7.0, None),
            ("b", 2, 8.0, None),
        ]
        assert ledger.query("SELECT trained_to, mase FROM models") == [("3", 0.5)]


def test_when_a_model_was_last_trained(path: Path) -> None:
    with Ledger.open(path) as ledger:
        ledger.start_run("run", Path("jobs.toml"), NOON)
        ledger.record(replace(job_run(job="a"), training=""))
        assert ledger.last_training("a") is None
        ledger.record(replace(job_run(job="b"), training="kept"))
        assert ledger.last_training("b") == job_run().ended


def test_a_run_has_its_end_and_its_exit_code(path: Path) -> None:
    with Ledger.open(path) as ledger:
        ledger.start_run("run", Path("/somewhere/jobs.toml"), NOON)
        assert ledger.query("SELECT ended, exit_code FROM runs") == [(None, None)]
        ledger.finish_run("run", NOON + DAY, 3)
        assert ledger.query("SELECT job_file, started, ended, exit_code FROM runs") == [
            ("/somewhere/jobs.toml", "2026-01-01T12:00:00.000000Z", "2026-01-02T12:00:00.000000Z", 3)
        ]


# --- retention


def test_pruning_forgets_what_is_old_and_shrinks_the_file(path: Path) -> None:
    generator = np.random.default_rng(0)
    panel = undated(*generator.normal(size=(20, 60)))
    with Ledger.open(path) as ledger:
        for day in range(40):
            at = NOON + day * DAY
            known = panel.drop_last(40 - day)
            enter(ledger, known, float(day), 28, f"run{day}", at=at, model=f"model{day // 10}")
        ledger.query("PRAGMA wal_checkpoint(TRUNCATE)")
        before = path.stat().st_size

        ledger.prune(NOON + 30 * DAY)

        assert count(ledger, "forecasts") == count(ledger, "runs") == count(ledger, "job_runs") == 10
        assert count(ledger, "points") == 10 * 20 * 28
        assert ledger.query("SELECT version FROM models") == [("model3",)]
        assert ledger.query("SELECT min(made) FROM forecasts") == [("2026-01-31T12:00:00.000000Z",)]
        assert ledger.query("PRAGMA foreign_key_check") == []
        assert ledger.query("PRAGMA integrity_check") == [("ok",)]
        ledger.query("PRAGMA wal_checkpoint(TRUNCATE)")
        assert path.stat().st_size < before / 2
        assert ledger.score("sales", panel) > 0

        ledger.prune(NOON + 1000 * DAY)
        assert [count(ledger, table) for table in (*TABLES, "series", "seen")] == [0] * 8


def test_pruning_keeps_a_run_and_a_model_that_something_young_refers_to(path: Path) -> None:
    panel = undated([1, 2, 3, 4])
    with Ledger.open(path) as ledger:
        ledger.start_run("long", Path("jobs.toml"), NOON)
        enter(ledger, panel.drop_last(1), run_id="long", at=NOON)
        enter(ledger, panel, run_id="long", job="late", at=NOON + 2 * DAY, created=NOON)
        ledger.prune(NOON + DAY)
        assert ledger.query("SELECT id FROM runs") == [("long",)]
        assert ledger.query("SELECT job FROM forecasts") == [("late",)]
        assert ledger.query("SELECT job FROM models") == [("late",)]


# --- ledgers that are not as they should be


def test_there_is_none(path: Path) -> None:
    with pytest.raises(DataError) as raised:
        Ledger.open_existing(path)
    assert "no ledger yet" in raised.value.message
    assert not path.parent.exists()


@pytest.mark.parametrize(
    "content", [b"not a database" * 100, b"SQLite format 3\0" + b"\xff" * 8000], ids=["text", "torn"]
)
def test_what_is_no_database_is_refused_and_left_alone(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    for opened in (Ledger.open, Ledger.open_existing):
        with pytest.raises(DataError) as raised:
            opened(path)
        assert str(path) in raised.value.message
        assert raised.value.hint == "Move it away; the next run begins a new one."
    assert path.read_bytes() == content


def test_another_programs_database_is_refused_and_left_alone(path: Path) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE customers (name)")
    content = path.read_bytes()
    with pytest.raises(DataError, match="not a ledger"):
        Ledger.open(path)
    assert path.read_bytes() == content


def test_damage_within_is_told_when_it_is_met(path: Path) -> None:
    panel = undated(*np.random.default_rng(0).normal(size=(30, 60)))
    with Ledger.open(path) as ledger:
        for drop in range(20):
            enter(ledger, panel.drop_last(drop + 1), horizon=20)
    content = bytearray(path.read_bytes())
    for page in range(1, len(content) // 4096):
        content[page * 4096 : page * 4096 + 64] = b"\xaa" * 64
    path.write_bytes(content)

    def use() -> None:
        with Ledger.open(path) as ledger:
            ledger.score("sales", panel)

    with pytest.raises(DataError, match="damaged") as raised:
        use()
    assert str(path) in raised.value.message


def test_what_was_seen_may_be_damaged_alone(path: Path) -> None:
    with Ledger.open(path) as ledger:
        enter(ledger, undated([1, 2, 3]))
        ledger.change("UPDATE seen SET panel = x'00ff'")
        with pytest.raises(DataError, match="what job sales has seen"):
            ledger.seen("sales")


def test_a_newer_ledger_is_refused_and_left_alone(path: Path) -> None:
    with Ledger.open(path) as ledger:
        ledger.change(f"PRAGMA user_version = {len(schema.MIGRATIONS) + 1}")
    content = path.read_bytes()
    with pytest.raises(DataError, match="newer forecast"):
        Ledger.open(path)
    assert path.read_bytes() == content


def test_an_older_ledger_is_brought_up_to_date_and_keeps_what_it_has(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = undated([1, 2, 3, 4])
    with Ledger.open(path) as ledger:
        enter(ledger, panel.drop_last(1))
    later = ("ALTER TABLE runs ADD COLUMN host TEXT", "UPDATE runs SET host = 'here'")
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, later, ("CREATE TABLE notes (note TEXT)",)))

    with Ledger.open_existing(path) as ledger:
        assert ledger.query("SELECT id, host FROM runs") == [("run", "here")]
        assert ledger.query("PRAGMA user_version") == [(len(schema.MIGRATIONS),)]
        assert count(ledger, "notes") == 0
        assert ledger.score("sales", panel) == 1
    with Ledger.open(path) as ledger:
        assert ledger.query("SELECT id, host FROM runs") == [("run", "here")]


def test_a_migration_that_fails_leaves_the_ledger_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Ledger.open(path) as ledger:
        enter(ledger, undated([1, 2, 3]))
    present = schema.MIGRATIONS
    monkeypatch.setattr(schema, "MIGRATIONS", (*present, ("CREATE TABLE notes (note TEXT)", "NONSENSE")))
    with pytest.raises(ForecastError):
        Ledger.open(path)
    monkeypatch.setattr(schema, "MIGRATIONS", present)
    with Ledger.open(path) as ledger:
        assert count(ledger, "forecasts") == 1
        assert count(ledger, "sqlite_master", "name = 'notes'") == 0


# --- places that cannot be written


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for place in (tmp_path / "file" / "ledger.sqlite", Path("/proc/ledger.sqlite"), tmp_path):
        with pytest.raises(OutputError) as raised:
            Ledger.open(place)
        assert raised.value.message.startswith(("Cannot make", "The ledger"))
        assert raised.value.hint


READ_ONLY = """
import os, sys
from pathlib import Path
from forecast_cli.errors import OutputError
from forecast_cli.jobs.ledger import Ledger
from forecast_cli.jobs.scores import history, scores  # all that is imported, before the rights are gone
if os.getuid() == 0:
    os.setuid(65534)
with Ledger.open_existing(Path(sys.argv[1])) as ledger:
    print(len(history(ledger, 9)), scores(ledger, "step").overall.points)
    try:
        ledger.start_run("x", Path("jobs.toml"), __import__("datetime").datetime.now())
    except OutputError as error:
        print(error.message)
"""


@pytest.mark.parametrize("in_use", [False, True])
def test_a_ledger_that_is_anothers_can_be_read(in_use: bool) -> None:
    panel = undated([1, 2, 3, 4])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.sqlite"
        with Ledger.open(path) as ledger:
            enter(ledger, panel.drop_last(1))
            ledger.score("sales", panel)
            if not in_use:
                ledger.close()
            for file in path.parent.iterdir():
                file.chmod(0o444)
            path.parent.chmod(0o555)
            done = subprocess.run(
                [sys.executable, "-c", READ_ONLY, str(path)], capture_output=True, text=True, check=False
            )
            path.parent.chmod(0o755)
        assert done.stderr == ""
        counts, refused = done.stdout.splitlines()
        assert counts == "2 1"  # the job's run, and the run itself, which never ended
        assert "cannot be written" in refused


FULL = """
import sys
from pathlib import Path
from ledger_samples import enter
from sample_panels import undated
from forecast_cli.errors import OutputError
from forecast_cli.jobs.ledger import Ledger
import numpy as np, resource
panel = undated(*np.random.default_rng(0).normal(size=(30, 60)))
with Ledger.open(Path(sys.argv[1])) as ledger:
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
    for drop in range(30, 0, -1):
        try:
            enter(ledger, panel.drop_last(drop), horizon=20)
        except OutputError as error:
            print(drop, error.message)
            break
        print(drop)
"""


@pytest.mark.parametrize("limit", [100_000, 300_000, 1_000_000])
def test_a_full_disk_loses_nothing_that_was_there(path: Path, limit: int) -> None:
    with Ledger.open(path):
        pass
    env = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, (Path(__file__).parent, Path(__file__).parents[1])))}
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(path), str(limit)], env=env, capture_output=True, text=True, check=True
    )
    *entered, refused = done.stdout.splitlines()
    assert "cannot be written" in refused
    with Ledger.open(path) as ledger:
        assert ledger.query("PRAGMA integrity_check") == [("ok",)]
        assert count(ledger, "forecasts") == count(ledger, "points") / (30 * 20) == len(entered)
        enter(ledger, undated([1, 2, 3]), run_id="next")


# --- company


def held(path: Path, until: float) -> None:
    """Keep the ledger locked for a while, as another process."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    path.with_suffix(".held").touch()
    time.sleep(until)
    connection.close()


@pytest.fixture
def hold(path: Path) -> Callable[[float], multiprocessing.Process]:
    def start(seconds: float) -> multiprocessing.Process:
        process = multiprocessing.get_context("fork").Process(target=held, args=(path, seconds), daemon=True)
        process.start()
        while not path.with_suffix(".held").exists():
            time.sleep(0.01)
        return process  # type: ignore[return-value]

    return start


def test_a_locked_ledger_is_waited_for(path: Path, hold: Callable[[float], multiprocessing.Process]) -> None:
    with Ledger.open(path) as ledger:
        process = hold(0.6)
        ledger.start_run("run", Path("jobs.toml"), NOON)
        assert count(ledger, "runs") == 1
        process.join()


def test_a_ledger_that_stays_locked_says_so(path: Path, hold: Callable[[float], multiprocessing.Process]) -> None:
    with Ledger.open(path, wait=0.5) as ledger:
        enter(ledger, undated([1, 2, 3]))
        process = hold(30)
        began = time.monotonic()
        with pytest.raises(LockedError) as raised:
            ledger.record(job_run(outcome="failed"))
        assert 0.5 <= time.monotonic() - began < 3
        assert "was locked by another process for 0.5 seconds" in raised.value.message
        assert ledger.has_forecast("sales", "[3]", "model", 3)  # reading goes on
        process.kill()
        process.join()
        ledger.record(job_run(outcome="failed"))


def test_a_signal_is_heard_while_waiting(path: Path, hold: Callable[[float], multiprocessing.Process]) -> None:
    with Ledger.open(path, wait=30) as ledger:
        process = hold(30)
        signal.setitimer(signal.ITIMER_REAL, 0.3)
        before = signal.signal(signal.SIGALRM, signal.default_int_handler)
        began = time.monotonic()
        try:
            with pytest.raises(KeyboardInterrupt):
                ledger.start_run("run", Path("jobs.toml"), NOON)
        finally:
            signal.signal(signal.SIGALRM, before)
        assert time.monotonic() - began < 2
        process.kill()
        process.join()
        assert count(ledger, "runs") == 0


def writes(path: Path, worker: int, rounds: int) -> None:
    panel = undated(*np.random.default_rng(worker).normal(size=(5, 40)))
    for turn in range(rounds):
        with Ledger.open(path) as ledger:
            known = panel.drop_last(rounds - turn)
            ledger.score(f"job{worker}", known)
            enter(ledger, known, run_id=f"{worker}-{turn}", job=f"job{worker}")
            enter(ledger, known, run_id=f"{worker}-{turn}", job="shared")


def test_several_processes_begin_and_write_one_ledger_at_once(path: Path) -> None:
    workers, rounds = 6, 8
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=writes, args=(path, worker, rounds)) for worker in range(workers)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0] * workers
    with Ledger.open(path) as ledger:
        assert ledger.query("PRAGMA integrity_check") == [("ok",)]
        assert count(ledger, "runs") == workers * rounds
        assert count(ledger, "job_runs") == 2 * workers * rounds
        own = ledger.query("SELECT job, count(*) FROM forecasts WHERE job != 'shared' GROUP BY job")
        assert own == [(f"job{worker}", rounds) for worker in range(workers)]
        assert count(ledger, "forecasts", "job = 'shared'") == rounds  # the same key, whoever came first
        assert count(ledger, "points") == (workers + 1) * rounds * 5 * 3
        scored = count(ledger, "forecast_points", "actual IS NOT NULL AND job != 'shared'")
        assert scored == workers * 5 * (1 + 2 + 3 * (rounds - 3))


def test_killed_at_any_moment_it_is_whole(path: Path) -> None:
    generator = np.random.default_rng(0)
    context = multiprocessing.get_context("fork")
    for attempt in range(12):
        process = context.Process(target=writes, args=(path, attempt, 30))
        process.start()
        time.sleep(generator.uniform(0.005, 0.15))
        process.kill()
        process.join()
    with Ledger.open(path) as ledger:
        assert ledger.query("PRAGMA integrity_check") == [("ok",)]
        assert count(ledger, "points") == count(ledger, "forecasts") * 5 * 3
        assert count(ledger, "forecasts") > 0
        enter(ledger, undated([1, 2, 3]), run_id="next")


# --- the time it takes


def test_neither_scoring_nor_recording_reads_what_is_done_with(path: Path) -> None:
    """Counted in steps of SQLite's machine, which do not depend on the machine they run on."""
    panel = undated(*np.random.default_rng(0).normal(size=(4, 400)))

    def steps(day: int) -> int:
        known = panel.drop_last(400 - 30 - day)
        ticks = 0

        def tick() -> int:
            nonlocal ticks
            ticks += 1
            return 0

        with Ledger.open(path) as ledger:
            ledger._connection.set_progress_handler(tick, 10)
            ledger.seen("sales")
            ledger.score("sales", known)
            ledger.has_forecast("sales", str(day), "model", 7)
            ledger.evidence("sales", "model", 10)
            enter(ledger, known, horizon=7, run_id=str(day), at=NOON + day * DAY)
        return ticks

    each = [steps(day) for day in range(120)]
    assert np.mean(each[-20:]) < 1.3 * np.mean(each[20:40])
