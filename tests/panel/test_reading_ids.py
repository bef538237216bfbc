"""Series ids and column names are unique, however similar they are in the file."""

from __future__ import annotations

import numpy as np
import pytest

from forecast_cli.errors import UsageError
from forecast_cli.options import ReadConfig
from forecast_cli.panel.panel import Panel
from forecast_cli.panel.reading.naming import series_ids
from tests.panel.tables import ISO_DAYS, Read, csv_rows


@pytest.mark.parametrize(
    ("header", "ids"),
    [
        ("ds,a,a,a.1", ["a", "a.2", "a.1"]),
        ("ds,a.1,a,a", ["a.1", "a", "a.2"]),
        ("ds,a,a,a", ["a", "a.1", "a.2"]),
        ('ds,"a\nb",a b,c', ["a b", "a b.1", "c"]),
    ],
)
def test_columns_of_the_same_name_stay_series_of_their_own(read: Read, header: str, ids: list[str]) -> None:
    panel = read(header + "\n" + csv_rows(ISO_DAYS, [1, 2, 3], [40, 50, 60], [700, 800, 900]))
    assert panel.ids.tolist() == ids
    assert panel.values.tolist() == [1, 2, 3, 40, 50, 60, 700, 800, 900]


def test_a_column_can_be_named_by_the_name_that_it_has_in_the_file(read: Read) -> None:
    content = "ds,a,a,a.1\n" + csv_rows(ISO_DAYS, [1, 2, 3], [40, 50, 60], [700, 800, 900])
    assert read(content, ReadConfig(value_columns=("a.1",))).values.tolist() == [700, 800, 900]


@pytest.mark.parametrize(
    ("one", "other"), [('"a\nb"', '"a b"'), ('"a\n\nb"', '"a\nb"'), ('"a\r\nb"', '"a\nb"'), ("A", "a"), ("a ", "a.")]
)
def test_ids_that_hardly_differ_stay_series_of_their_own(read: Read, one: str, other: str) -> None:
    panel = read("unique_id,ds,y\n" + csv_rows([one] * 3 + [other] * 3, ISO_DAYS * 2, [1, 2, 3, 40, 50, 60]))
    assert len(set(panel.ids.tolist())) == 2
    assert panel.lengths.tolist() == [3, 3]
    assert panel.values.tolist() == [1, 2, 3, 40, 50, 60]


def test_an_id_may_end_in_a_null_character() -> None:
    assert len(set(series_ids([("a",), ("a\0",)]).tolist())) == 2


def test_two_id_columns_stay_apart_where_their_texts_join_to_the_same(read: Read) -> None:
    stores, items = ["x/y"] * 3 + ["x"] * 3 + ["x"] * 3, ["z"] * 3 + ["y/z"] * 3 + ["z"] * 3
    panel = read("store,item,ds,y\n" + csv_rows(stores, items, ISO_DAYS * 3, [1, 2, 3, 40, 50, 60, 700, 800, 900]))
    assert panel.ids.tolist() == [r"x\/y/z", r"x/y\/z", "x/z"]
    assert panel.values.tolist() == [1, 2, 3, 40, 50, 60, 700, 800, 900]


def test_an_id_and_a_column_of_values_stay_apart_where_they_join_to_the_same(read: Read) -> None:
    content = "id,ds,c,b/c\n" + csv_rows(["a/b"] * 3 + ["a"] * 3, ISO_DAYS * 2, range(6), range(10, 16))
    panel = read(content, ReadConfig(value_columns=("c", "b/c")))
    assert panel.ids.tolist() == [r"a\/b/c", r"a\/b/b\/c", "a/c", r"a/b\/c"]
    assert panel.values.tolist() == [0, 1, 2, 10, 11, 12, 3, 4, 5, 13, 14, 15]


def test_id_columns_that_are_named_identify_a_series_together(read: Read) -> None:
    content = "p,q,ds,y\n" + csv_rows(["1"] * 6 + ["2"] * 3, ["a"] * 3 + ["b"] * 3 + ["a"] * 3, ISO_DAYS * 3, range(9))
    panel = read(content, ReadConfig(id_columns=("q", "p")))
    assert panel.ids.tolist() == ["a/1", "b/1", "a/2"]
    assert panel.values.tolist() == list(range(9))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"value_columns": ("y", "y")}, "value-column y,y: must name each column once, and 'y' is repeated"),
        ({"id_columns": ("a", "b", "a")}, "id-column a,b,a: must name each column once, and 'a' is repeated"),
        ({"id_columns": ("y",), "value_columns": ("x", "y")}, "column 'y' has two roles"),
        ({"date_column": "y", "value_columns": ("x", "y")}, "column 'y' has two roles"),
    ],
)
def test_a_column_given_twice_is_a_usage_error(options: dict[str, tuple[str, ...]], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        ReadConfig(**options)


def test_no_panel_has_two_series_of_one_id() -> None:
    with pytest.raises(ValueError, match="two series have the same id"):
        Panel(np.array(["a", "a"]), "step", 1, np.array([0, 1, 2]), np.array([1, 1]), np.ones(2))
