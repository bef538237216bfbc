"""The long run: exponential averages against pandas' own, and nothing of the future in them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from forecast_cli.features.features import Features
from forecast_cli.features.long_run import FEATURES, LEVEL_RATES, SLOPE_RATES, LongRun
from forecast_cli.features.windows import WindowShape
from tests.sample_panels import panel_of, random_walk, seasonal

SERIES = [random_walk(40), random_walk(7, seed=1), np.array([3.0]), random_walk(25, seed=2)]
INDPTR = np.r_[0, np.cumsum([len(y) for y in SERIES])].astype(np.int64)


def long_run_of(*series: np.ndarray) -> LongRun:
    return LongRun.fit(np.concatenate(series), np.r_[0, np.cumsum([len(y) for y in series])].astype(np.int64))


@pytest.mark.parametrize("row", range(len(SERIES)))
def test_levels_and_slopes_are_the_weighted_averages_of_pandas(row: int) -> None:
    long_run, own = long_run_of(*SERIES), slice(INDPTR[row], INDPTR[row + 1])
    values = pd.Series(SERIES[row])
    steps = values.diff().fillna(0.0)

    for column, rate in enumerate(LEVEL_RATES):
        np.testing.assert_allclose(long_run.levels[own, column], values.ewm(alpha=rate).mean())
    for column, rate in enumerate(SLOPE_RATES):
        np.testing.assert_allclose(long_run.slopes[own, column], steps.ewm(alpha=rate).mean())


def test_the_change_is_the_mean_of_all_so_far() -> None:
    np.testing.assert_allclose(long_run_of(np.array([1.0, 3.0, 2.0, 2.0])).change, [0, 2, 1.5, 1])


def test_the_long_run_does_not_depend_on_later_values() -> None:
    whole = SERIES[0]
    changed = np.r_[whole[:20], 1e6 * whole[20:]]

    ours, theirs = long_run_of(whole), long_run_of(changed)

    for name in ("levels", "slopes", "change"):
        np.testing.assert_array_equal(getattr(ours, name)[:20], getattr(theirs, name)[:20])


@pytest.mark.parametrize("length", [1, 5, 30])
def test_extending_by_a_block_equals_fitting_the_longer_series(length: int) -> None:
    whole = random_walk(length + 3)
    last = np.array([length - 1])

    ahead = long_run_of(whole[:length]).at(last).extended(whole[last], whole[None, length:])

    long = long_run_of(whole).at(last + 3)
    for name in ("count", "levels", "slopes", "change"):
        np.testing.assert_allclose(getattr(ahead, name), getattr(long, name))


def test_features_do_not_depend_on_unit_and_level() -> None:
    shape = WindowShape(12, 1, 6, deseasonalise=True, long_run=True)
    values = seasonal(60)

    one, other = (
        features.windows(features.last_origins()).inputs()["long_run"]
        for features in (Features.fit(panel_of(y), shape) for y in (values, 1000 * values))
    )

    assert one.shape == (1, FEATURES)
    np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)
