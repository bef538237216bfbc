"""Statistical methods: names, forecasts computed by hand, and parallel work."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from joblib import cpu_count

from forecast_cli.errors import UsageError
from forecast_cli.model_names import BASELINES
from forecast_cli.models.statistical import model as statistical
from forecast_cli.models.statistical.costs import affordable_rows, estimated_seconds
from forecast_cli.models.statistical.methods import (
    MEDIAN_OF,
    METHODS,
    check,
    median_of,
)
from forecast_cli.models.statistical.model import StatisticalForecaster
from forecast_cli.models.statistical.workers import spread
from forecast_cli.panel.panel import Panel
from tests.sample_panels import Floats, panel_of, random_walk, seasonal, undated

NAN = np.nan


def point(name: str, panel: Panel, horizon: int = 3) -> Floats:
    return StatisticalForecaster(name).predict(panel, horizon).point


def test_every_method_of_the_table_can_be_asked_for() -> None:
    assert sorted(BASELINES) == sorted(METHODS)


@pytest.mark.parametrize(
    ("name", "season_length", "expected"),
    [
        ("naive", 1, [9, 9, 9]),
        ("seasonal-naive", 4, [5, 4, 5]),
        ("drift", 1, [10, 11, 12]),  # from 1 to 9 in 8 steps
        ("window-average", 1, [5.75] * 3),  # the last four, where there is no season
        ("window-average", 3, [6] * 3),
        ("HistoricAverage", 1, [41 / 9] * 3),
        ("ZeroModel", 1, [0] * 3),
    ],
)
def test_forecasts_by_hand(name: str, season_length: int, expected: list[float]) -> None:
    panel = undated([1, 6, 5, 3, 3, 5, 4, 5, 9], season_length=season_length)

    np.testing.assert_allclose(point(name, panel)[0], expected, rtol=1e-9)


def test_the_values_of_one_long_season_ago() -> None:
    """Of the same day of the week a year ago; of the usual season where there is no long one."""
    days = np.arange(800.0)

    year_ago = point("long-naive", replace(undated(days, season_length=7), long_seasons=(365.25,)), 3)
    too_short = point("long-naive", replace(undated(days[:363], season_length=7), long_seasons=(365.25,)), 3)
    without = point("long-naive", undated(days, season_length=7), 3)

    assert year_ago.tolist() == [[436, 437, 438]]
    assert np.isnan(too_short).all()
    assert without.tolist() == [[793, 794, 795]]


@pytest.mark.slow
def test_the_median_is_that_of_its_four_members() -> None:
    panel = panel_of(seasonal(60), random_walk(50))

    members = np.stack([point(name, panel, 12) for name in MEDIAN_OF])

    assert np.isfinite(members).all()
    np.testing.assert_array_equal(point("median", panel, 12), np.median(members, axis=0))


def test_the_median_needs_two_of_its_four_members() -> None:
    first, second, none = [1.0, 2.0], [3.0, 8.0], [NAN, NAN]

    combined = median_of(np.array([[first, first], [none, second], [none, none]]))

    np.testing.assert_array_equal(combined, [none, [2.0, 5.0]])


def test_a_method_that_fails_on_one_series_gives_nan_for_it_only() -> None:
    forecast = point("theta", panel_of(seasonal(40), [1.0, 2.0], seasonal(40)))

    np.testing.assert_array_equal(np.isnan(forecast), [[False] * 3, [True] * 3, [False] * 3])


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("arma", "Did you mean 'arima'?"),
        ("THETA", "Did you mean 'theta'?"),
        ("crostonsba", "Did you mean 'CrostonSBA'?"),
        ("xyzzy", "There is no method 'xyzzy'."),
        ("TSB", "it needs alpha_d and alpha_p"),
        ("SklearnModel", "it needs model"),
        ("os", "There is no method 'os'."),
    ],
)
def test_an_unknown_method_is_refused(name: str, message: str) -> None:
    with pytest.raises(UsageError) as raised:
        check(name)
    assert message in raised.value.message
    with pytest.raises(UsageError):
        StatisticalForecaster(name)


@pytest.mark.parametrize("name", ["MSTL", "IMAPA", "SeasonalExponentialSmoothingOptimized", "AutoTheta"])
def test_models_of_the_library_go_by_their_own_names(name: str) -> None:
    check(name)

    assert np.isfinite(point(name, panel_of(seasonal(60)))).all()


def test_known_names_are_checked_without_the_library() -> None:
    code = "import sys; from forecast_cli.models.statistical.methods import check; check('ets'); print(*sys.modules)"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    loaded = done.stdout.split()
    assert "forecast_cli.models.statistical.methods" in loaded
    assert "statsforecast" not in loaded


def test_a_sample_is_spread_over_the_series() -> None:
    panel = panel_of(*[np.arange(100.0)] * 200)

    assert affordable_rows("naive", panel).tolist() == list(range(200))
    rows = affordable_rows("arima", panel)
    assert (len(rows), rows[0], rows[-1]) == (METHODS["arima"].series_budget, 0, 199)
    assert np.ptp(np.diff(rows)) <= 1


def test_some_methods_are_too_slow_for_a_season_of_weeks() -> None:
    panel = panel_of(*[np.arange(100.0)] * 3, freq="W-SUN", season_length=52)

    assert [len(affordable_rows(name, panel)) for name in ("theta", "ets", "arima", "median")] == [3, 3, 0, 0]


@pytest.mark.parametrize(
    ("name", "lengths"), [("theta", (500, 1000, 4000)), ("arima", (750, 1500, 6000)), ("median", (750, 1500, 6000))]
)
def test_the_time_of_some_methods_grows_faster_than_the_length(name: str, lengths: tuple[int, ...]) -> None:
    seconds = [estimated_seconds(name, panel_of(np.ones(length), freq="D")) for length in lengths]

    assert (seconds[1] / seconds[0], seconds[2] / seconds[1]) == pytest.approx((2, 16))


@pytest.mark.slow
def test_parallel_processes_give_the_same_forecasts(monkeypatch: pytest.MonkeyPatch) -> None:
    panel = panel_of(*[seasonal(40, seed=seed) for seed in range(20)], [1.0, 2.0])
    here = point("theta", panel)

    monkeypatch.setattr(statistical, "MIN_SECONDS_IN_PARALLEL", 0)

    np.testing.assert_array_equal(point("theta", panel), here)


def where(items: Sequence[int]) -> list[tuple[int, int]]:
    return [(item, os.getpid()) for item in items]


def test_work_is_spread_and_comes_back_in_order() -> None:
    items, processes = zip(*spread(where, range(100)), strict=True)

    assert items == tuple(range(100))
    assert (os.getpid() in processes) == (cpu_count() == 1)


def double(home: int, items: Sequence[int]) -> list[int]:
    """Kills every process but `home`."""
    if os.getpid() != home:
        os.kill(os.getpid(), signal.SIGKILL)
    return [2 * item for item in items]


@pytest.mark.slow
def test_the_work_of_killed_processes_is_done_in_this_process() -> None:
    assert spread(partial(double, os.getpid()), range(10)) == list(range(0, 20, 2))
