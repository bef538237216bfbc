"""The context of a forecast: the last points of a series that it depends on."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

from forecast_cli.features.windows import Inputs, WindowShape
from forecast_cli.models.combined.smoothed import SmoothedForecaster
from forecast_cli.models.description import Smoothing
from forecast_cli.models.network.model import NetworkForecaster
from forecast_cli.models.network.trained import TrainedNetwork
from forecast_cli.panel.panel import Panel
from tests.sample_panels import Floats, panel_of, random_walk, undated

NAN = np.nan


def going_down(inputs: Inputs) -> Floats:
    """A network of one member and one step a pass."""
    return np.full((len(inputs["window"]), 1, 1, 1), -2.0)


NETWORK = TrainedNetwork(going_down, WindowShape(4, 1, 1, deseasonalise=True), context_size=10)
FORECASTER = SmoothedForecaster(NetworkForecaster("lstm", NETWORK), Smoothing(0.0))


def test_a_context_reaches_back_over_the_gap_that_it_begins_with() -> None:
    panel = undated([1, 2, 3, 4], [5, 6, NAN, NAN], [NAN, NAN, 7, 8], [NAN, 9, NAN, 10], [11])

    context = panel.context(2)

    expected = [[3, 4], [6, NAN, NAN], [7, 8], [9, NAN, 10], [11]]
    np.testing.assert_equal([values.tolist() for values in context.series()], expected)
    assert context.times.tolist() == [3, 4, 2, 3, 4, 3, 4, 2, 3, 4, 1]


@pytest.mark.parametrize("gap", [9, 10, 50])
def test_a_cutoff_in_a_long_gap_is_forecast_from_the_last_value_known(gap: int) -> None:
    known = 500 + random_walk(40)

    point = FORECASTER.predict(undated(np.r_[known, np.full(gap, NAN)]), 3).point

    np.testing.assert_allclose(point, known[-1], rtol=0.02)


def test_one_long_gap_takes_no_room_for_every_other_series() -> None:
    gap = np.r_[random_walk(60), np.full(20_000, NAN), random_walk(5)]
    panel = undated(gap, *[random_walk(60) for _ in range(99)])
    forecaster = replace(FORECASTER, smoothing=Smoothing(0.5))

    tracemalloc.start()
    forecaster.predict(panel, 3)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert most < 8 * 100 * 20_000  # bytes of a number for each series and step of the gap


def test_a_series_that_was_negative_long_ago_may_be_so_again() -> None:
    values = np.r_[-6.0, np.linspace(12, 1, 39)]

    assert FORECASTER.predict(undated(values), 6).point[0, -1] < 0


def test_what_comes_before_the_context_and_changes_no_scale_changes_no_forecast() -> None:
    values = 50 + random_walk(60)
    other = np.r_[values[:30] + 1, values[30:]]

    one, two = (FORECASTER.predict(panel, 5).point for panel in (undated(values), undated(other)))

    np.testing.assert_array_equal(one, two)


def test_a_counter_far_from_zero_goes_on_by_its_steps() -> None:
    panel: Panel = panel_of(1e9 + np.arange(20.0) * np.resize([4, 6], 20).cumsum() / np.arange(1, 21))

    drop = panel.values[-1] - FORECASTER.predict(panel, 1).point[0, 0]

    # two of the window's mean absolute changes
    assert drop == pytest.approx(2 * np.abs(np.diff(panel.values[-4:])).mean(), rel=0.02)
