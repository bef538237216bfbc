"""The blend: its forecast, where its weights come from, and how it is fitted."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
import pytest

from forecast_cli.features.scaling import Scaling
from forecast_cli.features.windows import WindowShape
from forecast_cli.forecasting import Forecast, Forecaster, Saved
from forecast_cli.models.combined.blend import (
    BLEND,
    BlendModel,
    affordable_methods,
    prior_weights,
    weighing_fold,
    weighing_folds,
    weights_at,
)
from forecast_cli.models.combined.mean import MeanForecaster
from forecast_cli.models.combined.smoothed import SmoothedModel
from forecast_cli.models.combined.weights import Weights, weighted_mean
from forecast_cli.models.combined.weights import weigh as weigh_from
from forecast_cli.models.description import Description
from forecast_cli.models.network.model import NetworkModel
from forecast_cli.models.statistical.model import StatisticalForecaster
from forecast_cli.models.training import Training
from forecast_cli.networks.spec import NetworkSpec
from forecast_cli.options import ModelConfig, TrainConfig
from forecast_cli.panel.calendar import future_times
from forecast_cli.panel.panel import Panel
from tests.sample_panels import Floats, panel_of, random_walk, seasonal, undated

NAN = np.nan


SHORT = TrainConfig(horizon=4, epochs=1, batch_size=16, preset="fast")


SMALL = ModelConfig(units=(3,), input_size=6)


@dataclass(frozen=True)
class Always:
    """Forecasts one number; nothing for the series `not_on`."""

    number: float
    not_on: tuple[str, ...] = ()
    saved: Any = None

    def save(self) -> Saved:
        return cast(Saved, self.saved)

    def predict(self, panel: Panel, horizon: int) -> Forecast:
        cutoff = panel.times[panel.indptr[1:] - 1]
        point = np.full((len(panel), horizon), float(self.number))
        point[np.isin(panel.ids, self.not_on)] = NAN
        return Forecast(panel.ids, cutoff, future_times(panel.freq, cutoff, horizon), point)


def weights_of(panel: Panel, members: dict[str, Forecaster], horizon: int = 4) -> Weights:
    fold = weighing_fold(panel, horizon)
    assert fold is not None
    return weights_at(weighing_folds(fold, panel), members)


def weigh(errors: Floats) -> Floats:
    """The weights of members that begin alike."""
    return weigh_from(errors, np.ones(errors.shape[1]))


def test_a_forecast_is_the_weighted_mean_of_its_members() -> None:
    panel = undated([1, 2, 3], [4, 5, 6])
    weights = Weights(("low", "high"), np.array(["a", "b"]), np.array([[0.75, 0.25], [0.0, 1.0]]))

    forecast = MeanForecaster(BLEND, {"low": Always(0), "high": Always(8)}, weights).predict(panel, 2)

    np.testing.assert_array_equal(forecast.point, [[2, 2], [8, 8]])
    np.testing.assert_array_equal(forecast.times, [[4, 5], [4, 5]])
    assert forecast.cutoff.tolist() == [3, 3]


def test_a_series_without_weights_gets_those_of_the_mean() -> None:
    weights = Weights(("low", "high"), np.array(["b", "z"]), np.array([[0.75, 0.25], [0.25, 0.75]]))

    forecast = MeanForecaster(BLEND, {"low": Always(0), "high": Always(8)}, weights).predict(undated([1, 2], [3, 4]), 1)

    np.testing.assert_array_equal(forecast.point, [[4], [2]])


@pytest.mark.slow
def test_a_member_that_fails_is_left_out_on_that_series_and_told(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    weights = Weights(("one", "two", "three"), np.array(["a"]), np.array([[0.4, 0.2, 0.4]]))
    members = {"one": Always(1, ("b", "c")), "two": Always(4, ("c",)), "three": Always(0, ("a", "b", "c"))}

    forecast = MeanForecaster(BLEND, members, weights).predict(undated([1, 2], [3, 4], [5, 6]), 1)

    np.testing.assert_allclose(forecast.point, [[2.0], [4.0], [NAN]])
    assert "one cannot forecast 2 of 3 series" in caplog.text
    [warning] = [record.message for record in caplog.records if record.levelno == logging.WARNING]
    assert warning == "The model blend has only the member two on 1 of 3 series: no other member can forecast them."


def test_members_with_no_weight_do_not_count() -> None:
    points = np.array([[[1.0]], [[NAN]]])

    np.testing.assert_array_equal(weighted_mean(points, np.array([[0.0, 1.0]])), [[NAN]])
    np.testing.assert_array_equal(weighted_mean(points, np.array([[0.1, 0.9]])), [[1.0]])


# Where weights come from


def test_weights_come_from_the_cutoff_of_each_series() -> None:
    panel = undated(np.ones(30), np.full(30, 5.0), [1, 2, 3])
    weights = weights_of(panel, {"theta": Always(1.1), "ets": Always(5.1)})

    assert weights.ids.tolist() == ["a", "b"]
    assert weights.each[0, 0] == pytest.approx(weights.each[1, 1], rel=0.01)
    assert weights.each[0, 0] > 0.5
    np.testing.assert_allclose(weights.each, weigh(np.array([[0.1, 4.1], [3.9, 0.1]])))


def test_a_member_that_fails_on_a_series_is_weighed_by_the_others() -> None:
    panel = undated(np.ones(30), np.ones(30))
    weights = weights_of(panel, {"theta": Always(2, ("a",)), "ets": Always(3)})

    np.testing.assert_allclose(weights.each[0], weights.each[1], atol=0.15)
    assert weights.each[0, 0] > 0.5


def test_a_series_that_was_never_negative_stays_so() -> None:
    panel = undated([3.0, 2.0, 1.0], [3.0, 0.0, -1.0])
    weights = Weights(("low", "high"), panel.ids, np.full((2, 2), 0.5))

    forecast = MeanForecaster(BLEND, {"low": Always(-6), "high": Always(2)}, weights).predict(panel, 2)

    assert forecast.point.tolist() == [[0, 0], [-2, -2]]


def test_the_end_of_a_series_does_not_tell_that_it_was_never_negative() -> None:
    whole = undated([-1.0, 2.0, 1.0])
    weights = Weights(("low",), whole.ids, np.ones((1, 1)))
    blend = MeanForecaster(BLEND, {"low": Always(-6)}, weights, Scaling.of(whole))

    assert blend.predict(whole.tail(2), 1).point.tolist() == [[-6]]


def test_a_blend_keeps_as_many_points_as_the_forecast_of_its_network_depends_on() -> None:
    """A longer context would change that forecast as a shorter one would."""
    spec, windows = NetworkSpec("lstm", 4, 5, 1, (2,)), WindowShape(4, 1, 1, deseasonalise=True)
    weights = Weights(("lstm", "theta"), np.array(["a"]), np.array([[0.5, 0.5]]))
    for context_size in (150, 3651):
        network = Always(1, saved=Saved(Description("lstm", context_size, spec, windows), {}))

        saved = MeanForecaster(BLEND, {"lstm": network, "theta": StatisticalForecaster("theta")}, weights).save()

        assert saved.description.context_size == context_size
        assert (saved.description.name, saved.description.weights) == ("blend", {"lstm": 0.5, "theta": 0.5})


@pytest.mark.parametrize(
    ("lengths", "horizon"),
    [
        ([40, 40, 9], 4),
        ([12, 12, 60], 4),  # eight points before the cutoff and four after it
        ([11, 11, 11], 2),  # the last quarter
        ([11, 11, 60], 2),  # of most, not of the longest
        ([3, 3, 60], 1),
    ],
)
def test_members_are_weighed_on_as_many_steps_as_most_series_have_room_for(lengths: list[int], horizon: int) -> None:
    fold = weighing_fold(undated(*[random_walk(length) for length in lengths]), 4)

    assert fold is not None
    assert fold.horizon == horizon


def test_without_room_for_a_cutoff_nothing_is_weighed() -> None:
    assert weighing_fold(undated([1.0, 2.0, 3.0], [3.0, 2.0, 1.0]), 4) is None


def test_the_long_season_is_repeated_where_it_was_before_the_cutoff() -> None:
    panel = replace(panel_of(np.arange(400.0), freq="D", season_length=7), long_seasons=(365.25,))

    assert "long-naive" in affordable_methods(panel, 300, panel.drop_last(30))
    assert "long-naive" not in affordable_methods(panel, 300, panel.drop_last(40))


def test_large_panels_go_without_a_method_that_would_take_minutes(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    panel = panel_of(*np.tile(np.arange(120.0), (2000, 1)))

    methods = affordable_methods(panel, 300, panel)

    assert methods == ["theta", "ets", "ces", "seasonal-naive"]
    assert "arima is no member of the blend: it may take minutes" in caplog.text


def test_a_panel_on_which_no_method_is_quick_leaves_the_network_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    panel = panel_of(*np.tile(np.arange(5000.0), (200, 1)), freq="30min", season_length=336)

    assert affordable_methods(panel, 300, panel) == ["seasonal-naive"]
    assert affordable_methods(replace(panel, season_length=1), 0.01, panel) == []
    assert "The network is the only member" in caplog.text


@pytest.fixture(scope="module")
def fit() -> Callable[[Panel], Forecaster]:
    def fit(panel: Panel) -> Forecaster:
        return BlendModel(SmoothedModel(NetworkModel("lstm", Training(SMALL, SHORT)))).fit(panel)

    return fit


PANEL = panel_of(
    seasonal(40, season_length=4), seasonal(28, 1, season_length=4), [1.0, 2.0, 3.0], freq="QS", season_length=4
)


@pytest.mark.slow
def test_a_blend_holds_its_members_and_the_same_seed_gives_the_same(fit: Callable[[Panel], Forecaster]) -> None:
    blend, again = fit(PANEL), fit(PANEL)

    assert isinstance(blend, MeanForecaster)
    assert list(blend.members) == ["lstm+smoothing", "theta", "ets", "arima", "ces", "seasonal-naive"]
    assert blend.weights.ids.tolist() == ["a", "b"]
    forecast = blend.predict(PANEL, 4).point
    members = np.stack([member.predict(PANEL, 4).point for member in blend.members.values()])
    np.testing.assert_allclose(forecast, weighted_mean(members, blend.weights.of(PANEL.ids)))
    np.testing.assert_array_equal(again.predict(PANEL, 4).point, forecast)


def test_without_errors_the_network_counts_as_six_methods() -> None:
    panel = undated([5.0, 6.0, 7.0])

    weights = prior_weights(
        panel, {"lstm+smoothing": StatisticalForecaster("naive"), "theta": StatisticalForecaster("theta")}
    )

    np.testing.assert_allclose(weights.of(panel.ids), [[6 / 7, 1 / 7]])


def test_series_of_a_few_points_have_a_mean_of_statistical_methods(
    fit: Callable[[Panel], Forecaster], caplog: pytest.LogCaptureFixture
) -> None:
    """The mean of naive (7), the average (6), and drift (8, 9)."""
    panel = undated([5.0, 6.0, 7.0])

    with caplog.at_level(logging.INFO):
        blend = fit(panel)

    assert "no network is trained" in caplog.text
    np.testing.assert_allclose(blend.predict(panel, 2).point, [[7.0, 22 / 3]])
    blend.update(undated([5.0, 6.0, 7.0, 8.0]))
    np.testing.assert_allclose(blend.predict(undated([5.0, 6.0, 7.0, 8.0]), 1).point, [[(8 + 6.5 + 9) / 3]])


def test_methods_that_season_fits_are_trusted_more_than_one_that_drifts() -> None:
    panel = panel_of(*[seasonal(60, seed, noise=0.001) for seed in range(3)])

    weights = weights_of(panel, {name: StatisticalForecaster(name) for name in ("ets", "naive")}, horizon=6)

    assert weights.each[:, 0].min() > 0.9
