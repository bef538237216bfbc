"""The tables of a backtest."""

from __future__ import annotations

import numpy as np
import pytest

from forecast_cli.evaluation.backtest import rolling
from forecast_cli.evaluation.folds import rolling_folds
from forecast_cli.evaluation.leaderboard import leaderboard
from forecast_cli.evaluation.metrics import ERROR_METRICS, METRICS, Best, ErrorMetric, Floats
from forecast_cli.report.tables.backtests import detail_table, leaderboard_table, legend, result_of
from forecast_cli.report.tables.table import WIDTH, records
from forecast_cli.workflows import Backtest
from tests.evaluation.simple_models import Repeat
from tests.sample_panels import panel_of, random_walk, seasonal, undated


def backtest() -> Backtest:
    panel = undated(random_walk(40), random_walk(30, seed=1))
    folds = rolling_folds(panel, 4, 3, 4)
    runs = list(rolling(folds, {"up": Repeat(plus=1), "seasonal-naive": Repeat(), "down": Repeat(plus=-9)}))
    return Backtest(panel, folds, runs, leaderboard(runs, 4), False)


def test_the_leaderboard_has_every_metric_in_the_order_of_one() -> None:
    for metric in ("mase", "bias", "won"):
        rows = records(leaderboard_table(backtest(), metric))
        assert list(rows[0]) == ["model", *METRICS, "fit_seconds", "predict_seconds", "failed"]
        figures = [abs(float(str(row[metric]))) for row in rows]
        assert figures == sorted(figures, reverse=METRICS[metric].best is Best.HIGHEST)


def test_the_metric_that_orders_the_rows_is_never_left_out_of_the_text() -> None:
    for metric, row in METRICS.items():
        text = result_of(backtest(), metric, detail=False, forecasts=False).as_("table")
        assert max(map(len, text.splitlines())) <= WIDTH
        assert row.heading in text.splitlines()[2].split()


def test_the_legend_names_the_metrics_that_are_not_best_when_low() -> None:
    assert "higher for skill and won; nearer to 0 for bias" in legend()


def test_a_metric_is_one_row(monkeypatch: pytest.MonkeyPatch) -> None:
    """A row that is added to the table is computed, aggregated and shown everywhere."""

    def largest(actual: Floats, forecast: Floats) -> Floats:
        return np.abs(actual - forecast).max(axis=-1)

    metric = ErrorMetric(heading="largest error", unit="data", error=largest)
    monkeypatch.setitem(METRICS, "largest", metric)
    monkeypatch.setitem(ERROR_METRICS, "largest", metric)
    result = backtest()

    details = [row for row in records(detail_table(result)) if row["model"] == "up"]
    of_series = [np.mean([float(str(row["largest"])) for row in details if row["id"] == id_]) for id_ in ("a", "b")]
    (row,) = [row for row in records(leaderboard_table(result, "largest")) if row["model"] == "up"]
    assert row["largest"] == pytest.approx(np.mean(of_series))


def test_cutoffs_are_named_where_all_series_share_them() -> None:
    for lengths, first in ((60, 60), "from 2 cutoffs, 2003-12-01 to 2004-06-01:"), ((60, 50), "from 2 cutoffs in each"):
        panel = panel_of(*[seasonal(length) for length in lengths])
        folds = rolling_folds(panel, 6, 2, 6)
        runs = list(rolling(folds, {"naive": Repeat()}))
        text = result_of(Backtest(panel, folds, runs, leaderboard(runs, 6), False), "mase", False, False).as_("table")
        assert text.startswith(f"6 steps ahead {first}")
