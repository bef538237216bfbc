"""Calendars with a cycle: their steps, continued into the future, and their text."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast_cli.errors import UsageError
from forecast_cli.panel.calendar import calendar_of, future_times, resolve_freq, same_steps
from forecast_cli.panel.cycle import Cycle, month_cycle
from forecast_cli.panel.cycle_text import cycle_in_words, cycle_text, parse_cycle
from forecast_cli.panel.durations import DAY, HOUR, MINUTE, SECOND
from forecast_cli.panel.seasons import season_length_of

FREQS = ["SMS-15", "SMS-16", "SME-15", "SME-10", "D@1,11,21", "D@10,20,31", "D@15,30", "D@1,6,11,16,21,26",
         "D@MON-SAT", "D@MON-THU,SUN", "D@TUE,THU", "D@MON-SAT.06:30", "h@MON-SUN.09:00-17:00", "h@MON-FRI",
         "h@MON-FRI.09:00-17:00,SAT.09:00-12:00", "5min@MON-FRI.09:30-15:55", "2h@MON-SUN.08:00+12:00+18:00",
         "30s@MON-SUN.06:00:30-07:00", "8D@YS", "16D@YS", "5D@YS", "4-4-5@SAT.12-28", "4-5-4@SUN.01-29"]  # fmt: skip
STARTS = st.datetimes(pd.Timestamp("1950-01-01"), pd.Timestamp("2040-01-01"))


def stamps(*times: str) -> np.ndarray:
    return np.array(times, dtype="datetime64[ns]")


@pytest.mark.parametrize("freq", FREQS)
def test_a_cycle_is_written_as_it_is_read(freq: str) -> None:
    assert calendar_of(freq).freq == freq
    assert resolve_freq(freq, "D") == freq


@given(st.sets(st.tuples(st.integers(0, 6), st.integers(0, 47)), min_size=2))
def test_every_choice_of_half_hours_can_be_written(steps: set[tuple[int, int]]) -> None:
    cycle = Cycle("week", tuple(sorted(day * DAY + clock * 30 * MINUTE for day, clock in steps)))
    assert parse_cycle(cycle_text(cycle)) == cycle


@pytest.mark.slow
@given(st.sets(st.integers(0, 86_399), min_size=2, max_size=20), st.sets(st.integers(0, 6), min_size=1))
def test_every_choice_of_seconds_can_be_written(seconds: set[int], days: set[int]) -> None:
    cycle = Cycle("week", tuple(sorted(day * DAY + second * SECOND for day in days for second in seconds)))
    assert parse_cycle(cycle_text(cycle)) == cycle


@given(st.sets(st.integers(1, 31), min_size=2, max_size=8))
def test_every_choice_of_days_can_be_written(days: set[int]) -> None:
    cycle = month_cycle(days)
    assert cycle is None or parse_cycle(cycle_text(cycle)) == cycle


@settings(max_examples=200)
@given(freq=st.sampled_from(FREQS), start=STARTS)
def test_steps_are_counted_and_continued(freq: str, start: object) -> None:
    calendar = calendar_of(freq)
    first = calendar.count(np.array([pd.Timestamp(start)], dtype="datetime64[ns]"))
    times = calendar.stamp(first + np.arange(200))
    assert times[0] <= np.datetime64(pd.Timestamp(start)) < times[1]
    assert (np.diff(times).astype(np.int64) > 0).all()
    assert (calendar.count(times) == first + np.arange(200)).all()
    assert (calendar.count(times - np.timedelta64(1, "ns")) == first + np.arange(-1, 199)).all()
    np.testing.assert_array_equal(future_times(freq, times[:1], 199)[0], times[1:])


@settings(max_examples=100)
@given(freq=st.sampled_from(["SMS-15", "SMS-16", "SME-15", "SME-10"]), start=STARTS)
def test_half_months_are_those_of_pandas(freq: str, start: object) -> None:
    expected = pd.date_range(pd.Timestamp(start).normalize(), periods=50, freq=freq).to_numpy("datetime64[ns]")
    np.testing.assert_array_equal(future_times(freq, expected[:1], 49)[0], expected[1:])


@pytest.mark.parametrize(
    ("freq", "last", "following"),
    [
        ("D@10,20,31", "2024-02-20", ["2024-02-29", "2024-03-10"]),
        ("D@15,30", "2023-02-15", ["2023-02-28", "2023-03-15", "2023-03-30"]),
        ("D@TUE-SUN", "2024-03-10", ["2024-03-12", "2024-03-13"]),
        ("h@MON-FRI.09:00-17:00", "2024-03-08T16:00", ["2024-03-08T17:00", "2024-03-11T09:00"]),
        ("8D@YS", "2023-12-27", ["2024-01-01", "2024-01-09"]),
        ("16D@YS", "2024-12-02", ["2024-12-18", "2025-01-01"]),
        ("4-5-4@SAT.01-28", "2023-12-30", ["2024-02-03", "2024-03-02", "2024-04-06", "2024-05-04"]),
        ("4-5-4@SAT.01-28", "2022-12-31", ["2023-01-28", "2023-02-25", "2023-04-01", "2023-04-29"]),
    ],
)
def test_the_steps_that_follow(freq: str, last: str, following: list[str]) -> None:
    np.testing.assert_array_equal(future_times(freq, stamps(last), len(following))[0], stamps(*following))


@pytest.mark.parametrize(
    ("freq", "season"),
    [
        *[("SME", 24), ("D@1,11,21", 36), ("8D@YS", 46), ("16D@YS", 23), ("D@MON-SAT", 6), ("D@TUE,THU", 2)],
        ("4-4-5@SAT.12-28", 12),
        *[("h@MON-SUN.09:00-17:00", 9), ("h@MON-FRI", 24), ("h@MON-FRI.09:00-17:00,SAT.09:00-12:00", 49)],
    ],
)
def test_the_season_is_a_day_of_hours_a_week_of_days_or_a_year(freq: str, season: int) -> None:
    assert season_length_of(freq) == season


@pytest.mark.parametrize(
    ("freq", "words"),
    [
        ("SME-10", "days 10 and the last of each month"),
        ("4-4-5@SAT.12-28", "periods of 4, 4 and 5 weeks"),
        ("D@MON-THU,SUN", "Monday to Thursday and Sunday"),
        ("D@MON-SAT.06:30", "Monday to Saturday 06:30"),
        ("h@MON-SUN.09:00-17:00", "hours, every day 09:00 to 17:00"),
        ("h@MON-FRI.09:00-17:00,SAT.09:00", "hours, Monday to Friday 09:00 to 17:00, Saturday 09:00"),
        ("5min@MON-FRI.09:30-15:55", "steps of 5 minutes, Monday to Friday 09:30 to 15:55"),
        ("2h@MON-SUN.08:00+12:00+18:00", "steps of 2 hours, every day 08:00, 12:00 and 18:00"),
        ("W-SAT", ""),
    ],
)
def test_a_cycle_in_words(freq: str, words: str) -> None:
    assert cycle_in_words(freq) == words


def test_only_the_same_cycle_has_the_same_steps() -> None:
    assert same_steps("SMS", "D@1,15")
    assert not same_steps("D@MON-SAT", "D@TUE-SUN")
    assert not same_steps("SMS", "SME")


@pytest.mark.parametrize(("wanted", "freq"), [("SMS", "SMS-15"), ("SM", "SME-15"), ("D@1,15", "SMS-15"),
                                              ("D@SAT-MON", "D@MON,SAT-SUN")])  # fmt: skip
def test_other_names_of_a_cycle(wanted: str, freq: str) -> None:
    assert resolve_freq(wanted, "D") == freq


@pytest.mark.parametrize("freq", ["D@", "D@MON", "D@MON-XXX", "D@0,15", "D@28,31", "D@15,32", "SMS-1", "SME-31", "2SMS",
                                  "h@MON.25:00", "h@MON.17:00-09:00", "0h@MON-FRI", "min@", "1D@YS", "400D@YS",
                                  "s@MON-FRI", "h@mon", "SMS-JAN", "4-4-5@SAT", "4-4-5@XXX.01-28", "4-4-4@SAT.01-28",
                                  "4-4-5@SAT.13-01"])  # fmt: skip
def test_impossible_cycles_are_errors(freq: str) -> None:
    with pytest.raises(UsageError, match="unknown frequency"):
        resolve_freq(freq, "D")


@pytest.mark.parametrize(("freq", "horizon"), [("SMS-15", 6000), ("D@MON-SAT", 90_000), ("8D@YS", 12_000)])
def test_steps_beyond_the_last_date_are_an_error(freq: str, horizon: int) -> None:
    with pytest.raises(UsageError, match="after the year 2261"):
        future_times(freq, stamps("2020-01-01"), horizon)


def test_a_time_between_two_steps_belongs_to_the_earlier_one() -> None:
    calendar = calendar_of("h@MON-SAT.09:00-17:00")
    times = stamps("2024-03-09T17:59", "2024-03-10T12:00", "2024-03-11T08:59")
    assert (calendar.stamp(calendar.count(times)) == stamps("2024-03-09T17:00")).all()
    assert calendar.stamp(calendar.count(times + np.timedelta64(HOUR, "ns")))[2] == np.datetime64("2024-03-11T09:00")
