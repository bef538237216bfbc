"""Covariates are read from the columns that the user names; values computed by hand."""

from __future__ import annotations

from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast_cli.errors import DataError, UsageError
from forecast_cli.features.drivers import learnable
from forecast_cli.options import ReadConfig
from forecast_cli.panel.covariates import FUTURE, PAST, STATIC, Covariate
from forecast_cli.panel.reading import read_panel
from tests.panel.covariate_panels import SALES, STORES, ahead_of, as_list, columns_of, past_of
from tests.panel.tables import Read

# --- one series


def test_rows_after_the_last_value_are_the_future_values(read: Read) -> None:
    panel = read(SALES, ReadConfig(future=("price",), past=("promo",)))

    assert (panel.ids.tolist(), panel.values.tolist()) == (["sales"], [10, 11, 12, 13])
    assert ahead_of(panel) == [1.5, 1.5, 2, 2, 3, 3.5, 4]
    assert past_of(panel) == [1, 0, 1, 2]
    assert panel.covariates is not None
    assert panel.covariates.columns == (Covariate("price", FUTURE), Covariate("promo", PAST, ("flyer", "none", "tv")))
    assert panel.covariates.last_known_steps(panel.lengths)["price"].tolist() == [3]


def test_without_named_covariates_such_rows_are_read_as_before(read: Read) -> None:
    panel = read(SALES)

    assert panel.covariates is None
    assert panel.ids.tolist() == ["sales", "price"]
    assert panel.lengths.tolist() == [4, 7]


@pytest.mark.parametrize(
    ("name", "cells", "values"),
    [
        ("price", ["1,5", "2,5", "3"], [1.5, 2.5, 3]),
        ("open", ["true", "FALSE", "True"], [1, 0, 1]),
        ("share", ["5 %", "10 %", "15 %"], [5, 10, 15]),
        ("weather", ["sun", "rain", "sun"], [1, 0, 1]),
        ("week_sales", ["7", "8", ""], [7, 8, None]),
        ("stock", ["1", "2", "3"], [1, 2, 3]),
    ],
)
def test_cells_become_numbers(read: Read, name: str, cells: list[str], values: list[float | None]) -> None:
    rows = [f"2024-01-0{day};{day};{cell}" for day, cell in enumerate(cells, 1)]
    panel = read("\n".join([f"date;y;{name}", *rows]), ReadConfig(past=(name,), value_columns=("y",), decimal=","))

    assert past_of(panel) == values


def test_an_empty_cell_of_a_column_of_holidays_is_a_category(read: Read) -> None:
    rows = [f"2024-01-{day:02},{day},{'Epiphany' if day == 6 else ''}" for day in range(1, 10)]
    coming = ["2024-01-10,,", "2024-01-11,,"]
    panel = read("\n".join(["date,y,holiday", *rows, *coming]), ReadConfig(future=("holiday",)))

    assert panel.covariates is not None
    assert panel.covariates.columns[0].categories == ("", "Epiphany")
    assert ahead_of(panel) == [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0]


@pytest.mark.parametrize("cell", ["", "NA"])
def test_an_empty_column_has_a_warning_and_is_no_category(
    read: Read, cell: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    rows = [f"2024-01-{day:02},{day},{day % 3},{cell}" for day in range(1, 10)]
    panel = read("\n".join(["date,y,price,visitors", *rows]), ReadConfig(past=("visitors", "price")))

    assert (panel.ids.tolist(), learnable(panel)) == (["y"], (Covariate("price", PAST),))
    assert "column 'visitors' is empty in all rows: a model learns nothing from it (leave it out of " in caplog.text
    assert "category of its own" not in caplog.text


def test_a_gap_stays_unknown_with_one_warning(read: Read, caplog: pytest.LogCaptureFixture) -> None:
    content = SALES.replace("11,1.5", "11,").replace("2024-01-03,12,2,none\n", "")
    panel = read(content, ReadConfig(future=("price",), past=("promo",)))

    assert panel.values[[0, 1, 3]].tolist() == [10, 11, 13]
    assert ahead_of(panel) == [1.5, None, None, 2, 3, 3.5, 4]
    assert past_of(panel) == [1, 0, None, 2]
    warnings = [record.message for record in caplog.records if "covariate '" in record.message]
    assert [warning.split(": ", 1)[1] for warning in warnings] == [
        "covariate 'price' has 2 steps without a value, first 2024-01-02: taken as unknown",
        "covariate 'promo' has 1 step without a value, first 2024-01-03: taken as unknown",
    ]


def test_a_gap_in_future_values_has_no_warning(read: Read, caplog: pytest.LogCaptureFixture) -> None:
    """If a prediction needs the value, it fails and names the step."""
    panel = read(SALES.replace(",3.5,", ",,"), ReadConfig(future=("price",), past=("promo",)))

    assert ahead_of(panel)[-3:] == [3, None, 4]
    assert "without a value" not in caplog.text


@pytest.mark.parametrize(("policy", "price"), [(None, 2), ("sum", 4), ("first", 1.5), ("last", 2.5)])
def test_repeated_rows_are_merged_like_values_and_words_by_the_first(
    read: Read, policy: str | None, price: float
) -> None:
    rows = ["2024-01-01,10,1.5,tv", "2024-01-01,10,2.5,none", *(f"2024-01-{day:02},9,1,none" for day in range(2, 60))]
    rows = [row for row in rows if not row.startswith("2024-01-3") and row[8:10] < "30"]
    panel = read(
        "\n".join(["date,sales,price,promo", *rows]),
        ReadConfig(past=("price", "promo"), value_columns=("sales",), on_duplicate=policy),
    )

    assert past_of(panel)[0] == price
    assert past_of(panel, 1)[:2] == [1, 0]


def test_steps_of_months_have_the_mean_of_their_days(read: Read) -> None:
    days = [f"2024-{month:02}-{day:02}" for month in (1, 2, 3) for day in range(1, 29)]
    rows = [f"{day},{1 if day < '2024-03' else ''},{int(day[5:7])}" for day in days]
    panel = read("\n".join(["date,y,price", *rows]), ReadConfig(future=("price",), freq="MS", on_duplicate="mean"))

    assert panel.values.tolist() == [1, 1]
    assert ahead_of(panel) == [1, 2, 3]


def test_a_month_of_which_only_the_first_days_have_values_is_left_out_of_totals(read: Read) -> None:
    days = [f"2024-{month:02}-{day:02}" for month in range(1, 7) for day in range(1, 29)]
    rows = [f"{day},{1 if day < '2024-06-11' else ''},2" for day in days]
    panel = read("\n".join(["date,y,price", *rows]), ReadConfig(future=("price",), freq="MS", on_duplicate="sum"))

    assert panel.values.tolist() == [28] * 5
    assert ahead_of(panel) == [56] * 6


def test_coming_days_on_which_a_shop_is_closed_are_no_steps(read: Read) -> None:
    dates = np.arange("2024-01-01", "2024-03-11", dtype="datetime64[D]")  # Monday to Sunday
    open_days = [day for day in dates if (day - dates[0]).astype(int) % 7 < 6]
    rows = [f"{day},{i % 6 + 5},{i}" for i, day in enumerate(open_days)]
    coming = [f"2024-03-{day},,{day}" for day in range(11, 20)]
    panel = read("\n".join(["date,y,temp", *rows, *coming]), ReadConfig(future=("temp",)))

    assert panel.freq == "D@MON-SAT"
    assert ahead_of(panel)[-8:] == [11, 12, 13, 14, 15, 16, 18, 19]


def test_coming_weekends_are_no_business_days(read: Read) -> None:
    dates = np.arange("2024-01-01", "2024-03-09", dtype="datetime64[D]")
    rows = [f"{day},{i % 6 + 5},{i}" for i, day in enumerate(dates[np.is_busday(dates)])]
    coming = [f"2024-03-{day:02},,{day}" for day in range(9, 16)]  # Saturday to Friday
    panel = read("\n".join(["date,y,temp", *rows, *coming]), ReadConfig(future=("temp",)))

    assert panel.freq == "B"
    assert ahead_of(panel)[-7:] == [48, 49, 11, 12, 13, 14, 15]


def test_undated_rows_go_on_too(read: Read) -> None:
    panel = read("y,price\n1,5\n3,6\n2,7\n,8\n", ReadConfig(future=("price",)))

    assert (panel.values.tolist(), ahead_of(panel)) == ([1, 3, 2], [5, 6, 7, 8])


# --- several series


NUMBERS = st.one_of(st.none(), st.integers(1, 99))


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 40), NUMBERS, NUMBERS), min_size=4, max_size=60),
    st.randoms(use_true_random=False),
)
def test_each_known_cell_is_at_its_step(cells: list[tuple[int, int, int | None, int | None]], random: Random) -> None:
    """Rows in any order: (series, day, value, price). Each series has values on days 10 to 13."""
    rows = {(series, day): (value, price) for series, day, value, price in cells}
    rows |= {(series, day): (5, 7) for series in range(3) for day in (10, 11, 12, 13)}
    lines = [
        f"{'abc'[series]},{np.datetime64('2024-01-01') + day},{'' if value is None else value},"
        f"{'' if price is None else price}"
        for (series, day), (value, price) in rows.items()
    ]
    random.shuffle(lines)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "data.csv"
        path.write_text("\n".join(["id,date,sales,price", *lines]))
        panel = read_panel(str(path), ReadConfig(future=("price",), freq="D", on_outlier="keep"))

    assert panel.covariates is not None
    for place, id_ in enumerate(panel.ids):
        series = "abc".index(id_)
        first, last = (pick(d for s, d in rows if s == series and rows[s, d][0] is not None) for pick in (min, max))
        known = [d for s, d in rows if s == series and rows[s, d][1] is not None and d > last]
        days = range(first, max([last, *known]) + 1)
        prices = [rows.get((series, day), (None, None))[1] for day in days]
        assert ahead_of(panel, place) == prices
        points = panel.values[panel.indptr[place] : panel.indptr[place + 1]]
        assert as_list(points) == [rows.get((series, day), (None, None))[0] for day in range(first, last + 1)]


def test_a_long_file(read: Read) -> None:
    panel = read(STORES, ReadConfig(future=("price",), past=("open",), static=("region",)))

    assert (panel.ids.tolist(), panel.values.tolist()) == (["n", "s"], [1, 2, 3, 7, 8])
    assert columns_of(panel) == [("price", FUTURE), ("open", PAST), ("region", STATIC)]
    assert [ahead_of(panel, row) for row in (0, 1)] == [[5, 5, 6, 6], [9, 9]]
    assert [ahead_of(panel, row, 1) for row in (0, 1)] == [[0, 0, 0, 0], [1, 1]]
    assert past_of(panel) == [1, 1, 0, 1, 0]


def test_columns_of_a_wide_file_share_the_covariate(read: Read, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    panel = read("date,north,south,temp\n2024-01-01,1,4,20\n2024-01-02,2,5,21\n2024-01-03,3,,22\n2024-01-04,,,23\n",
                 ReadConfig(future=("temp",)))  # fmt: skip

    assert panel.ids.tolist() == ["north", "south"]
    assert panel.lengths.tolist() == [3, 2]
    assert [ahead_of(panel, row) for row in (0, 1)] == [[20, 21, 22, 23]] * 2
    assert "'north' and 'south' are series to forecast, all with the same covariates" in caplog.text


def test_a_static_covariate_has_one_value_in_each_series(read: Read) -> None:
    with pytest.raises(DataError, match=r"'region' has the values 'east' and 'north' in series 'n'"):
        read(
            STORES.replace("01-03,3,6,north", "01-03,3,6,east"),
            ReadConfig(static=("region",), value_columns=("sales",)),
        )


def test_a_series_without_values_is_left_out_with_its_covariates(read: Read) -> None:
    content = STORES + "x,2024-01-01,,3,west,True\nx,2024-01-02,,3,west,True\n"
    panel = read(content, ReadConfig(future=("price",), static=("region",), value_columns=("sales",)))

    assert panel.ids.tolist() == ["n", "s"]
    assert ahead_of(panel, 1) == [9, 9]


# --- errors


@pytest.mark.parametrize(
    ("content", "config", "message"),
    [
        (SALES, {"future": ("prise",)}, r"has no column 'prise'; its columns are date, .* Did you mean 'price'\?"),
        (SALES.replace(",tv", ",7"), {"past": ("promo",)}, "row 5, column 'promo': '7' is a number, and most cells"),
        (SALES.replace("13,2,", "13,x,"), {"future": ("price",)}, "row 5, column 'price': 'x' is not a number"),
        (SALES.replace("3.5", "inf"), {"future": ("price",)}, "row 7, column 'price': 'inf' is infinite"),
        (SALES, {"past": ("date",)}, "row 2, column 'date': '2024-01-01' is a date"),
        (SALES.replace("2024-01-07", "2924-01-07"), {"future": ("price",)}, "2924-01-07"),
        ("country,pop,2019,2020,2021\nfr,1,1,2,3\nde,2,4,5,6\n", {"static": ("pop",)}, "no row for each time"),
    ],
)
def test_columns_that_cannot_be_used(read: Read, content: str, config: dict[str, object], message: str) -> None:
    with pytest.raises(DataError, match=message):
        read(content, ReadConfig(**config))


@pytest.mark.parametrize(
    "roles",
    [
        {"future": ("price",), "past": ("price",)},
        {"static": ("price",), "id_columns": ("store", "price")},
        {"future": ("sales",), "value_columns": ("sales",)},
        {"past": ("date",), "date_column": "date"},
    ],
)
def test_a_column_has_one_role(roles: dict[str, object]) -> None:
    with pytest.raises(UsageError, match="has two roles"):
        ReadConfig(**roles)


def test_a_column_is_named_once() -> None:
    with pytest.raises(UsageError, match="'price' is repeated"):
        ReadConfig(future=("price", "price"))
