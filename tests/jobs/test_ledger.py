"""The ledger: what is entered, what comes back, what is forgotten."""

from __future__ import annotations

import logging
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast_cli.evaluation.naive import naive_forecast
from forecast_cli.jobs.ledger.ledger import ForecastRow, Ledger, ModelRow, Seen
from forecast_cli.models.statistical.methods import StatisticalForecaster
from forecast_cli.panel.panel import UNDATED
from tests.jobs.ledger_samples import DAY, NOON, count, enter, forecast_of, job_run
from tests.sample_panels import panel_of, undated

NAN = np.nan
TABLES = ("runs", "job_runs", "models", "forecasts", "origins", "points")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a state % of #1?" / "ledger.sqlite"


def actuals(ledger: Ledger, job: str = "sales") -> list[float | None]:
    found = ledger.query("SELECT actual FROM forecast_points WHERE job = ? ORDER BY series, made, step", (job,))
    return [value for (value,) in found]


# --- the naive forecast


@given(
    lengths=st.lists(st.integers(1, 30), min_size=1, max_size=5),
    season_length=st.integers(1, 8),
    horizon=st.integers(1, 20),
    seed=st.integers(0, 99),
)
@settings(max_examples=40)
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


def test_an_actual_value_that_was_missing_may_still_come(path: Path) -> None:
    before, after = (undated([1, 2, 4, 7, last]) for last in (NAN, 11))
    with Ledger.open(path) as ledger:
        enter(ledger, before.drop_last(2))
        assert ledger.score("sales", before) == 1
        assert ledger.score("sales", after) == 1
        assert actuals(ledger) == [7, 11, None]


@pytest.mark.parametrize("freq", ["D", UNDATED])
def test_actual_values_that_were_restated_are_corrected_from_then_on(
    path: Path, freq: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    before = panel_of([1, 2, 4, 7, 9], [5, 6, 8, 5, 5], freq=freq, season_length=1)
    after = panel_of([1, 2, 4, 70, 90, 16], [5, 6, 8, 5, NAN], freq=freq, season_length=1)
    with Ledger.open(path) as ledger:
        for job in ("sales", "returns"):
            enter(ledger, before.drop_last(2), job=job)
            assert ledger.score(job, before) == 4
        assert ledger.score("sales", after, after.times[4]) == 1
        returns, sales = [7, 9, None, 5, 5, None], [7, 90, 16, 5, 5, None]
        assert actuals(ledger, "returns") == returns
        assert actuals(ledger, "sales") == sales
        assert ledger.score("sales", after) == 0
        assert actuals(ledger, "sales") == sales
        assert [record.getMessage() for record in caplog.records] == [
            "Corrected 1 actual value of earlier forecasts, which was restated."
        ]
        assert ledger.score("sales", after, after.times[0]) == 0
        assert actuals(ledger, "sales") == [70, 90, 16, 5, 5, None]
        errors = "SELECT error, naive_error FROM forecast_points WHERE job = 'sales' AND step = 1 AND series = 'a'"
        assert ledger.query(errors) == [(5.0 - 70, 4.0 - 70)]
        assert ledger.score("sales", after, after.times[0]) == 0
        assert len(caplog.records) == 2


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
            ledger.score("sales", known, known.times[-2])
            ledger.has_forecast("sales", str(day), "model", 7)
            ledger.evidence("sales", "model", 10)
            enter(ledger, known, horizon=7, run_id=str(day), at=NOON + day * DAY)
        return ticks

    each = [steps(day) for day in range(120)]
    assert np.mean(each[-20:]) < 1.3 * np.mean(each[20:40])
