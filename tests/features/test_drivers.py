"""Drivers: covariates and the calendar as a network reads them, at each step of the window and after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from forecast_cli.errors import UsageError
from forecast_cli.features.calendar_channels import auto_parts, calendar_channels, holiday_parts
from forecast_cli.features.drivers import Drivers, learnable, scaling_of, widths
from forecast_cli.features.features import Features
from forecast_cli.features.windows import WindowShape, ahead_width
from forecast_cli.panel.arrays import Floats
from forecast_cli.panel.covariates import FUTURE, PAST, STATIC, Covariate, Covariates
from forecast_cli.panel.panel import Panel
from tests.sample_panels import panel_of

LOAD, PRICE = Covariate("load", PAST), Covariate("price", FUTURE)
WEATHER, KIND = Covariate("weather", FUTURE, ("rain", "sun")), Covariate("kind", STATIC, ("big", "small"))
COLUMNS = (LOAD, PRICE, WEATHER, KIND)
NAN = np.nan


def driven(price: Sequence[float] = (1, 2, 3, 4, 5, 6), load: Sequence[float] = (5, 5, 7, 7)) -> Panel:
    """One daily series of 4 points; price and weather are known for 2 more days."""
    ahead = np.stack([np.array(price, float), np.array([0, 1, 1, NAN, 0, 1]), np.ones(6)], axis=1)
    known = Covariates(COLUMNS, np.array(load, float)[:, None], ahead, np.array([0]), np.array([6]))
    return replace(panel_of([10, 20, 30, 40], freq="D", season_length=1), covariates=known)


def known_ahead(panel: Panel, point: int, offsets: Sequence[int]) -> Floats:
    drivers = Drivers.of(panel, COLUMNS, scaling_of(panel, COLUMNS), (), 3)
    at = (np.array([0]), np.array([point]), np.array([0]))
    return np.asarray(drivers.known_ahead(*at, np.array(offsets))[0], dtype=np.float64)


def test_numbers_are_scaled_and_categories_have_a_channel_each() -> None:
    channels = known_ahead(driven(), 1, [-1, 0, 2])

    middle, deviation = 2.5, np.std([1, 2, 3, 4])
    np.testing.assert_allclose(channels[:, 0], (np.array([1, 2, 4]) - middle) / deviation, rtol=1e-6)
    assert channels[:, 1].tolist() == [1, 1, 1]  # the price is known
    assert channels[:, 2:4].tolist() == [[1, 0], [0, 1], [0, 0]]  # rain, sun, unknown
    assert channels[:, 4:].tolist() == [[0, 1]] * 3  # small


def test_scaling_is_that_of_the_points_not_of_the_steps_ahead() -> None:
    assert scaling_of(driven(price=[1, 2, 3, 4, 5e6, 6e6]), COLUMNS) == scaling_of(driven(), COLUMNS)
    assert scaling_of(driven(), COLUMNS).keys() == {"load", "price"}


def test_unknown_numbers_and_steps_that_no_one_knows_are_zero() -> None:
    channels = known_ahead(driven(price=[1, NAN, 3, 4, 5, 6]), 3, [-2, 1, 3, -9])

    assert channels[0, :2].tolist() == [0, 0]
    assert channels[1, 1] == 1
    assert (channels[2:] == 0).all()


def test_a_past_covariate_stays_as_it_was_after_the_last_point() -> None:
    panel = driven()
    drivers = Drivers.of(panel, COLUMNS, scaling_of(panel, COLUMNS), (), 3)

    channels = drivers.past_at(np.array([3]), np.array([0]), np.array([-9, -3, 0, 1, 2]))[0]

    assert channels[:, 0].tolist() == [0, -1, 1, 1, 1]
    assert channels[:, 1].tolist() == [0, 1, 1, 1, 1]


def test_a_window_has_the_channels_and_what_was_one_season_before() -> None:
    shape = WindowShape(3, 2, 1, deseasonalise=True, covariates=COLUMNS, calendar=("weekday",))
    features = Features.fit(driven(), shape)

    inputs = features.windows(np.array([2])).inputs()

    past, ahead = widths(COLUMNS, shape.calendar)
    assert inputs["window"].shape == (1, 3, 3 + past + ahead)
    assert inputs["ahead"].shape == (1, 2, ahead_width(shape, 1))
    thursday, sunday = ahead - 7 + 3, ahead - 7 + 6  # the window begins on 1999-12-02
    assert inputs["window"][0, 0, 3 + past + thursday] == 1
    assert inputs["ahead"][0, 0, sunday] == 1


def test_the_value_one_season_before_each_step_is_in_the_window() -> None:
    panel = panel_of(np.tile([0.0, 10, 20, 30], 6), freq="D", season_length=4)
    shape = WindowShape(8, 6, 4, deseasonalise=False, calendar=("year",))
    features = Features.fit(panel, shape)
    windows = features.windows(features.last_origins())

    before = windows.inputs()["ahead"][0, :, widths((), ("year",))[1]]

    np.testing.assert_allclose(before, windows.normalise(np.array([[0, 10, 20, 30, 0, 10]]) / 15)[0], rtol=1e-5)


def test_no_later_value_of_a_past_covariate_changes_a_window() -> None:
    shape = WindowShape(2, 1, 1, deseasonalise=True, covariates=COLUMNS)
    scaling = scaling_of(driven(), COLUMNS)
    one, other = (
        Features.fit(driven(load=load), shape, None, scaling).windows(np.array([1])).inputs()
        for load in ([5, 5, 7, 7], [5, 5, 99, NAN])
    )

    for name in one:
        np.testing.assert_array_equal(one[name], other[name])


def test_a_panel_without_a_covariate_of_the_network_is_refused() -> None:
    with pytest.raises(ValueError, match="no covariate 'price'"):
        Features.fit(panel_of([1, 2, 3, 4]), WindowShape(2, 1, 1, deseasonalise=True, covariates=(PRICE,)))


def test_the_calendar_knows_hours_weekdays_and_the_time_of_the_year() -> None:
    times = np.array(["2024-01-01T00", "2024-01-01T06", "2024-07-01T12"], dtype="datetime64[ns]")

    hour, weekday, year = (calendar_channels(times, (part,)) for part in ("hour", "weekday", "year"))

    np.testing.assert_allclose(hour[:, 0], [0, 1, 0], atol=1e-6)  # the sine of the day
    assert weekday.argmax(axis=1).tolist() == [0, 0, 0]  # Mondays
    np.testing.assert_allclose(year[:, 2], [1, 1, -1], atol=1e-2)  # the cosine of the year
    assert auto_parts("2D") == ("weekday", "year")


def test_the_calendar_knows_months_and_their_days() -> None:
    times = np.array(["2024-02-01", "2024-02-15T12", "2023-02-15", "2024-12-01"], dtype="datetime64[ns]")

    day, month = (calendar_channels(times, (part,)) for part in ("monthday", "month"))

    np.testing.assert_allclose(day[:, 2], [1, -1, -1, 1], atol=1e-6)  # the cosine; February has 29 and 28 days
    assert month.argmax(axis=1).tolist() == [1, 1, 1, 11]
    assert month.sum(axis=1).tolist() == [1, 1, 1, 1]


def test_holidays_are_shown_with_the_days_around_them() -> None:
    days = np.array(["2023-12-24", "2023-12-25", "2023-12-26"], dtype="datetime64[ns]")

    assert calendar_channels(days, holiday_parts(["US"], "D")).tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 1]]
    assert calendar_channels(days, holiday_parts(["DE-BY"], "h"))[2].tolist() == [1, 0, 1]


@pytest.mark.parametrize(
    ("place", "freq", "message"),
    [("ZZ", "D", "no holidays are known"), ("DE-ZZ", "D", "no holidays are known"), ("US", "MS", "at most a day")],
)
def test_unknown_places_and_long_steps_are_refused(place: str, freq: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        holiday_parts([place], freq)


def test_only_the_points_decide_what_can_be_learned() -> None:
    columns = (PRICE, replace(WEATHER, categories=("rain", "snow", "sun")), KIND)
    ahead = np.stack([[1, 1, 1, 1, 5, 6], [0, 2, 2, NAN, 1, 1], np.ones(6)], axis=1)
    known = Covariates(columns, np.empty((4, 0)), ahead, np.array([0]), np.array([6]))
    panel = replace(panel_of([10, 20, 30, 40], freq="D", season_length=1), covariates=known)

    assert learnable(panel) == (replace(WEATHER, categories=("rain", "sun")),)  # the price never changed, nor the kind
    drivers = Drivers.of(panel, learnable(panel), {}, (), 2)
    assert drivers.ahead[:6].tolist() == [[1, 0], [0, 1], [0, 1], [0, 0], [0, 0], [0, 0]]


def test_a_covariate_that_is_only_sometimes_known_says_when() -> None:
    panel = driven(price=[1, NAN, 1, NAN, 7, 8])

    assert PRICE in learnable(panel)
    channels = known_ahead(panel, 3, [-3, 0, 1])
    assert channels[:, :2].tolist() == [[0, 1], [0, 0], [0, 1]]


def test_the_most_frequent_categories_have_channels() -> None:
    texts = tuple(f"{number:03d}" for number in range(200))
    numbers = np.r_[np.arange(200), np.arange(100, 110)].astype(float)
    known = Covariates(
        (replace(WEATHER, categories=texts),), np.empty((210, 0)), numbers[:, None], np.array([0]), np.array([210])
    )
    panel = replace(panel_of(np.arange(210.0), freq="D", season_length=1), covariates=known)

    (column,) = learnable(panel)

    assert column.categories == (*texts[:22], *texts[100:110])
