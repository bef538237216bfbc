"""Joint series: a window shows the past of all series, and nothing after its origin."""

from __future__ import annotations

import numpy as np
import pytest

from forecast_cli.errors import DataError
from forecast_cli.features.features import Features
from forecast_cli.features.joint import Joint
from forecast_cli.features.windows import WindowShape, channel_count
from forecast_cli.panel.arrays import Floats
from tests.sample_panels import panel_of

A, B = [1.0, 2, 4, 8, 16], [5.0, 5, 7, 9]


def window(joint: Joint, origin: int, row: int, first: int = -2, last: int = 0) -> Floats:
    offsets = np.arange(first, last + 1)
    return np.asarray(joint.window(np.array([origin]), np.array([row]), offsets)[0], dtype=np.float64)


def test_a_window_shows_each_series_in_its_own_units_and_whose_window_it_is() -> None:
    joint = Joint.of(panel_of(A, B), ("a", "b"), np.array(A + B))

    shown = window(joint, origin=len(A) + 3, row=1)

    np.testing.assert_allclose(shown[:, 0], (np.array([2, 4, 8]) - 14 / 3) / 3, rtol=1e-6)
    np.testing.assert_allclose(shown[:, 1], (np.array([5, 7, 9]) - 7) / 2, rtol=1e-6)
    assert shown[:, 2:].tolist() == [[0, 1]] * 3


def test_values_before_and_after_a_series_and_of_missing_series_are_zero() -> None:
    joint = Joint.of(panel_of(A), ("gone", "a"), np.array(A))

    shown = window(joint, origin=1, row=0, first=-3)

    assert shown[:2, 1].tolist() == [0, 0]
    assert (shown[:, 0] == 0).all()
    assert shown[:, 2:].tolist() == [[0, 1]] * 4


def test_after_the_origin_the_last_values_are_repeated() -> None:
    joint = Joint.of(panel_of(A, B), ("a", "b"), np.array(A + B))

    shown = window(joint, origin=2, row=0, first=-1, last=2)

    assert shown[1, :2].tolist() == shown[2, :2].tolist() == shown[3, :2].tolist()


def test_no_later_value_of_any_series_changes_a_window() -> None:
    shape = WindowShape(3, 1, 1, deseasonalise=True, joint=("a", "b"))
    scaling = Features.fit(panel_of(A, B), shape).scaling

    one, other = (
        Features.fit(panel_of([*A[:4], late], [*B[:3], late]), shape, scaling).windows(np.array([2])).inputs()
        for late in (10.0, 1e6)
    )

    assert one["window"].shape == (1, 3, channel_count(shape, 12))
    np.testing.assert_array_equal(one["window"], other["window"])
    assert "ahead" not in one


def test_a_series_that_was_not_among_them_is_refused() -> None:
    with pytest.raises(DataError, match="series 'b' was not among them"):
        Joint.of(panel_of(A, B), ("a", "x"), np.array(A + B))
