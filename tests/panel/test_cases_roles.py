"""Which column is the time, which ones name the series and which hold values, in files that are easily misread."""

from __future__ import annotations

import numpy as np
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
