"""Anomalies: what is found, at which rate, and that nothing later has a part in it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast_cli.evaluation.anomalies.cleaning import clean
from forecast_cli.evaluation.anomalies.detection import anomalies, cleaned, judge, stretches
from forecast_cli.evaluation.anomalies.kinds import LEVEL_SHIFT, SHAPE, SPIKE, VARIANCE, kind_of
from forecast_cli.evaluation.anomalies.rolling import rolling_forecasts
from forecast_cli.evaluation.anomalies.subsequences import distances
from forecast_cli.evaluation.anomalies.tails import MIN_SCORES, p_values
from forecast_cli.models.statistical.model import StatisticalForecaster
from forecast_cli.panel.panel import Panel
from tests.sample_panels import undated

SEASON, LENGTH = 12, 600


def seasonal(seed: int = 0, length: int = LENGTH) -> np.ndarray:
    """A season of 12 steps, and noise."""
    chance = np.random.default_rng(seed)
    return 50 + 10 * np.sin(2 * np.pi * np.arange(length) / SEASON) + chance.normal(0, 1, length)


def panel_of(*series: np.ndarray) -> Panel:
    return undated(*series, season_length=SEASON)


def none(panel: Panel) -> np.ndarray:
    return np.full(len(panel.values), np.nan)


# --- p-values


def test_p_values_of_scores_alike_are_uniform() -> None:
    p = p_values(np.abs(np.random.default_rng(0).normal(size=20_000)))

    assert np.isnan(p[:MIN_SCORES]).all()
    for rate in (0.1, 0.01, 0.001):
        assert np.nanmean(p <= rate) == pytest.approx(rate, rel=0.5)


def test_a_score_far_above_all_others_has_a_p_value_below_one_over_n() -> None:
    scores = np.abs(np.random.default_rng(0).normal(size=501))
    scores[-1] = 20.0

    assert p_values(scores)[-1] < 1e-4


@settings(max_examples=20, deadline=None)
@given(st.lists(st.floats(0, 1e6), min_size=MIN_SCORES + 5, max_size=120))
def test_p_values_are_above_0_and_at_most_1(scores: list[float]) -> None:
    p = p_values(np.array(scores))[MIN_SCORES:]

    assert ((p > 0) & (p <= 1)).all()


# --- cleaning


def test_a_spike_does_not_enter_and_a_new_level_does() -> None:
    values = seasonal()
    values[300] += 1000
    values[400:] += 20
    result = clean(values[None], SEASON).values[0]

    assert abs(result[300] - seasonal()[300]) < 10
    assert np.abs(result[420:] - values[420:]).max() < 5


def test_a_gap_is_filled_by_what_was_expected() -> None:
    values = seasonal()
    values[300:324] = np.nan

    assert np.abs(clean(values[None], SEASON).values[0][300:324] - seasonal()[300:324]).max() < 6


# --- nothing later


@pytest.mark.slow
@settings(max_examples=10, deadline=None)
@given(st.integers(200, 590), st.integers(0, 5))
def test_later_values_change_no_score_before_them(cutoff: int, seed: int) -> None:
    panel = panel_of(moved_in_a_gap(30, seed), seasonal(seed + 1, 400))
    later = panel.values.copy()
    later[cutoff:LENGTH] = 7777.0
    changed = replace(panel, values=later)

    before, after = judge(panel, none(panel)), judge(changed, none(changed))

    unchanged = np.r_[np.arange(cutoff), np.arange(LENGTH, len(later))]
    for name in ("expected", "ahead", "p_error", "p_shape", "p"):
        np.testing.assert_array_equal(getattr(before, name)[unchanged], getattr(after, name)[unchanged])


@pytest.mark.parametrize("together", [False, True])
def test_a_rolling_forecast_knows_nothing_after_its_cutoff(together: bool) -> None:
    panel = panel_of(seasonal(length=100), seasonal(1, 100))
    first = np.array([20, 20])
    changed = replace(panel, values=np.where(np.arange(200) % 100 >= 60, 1e6, panel.values))
    naive = StatisticalForecaster("seasonal-naive")

    before, after = (rolling_forecasts(naive, each, first, 8, together) for each in (panel, changed))

    assert np.isnan(before[:20]).all()
    assert np.isfinite(before[20:100]).all()
    np.testing.assert_array_equal(before[:61], after[:61])


def test_rolling_forecasts_are_those_of_predict() -> None:
    panel = panel_of(seasonal(length=100))
    naive = StatisticalForecaster("naive")

    every_step = rolling_forecasts(naive, panel, np.array([20]), 80)
    with_four_cutoffs = rolling_forecasts(naive, panel, np.array([20]), 4)

    np.testing.assert_allclose(every_step[20:], panel.values[19:-1])
    np.testing.assert_allclose(with_four_cutoffs[20:], np.repeat(panel.values[[19, 39, 59, 79]], 20))


# --- what is found


def planted(kind: str) -> np.ndarray:
    values, chance = seasonal(), np.random.default_rng(1)
    if kind == SPIKE:
        values[400] += 12
    elif kind == LEVEL_SHIFT:
        values[400:] += 12
    elif kind == VARIANCE:
        values[400:424] += chance.normal(0, 8, 24)
    else:
        values[400:412] = values[400:412].mean()
    return values


@pytest.mark.parametrize("kind", [SPIKE, LEVEL_SHIFT, VARIANCE, SHAPE])
def test_a_planted_anomaly_is_found(kind: str) -> None:
    panel = panel_of(planted(kind))

    found = anomalies(panel, judge(panel, none(panel)), 0.001)

    near = [each for each in found if 400 <= each.peak <= 424]
    assert near
    if kind != SHAPE:
        assert near[0].kind == kind


def test_a_gap_is_no_anomaly() -> None:
    values = seasonal()
    values[400:430] = np.nan
    panel = panel_of(values)

    judged = judge(panel, none(panel))

    assert np.isnan(judged.p[400:430]).all()
    assert not [each for each in anomalies(panel, judged, 0.001) if 400 <= each.peak <= 460]


def moved_in_a_gap(steps: int, seed: int = 0) -> np.ndarray:
    """Seasonal values whose level rises by 40 in a gap that starts at index 400."""
    values = seasonal(seed)
    values[400:] += 40
    values[400 : 400 + steps] = np.nan
    return values


@pytest.mark.parametrize("seed", range(3))
def test_a_level_that_moved_in_a_gap_longer_than_a_season_is_no_anomaly(seed: int) -> None:
    panel = panel_of(moved_in_a_gap(SEASON + 1, seed))

    judged = judge(panel, none(panel))

    assert np.isnan(judged.p[400 + SEASON + 1])
    assert np.isfinite(judged.p[400 + SEASON + 2 :]).all()
    assert not [each for each in anomalies(panel, judged, 0.0001) if each.end >= 400]
    assert np.abs(judged.expected - panel.values)[430:].max() < 6
    assert np.abs(cleaned(panel) - panel.values)[430:].max() < 3


def test_a_level_that_moved_in_a_gap_of_at_most_a_season_is_an_anomaly() -> None:
    panel = panel_of(moved_in_a_gap(SEASON))

    found = anomalies(panel, judge(panel, none(panel)), 0.0001)

    assert [each.start for each in found if each.end >= 400][:1] == [panel.times[400 + SEASON]]


def test_a_spike_after_a_long_gap_is_found() -> None:
    values = moved_in_a_gap(30)
    values[433] += 12
    panel = panel_of(values)

    found = anomalies(panel, judge(panel, none(panel)), 0.001)

    assert panel.times[433] in [each.start for each in found]


def test_no_forecast_of_a_model_reaches_over_a_long_gap() -> None:
    panel = panel_of(moved_in_a_gap(30))
    complete = replace(panel, values=cleaned(panel))

    forecasts = rolling_forecasts(
        StatisticalForecaster("naive"), complete, np.array([20]), 10, stretches=stretches(panel)
    )

    stride = 58
    assert np.isfinite(forecasts[20:430]).all()
    assert np.isnan(forecasts[430 : 20 + 8 * stride]).all()
    assert np.isfinite(forecasts[20 + 8 * stride :]).all()


def test_after_a_spike_the_next_points_are_expected_as_before() -> None:
    spiked = seasonal()
    spiked[400] += 1000
    before, after = (judge(panel_of(each), none(panel_of(each))) for each in (seasonal(), spiked))

    assert np.abs(after.expected[401:] - before.expected[401:]).max() < 3
    assert np.abs(cleaned(panel_of(spiked))[401:] - seasonal()[401:]).max() < 3


@pytest.mark.parametrize("constant", [0.0, 5.0, -1e9])
def test_a_constant_series_has_no_anomaly_until_it_changes(constant: float) -> None:
    values = np.full(400, constant)
    values[300] += 1.0
    panel = panel_of(values)

    found = anomalies(panel, judge(panel, none(panel)), 0.001)

    assert [each.start for each in found][:1] == [panel.times[300]]


def test_the_alarm_rate_on_clean_data_is_the_one_asked_for() -> None:
    panel = panel_of(*(seasonal(seed, 2000) for seed in range(12)))
    judged = judge(panel, none(panel))
    points = np.isfinite(judged.p).sum()

    for rate in (0.01, 0.003):
        assert len(anomalies(panel, judged, rate)) / points == pytest.approx(rate, rel=0.5)


@pytest.mark.parametrize(
    ("errors", "kind"),
    [
        ([9, 0, 0, 1, 0, 1], SPIKE),
        ([9, 8, 9, 7, 9, 8], LEVEL_SHIFT),
        ([-9, -8, -9, -7, -9, 0], LEVEL_SHIFT),
        ([9, -8, 9, -7, 9, 8], VARIANCE),
        ([1, 0, 1, 0, 1, 0], SHAPE),
        ([np.nan, 9, np.nan, 0, 0, 1], SPIKE),
    ],
)
def test_kinds_follow_from_the_first_errors(errors: list[float], kind: str) -> None:
    p = np.where(np.abs(errors) > 3, 1e-4, 0.5)

    assert kind_of(np.array(errors, dtype=float), p) == kind


# --- shapes


def test_a_season_like_the_others_is_near_them_and_another_is_far() -> None:
    values = seasonal()
    values[400:412] = values[400:412][::-1]

    far = distances(values, SEASON)

    assert np.isnan(far[:50]).all()
    assert np.nanargmax(far) in range(402, 424)


def test_long_seasons_are_seen_as_means() -> None:
    values = np.sin(2 * np.pi * np.arange(3000) / 288) + np.random.default_rng(0).normal(0, 0.1, 3000)
    values[2000:2100] = 0

    assert np.nanargmax(distances(values, 288)) in range(2000, 2388)


def test_further_rows_change_no_score_before_them() -> None:
    hours = undated(np.tile(seasonal(0, 240), 4), season_length=24)
    shorter = hours.drop_last(500)

    np.testing.assert_array_equal(judge(hours, none(hours)).p[:460], judge(shorter, none(shorter)).p)
