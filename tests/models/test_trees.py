"""What trees learn from a network's errors: what the features tell, and not the mean of the errors."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from forecast_cli.models.combined.out_of_fold import OutOfFold
from forecast_cli.models.combined.trees import learn
from tests.sample_panels import Floats

HIDDEN, HORIZON, BLOCK = 120, 3, 20
ORIGIN = np.repeat(np.arange(HIDDEN, 0, -1), HORIZON)
STEP = np.tile(np.arange(1, HORIZON + 1), HIDDEN)


def rows(error: Callable[[Floats], Floats]) -> OutOfFold:
    """Pairs of one series, whose network lacks `error` of the first feature, and noise."""
    chance = np.random.default_rng(0)
    known = ORIGIN >= STEP
    features = chance.normal(size=(len(ORIGIN), 4)).astype(np.float32)
    lacks = error(features[:, 0].astype(np.float64)) + chance.normal(0, 0.1, len(ORIGIN))
    return OutOfFold(
        features=features[known],
        network=np.zeros(known.sum()),
        actual=lacks[known],
        series=np.zeros(known.sum(), dtype=np.int64),
        origin=ORIGIN[known],
        target=(ORIGIN - STEP)[known],
        block=BLOCK,
        longest=HORIZON,
    )


def test_errors_are_learned_without_their_mean_at_each_step() -> None:
    pairs = OutOfFold(
        features=np.zeros((5, 1), dtype=np.float32),
        network=np.array([1.0, 2, 3, 4, 5]),
        actual=np.array([2.0, 5, 4, 6, 50]),
        series=np.zeros(5, dtype=np.int64),
        origin=np.array([9, 9, 8, 8, 1]),
        target=np.array([8, 7, 7, 6, 0]),
        block=1,
        longest=2,
    )

    learned = pairs.errors(np.array([True, True, True, True, False]))

    assert learned.tolist() == [0, 0.5, 0, -0.5]  # errors 1, 3, 1, 2 at steps 1, 2, 1, 2


@pytest.mark.slow
def test_trees_are_not_kept_for_a_network_that_is_too_low_everywhere() -> None:
    """Another training of the network would be too low by another amount, or too high."""
    part, trees = learn("boosting", rows(lambda _: 3.0 * STEP), seed=0)

    assert (part.share, trees) == (0, None)


@pytest.mark.slow
def test_trees_are_kept_for_what_the_features_tell() -> None:
    part, trees = learn("boosting", rows(lambda known: 0.2 * STEP + np.sign(known)), seed=0)

    assert part.share > 0
    assert trees is not None
    forecast = trees.run(np.array([[-1, 0, 0, 0], [1, 0, 0, 0]], dtype=np.float32))
    np.testing.assert_allclose(forecast, [-1, 1], atol=0.2)
