"""Covariates that the program chooses, by the cells of their columns."""

from __future__ import annotations

from pathlib import Path

import pytest

from forecast_cli.errors import DataError
from forecast_cli.options import ReadConfig
from forecast_cli.panel.covariates import FUTURE, PAST, STATIC
from forecast_cli.panel.reading import read_with_unused
from tests.panel.covariate_panels import SALES, STORES, columns_of
from tests.panel.tables import ISO, VALUES, Read


def test_columns_are_taken_for_what_the_file_shows(read: Read, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    panel = read(SALES.replace("tv", "flyer"), ReadConfig(covariates="auto"))

    assert (panel.ids.tolist(), columns_of(panel)) == (["sales"], [("price", FUTURE), ("promo", PAST)])
    assert "covariates: price (known ahead, 3 steps), promo (past)" in caplog.text


def test_a_column_with_one_value_in_each_series_is_static(read: Read) -> None:
    panel = read(STORES, ReadConfig(covariates="auto", id_columns=("store",)))

    assert columns_of(panel) == [("price", FUTURE), ("region", STATIC), ("open", FUTURE)]
    assert panel.values.tolist() == [1, 2, 3, 7, 8]


def test_times_ids_and_remarks_are_not_taken(read: Read) -> None:
    rows = [f"{i + 100},2024-01-{i:02},{i % 7},{i},{i % 3},2024,x,note {i}" for i in range(1, 29)]
    content = "\n".join(["order_id,date,weekday,sales,flag,year,unit,remark", *rows])
    panel = read(content, ReadConfig(covariates="auto"))

    assert columns_of(panel) == [("flag", PAST)]


def test_sparse_remarks_are_not_taken_and_repeated_words_are(read: Read) -> None:
    remarks, holidays = {3: "strike", 9: "storm"}, {6: "feast", 13: "feast"}
    rows = [f"2024-01-{i:02},{i},{remarks.get(i, '')},{holidays.get(i, '')}" for i in range(1, 29)]
    panel = read("\n".join(["date,sales,remark,holiday", *rows]), ReadConfig(covariates="auto"))

    assert columns_of(panel) == [("holiday", PAST)]


def test_a_total_of_the_year_beside_its_months_is_not_taken(read: Read, tmp_path: Path) -> None:
    months = "Jan,Feb,Mar,Apr,May,Jun,Jul,Aug,Sep,Oct,Nov,Dec"
    rows = [
        f"{year}," + ",".join(str(year % 7 + month) for month in range(12)) + f",{year * 5 % 7},{year * 3 % 8}"
        for year in range(2015, 2023)
    ]
    content = "\n".join([f"year,{months},total,rain", *rows])

    panel = read(content, ReadConfig(covariates="auto"))
    (tmp_path / "months.csv").write_text(content)

    assert (len(panel.values), panel.covariates) == (96, None)
    assert read_with_unused(str(tmp_path / "months.csv"), ReadConfig())[1] == ()


def test_the_values_must_be_certain(read: Read) -> None:
    content = "date,a,b\n2024-01-01,1,4\n2024-01-02,2,5\n2024-01-03,3,7\n"
    with pytest.raises(DataError, match="2 columns could hold the values: 'a', 'b'") as error:
        read(content, ReadConfig(covariates="auto"))
    assert "value-column" in str(error.value.hint)

    panel = read(content, ReadConfig(covariates="auto", value_columns=("b",)))
    assert (panel.ids.tolist(), columns_of(panel)) == (["b"], [("a", PAST)])


def test_a_file_without_other_columns_has_no_covariates(read: Read) -> None:
    panel = read(ISO, ReadConfig(covariates="auto"))

    assert (panel.covariates, panel.values.tolist()) == (None, list(VALUES))
