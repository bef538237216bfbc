"""When the members of a blend are weighed, and on which steps."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
import pytest

from forecast_cli.forecasting import Forecast, Progress
from forecast_cli.models.combined.blend import (
    BLEND,
    BlendForecaster,
    BlendModel,
    weighing_fold,
    weighing_folds,
)
from forecast_cli.models.combined.weights import Weights
from forecast_cli.models.description import Smoothing
from forecast_cli.models.network.model import NetworkModel
from forecast_cli.models.training import Training
from forecast_cli.options import ModelConfig, TrainConfig
from forecast_cli.panel.panel import Panel
from tests.sample_panels import random_walk, undated


@dataclass
class Recorded:
    """In a network's place, both unfitted and fitted: forecasts a constant, and keeps what it was given to learn."""

    name: str = "lstm+smoothing"
    network: NetworkModel = field(
        default_factory=lambda: NetworkModel("lstm", Training(ModelConfig(), TrainConfig(horizon=4)))
    )
    smoothing: Smoothing = field(default_factory=lambda: Smoothing(0.5))
    learned: list[Panel] = field(default_factory=list)
    value: float = 1

    def fit(self, panel: Panel, _progress: Progress, _cutoff: str | None = None) -> Recorded:
        self.learned.append(panel)
        return self

    def update(self, panel: Panel, _cutoff: str | None = None) -> None:
        self.learned.append(panel)

    def predict(self, panel: Panel, horizon: int) -> Forecast:
        return Forecast.after(panel, np.full((len(panel), horizon), self.value))


def test_the_network_is_weighed_before_it_learns_the_steps_that_weigh_it() -> None:
    panel = undated(random_walk(40), random_walk(30, seed=1))
    network = Recorded()

    BlendModel(cast(Any, network)).fit(panel)

    before, after = network.learned
    assert before.lengths.tolist() == [36, 26]
    np.testing.assert_array_equal(before.values, np.r_[panel.values[:36], panel.values[40:66]])
    assert after is panel


def better_late(length: int) -> Panel:
    """One series, which is 3 up to its last four steps, and then 1."""
    return undated(np.r_[np.full(length - 4, 3.0), np.ones(4)])


def blend_of(panel: Panel) -> BlendForecaster:
    """A blend of two constants, 3 and 1, with horizon 4, whose members have learned the whole panel."""
    weights = Weights(("theta", "ets"), panel.ids, np.array([[0.9, 0.1]]))
    members = {"theta": Recorded(value=3), "ets": Recorded(value=1)}
    learned = dict(zip(panel.ids.tolist(), panel.lengths.tolist(), strict=True))
    return BlendForecaster(BLEND, cast(Any, members), weights, horizon=4, learned=learned)


def test_members_are_weighed_anew_on_the_steps_held_out_before_they_learn_them() -> None:
    panel = better_late(40)
    blend = blend_of(panel.drop_last(4))

    blend.update(panel)

    assert blend.weights.each[0, 1] > 0.99
    assert blend.scored is not None
    assert blend.scored.each.tolist() == [[0.9, 0.1]]
    assert [member.learned[-1] for member in cast(Any, blend.members).values()] == [panel, panel]


@pytest.mark.parametrize("hidden", [0, 1, 3])
def test_steps_that_members_have_learned_do_not_weigh_them(hidden: int) -> None:
    panel = better_late(40)
    blend = blend_of(panel.drop_last(hidden))

    blend.update(panel)
    blend.update(panel)

    assert blend.weights.each.tolist() == [[0.9, 0.1]]


def test_a_blend_without_a_holdout_keeps_its_weights() -> None:
    panel = undated([1.0, 2.0])
    blend = blend_of(panel)

    blend.update(panel)

    assert blend.weights.each.tolist() == [[0.9, 0.1]]


def test_few_series_are_weighed_at_two_cutoffs_and_many_at_one() -> None:
    few, many = (undated(*[random_walk(40, seed) for seed in range(count)]) for count in (2, 11))

    for panel, cutoffs in ((few, [36, 38]), (many, [36])):
        fold = weighing_fold(panel, 4)
        assert fold is not None
        folds = weighing_folds(fold, panel)
        assert [one.known.lengths.tolist() for one in folds] == [[cutoff] * len(panel) for cutoff in cutoffs]
        for one, cutoff in zip(folds, cutoffs, strict=True):
            np.testing.assert_array_equal(one.actual, panel.values.reshape(-1, 40)[:, cutoff:])
