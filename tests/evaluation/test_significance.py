"""Which differences are more than noise: the tests against their formulas, and against noise itself."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sample_panels import Floats, random_walk, undated
from scipy import stats
from simple_models import Repeat

from forecast_cli.evaluation.backtest import rolling
from forecast_cli.evaluation.folds import rolling_folds
from forecast_cli.evaluation.pairs import Pairs
from forecast_cli.evaluation.significance import Comparison, compare_with_best, diebold_mariano
from forecast_cli.panel.forecaster import Model
from forecast_cli.panel.panel import Panel


def formula(d: Floats, reach: int) -> float:
    """The statistic as the two papers write it, with Bartlett's weights."""
    steps, centred = len(d), d - d.mean()
    covariance = [float((centred[lag:] * centred[: steps - lag]).sum() / steps) for lag in range(reach)]
    variance = covariance[0] + 2 * sum((1 - lag / reach) * covariance[lag] for lag in range(1, reach))
    correction = (steps + 1 - 2 * reach + reach * (reach - 1) / steps) / steps
    statistic = d.mean() / math.sqrt(variance / steps) * math.sqrt(correction)
    return float(2 * stats.t.sf(abs(statistic), steps - 1))


@pytest.mark.parametrize("reach", [1, 4, 12])
def test_diebold_mariano_is_its_formula(reach: int) -> None:
    d = np.random.default_rng(reach).normal(0.2, 1, 40)

    assert diebold_mariano(d, reach) == pytest.approx(formula(d, reach))
    assert diebold_mariano(np.r_[np.nan, d, np.nan], reach) == pytest.approx(formula(d, reach))
    assert diebold_mariano(-d, reach) == pytest.approx(formula(d, reach))


def test_one_step_ahead_is_nearly_the_paired_t_test() -> None:
    d = np.random.default_rng(3).normal(0.3, 1, 200)

    assert diebold_mariano(d, 1) == pytest.approx(stats.ttest_1samp(d, 0).pvalue, rel=0.05)


def test_what_cannot_be_told_is_not() -> None:
    assert diebold_mariano(np.zeros(30), 3) == 1
    assert diebold_mariano(np.array([]), 3) == 1
    assert diebold_mariano(np.full(12, 0.5) + np.arange(12), 12) == 1  # one cutoff: its steps depend on each other
    assert diebold_mariano(np.full(12, 0.5), 1) == 0


def comparison(panel: Panel, models: dict[str, Model], horizon: int = 2, n_windows: int = 4) -> Comparison | None:
    folds = rolling_folds(panel, horizon, n_windows, horizon)
    return compare_with_best(Pairs.of(list(rolling(folds, models))), horizon)


NEAR: dict[str, Model] = {"far": Repeat(plus=50), "near": Repeat(plus=0.01), "best": Repeat()}


def test_many_series_are_resampled() -> None:
    panel = undated(*[random_walk(40, seed) for seed in range(26)])

    found = comparison(panel, NEAR)

    assert found is not None
    assert {found.best, *found.alike} == {"near", "best"}
    assert "bootstrap over 26 series" in found.sentence()
    assert "far" not in found.sentence()


def test_one_series_is_compared_step_by_step() -> None:
    noise = np.random.default_rng(0).normal(size=80)
    models: dict[str, Model] = {"far": Repeat(plus=50), "up": Repeat(plus=0.3), "down": Repeat(plus=-0.3)}

    found = comparison(undated(noise), models, n_windows=10)

    assert found is not None
    assert {found.best, *found.alike} == {"up", "down"}
    assert "over 20 steps" in found.sentence()


def test_one_cutoff_of_one_series_tells_nothing_apart() -> None:
    found = comparison(undated(random_walk(80)), NEAR, n_windows=1)

    assert found is not None
    assert len(found.alike) == 2


def test_noise_is_seldom_taken_for_more() -> None:
    """Two models that are equally good are told apart in about one of twenty panels."""
    apart = 0
    for seed in range(40):
        panel = undated(*[np.random.default_rng([seed, row]).normal(size=12) for row in range(20)])
        found = comparison(panel, {"up": Repeat(plus=0.5), "down": Repeat(plus=-0.5)}, horizon=1, n_windows=1)
        assert found is not None
        apart += not found.alike
    assert apart <= 8


def test_nothing_to_compare() -> None:
    assert comparison(undated(np.zeros(40)), NEAR) is None
    assert comparison(undated(random_walk(40)), {"alone": Repeat()}) is None


def test_the_sentences() -> None:
    assert Comparison("lstm", (), "95%").sentence() == (
        "lstm has the lowest MASE, by more than chance against every other (95%)."
    )
    assert "ets is within chance of it" in Comparison("lstm", ("ets",), "95%").sentence()
    assert "theta, arima and ets are within" in Comparison("lstm", ("theta", "arima", "ets"), "95%").sentence()
