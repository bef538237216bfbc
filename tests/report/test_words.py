"""Words and numbers in pictures."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.ticker import MaxNLocator

from forecast_cli.words import date_labels, short, span, tick_labels, time_label


@pytest.mark.parametrize(
    ("steps", "freq", "words"),
    [
        (1, "YE", "1 year"),
        (8, "QS-OCT", "8 quarters"),
        (12, "ME", "12 months"),
        (5, "B", "5 business days"),
        (1000, "h", "1,000 hours"),
        (4, "2W-MON", "4 steps of 2 weeks"),
        (4, "10ms", "4 steps of 10 milliseconds"),
        (4, "10step", "4 steps"),
        (4, "SMS-15", "4 steps"),
    ],
)
def test_a_horizon_is_written_in_the_unit_of_the_data(steps: int, freq: str, words: str) -> None:
    assert span(steps, freq) == words


@pytest.mark.parametrize(
    ("time", "freq", "words"),
    [
        ("2024-12-31", "YE-DEC", "2024"),
        ("1959-04-01", "QS-OCT", "1959 Q2"),
        ("1959-06-30", "QE-DEC", "1959 Q2"),
        ("1959-02-01", "QS-FEB", "Feb 1959"),
        ("2024-02-29", "ME", "Feb 2024"),
        ("2024-03-05", "W-TUE", "5 Mar 2024"),
        ("2024-03-05T06:45", "15min", "5 Mar 2024 06:45"),
        ("2024-03-05T06:45:30", "10s", "5 Mar 2024 06:45:30"),
        ("2024-03-05T06:45:30.250", "10ms", "5 Mar 2024 06:45:30.250"),
    ],
)
def test_a_date_is_as_exact_as_the_frequency(time: str, freq: str, words: str) -> None:
    assert time_label(np.datetime64(time, "ns"), freq) == words


def test_a_step_is_a_number() -> None:
    assert time_label(np.int64(1500), "step") == "step 1,500"


def test_hours_share_their_day() -> None:
    ticks = [datetime(2024, 2, 28, 12), datetime(2024, 2, 28, 18), datetime(2024, 2, 29)]
    assert date_labels(ticks) == ["12:00\n28 Feb 2024", "18:00\n ", "00:00\n29 Feb 2024"]


def test_days_share_their_year() -> None:
    assert date_labels([datetime(2023, 12, 31), datetime(2024, 1, 2)]) == ["31 Dec\n2023", "2 Jan\n2024"]


def test_fractions_of_a_second_are_shown() -> None:
    ticks = [datetime(2024, 2, 29, 23, 59, 59, 950_000), datetime(2024, 3, 1)]
    assert date_labels(ticks) == ["23:59:59.950\n29 Feb 2024", "00:00:00.000\n1 Mar 2024"]


def test_labels_of_years_have_one_line() -> None:
    assert date_labels([datetime(1749, 1, 1), datetime(1750, 1, 1)]) == ["1749", "1750"]


def test_large_and_small_numbers_stay_short() -> None:
    assert tick_labels([0, 2.5e9, 5e9]) == ["0", "2.5 bn", "5.0 bn"]
    assert tick_labels([-2e6, 0, 2e6]) == ["−2 M", "0", "2 M"]
    assert tick_labels([1e20, 2e20]) == ["1e20", "2e20"]
    assert tick_labels([0, 2e-7]) == ["0", "2e-07"]


def test_a_small_range_far_from_zero_keeps_its_digits() -> None:
    assert tick_labels([1_000_000_000.0, 1_000_000_000.5]) == ["1,000,000,000.0", "1,000,000,000.5"]


@given(
    low=st.floats(-1e9, 1e9, allow_nan=False),
    width=st.floats(1e-2, 1e9, allow_nan=False),
    bins=st.integers(3, 9),
)
def test_ticks_of_any_axis_have_labels_that_differ(low: float, width: float, bins: int) -> None:
    ticks = [float(v) for v in MaxNLocator(bins).tick_values(low, low + width)]
    labels = tick_labels(ticks)
    assert len(set(labels)) == len(ticks)
    scales = {" M": 1e6, " bn": 1e9}
    step = ticks[1] - ticks[0]
    for value, label in zip(ticks, labels, strict=True):
        unit = next((u for u in scales if label.endswith(u)), "")
        number = label.removesuffix(unit).replace(",", "").replace("−", "-")
        assert float(number) * scales.get(unit, 1) == pytest.approx(value, abs=0.02 * step)


@given(st.text(max_size=80), st.integers(8, 40))
def test_a_shortened_id_fits_on_one_printable_line(text: str, width: int) -> None:
    line = short(text, width)
    assert len(line) <= width
    assert line == "" or line.isprintable()


def test_a_shortened_id_keeps_both_ends() -> None:
    line = short("region_north/department_of_home_and_garden/store_0017", 24)
    assert line.startswith("region_north")
    assert line.endswith("store_0017")
