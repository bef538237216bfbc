"""Rollout: predictions are fed back until the horizon is reached, for any block size."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast_cli.features.features import Features
from forecast_cli.features.windows import Inputs, WindowShape
from forecast_cli.models.network.rollout import BATCH_SIZE, Network, rollout
from forecast_cli.panel.panel import Panel
from tests.sample_panels import Floats, panel_of, random_walk, seasonal, undated

LEVEL = 1
"""Windows are measured from their last value, so that a network of zeros repeats it."""


def path(network: Network, panel: Panel, horizon: int, output_size: int, input_size: int = 4) -> Floats:
    shape = WindowShape(input_size, output_size, LEVEL, deseasonalise=True)
    features = Features.fit(panel, shape)
    origins = features.last_origins()
    return features.values(rollout(network, features, origins, horizon).point, origins)


def repeat_last(output_size: int) -> Network:
    """Continues with the last value."""
    return lambda inputs: np.zeros((len(inputs["window"]), 1, output_size, 1))


def drift(output_size: int) -> Network:
    """Continues with the window's last step."""

    def network(inputs: Inputs) -> Floats:
        values = inputs["window"][:, :, 0].astype(np.float64)
        step = values[:, -1] - values[:, -2]
        return (values[:, -1:] + step[:, None] * np.arange(1, output_size + 1))[:, None, :, None]

    return network


def halve(inputs: Inputs) -> Floats:
    """One step: half of the window's last step further."""
    values = inputs["window"][:, :, 0].astype(np.float64)
    return (values[:, -1] + (values[:, -1] - values[:, -2]) / 2)[:, None, None, None]


@pytest.mark.parametrize("output_size", [1, 3, 7])
def test_repeating_the_last_value(output_size: int) -> None:
    panel = undated([3, -1, 2], [5, 6, 8, 7])

    forecast = path(repeat_last(output_size), panel, 7, output_size)

    np.testing.assert_allclose(forecast, [[2] * 7, [7] * 7])


@pytest.mark.parametrize("output_size", [1, 3, 7])
def test_drift_goes_straight_on_through_every_block(output_size: int) -> None:
    # 2, 4, 6, ... stays within reach: its range is 8, of which two widths and 7/5 more are allowed
    forecast = path(drift(output_size), undated([0, 2, 4, 6, 8]), 7, output_size)

    np.testing.assert_allclose(forecast, [[10, 12, 14, 16, 18, 20, 22]], rtol=1e-6)


def test_drift_of_the_logarithm_is_growth() -> None:
    forecast = path(drift(1), undated([16, 24, 36, 54, 81]), 2, 1)

    np.testing.assert_allclose(forecast, [[121.5, 182.25]], rtol=1e-5)


@pytest.mark.parametrize("values", [[1, 1000], [5, 80, 300, 900], [1, 2, 4, 8, 16, 31]])
def test_growth_in_a_few_points_is_limited(values: list[float]) -> None:
    widths = 2 + 12 / len(values)

    forecast = path(drift(3), undated(values), 12, 3)

    assert forecast[0, -1] == pytest.approx(values[-1] + widths * (values[-1] - values[0]))
    np.testing.assert_allclose(path(drift(3), undated(values), 4, 3), forecast[:, :4])


def test_two_points_that_have_grown_go_on_along_a_line_at_first() -> None:
    forecast = path(drift(3), undated([1, 1000]), 5, 3)

    np.testing.assert_allclose(forecast, [[1999, 2998, 3997, 4996, 5495.5]])


def test_each_step_is_fed_back() -> None:
    # steps of 8, then 4, 2, 1, 1/2: a network that saw the first window only would go on by 4
    forecast = path(halve, undated([-8, 0, 8]), 4, 1)

    np.testing.assert_allclose(forecast, [[12, 14, 15, 15.5]], rtol=1e-6)


def test_the_season_goes_on_under_the_network() -> None:
    season = np.array([1.0, -1.0, 3.0, -3.0])
    panel = panel_of(10 + season[np.arange(20) % 4] - 20, freq="QS-JAN", season_length=4)

    forecast = path(repeat_last(3), panel, 6, 3)

    np.testing.assert_allclose(forecast, [-10 + season[np.arange(6) % 4]], rtol=1e-9)


def test_the_phase_of_the_season_goes_on_too() -> None:
    seen: list[float] = []

    def network(inputs: Inputs) -> Floats:
        seen.append(float(np.degrees(np.arctan2(inputs["window"][0, -1, 3], inputs["window"][0, -1, 4]))))
        return np.zeros((len(inputs["window"]), 1, 5, 1))

    path(network, panel_of([4.0, 5.0, 6.0]), 13, 5)  # ends in March

    np.testing.assert_allclose(seen, [60, -150, 0], atol=1e-3)


def test_values_fed_back_count_as_known() -> None:
    seen: list[list[float]] = []

    def network(inputs: Inputs) -> Floats:
        seen.append(inputs["window"][0, :, 1].tolist())
        return np.zeros((len(inputs["window"]), 1, 2, 1))

    path(network, undated([1, np.nan]), 4, 2)

    assert seen == [[0, 0, 1, 0], [1, 0, 1, 1]]


def test_all_series_advance_together_a_block_at_a_time() -> None:
    sizes: list[int] = []

    def network(inputs: Inputs) -> Floats:
        sizes.append(len(inputs["window"]))
        return np.zeros((len(inputs["window"]), 1, 5, 1))

    path(network, undated(*[random_walk(9, seed) for seed in range(20)]), 12, 5)

    assert sizes == [20, 20, 20]


def test_the_median_over_members_is_taken_and_fed_back() -> None:
    def network(inputs: Inputs) -> Floats:
        repeated = np.zeros((len(inputs["window"]), 1, 1, 1))
        return np.concatenate([repeated - 1, repeated + 1, repeated + 50], axis=1)

    # normalised by the window's mean absolute change: 1 at first, and each step then adds such a change
    forecast = path(network, undated([0, 20, 0, 1, 0, 1]), 3, 1)

    np.testing.assert_allclose(forecast, [[2, 3, 4]], rtol=1e-6)


def test_the_long_run_goes_on_with_what_is_fed_back() -> None:
    """At each step it is what it would be, if what was forecast had come."""
    shape = WindowShape(4, 1, LEVEL, deseasonalise=True, long_run=True)
    seen: list[Floats] = []

    def network(inputs: Inputs) -> Floats:
        seen.append(inputs["long_run"])
        return np.ones((len(inputs["window"]), 1, 1, 1))

    panel = undated(random_walk(30, seed=4) - 10)
    features = Features.fit(panel, shape)
    origins = features.last_origins()
    path = features.values(rollout(network, features, origins, 3).point, origins)
    whole = Features.fit(undated(np.r_[panel.values, path[0, :2]]), shape, features.scaling)

    for ahead in range(3):
        origin = np.array([29 + ahead])
        expected = whole.windows(origin).inputs()["long_run"]
        np.testing.assert_allclose(seen[ahead], expected, rtol=1e-4)
    assert not np.allclose(seen[0], seen[2], rtol=1e-2)


@settings(max_examples=50)
@given(horizon=st.integers(1, 60), output_size=st.integers(1, 40), input_size=st.integers(1, 40))
def test_any_horizon_with_any_block_and_any_window(horizon: int, output_size: int, input_size: int) -> None:
    panel = panel_of(seasonal(50), [1.0], [-1.0, 2.0], random_walk(30))

    forecast = path(repeat_last(output_size), panel, horizon, output_size, input_size)

    assert forecast.shape == (4, horizon)
    assert np.isfinite(forecast).all()


@pytest.mark.parametrize("factor", [1e3, -1e3, 1e30])
def test_the_path_of_a_diverging_network_is_limited(factor: float) -> None:
    def explode(inputs: Inputs) -> Floats:
        return np.full((len(inputs["window"]), 1, 1, 1), factor)

    panel = undated([-1, 0, 1], [10.0, 20.0, 40.0], [7, 7, 7], [-4.0])

    forecast = path(explode, panel, 30, 1)

    # two widths of the range, and one more for each length of the series in the horizon: 12 in all
    assert (np.abs(forecast[0]) <= 1 + 12 * 2).all()
    assert abs(forecast[0, -1]) == pytest.approx(25)
    assert forecast[1, -1] == pytest.approx(40 + 12 * 30 if factor > 0 else 10 / 4**12)
    np.testing.assert_allclose(forecast[2], 7)
    np.testing.assert_allclose(forecast[3], -4)


def test_paths_start_at_any_origin_and_know_nothing_later() -> None:
    """Every point of a panel at once, each against the panel that ends there."""
    shape = WindowShape(4, 2, LEVEL, deseasonalise=True, long_run=True)
    panel = panel_of(seasonal(30, season_length=4) - 100, random_walk(12), freq="QS-JAN", season_length=4)
    features = Features.fit(panel, shape)
    origins = np.arange(len(panel.values))

    paths = rollout(drift(2), features, origins, 5).point

    for origin in origins:
        row = features.rows[origin]
        to_come = np.where(np.arange(2) == row, panel.indptr[1:] - 1 - origin, 0)
        past = Features.fit(panel.drop_last(to_come), shape, features.scaling)
        expected = rollout(drift(2), past, past.last_origins()[row : row + 1], 5).point
        np.testing.assert_allclose(paths[origin], expected[0], atol=1e-9)


def test_more_origins_than_one_batch_come_back_in_order() -> None:
    values = random_walk(BATCH_SIZE + 500)
    features = Features.fit(undated(values), WindowShape(4, 1, LEVEL, deseasonalise=True))
    sizes: list[int] = []

    def network(inputs: Inputs) -> Floats:
        sizes.append(len(inputs["window"]))
        return np.zeros((len(inputs["window"]), 1, 1, 1))

    paths = rollout(network, features, np.arange(len(values)), 2).point

    np.testing.assert_allclose(paths, np.stack([features.scaled, features.scaled], axis=1))
    assert sizes == [BATCH_SIZE] * 2 + [500] * 2


def spread(output_size: int, own: float, horizon: int = 6) -> Floats:
    """(horizon,) the spread of a network that continues with the last value, with two quantiles `own` scales away."""

    def network(inputs: Inputs) -> Floats:
        return np.broadcast_to([0.0, -own, own], (len(inputs["window"]), 1, output_size, 3))

    shape = WindowShape(4, output_size, LEVEL, deseasonalise=True)
    features = Features.fit(undated([3, -1, 2, 4, 1, -2]), shape)
    found = rollout(network, features, features.last_origins(), horizon).spread
    assert found is not None
    return found[0]


def test_the_squares_of_the_spreads_of_blocks_add_up() -> None:
    scale = spread(6, 1.0)

    np.testing.assert_allclose(scale, scale[0])
    np.testing.assert_allclose(spread(1, 1.0), scale[0] * np.sqrt(np.arange(1, 7)))
    np.testing.assert_allclose(spread(2, 3.0), 3 * scale[0] * np.sqrt([1, 1, 2, 2, 3, 3]))


def test_quantiles_do_not_change_the_point_forecast() -> None:
    features = Features.fit(panel_of(seasonal(60)), WindowShape(4, 2, LEVEL, deseasonalise=True))
    origins = features.last_origins()

    def with_quantiles(inputs: Inputs) -> Floats:
        point = drift(2)(inputs)
        return np.concatenate([point, point - 1, point + 2], axis=-1)

    plain, wider = (rollout(network, features, origins, 5) for network in (drift(2), with_quantiles))

    assert plain.spread is None
    np.testing.assert_array_equal(wider.point, plain.point)
