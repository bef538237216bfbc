"""Which column is the time, and which numbers beside it are no values, in files that are easily misread."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from forecast_cli.cli.screen import with_flags
from forecast_cli.errors import DataError
from forecast_cli.options import ReadConfig
from tests.panel.tables import Read, csv_rows

DAYS = [f"2024-01-{day:02d}" for day in range(1, 31)]
SALES = [round(100 + 20 * np.sin(day) + day / 10, 1) for day in range(30)]


# --- the time


def serial(dates: pd.DatetimeIndex) -> list[str]:
    """Dates as spreadsheets number them."""
    return [f"{days:.10g}" for days in (dates - pd.Timestamp("1899-12-30")) / pd.Timedelta(days=1)]


@pytest.mark.parametrize(
    ("name", "freq"),
    [
        *[("date", freq) for freq in ("D", "MS", "W-MON", "QS-JAN", "h")],
        *[("ds", "D"), ("Timestamp", "h")],
        *[("x", freq) for freq in ("MS", "ME", "QS-JAN", "YS-JAN", "W-MON", "B")],
    ],
)
def test_the_days_of_a_spreadsheet_are_dates(
    read: Read, name: str, freq: str, caplog: pytest.LogCaptureFixture
) -> None:
    dates = pd.date_range("2021-01-01", periods=40, freq=freq)
    panel = read(f"{name},y\n" + csv_rows(serial(dates), range(40)))
    assert (panel.ids.tolist(), panel.freq) == (["y"], freq)
    assert panel.times.tolist() == dates.to_numpy("datetime64[ns]").tolist()
    assert "read as the days of a spreadsheet: 44" in caplog.text


@pytest.mark.parametrize("name", ["step", "x"])
def test_a_count_that_might_be_days_of_a_spreadsheet_stays_a_count(read: Read, name: str) -> None:
    panel = read(f"{name},y\n" + csv_rows(range(45292, 45322), SALES))
    assert (panel.freq, panel.ids.tolist(), panel.times[0]) == ("step", ["y"], 45292)


HOLES = [2, 5, 8, 12, 15, 17, 21, 25, 30, 40, 44, 51, 53, 60, 61]


@pytest.mark.parametrize("name", ["seq", "t", "Timestamp", "date", "position", ""])
@pytest.mark.parametrize("number", [lambda n: n, lambda n: n / 7, lambda n: n * 1e7])
def test_ascending_numbers_with_holes_are_an_order(
    read: Read, name: str, number: object, caplog: pytest.LogCaptureFixture
) -> None:
    assert callable(number)
    panel = read(f"{name},y\n" + csv_rows([number(n) for n in HOLES], SALES[:15]))
    assert (panel.freq, panel.ids.tolist(), panel.values.tolist()) == ("step", ["y"], SALES[:15])
    assert "only their order is used" in caplog.text


def test_the_latest_number_may_come_first(read: Read) -> None:
    assert read("seq,y\n" + csv_rows(HOLES[::-1], SALES[:15][::-1])).values.tolist() == SALES[:15]


def test_an_order_may_be_shuffled(read: Read) -> None:
    rows = np.random.default_rng(1).permutation(15)
    for name, config in (("seq", ReadConfig()), ("place", ReadConfig(date_column="place"))):
        shuffled = f"{name},y\n" + csv_rows([HOLES[row] for row in rows], [SALES[row] for row in rows])
        assert read(shuffled, config).values.tolist() == SALES[:15]


def test_an_order_begins_again_in_each_series(read: Read) -> None:
    panel = read("store,seq,y\n" + csv_rows(["a"] * 15 + ["b"] * 14, HOLES + HOLES[1:], range(29)))
    assert panel.times.tolist() == [*range(1, 16), *range(1, 15)]
    assert panel.ids.tolist() == ["a", "b"]


def test_a_column_may_be_named_as_the_order(read: Read) -> None:
    content = "y,place\n" + csv_rows(SALES[:15], HOLES)
    assert read(content).ids.tolist() == ["y", "place"]
    assert read(content, ReadConfig(date_column="place")).ids.tolist() == ["y"]


def test_series_of_ascending_numbers_stay_series(read: Read, caplog: pytest.LogCaptureFixture) -> None:
    """Counts that only grow: beside a date, side by side, alone, and named as the values."""
    counts = np.cumsum(HOLES).tolist()
    assert read("date,cases\n" + csv_rows(DAYS[:15], counts)).values.tolist() == counts
    assert read("cases,deaths\n" + csv_rows(counts, HOLES)).ids.tolist() == ["cases", "deaths"]
    assert "'cases' ascend and are taken for a series" in caplog.text
    assert read("cases\n" + csv_rows(counts)).values.tolist() == counts
    assert read("value,price\n" + csv_rows(counts, SALES[:15])).ids.tolist() == ["value", "price"]
    chosen = ReadConfig(value_columns=("cases",))
    assert read("cases,price\n" + csv_rows(counts, SALES[:15]), chosen).values.tolist() == counts


@pytest.mark.parametrize("name", ["date", "Timestamp", "ds"])
def test_numbers_that_are_no_dates_are_refused_where_the_name_says_date(read: Read, name: str) -> None:
    days = [310124, 10224, 20224, 30224, 40224, 50224]
    with pytest.raises(DataError, match=f"row 2, column '{name}': '310124' is not a date in a known form"):
        read(f"{name},y,z\n" + csv_rows(days, SALES[:6], SALES[:6]))
    chosen = ReadConfig(value_columns=("y",))
    with pytest.raises(DataError, match="is not a date in a known form"):
        read(f"{name},y\n" + csv_rows(days, SALES[:6]), chosen)


def test_repeated_years_are_the_time_and_never_a_series(read: Read) -> None:
    content = "year,y\n" + csv_rows(sorted(list(range(2001, 2011)) * 4), range(40))
    with pytest.raises(DataError, match="30 repeated timestamps, first 2001-01-01"):
        read(content)


@pytest.mark.parametrize(("name", "length"), [("month", 12), ("week", 52), ("day", 7), ("quarter", 4)])
def test_parts_of_dates_without_a_year_are_no_series(
    read: Read, name: str, length: int, caplog: pytest.LogCaptureFixture
) -> None:
    parts = [i % length + 1 for i in range(3 * length)]
    panel = read(f"{name},y\n" + csv_rows(parts, range(3 * length)))
    assert panel.ids.tolist() == ["y"]
    assert panel.values.tolist() == list(range(3 * length))
    assert f"column '{name}' repeats every {length} rows and no column has the year or the date" in caplog.text


# --- row numbers


@pytest.mark.parametrize(
    "name", ["Obs", "t", "step", "level_0", "index", "#", "No.", "Row", "", "id", "Unnamed: 0.1", "...1", "seq"]
)
@pytest.mark.parametrize(
    "numbers",
    [range(1, 31), range(30), range(30, 0, -1), range(101, 131), [1, 2, *range(5, 33)], [7, *range(7), *range(8, 30)]],
    ids=["from 1", "from 0", "down", "from 101", "holes", "shuffled"],
)
def test_row_numbers_beside_a_date_are_left_out(read: Read, name: str, numbers: object) -> None:
    assert isinstance(numbers, range | list)
    panel = read(f"{name},date,y\n" + csv_rows(numbers, DAYS, SALES))
    assert (panel.ids.tolist(), panel.values.tolist()) == (["y"], SALES)


def test_row_numbers_in_a_long_file_are_left_out(read: Read) -> None:
    for numbers in ([*range(60)], [*range(30)] * 2):
        panel = read("obs,shop,date,y\n" + csv_rows(numbers, ["a"] * 30 + ["b"] * 30, DAYS * 2, SALES * 2))
        assert panel.values.tolist() == SALES * 2


def test_values_with_the_name_of_row_numbers_stay_values(read: Read) -> None:
    """A price index, a number of steps, and the only values of a file."""
    panel = read("date,index,steps\n" + csv_rows(DAYS, range(100, 400, 10), [4000, 9000, 7000] * 10))
    assert panel.ids.tolist() == ["index", "steps"]
    assert read("date,index\n" + csv_rows(DAYS, range(30))).ids.tolist() == ["index"]
    assert read("# a comment, and more\ndate,y\n" + csv_rows(DAYS, SALES)).values.tolist() == SALES
    assert read("date,week_sales,years_open\n" + csv_rows(DAYS, range(30), SALES)).ids.tolist() == [
        "week_sales",
        "years_open",
    ]


@pytest.mark.parametrize(
    "years", [range(1990, 2020), range(2019, 1989, -1), [*range(1960, 1985), *range(1990, 1995)]], ids=str
)
@pytest.mark.parametrize("header", [",y", ",a,b", ""])
def test_years_without_a_name_are_the_time(read: Read, header: str, years: object) -> None:
    assert isinstance(years, range | list)
    columns = [list(years), SALES, SALES][: 3 if header.endswith("b") else 2]
    panel = read((header + "\n" if header else "") + csv_rows(*columns))
    assert panel.freq == "YS-JAN"
    assert panel.times[0] == np.datetime64(f"{min(years)}-01-01")
    assert len(panel) == len(columns) - 1


def test_years_beside_row_numbers_are_the_time(read: Read) -> None:
    for header in ("Obs,,y", "Obs,Jahr,y", ",year,y"):
        panel = read(header + "\n" + csv_rows(range(1, 31), range(1990, 2020), SALES))
        assert (panel.freq, panel.ids.tolist()) == ("YS-JAN", ["y"])


# --- times off the grid, and far off


@pytest.mark.parametrize(
    ("freq", "early", "late"), [("h", 9, 9), ("h", 20, 20), ("h", 0, 25), ("D", 40, 40), ("15min", 2, 2)]
)
def test_early_and_late_times_have_a_step_each(read: Read, freq: str, early: int, late: int) -> None:
    grid = pd.date_range("2024-01-01", periods=60, freq=freq)
    minutes = np.random.default_rng(3).integers(-early, late + 1, 60)
    panel = read("time,y\n" + csv_rows(list(grid + pd.to_timedelta(minutes, unit="min")), range(60)))
    assert panel.freq == freq
    assert panel.times.tolist() == grid.to_numpy("datetime64[ns]").tolist()
    assert panel.values.tolist() == list(range(60))


@pytest.mark.parametrize(
    ("row", "wrong"), [(0, "1970-01-01"), (15, "2042-01-16"), (29, "2025-01-30"), (29, "2204-01-30")]
)
def test_a_time_far_from_all_others_is_named_with_its_row(read: Read, row: int, wrong: str) -> None:
    content = "date,y\n" + csv_rows([*DAYS[:row], wrong, *DAYS[row + 1 :]], SALES)
    with pytest.raises(DataError, match=rf"{wrong} \(row {row + 2}\) is far from the other times, 2024-01-0") as caught:
        read(content)
    assert "--on-gap" in with_flags(caught.value.hint or "")


def test_a_time_that_is_not_very_far_is_read_with_a_warning(read: Read, caplog: pytest.LogCaptureFixture) -> None:
    assert len(read("date,y\n" + csv_rows([*DAYS[:-1], "2024-04-30"], SALES)).times) == 121
    assert "2024-04-30 (row 31) is far from the other times, 2024-01-01 to 2024-01-29" in caplog.text
    kept = read("date,y\n" + csv_rows([*DAYS[:-1], "2024-12-31"], SALES), ReadConfig(on_gap="interpolate"))
    assert len(kept.times) == 366


def test_series_that_begin_and_end_at_different_times_are_not_far_from_each_other(
    read: Read, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = (
        pd.date_range("2001-01-01", periods=24, freq="MS"),
        pd.date_range("2015-01-01", periods=24, freq="MS"),
    )
    panel = read("id,date,y\n" + csv_rows(["a"] * 24 + ["b"] * 24, [*first.date, *second.date], range(48)))
    assert panel.lengths.tolist() == [24, 24]
    assert "far from" not in caplog.text


def test_the_same_dates_in_two_columns_are_one_time(read: Read) -> None:
    assert read("ds,ds,y\n" + csv_rows(DAYS, DAYS, SALES)).values.tolist() == SALES


@pytest.mark.parametrize("name", ["year", "timestamp", "date"])
def test_times_beside_other_dates_are_no_series(read: Read, name: str) -> None:
    cells = {"year": [2024] * 30, "timestamp": range(1704067200, 1706659200, 86_400), "date": range(45292, 45322)}
    assert read(f"day,{name},y\n" + csv_rows(DAYS, cells[name], SALES)).ids.tolist() == ["y"]


def test_months_in_a_column_of_codes_are_the_time(read: Read) -> None:
    months = [f"{2020 + month // 12}{month % 12 + 1:02d}" for month in range(30)]
    assert read("code,y\n" + csv_rows(months, SALES)).freq == "MS"


@pytest.mark.parametrize("first", [1, 45292])
def test_a_count_that_begins_again_in_each_series_is_the_time(read: Read, first: int) -> None:
    counts = [*range(first, first + 30)] * 2
    panel = read("shop,date,y\n" + csv_rows(["a"] * 30 + ["b"] * 30, counts, SALES * 2))
    assert panel.times[0] == panel.times[30]
    assert panel.lengths.tolist() == [30, 30]
