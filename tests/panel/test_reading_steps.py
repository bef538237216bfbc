"""The inferred steps of a file, and the warnings for steps with too few rows."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from itertools import cycle, islice

import numpy as np
import pandas as pd
import pytest

from forecast_cli.options import ReadConfig
from forecast_cli.panel.panel import Panel

Read = Callable[..., Panel]
SEED = 1


def table(stamps: Sequence[object], values: Sequence[object] | None = None) -> str:
    values = range(1, len(stamps) + 1) if values is None else values
    return "t,v\n" + "".join(f"{stamp},{value}\n" for stamp, value in zip(stamps, values, strict=True))


def late_by(freq: str, low: int, high: int, periods: int = 60) -> list[pd.Timestamp]:
    grid = pd.date_range("2024-01-01 08:00", periods=periods, freq=freq)
    return list(grid + pd.to_timedelta(np.random.default_rng(SEED).integers(low, high, periods), unit="s"))


@pytest.mark.parametrize(
    ("freq", "low", "high"),
    [("h", 0, 31), ("15min", 0, 21), ("h", -40, 40), ("2min", -5, 5), ("20min", 0, 30), ("8h", -60, 60)],
)
def test_timestamps_close_to_a_step_keep_their_frequency(read: Read, freq: str, low: int, high: int) -> None:
    panel = read(table(late_by(freq, low, high)))
    assert panel.freq == freq
    assert panel.values.tolist() == list(range(1, 61))
    assert panel.times[0] == np.datetime64("2024-01-01T08:00")


def days_apart(steps: Sequence[int], number: int = 60) -> pd.DatetimeIndex:
    return pd.Timestamp("2024-01-03") + pd.to_timedelta(np.cumsum(list(islice(cycle(steps), number))), unit="D")


@pytest.mark.parametrize("steps", [(1, 3, 2, 1, 2, 3, 1, 2), (3, 3, 1, 3, 2, 3), (4, 1, 9, 12, 7, 20, 2)])
def test_scattered_days_stay_days(read: Read, steps: Sequence[int]) -> None:
    dates = days_apart(steps)
    panel = read(table([f"{day:%Y-%m-%d}" for day in dates]))
    assert panel.freq == "D"
    assert panel.values[~np.isnan(panel.values)].tolist() == list(range(1, 61))
    assert panel.times[0] == dates[0]


@pytest.mark.parametrize(
    ("freq", "name"), [("MS", "MS"), ("ME", "ME"), ("QS-JAN", "QS-JAN"), ("YS-JAN", "YS-JAN"), ("W-TUE", "W-TUE")]
)
def test_half_of_the_steps_is_enough(read: Read, freq: str, name: str) -> None:
    grid = pd.date_range("1960-01-01", periods=80, freq=freq)
    kept = np.r_[0, 1, np.sort(np.random.default_rng(SEED).choice(np.arange(2, 80), 38, replace=False))]
    panel = read(table([f"{day:%Y-%m-%d}" for day in grid[kept]]))
    assert panel.freq == name
    assert (~np.isnan(panel.values)).sum() == 40


def test_weekly_data_on_varying_weekdays_is_weekly(read: Read) -> None:
    assert read(table([f"{day:%Y-%m-%d}" for day in days_apart((7, 6, 8, 9, 5, 7, 8, 6))])).freq.startswith("W-")


@pytest.mark.parametrize(
    ("data", "to"),
    [
        *[("D", f"W-{day}") for day in ("SUN", "MON", "THU")],
        *[("h", freq) for freq in ("D", "3h", "W-SUN")],
        *[("30min", "h"), ("D", "MS"), ("D", "ME"), ("h", "3D")],
        *[("MS", freq) for freq in ("QS-JAN", "QS-FEB", "QE-DEC", "QE-NOV", "YS-JAN", "YE-DEC", "YS-JUL", "YE-JUN")],
    ],
)
def test_totals_of_longer_steps_equal_those_of_pandas(read: Read, data: str, to: str) -> None:
    """An incomplete first or last step is left out: one with less than nine tenths of the usual rows."""
    grid = pd.date_range("2024-01-01", periods=401, freq=data)
    steps = pd.Series(np.arange(401.0), grid).resample(to)
    rows = steps.count()
    whole = rows >= 0.9 * rows[1:-1].median()
    whole[1:-1] = True
    expected = steps.sum()[whole]
    panel = read(table(list(grid), np.arange(401).tolist()), ReadConfig(freq=to, on_duplicate="sum"))
    assert panel.freq == to
    assert not whole.all() or to in ("D", "h", "3D")
    np.testing.assert_array_equal(panel.times, expected.index.to_numpy())
    np.testing.assert_array_equal(panel.values, expected.to_numpy())


def test_a_warning_for_incomplete_steps(read: Read, caplog: pytest.LogCaptureFixture) -> None:
    weeks = ReadConfig(freq="W", on_duplicate="sum")
    whole = pd.date_range("2024-01-01", periods=28)
    assert read(table(list(whole), [1] * 28), weeks).values.tolist() == [7, 7, 7, 7]
    assert "end incomplete" not in caplog.text
    part = table(list(whole[4:-1]), [1] * 23)
    assert read(part, weeks).values.tolist() == [7, 7]
    warning = "incomplete at the start or end of a series: 2 steps of W-SUN (fewest rows at 2024-01-07: 3 of about 7): "
    assert warning + "left out of the totals" in caplog.text
    assert read(part, ReadConfig(freq="W")).values.tolist() == [1, 1, 1, 1]
    assert warning + "kept" in caplog.text


def test_totals_of_random_events_are_all_kept(read: Read, caplog: pytest.LogCaptureFixture) -> None:
    orders = np.random.default_rng(SEED).poisson(50, 40)
    orders[-1] = 30
    days = np.repeat(pd.date_range("2024-01-01", periods=40), orders)
    rows = [f"{day:%Y-%m-%d} {i % 24:02d}:{i % 60:02d}:07,1" for i, day in enumerate(days)]
    panel = read("ds,y\n" + "\n".join(sorted(rows)) + "\n", ReadConfig(freq="D", on_duplicate="sum"))
    assert panel.values.tolist() == orders.tolist()
    assert "end incomplete" not in caplog.text


def test_a_warning_for_series_with_longer_steps(read: Read, caplog: pytest.LogCaptureFixture) -> None:
    rows = [f"a,{day:%Y-%m-%d},1\n" for day in pd.date_range("2024-01-01", periods=90)]
    months = [f"b,{day:%Y-%m-%d},1\n" for day in pd.date_range("2023-01-01", periods=12, freq="MS")]
    assert read("id,ds,y\n" + "".join(rows + months)).freq == "D"
    assert "1 of 2 series have longer steps than D, first 'b' with a value every 30 steps" in caplog.text


def test_missing_values_at_the_ends_are_reported(read: Read, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    content = table(["2024-01-01", "2024-01-02", "2024-01-03", "2024-01-04", "2024-01-05"], ["", 2, 3, 4, ""])
    assert read(content).values.tolist() == [2, 3, 4]
    assert "missing values at the start, first 2024-01-01 (row 2): cut at the first value" in caplog.text
    assert "missing values at the end, first 2024-01-05 (row 6): cut at the last value" in caplog.text


@pytest.mark.parametrize("merge", [None, "sum"])
def test_coarser_steps_that_were_asked_for_are_no_warning(
    read: Read, caplog: pytest.LogCaptureFixture, merge: str | None
) -> None:
    caplog.set_level("INFO")
    days = [f"{day:%Y-%m-%d}" for day in pd.date_range("2020-01-01", "2021-12-31", freq="D")]

    panel = read(table(days, list(range(len(days)))), ReadConfig(freq="MS", on_duplicate=merge))

    assert len(panel.values) == 24
    assert {record.levelname for record in caplog.records} == {"INFO"}
    effect = "they are added up" if merge else "their mean is taken"
    assert f"in steps of MS; if one step has several values, {effect}" in caplog.text


def test_stamps_off_the_grid_of_the_data_are_a_warning_even_with_a_frequency(
    read: Read, caplog: pytest.LogCaptureFixture
) -> None:
    hours = [f"{hour:%Y-%m-%d %H:%M}" for hour in pd.date_range("2024-01-01", periods=48, freq="h")]

    read(table([*hours[:20], "2024-01-01 20:31", *hours[21:]], list(range(48))), ReadConfig(freq="h"))

    assert "1 of 48 off the time grid of h" in caplog.text
