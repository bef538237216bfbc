"""What trees know of a step, worked by hand; and which forecasts of a network they learn from."""

from __future__ import annotations

import numpy as np
import pytest

from forecast_cli.features.features import Features
from forecast_cli.features.windows import WindowShape
from forecast_cli.models.combined.out_of_fold import OutOfFold, out_of_fold
from forecast_cli.models.combined.tree_features import Steps
from forecast_cli.models.network.limits import Limits
from forecast_cli.models.network.model import NetworkModel
from forecast_cli.models.training import Training
from forecast_cli.options import ModelConfig, TrainConfig
from forecast_cli.panel.panel import Panel
from tests.sample_panels import Floats, panel_of, random_walk, seasonal, undated

SHAPE = WindowShape(input_size=4, output_size=2, level_size=2, deseasonalise=False)


def steps_after(panel: Panel, path: list[float], longest: int = 9) -> tuple[Features, Steps]:
    features = Features.fit(panel, SHAPE)
    return features, Steps.after(features, features.last_origins(), np.array([path]), longest)


def test_the_features_of_a_step_are_the_past_the_network_and_the_calendar() -> None:
    """Ten values with steps of 1 and a season of 4; the series is on the linear scale, because it crosses zero."""
    values = np.array([-3.0, -2, -1, 0, 1, 2, 3, 4, 3, 2])
    panel = panel_of(values, season_length=4)
    size = np.abs(values).mean()
    features, steps = steps_after(panel, [5 / size, 6 / size, 7 / size], longest=2)
    level, scale = 2.5, 1.0
    window, network = [3, 4, 3, 2], [5, 6, 7]
    earlier = [[3, 4, 3], [-1, 0, 1]]
    ahead, phase, month = [1, 2, 2], features.phase[-1] + np.arange(1, 4), [10, 11, 0]
    weekday = [np.datetime64(day).astype(object).weekday() for day in ("2000-11-01", "2000-12-01", "2001-01-01")]

    rows = steps.rows[0]

    past = [(value - level) / scale for value in [*window, 2.5, 3.0]]
    for step in range(3):
        of_step = [(value - level) / scale for value in (network[step], earlier[0][step], earlier[1][step])]
        expected = [*past, of_step[0], ahead[step], *of_step[1:], phase[step] % 4, month[step], weekday[step], 0]
        np.testing.assert_allclose(rows[step], expected, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(steps.network[0], np.array(network) - level)


def test_without_a_season_and_dates_there_is_no_earlier_season_and_no_calendar() -> None:
    _, steps = steps_after(undated([1.0, -1, 2, 3, 5]), [6.0, 7.0])

    assert steps.rows.shape == (1, 2, 4 + 2 + 2 + 1)
    assert steps.rows.dtype == np.float32


def test_features_at_an_origin_do_not_depend_on_later_values() -> None:
    values = seasonal(60)
    path = np.zeros((1, 5))

    def rows(series: Floats) -> Floats:
        panel = panel_of(series)
        features = Features.fit(panel, SHAPE, Features.fit(panel_of(values), SHAPE).scaling)
        return np.asarray(Steps.after(features, np.array([40]), path, 5).rows)

    np.testing.assert_array_equal(rows(values), rows(np.r_[values[:41], 3 * values[41:]]))


@pytest.mark.parametrize("log", [True, False])
def test_trees_may_leave_the_observed_range_twice_as_far_as_a_straight_line(log: bool) -> None:
    values = np.linspace(10, 20, 11) - (0 if log else 15)
    features = Features.fit(undated(values), SHAPE)

    low, high = (features.values(limit, np.array([10])) for limit in Limits.of(features).near(np.array([10]), 11))

    np.testing.assert_allclose(high[0, [0, 10]], values[-1] + 2 * np.array([10 / 11, 10]))
    assert (low <= values.min()).all()


def made_of(panel: Panel, horizon: int = 4) -> OutOfFold | None:
    options = Training(ModelConfig(units=(2,)), TrainConfig(horizon=horizon, epochs=1, preset="fast"))
    return out_of_fold(NetworkModel("rnn", options).for_data(panel), panel, horizon, 0, lambda *_: None)


@pytest.mark.slow
def test_pairs_are_of_the_last_third_and_folds_follow_in_time() -> None:
    rows = made_of(undated(random_walk(72), random_walk(54, seed=1)))

    assert rows is not None
    assert (rows.block, rows.longest) == (3, 4)
    assert [rows.origin[rows.series == row].max() for row in (0, 1)] == [24, 18]
    assert set((rows.origin - rows.target).tolist()) == {1, 2, 3, 4}
    ends = []
    for learned, scored in rows.folds():
        assert rows.target[learned].min() == rows.origin[scored].max()
        ends.append((int(rows.origin[scored].max()), int(rows.origin[scored].min())))
    assert ends == [(9, 7), (6, 4), (3, 1)]


@pytest.mark.slow
def test_the_network_has_not_learned_what_it_forecasts_for_trees() -> None:
    """A change of the last third changes its forecasts from later origins only."""
    values, other = random_walk(72), random_walk(72)
    other[60:] += 5

    one, two = made_of(undated(values)), made_of(undated(other))

    assert one is not None
    assert two is not None
    before = one.origin >= 72 - 60
    np.testing.assert_array_equal(one.features[before], two.features[before])
    assert not np.allclose(one.features[~before], two.features[~before])


@pytest.mark.slow
def test_missing_values_are_neither_origins_nor_targets() -> None:
    values = random_walk(72)
    values[60] = np.nan

    rows = made_of(undated(values))

    assert rows is not None
    assert 72 - 61 not in {*rows.origin.tolist(), *rows.target.tolist()}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("length", "horizon", "enough"), [(17, 1, False), (54, 4, False), (72, 4, True), (72, 5, False)]
)
def test_a_fold_needs_as_many_origins_as_steps_ahead(length: int, horizon: int, enough: bool) -> None:
    """A fold has one in 18 of the points of a series."""
    assert (made_of(undated(random_walk(length)), horizon) is not None) == enough
