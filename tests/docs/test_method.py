"""The formulas of docs/method.md, computed as they are written, give the results of the program."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray

from forecast_cli.features.features import Features
from forecast_cli.features.long_run import LongRun
from forecast_cli.features.scaling import Scaling
from forecast_cli.features.season import Season
from forecast_cli.features.windows import WindowShape
from forecast_cli.models.combined.smoothing import Smoothing, combine, trust_in_smoothing
from forecast_cli.models.combined.weights import weigh
from forecast_cli.models.network.limits import Limits
from forecast_cli.models.statistical.exponential import damped_path, last_season_path, theta_path
from tests.sample_panels import undated

Floats = NDArray[np.float64]

M, N, H = 6, 53, 9
STEPS = np.arange(1, H + 1)
ORIGIN = np.array([N - 1])
WHOLE = WindowShape(input_size=N, output_size=3, level_size=3, deseasonalise=True)


def positive(n: int = N, season: int = M) -> Floats:
    """Exponential growth with a season and noise."""
    t, noise = np.arange(n), np.random.default_rng(0).normal(size=n)
    return np.asarray(50 * np.exp(0.02 * t + 0.3 * np.sin(2 * np.pi * t / season) + 0.05 * noise))


def walk(n: int = 40) -> Floats:
    return np.random.default_rng(1).normal(size=n).cumsum()


def inside(y: Floats) -> NDArray[np.bool_]:
    return np.ones((1, len(y)), dtype=bool)


@pytest.mark.parametrize(
    ("y", "scale"),
    [
        pytest.param(positive(), np.log, id="log"),
        pytest.param(positive() - 60, lambda y: y / np.abs(y).mean(), id="linear"),
        pytest.param(1e9 + walk(), lambda y: y / (100 * np.abs(np.diff(y)).mean()), id="hardly moves"),
        pytest.param(np.full(9, 5.0), lambda y: y / 5, id="constant"),
    ],
)
def test_scale(y: Floats, scale: Callable[[Floats], Floats]) -> None:
    scaled = Scaling.fit(y, np.array([0, len(y)])).transform(y, np.zeros(len(y), dtype=np.int64))

    np.testing.assert_allclose(scaled, scale(y))


def test_season() -> None:
    z, half = np.log(positive()), M // 2
    weights = np.r_[0.5, np.ones(M - 1), 0.5] / M
    d = {t: z[t] - weights @ z[t - half : t + half + 1] for t in range(half, N - half)}
    index, var = {}, {}
    for t in d:
        back = [a for a in range(N) if t - a * M in d]
        values, w = np.array([d[t - a * M] for a in back]), 0.8 ** np.array(back)
        index[t] = w @ values / w.sum()
        if len(back) > 1:
            n_effective = w.sum() ** 2 / (w**2).sum()
            var[t] = w @ (values - index[t]) ** 2 / w.sum() / (n_effective - 1)
    known = range(N - half - M, N - half)
    last = np.array([index[t] for t in known])
    strength = max(0, 1 - np.mean([var[t] for t in known]) / last.var(ddof=1))
    offsets = np.arange(-M, 2 * M)
    expected = [strength * (index[known[(N - 1 + q - known[0]) % M]] - last.mean()) for q in offsets]

    season = Season.fit(z, np.array([0, N]), M)

    np.testing.assert_allclose(season.at(ORIGIN, offsets)[0], expected)


def test_long_run() -> None:
    x = walk()
    moves = np.diff(x, prepend=x[0])

    def average(values: Floats, rate: float) -> float:
        weights = (1 - rate) ** np.arange(len(values))[::-1]
        return float(weights @ values / weights.sum())

    last = LongRun.fit(x, np.array([0, len(x)])).at(np.array([len(x) - 1]))

    np.testing.assert_allclose(last.levels[0], [average(x, r) for r in (0.1, 0.3, 0.6)])
    np.testing.assert_allclose(last.slopes[0], [average(moves, r) for r in (0.02, 0.05, 0.2)])
    np.testing.assert_allclose(last.change[0], np.abs(moves[1:]).mean())


def test_theta() -> None:
    y = walk()
    n, q = len(y), len(y) // 4
    fits = []
    for a in np.linspace(0.05, 1, 20):
        level, squares = y[0], 0.0
        for value in y:
            squares += (value - level) ** 2
            level += a * (value - level)
        fits.append((squares, a, level))
    _, a, level = min(fits)
    slopes = np.polyfit(np.arange(n), y, 1)[0], np.median(y[q:] - y[:-q]) / q
    b = min(slopes, key=abs) if slopes[0] * slopes[1] > 0 else 0.0

    expected = level + 2 / 3 * b * (STEPS - 1 + (1 - (1 - a) ** n) / a)

    np.testing.assert_allclose(theta_path(y[None], inside(y), H)[0], expected)


def test_damped_trend() -> None:
    y = walk()
    log_weights, paths = [], []
    for rate, share, f in product((0.1, 0.3, 0.5, 0.7, 0.9, 1), (0, 0.1, 0.3, 0.6), (0.8, 0.85, 0.9, 0.95)):
        level, slope, squares = y[0], 0.0, (np.diff(y) ** 2).sum() / 2 / len(y)
        for value in y:
            error = value - level - f * slope
            squares += error**2
            level, slope = level + f * slope + rate * error, f * slope + rate * share * error
        log_weights.append(-len(y) / 2 * np.log(squares))
        paths.append(level + slope * np.cumsum(f**STEPS))
    weights = np.exp(np.array(log_weights) - max(log_weights))

    np.testing.assert_allclose(damped_path(y[None], inside(y), H)[0], weights @ np.array(paths) / weights.sum())


def test_last_season() -> None:
    y, m = walk(), 8
    change = np.mean([y[-i] - y[-i - m] for i in range(1, m // 4 + 1)])
    expected = [y[len(y) - m + (k - 1) % m] + 0.5 * change for k in STEPS]

    np.testing.assert_allclose(last_season_path(y[None], inside(y), m, H)[0], expected)


@pytest.mark.parametrize("log", [True, False])
def test_reach_limits(log: bool) -> None:
    features = Features.fit(undated(positive() - (0 if log else 60), season_length=M), WHOLE)
    x = features.scaled - features.season.now()
    low, high, w = x.min(), x.max(), np.minimum(STEPS, 2 + STEPS / N)

    smallest, largest = Limits.of(features).at(ORIGIN, H)

    np.testing.assert_allclose(smallest[0], low - w * (high - low))
    upwards = np.log(1 + w * (1 - np.exp(low - high))) if log else w * (high - low)
    np.testing.assert_allclose(largest[0], high + upwards)


def test_combination_with_a_season() -> None:
    features = Features.fit(undated(positive(), season_length=M), WHOLE)
    adjusted = features.history(ORIGIN)[0]
    network = adjusted[:, -1:] + 0.01 * STEPS
    theta = np.clip(theta_path(adjusted, inside(adjusted[0]), H), *Limits.of(features).at(ORIGIN, H))
    season = features.season.at(ORIGIN, STEPS)

    values = combine(network, features, ORIGIN, Smoothing(0.3), context_size=N)

    np.testing.assert_allclose(values, np.exp(0.7 * network + 0.3 * theta + season))


def test_combination_without_a_season() -> None:
    y, s, trust = positive(), 0.3, 1.4
    features = Features.fit(undated(y), WHOLE)
    network = np.linspace(200, 600, H)
    smoothing = (theta_path(y[None], inside(y), H)[0] + damped_path(y[None], inside(y), H)[0]) / 2
    c = np.maximum(0, network - smoothing) / (STEPS * np.abs(np.diff(y)).mean())
    odds = trust * np.maximum(s / (1 - s), c)
    assert (c > s / (1 - s)).any()

    values = combine(np.log(network)[None], features, ORIGIN, Smoothing(s, trust), context_size=N)

    np.testing.assert_allclose(values[0], network + odds / (1 + odds) * (smoothing - network))


def test_trust() -> None:
    network, smoothing = np.array([3.0, 1.0, 8.0]), np.array([2.0, 2.0, 4.0])
    e = (network + smoothing) / 2

    expected = ((10 + (network / e).sum()) / (10 + (smoothing / e).sum())) ** 2

    assert trust_in_smoothing(network, smoothing) == pytest.approx(expected)


def test_weights_of_a_blend() -> None:
    errors, g = np.random.default_rng(2).uniform(1, 3, size=(5, 3)), np.array([6.0, 1, 1])
    r = errors / errors.mean(axis=1, keepdims=True)
    panel = (r.sum(axis=0) + 0.5) / (len(r) + 0.5)
    weights = g * np.maximum(0.05 * r + 0.95 * panel, 0.001) ** -5

    np.testing.assert_allclose(weigh(errors, g), weights / weights.sum(axis=1, keepdims=True))
