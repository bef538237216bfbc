"""Frequencies against pandas' own calendars."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast_cli.errors import UsageError
from forecast_cli.panel.calendar import calendar_of, future_times, resolve_freq
from forecast_cli.panel.reading.frequency import infer_freq

ALIASES = [
    *("s", "10s", "min", "5min", "15min", "30min", "h", "3h", "12h", "D", "2D", "B"),
    *("W-SUN", "W-MON", "W-THU", "2W-FRI", "4W-SAT"),
    *("MS", "ME", "BMS", "BME", "2MS", "6ME"),
    *("QS-JAN", "QS-FEB", "QS-MAR", "QE-OCT", "QE-NOV", "QE-DEC", "BQE-DEC"),
    *("YS-JAN", "YS-JUL", "YE-DEC", "YE-JUN", "BYE-DEC", "2YS-JAN"),
]
STARTS = st.dates(pd.Timestamp("1950-01-01").date(), pd.Timestamp("2030-01-01").date())


def grid(start: object, freq: str, periods: int) -> np.ndarray:
    return pd.date_range(pd.Timestamp(start), periods=periods, freq=freq).to_numpy("datetime64[ns]")


@settings(max_examples=200)
@given(freq=st.sampled_from(ALIASES), start=STARTS, left_out=st.integers(1, 28))
def test_a_frequency_is_recognised_though_a_date_is_missing(freq: str, start: object, left_out: int) -> None:
    times = np.delete(grid(start, freq, 30), left_out)
    assert infer_freq(times, np.zeros(29, dtype=np.intp)) == (freq, True)


@pytest.mark.parametrize(("freq", "horizon"), [("YS-JAN", 300), ("ME", 3000), ("W-SUN", 10_000_000), ("B", 70_000)])
def test_a_future_beyond_the_last_date_is_refused(freq: str, horizon: int) -> None:
    last = grid("2020-01-01", freq, 1)

    with pytest.raises(UsageError, match="after the year 2261") as refusal:
        future_times(freq, last, horizon)

    least = int(str(refusal.value.hint).split()[-1].rstrip("."))
    assert future_times(freq, last, least)[0, -1] > np.datetime64("2261-01-01")
    with pytest.raises(UsageError):
        future_times(freq, last, least + 1)


@settings(max_examples=200)
@given(freq=st.sampled_from(ALIASES), starts=st.lists(STARTS, min_size=1, max_size=4), horizon=st.integers(1, 40))
def test_the_future_is_what_pandas_says(freq: str, starts: list[object], horizon: int) -> None:
    grids = [grid(start, freq, horizon + 1) for start in starts]
    future = future_times(freq, np.array([g[0] for g in grids]), horizon)
    assert future.dtype == np.dtype("datetime64[ns]")
    np.testing.assert_array_equal(future, np.array([g[1:] for g in grids]))


def test_the_future_of_counted_steps() -> None:
    assert future_times("step", np.array([3, 10]), 2).tolist() == [[4, 5], [11, 12]]


def test_series_that_differ_are_judged_together() -> None:
    starts = ["1990-01-01", "2001-05-01", "2010-07-01"]
    times = np.concatenate([grid(start, "MS", n) for start, n in zip(starts, (3, 2, 40), strict=True)])
    assert infer_freq(times, np.repeat([0, 1, 2], (3, 2, 40)))[0] == "MS"


def test_days_logged_in_utc_across_the_change_of_clocks_are_days() -> None:
    local = pd.date_range("2024-03-20", periods=20, freq="D", tz="Europe/Berlin").tz_convert("UTC").tz_localize(None)
    assert infer_freq(local.to_numpy("datetime64[ns]"), np.zeros(20, dtype=np.intp)) == ("D", True)


def test_business_days_without_a_weekend_between_are_days() -> None:
    monday_to_friday = grid("2024-01-01", "D", 5)
    assert infer_freq(monday_to_friday, np.zeros(5, dtype=np.intp))[0] == "D"


def test_no_step_in_the_majority_is_irregular() -> None:
    minutes = np.cumsum([0, 3, 17, 41, 9, 28, 55, 12, 36])
    times = np.datetime64("2024-01-01", "ns") + minutes * np.timedelta64(60_000_000_000, "ns")
    assert infer_freq(times, np.zeros(len(times), dtype=np.intp)) == ("30min", False)


@pytest.mark.parametrize(
    ("wanted", "inferred", "freq"),
    [
        ("M", "ME", "ME"),
        ("M", "D", "MS"),
        ("monthly", "BME", "ME"),
        ("Q", "QE-NOV", "QE-NOV"),
        ("QS", "D", "QS-JAN"),
        ("A", "YE-JUN", "YE-JUN"),
        ("W", "W-WED", "W-WED"),
        ("weekly", "D", "W-SUN"),
        ("H", "15min", "h"),
        ("15T", "15min", "15min"),
        ("2h", "h", "2h"),
        ("B", "D", "B"),
    ],
)
def test_words_and_older_aliases(wanted: str, inferred: str, freq: str) -> None:
    assert resolve_freq(wanted, inferred) == freq


@pytest.mark.parametrize("freq", ["sometimes", "0h", "-1D", "W-XXX", "", "MS-JAN", "5", "bh"])
def test_unknown_frequencies(freq: str) -> None:
    with pytest.raises(UsageError, match=r"^freq .*: unknown frequency"):
        calendar_of(freq)
    with pytest.raises(UsageError, match=r"^freq .*: unknown frequency"):
        resolve_freq(freq, "D")
