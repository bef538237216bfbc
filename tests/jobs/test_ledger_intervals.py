"""Intervals in the ledger: recorded, scored, and adapted to how often they held."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from forecast_cli.forecasting import Forecast
from forecast_cli.jobs.ledger import intervals
from forecast_cli.jobs.ledger.ledger import Ledger
from forecast_cli.jobs.ledger.records import ForecastRow
from forecast_cli.jobs.ledger.scores import scores
from forecast_cli.models.intervals.around import quantile_levels, with_quantiles
from forecast_cli.panel.panel import Panel
from tests.jobs.ledger_samples import DAY, NOON, count, job_run
from tests.sample_panels import Floats, panel_of

LEVELS = (80.0, 95.0)
HALF = np.array([1.2816, 1.96])
"""Half widths that hold for errors of a standard normal distribution."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite"


def forecast_of(panel: Panel, factors: dict[float, float], horizon: int = 3) -> Forecast:
    """A forecast of 0 with intervals that are too wide or too narrow by the factors."""
    point = Forecast.after(panel, np.zeros((len(panel), horizon)))
    half = np.broadcast_to(HALF * [factors[level] for level in LEVELS], (*point.point.shape, 2))
    return with_quantiles(point, half, quantile_levels(LEVELS), np.full(len(panel), -np.inf))


def night(ledger: Ledger, panel: Panel, number: int) -> dict[float, float]:
    """Score the earlier forecasts, then record a new one. Returns the factors on its widths."""
    ledger.score("sales", panel)
    factors = ledger.width_factors("sales", LEVELS)
    forecast = forecast_of(panel, factors)
    made = NOON + number * DAY
    row = ForecastRow("m", str(number), made, forecast, forecast.point, np.ones(len(panel)), factors)
    run = replace(job_run("sales"), run_id=str(number), started=made, ended=made + timedelta(minutes=1))
    ledger.start_run(str(number), Path("jobs.toml"), made)
    ledger.record(run, None, row)
    return factors


def year(change: int, spread: float, nights: int, series: int = 20) -> Floats:
    """(series, nights) values whose standard deviation is 1 up to the day `change`, then `spread`."""
    values = np.random.default_rng(0).normal(size=(series, nights))
    values[:, change:] *= spread
    return values


def covered(ledger: Ledger, first: int, last: int, level: float = 80) -> float:
    """The percentage of intervals that held for the values of some days, counted from 0."""
    ((inside, points),) = ledger.query(
        "SELECT total(p.actual BETWEEN i.lower AND i.upper), count(*) FROM intervals i "
        "JOIN points p ON p.origin = i.origin AND p.step = i.step WHERE i.level = ? AND p.actual IS NOT NULL "
        "AND (p.time - ?) / 86400000000000 BETWEEN ? AND ?",
        (level, int(np.datetime64("1999-12-02", "ns").astype(np.int64)), first, last),
    )
    return 100 * inside / points


@pytest.mark.slow
@pytest.mark.parametrize("spread", [2.0, 0.6])
def test_after_a_change_of_variance_the_coverage_comes_back(path: Path, spread: float) -> None:
    change, nights = 60, 150
    values = year(change, spread, nights)
    with Ledger.open(path) as ledger:
        for number in range(5, nights):
            night(ledger, panel_of(*values[:, :number], freq="D", season_length=1), number)

        assert covered(ledger, 5, change - 1) == pytest.approx(80, abs=2)
        assert abs(covered(ledger, change, change + 5) - 80) > 10
        assert covered(ledger, change + 30, nights) == pytest.approx(80, abs=4)
        assert covered(ledger, change + 30, nights, 95) == pytest.approx(95, abs=3)


def test_with_usual_errors_the_width_stays(path: Path) -> None:
    values = year(0, 1.0, 60)
    with Ledger.open(path) as ledger:
        factors = [night(ledger, panel_of(*values[:, :n], freq="D", season_length=1), n) for n in range(5, 60)]

    assert min(each[80.0] for each in factors) > 0.85
    assert max(each[80.0] for each in factors) < 1.15


def test_one_night_by_hand(path: Path) -> None:
    """Three of four values outside at level 80: 0.75 misses where 0.2 are allowed."""
    values = np.array([[0.0] * 5 + [9.0]] * 3 + [[0.0] * 6])
    with Ledger.open(path) as ledger:
        night(ledger, panel_of(*values[:, :5], freq="D", season_length=1), 5)
        factors = night(ledger, panel_of(*values, freq="D", season_length=1), 6)

    assert factors[80.0] == pytest.approx(np.exp(intervals.LEARNING_RATE * 4 / 5 * (0.75 - 0.2)))
    assert factors[95.0] == pytest.approx(np.exp(intervals.LEARNING_RATE * 4 / 5 * (0.75 - 0.05)))


def test_score_shows_how_many_intervals_held(path: Path) -> None:
    values = np.array([[0.0] * 5 + [1.5, 1.0, 3.0]])
    with Ledger.open(path) as ledger:
        night(ledger, panel_of(*values[:, :5], freq="D", season_length=1), 5)
        ledger.score("sales", panel_of(*values, freq="D", season_length=1))

        found = scores(ledger, "step")

    assert found.overall.coverage == pytest.approx({"80": 100 / 3, "95": 200 / 3})
    assert [accuracy.coverage for _, accuracy in found.rows] == [
        {"80": 0.0, "95": 100.0},
        {"80": 100.0, "95": 100.0},
        {"80": 0.0, "95": 0.0},
    ]


def test_intervals_are_deleted_with_their_forecast(path: Path) -> None:
    with Ledger.open(path) as ledger:
        night(ledger, panel_of(np.zeros(5), freq="D", season_length=1), 5)
        assert count(ledger, "intervals") == 6
        ledger.prune(NOON + 100 * DAY)

        assert count(ledger, "intervals") == count(ledger, "widths") == 0
