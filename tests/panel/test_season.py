"""The season of series without dates: found where it is, and not where there is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from forecast_cli.evaluation.folds import last_fold, rolling_folds
from forecast_cli.panel.panel import Panel
from forecast_cli.panel.season_search import season_in_values, with_season_before
from tests.sample_panels import Floats, seasonal, undated

Make = Callable[[int, np.random.Generator], Floats]


def autoregressive(*weights: float) -> Make:
    def make(length: int, chance: np.random.Generator) -> Floats:
        values = chance.normal(size=length + 100)
        for at in range(len(weights), len(values)):
            values[at] += sum(weight * values[at - lag] for lag, weight in enumerate(weights, 1))
        return values[100:]

    return make


WITHOUT: dict[str, Make] = {
    "white noise": lambda length, chance: chance.normal(size=length),
    "random walk": lambda length, chance: chance.normal(size=length).cumsum(),
    "trend": lambda length, chance: 0.1 * np.arange(length) + chance.normal(size=length),
    "persistent": autoregressive(0.8),
    "zigzag": autoregressive(-0.6),
    "counts": lambda length, chance: chance.poisson(0.5, length).astype(float),
    "cumulative counts": lambda length, chance: chance.poisson(3, length).cumsum().astype(float),
    "heavy tails": lambda length, chance: chance.standard_t(3, length).cumsum(),
    "exponential": lambda length, _: np.exp(np.arange(length) / 30),
    "parabola": lambda length, _: np.arange(length) ** 2.0,
    "s-curve": lambda length, _: 1 / (1 + np.exp(4 - np.arange(length) / 20)),
    "constant": lambda length, _: np.full(length, 7.0),
    "another period": lambda length, chance: (
        np.sin(2 * np.pi * np.arange(length) / 11) + 0.1 * chance.normal(size=length)
    ),
}


def shape_of(season: int, noise: float) -> Make:
    """A random shape that repeats, on a slow random walk."""

    def make(length: int, chance: np.random.Generator) -> Floats:
        shape = chance.normal(size=season)
        noises = noise * chance.normal(size=length) + 0.1 * chance.normal(size=length).cumsum()
        return np.asarray(shape[np.arange(length) % season] + noises)

    return make


def wave(season: int, noise: float) -> Make:
    def make(length: int, chance: np.random.Generator) -> Floats:
        angle = 2 * np.pi * np.arange(length) / season
        return np.sin(angle + chance.uniform(0, 6)) + noise * chance.normal(size=length) + 0.02 * np.arange(length)

    return make


def found(make: Make, length: int, tries: int = 20) -> list[int]:
    """The season that is found in each of several series."""
    return [season_in_values(undated(make(length, np.random.default_rng(seed)))) for seed in range(tries)]


@pytest.mark.slow
@pytest.mark.parametrize("length", [40, 80, 200, 1000])
@pytest.mark.parametrize("name", WITHOUT)
def test_no_season_is_found_where_there_is_none(name: str, length: int) -> None:
    seasons = found(WITHOUT[name], length)

    assert seasons.count(1) >= 19


def test_cycles_of_changing_length_are_hardly_ever_a_season() -> None:
    """Sunspots are such a series: each cycle is about as long as the last one, and their phase drifts."""
    damping = 0.95
    cycles = autoregressive(2 * damping * np.cos(2 * np.pi / 7.4), -(damping**2))

    assert [found(cycles, length).count(1) >= 17 for length in (200, 1000)] == [True, True]


@pytest.mark.parametrize("season", [4, 7, 12, 24])
@pytest.mark.parametrize("make", [shape_of, wave])
def test_a_season_is_found_in_noise(make: Callable[[int, float], Make], season: int) -> None:
    assert found(make(season, 0.5), 20 * season).count(season) >= 15
    assert found(make(season, 0.05), 5 * season).count(season) >= 19


def test_a_multiplicative_season_with_gaps_is_found() -> None:
    values = seasonal(72)
    values[[5, 30, 31]] = np.nan

    assert season_in_values(undated(values)) == 12


def test_series_have_one_season_in_common() -> None:
    noisy = [wave(12, 0.5)(72, np.random.default_rng(seed)) for seed in range(8)]
    walks = [WITHOUT["random walk"](72, np.random.default_rng(seed)) for seed in range(8)]

    assert season_in_values(undated(*noisy)) == 12
    assert season_in_values(undated(*walks)) == 1
    assert season_in_values(undated(*noisy, [3.0], [np.nan, np.nan])) == 12


@pytest.mark.parametrize("values", [[], [1.0], [1.0, 2.0], [np.nan] * 30, [0.0] * 30], ids=len)
def test_short_empty_and_constant_series_have_none(values: list[float]) -> None:
    assert season_in_values(undated(values)) == 1


# --- nothing after a cutoff counts


def panel(values: Floats) -> Panel:
    """A panel whose season was found in its values."""
    plain = undated(values)
    return replace(plain, season_length=season_in_values(plain), season_found=True)


def changing(length: int = 120, at: int = 24) -> Floats:
    """Noise, and then a season."""
    noise = np.random.default_rng(0).normal(size=length)
    return np.where(np.arange(length) < at, noise, 20 * np.sin(2 * np.pi * np.arange(length) / 12))


def test_a_fold_has_the_season_of_the_values_up_to_the_first_cutoff() -> None:
    late = panel(changing())
    assert late.season_length == 12

    folds = rolling_folds(late, 12, 8, 12)

    assert [(fold.past.season_length, fold.past.season_found) for fold in folds] == [(1, False)] * 8
    assert rolling_folds(panel(seasonal(96)), 6, 6, 6)[0].past.season_length == 12


def test_a_season_does_not_depend_on_the_holdout() -> None:
    one, other = seasonal(60), seasonal(60)
    other[-12:] = 1e4 * np.random.default_rng(0).normal(size=12)

    assert [last_fold(panel(values), 12).past.season_length for values in (one, other)] == [12, 12]


def test_a_season_that_is_known_otherwise_stays() -> None:
    plain = undated(changing(), season_length=4)

    assert with_season_before(plain, 50) is plain
