"""Static covariates from a second file with a row for each series."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from forecast_cli.errors import DataError, mention
from forecast_cli.options import ReadConfig
from forecast_cli.panel.covariates import FUTURE, STATIC, Covariate
from forecast_cli.panel.panel import Panel
from forecast_cli.panel.reading import read_panel

LONG = "shop,date,sales,price\n" + "".join(
    f"{shop},2024-01-0{day},{day + 10 * place},{day}\n"
    for place, shop in enumerate(("n1", "s1", "s2"))
    for day in (1, 2, 3)
)
WIDE = "date,n1,s1,s2\n2024-01-01,1,11,21\n2024-01-02,2,12,22\n2024-01-03,3,13,23\n"
ROWS = "shop,2024-01-01,2024-01-02,2024-01-03\nn1,1,2,3\ns1,11,12,13\ns2,21,22,23\n"
SHOPS = "shop,region,size,opened\ns2,south,30,2001-01-01\ns1,south,20,2002-02-02\nn1,north,10,2003-03-03\nx,west,5,\n"
REGION = Covariate("region", STATIC, ("north", "south", "west"))


def read(folder: Path, data: str, shops: str = SHOPS, **options: object) -> Panel:
    (folder / "data.csv").write_text(data)
    (folder / "shops.csv").write_text(shops)
    return read_panel(str(folder / "data.csv"), ReadConfig(static_file=str(folder / "shops.csv"), **options))


def first_of(panel: Panel) -> list[list[float]]:
    """What is known at the first point of each series."""
    assert panel.covariates is not None
    return panel.covariates.ahead[panel.covariates.start].tolist()


@pytest.mark.parametrize("data", [LONG, WIDE, ROWS], ids=["long", "wide", "a row per series"])
def test_attributes_are_those_of_the_series_in_each_layout(tmp_path: Path, data: str) -> None:
    panel = read(tmp_path, data, **({"value_columns": ("sales",)} if data == LONG else {}))

    assert panel.ids.tolist() == ["n1", "s1", "s2"]
    assert panel.values.tolist() == [1, 2, 3, 11, 12, 13, 21, 22, 23]
    assert panel.covariates is not None
    assert panel.covariates.columns == (REGION, Covariate("size", STATIC))
    assert first_of(panel) == [[0, 10], [1, 20], [1, 30]]


def test_named_columns_are_taken_from_the_data_or_from_the_second_file(tmp_path: Path) -> None:
    data = "\n".join(
        [
            f"{LONG.splitlines()[0]},kind",
            *(f"{line},{'big' if 's' in line[:1] else 'small'}" for line in LONG.splitlines()[1:]),
        ]
    )

    panel = read(tmp_path, data, value_columns=("sales",), static=("kind", "size"), future=("price",))

    assert panel.covariates is not None
    assert [(c.name, c.kind) for c in panel.covariates.columns] == [
        ("price", FUTURE),
        ("kind", STATIC),
        ("size", STATIC),
    ]
    assert first_of(panel) == [[1, 1, 10], [1, 0, 20], [1, 0, 30]]


def test_ids_may_be_in_a_column_of_another_name(tmp_path: Path) -> None:
    shops = "number,branch,region\n1,n1,north\n2,s1,south\n3,s2,south\n"

    panel = read(tmp_path, LONG, shops, value_columns=("sales",), static=("region",))

    assert first_of(panel) == [[0], [1], [1]]


def test_ids_in_two_columns_and_two_columns_of_values(tmp_path: Path) -> None:
    data = "town,shop,date,tea,milk\n" + "".join(
        f"{town},{shop},2024-01-0{day},{day},{2 * day}\n" for town in "ab" for shop in "cd" for day in (1, 2, 3)
    )
    shops = "shop,size,town\nc,1,a\nd,2,a\nc,3,b\nd,4,b\n"

    panel = read(tmp_path, data, shops, id_columns=("town", "shop"), value_columns=("tea", "milk"))

    assert panel.ids.tolist()[:3] == ["a/c/tea", "a/c/milk", "a/d/tea"]
    assert first_of(panel) == [[1], [1], [2], [2], [3], [3], [4], [4]]


def test_a_series_without_a_row_is_unknown(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    shops = "shop,size\nn1,10\ns1,20\n"

    panel = read(tmp_path, LONG, shops, value_columns=("sales",))

    assert first_of(panel)[:2] == [[10], [20]]
    assert np.isnan(first_of(panel)[2][0])
    assert "shops.csv: 1 series has no row, first 's2': taken as unknown" in caplog.text


def test_a_row_may_be_repeated_if_it_is_the_same(tmp_path: Path) -> None:
    panel = read(tmp_path, LONG, SHOPS + "s1,south,20,\n", value_columns=("sales",))

    assert first_of(panel) == [[0, 10], [1, 20], [1, 30]]


@pytest.mark.parametrize(
    ("shops", "options", "message"),
    [
        (
            SHOPS + "s1,north,20,\n",
            {},
            r"row 6, column 'region': 'north', and row 3 has 'south' for the same series 's1'",
        ),
        (
            "branch,size\na,1\nb,2\n",
            {},
            "'a' in column 'branch' is not the id of a series, .* the first series is 'n1'",
        ),
        (SHOPS, {"static": ("regio",)}, r"shops.csv: has no column 'regio'; .* Did you mean 'region'\?"),
        (SHOPS, {"static": ("opened",)}, "column 'opened': '2001-01-01' is a date"),
    ],
)
def test_attributes_that_cannot_be_used(tmp_path: Path, shops: str, options: dict[str, object], message: str) -> None:
    with pytest.raises(DataError, match=message):
        read(tmp_path, LONG, shops, value_columns=("sales",), **options)


def test_other_ids_need_all_columns(tmp_path: Path) -> None:
    data = "town,shop,date,tea\n" + "".join(
        f"{town},{shop},2024-01-0{day},{day}\n" for town in "ab" for shop in "cd" for day in (1, 2, 3)
    )
    with pytest.raises(DataError, match=r"shops.csv: has no column 'town'") as error:
        read(tmp_path, data, "shop,size\nc,1\nd,2\n", id_columns=("town", "shop"))
    assert "town and shop" in str(error.value.hint)
    assert mention("id-column") not in str(error.value.hint)
