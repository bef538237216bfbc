"""Files whose steps have a cycle, and files that only seem to have one."""

from __future__ import annotations

import csv
import logging
from collections.abc import Callable, Sequence
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecast_cli.errors import DataError
from forecast_cli.options import ReadConfig
from forecast_cli.panel.calendar import future_times
from forecast_cli.panel.panel import Panel
from forecast_cli.panel.reading import read_panel
from tests.panel.tables import csv_rows
from tests.run_here import run_here

Read = Callable[..., Panel]
DAYS = pd.date_range("2022-01-01", "2023-06-30")
HOURS = pd.date_range("2023-01-01", "2023-03-31 23:00", freq="h")
MONTHS = pd.date_range("2019-01-01", periods=30, freq="MS")


def file(stamps: Sequence[object] | pd.DatetimeIndex) -> str:
    return "date,y\n" + csv_rows(list(stamps), [10 + i % 7 for i in range(len(stamps))])


def on(days: pd.DatetimeIndex, *weekdays: int) -> pd.DatetimeIndex:
    return days[np.isin(days.dayofweek, weekdays)]


def at(hours: pd.DatetimeIndex, *clocks: int) -> pd.DatetimeIndex:
    return hours[np.isin(hours.hour, clocks)]


def monthly(*days: int) -> list[pd.Timestamp]:
    ends = [month + pd.offsets.MonthEnd(0) for month in MONTHS]
    return [min(end.replace(day=1) + pd.Timedelta(days=day - 1), end) for end in ends for day in days]


def composites(step: int) -> list[pd.Timestamp]:
    return [
        pd.Timestamp(year, 1, 1) + pd.Timedelta(days=day) for year in range(2019, 2023) for day in range(0, 365, step)
    ]


def without(stamps: Sequence[object], fraction: float) -> list[object]:
    kept = np.random.default_rng(1).random(len(stamps)) >= fraction
    return [stamp for stamp, is_kept in zip(stamps, kept, strict=True) if is_kept]


WEEKS_WITH_A_LATE_ONE = [
    day + pd.Timedelta(days=int(week == 2))
    for week, day in enumerate(pd.date_range("2023-02-06", periods=12, freq="7D"))
]
SATURDAY_MORNINGS = at(on(HOURS, 0, 1, 2, 3, 4), *range(9, 18)).union(at(on(HOURS, 5), 9, 10, 11, 12))
CYCLES = [
    ("SMS-15", monthly(1, 15)),
    ("SMS-16", monthly(1, 16)),
    ("SMS-15", monthly(1, 15)[:4]),
    ("SME-15", monthly(15, 31)),
    ("D@5,20", monthly(5, 20)),
    ("D@15,30", monthly(15, 30)),
    ("D@1,11,21", monthly(1, 11, 21)),
    ("D@10,20,31", monthly(10, 20, 31)),
    ("8D@YS", composites(8)),
    ("16D@YS", composites(16)),
    ("D@TUE-SUN", on(DAYS, 1, 2, 3, 4, 5, 6)),
    ("D@MON-SAT", on(DAYS, 0, 1, 2, 3, 4, 5)),
    ("D@MON,WED,FRI", on(DAYS, 0, 2, 4)),
    ("D@TUE,THU", on(DAYS, 1, 3)),
    ("h@MON-SUN.09:00-17:00", at(HOURS, *range(9, 18))),
    ("h@MON-SAT.09:00-12:00+14:00-17:00", at(on(HOURS, 0, 1, 2, 3, 4, 5), 9, 10, 11, 12, 14, 15, 16, 17)),
    ("h@MON-FRI.09:00-17:00,SAT.09:00-12:00", SATURDAY_MORNINGS),
    ("h@MON-FRI", on(HOURS, 0, 1, 2, 3, 4)),
    ("2h@MON-SUN.08:00+12:00+18:00", at(HOURS, 8, 12, 18)),
]


@pytest.mark.parametrize("missing", [0.0, 0.1])
@pytest.mark.parametrize(("freq", "stamps"), CYCLES, ids=[freq for freq, _ in CYCLES])
def test_steps_with_a_cycle(read: Read, freq: str, stamps: Sequence[object], missing: float) -> None:
    kept = without(stamps, missing)
    panel = read(file(kept))
    assert panel.freq == freq
    assert panel.times[~np.isnan(panel.values)].tolist() == pd.DatetimeIndex(kept).to_numpy("datetime64[ns]").tolist()
    assert len(panel.times) <= len(stamps)


@pytest.mark.parametrize(
    ("freq", "stamps"),
    [
        ("D", DAYS),
        ("D", without(DAYS, 0.2)),
        ("D", without(DAYS[:35], 0.1)),
        ("D", on(DAYS[:20], 1, 2, 3, 4, 5, 6)),
        ("B", on(DAYS, 0, 1, 2, 3, 4)),
        ("B", without(on(DAYS, 0, 1, 2, 3, 4), 0.1)),
        ("h", without(HOURS, 0.2)),
        ("h", at(HOURS[:72], *range(9, 18))),
        ("W-MON", on(DAYS, 0)),
        ("10D", pd.date_range("2020-01-01", periods=120, freq="10D")),
        ("3D", pd.date_range("2020-04-16", periods=60, freq="3D")),
        ("2W-WED", pd.date_range("2020-01-01", periods=60, freq="14D")),
        ("12h", pd.date_range("2020-01-01 06:00", periods=60, freq="12h")),
        ("MS", MONTHS),
        ("W-MON", WEEKS_WITH_A_LATE_ONE),
        ("6ME", pd.date_range("2000-01-01", periods=30, freq="6ME")),
    ],
)
def test_steps_without_a_cycle(read: Read, freq: str, stamps: Sequence[object]) -> None:
    assert read(file(stamps)).freq == freq


def test_series_on_different_days_of_the_week_are_weekly(read: Read) -> None:
    mondays, thursdays = on(DAYS, 0), on(DAYS, 3)
    rows = csv_rows(["a"] * len(mondays) + ["b"] * len(thursdays), [*mondays, *thursdays], range(156))
    panel = read("id,date,y\n" + rows)
    assert panel.freq.startswith("W-")
    assert not np.isnan(panel.values).any()


def test_a_single_open_monday_is_no_step(read: Read, caplog: pytest.LogCaptureFixture) -> None:
    open_days = on(DAYS, 1, 2, 3, 4, 5, 6).union(pd.DatetimeIndex(["2022-12-19"]))
    assert read(file(open_days)).freq == "D@TUE-SUN"
    assert "irregular timestamps, 1 of" in caplog.text
    assert "first 2022-12-19" in caplog.text


def test_a_single_late_hour_is_no_step(read: Read, caplog: pytest.LogCaptureFixture) -> None:
    late = pd.DatetimeIndex(["2023-02-10 21:00"])
    assert read(file(at(HOURS, *range(9, 18)).union(late))).freq == "h@MON-SUN.09:00-17:00"
    assert "first 2023-02-10T21:00:00" in caplog.text


def test_new_hours_at_the_end_are_steps(read: Read) -> None:
    earlier = at(HOURS[-96:], 8)
    panel = read(file(at(HOURS, *range(9, 18)).union(earlier)))
    assert panel.freq.startswith("h@")
    assert "08:00" in panel.freq
    assert np.isin(earlier.to_numpy("datetime64[ns]"), panel.times).all()


def test_late_timestamps_make_no_cycle(read: Read) -> None:
    late = np.random.default_rng(1).random(200) < 0.05
    stamps = HOURS[:200] + pd.to_timedelta(np.where(late, 1, 0), unit="min")
    assert read(file(without(stamps, 0.15))).freq == "h"


def test_days_with_a_time_keep_it(read: Read) -> None:
    panel = read(file([f"{day:%Y-%m-%d} 06:30" for day in on(DAYS, 0, 1, 2, 3, 4, 5)]))
    assert panel.freq == "D@MON-SAT.06:30"
    assert panel.times[0] == np.datetime64("2022-01-01T06:30")


def test_a_line_says_that_steps_have_a_cycle(read: Read, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    read(file(on(DAYS, 1, 2, 3, 4, 5, 6)))
    assert "the steps are D@TUE-SUN, and no other times are forecast" in caplog.text


def test_days_can_be_summed_to_dekads(read: Read) -> None:
    content = "date,y\n" + csv_rows([f"{day:%Y-%m-%d}" for day in DAYS[:90]], [1] * 90)
    panel = read(content, ReadConfig(freq="D@1,11,21", on_duplicate="sum"))
    assert panel.values.tolist() == [10, 10, 11, 10, 10, 8, 10, 10, 11]


def fiscal_periods(weeks: Sequence[int], first: str, number: int, long_year: int | None = None) -> list[pd.Timestamp]:
    """Dates that are as many weeks apart; the last step of the year `long_year`, 0 is the first, is a week longer."""
    steps = [*weeks] * 4 * (number // 12 + 1)
    if long_year is not None:
        steps[12 * long_year + 11] += 1
    return [pd.Timestamp(first) + pd.Timedelta(weeks=sum(steps[:i])) for i in range(number)]


@pytest.mark.parametrize(
    ("dates", "freq", "following"),
    [
        (fiscal_periods((4, 5, 4), "2016-01-30", 60, long_year=1), "4-5-4@SAT.01-28", "2021-01-30"),
        (fiscal_periods((4, 5, 4), "2016-01-31", 60, long_year=1), "4-5-4@SUN.01-29", "2021-01-31"),
        (fiscal_periods((4, 4, 5), "2013-12-28", 72, long_year=0), "4-4-5@SAT.12-28", "2019-12-28"),
        (fiscal_periods((4, 4, 5), "2014-09-27", 60, long_year=2), "4-4-5@SAT.09-24", "2019-09-28"),
    ],
)
def test_fiscal_years_of_whole_weeks(read: Read, dates: list[pd.Timestamp], freq: str, following: str) -> None:
    panel = read(file(dates))
    assert (panel.freq, panel.season_length) == (freq, 12)
    assert panel.times.tolist() == pd.DatetimeIndex(dates).to_numpy("datetime64[ns]").tolist()
    assert future_times(freq, panel.ends, 1)[0] == np.datetime64(following)


@pytest.mark.parametrize("freq", ["WOM-3FRI", "WOM-1MON", "WOM-4THU"])
def test_a_weekday_of_each_month_is_monthly(read: Read, freq: str) -> None:
    assert read(file(pd.date_range("2018-01-01", periods=36, freq=freq))).freq == "MS"


def test_paydays_before_a_weekend_belong_to_the_middle_and_end_of_the_month(
    read: Read, caplog: pytest.LogCaptureFixture
) -> None:
    panel = read(file([pd.offsets.BDay().rollback(day) for day in monthly(15, 31)]))
    assert panel.freq == "SME-15"
    assert panel.times.tolist() == pd.DatetimeIndex(monthly(15, 31)).to_numpy("datetime64[ns]").tolist()
    assert "irregular timestamps, 17 of 60 off the time grid of SME-15" in caplog.text


def test_month_ends_on_the_next_working_day_are_months(read: Read) -> None:
    ends = pd.date_range("2020-01-31", periods=40, freq="ME")
    panel = read(file([pd.offsets.BDay().rollforward(day) for day in ends]))
    assert panel.freq in ("MS", "ME")
    assert not np.isnan(panel.values).any()
    assert (panel.times.astype("datetime64[M]") == ends.to_numpy().astype("datetime64[M]")).all()


def test_every_second_week_with_a_time_keeps_its_weeks(read: Read) -> None:
    fridays = pd.date_range("2022-01-07", periods=20, freq="14D")
    stamps = fridays + pd.to_timedelta(np.random.default_rng(1).integers(0, 86_400, 20), unit="s")
    assert read(file(stamps)).times.tolist() == fridays.to_numpy("datetime64[ns]").tolist()


@pytest.mark.parametrize(("freq", "alias"), [("7D", "W-"), ("14D", "2W-"), ("28D", "4W-")])
def test_weeks_with_a_day_more_or_less_keep_their_order(read: Read, freq: str, alias: str) -> None:
    days = np.random.default_rng(2).choice([-1, 0, 0, 0, 0, 0, 0, 0, 1], 40)
    dates = pd.date_range("2022-01-05", periods=40, freq=freq) + pd.to_timedelta(days, unit="D")
    panel = read(file(dates))
    assert panel.freq.startswith(alias)
    assert panel.values.tolist() == [10 + i % 7 for i in range(40)]


RANDOM_DAYS = DAYS[np.sort(np.random.default_rng(1).choice(len(DAYS), 20, replace=False))]
DRIFTING_DAYS = pd.Timestamp("2022-01-01") + pd.to_timedelta(np.cumsum([0, *[10, 10, 13] * 10]), unit="D")
WEEKS_OF_EACH_YEAR = composites(7)


@pytest.mark.parametrize("dates", [RANDOM_DAYS, DRIFTING_DAYS, WEEKS_OF_EACH_YEAR])
def test_dates_that_fit_no_step_are_refused(read: Read, dates: Sequence[object]) -> None:
    with pytest.raises(DataError, match=r"the dates have no regular step: .* would be moved, first \d{4}-") as refusal:
        read(file(dates))
    assert "choose steps to resample them to" in str(refusal.value.hint)
    assert read(file(dates), ReadConfig(freq="MS")).freq == "MS"


def test_a_short_file_continues_the_cycle_of_the_model(tmp_path: Path) -> None:
    open_days = on(DAYS, 1, 2, 3, 4, 5, 6)
    (tmp_path / "data.csv").write_text(file(open_days))
    assert run_here("train", "data.csv", "--model", "naive", "--preset", "fast", home=tmp_path).returncode == 0
    (tmp_path / "recent.csv").write_text(file(open_days[-14:]))
    recent = run_here("predict", "recent.csv", "-n", 3, "--format", "csv", home=tmp_path)
    assert [line.split(",")[0] for line in recent.stdout.split()[1:]] == ["2023-07-01", "2023-07-02", "2023-07-04"]
    (tmp_path / "daily.csv").write_text(file(DAYS[-60:]))
    daily = run_here("predict", "daily.csv", home=tmp_path)
    assert daily.returncode == 5
    assert "the data have the frequency D, the model was trained on D@TUE-SUN" in daily.stderr
    assert "--freq D@TUE-SUN" in daily.stderr


@pytest.mark.parametrize(
    ("earlier", "freq"),
    [("D", "D"), ("h", "D@TUE-SUN"), ("D@MON-SUN", "D@MON-SUN"), ("D@MON-SAT", "D@TUE-SUN"), ("MS", "D@TUE-SUN")],
)
def test_a_file_keeps_an_earlier_frequency_with_all_its_dates(tmp_path: Path, earlier: str, freq: str) -> None:
    path = tmp_path / "data.csv"
    path.write_text(file(on(DAYS, 1, 2, 3, 4, 5, 6)))
    assert read_panel(str(path), continues=earlier).freq == freq


@pytest.mark.parametrize(
    ("stamps", "following"),
    [
        (monthly(1, 15), ["2021-07-01", "2021-07-15", "2021-08-01"]),
        (on(DAYS, 1, 2, 3, 4, 5, 6), ["2023-07-01", "2023-07-02", "2023-07-04"]),
        (SATURDAY_MORNINGS, ["2023-04-01T09:00:00", "2023-04-01T10:00:00", "2023-04-01T11:00:00"]),
    ],
)
def test_forecasts_are_at_steps_of_the_cycle(stamps: Sequence[object], following: list[str], tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text(file(stamps))
    assert run_here("train", "data.csv", "--model", "seasonal-naive", "--preset", "fast", home=tmp_path).returncode == 0
    from_file = run_here("predict", "data.csv", "-n", 3, "--format", "csv", home=tmp_path).stdout
    (tmp_path / "data.csv").unlink()
    from_bundle = run_here("predict", "-n", 3, "--format", "csv", home=tmp_path).stdout
    assert from_file == from_bundle
    assert [row["date"] for row in csv.DictReader(StringIO(from_file))] == following
