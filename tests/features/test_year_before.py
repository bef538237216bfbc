"""A forecast follows the year before where that was better at earlier origins, and only there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from forecast_cli.features.features import Features
from forecast_cli.features.reversion import Reversion
from forecast_cli.features.windows import WindowShape
from forecast_cli.features.year_before import SHARE, YearBefore
from forecast_cli.models.network.defaults import choose
from forecast_cli.options import ModelConfig, TrainConfig
from forecast_cli.panel.arrays import Floats
from forecast_cli.panel.seasons import long_seasons_of
from tests.sample_panels import panel_of

CYCLE, YEAR = 14, 728
SHAPE = WindowShape(14, 4, 2, deseasonalise=False, usual_season=YEAR, follows_year=True)


def memory(years: float, seed: int = 0) -> Floats:
    """Values of which each year repeats the one before it, cycle by cycle, with some noise."""
    chance, length = np.random.default_rng(seed), int(years * YEAR)
    return 20 + np.resize(chance.normal(0, 3, YEAR), length) + chance.normal(0, 0.5, length)


def walk(years: float, seed: int = 0) -> Floats:
    return 50 + np.random.default_rng(seed).normal(size=int(years * YEAR)).cumsum()


def noise(years: float, seed: int = 0) -> Floats:
    return 20 + np.random.default_rng(seed).normal(0, 3, int(years * YEAR))


def share_of(values: Floats) -> float:
    reversion = Reversion.fit([values], CYCLE, YEAR, 1, np.inf)
    return float(YearBefore.fit([values], reversion).shares[0])


@pytest.mark.parametrize("years", [1.5, 2, 3, 6.3])
def test_a_series_that_repeats_its_year_follows_it(years: float) -> None:
    assert share_of(memory(years)) == SHARE


@pytest.mark.parametrize("values", [walk(3), noise(3), noise(1.5), memory(1.05), np.full(3 * YEAR, 7.0), memory(0.3)])
def test_a_walk_noise_a_constant_and_a_short_series_do_not(values: Floats) -> None:
    assert share_of(values) == 0


@pytest.mark.parametrize("season", [CYCLE // 2, CYCLE, 3 * CYCLE])
def test_a_long_season_of_few_cycles_is_not_followed(season: int) -> None:
    values = np.resize(np.random.default_rng(0).normal(size=season), 4000)
    reversion = Reversion(CYCLE, season, 1, np.array([np.inf]))

    assert YearBefore.fit([values], reversion).shares[0] == 0


def test_the_share_grows_with_the_distance_and_goes_on_after_a_year() -> None:
    past = np.random.default_rng(1).normal(size=(1, YEAR))
    path = YearBefore(3.0, np.array([0.5])).apply(np.zeros((1, 900)), past, np.ones(past.shape, bool), np.array([0]))[0]

    assert path[0] == pytest.approx(0.14 * past[0, 0], abs=0.01)
    assert path[100] == pytest.approx(past[0, 100] / 2)
    assert path[YEAR + 5] == pytest.approx(past[0, 5] / 2)


def test_steps_before_the_series_are_not_followed() -> None:
    past, inside = np.ones((1, YEAR)), np.arange(YEAR)[None] >= 10
    path = YearBefore(3.0, np.array([0.5])).apply(np.zeros((1, 20)), past, inside, np.array([0]))[0]

    assert (path[:10] == 0).all()
    assert (path[10:] > 0).all()


def test_each_series_of_a_panel_is_decided_by_itself() -> None:
    def forecast(*series: Floats) -> Floats:
        panel = panel_of(*series, freq="h", season_length=2)
        features = Features.fit(panel, SHAPE)
        return features.values(np.zeros((len(series), 60)), features.last_origins())

    both = forecast(memory(2), noise(2))
    alone = forecast(memory(2))
    unchanged = Features.fit(panel_of(noise(2), freq="h", season_length=2), replace(SHAPE, follows_year=False))

    np.testing.assert_allclose(both[0], alone[0])
    np.testing.assert_allclose(both[1], unchanged.values(np.zeros((1, 60)), unchanged.last_origins())[0])


@pytest.mark.parametrize(
    ("freq", "season", "points", "follows"), [("h", 24, 9000, True), ("h", 24, 800, False), ("D", 7, 900, False)]
)
def test_only_hours_of_more_than_a_year_can_follow_it(freq: str, season: int, points: int, follows: bool) -> None:
    panel = panel_of(noise(13)[:points], freq=freq, season_length=season)
    panel = replace(panel, long_seasons=long_seasons_of(freq))

    assert choose("lstm", panel, ModelConfig(), TrainConfig()).shape.follows_year is follows
