"""Cells that look like something else: ids like times, numbers or words for missing values; names like row numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from forecast_cli.errors import DataError
from tests.panel.tables import Read

DAYS = [f"2024-01-{day:02d}" for day in range(1, 11)]


def day_rows(*cells: str) -> str:
    """Ten rows: `cells` with {d} for the date, {i} for the number of the row and {y} for a value."""
    return "".join(",".join(cells).format(d=day, i=i, y=50 + (i * 7) % 10) + "\n" for i, day in enumerate(DAYS))


@pytest.mark.parametrize(
    ("content", "ids"),
    [
        ("date,NO,NA\n" + day_rows("{d}", "1{i}", "{y}"), ["NO", "NA"]),
        (",date,DE,NL\n" + day_rows("{i}", "{d}", "{y}", "{y}"), ["DE", "NL"]),
        ("date,item,sales\n" + day_rows("{d}", "05:30", "{y}"), ["05:30"]),
        (",store_nbr,date,sales\n" + day_rows("{i}", "0", "{d}", "{y}"), ["0"]),
        ("sku;date;sales\n" + day_rows("1,5;{d};{y}.5") + day_rows("x;{d};{y}.5"), ["1,5", "x"]),
        ("index;sku;shop;date;sales\n" + day_rows("{i};1,5;0;{d};{y}.5"), ["1,5"]),
        ("date,a,b\n" + day_rows("{d}", "-$2{i}", "{y}"), ["a", "b"]),
        ("when,0007\n" + day_rows("{d}", "{y}"), ["0007"]),
    ],
)
def test_days_with_ids_or_names_that_look_like_something_else(read: Read, content: str, ids: list[str]) -> None:
    panel = read(content)
    assert (panel.freq, panel.ids.tolist(), panel.lengths.tolist()) == ("D", ids, [10] * len(ids))


@pytest.mark.parametrize(
    ("head", "rows", "ids"),
    [
        ("unique_id", ["1E-001", "1E-002", "2E-001"], ["1E-001", "1E-002", "2E-001"]),
        (",store,item", ["0,7,1", "1,7,2", "2,8,1"], ["7/1", "7/2", "8/1"]),
        ("sku,flow", ["3,net sales"], ["3"]),
        ("index,country", ["0,NA"], ["NA"]),
        ("id", ["05:30"], ["05:30"]),
        ("note", ['"x\ny"', "x y"], [r"x\ny", "x y"]),
    ],
)
@pytest.mark.parametrize(
    "dates",
    [
        ["2024-01-01", "2024-01-02", "2024-01-03", "2024-01-04", "2024-01-05", "2024-01-08"],
        ["45292", "45293", "45294", "45295", "45296", "45299"],
        ["20240101", "20240102", "20240103", "20240104", "20240105", "20240108"],
    ],
)
def test_one_row_per_series_below_business_days(
    read: Read, head: str, rows: list[str], ids: list[str], dates: list[str]
) -> None:
    panel = read("\n".join([",".join([head, *dates]), *(f"{row},5,6,7,8,9,4" for row in rows)]) + "\n")
    assert (panel.freq, panel.ids.tolist()) == ("B", ids)
    assert panel.values.tolist() == [5, 6, 7, 8, 9, 4] * len(ids)


@pytest.mark.parametrize(
    ("header", "freq", "first"),
    [
        ([f"2023-{week}" for week in range(41, 53)] + ["2024-01"], "W-MON", "2023-10-09"),
        ([f"{week}" for week in range(202301, 202313)], "MS", "2023-01-01"),
        (["91-11", "91-12", "92-01", "92-02", "92-03"], "MS", "1991-11-01"),
        (["2019/20", "2020/21", "2021/22", "2022/23"], "YS-JAN", "2019-01-01"),
    ],
)
def test_numbers_beside_years_in_the_header(read: Read, header: list[str], freq: str, first: str) -> None:
    panel = read(",".join(["shop", *header]) + "\n" + "".join(f"{shop}{',5' * len(header)}\n" for shop in "AB"))
    assert (panel.freq, panel.ids.tolist(), panel.times[0]) == (freq, ["A", "B"], np.datetime64(first))


def test_a_date_that_does_not_exist_in_the_header_is_not_left_out(read: Read) -> None:
    with pytest.raises(DataError):
        read("shop,2023-02-27,2023-02-28,2023-02-29,2023-03-01\nA,5,6,7,8\nB,5,6,7,8\n")


@pytest.mark.parametrize(
    ("name", "form", "freq"), [("when", "%Y%m%d", "MS"), ("when", "%Y%m%d%H%M", "MS"), ("day", "excel", "MS")]
)
def test_dates_in_digits_are_found_in_shuffled_rows_of_several_series(
    read: Read, name: str, form: str, freq: str
) -> None:
    times = pd.date_range("2015-01-01", periods=20, freq=freq)
    rows = [
        f"{id_},{(time - pd.Timestamp('1899-12-30')).days if form == 'excel' else time.strftime(form)},{i % 7}"
        for id_ in ("1E-001", "2E-001")
        for i, time in enumerate(times)
    ]
    shuffled = [rows[i] for i in np.random.default_rng(1).permutation(len(rows))]
    panel = read("\n".join([f"sku,{name},sales", *shuffled]) + "\n")
    assert (panel.freq, panel.ids.tolist()) == (freq, sorted(["1E-001", "2E-001"], key=panel.ids.tolist().index))
    assert panel.lengths.tolist() == [20, 20]


def test_codes_of_twelve_digits_are_no_dates(read: Read) -> None:
    rows = [f"{code},{year},{month},5" for code in ("400638133393", "036000291452") for year in (2022, 2023)
            for month in range(1, 13)]  # fmt: skip
    panel = read("\n".join(["upc,year,month,sales", *rows]) + "\n")
    assert (panel.freq, panel.ids.tolist()) == ("MS", ["400638133393", "036000291452"])


def test_the_same_day_of_each_year_in_three_columns(read: Read) -> None:
    panel = read("year,month,day,y\n" + "".join(f"{year},6,30,5\n" for year in range(2001, 2013)))
    assert (panel.freq, panel.times[0]) == ("YE-JUN", np.datetime64("2001-06-30"))


@pytest.mark.parametrize(("days", "freq"), [((31, 28, 31, 30, 31, 30), "ME"), ((22, 20, 21, 22, 23, 20), "MS")])
def test_days_beside_months_are_dates_only_if_they_end_the_months(read: Read, days: tuple[int, ...], freq: str) -> None:
    rows = [f"2023-{month:02d},{day},5" for month, day in enumerate(days, 1)]
    assert read("\n".join(["month,day,y", *rows]) + "\n").freq == freq


def test_years_of_two_digits_go_on_after_2029(read: Read) -> None:
    panel = read("date,y\n" + "".join(f"1.1.{year % 100:02d},5\n" for year in range(1997, 2035)))
    assert (str(panel.times[0])[:4], len(panel.times)) == ("1997", 38)


def test_a_missing_date_among_dates_of_a_named_zone(read: Read) -> None:
    rows = [f"2024-01-01 {hour:02d}:00 CET,{hour}" for hour in range(9)]
    assert read("\n".join(["date,y", *rows[:4], ",", *rows[4:]]) + "\n").values.tolist() == list(range(9))


@pytest.mark.parametrize(("zones", "message"), [
    (("CET", "Europe/Berlin"), "row 3, column 'date': the time zone is 'Europe/Berlin', and in row 2 .* is 'CET'"),
    (("America/New_York", "Europe/Berlin"), "the time zone is 'Europe/Berlin', and in row 2 .* 'America/New_York'"),
    (("Europe/Berlin", ""), "row 3, column 'date': there is no time zone, and in row 2 .* is 'Europe/Berlin'"),
])  # fmt: skip
def test_zones_that_differ_by_name_are_both_named(read: Read, zones: tuple[str, str], message: str) -> None:
    rows = [f"2024-01-01 {hour:02d}:00 {zones[hour % 2]},{hour}" for hour in range(9)]
    with pytest.raises(DataError, match=message):
        read("\n".join(["date,y", *rows]) + "\n")
