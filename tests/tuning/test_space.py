"""What a tuning searches: candidates that suit the data, and how the options of a trial reach the training."""

from __future__ import annotations

import numpy as np
import pytest

from forecast_cli.model_names import NETWORKS
from forecast_cli.models.network.defaults import choose
from forecast_cli.networks import TOPOLOGIES
from forecast_cli.networks.search import Range
from forecast_cli.options import ModelConfig, TrainConfig
from forecast_cli.panel.panel import Panel
from forecast_cli.tuning.space import Dimension, applied, rounded, space_of, topology_of
from tests.sample_panels import panel_of, seasonal


def dimensions(
    panel: Panel,
    topology: str = "lstm",
    model: ModelConfig = ModelConfig(),  # noqa: B008
    training: TrainConfig = TrainConfig(),  # noqa: B008
) -> dict[str, Dimension]:
    recipe = choose(topology, panel, model, training)
    return {each.name: each for each in space_of(recipe, panel, model, training)}


@pytest.mark.parametrize("topology", TOPOLOGIES)
@pytest.mark.parametrize("size", [72, 3000])
def test_the_default_is_one_of_the_candidates(topology: str, size: int) -> None:
    for each in dimensions(panel_of(seasonal(size)), topology).values():
        if isinstance(each.candidates, Range):
            assert each.candidates.low <= each.default <= each.candidates.high
        else:
            assert each.default in each.candidates
            assert len(each.candidates) > 1


def test_an_option_that_is_given_is_not_searched() -> None:
    given = dimensions(
        panel_of(seasonal(72)), model=ModelConfig(units=(8,)), training=TrainConfig(epochs=2, loss="mse")
    )
    assert not given.keys() & {"units", "epochs", "loss"}
    assert given.keys() >= {"dropout", "learning-rate", "input-size", "batch-size"}


def test_layers_are_multiples_of_the_default() -> None:
    units = dimensions(panel_of(seasonal(72)))["units"]
    assert units.default == "16"
    assert units.candidates == ("8", "16", "32", "64", "16,16", "32,32")


def test_a_window_is_no_longer_than_half_of_a_series() -> None:
    assert dimensions(panel_of(seasonal(60)))["input-size"].candidates == (9, 18, 27)


def test_a_window_of_hours_has_whole_days() -> None:
    panel = panel_of(np.tile(np.arange(24.0), 30), freq="h", season_length=24)
    assert all(size % 24 == 0 for size in dimensions(panel)["input-size"].candidates)


def test_the_options_of_a_trial_are_added_to_those_that_are_given() -> None:
    trial = {"units": "32,32", "learning-rate": 0.004, "loss": "huber", "epochs": 9}
    model, training = applied(trial, ModelConfig(dropout=0.1), TrainConfig(horizon=6, seed=3))
    assert model == ModelConfig(units=(32, 32), dropout=0.1)
    assert training == TrainConfig(horizon=6, seed=3, learning_rate=0.004, loss="huber", epochs=9)


def test_numbers_are_short_enough_to_read() -> None:
    assert rounded({"learning-rate": 0.00123456, "epochs": 12, "units": "64,64"}) == {
        "learning-rate": 0.00123,
        "epochs": 12,
        "units": "64,64",
    }


@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_has_a_search_space(name: str) -> None:
    assert TOPOLOGIES[topology_of(name)].search


def test_the_topology_is_the_first_part_of_the_name() -> None:
    assert [topology_of(name) for name in ("gru", "gru+smoothing", "blend")] == ["gru", "gru", "lstm"]
