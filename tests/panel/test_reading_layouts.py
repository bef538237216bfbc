"""Layouts: with and without a header, wide and long, ids in one column or two."""

from __future__ import annotations

import numpy as np
import pytest

from forecast_cli.options import ReadConfig
from tests.panel.tables import ISO, ISO_DAYS, MONTHS, VALUES, Read, csv_rows, days


def test_no_header(read: Read) -> None:
    panel = read(ISO.split("\n", 1)[1])
    assert days(panel) == list(MONTHS)
    assert panel.values.tolist() == list(VALUES)


@pytest.mark.parametrize("header", ["", "y\n"])
def test_one_column_of_values(read: Read, header: str) -> None:
    panel = read(header + "5\n7\n\n8\n")
    assert panel.freq == "step"
    assert panel.times.tolist() == [1, 2, 3, 4]
    np.testing.assert_array_equal(panel.values, [5, 7, np.nan, 8])


def test_decimal_commas_in_one_column(read: Read) -> None:
    assert read("y\n1,5\n2,75\n3,0\n").values.tolist() == [1.5, 2.75, 3]


@pytest.mark.parametrize("name", ["ds", "t", "step", ""])
def test_step_numbers_are_sorted_and_their_gaps_found(read: Read, name: str) -> None:
    panel = read(f"{name},y\n3,30\n1,10\n2,20\n5,50\n")
    assert panel.freq == "step"
    assert panel.times.tolist() == [1, 2, 3, 4, 5]
    np.testing.assert_array_equal(panel.values, [10, 20, 30, np.nan, 50])


def test_step_numbers_start_again_in_each_series(read: Read) -> None:
    panel = read("unique_id,ds,y\na,1,5\na,2,6\nb,1,7\nb,2,8\nb,3,9\n")
    assert panel.ids.tolist() == ["a", "b"]
    assert panel.times.tolist() == [1, 2, 1, 2, 3]


def test_wide(read: Read) -> None:
    panel = read("date,a,b\n" + csv_rows(ISO_DAYS, [1, 2, 3], [4, "", 6]))
    assert panel.ids.tolist() == ["a", "b"]
    assert panel.indptr.tolist() == [0, 3, 6]
    np.testing.assert_array_equal(panel.values, [1, 2, 3, 4, np.nan, 6])


def test_wide_with_numbers_for_names(read: Read) -> None:
    panel = read("date,1,2\n" + csv_rows(ISO_DAYS, [1, 2, 3], [4, 5, 6]))
    assert panel.ids.tolist() == ["1", "2"]


def test_wide_without_dates(read: Read) -> None:
    panel = read("a,b\n" + csv_rows([1.5, 2, 3], [4, 5, 6]))
    assert panel.ids.tolist() == ["a", "b"]
    assert panel.freq == "step"


@pytest.mark.parametrize(
    ("header", "ids"),
    [
        ("unique_id,ds,y", ["a"] * 3 + ["b"] * 3),
        ("thing,when,amount", ["a"] * 3 + ["b"] * 3),
        ("store,when,sold", [1] * 3 + [2] * 3),
        ("nr,when,sold", [1] * 3 + [2] * 3),
        ("unique_id,ds,y", ["001"] * 3 + ["002"] * 3),
    ],
)
def test_long(read: Read, header: str, ids: list[object]) -> None:
    panel = read(header + "\n" + csv_rows(ids, ISO_DAYS * 2, [1, 2, 3, 40, 50, 60]))
    assert panel.ids.tolist() == [str(ids[0]), str(ids[-1])]
    assert panel.values.tolist() == [1, 2, 3, 40, 50, 60]


@pytest.mark.parametrize("header", ["unique_id,ds,y", "state|kind,ds,y"])
@pytest.mark.parametrize("mark", ["|", ";", "\t", " "])
def test_an_id_may_contain_another_delimiter(read: Read, header: str, mark: str) -> None:
    ids = [f"{state}{mark}sales" for state in ("Ohio", "Utah")]
    panel = read(
        header.replace("|", mark) + "\n" + csv_rows(np.repeat(ids, 3).tolist(), ISO_DAYS * 2, [1, 2, 3, 40, 50, 60])
    )
    assert panel.ids.tolist() == ids
    assert panel.values.tolist() == [1, 2, 3, 40, 50, 60]


def test_a_constant_id_is_an_id(read: Read) -> None:
    assert read("name,day,x\n" + csv_rows(["kg"] * 3, ISO_DAYS, [1, 2, 3])).ids.tolist() == ["kg"]


def test_two_columns_form_the_id_together(read: Read) -> None:
    stores, items = [1] * 6 + [2] * 6, ([1] * 3 + [2] * 3) * 2
    panel = read("date,store,item,sales\n" + csv_rows(ISO_DAYS * 4, stores, items, list(range(12))))
    assert panel.ids.tolist() == ["1/1", "1/2", "2/1", "2/2"]
    assert panel.values.tolist() == list(range(12))


def test_a_column_equivalent_to_the_id_is_left_out(read: Read) -> None:
    panel = read(
        "code,country,year,gdp\n"
        + csv_rows(["FR"] * 3 + ["DE"] * 3, ["France"] * 3 + ["Germany"] * 3, [2001, 2002, 2003] * 2, range(6))
    )
    assert len(panel) == 2
    assert panel.freq == "YS-JAN"


def test_notes_are_not_ids(read: Read) -> None:
    panel = read("date,y,note\n" + csv_rows(ISO_DAYS, [1, 2, 3], ["", "holiday", ""]))
    assert panel.ids.tolist() == ["y"]


def test_long_without_dates(read: Read) -> None:
    panel = read("who,y\n" + csv_rows(["a", "a", "a", "b", "b", "b"], [1, 2, 3, 4, 5, 6]))
    assert panel.ids.tolist() == ["a", "b"]
    assert panel.times.tolist() == [1, 2, 3, 1, 2, 3]


def test_options_override_detection(read: Read) -> None:
    content = "id,start,end,x,y\n" + csv_rows(
        ["a"] * 3, ISO_DAYS, ["2025-01-01", "2025-02-01", "2025-03-01"], [1, 2, 3], [4, 5, 6]
    )
    panel = read(content, ReadConfig(date_column="end", value_columns=("x",)))
    assert (panel.freq, panel.values.tolist()) == ("MS", [1, 2, 3])
    both = read(content, ReadConfig(date_column="start", value_columns=("x", "y")))
    assert both.ids.tolist() == ["a/x", "a/y"]
    wide = read(content, ReadConfig(date_column="start", layout="wide"))
    assert wide.ids.tolist() == ["x", "y"]
    assert read(ISO, ReadConfig(seasons=(6,))).season_length == 6
    assert read(ISO, ReadConfig(delimiter=",", freq="monthly")).freq == "MS"


def test_notes_below_the_table_are_left_out(read: Read) -> None:
    panel = read(ISO + "\nSource: the airline\nPassengers in thousands\n")
    assert panel.values.tolist() == list(VALUES)
