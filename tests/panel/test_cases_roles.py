"""Which column is the time, which ones name the series and which hold values, in files that are easily misread."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import pandas as pd
import pytest

from forecast_cli.cli.screen import with_flags
from forecast_cli.errors import DataError
from forecast_cli.options import ReadConfig
from tests.panel.tables import Read, csv_rows

DAYS = [f"2024-01-{day:02d}" for day in range(1, 31)]
SALES = [round(100 + 20 * np.sin(day) + day / 10, 1) for day in range(30)]


def long_file(header: str, *ids: tuple[object, ...], days: list[str] = DAYS) -> str:
    """A row for each date and series: the ids of the series, the date, and a value of 1000 * its number and more."""
    rows = [
        (*series, day, round(1000 * number + SALES[i], 1))
        for i, day in enumerate(days)
        for number, series in enumerate(ids, start=1)
    ]
    return header + "\n" + csv_rows(*map(list, zip(*rows, strict=True)))


# --- repeated dates


@pytest.mark.parametrize(
    ("header", "ids", "names"),
    [
        ("red,date,y", [("a", 1), ("b", 1)], "'red' tells such rows apart, name it with --id-column"),
        ("p,q,date,y", [(1, 1), (1, 2), (2, 1)], "'p' and 'q' tell such rows apart, name them with --id-column"),
    ],
)
def test_many_repeated_dates_are_an_error_that_names_columns(
    read: Read, header: str, ids: list[tuple[object, ...]], names: str
) -> None:
    content = long_file(header, *(series[: header.count(",") - 1] for series in ids))
    with pytest.raises(DataError, match="too many to take their mean") as caught:
        read(content, ReadConfig(layout="wide", value_columns=("y",)))
    assert "repeated timestamps, first 2024-01-01 (row 3)" in caught.value.message
    assert names in with_flags(caught.value.hint or "")
    assert "--on-duplicate: mean, sum, first, last" in with_flags(caught.value.hint or "")
    averaged = read(content, ReadConfig(layout="wide", value_columns=("y",), on_duplicate="mean"))
    assert averaged.lengths.tolist() == [30]


def test_events_of_the_same_date_are_not_averaged_unasked(read: Read) -> None:
    content = "date,amount\n" + csv_rows(sorted(DAYS * 3), range(90))
    with pytest.raises(DataError, match="60 repeated timestamps"):
        read(content)
    assert read(content, ReadConfig(on_duplicate="sum")).values[0] == 0 + 1 + 2


def test_a_few_repeated_dates_are_averaged(read: Read, caplog: pytest.LogCaptureFixture) -> None:
    panel = read("date,y\n" + csv_rows([*DAYS, DAYS[-1]], [*range(30), 31]))
    assert panel.values[-1] == 30
    assert "1 repeated timestamp, first 2024-01-30 (row 32): their mean is taken" in caplog.text


def test_copies_of_rows_are_no_error(read: Read) -> None:
    """Exports that overlap have the same rows twice."""
    panel = read("date,y\n" + csv_rows([*DAYS[:20], *DAYS[10:]], [*range(20), *range(10, 30)]))
    assert panel.values.tolist() == list(range(30))


def test_rows_that_fill_each_others_columns_are_no_error(read: Read) -> None:
    panel = read("date,a,b\n" + csv_rows(DAYS * 2, [*range(30), *[""] * 30], [*[""] * 30, *range(30)]))
    assert panel.values.tolist() == [*range(30), *range(30)]


# --- columns that name the series


@pytest.mark.parametrize("name", ["unique_id", "id", "store", "Store Nbr", "StoreID", "sku", "Plant", "branch"])
@pytest.mark.parametrize(
    "ids", [("0007", "0012"), ("1E-001", "1E-002"), ("1", "2"), ("NA", "ZA"), ("1.5", "2.5"), ("-", "?"), ("NA", "NA")]
)
def test_a_column_with_the_name_of_an_id_is_an_id(read: Read, name: str, ids: tuple[str, str]) -> None:
    one, other = ids
    series = [(one,)] if one == other else [(one,), (other,)]
    panel = read(long_file(f"{name},date,y", *series))
    assert panel.ids.tolist() == [text for (text,) in series]
    assert panel.values[:30].tolist() == [round(1000 + value, 1) for value in SALES]


def test_a_number_with_the_name_of_an_id_is_no_value(read: Read, caplog: pytest.LogCaptureFixture) -> None:
    for name, numbers in {"order_id": range(700, 730), "event id": range(30, 0, -1), "store": [1, 2, 3] * 10}.items():
        assert read(f"date,{name},y\n" + csv_rows(DAYS, numbers, SALES)).ids.tolist() == ["y"]
    assert "not taken for values, because the name is that of an id: 'store'" in caplog.text


def test_a_series_may_have_the_name_of_an_id(read: Read) -> None:
    """Sales in the store and on the web; the only values of a file."""
    panel = read("date,store,web\n" + csv_rows(DAYS, range(900, 930), SALES))
    assert panel.ids.tolist() == ["store", "web"]
    assert read("date,series\n" + csv_rows(DAYS, [1, 2, 3] * 10)).ids.tolist() == ["series"]
    assert read("date,item\n" + csv_rows(DAYS, SALES)).values.tolist() == SALES


PAIRS = [(1, "tea"), (1, "rice"), (2, "tea"), (2, "rice"), (3, "rice")]


@pytest.mark.parametrize(
    "header",
    [
        "store_nbr,family,date,sales",
        "branch,article,date,sales",
        "p,flavour,date,sales",
        "Dept,Store,date,Weekly_Sales",
    ],
)
def test_two_columns_that_are_needed_together_are_both_ids(read: Read, header: str) -> None:
    panel = read(long_file(header, *PAIRS))
    assert panel.ids.tolist() == [f"{store}/{family}" for store, family in PAIRS]
    assert panel.lengths.tolist() == [30] * 5


def test_two_columns_of_numbers_are_both_ids(read: Read) -> None:
    panel = read(long_file("branch,article,date,qty", (1, 1), (1, 2), (2, 1), (12, 1)))
    assert panel.ids.tolist() == ["1/1", "1/2", "2/1", "12/1"]


def test_two_columns_are_both_ids_without_dates(read: Read) -> None:
    stores, items = [1] * 6 + [2] * 6, (["tea"] * 3 + ["rice"] * 3) * 2
    panel = read("store,item,y\n" + csv_rows(stores, items, range(12)))
    assert panel.ids.tolist() == ["1/tea", "1/rice", "2/tea", "2/rice"]


def test_two_columns_are_both_ids_if_their_series_follow_each_other(read: Read) -> None:
    stores, items = [1] * 15 + [2] * 15, (["tea"] * 5 + ["rice"] * 5 + ["oats"] * 5) * 2
    panel = read("store,item,date,y\n" + csv_rows(stores, items, DAYS, SALES))
    assert panel.lengths.tolist() == [5] * 6


def test_a_column_that_follows_from_the_id_is_left_out(read: Read) -> None:
    content = long_file("store_id,store_name,region,date,y", (1, "Mitte", "N"), (2, "Ost", "N"), (3, "West", "S"))
    assert len(read(content)) == 3


def test_the_target_is_found_by_its_name_beside_other_numbers(read: Read) -> None:
    for name in ("sales", "Weekly_Sales", "Demand [kg]", "qty"):
        content = f"store,date,{name},price,promo\n" + csv_rows(
            ["a"] * 30 + ["b"] * 30, DAYS * 2, SALES * 2, range(60), [0, 1] * 30
        )
        assert read(content).values.tolist() == SALES * 2


def test_one_duplicate_does_not_make_remarks_ids(read: Read) -> None:
    days = [*pd.date_range("2024-01-01", periods=99).date, "2024-04-08"]
    panel = read("date,y,remark\n" + csv_rows(days, range(100), ["ok", "late"] * 50))
    assert panel.ids.tolist() == ["y"]


def test_na_may_be_a_country(read: Read) -> None:
    for name in ("iso2", "Country Code", "market"):
        assert read(long_file(f"{name},date,y", ("NA",), ("ZA",))).ids.tolist() == ["NA", "ZA"]


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
    assert f"not taken for values, because the name is that of a part of a date: '{name}'" in caplog.text


# --- row numbers


@pytest.mark.parametrize(
    "name", ["Obs", "t", "step", "level_0", "index", "#", "No.", "Row", "", "id", "Unnamed: 0", "seq"]
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


@pytest.mark.parametrize("name", ["hour_ending", "Day of Month", "settlement period"])
def test_parts_of_a_date_are_no_ids(read: Read, name: str) -> None:
    """Read as the time of day where that is possible, and refused otherwise; never a series for each hour."""
    content = long_file(f"{name},date,y", *[(hour,) for hour in range(1, 9)])
    with suppress(DataError):
        assert len(read(content)) == 1
