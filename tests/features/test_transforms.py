"""Transforms are invertible, and use no later values."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast_cli.features.scaling import Scaling
from forecast_cli.features.season import Season
from forecast_cli.panel import arrays
from forecast_cli.panel.arrays import Floats, fill_missing, rows_of
from tests.sample_panels import undated

SEASON = np.array([3.0, -1.0, 0.5, -2.5])


def indptr_of(*lengths: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.r_[0, np.cumsum(lengths)].astype(np.int64)


def fit_one(z: Floats, season_length: int) -> Season:
    return Season.fit(z, indptr_of(len(z)), season_length)


# fill_missing


def test_gaps_are_bridged_and_ends_repeat_the_nearest_known_value() -> None:
    nan = np.nan
    panel = undated([nan, 2, nan, nan, 8, nan], [1, 2, 3], [nan, nan], [nan, 5])

    values, observed = fill_missing(panel)

    assert values.tolist() == [2, 2, 4, 6, 8, 8, 1, 2, 3, 0, 0, 5, 5]
    assert observed.tolist() == (~np.isnan(panel.values)).tolist()


def test_one_series_never_fills_another() -> None:
    values, _ = fill_missing(undated([1, np.nan], [np.nan, 9]))

    assert values.tolist() == [1, 1, 9, 9]


# Scaling

numbers = st.floats(-1e100, 1e100).map(lambda x: 0.0 if abs(x) < 1e-100 else x)
positive = st.floats(1e-100, 1e100)
series = st.one_of(
    st.lists(positive, min_size=1, max_size=20),
    st.lists(numbers, min_size=1, max_size=20),
    st.lists(st.sampled_from([0.0, 1.0, -1.0, 1e-9]), min_size=1, max_size=20),
    st.builds(lambda value, length: [value] * length, numbers, st.integers(1, 20)),
)


@given(st.lists(series, min_size=1, max_size=4))
def test_scaling_is_invertible(panel: list[list[float]]) -> None:
    values = np.concatenate([np.array(one) for one in panel])
    indptr = indptr_of(*map(len, panel))
    rows = rows_of(indptr)
    scaling = Scaling.fit(values, indptr)

    back = scaling.inverse_transform(scaling.transform(values, rows), rows)

    np.testing.assert_allclose(back, values, rtol=1e-12, atol=0)


def test_log_where_positive_otherwise_in_units_of_the_mean_absolute_value() -> None:
    values = np.array([1.0, 10.0, 100.0, -2.0, 0.0, 4.0, 7.0, 7.0, 0.0, 0.0])
    indptr = indptr_of(3, 3, 2, 2)
    rows = rows_of(indptr)

    scaling = Scaling.fit(values, indptr)

    assert scaling.log.tolist() == [True, False, False, False]
    expected = np.r_[np.log([1, 10, 100]), [-1, 0, 2], [1, 1], [0, 0]]
    np.testing.assert_allclose(scaling.transform(values, rows), expected, rtol=1e-15)


@pytest.mark.parametrize("offset", [1e6, 1e9, -1e9, 1e12])
def test_a_quiet_series_is_scaled_to_usual_steps(offset: float) -> None:
    values = offset + np.array([0.0, 5.0, 15.0, 15.0, 5.0, -10.0])
    rows = np.zeros(6, dtype=np.int64)

    mapped = Scaling.fit(values, indptr_of(6)).transform(values, rows)

    np.testing.assert_allclose(np.diff(mapped), np.array([5, 10, 0, -10, -15]) / 800, atol=1e-5)


def test_rounding_errors_are_no_steps() -> None:
    values = 0.1 * np.array([3.0, 3.0 + 1e-15, 3.0])

    assert Scaling.fit(values, indptr_of(3)).scale.tolist() == pytest.approx([0.3])


def test_a_value_close_to_zero_keeps_a_series_off_the_log_scale() -> None:
    scaling = Scaling.fit(np.array([1e-6, 500.0, 600.0, 0.9, 500.0, 600.0]), indptr_of(3, 3))

    assert scaling.log.tolist() == [False, True]


def test_later_values_may_be_below_the_fitted_minimum() -> None:
    scaling = Scaling.fit(np.array([5.0, 10.0, 20.0]), indptr_of(3))

    mapped = scaling.transform(np.array([0.0, -3.0, 1e-9, 0.02]), np.zeros(4, dtype=np.int64))

    np.testing.assert_allclose(mapped, np.log([0.01, 0.01, 0.01, 0.02]))


@pytest.mark.parametrize("at_once", [2**20, 1])
def test_a_scale_does_not_depend_on_the_other_series(monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    monkeypatch.setattr(arrays, "MAX_BATCH_VALUES", at_once)
    panel = [[5.0, 10.0, 20.0], [-1.0, 0.5, 3.0], [], [7.0], [0.0, 0.0, 0.0], [1e9, 1e9 + 5, 1e9], [0.0, 3.0, 4.0]]
    alone = [Scaling.fit(np.array(values), indptr_of(len(values))) for values in panel]

    together = Scaling.fit(np.concatenate(panel), indptr_of(*map(len, panel)))

    for part in ("log", "scale", "floor", "lowest"):
        np.testing.assert_array_equal(getattr(together, part), np.concatenate([getattr(one, part) for one in alone]))
    assert together.log.tolist() == [True, False, False, False, False, False, False]
    assert together.lowest.tolist() == [0, -np.inf, 0, 0, 0, 0, 0]


def test_the_exponential_saturates_instead_of_overflowing() -> None:
    scaling = Scaling.fit(np.array([1.0, 2.0]), indptr_of(2))

    assert np.isfinite(scaling.inverse_transform(np.array([1e6]), np.array([0]))).all()


# Season


@pytest.mark.parametrize("length", [18, 21, 40, 43])
@pytest.mark.parametrize("season", [SEASON, np.array([1.0, -1.0]), np.array([2.0, 0.0, -2.0])])
def test_a_clean_season_on_a_straight_trend_is_recovered_exactly(length: int, season: Floats) -> None:
    m = len(season)
    step = np.arange(length)
    z = 10 + 0.7 * step + season[step % m]

    seasonality = fit_one(z, m)

    origin = np.array([length - 1])
    offsets = np.arange(-3 * m, 3 * m)
    expected = season[(length - 1 + offsets) % m] - season.mean()
    np.testing.assert_allclose(seasonality.at(origin, offsets)[0], expected, atol=1e-10)
    assert seasonality.strength[-1] == pytest.approx(1)


def test_a_multiplicative_season_is_recovered_on_the_log_scale() -> None:
    step = np.arange(36)
    factors = np.array([1.2, 0.9, 1.0, 1 / (1.2 * 0.9)])
    values = 50 * 1.02**step * factors[step % 4]
    indptr = indptr_of(36)
    mapped = Scaling.fit(values, indptr).transform(values, rows_of(indptr))

    season = Season.fit(mapped, indptr, 4).at(np.array([35]), np.arange(1, 5))

    np.testing.assert_allclose(np.exp(season[0]), factors, rtol=1e-10)


def test_a_shrunken_index_by_hand() -> None:
    # Two steps a season, no trend: the moving average is (z0 + 2 z1 + z2) / 4 and so on.
    z = np.array([2.0, 0.0, 4.0, 0.0, 2.0, 0.0, 4.0, 0.0])
    # detrended at steps 1 to 6: -1.5, 2, -1.5, 1, -1.5, 2
    seasonality = fit_one(z, 2)

    w = Season.RECENCY
    weights = np.array([w**2, w, 1])
    odd, even = np.array([-1.5, -1.5, -1.5]), np.array([2.0, 1.0, 2.0])
    index = np.array([np.average(odd, weights=weights), np.average(even, weights=weights)])
    n = weights.sum() ** 2 / (weights**2).sum()
    variance = np.average((even - index[1]) ** 2, weights=weights) / (n - 1)
    strength = 1 - (variance / 2) / np.var(index, ddof=1)
    assert seasonality.strength[-1] == pytest.approx(strength)
    expected = strength * (index - index.mean())
    np.testing.assert_allclose(seasonality.at(np.array([7]), np.array([0, 1, 2])), [expected[[0, 1, 0]]])


def test_strength_is_low_on_noise_and_high_on_a_plain_season() -> None:
    rng = np.random.default_rng(0)
    noise = rng.normal(size=(200, 72))
    plain = 3 * np.sin(2 * np.pi * np.arange(72) / 12) + 0.3 * noise
    indptr = indptr_of(*[72] * 200)
    ends = indptr[1:] - 1

    on_noise = Season.fit(noise.ravel(), indptr, 12).strength[ends]
    on_season = Season.fit(plain.ravel(), indptr, 12).strength[ends]

    assert on_noise.mean() < 0.25
    assert (on_noise == 0).mean() > 0.25
    assert on_season.min() > 0.95


def test_a_changing_season_is_followed_better_than_by_a_flat_average(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    step = np.arange(120)
    amplitude = np.linspace(1, 4, 120)
    z = amplitude * np.sin(2 * np.pi * step / 12) + 0.1 * rng.normal(size=120)
    ahead = np.arange(1, 13)
    truth = 4 * np.sin(2 * np.pi * (119 + ahead) / 12)

    def error() -> float:
        return float(np.abs(fit_one(z, 12).at(np.array([119]), ahead)[0] - truth).mean())

    recent = error()
    monkeypatch.setattr(Season, "RECENCY", 1.0)
    assert recent < 0.75 * error()


@settings(max_examples=60)
@given(st.data())
def test_nothing_after_a_point_changes_what_is_known_there(data: st.DataObject) -> None:
    m = data.draw(st.integers(2, 7), "season length")
    length = data.draw(st.integers(1, 6 * m), "length")
    cut = data.draw(st.integers(1, length), "points kept")
    rng = np.random.default_rng(data.draw(st.integers(0, 1000), "seed"))
    before = rng.normal(size=5 * m)  # a neighbour, which must not matter either
    z = rng.normal(size=length) + np.resize(rng.normal(size=m), length)
    changed = np.where(np.arange(length) < cut, z, 1e3 * rng.normal(size=length))

    def known(values: Floats) -> tuple[Floats, Floats]:
        season = Season.fit(np.r_[before, values], indptr_of(len(before), len(values)), m)
        origins = len(before) + np.arange(cut)
        return season.strength[origins], season.at(origins, np.arange(-m, 2 * m))

    strength, season = known(z)
    for other in (changed, z[:cut]):
        strength_then, season_then = known(other)
        np.testing.assert_array_equal(strength_then, strength)
        np.testing.assert_allclose(season_then, season, atol=1e-12)


@pytest.mark.parametrize("m", [2, 3, 4, 7, 12])
def test_series_shorter_than_two_and_a_half_seasons_have_no_season(m: int) -> None:
    season = np.resize(np.random.default_rng(0).normal(size=m), 10 * m)
    needed = m + 3 * (m // 2)

    assert not fit_one(season[: needed - 1], m).strength.any()
    long = fit_one(season, m)
    assert not long.strength[: needed - 1].any()
    assert long.strength[needed - 1 :].all()
    assert not fit_one(season, 1).at(np.arange(5), np.arange(-2, 9)).any()


def test_each_series_has_its_own_season() -> None:
    step = np.arange(24)
    one, other = SEASON[step % 4], -2 * SEASON[step % 4]
    together = Season.fit(np.r_[one, np.zeros(3), other], indptr_of(24, 3, 24), 4)
    ahead = np.arange(1, 9)

    both = together.at(np.array([23, 26, 50]), ahead)

    np.testing.assert_allclose(both[0], SEASON[(23 + ahead) % 4], atol=1e-12)
    np.testing.assert_array_equal(both[1], 0)
    np.testing.assert_allclose(both[2], -2 * SEASON[(23 + ahead) % 4], atol=1e-12)


@pytest.mark.parametrize("at_once", [2**20, 2 * 30 * 4, 1])
def test_a_season_does_not_depend_on_the_other_series(monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    monkeypatch.setattr(arrays, "MAX_BATCH_VALUES", at_once)
    rng = np.random.default_rng(0)
    lengths = [30, 9, 30, 41, 30, 10, 30, 41, 0, 30]
    panel = [rng.normal(size=length) + np.resize(SEASON, length) for length in lengths]
    alone = [fit_one(z, 4) for z in panel]

    together = Season.fit(np.concatenate(panel), indptr_of(*lengths), 4)

    for part in ("index", "centre", "strength"):
        expected = np.concatenate([getattr(season, part) for season in alone])
        np.testing.assert_array_equal(getattr(together, part), expected)


def test_a_constant_series_has_no_season() -> None:
    season = fit_one(np.full(60, 0.1), 12)

    np.testing.assert_allclose(season.at(np.array([59]), np.arange(1, 13)), 0, atol=1e-12)
