"""Which columns name the series and which hold the values, in files that are easily misread."""

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


HOLES = [3 * row + row % 2 for row in range(300, 330)]
"""Ascending numbers without a constant step."""


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
        (
            "red,date,y",
            [("a", 1), ("b", 1)],
            "Such rows differ in 'red': if that names the series, give --id-column",
        ),
        (
            "p,q,date,y",
            [(1, 1), (1, 2), (2, 1)],
            "Such rows differ in 'p' and 'q': if that names",
        ),
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


@pytest.mark.slow
@pytest.mark.parametrize("name", ["unique_id", "id", "store", "Store Nbr", "StoreID", "sku", "Plant", "branch"])
@pytest.mark.parametrize(
    "ids",
    [
        ("0007", "0012"),
        ("1E-001", "1E-002"),
        ("1", "2"),
        ("NA", "ZA"),
        ("1.5", "2.5"),
        ("-", "?"),
        ("NA", "NA"),
        ("1/2/2024", "1/3/2024"),
    ],
)
def test_a_column_with_the_name_of_an_id_is_an_id(read: Read, name: str, ids: tuple[str, str]) -> None:
    one, other = ids
    series = [(one,)] if one == other else [(one,), (other,)]
    panel = read(long_file(f"{name},date,y", *series))
    assert panel.ids.tolist() == [text for (text,) in series]
    assert panel.values[:30].tolist() == [round(1000 + value, 1) for value in SALES]


def test_a_number_with_the_name_of_an_id_is_no_value(read: Read, caplog: pytest.LogCaptureFixture) -> None:
    for name, numbers in {
        "order_id": range(700, 730),
        "event id": range(30, 0, -1),
        "Order No": HOLES,
        "store": [1, 2, 3] * 10,
    }.items():
        assert read(f"date,{name},y\n" + csv_rows(DAYS, numbers, SALES)).ids.tolist() == ["y"]
    assert "not taken for values, because the name is that of an id: 'store'" in caplog.text


@pytest.mark.parametrize("name", ["y", "sales", "n"])
def test_values_of_one_store_do_not_become_ids(read: Read, name: str) -> None:
    rows = [("1", "2020-01-01", 5), ("1", "2020-01-01", 6), ("1", "2020-01-02", 6), ("1", "2020-01-02", 9)]
    content = f"store,date,{name}\n" + "".join(f"{store},{day},{value}\n" for store, day, value in rows)

    with pytest.raises(DataError, match="2 repeated timestamps"):
        read(content)
    assert read(content, ReadConfig(on_duplicate="sum")).values.tolist() == [11, 15]


def test_ids_alone_are_no_series(read: Read) -> None:
    content = "date,order_id\n" + csv_rows(DAYS, range(700, 730))
    with pytest.raises(DataError, match="no column holds values: 'order_id' has numbers, but its name is that of ids"):
        read(content)
    assert read(content, ReadConfig(value_columns=("order_id",))).values.tolist() == list(range(700, 730))


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


def test_idaho_is_no_id(read: Read) -> None:
    states = ["CA", "ID", "NA", "NO"]
    assert read(f"date,{','.join(states)}\n" + csv_rows(DAYS, *[range(30)] * 4)).ids.tolist() == states


@pytest.mark.parametrize(
    ("name", "texts"), [("month", ["Jan", "Feb", "Mar"]), ("quarter", ["Q1", "Q2"]), ("date", "ab")]
)
def test_dates_in_an_unknown_form_are_no_ids(read: Read, name: str, texts: list[str]) -> None:
    panel = read(f"{name},y\n" + csv_rows([*texts] * (30 // len(texts)), range(30)))
    assert (panel.ids.tolist(), panel.values.tolist()) == (["y"], list(range(30)))


@pytest.mark.parametrize("name", ["Hour Ending", "EPIWEEK", "Anfang"])
def test_a_part_of_the_date_is_neither_an_id_nor_a_value(read: Read, name: str) -> None:
    parts = [f"{hour:02d}:15" if name == "Anfang" else hour for hour in range(1, 25)] * 10
    with suppress(DataError):  # read as a part of the date, or refused
        panel = read(f"date,{name},load\n" + csv_rows(np.repeat(DAYS[:10], 24).tolist(), parts, range(240)))
        assert panel.ids.tolist() == ["load"]


def test_values_with_the_word_for_a_time_stay_values(read: Read) -> None:
    names = ["week_sales", "years_open", "daytime", "hours"]
    panel = read(f"date,{','.join(names)}\n" + csv_rows(DAYS, range(30), SALES, [3, 1, 4, 4, 2, 9] * 5, [0, 1, 1] * 10))
    assert panel.ids.tolist() == names


def test_latitude_and_longitude_are_no_values(read: Read) -> None:
    content = long_file("station,lat,lon,date,temp", ("a", 1.5, 10.5), ("b", -2.5, 20.5))
    assert read(content).lengths.tolist() == [30, 30]


def test_three_columns_are_needed_together(read: Read) -> None:
    series = [(country, store, item) for country in ("NA", "NO") for store in (1, 2) for item in ("hat", "mug")]
    panel = read(long_file("country,store,product,date,sold", *series))
    assert panel.ids.tolist() == [f"{country}/{store}/{item}" for country, store, item in series]


def test_one_id_column_of_two_is_not_enough(read: Read) -> None:
    with pytest.raises(DataError, match="too many to take their mean") as caught:
        read(long_file("store_nbr,family,date,sales", *PAIRS), ReadConfig(id_columns=("store_nbr",)))
    assert "Such rows differ in 'family'" in (caught.value.hint or "")


def test_a_second_column_of_dates_is_no_id(read: Read) -> None:
    panel = read("date,loaded,y\n" + csv_rows(DAYS, ["2024-02-01"] * 30, SALES))
    assert panel.ids.tolist() == ["y"]
