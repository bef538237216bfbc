"""Coming values of covariates are read from a second file."""

from __future__ import annotations

from pathlib import Path

import pytest

from forecast_cli.errors import DataError, UsageError
from forecast_cli.options import ReadConfig
from forecast_cli.panel.covariates import FUTURE, Covariate
from forecast_cli.panel.panel import Panel
from forecast_cli.panel.reading import read_panel
from forecast_cli.panel.trained_covariates import check_future_values
from tests.panel.covariate_panels import SALES, STORES, ahead_of


def two_files(folder: Path, data: str, coming: str, **options: object) -> Panel:
    (folder / "data.csv").write_text(data)
    (folder / "coming.csv").write_text(coming)
    return read_panel(str(folder / "data.csv"), ReadConfig(future_file=str(folder / "coming.csv"), **options))


def test_future_values_in_a_second_file(tmp_path: Path) -> None:
    data = "\n".join(line for line in STORES.splitlines() if ",,6" not in line).replace(
        "s,2024-01-03,8,9", "s,2024-01-03,8,"
    )
    coming = "date,price,store,sales\n2024-01-04,7,n,99\n2024-01-03,8,s,99\n2024-01-04,9,s,99\n2024-01-05,9.5,s,99\n"
    panel = two_files(tmp_path, data, coming, future=("price",), value_columns=("sales",))

    assert panel.values.tolist() == [1, 2, 3, 7, 8]
    assert [ahead_of(panel, row) for row in (0, 1)] == [[5, 5, 6, 7], [9, 8, 9, 9.5]]


def test_a_second_file_without_ids_is_for_all_series(tmp_path: Path) -> None:
    coming = "".join(f"2024-01-0{day},{10 + day}\n" for day in range(1, 6))
    panel = two_files(tmp_path, STORES, "date,temp\n" + coming, future=("temp",), value_columns=("sales",))

    assert panel.values.tolist() == [1, 2, 3, 7, 8]
    assert [ahead_of(panel, row) for row in (0, 1)] == [[11, 12, 13, 14, 15], [12, 13, 14, 15]]


def test_a_second_file_with_rows_of_several_series_needs_the_ids_of_the_data(tmp_path: Path) -> None:
    coming = "date,shop,price\n2024-01-04,n,7\n2024-01-05,n,8\n2024-01-04,s,9\n2024-01-05,s,9.5\n"
    options = {"future": ("price",), "value_columns": ("sales",)}

    with pytest.raises(DataError, match=r"coming\.csv: has no column 'store', .* rows 2 and 4 are both for 2024-01-04"):
        two_files(tmp_path, STORES, coming, **options)

    panel = two_files(tmp_path, STORES, coming, **options, on_duplicate="first")
    assert ahead_of(panel, 1) == [9, 9, 7, 8]


def test_an_empty_future_cell_of_words_that_only_the_second_file_has_is_unknown(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    data = "date,y\n2024-01-01,5\n2024-01-02,6\n2024-01-03,9\n"
    coming = "date,promo\n2024-01-01,tv\n2024-01-02,none\n2024-01-03,tv\n2024-01-04,none\n2024-01-05,\n"
    panel = two_files(tmp_path, data, coming, future=("promo",))

    assert ahead_of(panel) == [1, 0, 1, 0]
    assert panel.covariates is not None
    assert panel.covariates.columns == (Covariate("promo", FUTURE, ("none", "tv")),)
    assert "category of its own" not in caplog.text
    with pytest.raises(DataError, match="the future values of 'promo' are missing from 2024-01-05 on"):
        check_future_values(panel, panel.covariates.columns, 2, "data.csv")


def test_holidays_that_only_the_second_file_has_are_at_their_days(tmp_path: Path) -> None:
    data = "date,y\n" + "".join(f"2024-01-{day:02},{day}\n" for day in range(1, 9))
    coming = "date,holiday\n" + "".join(f"2024-01-{day:02},{'Epiphany' * (day == 6)}\n" for day in range(1, 11))
    panel = two_files(tmp_path, data, coming, future=("holiday",))

    assert panel.covariates is not None
    assert panel.covariates.columns[0].categories == ("", "Epiphany")
    assert ahead_of(panel) == [0, 0, 0, 0, 0, 1, 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("data", "coming", "prices"),
    [
        ("t,y,price\n1,5,1\n2,6,2\n3,9,3\n", "t,price\n4,9\n5,10\n", [1, 2, 3, 9, 10]),
        ("y,price\n5,1\n6,2\n9,3\n", "price\n9\n10\n", [1, 2, 3, 9, 10]),
        (
            "tag;y;price\n01.02.2024;5,5;1,5\n02.02.2024;6;2\n",
            "tag;price\n02.02.2024;8\n03.02.2024;9\n",
            [1.5, 2, 9],
        ),
        (
            "year,month,y,price\n" + "".join(f"202{i // 12},{i % 12 + 1},{i * 3 % 7},{i % 4}\n" for i in range(14)),
            "year,month,price\n2021,3,9\n2021,4,9.5\n",
            [*(i % 4 for i in range(14)), 9, 9.5],
        ),
    ],
    ids=["steps", "no times", "decimal comma", "parts of dates"],
)
def test_a_second_file_is_read_like_the_data(tmp_path: Path, data: str, coming: str, prices: list[float]) -> None:
    panel = two_files(tmp_path, data, coming, future=("price",), value_columns=("y",))

    assert ahead_of(panel) == prices


def test_a_second_file_with_shorter_steps_is_put_together_only_if_asked(tmp_path: Path) -> None:
    data = "date,y\n" + "".join(f"2024-01-{day:02},{day}\n" for day in range(1, 8))
    hours = "".join(f"2024-01-{day:02} {hour:02}:00,{day + hour}\n" for day in range(1, 10) for hour in range(24))
    coming = "date,temp\n" + hours

    with pytest.raises(DataError, match="shorter steps than D, the steps of the data") as error:
        two_files(tmp_path, data, coming, future=("temp",))
    assert str(error.value).startswith(f"{tmp_path / 'coming.csv'}: ")
    assert "freq=D" in str(error.value.hint)

    panel = two_files(tmp_path, data, coming, future=("temp",), freq="D")
    assert panel.values.tolist() == [1, 2, 3, 4, 5, 6, 7]
    assert ahead_of(panel) == [day + 11.5 for day in range(1, 10)]


def test_files_with_different_decimal_marks_are_refused(tmp_path: Path) -> None:
    data = "date;y;price\n2024-01-01;5,5;1,5\n2024-01-02;6;2\n"
    with pytest.raises(DataError, match=r"the decimal mark in '10\.5' is '\.', and that of .*data\.csv is ','"):
        two_files(tmp_path, data, "date;price\n2024-01-03;10.5\n", future=("price",))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("coming", "message"),
    [
        ("day,price\n2024-01-08,5\n", "coming.csv: has no column 'date'; its columns are day, price."),
        ("date,prize\n2024-01-08,5\n", "coming.csv: has no column 'price'; .* Did you mean 'prize'?"),
        ("date,price\n2024-01-08,5\n2024-01-09,x\n", "coming.csv: row 3, column 'price': 'x' is not a number."),
        ("date,price\nsoon,5\n", "coming.csv: row 2, column 'date': 'soon' is not a date like the others"),
    ],
)
def test_an_error_names_the_second_file(tmp_path: Path, coming: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        two_files(tmp_path, SALES, coming, future=("price",), value_columns=("sales",))


def test_a_longer_second_file_with_another_form_of_dates_is_the_wrong_one(tmp_path: Path) -> None:
    data = "date,y\n" + "".join(f"2024-01-0{day},{day}\n" for day in range(1, 5))
    coming = "date,price\n" + "".join(f"0{day}.01.2024,{day}\n" for day in range(1, 10))
    message = r"coming\.csv: row 2, column 'date': '01\.01\.2024' is not a date like the others, such as '2024-01-01'"
    with pytest.raises(DataError, match=message):
        two_files(tmp_path, data, coming, future=("price",))


def test_a_wrong_date_of_the_data_is_found_beside_a_second_file(tmp_path: Path) -> None:
    data = "date,y\n2024-01-01,1\n2024-01-32,2\n2024-01-03,3\n2024-01-04,4\n"
    coming = "date,price\n" + "".join(f"2024-01-0{day},{day}\n" for day in range(1, 10))
    with pytest.raises(DataError, match=r"data\.csv: row 3, column 'date': '2024-01-32' is not a date like the others"):
        two_files(tmp_path, data, coming, future=("price",))


def test_a_repeated_row_of_the_second_file_is_found_in_this_file(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    data = "date,y\n" + "".join(f"2024-01-0{day},{day}\n" for day in range(1, 8))
    two_files(tmp_path, data, "date,price\n2024-01-08,5\n2024-01-08,7\n2024-01-09,8\n", future=("price",))

    assert f"1 repeated timestamp, first 2024-01-08 (row 3 of {tmp_path / 'coming.csv'}): their mean" in caplog.text


def test_a_second_file_needs_columns_known_ahead(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no column is known ahead"):
        two_files(tmp_path, SALES, "date,price\n2024-01-08,5\n", past=("price",))
