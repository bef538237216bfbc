"""The table of `train`: what is held out, which models are scored on which series, and the notes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from forecast_cli.evaluation.folds import Fold, last_fold
from forecast_cli.evaluation.holdout import HOLDOUT_METRICS, baseline_notes, compare, holdout_notes, record, verdict
from forecast_cli.evaluation.metrics import mase, naive_scale, rmse, smape
from forecast_cli.evaluation.scores import Score
from forecast_cli.model_names import HOLDOUT_BASELINES
from forecast_cli.models.statistical.costs import affordable_rows
from forecast_cli.models.statistical.methods import METHODS
from forecast_cli.models.statistical.model import StatisticalForecaster, StatisticalModel
from forecast_cli.options import ModelConfig, ReadConfig, TrainConfig, TrainingRequest
from forecast_cli.workflows import train
from tests.evaluation.simple_models import Repeat
from tests.sample_panels import panel_of, random_walk, seasonal, undated

NAN = np.nan
SERIES = seasonal(47)


def scores_of(fold: Fold, network: Repeat, *baselines: str) -> list[Score]:
    return compare(fold, network, {}, {name: StatisticalModel(name) for name in baselines}, affordable_rows)


# Scores


def test_scores_are_the_mean_over_series() -> None:
    panel = undated(random_walk(40), random_walk(60, seed=1) + 50, random_walk(3))
    fold = last_fold(panel, 6)

    scores = scores_of(fold, Repeat(plus=3), "naive")

    past = fold.past.select(np.array([0, 1]))
    scale = naive_scale(past)
    for score, plus in zip(sorted(scores, key=lambda s: s.model), (0, 3), strict=True):
        point = Repeat(plus).predict(past, 6).point
        assert score.successes == 2
        assert score.figures["mase"] == pytest.approx(mase(fold.actual, point, scale).mean())
        assert score.figures["smape"] == pytest.approx(smape(fold.actual, point).mean())
        assert score.figures["rmse"] == pytest.approx(rmse(fold.actual, point).mean())
    assert scores[0].figures["mase"] <= scores[1].figures["mase"]


@pytest.mark.slow
def test_a_baseline_on_a_sample_is_compared_with_the_network_on_that_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(METHODS, "naive", replace(METHODS["naive"], series_budget=1))
    panel = undated(*[random_walk(80, seed) for seed in range(9)])
    fold = last_fold(panel, 4)
    past = fold.past

    scores = scores_of(fold, Repeat(plus=1), "naive")

    [naive] = [score for score in scores if score.model == "naive"]
    assert 1 < naive.successes < 9
    rows = np.linspace(0, 8, naive.successes).round().astype(int)
    errors = mase(fold.actual, Repeat(plus=1).predict(past, 4).point, naive_scale(past))
    assert naive.trained_figures["mase"] == pytest.approx(errors[rows].mean())
    network_mase = f"{naive.trained_figures['mase']:.3f}"
    assert baseline_notes(scores, "network", 9) == [
        f"naive was tried on {naive.successes} of 9 series, where network has the MASE {network_mase}."
    ]


def test_a_series_that_a_baseline_cannot_do_is_left_out_for_it() -> None:
    whole = panel_of(seasonal(60), seasonal(14))  # eleven points of the past are no season
    fold = last_fold(whole, 3)

    scores = {score.model: score for score in scores_of(fold, Repeat(), "seasonal-naive")}

    assert scores["network"].successes == 2
    assert scores["seasonal-naive"].successes == 1
    assert np.isfinite(scores["seasonal-naive"].figures["rmse"])


def test_series_without_a_scale_or_without_actuals_do_not_spoil_the_table() -> None:
    no_end = random_walk(40)
    no_end[-5:] = NAN
    panel = undated(random_walk(40), np.full(40, 3.0), np.full(40, NAN), no_end)
    fold = last_fold(panel, 5)

    scores = {score.model: score for score in scores_of(fold, Repeat(), "naive", "ets")}

    alone = {s.model: s for s in scores_of(last_fold(panel.select(np.array([0])), 5), Repeat(), "naive")}
    assert scores["naive"].figures["mase"] == pytest.approx(alone["naive"].figures["mase"])
    assert scores["network"].figures["mase"] == pytest.approx(alone["network"].figures["mase"])
    assert np.isfinite([scores["ets"].figures[metric] for metric in HOLDOUT_METRICS]).all()


def test_a_table_where_nothing_can_be_scaled_is_nan_and_has_no_verdict() -> None:
    scores = scores_of(last_fold(undated(np.full(20, 3.0)), 2), Repeat(), "naive")

    assert all(np.isnan(score.figures["mase"]) and score.figures["rmse"] == 0 for score in scores)
    assert verdict(scores, "network") is None


# The verdict


def score(model: str, mase: float, network_mase: float, series: int = 10, smape: float = 5.0, tried: int = 0) -> Score:
    tried = tried or series
    figures, trained_figures = {"mase": mase, "smape": smape, "rmse": 1.0}, {"mase": network_mase, "smape": 5.0}
    return Score(model, tried, tried - series, figures=figures, trained_figures=trained_figures)


def test_no_verdict_where_the_network_wins() -> None:
    assert verdict([score("lstm", 0.8, 0.8), score("ets", 0.9, 0.8)], "lstm") is None
    assert verdict([score("lstm", 0.8, 0.8), score("ets", 0.8, 0.8), score("arima", NAN, 0.8)], "lstm") is None
    assert verdict([], "lstm") is None


def test_the_verdict_names_the_best_baseline() -> None:
    said = verdict([score("ets", 0.6, 0.8), score("theta", 0.7, 0.8), score("lstm", 0.8, 0.8)], "lstm")

    assert said is not None
    assert "ets had a 25% lower error (MASE 0.600 against 0.800)" in said


def test_where_no_series_has_a_mase_the_verdict_goes_by_smape() -> None:
    said = verdict([score("ets", NAN, NAN, smape=0.22), score("lstm", NAN, NAN)], "lstm")

    assert said is not None
    assert "ets had a 96% lower error (sMAPE 0.22 % against 5.00 %)" in said


@pytest.mark.parametrize(
    ("series", "end"),
    [
        (10, "held out."),
        (3, "held out of the 3 series that it forecast."),
        (1, "held out of the one series that it forecast."),
    ],
)
def test_the_verdict_gives_its_number_of_series(series: int, end: str) -> None:
    said = verdict([score("arima", 0.3, 0.4, series), score("lstm", 0.8, 0.8)], "lstm")

    assert said is not None
    assert said.endswith(f"on the steps {end}")


def test_a_sample_is_judged_by_the_network_on_that_sample() -> None:
    easy = score("arima", 0.5, 0.4, series=3)  # lower than the network's 0.8, but not on the same series

    assert verdict([easy, score("lstm", 0.8, 0.8)], "lstm") is None
    assert baseline_notes([easy, score("lstm", 0.8, 0.8)], "lstm", 10) == [
        "arima was tried on 3 of 10 series, where lstm has the MASE 0.400."
    ]


def test_the_verdict_is_about_the_models_of_all_series_first() -> None:
    sample = score("arima", 0.3, 0.4, series=1)
    most = score("seasonal-naive", 0.3, 0.6, series=9, tried=10)
    all_series = score("theta", 0.7, 0.8)
    network = score("lstm", 0.8, 0.8)

    assert verdict([score("ets", 0.9, 0.8), network, sample], "lstm") is None
    assert verdict([sample, all_series, most, network], "lstm") == (
        "lstm does not win here: theta had a 13% lower error (MASE 0.700 against 0.800) on the steps held out."
    )
    assert verdict([sample, most, network], "lstm") == (
        "lstm does not win here: seasonal-naive had a 50% lower error (MASE 0.300 against 0.600) on the steps held out "
        "of the 9 series that it forecast."
    )


@pytest.mark.parametrize(("mase", "lost"), [(4.999, False), (4.96, False), (4.94, True)])
def test_less_than_one_percent_is_no_verdict(mase: float, lost: bool) -> None:
    assert (verdict([score("ets", mase, 5.0), score("lstm", 5.0, 5.0)], "lstm") is not None) == lost


def test_models_tried_on_a_sample_stand_below_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(METHODS, "naive", replace(METHODS["naive"], series_budget=1))
    fold = last_fold(undated(*[random_walk(80, seed) for seed in range(9)]), 4)

    scores = scores_of(fold, Repeat(plus=50), "naive", "drift")

    assert [score.model for score in scores] == ["drift", "network", "naive"]
    assert scores[2].figures["mase"] < scores[1].figures["mase"]


def test_without_a_mase_the_table_and_its_notes_go_by_smape() -> None:
    constant = last_fold(undated(np.full(20, 3.0)), 2)
    worse, better = score("lstm", NAN, NAN, smape=5.0), score("ets", NAN, NAN, series=2, smape=1.0)

    assert [score.model for score in scores_of(constant, Repeat(plus=1), "naive")] == ["naive", "network"]
    assert baseline_notes([worse, better], "lstm", 10) == [
        "ets was tried on 2 of 10 series, where lstm has the sMAPE 5.00 %."
    ]


def test_notes_name_baselines_that_failed_or_were_tried_on_a_sample() -> None:
    none, unscaled = score("ets", NAN, NAN, series=0, tried=10), score("theta", NAN, NAN, series=2)
    some = score("arima", 0.5, 0.4, series=7, tried=8)

    assert baseline_notes([none, unscaled, some], "lstm", 10) == [
        "ets failed on 10 of 10 series and has no figures.",
        "theta was tried on 2 of 10 series.",
        "arima was tried on 8 of 10 series, where lstm has the MASE 0.400.",
        "arima failed on 1 of 8 series.",
    ]


def test_a_baseline_that_fails_on_most_series_is_not_ranked() -> None:
    fold = last_fold(panel_of(seasonal(60), *[seasonal(14)] * 2), 3)

    scores = scores_of(fold, Repeat(plus=50), "seasonal-naive")

    assert [score.model for score in scores] == ["network", "seasonal-naive"]
    assert np.isnan([scores[1].figures[metric] for metric in HOLDOUT_METRICS]).all()
    assert verdict(scores, "network") is None
    assert baseline_notes(scores, "network", 3) == ["seasonal-naive failed on 2 of 3 series and has no figures."]


def test_a_note_counts_series_without_a_mase() -> None:
    notes = holdout_notes(last_fold(undated(random_walk(40), np.full(40, 5.0)), 10), 10)

    assert notes == ["1 of 2 series has no MASE: the seasonal naive forecast makes no error before the cutoff."]


def test_a_note_counts_series_that_are_too_short_to_hold_steps_out() -> None:
    whole, mixed = last_fold(undated(random_walk(40)), 10), last_fold(undated(random_walk(40), random_walk(39)), 10)

    assert holdout_notes(whole, 10) == []
    assert holdout_notes(mixed, 10) == [
        "1 of 2 series is too short to hold out 10 steps: all values are used for training, and none for this table."
    ]
    assert holdout_notes(last_fold(undated([1.0, 2.0]), 10), 10) == []


def test_a_note_says_that_fewer_steps_are_held_out_than_are_forecast() -> None:
    notes = holdout_notes(last_fold(undated(random_walk(12), random_walk(11)), 6), 6)

    assert notes[0] == "Only 3 of 6 steps are held out: a quarter of the longest series."
    assert "1 of 2 series is too short" in notes[1]


def test_a_difference_beyond_the_decimals_of_the_table_does_not_count() -> None:
    by_rounding = score("lstm", NAN, NAN, series=1)
    better = score("theta", NAN, NAN, series=1, smape=5.0 - 1e-14)

    assert verdict([better, by_rounding], "lstm") is None


def test_a_bundle_keeps_the_keys_that_runs_and_older_bundles_know() -> None:
    assert record(score("ets", 0.5, 0.4, series=7, tried=8)) == {
        "model": "ets",
        "mase": 0.5,
        "smape": 5.0,
        "rmse": 1.0,
        "tried": 8,
        "series": 7,
        "network_mase": 0.4,
        "network_smape": 5.0,
    }


# No leakage


@pytest.mark.slow
def test_no_score_of_a_training_knows_the_step_that_is_held_out(tmp_path: Path) -> None:
    """One step is held out, far above every forecast: the forecast follows from the error, and must be the same."""

    def forecasts(last: float) -> dict[str, float]:
        source = tmp_path / "series.csv"
        rows = [f"{2000 + step // 12}-{step % 12 + 1:02d}-01,{value}" for step, value in enumerate([*SERIES, last])]
        source.write_text("\n".join(["date,value", *rows]) + "\n")
        model = ModelConfig(units=(3,), input_size=13, output_size=2)
        training = TrainConfig(horizon=1, epochs=1, batch_size=8)
        request = TrainingRequest(tmp_path / "model", ReadConfig(on_outlier="keep"), model, training)
        summary = train(str(source), request, lambda *_: None)
        assert summary.holdout == 1
        return {score.model: last - score.figures["rmse"] for score in summary.scores}

    once, again = forecasts(1e4), forecasts(2e4)

    assert once.keys() == {"blend", "lstm+smoothing", "lstm", *HOLDOUT_BASELINES}
    assert once == pytest.approx(again, rel=1e-9)
    assert once["lstm+smoothing"] == pytest.approx(SERIES[-12], rel=0.5)


def test_statistical_methods_are_fitted_on_the_past_alone() -> None:
    fold = last_fold(undated(np.r_[np.zeros(30), np.full(10, 99.0)]), 10)

    assert not StatisticalForecaster("naive").predict(fold.past, 10).point.any()
