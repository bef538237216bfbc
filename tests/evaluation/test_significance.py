"""Which differences are more than noise: the tests against their formulas, and against noise itself."""

from __future__ import annotations

import numpy as np
import pytest
from sample_panels import random_walk, undated
from scipy import stats
from simple_models import Repeat

from forecast_cli.evaluation.backtest import rolling
from forecast_cli.evaluation.folds import rolling_folds
from forecast_cli.evaluation.pairs import Pairs
from forecast_cli.evaluation.significance import Comparison, compare_with_best, differ
from forecast_cli.panel.forecaster import Model
from forecast_cli.panel.panel import Panel


def test_errors_are_compared_by_the_paired_t_test() -> None:
    for shift in np.linspace(0, 2, 21):
        d = np.random.default_rng(round(10 * shift)).normal(shift, 1, 6)
        assert differ(d) == differ(-d) == bool(stats.ttest_1samp(d, 0).pvalue < 0.05)


def test_differences_without_spread() -> None:
    assert not differ(np.zeros(3))
    assert differ(np.full(3, 0.5))
    assert differ(np.full(5, 0.1) + np.arange(5) * 1e-17)


def comparison(
    panel: Panel, models: dict[str, Model], horizon: int = 2, n_windows: int = 4, step: int | None = None
) -> Comparison | None:
    folds = rolling_folds(panel, horizon, n_windows, step or horizon)
    return compare_with_best(Pairs.of(list(rolling(folds, models))), step or horizon)


NEAR: dict[str, Model] = {"far": Repeat(plus=50), "near": Repeat(plus=0.01), "best": Repeat()}


def test_many_series_are_compared() -> None:
    panel = undated(*[random_walk(40, seed) for seed in range(26)])

    found = comparison(panel, NEAR)

    assert found is not None
    assert found.alike is not None
    assert {found.best, *found.alike} == {"near", "best"}
    assert "t-test over 26 series)" in found.sentence()
    assert "far" not in found.sentence()


def test_one_series_is_compared_cutoff_by_cutoff() -> None:
    noise = np.random.default_rng(0).normal(size=80)
    models: dict[str, Model] = {"far": Repeat(plus=50), "up": Repeat(plus=0.3), "down": Repeat(plus=-0.3)}

    found = comparison(undated(noise), models, n_windows=10)

    assert found is not None
    assert found.alike is not None
    assert {found.best, *found.alike} == {"up", "down"}
    assert "t-test over 10 cutoffs)" in found.sentence()


def test_of_cutoffs_whose_steps_overlap_the_latest_counts() -> None:
    panel = undated(random_walk(80))
    close, apart = (comparison(panel, NEAR, horizon=6, n_windows=n, step=step) for n, step in ((8, 2), (3, 6)))

    assert close is not None
    assert apart is not None
    assert close.alike == apart.alike
    assert "t-test over 3 cutoffs that do not overlap)" in close.sentence()


def test_noise_is_seldom_taken_for_more_where_cutoffs_overlap() -> None:
    """Of steps that are independent those of neighbouring cutoffs are mostly the same ones."""
    apart = 0
    for seed in range(60):
        panel = undated(np.random.default_rng(seed).normal(size=90))
        found = comparison(panel, {"up": Repeat(plus=1), "down": Repeat(plus=-1)}, horizon=6, n_windows=40, step=1)
        assert found is not None
        apart += not found.alike
    assert apart <= 9


@pytest.mark.parametrize("n_windows", [1, 2])
def test_few_cutoffs_of_one_series_tell_nothing_apart(n_windows: int) -> None:
    found = comparison(undated(random_walk(80)), NEAR, n_windows=n_windows)

    assert found is not None
    assert found.alike is None
    assert "fewer than 3 cutoffs of so few series cannot tell" in found.sentence()


def test_noise_in_one_series_is_seldom_taken_for_more() -> None:
    """The steps after one cutoff depend on each other: two forecasts that are equally far off on a random walk."""
    apart = 0
    for seed in range(60):
        panel = undated(random_walk(100, seed))
        found = comparison(panel, {"up": Repeat(plus=1), "down": Repeat(plus=-1)}, horizon=12, n_windows=6)
        assert found is not None
        apart += not found.alike
    assert apart <= 9


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
    assert Comparison("lstm", None, "one cutoff").sentence() == (
        "lstm has the lowest MASE; one cutoff cannot tell whether by more than chance."
    )
    assert "theta, arima and ets are within" in Comparison("lstm", ("theta", "arima", "ets"), "95%").sentence()
