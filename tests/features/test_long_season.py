"""Long seasons: found where they are, 0 where they are not, and computed without later values."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast_cli.features.features import Features
from forecast_cli.features.long_season import MIN_SEASONS, LongSeason
from forecast_cli.features.reversion import DEFAULT_DECAY_TIME, Reversion
from forecast_cli.features.windows import WindowShape
from forecast_cli.panel.arrays import Floats
from tests.sample_panels import panel_of

YEAR = 52.1
SHAPE = WindowShape(8, 4, 2, deseasonalise=True, long_seasons=(YEAR,), usual_season=YEAR)


def wave(length: int, period: float = YEAR, shift: float = 0.0) -> Floats:
    return np.asarray(3 * np.sin(2 * np.pi * (np.arange(length) + shift) / period))


def fitted(z: Floats, *periods: float, block: int = 1) -> LongSeason:
    return LongSeason.fit(z, np.array([0, len(z)]), periods, block)


def after_the_end(season: LongSeason, length: int, steps: int) -> Floats:
    return np.asarray(season.at(np.array([length - 1]), np.arange(1, steps + 1))[0])


def test_a_year_of_broken_length_with_trend_and_noise_goes_on() -> None:
    length, noise = 260, np.random.default_rng(0).normal(0, 0.5, 260)

    season = fitted(wave(length) + 0.05 * np.arange(length) + noise, YEAR)

    expected = wave(length + 120)[length:]
    assert np.abs(after_the_end(season, length, 120) - expected).mean() < 0.1 * np.abs(expected).mean()


def test_two_long_seasons_are_told_apart() -> None:
    length, month = 300, 10.3
    z = wave(length) + wave(length, month)

    season = fitted(z, month, YEAR)

    expected = wave(length + 60)[length:] + wave(length + 60, month)[length:]
    assert np.abs(after_the_end(season, length, 60) - expected).max() < 0.5


def test_a_season_of_blocks_goes_on_at_every_step() -> None:
    """As a year in hours: the means of 4 steps are enough to find it."""
    length, period = 260, 65.0
    season = fitted(wave(length, period), period, block=4)

    assert np.abs(after_the_end(season, length, 65) - wave(length + 65, period)[length:]).max() < 0.3


def test_there_is_no_season_in_a_random_walk_or_before_two_seasons() -> None:
    walks = [np.random.default_rng(seed).normal(size=260).cumsum() for seed in range(20)]
    sizes = [np.abs(after_the_end(fitted(walk, YEAR), 260, 52)).mean() / walk.std() for walk in walks]
    early = fitted(wave(260), YEAR).now()[: int(MIN_SEASONS * YEAR) - 1]

    assert np.median(sizes) < 0.15
    assert (early == 0).all()


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), origin=st.integers(0, 219), block=st.sampled_from([1, 3]))
def test_no_later_value_changes_a_season(seed: int, origin: int, block: int) -> None:
    chance = np.random.default_rng(seed)
    z = wave(220) + chance.normal(size=220)
    changed = np.r_[z[: origin + 1], chance.normal(0, 100, 219 - origin)]
    at, offsets = np.array([origin]), np.arange(-origin, 30)

    both = [fitted(each, YEAR, block=block).at(at, offsets) for each in (z, changed)]

    np.testing.assert_array_equal(*both)


def test_features_subtract_all_seasons_and_add_them_again() -> None:
    length = 230
    panel = panel_of(wave(length) + np.tile([1.0, -1.0, 2.0, -2.0], 60)[:length], freq="D", season_length=4)
    features = Features.fit(panel, SHAPE)
    origins = features.last_origins()
    adjusted, _, _ = features.history(origins, 20)

    assert np.abs(adjusted).max() * features.scaling.scale[0] < 0.6
    forecast = features.values(np.zeros((1, 52)), origins)[0]
    expected = wave(length + 52)[length:] + np.tile([1.0, -1.0, 2.0, -2.0], 80)[length : length + 52]
    assert np.abs(forecast - expected).max() < 0.6


# Reversion


def returning(adjusted: Floats, ahead: Floats) -> Floats:
    """Where the reversion leads the path `ahead`, after these values with a cycle of 4 in a year of 52 steps."""
    reversion = Reversion.fit([adjusted], 4, 52, 1, DEFAULT_DECAY_TIME)
    past = adjusted[None, -52:]
    return np.asarray(reversion.apply(ahead[None], past, np.ones(past.shape, bool), np.array([0]))[0])


def test_a_path_returns_to_the_median_of_each_place_in_the_cycle() -> None:
    values = np.tile([0.0, 1.0, 2.0, 3.0], 60)
    values[[200, 210, 220]] = 50  # the median ignores single values

    path = returning(values, np.full(400, 10.0))

    assert path[0] > 8.5
    np.testing.assert_allclose(path[-4:], [0, 1, 2, 3], atol=0.1)


def test_it_returns_fast_from_noise_and_slowly_or_never_in_a_trend() -> None:
    noise = np.random.default_rng(0).normal(size=240)
    trend = np.arange(240.0)

    assert abs(returning(noise, np.full(80, 5.0))[-1]) < 1
    assert returning(trend, np.full(80, 239.0))[-4:].mean() == pytest.approx(239.0)


def test_the_level_of_a_drifting_path_is_that_of_its_first_cycle() -> None:
    trend = np.arange(240.0)  # nothing returns in a trend

    path = returning(trend, 230 + np.arange(40.0))

    np.testing.assert_allclose(path[-4:] - np.median(np.arange(188.0, 240).reshape(-1, 4), axis=0), 231.5 - 213.5)


def test_a_series_shorter_than_a_season_does_not_return() -> None:
    assert returning(np.arange(40.0), np.full(20, 7.0)) == pytest.approx(np.full(20, 7.0))
