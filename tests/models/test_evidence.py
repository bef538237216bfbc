"""Whether trees have a share in a forecast: worked by hand on folds of a few steps."""

from __future__ import annotations

import numpy as np
import pytest

from forecast_cli.models.combined.evidence import Evidence, FoldForecasts
from tests.sample_panels import Floats

UNITS = np.arange(20)


def fold(network: Floats, trees: Floats) -> FoldForecasts:
    """A fold of one step for each of 20 series, whose actual values are 0; so a forecast is its own error."""
    return FoldForecasts(network, trees, np.zeros(20), UNITS)


def noise(seed: int) -> Floats:
    return np.random.default_rng(seed).normal(0, 0.1, 20)


NETWORK = np.ones(20)


def opposite(seed: int) -> FoldForecasts:
    """Network and trees are wrong by the same amount on opposite sides: their mean is right."""
    return fold(NETWORK + noise(seed), -NETWORK + noise(seed + 50))


def alike(seed: int) -> FoldForecasts:
    """Trees that repeat the network's forecast, with noise."""
    return fold(NETWORK + noise(seed), NETWORK + noise(seed + 50))


def test_errors_are_means_over_each_unit() -> None:
    scored = FoldForecasts(np.array([2.0, 4, 6]), np.array([0.0, 0, 6]), np.zeros(3), np.array([7, 7, 3]))

    np.testing.assert_allclose(scored.errors(), [[6, 6, 6], [3, 1.5, 0]])


def test_the_share_is_the_one_with_the_lowest_error() -> None:
    half = Evidence.of([opposite(at) for at in range(3)])
    whole = Evidence.of([fold(NETWORK + noise(at), noise(at) / 10) for at in range(3)])

    assert (half.share, whole.share) == (0.5, 1.0)
    assert half.keeps_trees
    assert whole.keeps_trees
    assert half.error < 0.2
    np.testing.assert_allclose(whole.errors[:2], [1, 0.5], atol=0.05)


@pytest.mark.parametrize(("won", "kept"), [(3, True), (2, True), (1, False), (0, False)])
def test_trees_are_kept_if_their_share_wins_two_folds_of_three(won: int, kept: bool) -> None:
    folds = [opposite(at) for at in range(won)] + [fold(0.01 * NETWORK, NETWORK + noise(at)) for at in range(won, 3)]

    evidence = Evidence.of(folds)

    assert (evidence.won, evidence.keeps_trees) == (won, kept)


def test_a_gain_within_the_standard_error_is_none() -> None:
    assert Evidence.of([alike(at) for at in range(3)]).won == 0


@pytest.mark.parametrize(("on_the_other_side", "won"), [(-1.9, 3), (-1.4, 0)])
def test_the_mean_must_beat_the_trees_too(on_the_other_side: float, won: int) -> None:
    """The network is wrong by 2. Where the trees are nearly right, the mean is worse than they are; else better."""
    trees = np.repeat([0.1, on_the_other_side], 10)

    evidence = Evidence.of([fold(2 * NETWORK, trees + noise(at) / 100) for at in range(3)])

    assert evidence.share == 0.5
    assert evidence.errors[1] < evidence.errors[2] < 0.51
    assert evidence.won == won


def test_the_share_for_a_fold_comes_from_the_other_folds() -> None:
    """Half is best in the last fold, but the others decide for all of the trees, which are as wrong as the network."""
    all_of_it = [fold(NETWORK + noise(at), noise(at) / 10) for at in range(2)]

    evidence = Evidence.of([*all_of_it, fold(NETWORK, -NETWORK)])

    assert evidence.won < 3


def test_one_unit_is_no_evidence() -> None:
    one = FoldForecasts(np.ones(4), -np.ones(4), np.zeros(4), np.zeros(4, dtype=np.int64))

    assert Evidence.of([one, one, one]).won == 0
