"""The ledger: entries, actual values, snapshots, retention."""

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
from forecast_cli.jobs.ledger.ledger import Ledger
from forecast_cli.jobs.ledger.records import ForecastRow, ModelRow, Snapshot
from forecast_cli.models.statistical.model import StatisticalForecaster
from forecast_cli.panel.calendar import future_times
from forecast_cli.panel.panel import UNDATED
from tests.jobs.ledger_samples import DAY, NOON, count, forecast_of, job_run, record_forecast
from tests.sample_panels import panel_of, undated

NAN = np.nan
TABLES = ("runs", "job_runs", "models", "forecasts", "origins", "points")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a state % of #1?" / "ledger.sqlite"


def actuals(ledger: Ledger, job: str = "sales") -> list[float | None]:
    rows = ledger.query("SELECT actual FROM forecast_points WHERE job = ? ORDER BY series, made, step", (job,))
    return [value for (value,) in rows]


# --- the naive forecast


@given(
    lengths=st.lists(st.integers(1, 30), min_size=1, max_size=5),
    season_length=st.integers(1, 8),
    horizon=st.integers(1, 20),
    seed=st.integers(0, 99),
)
@settings(max_examples=40)
def test_the_naive_forecast_equals_the_baseline(
    lengths: list[int], season_length: int, horizon: int, seed: int
) -> None:
    generator = np.random.default_rng(seed)
    series = [generator.normal(size=length) for length in lengths]
    for values in series:
        values[generator.random(len(values)) < 0.2] = NAN
    panel = undated(*series, season_length=season_length)
    name = "seasonal-naive" if season_length > 1 else "naive"

    expected = StatisticalForecaster(name).predict(panel, horizon).point

    np.testing.assert_allclose(naive_forecast(panel, horizon), expected, rtol=1e-6)  # the baseline computes in float32


# --- actual values and evidence


def test_actual_values_are_stored_as_they_arrive(path: Path) -> None:
    whole = panel_of([1, 2, 4, 7, NAN, 16], [5, 6, 8, 5, 5, 5], freq="D", season_length=1)
    known = whole.drop_last(3)
    with Ledger.open(path) as ledger:
        record_forecast(ledger, known, error=1.0)
        assert ledger.score("sales", known) == 0
        assert ledger.score("sales", whole.drop_last(2)) == 2
        assert actuals(ledger) == [7, None, None, 5, None, None]
        assert ledger.score("sales", whole) == 3
        assert actuals(ledger) == [7, None, 16, 5, 5, 5]
        assert ledger.score("sales", whole) == 0

        rows = ledger.query("SELECT time, forecast, naive, actual, error, scaled_error FROM forecast_points LIMIT 1")
        assert rows == [("1999-12-05T00:00:00", 5.0, 4.0, 7.0, -2.0, 2 / 1.5)]  # steps of 1 and 2: the scale is 1.5


@pytest.mark.parametrize(
    ("start", "freq", "cutoff", "times"),
    [
        ("2024-01-01T00:00:00", "250ms", "T00:00:00.500", ["T00:00:00.750", "T00:00:01", "T00:00:01.250"]),
        ("1969-12-31T23:59:59.999997", "us", "T23:59:59.999999", ["T00:00:00", "T00:00:00.000001", "T00:00:00.000002"]),
        ("2024-01-01T00:00:00", "5ns", "00.000000010", ["00.000000015", "00.000000020", "00.000000025"]),
        ("2024-01-01T00:00:00", "s", "T00:00:02", ["T00:00:03", "T00:00:04", "T00:00:05"]),
    ],
)
def test_times_keep_their_fractions_of_a_second(
    path: Path, start: str, freq: str, cutoff: str, times: list[str]
) -> None:
    panel = panel_of([1, 2, 4], freq=freq, season_length=1)
    panel = replace(panel, times=panel.times - panel.times[0] + np.datetime64(start, "ns"))
    with Ledger.open(path) as ledger:
        record_forecast(ledger, panel)
        found = ledger.query("SELECT cutoff, time FROM forecast_points ORDER BY step")
    assert np.array([row[1] for row in found], dtype="datetime64[ns]").tolist() == (
        future_times(freq, panel.ends, 3)[0].tolist()
    )
    assert all(row[0].endswith(cutoff) for row in found)
    assert [row[1][-len(end) :] for row, end in zip(found, times, strict=True)] == times


def test_a_missing_actual_value_can_arrive_later(path: Path) -> None:
    before, after = (undated([1, 2, 4, 7, last]) for last in (NAN, 11))
    with Ledger.open(path) as ledger:
        record_forecast(ledger, before.drop_last(2))
        assert ledger.score("sales", before) == 1
        assert ledger.score("sales", after) == 1
        assert actuals(ledger) == [7, 11, None]


@pytest.mark.parametrize("freq", ["D", UNDATED])
def test_restated_actual_values_are_corrected_from_a_time_on(
    path: Path, freq: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    before = panel_of([1, 2, 4, 7, 9], [5, 6, 8, 5, 5], freq=freq, season_length=1)
    after = panel_of([1, 2, 4, 70, 90, 16], [5, 6, 8, 5, NAN], freq=freq, season_length=1)
    with Ledger.open(path) as ledger:
        for job in ("sales", "returns"):
            record_forecast(ledger, before.drop_last(2), job=job)
            assert ledger.score(job, before) == 4
        assert ledger.score("sales", after, after.times[4]) == 1
        returns, sales = [7, 9, None, 5, 5, None], [7, 90, 16, 5, 5, None]
        assert actuals(ledger, "returns") == returns
        assert actuals(ledger, "sales") == sales
        assert ledger.score("sales", after) == 0
        assert actuals(ledger, "sales") == sales
        assert [record.getMessage() for record in caplog.records] == [
            "Corrected 1 restated actual value of earlier forecasts."
        ]
        assert ledger.score("sales", after, after.times[0]) == 0
        assert actuals(ledger, "sales") == [70, 90, 16, 5, 5, None]
        errors = "SELECT error, naive_error FROM forecast_points WHERE job = 'sales' AND step = 1 AND series = 'a'"
        assert ledger.query(errors) == [(5.0 - 70, 4.0 - 70)]
        assert ledger.score("sales", after, after.times[0]) == 0
        assert len(caplog.records) == 2


def test_actual_values_are_stored_with_the_right_series_and_job(path: Path) -> None:
    panel = undated([1, 2, 3, 4, 5], [10, 20, 30, 40, 50], [100, 200, 300])
    with Ledger.open(path) as ledger:
        record_forecast(ledger, panel.drop_last(2), job="sales")
        record_forecast(ledger, panel.drop_last(2), job="returns")
        turned = panel.select(np.array([2, 1, 0]))  # another order, without one of the series
        assert ledger.score("sales", turned.select(np.array([1, 2]))) == 4
        assert ledger.query("SELECT job, series, step, actual FROM forecast_points WHERE actual IS NOT NULL") == [
            ("sales", "a", 1, 4.0),
            ("sales", "a", 2, 5.0),
            ("sales", "b", 1, 40.0),
            ("sales", "b", 2, 50.0),
        ]
        assert ledger.score("nothing", panel) == 0


def test_evidence_comes_from_the_latest_forecasts_with_actual_values(path: Path) -> None:
    panel = undated([0, 1, 2, 3, 4, 5, 6, 7, 8])  # the scale is 1, the naive error grows by 1 a step
    with Ledger.open(path) as ledger:
        for day, (drop, error) in enumerate([(4, 10.0), (3, 1.0), (2, 0.0), (0, 99.0)]):
            record_forecast(ledger, panel.drop_last(drop), error, horizon=2, run_id=str(day), at=NOON + day * DAY)
        record_forecast(ledger, panel.drop_last(2), 50.0, horizon=2, run_id="other", model="other")
        ledger.score("sales", panel)

        one = ledger.evidence("sales", "model", 1)
        assert (one.mase, one.naive_mase, one.points) == (1.5, 1.5, 2)
        two = ledger.evidence("sales", "model", 2)
        assert (two.mase, two.naive_mase, two.points) == ((1 + 2 + 0 + 1) / 4, 1.5, 4)
        assert ledger.evidence("sales", "model", 99).mase == (9 + 8 + 0 + 1 + 1 + 2) / 6

        none = ledger.evidence("sales", "unknown", 9)
        assert (math.isnan(none.mase), math.isnan(none.naive_mase), none.points) == (True, True, 0)


def test_evidence_leaves_out_constant_series(path: Path) -> None:
    panel = undated([3, 3, 3, 3], [0, 1, 2, 3])
    with Ledger.open(path) as ledger:
        record_forecast(ledger, panel.drop_last(1))
        ledger.score("sales", panel)
        assert ledger.evidence("sales", "model", 5).points == 1


def test_a_forecast_is_identified_by_job_data_model_and_horizon(path: Path) -> None:
    panel = undated([1, 2, 3])
    with Ledger.open(path) as ledger:
        record_forecast(ledger, panel)
        assert ledger.has_forecast("sales", "[3]", "model", 3)
        for other in (("x", "[3]", "model", 3), ("sales", "x", "model", 3), ("sales", "[3]", "x", 3)):
            assert not ledger.has_forecast(*other)
        assert not ledger.has_forecast("sales", "[3]", "model", 4)


@pytest.mark.parametrize("dated", [True, False])
def test_a_snapshot_is_restored(path: Path, dated: bool) -> None:
    long = np.random.default_rng(0).normal(size=1500)
    long[-3] = NAN
    series = (long, [1.0, 2.0])
    panel = replace(panel_of(*series, freq="15min"), tz="UTC") if dated else undated(*series)
    with Ledger.open(path) as ledger:
        ledger.start_run("run", Path("jobs.toml"), NOON)
        assert ledger.snapshot("sales") is None
        ledger.record(job_run(), None, None, Snapshot.of(panel, "print", NOON, ("when", "naïve value")))
        snapshot = ledger.snapshot("sales")
        assert snapshot is not None
        assert (snapshot.fingerprint, snapshot.since, snapshot.columns) == ("print", NOON, ("when", "naïve value"))
        assert snapshot.lengths.tolist() == [1500, 2]
        tail = panel.tail(1000)
        assert (snapshot.panel.freq, snapshot.panel.season_length, snapshot.panel.tz) == (
            tail.freq,
            tail.season_length,
            tail.tz,
        )
        for name in ("ids", "indptr", "times", "values"):
            np.testing.assert_array_equal(getattr(snapshot.panel, name), getattr(tail, name))
        assert snapshot.panel.times.dtype == panel.times.dtype

        ledger.record(job_run(), None, None, Snapshot.of(panel, "print", NOON + DAY, ()))
        again = ledger.snapshot("sales")
        assert again is not None
        assert again.since == NOON  # the same data: first seen at noon

        ledger.record(job_run(), None, None, Snapshot.of(panel, "other", NOON + DAY, ()))
        other = ledger.snapshot("sales")
        assert other is not None
        assert other.since == NOON + DAY


def test_recording_twice_adds_no_rows(path: Path) -> None:
    panel = undated([1, 2, 3], [4, 5, 6])
    with Ledger.open(path) as ledger:
        record_forecast(ledger, panel)
        before = {table: count(ledger, table) for table in TABLES}
        record_forecast(ledger, panel)
        assert {table: count(ledger, table) for table in TABLES} == before
        record_forecast(ledger, panel, run_id="next")  # a run repeats the work of a killed one
        assert count(ledger, "forecasts") == 1
        assert count(ledger, "points") == 6
        assert count(ledger, "job_runs") == 2
        ledger.record(job_run(outcome="timeout"))  # the latest result of a job replaces an earlier one
        assert ledger.query("SELECT outcome FROM job_runs WHERE run_id = 'run'") == [("timeout",)]


def test_forecasts_that_are_not_finite_are_left_out(path: Path) -> None:
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


def test_last_training_counts_models_that_were_not_used(path: Path) -> None:
    with Ledger.open(path) as ledger:
        ledger.start_run("run", Path("jobs.toml"), NOON)
        ledger.record(replace(job_run(job="a"), training=""))
        assert ledger.last_training("a") is None
        ledger.record(replace(job_run(job="b"), training="kept"))
        assert ledger.last_training("b") == job_run().ended


def test_a_run_has_an_end_and_an_exit_code(path: Path) -> None:
    with Ledger.open(path) as ledger:
        ledger.start_run("run", Path("/somewhere/jobs.toml"), NOON)
        assert ledger.query("SELECT ended, exit_code FROM runs") == [(None, None)]
        ledger.finish_run("run", NOON + DAY, 3)
        assert ledger.query("SELECT job_file, started, ended, exit_code FROM runs") == [
            ("/somewhere/jobs.toml", "2026-01-01T12:00:00.000000Z", "2026-01-02T12:00:00.000000Z", 3)
        ]


def test_recorded_jobs_are_those_of_one_run(path: Path) -> None:
    with Ledger.open(path) as ledger:
        ledger.start_run("run", Path("jobs.toml"), NOON)
        ledger.start_run("other", Path("jobs.toml"), NOON)
        for run_id, job in (("run", "sales"), ("run", "visits"), ("other", "stock")):
            ledger.record(job_run(run_id, job))
        assert ledger.recorded_jobs("run") == {"sales", "visits"}
        assert ledger.recorded_jobs("none") == set()


# --- retention
