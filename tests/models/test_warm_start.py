"""A warm start is refused if the data or the options give the network other covariates, calendar or joint series."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from forecast_cli.errors import DataError, UsageError
from forecast_cli.models.network.defaults import Recipe, choose
from forecast_cli.models.network.trained import State
from forecast_cli.models.network.warm_start import EarlierNetwork
from forecast_cli.options import ModelConfig, TrainConfig
from forecast_cli.panel.covariates import FUTURE, STATIC, Covariate, Covariates
from forecast_cli.panel.panel import Panel
from tests.sample_panels import panel_of, seasonal

PRICE, REGION = Covariate("price", FUTURE), Covariate("region", STATIC, ("east", "west"))
PLAIN = panel_of(seasonal(40), seasonal(40, seed=1), freq="D", season_length=7)
TRAINING, UNSET = TrainConfig(horizon=4), ModelConfig()


def with_columns(*columns: Covariate) -> Panel:
    """PLAIN with these covariates, which change."""
    rows = len(PLAIN.values)
    ahead = np.tile(np.arange(rows)[:, None] % 2.0, (1, len(columns)))
    known = Covariates(columns, np.empty((rows, 0)), ahead, PLAIN.indptr[:-1], PLAIN.indptr[1:])
    return replace(PLAIN, covariates=known)


def earlier(panel: Panel, model: ModelConfig = UNSET) -> EarlierNetwork:
    """A network that was trained on the panel with these options."""
    recipe = choose("gru", panel, model, TRAINING)
    return EarlierNetwork(
        directory=Path("model"),
        name="gru",
        spec=recipe.spec,
        shape=recipe.shape,
        context_size=recipe.context_size,
        smoothing=None,
        choice=None,
        trees=None,
        tree_file=None,
        horizon=4,
        freq=panel.freq,
        season_length=panel.season_length,
        covariates=panel.covariates.columns if panel.covariates else (),
        state=State(b"", "2000-02-09"),
    )


def continued(network: EarlierNetwork, panel: Panel, model: ModelConfig = UNSET) -> Recipe:
    return network.recipe("gru", panel, model, TRAINING)


@pytest.mark.parametrize(
    ("panel", "model"),
    [
        (with_columns(PRICE, REGION), ModelConfig()),
        (with_columns(PRICE, REGION), ModelConfig(calendar=("weekday",), holidays=("DE-BY",))),
        (PLAIN, ModelConfig(calendar=("auto",))),
        (PLAIN, ModelConfig(joint=True)),
    ],
    ids=["covariates", "parts and holidays", "calendar", "joint"],
)
@pytest.mark.parametrize("repeated", [True, False])
def test_the_same_data_and_options_go_on_whether_or_not_they_are_repeated(
    panel: Panel, model: ModelConfig, repeated: bool
) -> None:
    network = earlier(panel, model)

    recipe = continued(network, panel, model if repeated else UNSET)

    assert (recipe.spec, recipe.shape) == (network.spec, network.shape)


def test_the_order_of_covariates_does_not_matter_and_new_categories_do_not_either() -> None:
    network = earlier(with_columns(PRICE, REGION))

    recipe = continued(network, with_columns(replace(REGION, categories=("east", "north", "west")), PRICE))

    assert recipe.shape == network.shape


@pytest.mark.parametrize(
    ("trained", "given", "message"),
    [
        (with_columns(PRICE), PLAIN, "have no covariate 'price', and the model in model was trained with it"),
        (PLAIN, with_columns(PRICE), "model was trained without the covariate 'price'"),
        (with_columns(PRICE), with_columns(PRICE, REGION), "model was trained without the covariate 'region'"),
        (with_columns(PRICE), with_columns(replace(PRICE, kind=STATIC)), "'price' has another kind in the model"),
        (with_columns(PRICE), with_columns(replace(PRICE, categories=("a", "b"))), "'price' had numbers when the mod"),
        (with_columns(REGION), with_columns(replace(REGION, categories=None)), "'region' had words when the model"),
    ],
)
def test_other_covariates_are_refused(trained: Panel, given: Panel, message: str) -> None:
    with pytest.raises(DataError, match=message) as error:
        continued(earlier(trained), given)
    assert "warm-start" in str(error.value.hint)


@pytest.mark.parametrize(
    ("trained", "given", "option", "message"),
    [
        ({}, {"calendar": ("weekday",)}, "calendar", "weekday: the network in model sees none"),
        ({"calendar": ("auto",)}, {"calendar": ("year",)}, "calendar", "year: the network in model sees weekday,year"),
        ({"calendar": ("weekday",)}, {"calendar": ("none",)}, "calendar", "none: the network in model sees weekday"),
        ({}, {"holidays": ("US",)}, "holidays", "US: the network in model sees none"),
        ({"holidays": ("US",)}, {"holidays": ("FR",)}, "holidays", "FR: the network in model sees US"),
        ({}, {"joint": True}, "joint", "cannot be used: the network in model forecasts each series by itself"),
    ],
)
def test_other_options_are_refused(
    trained: dict[str, object], given: dict[str, object], option: str, message: str
) -> None:
    with pytest.raises(UsageError, match=message) as error:
        continued(earlier(PLAIN, ModelConfig(**trained)), PLAIN, ModelConfig(**given))
    assert error.value.option == option


def test_a_series_that_a_joint_network_does_not_know_is_refused() -> None:
    network = earlier(PLAIN, ModelConfig(joint=True))

    with pytest.raises(DataError, match="Series 'x' is not one of those"):
        continued(network, replace(PLAIN, ids=np.array(["a", "x"])))


def test_a_joint_network_goes_on_with_fewer_of_its_series() -> None:
    network = earlier(PLAIN, ModelConfig(joint=True))

    assert continued(network, PLAIN.select(np.array([1]))).shape.joint == ("a", "b")
