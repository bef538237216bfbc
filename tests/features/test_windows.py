"""Windows: batches compared with a slow computation of the definition, one window at a time."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast_cli.features.features import MAX_TARGET, Features, season_phase
from forecast_cli.features.windows import MIN_SCALE, WindowShape, channel_names
from forecast_cli.panel.panel import UNDATED, Panel
from tests.sample_panels import Floats, panel_of, random_walk, seasonal, undated

NAN = math.nan


def batch_of(panel: Panel, origins: list[int], shape: WindowShape) -> tuple[Floats, Floats]:
    """Inputs and targets of the windows at `origins`."""
    features = Features.fit(panel, shape)
    at = np.array(origins, dtype=np.int64)
    windows = features.windows(at)
    return windows.inputs()["window"], features.targets(at, windows)


def slow_window(features: Features, row: int, last: int, shape: WindowShape) -> tuple[list[list[float]], list[float]]:
    """Inputs and targets of the window that ends at point `last` of series `row`, step by step."""
    panel = features.panel
    start, end = int(panel.indptr[row]), int(panel.indptr[row + 1])
    origin = start + last

    def adjusted(point: int) -> float:
        season = features.season.at(np.array([origin]), np.array([point - origin]))[0, 0]
        return float(features.scaled[point] - season)

    shown = [point for point in range(origin - shape.input_size + 1, origin + 1) if point >= start]
    recent = [point for point in shown if point > origin - shape.level_size]
    level = sum(map(adjusted, recent)) / len(recent)
    steps = [abs(adjusted(b) - adjusted(a)) for a, b in pairwise(shown)]
    scale = max(sum(steps) / max(len(steps), 1), MIN_SCALE)
    volatility = min(max(math.log(scale), -10), 10) / 2 + 2

    m = panel.season_length
    angle = 2 * math.pi * int(season_phase(panel)[origin]) / m
    constant = [volatility, math.sin(angle), math.cos(angle)] if m > 1 else [volatility]
    padding = [[0.0, 0.0, *constant]] * (shape.input_size - len(shown))
    inputs = [
        [(adjusted(point) - level) / scale, 0.0 if math.isnan(panel.values[point]) else 1.0, *constant]
        for point in shown
    ]
    ahead = range(origin + 1, origin + 1 + shape.output_size)
    targets = [
        NAN
        if point >= end or math.isnan(panel.values[point])
        else min(max((adjusted(point) - level) / scale, -MAX_TARGET), MAX_TARGET)
        for point in ahead
    ]
    return padding + inputs, targets


def with_gaps(values: Floats, at: list[int]) -> Floats:
    gappy = values.copy()
    gappy[at] = NAN
    return gappy


PANELS = {
    "monthly": panel_of(seasonal(40), with_gaps(seasonal(33, seed=1), [0, 4, 5, 20, 32]), random_walk(3), [5.0]),
    "undated": undated(random_walk(12), np.zeros(9), np.full(6, 4.0), with_gaps(random_walk(8, seed=2), [3])),
}


@pytest.mark.parametrize("name", PANELS)
@pytest.mark.parametrize(
    "shape", [WindowShape(15, 4, 6, True), WindowShape(5, 1, 1, False), WindowShape(1, 3, 1, True)]
)
def test_a_batch_equals_the_definition_of_each_window(name: str, shape: WindowShape) -> None:
    panel = PANELS[name]
    features = Features.fit(panel, shape)
    places = [(row, last) for row, length in enumerate(panel.lengths) for last in range(length)]

    inputs, targets = batch_of(panel, [int(panel.indptr[row]) + last for row, last in places], shape)

    slow = [slow_window(features, row, last, shape) for row, last in places]
    assert inputs.shape == (len(places), shape.input_size, len(channel_names(panel.season_length)))
    np.testing.assert_allclose(inputs, [window for window, _ in slow], rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(targets, [target for _, target in slow], rtol=1e-5, atol=1e-5)


def test_a_window_by_hand() -> None:
    shape = WindowShape(input_size=4, output_size=2, level_size=2, deseasonalise=False)
    # mean absolute value of the series: 12 / 6 = 2, by which its values are divided
    inputs, targets = batch_of(undated([0, 2, 0, -2, -4, -4]), [3], shape)

    # mapped 0, 1, 0, -1; level -0.5; scale 1
    np.testing.assert_allclose(inputs[0, :, 0], [0.5, 1.5, 0.5, -0.5])
    np.testing.assert_array_equal(inputs[0, :, 1], 1)
    np.testing.assert_allclose(inputs[0, :, 2], 2)  # log(1) / 2 + 2
    np.testing.assert_allclose(targets, [[-1.5, -1.5]])


def test_a_series_that_was_once_zero_looks_like_one_that_never_was() -> None:
    values = 100 + np.random.default_rng(0).normal(size=60)
    ever, never = np.r_[0, values], np.r_[100, values]

    inputs, _ = batch_of(undated(ever, never), [60, 121], WindowShape(20, 1, 4, False))

    np.testing.assert_allclose(inputs[0], inputs[1], atol=0.05)


def test_a_short_series_is_padded_with_its_level_and_marked_unknown() -> None:
    inputs, _ = batch_of(undated([10, 10], [-1, 1]), [1, 3], WindowShape(5, 1, 2, False))

    np.testing.assert_array_equal(inputs[:, :3, :2], 0)
    np.testing.assert_array_equal(inputs[:, 3:, 1], 1)
    np.testing.assert_allclose(inputs[1, 3:, 0], [-0.5, 0.5])


def test_targets_end_with_their_series() -> None:
    _, targets = batch_of(undated([1, 2, 3, 4], [5, 6, 7, 8]), [1, 2, 3, 7], WindowShape(2, 3, 1, False))

    known = ~np.isnan(targets)
    assert known.tolist() == [[True, True, False], [True, False, False], [False] * 3, [False] * 3]


def test_targets_after_a_constant_window_are_clipped() -> None:
    _, targets = batch_of(undated([0, 0, 0, 0, 9, 0, -9]), [3], WindowShape(3, 3, 1, False))

    assert targets.tolist() == [[MAX_TARGET, 0, -MAX_TARGET]]


def test_a_missing_value_is_no_target_and_no_known_input() -> None:
    inputs, targets = batch_of(undated([1, 2, NAN, 4, 5]), [1, 3], WindowShape(3, 2, 1, False))

    assert np.isnan(targets[0]).tolist() == [True, False]
    assert inputs[1, :, 1].tolist() == [1, 0, 1]


@settings(max_examples=60)
@given(st.data())
def test_training_windows_contain_no_value_after_their_origin(data: st.DataObject) -> None:
    shape = WindowShape(data.draw(st.integers(1, 9), "input size"), 2, 1, True, long_run=True)
    rng = np.random.default_rng(data.draw(st.integers(0, 1000), "seed"))
    values = rng.normal(size=40) + np.resize(rng.normal(size=4), 40)
    values[rng.random(40) < data.draw(st.sampled_from([0, 0.2, 0.5]), "share missing")] = NAN
    # Negative, so that both are on the linear scale: which one a series is on is chosen from the whole of it.
    values[np.flatnonzero(~np.isnan(values))[0]] = -1.0
    panel = undated(values, season_length=4)
    features = Features.fit(panel, shape)
    origins = features.training_origins(min_history=1)
    cut = data.draw(st.integers(1, 39), "points kept")
    origins = origins[origins < cut]

    later = np.where(np.arange(40) < cut, values, rng.permutation(np.where(np.isnan(values), 5.0, -values)))
    changed = Features.fit(undated(later, season_length=4), shape)
    # The scale of the whole series cancels out of every window, so none of what comes later is left in it.
    before, after = (each.windows(origins).inputs() for each in (features, changed))

    np.testing.assert_allclose(before["window"][:, :, [0, 1, 3, 4]], after["window"][:, :, [0, 1, 3, 4]], atol=1e-4)
    if shape.input_size > 1:  # a single point has no scale of its own
        np.testing.assert_allclose(before["long_run"], after["long_run"], atol=1e-3)


def test_origins_have_history_and_an_observed_next_point() -> None:
    panel = undated([1, 2, 3, 4, 5, 6, 7, 8], [1, 2], [1, NAN, 3, 4], [9], [NAN, NAN, NAN])
    features = Features.fit(panel, WindowShape(3, 2, 1, False))

    # a long series waits for three points, a short one for half of what it has
    assert features.training_origins(min_history=3).tolist() == [2, 3, 4, 5, 6, 8, 12]
    assert features.last_origins().tolist() == [7, 9, 13, 14, 17]


def test_a_series_with_only_early_values_has_training_windows() -> None:
    sparser = [1, 2, 3, 4, NAN, 6, NAN, 8, NAN, 10, NAN, 12]
    features = Features.fit(undated(sparser, [1, 2, 3, 4]), WindowShape(3, 2, 1, False))

    assert features.training_origins(min_history=5).tolist() == [0, 1, 2, 13, 14]


def test_outputs_return_to_the_scale_of_the_window() -> None:
    shape = WindowShape(4, 3, 2, False)
    panel = undated(random_walk(20))
    features = Features.fit(panel, shape)
    origins = np.array([10, 13])
    windows = features.windows(origins)
    targets = features.targets(origins, windows).astype(np.float64)

    restored = windows.restore(targets)

    expected = np.stack([features.scaled[11:14], features.scaled[14:17]])
    np.testing.assert_allclose(restored, expected, rtol=1e-5)


@pytest.mark.parametrize(
    ("freq", "season_length", "stamps", "phases"),
    [
        ("MS", 12, ["2023-12-01", "2024-01-01", "2024-02-01", "1969-12-01"], [11, 0, 1, 11]),
        ("ME", 12, ["2023-12-31", "2024-01-31", "2024-02-29", "1960-02-29"], [11, 0, 1, 1]),
        ("QS-JAN", 4, ["2024-01-01", "2024-04-01", "2024-10-01", "1969-10-01"], [0, 1, 3, 3]),
        ("QE-DEC", 4, ["2024-03-31", "2024-06-30", "2024-12-31", "1969-12-31"], [0, 1, 3, 3]),
        ("h", 24, ["2024-03-10T00", "2024-03-10T01", "2024-03-11T00", "1969-12-31T23"], [0, 1, 0, 23]),
        ("30min", 48, ["2024-03-10T00:30", "2024-03-10T13:00", "2025-01-01T00:30", "2025-01-01T01"], [1, 26, 1, 2]),
        ("YS-JAN", 1, ["2024-01-01", "2025-01-01", "1969-01-01", "1900-01-01"], [0, 0, 0, 0]),
    ],
)
def test_phase_is_the_place_in_the_calendar(
    freq: str, season_length: int, stamps: list[str], phases: list[int]
) -> None:
    times = np.array(stamps, dtype="datetime64[ns]")
    panel = Panel(np.array(list("abcd")), freq, season_length, np.arange(5), times, np.ones(4))

    assert season_phase(panel).tolist() == phases


@pytest.mark.parametrize(
    ("freq", "season_length", "stamps"),
    [
        ("D", 7, ["2024-02-28", "2024-02-29", "2024-03-01", "2024-03-05", "2024-03-06"]),
        ("W-SUN", 52, ["2023-12-24", "2023-12-31", "2024-01-07", "2024-12-15", "2024-12-22"]),
        ("B", 5, ["2024-02-29", "2024-03-01", "2024-03-04", "2024-03-06", "2024-03-07"]),
        (UNDATED, 3, [4, 5, 6, 6, 7]),
    ],
)
def test_phase_advances_by_one_a_step_and_returns_after_a_season(
    freq: str, season_length: int, stamps: list[str] | list[int]
) -> None:
    """Three steps in a row, then the two that end one season after the first."""
    times = np.array(stamps, dtype=np.int64 if freq == UNDATED else "datetime64[ns]")
    phase = season_phase(Panel(np.array(list("abcde")), freq, season_length, np.arange(6), times, np.ones(5)))

    assert np.diff(phase[:3]).tolist() in ([1, 1], [1 - season_length, 1], [1, 1 - season_length])
    assert phase[4] == phase[0]
    assert (phase[4] - phase[3]) % season_length == 1
