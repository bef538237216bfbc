"""The leaderboard against numbers worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from forecast_cli.evaluation.backtest import rolling
from forecast_cli.evaluation.folds import rolling_folds
from forecast_cli.evaluation.leaderboard import Leaderboard, leaderboard
from forecast_cli.evaluation.metrics import METRICS
from forecast_cli.evaluation.scores import Score, best_first
from forecast_cli.forecasting import Model
from forecast_cli.panel.panel import Panel
from tests.evaluation.simple_models import Raising, Repeat
from tests.sample_panels import random_walk, undated


def board_of(panel: Panel, models: dict[str, Model], horizon: int = 1, n_folds: int = 1) -> Leaderboard:
    return leaderboard(list(rolling(rolling_folds(panel, horizon, n_folds, horizon), models)), horizon)


def rows(board: Leaderboard) -> dict[str, Score]:
    return {row.model: row for row in board.scores}


def test_by_hand() -> None:
    """Naive is off by 2 on a (scale 1) and by 10 on b (scale 2); one more each brings 1 and 9."""
    panel = undated([1, 2, 3, 4, 6], [10, 12, 14, 16, 26])

    board = board_of(panel, {"up": Repeat(plus=1), "seasonal-naive": Repeat()})

    assert [row.model for row in board.scores] == ["up", "seasonal-naive"]
    up, naive = board.scores
    assert up.figures == pytest.approx(
        {
            "mase": (1 / 1 + 9 / 2) / 2,
            "rmsse": (1 / 1 + 9 / 2) / 2,
            "smape": (200 * 1 / 11 + 200 * 9 / 43) / 2,
            "mae": 5,
            "rmse": 5,
            "wape": 100 * 10 / 32,
            "bias": -100 * 10 / 32,
            "skill": 100 * (1 - 2.75 / 3.5),
            "won": 100,
        }
    )
    assert naive.figures["mase"] == pytest.approx((2 / 1 + 10 / 2) / 2)
    assert (naive.figures["skill"], naive.figures["won"]) == (0, 0)
    assert (up.failures, board.attempts) == (0, 2)


def test_each_series_counts_alike_however_many_cutoffs_it_has() -> None:
    """a has two cutoffs, off by 2 and 4 at a scale of 1; b has one, off by 1 at a scale of 1."""
    panel = undated([1, 2, 3, 4, 2, 6], [5, 6, 7])
    assert [len(fold.rows) for fold in rolling_folds(panel, 1, 2, 1)] == [1, 2]

    board = board_of(panel, {"naive": Repeat()}, n_folds=2)

    first, second = 2 / 1, 4 / (5 / 4)
    assert board.scores[0].figures["mase"] == pytest.approx(((first + second) / 2 + 1) / 2)


def test_a_tie_is_shared() -> None:
    board = board_of(undated(np.arange(9), np.arange(9)), {"one": Repeat(), "two": Repeat(), "three": Repeat(plus=-1)})

    assert {name: row.figures["won"] for name, row in rows(board).items()} == {"one": 50, "two": 50, "three": 0}


def test_failing_on_a_hard_series_does_not_improve_a_score() -> None:
    """c is hard for both; `picky` does not forecast it, and is nonetheless not ahead."""
    panel = undated(random_walk(20), random_walk(20, seed=1), np.r_[random_walk(19, seed=2), 1e3])
    models: dict[str, Model] = {"picky": Repeat(plus=0.1, not_on=("c",)), "seasonal-naive": Repeat(plus=0.1)}

    board = board_of(panel, models)

    picky, whole = rows(board)["picky"], rows(board)["seasonal-naive"]
    assert picky.figures["mase"] == whole.figures["mase"]
    assert (picky.failures, whole.failures, board.attempts, len(board.pairs)) == (1, 0, 3, 2)
    assert "picky failed on 1 of 3 forecasts." in board.notes()
    assert "All ranked models are compared on the 2 forecasts that each of them made." in board.notes()


def test_a_model_that_mostly_fails_is_listed_without_figures_and_the_others_keep_theirs() -> None:
    panel = undated(*[random_walk(20, seed) for seed in range(3)])
    models: dict[str, Model] = {"raising": Raising(), "rare": Repeat(not_on=("a", "b")), "seasonal-naive": Repeat()}

    board = board_of(panel, models)

    assert [row.model for row in board.scores] == ["seasonal-naive", "raising", "rare"]
    assert len(board.pairs) == 3
    for name, failed in (("raising", 3), ("rare", 2)):
        assert np.isnan([*rows(board)[name].figures.values()]).all()
        assert f"{name} failed on {failed} of 3 forecasts and is not ranked." in board.notes()


def test_a_model_that_forecasts_half_is_ranked_on_that_half() -> None:
    panel = undated(*[random_walk(20, seed) for seed in range(2)])

    board = board_of(panel, {"half": Repeat(not_on=("a",)), "seasonal-naive": Repeat()})

    assert np.isfinite(rows(board)["half"].figures["mase"])
    assert (board.attempts, len(board.pairs)) == (2, 1)


@pytest.mark.parametrize(("plus", "noted"), [(-3.0, "30% less"), (3.0, "30% more"), (1.0, None)])
def test_a_note_reports_a_large_bias_of_the_best_model(plus: float, noted: str | None) -> None:
    panel = undated(np.r_[10 + random_walk(20), np.full(9, 10.0)])

    notes = board_of(panel, {"off": Repeat(plus=plus)}).notes()

    assert [note for note in notes if "add up to" in note] == (
        [f"The forecasts of off add up to {noted} than the actual values."] if noted else []
    )


def test_no_note_reports_the_bias_of_totals_that_may_cancel_out() -> None:
    panel = undated(np.r_[random_walk(20), np.full(4, 10.0), np.full(5, -10.0)])

    board = board_of(panel, {"off": Repeat(plus=9.0)})

    assert rows(board)["off"].figures["bias"] > 50
    assert not any("add up to" in note for note in board.notes())


def test_if_every_model_fails_the_leaderboard_has_no_figures() -> None:
    board = board_of(undated(random_walk(20)), {"raising": Raising()})

    assert np.isnan(board.scores[0].figures["mase"])
    assert board.notes() == ["raising failed on 1 of 1 forecasts and is not ranked."]


def test_notes_say_why_series_have_no_scaled_errors() -> None:
    gaps = random_walk(30)
    gaps[1:29:2] = np.nan

    board = board_of(undated(random_walk(30), np.full(30, 3.0), gaps, gaps), {"seasonal-naive": Repeat()})

    assert [note for note in board.notes() if "no MASE" in note] == [
        "1 of 4 series has no MASE, RMSSE, skill or wins: the seasonal naive forecast makes no error before the "
        "cutoff.",
        "2 of 4 series have no MASE, RMSSE, skill or wins: no two known values before the cutoff are one season apart.",
    ]


def test_constant_series_have_no_scale_and_spoil_nothing() -> None:
    alone = board_of(undated(random_walk(30)), {"up": Repeat(plus=1), "seasonal-naive": Repeat()})
    panel = undated(random_walk(30), np.full(30, 3.0), np.zeros(30))

    board = board_of(panel, {"up": Repeat(plus=1), "seasonal-naive": Repeat()})

    for name in ("up", "seasonal-naive"):
        own, other = rows(board)[name], rows(alone)[name]
        for metric in ("mase", "rmsse", "skill", "won"):
            assert own.figures[metric] == other.figures[metric]
    assert "2 of 3 series have no MASE" in board.notes()[0]
    assert "no MASE" not in " ".join(alone.notes())
    assert np.isnan(board_of(undated(np.zeros(9)), {"seasonal-naive": Repeat()}).scores[0].figures["wape"])


def test_skill_is_nan_if_the_seasonal_naive_forecast_has_no_error() -> None:
    board = board_of(undated([1, 2, 1, 2, 3, 3]), {"up": Repeat(plus=1), "seasonal-naive": Repeat()})

    assert rows(board)["seasonal-naive"].figures["mase"] == 0
    assert np.isnan(rows(board)["up"].figures["skill"])


def test_missing_actual_values_are_left_out() -> None:
    whole, gap = [1.0, 2, 3, 4, 5, 6, 8, 8], [1.0, 2, 3, 4, 5, 6, 8, np.nan]

    errors = [board_of(undated(values), {"naive": Repeat()}, 2).scores[0].figures["mae"] for values in (whole, gap)]

    assert errors == [2, 2]
    nothing = board_of(undated([1.0, 2, 3, 4, 5, np.nan]), {"naive": Repeat()}).scores[0]
    assert np.isnan(nothing.figures["mae"])
    assert nothing.failures == 0


def test_order_by_each_metric() -> None:
    board = board_of(
        undated([1, 2, 3, 4, 6]), {"high": Repeat(plus=9), "low": Repeat(plus=-1), "near": Repeat(plus=2.5)}
    )

    def order(metric: str) -> list[str]:
        return [row.model for row in best_first(board.scores, metric)]

    for metric in METRICS.keys() - {"skill"}:
        assert order(metric)[0] == "near", metric
    assert order("mae") == order("bias") == ["near", "low", "high"]
