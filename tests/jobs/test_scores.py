"""Accuracy and history from the ledger, compared with figures computed by hand."""

from __future__ import annotations

import math
from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from forecast_cli.errors import UsageError
from forecast_cli.evaluation.metrics import bias, mae, mase
from forecast_cli.jobs.ledger.history import history
from forecast_cli.jobs.ledger.ledger import Ledger
from forecast_cli.jobs.ledger.scores import GROUPS, scores
from forecast_cli.options import GROUPINGS
from forecast_cli.outcomes import FAILED
from tests.jobs.ledger_samples import DAY, NOON, job_run, record_forecast
from tests.sample_panels import Floats, undated

RAMP = [0, 1, 2, 3, 4, 5, 6, 7]
"""Its scale is 1; the errors of the naive forecast are 1, 2, 3, of the naive forecast plus 1 they are 0, 1, 2."""

OUTCOMES = ("forecast", "unchanged", *FAILED)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite"


def test_accuracy_by_step(path: Path) -> None:
    panel = undated(RAMP, [10 * value for value in RAMP])
    with Ledger.open(path) as ledger:
        record_forecast(ledger, panel.drop_last(4), error=1.0)
        record_forecast(
            ledger, panel.drop_last(1), error=0.0, run_id="next", at=NOON + DAY
        )  # the actual value of one step is known
        ledger.score("sales", panel)
        found = scores(ledger, "step")

    assert found.keys == ("step",)
    assert [key for key, _ in found.rows] == [(1,), (2,), (3,)]
    first = found.rows[0][1]
    # Actual values 4 and 40, then 7 and 70; forecasts 4 and 31, then 6 and 60; scales 1 and 10.
    assert first.points == 4
    assert first.mase == pytest.approx((0 + 0.9 + 1 + 1) / 4)
    assert first.seasonal_naive_mase == pytest.approx(1)
    assert first.mae == pytest.approx((0 + 9 + 1 + 10) / 4)
    assert first.seasonal_naive_mae == pytest.approx((1 + 10 + 1 + 10) / 4)
    assert first.bias == pytest.approx(-100 * 20 / 121)
    assert first.skill == pytest.approx(100 * (1 - 2.9 / 4))
    assert (found.jobs, found.forecasts, found.first, found.last) == (("sales",), 2, "2026-01-01", "2026-01-02")
    assert found.overall.points == 8


def test_overall_accuracy_agrees_with_the_metrics_of_a_backtest(path: Path) -> None:
    generator = np.random.default_rng(3)
    whole = generator.normal(size=(6, 40)).cumsum(axis=1)
    panel = undated(*whole, season_length=4)
    known = panel.drop_last(5)
    with Ledger.open(path) as ledger:
        record_forecast(ledger, known, error=0.7, horizon=5)
        ledger.score("sales", panel)
        overall = asdict(scores(ledger, "step").overall)

    assert overall.pop("coverage") == {}
    naive = whole[:, [31, 32, 33, 34, 31]]
    actual: Floats = whole[:, -5:]
    scale = np.abs(whole[:, 4:35] - whole[:, :31]).mean(axis=1)
    assert overall == pytest.approx(
        {
            "points": 30,
            "mase": mase(actual, naive + 0.7, scale).mean(),
            "seasonal_naive_mase": mase(actual, naive, scale).mean(),
            "mae": float(mae(actual.ravel(), (naive + 0.7).ravel())),
            "seasonal_naive_mae": float(mae(actual.ravel(), naive.ravel())),
            "bias": float(bias(actual.ravel(), (naive + 0.7).ravel())),
            "skill": 100 * (1 - mase(actual, naive + 0.7, scale).mean() / mase(actual, naive, scale).mean()),
        }
    )


def test_every_grouping_is_implemented() -> None:
    assert tuple(GROUPS) == GROUPINGS


@pytest.mark.parametrize("by", GROUPINGS)
def test_rows_add_up_to_the_overall_accuracy(path: Path, by: str) -> None:
    with Ledger.open(path) as ledger:
        for day in range(0, 60, 5):
            panel = undated(*np.random.default_rng(day).normal(size=(3, 30)))
            record_forecast(
                ledger, panel.drop_last(2), run_id=str(day), at=NOON + day * DAY, created=NOON, model=f"m{day}"
            )
            ledger.score("sales", panel)
        found = scores(ledger, by)
    assert len({key for key, _ in found.rows}) == len(found.rows) > 0
    assert sum(figures.points for _, figures in found.rows) == found.overall.points
    errors = sum(figures.points * figures.mae for _, figures in found.rows)
    assert errors == pytest.approx(found.overall.points * found.overall.mae)


@pytest.mark.parametrize(
    ("age", "label"),
    [
        (timedelta(0), "0"),
        (timedelta(hours=23), "0"),
        (timedelta(days=1), "1-6"),
        (timedelta(days=6, hours=23), "1-6"),
        (timedelta(days=7), "7-13"),
        (timedelta(days=27), "14-27"),
        (timedelta(days=28), "28-89"),
        (timedelta(days=90), "90+"),
        (timedelta(days=4000), "90+"),
    ],
)
def test_age_is_that_of_the_model_when_it_forecast(path: Path, age: timedelta, label: str) -> None:
    panel = undated(RAMP)
    with Ledger.open(path) as ledger:
        record_forecast(ledger, panel.drop_last(2), at=NOON + age, created=NOON)
        ledger.score("sales", panel)
        assert [key for key, _ in scores(ledger, "age").rows] == [(label,)]


def test_accuracy_by_month_job_and_series(path: Path) -> None:
    panel = undated(RAMP, RAMP)
    with Ledger.open(path) as ledger:
        for turn, (job, at) in enumerate([("a", NOON), ("b", NOON), ("b", NOON + 31 * DAY)]):
            record_forecast(ledger, panel.drop_last(2 + turn), job=job, run_id=str(turn), at=at)
        ledger.score("a", panel)
        ledger.score("b", panel)
        assert [key for key, _ in scores(ledger, "month").rows] == [("2026-01",), ("2026-02",)]
        assert [key for key, _ in scores(ledger, "job").rows] == [("a",), ("b",)]
        assert [key for key, _ in scores(ledger, "series").rows] == [("a", "a"), ("a", "b"), ("b", "a"), ("b", "b")]


def test_there_are_no_mean_errors_over_several_jobs(path: Path) -> None:
    panel = undated(RAMP)
    with Ledger.open(path) as ledger:
        for job in ("a", "b"):
            record_forecast(ledger, panel.drop_last(3), job=job, error=0.5)
            ledger.score(job, panel)
        both = scores(ledger, "step").overall
        assert math.isnan(both.mae + both.seasonal_naive_mae)
        assert math.isnan(both.bias)
        assert both.mase == 1.5
        by_job = scores(ledger, "job")
        assert [figures.mae for _, figures in by_job.rows] == [1.5, 1.5]
        assert math.isnan(by_job.overall.mae)
        assert scores(ledger, "step", ["a"]).overall.mae == 1.5


def test_accuracy_of_some_jobs_since_a_day(path: Path) -> None:
    panel = undated(RAMP)
    with Ledger.open(path) as ledger:
        for day in range(3):
            record_forecast(ledger, panel.drop_last(4 - day), job="a", run_id=str(day), at=NOON + day * DAY, horizon=1)
        record_forecast(ledger, panel.drop_last(3), job="b", run_id="0", horizon=1)
        ledger.score("a", panel)
        ledger.score("b", panel)
        assert scores(ledger, "step", ["a"]).overall.points == 3
        assert scores(ledger, "step", ["a", "b"]).overall.points == 4
        late = scores(ledger, "step", since=NOON + DAY)
        assert (late.overall.points, late.forecasts, late.jobs) == (2, 2, ("a",))
        with pytest.raises(UsageError, match="job salse: no such job has run yet"):
            scores(ledger, "step", ["a", "salse"])


def test_an_empty_ledger_and_one_without_actual_values(path: Path) -> None:
    panel = undated(RAMP)
    with Ledger.open(path) as ledger:
        empty = scores(ledger, "step")
        assert (empty.rows, empty.forecasts, empty.first) == ([], 0, None)
        assert math.isnan(empty.overall.mase)
        record_forecast(ledger, panel)
        waiting = scores(ledger, "step")
        assert (waiting.rows, waiting.forecasts, waiting.overall.points) == ([], 1, 0)


def test_a_constant_series_has_a_mean_error_but_no_mase(path: Path) -> None:
    panel = undated([3, 3, 3, 3, 4])
    with Ledger.open(path) as ledger:
        record_forecast(ledger, panel.drop_last(1))
        ledger.score("sales", panel)
        overall = scores(ledger, "step").overall
    assert (overall.points, overall.mae, overall.seasonal_naive_mae) == (1, 0, 1)
    assert math.isnan(overall.mase + overall.seasonal_naive_mase)
    assert math.isnan(overall.skill)


def test_history_lists_recorded_job_runs_newest_first(path: Path) -> None:
    with Ledger.open(path) as ledger:
        for day, outcome in enumerate(OUTCOMES):
            at = NOON + day * DAY
            ledger.start_run(str(day), path, at)
            ledger.record(replace(job_run(str(day), "sales", at, outcome), stage="read", message="Text.", scored=day))
            ledger.record(job_run(str(day), "returns", at))
            ledger.finish_run(str(day), at + DAY, 0)
        every = history(ledger, 100)
        assert [run.run_id for run in every] == sorted([run.run_id for run in every], reverse=True)
        assert len(every) == 2 * len(OUTCOMES)
        expected = replace(job_run("1", "sales", NOON + DAY, OUTCOMES[1]), stage="read", message="Text.", scored=1)
        assert expected in every

        assert [run.job for run in history(ledger, 3)] == ["returns", "sales", "returns"]
        assert [run.outcome for run in history(ledger, 2, job="sales")] == [*reversed(OUTCOMES)][:2]
        assert [run.outcome for run in history(ledger, 99, failed=True)] == [*reversed(OUTCOMES)][:-2]
        with pytest.raises(UsageError, match="Did you mean 'sales'"):
            history(ledger, 9, job="slaes")


def test_history_lists_a_killed_run(path: Path) -> None:
    with Ledger.open(path) as ledger:
        ledger.start_run("killed", path, NOON)
        ledger.start_run("later", path, NOON + DAY)
        ledger.record(job_run("later", at=NOON + DAY))
        ledger.finish_run("later", NOON + DAY, 0)
        rows = [(run.run_id, run.job, run.outcome) for run in history(ledger, 9)]
        assert rows == [("later", "sales", "forecast"), ("killed", "", "unfinished")]
        assert [run.run_id for run in history(ledger, 9, failed=True)] == ["killed"]
        assert [run.run_id for run in history(ledger, 9, job="sales")] == ["later"]
