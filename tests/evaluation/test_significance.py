"""Significant differences: the tests against their formulas, and on differences that are pure chance."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from forecast_cli.evaluation.backtest import rolling
from forecast_cli.evaluation.folds import rolling_folds
from forecast_cli.evaluation.pairs import Pairs
from forecast_cli.evaluation.significance import Comparison, compare_with_best, worse
from forecast_cli.forecasting import Model
from forecast_cli.panel.panel import Panel
from tests.evaluation.simple_models import Repeat
from tests.sample_panels import random_walk, undated


def test_errors_are_compared_by_the_paired_t_test() -> None:
    for shift in np.linspace(0, 2, 21):
        d = np.random.default_rng(round(10 * shift)).normal(shift, 1, 6)
        apart = bool(stats.ttest_1samp(d, 0).pvalue < 0.05)
        assert (worse(d), worse(-d)) == (apart and d.mean() > 0, apart and d.mean() < 0)


def test_differences_without_spread() -> None:
    assert not worse(np.zeros(3))
    assert worse(np.full(3, 0.5))
    assert not worse(np.full(3, -0.5))
    assert worse(np.full(5, 0.1) + np.arange(5) * 1e-17)


def comparison(
    panel: Panel, models: dict[str, Model], horizon: int = 2, n_folds: int = 4, step: int | None = None
) -> Comparison | None:
    folds = rolling_folds(panel, horizon, n_folds, step or horizon)
    return compare_with_best(Pairs.of(list(rolling(folds, models))), step or horizon)


NEAR: dict[str, Model] = {"far": Repeat(plus=50), "near": Repeat(plus=0.01), "best": Repeat()}


def test_many_series_are_compared_where_cutoffs_are_few() -> None:
    panel = undated(*[random_walk(40, seed) for seed in range(26)])

    found = comparison(panel, NEAR, n_folds=2)

    assert found is not None
    assert found.alike is not None
    assert {found.best, *found.alike} == {"near", "best"}
    assert "t-test over 26 series; other times may differ)" in found.sentence()
    assert "far" not in found.sentence()


def test_series_without_a_scale_do_not_count_towards_many() -> None:
    panel = undated(*[random_walk(40, seed) for seed in range(9)], np.zeros(40))

    found = comparison(panel, NEAR, n_folds=2)

    assert found is not None
    assert found.alike is None


def test_one_series_is_compared_cutoff_by_cutoff() -> None:
    noise = np.random.default_rng(0).normal(size=80)
    models: dict[str, Model] = {"far": Repeat(plus=50), "up": Repeat(plus=0.3), "down": Repeat(plus=-0.3)}

    found = comparison(undated(noise), models, n_folds=10)

    assert found is not None
    assert found.alike is not None
    assert {found.best, *found.alike} == {"up", "down"}
    assert "t-test over 10 cutoffs)" in found.sentence()


def test_of_cutoffs_whose_steps_overlap_the_latest_counts() -> None:
    """Of windows 0 to 7, three to a horizon, `near` is better only at 1, 4 and 7."""
    windows = np.arange(8)
    counted = np.isin(windows, (1, 4, 7))
    near = np.where(counted, 1.0, 1.1) + 0.001 * windows
    far = np.where(counted, 2.0, 1.2)

    found = compare_with_best(pairs_of({"near": near, "far": far}, horizon=6), step_size=2)

    assert found == Comparison("near", (), "95%, t-test over 3 cutoffs that do not overlap")


def pairs_of(errors: dict[str, np.ndarray], horizon: int) -> Pairs:
    """One series of scale 1 with one of these errors at each cutoff."""
    count = len(next(iter(errors.values())))
    return Pairs(
        ids=np.full(count, "a"),
        cutoffs=np.arange(count),
        folds=np.arange(count),
        actual=np.zeros((count, horizon)),
        scales={"mase": np.ones(count), "rmsse": np.ones(count)},
        points={name: np.repeat(error[:, None], horizon, axis=1) for name, error in errors.items()},
    )


def test_an_infinite_error_is_not_the_best() -> None:
    errors = {"exploding": [1e308, 0.8, 1.0, 0.9], "best": [1.0, 0.9, 1.1, 1.0], "far": [9.0, 5.0, 5.0, 5.2]}
    pairs = pairs_of({name: np.array(each) for name, each in errors.items()}, horizon=1)
    pairs = replace(pairs, scales=dict.fromkeys(pairs.scales, np.full(4, 0.1)))

    with np.errstate(over="ignore"):
        mean, found = pairs.figure("mase", "exploding"), compare_with_best(pairs, step_size=1)

    assert mean == np.inf
    assert found == Comparison("best", (), "95%, t-test over 4 cutoffs")


def test_the_best_model_may_be_worse_at_most_cutoffs() -> None:
    """Few series are scored at all cutoffs, many only at the last ones: those decide the mean over series."""
    lasting = [np.arange(60.0, 0, -1) + 5 * row for row in range(4)]
    late = [np.arange(6.0) * 2 + row for row in range(10)]
    models: dict[str, Model] = {"up": Repeat(plus=0.9), "down": Repeat(plus=-0.9)}

    found = comparison(undated(*lasting, *late), models, horizon=1, n_folds=10)

    assert found is not None
    assert found.best == "up"
    assert found.alike == ("down",)


@pytest.mark.slow
def test_noise_is_seldom_significant_where_cutoffs_overlap() -> None:
    """Of steps that are independent those of neighbouring cutoffs are mostly the same ones."""
    apart = 0
    for seed in range(60):
        panel = undated(np.random.default_rng(seed).normal(size=90))
        found = comparison(panel, {"up": Repeat(plus=1), "down": Repeat(plus=-1)}, horizon=6, n_folds=40, step=1)
        assert found is not None
        apart += not found.alike
    assert apart <= 9


@pytest.mark.parametrize("n_folds", [1, 2])
def test_few_cutoffs_of_one_series_are_too_few_for_a_test(n_folds: int) -> None:
    found = comparison(undated(random_walk(80)), NEAR, n_folds=n_folds)

    assert found is not None
    assert found.alike is None
    assert "fewer than 3 cutoffs and fewer than 10 series cannot show" in found.sentence()


def test_noise_in_one_series_is_seldom_significant() -> None:
    """The steps after one cutoff depend on each other: two forecasts that are equally far off on a random walk."""
    apart = 0
    for seed in range(60):
        panel = undated(random_walk(100, seed))
        found = comparison(panel, {"up": Repeat(plus=1), "down": Repeat(plus=-1)}, horizon=12, n_folds=6)
        assert found is not None
        apart += not found.alike
    assert apart <= 9


def test_noise_that_all_series_share_is_seldom_significant() -> None:
    """Twelve series that share their walk are little more than one."""
    apart = 0
    for seed in range(60):
        shared = random_walk(80, seed)
        panel = undated(*[shared + 0.3 * random_walk(80, 100 * seed + row) for row in range(12)])
        found = comparison(panel, {"up": Repeat(plus=0.5), "down": Repeat(plus=-0.5)}, horizon=4, n_folds=3)
        assert found is not None
        apart += not found.alike
    assert apart <= 9


def test_noise_is_seldom_significant() -> None:
    """Two models that are equally good differ significantly in about one of twenty panels."""
    apart = 0
    for seed in range(40):
        panel = undated(*[np.random.default_rng([seed, row]).normal(size=12) for row in range(20)])
        found = comparison(panel, {"up": Repeat(plus=0.5), "down": Repeat(plus=-0.5)}, horizon=1, n_folds=1)
        assert found is not None
        apart += not found.alike
    assert apart <= 8


def test_nothing_to_compare() -> None:
    assert comparison(undated(np.zeros(40)), NEAR) is None
    assert comparison(undated(random_walk(40)), {"alone": Repeat()}) is None


def test_the_sentences() -> None:
    assert Comparison("lstm", (), "95%").sentence() == (
        "lstm has the lowest MASE, significantly lower than all others (95%)."
    )
    assert "ets does not differ significantly from it" in Comparison("lstm", ("ets",), "95%").sentence()
    assert Comparison("lstm", None, "one cutoff").sentence() == (
        "lstm has the lowest MASE; one cutoff cannot show whether the difference is significant."
    )
    assert (
        "theta, arima and ets do not differ significantly from it"
        in Comparison("lstm", ("theta", "arima", "ets"), "95%").sentence()
    )
