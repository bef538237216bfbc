"""Idle places of a season: nights and closed days stay as they always were, and nothing else is taken for one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from forecast_cli.features.features import Features
from forecast_cli.features.idle import idle_values
from forecast_cli.features.windows import WindowShape
from forecast_cli.models.combined.mean import MeanForecaster
from forecast_cli.models.combined.weights import Weights
from forecast_cli.models.statistical.model import StatisticalForecaster
from tests.sample_panels import Floats, panel_of

CHANCE = np.random.default_rng(0)
SHOP = (20 + CHANCE.integers(1, 50, 70)) * np.tile([1.0, 1, 1, 1, 1, 1, 0], 10)
"""Ten weeks of daily sales. The shop is closed on each seventh day."""


def idle(values: Floats, season: int = 7, horizon: int = 14) -> Floats:
    return idle_values(values, np.array([0]), np.array([len(values) - 1]), season, horizon)[0]


def test_closed_days_are_idle_wherever_the_series_ends() -> None:
    for cut in range(7):
        values = SHOP[: len(SHOP) - cut]

        closed = (np.arange(len(values), len(values) + 14) % 7) == 6

        np.testing.assert_array_equal(idle(values), np.where(closed, 0, np.nan))


@pytest.mark.parametrize(
    "values",
    [
        np.where(np.arange(70) == 41, 30.0, SHOP),  # open on one of the days
        SHOP[-20:],  # two weeks
        np.full(70, 3.0),  # constant
        np.where(CHANCE.random(70) < 0.7, 0.0, 2.0),  # many zeros by chance
        np.arange(70.0),  # cumulative counts
        np.tile([1.0, 2, 3, 4, 5, 6, 7], 10) + np.repeat(np.arange(10.0), 7),  # a trend
        CHANCE.normal(size=70),
    ],
)
def test_nothing_else_is_idle(values: Floats) -> None:
    assert np.isnan(idle(values)).all()


def test_zeros_by_chance_are_seldom_idle() -> None:
    found = [
        np.isfinite(idle(np.random.default_rng(seed).poisson(rate, count * 7).astype(float))).any()
        for seed in range(100)
        for rate in (0.1, 0.5, 1.0)
        for count in (3, 5, 10)
    ]

    assert np.mean(found) < 0.03


def test_each_series_and_origin_is_looked_at_by_itself() -> None:
    values = np.r_[SHOP, SHOP + CHANCE.normal(size=70)]

    both = idle_values(values, np.array([0, 70, 0]), np.array([69, 139, 13]), 7, 7)

    assert np.isfinite(both).sum(axis=1).tolist() == [1, 0, 0]


def test_networks_and_blends_keep_idle_steps_at_their_value() -> None:
    panel = panel_of(SHOP, freq="D", season_length=7)
    shape = WindowShape(14, 7, 3, deseasonalise=True, knows_idle=True)
    blend = MeanForecaster(
        "blend",
        {"HistoricAverage": StatisticalForecaster("HistoricAverage")},
        Weights(("HistoricAverage",), panel.ids, np.ones((1, 1))),
        knows_idle=True,
    )

    for known in (shape, replace(shape, knows_idle=False)):
        features = Features.fit(panel, known)
        values = features.values(np.ones((1, 14)), features.last_origins())[0]
        assert (values[[6, 13]] == 0).all() == known.knows_idle
        assert (np.delete(values, [6, 13]) > 0).all()
    assert (blend.predict(panel, 14).point[0] == 0).tolist() == [False] * 6 + [True] + [False] * 6 + [True]
