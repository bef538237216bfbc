"""Files that are easily misread, and the warnings for ambiguous ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import pytest

from forecast_cli.errors import DataError, mention
from forecast_cli.panel.panel import Panel

Read = Callable[..., Panel]


def rows(header: str, *columns: Sequence[object]) -> str:
    return "\n".join([header, *(",".join(map(str, row)) for row in zip(*columns, strict=True))]) + "\n"


@pytest.mark.parametrize(
    ("dates", "freq", "first"),
    [
        ([f"20240120{hour:02d}" for hour in range(24)], "h", "2024-01-20T00"),
        ([f"20240120{hour:02d}" for hour in range(1, 25)], "h", "2024-01-20T01"),
        ([f"2024012013{minute:02d}" for minute in range(0, 60, 15)], "15min", "2024-01-20T13"),
        ([f"202401201330{second:02d}" for second in range(5)], "s", "2024-01-20T13:30"),
        ([str(1704067200 + 3600 * i) for i in range(24)], "h", "2024-01-01T00"),
        ([f"{year}/{(year + 1) % 100:02d}" for year in range(1995, 2012)], "YS-JAN", "1995-01-01"),
        ([f"{year}-{year + 1}" for year in range(2000, 2011)], "YS-JAN", "2000-01-01"),
        ([f"2000-{month:02d}" for month in range(1, 13)], "MS", "2000-01-01"),
        ([f"2023/{day:03d}" for day in range(359, 366)] + ["2024/001"], "D", "2023-12-25"),
        ([f"{2000 + i // 2}-H{i % 2 + 1}" for i in range(6)], "6MS", "2000-01-01"),
        ([f"{day:%a %b %d %H:%M:%S %Y}" for day in pd.date_range("2024-01-30 05:00", periods=4)], "D", "2024-01-30T05"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else str(value),
)
def test_dates_that_look_like_other_dates(read: Read, dates: list[str], freq: str, first: str) -> None:
    panel = read(rows("date,y", dates, range(len(dates))))
    assert (panel.freq, panel.times[0]) == (freq, np.datetime64(first))
    assert panel.values.tolist() == list(range(len(dates)))


@pytest.mark.parametrize("impossible", ["2023/366", "2023/000"])
def test_a_day_of_the_year_that_does_not_exist_is_an_error(read: Read, impossible: str) -> None:
    dates = [f"2023/{day:03d}" for day in range(300, 366)]
    with pytest.raises(DataError, match=f"row 3, column 'date': '{impossible}' is not a date like the others"):
        read(rows("date,y", [dates[0], impossible, *dates[2:]], range(66)))


def test_seasons_are_taken_for_years_with_a_warning(read: Read, caplog: pytest.LogCaptureFixture) -> None:
    read(rows("season,y", ["1999/00", "2000/01", "2001/02"], [1, 2, 3]))
    assert "taken for their first year" in caplog.text


@pytest.mark.parametrize(
    ("cells", "doubtful"),
    [
        (["1.120", "990", "1.045"], True),
        (["1.120", "1.237"], True),
        (["1.120", "990", "1.045,5"], False),
        (["1.120", "990.5", "1.045"], False),
        (["1.120", "0.990", "1.045"], False),
    ],
)
def test_a_warning_for_an_ambiguous_point(
    read: Read, cells: list[str], doubtful: bool, caplog: pytest.LogCaptureFixture
) -> None:
    days = [f"{20 + i}.01.2024;{cell}\n" for i, cell in enumerate(cells)]
    read("Tag;Wert\n" + "".join(days))
    assert (
        f"the point in '1.120' is taken as a decimal point ({mention('decimal')} sets it)" in caplog.text
    ) == doubtful


DAYS = [f"2024-01-{day:02d}" for day in range(1, 13)]


@pytest.mark.parametrize(
    ("name", "remarks"),
    [
        ("state", ["open"] * 5 + ["closed"] * 2 + ["open"] * 5),
        ("state", ["open"] * 5 + ["closed"] * 7),
        ("name", [""] * 11 + ["holiday"]),
        ("category", ["a", "b"] * 6),
    ],
)
def test_remarks_in_a_file_of_one_series_are_not_ids(read: Read, name: str, remarks: list[str]) -> None:
    panel = read(rows(f"date,y,{name}", DAYS, range(12), remarks))
    assert (panel.ids.tolist(), panel.lengths.tolist()) == (["y"], [12])


def test_series_one_after_another_are_separated_by_a_sure_id_name(read: Read) -> None:
    panel = read(rows("store,date,y", ["a"] * 6 + ["b"] * 6, DAYS, range(12)))
    assert panel.ids.tolist() == ["a", "b"]


def test_a_unit_in_a_wide_file_is_not_an_id(read: Read) -> None:
    panel = read(rows("month,n,s,unit", DAYS, range(12), range(12), ["kg"] * 12))
    assert panel.ids.tolist() == ["n", "s"]
    assert read(rows("unit,day,y,price", ["kg"] * 12, DAYS, range(12), range(12))).ids.tolist() == ["kg"]


SUNDAYS, WEDNESDAYS = (pd.date_range(start, periods=30, freq="7D").date for start in ("2023-01-01", "2023-01-04"))


def test_series_without_common_dates_are_separated_by_a_sure_id_name(read: Read) -> None:
    ids, dates, values = ["a"] * 30 + ["b"] * 30, [*SUNDAYS, *WEDNESDAYS], [*range(30), *range(1000, 1030)]
    in_time = np.argsort(dates, kind="stable")

    one_after_another = read(rows("unique_id,date,y", ids, dates, values))
    mixed = read(rows("unique_id,date,y", *(np.array(column)[in_time] for column in (ids, dates, values))))

    for panel in (one_after_another, mixed):
        assert panel.ids.tolist() == ["a", "b"]
        assert panel.values.tolist() == values


def test_remarks_with_a_sure_id_name_do_not_split_a_series(read: Read) -> None:
    dates = pd.date_range("2024-01-01", periods=12, freq="D").date

    assert len(read(rows("series,date,y", ["x", "y", "y", "x", "x", "y"] * 2, dates, range(12)))) == 1
