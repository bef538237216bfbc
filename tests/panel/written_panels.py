"""Panels, each written as a file in one of the layouts and spellings that are understood: strategies of hypothesis."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from forecast_cli.options import ReadConfig
from forecast_cli.panel.reading.column_names import ColumnName
from tests.panel import layouts
from tests.panel.layouts import PARTS_IN_HEADER, Content, Ids, Row
from tests.panel.spellings import SPELLINGS, Spelling

T = TypeVar("T")

SURE_NAMES = (("unique_id",), ("id",), ("store_nbr",), ("sku",), ("Plant",), ("series",))
ID_NAMES = {
    0: ((),),
    1: (*SURE_NAMES, ("region",), ("country",), ("name",), ("product",)),
    2: (("store_nbr", "family"), ("Plant", "SKU"), ("branch", "article"), ("country", "item"), ("unique_id", "key")),
    3: (("country", "store", "item"), ("region", "plant", "sku")),
}
"""Names of id columns, by their number."""
VALUE_NAMES = ("y", "value", "sales", "demand", "co2 level")
SPELLED_IDS = (
    ("north", "south", "east", "west"),
    ("0007", "0012", "0110", "0200"),
    ("1E-001", "1E-002", "2E-001", "2E-002"),
    ("NA", "DE", "NO", "NL"),
    ("A/1", "A/2", "B/1", "A"),
    ("Île de Ré", "Århus", "São Paulo", "東京"),
    ("7", "0007", "0.1", "null", "-", "a/b", "a", "b", "x\ny", "x y", "2024-01-01", "05:30", "1,5", 'a"b', "10%"),
)
NUMBERS = ("1", "2", "3", "14")
ANY_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=5)
BERLIN = "Europe/Berlin"
OFFSETS = {"+01:00": pd.Timedelta("1h"), "-0530": -pd.Timedelta("5h30min")}
ZONES = ("", "Z", " UTC", "+00:00", *OFFSETS, " CET", " America/New_York", "offsets of Berlin")
MISSING = ("", "NA", "-", "..", "null")
REMARKS = ({}, {}, {"unit": "kg"}, {"flow": "net sales"})
ABOVE = ("", "", "", "Sales of shops\n\n", "# exported 2024-05-01\n")


@dataclass(frozen=True)
class WrittenPanel:
    """A panel and a file that holds it.

    config:  the options without which the file cannot be read
    series:  the texts of each id -> the values by time, without missing values at the ends
    layout:  the layout and the spelling of times, in words
    """

    content: bytes
    config: ReadConfig
    freq: str
    series: Mapping[Ids, pd.Series]
    layout: str


@dataclass(frozen=True)
class NumberForm:
    """How the numbers of a file are written."""

    decimals: int
    mark: str
    separator: str
    unit: str
    missing: str

    def __call__(self, value: float) -> str:
        """The text of a number; NaN is missing."""
        if np.isnan(value):
            return self.missing
        plain = f"{abs(value):,.{self.decimals}f}"
        digits = plain.translate(str.maketrans({",": self.separator, ".": self.mark}))
        if self.unit == "()":
            return f"({digits})" if value < 0 else digits
        sign = "-" if value < 0 else ""
        return f"{sign}{self.unit}{digits}" if self.unit == "$" else f"{sign}{digits}{self.unit}"


@st.composite
def written_panels(draw: st.DrawFn) -> WrittenPanel:
    """A panel of 1 to 4 series with 8 to 40 points, written in a layout and spelling drawn with it."""
    freq = draw(st.sampled_from(list(SPELLINGS)))
    how = draw(st.sampled_from(list(SPELLINGS[freq])))
    spelling = SPELLINGS[freq][how]
    parts = ["parts in the header"] * (freq in PARTS_IN_HEADER)
    layout = draw(st.sampled_from(["long", "wide", *["rows"] * spelling.in_header, *parts]))
    zone = draw(st.sampled_from(ZONES)) if spelling.zones and layout not in parts else ""
    times, cells = _times(_grid(draw, freq), spelling, zone)
    ids = _ids(draw, wide=layout == "wide", optional=layout != "long")
    numbers = _number_form(draw)
    series = _series(draw, ids, times, numbers.decimals)
    id_names = () if layout == "wide" else _id_names(draw, ids)
    dates = dict(zip(times, cells, strict=True))
    content = Content(series, id_names, dates, draw(st.sampled_from(spelling.names)), numbers)
    rows = _rows(draw, content, layout, freq)
    delimiter = draw(st.sampled_from(list(",;\t| ~")))
    config = ReadConfig(
        delimiter=delimiter if delimiter == "~" else None,
        decimal=numbers.mark if numbers.decimals == 3 else None,  # 1.234 may be 1234
        id_columns=tuple(id_names) if layout == "long" and draw(st.integers(0, 3)) == 0 else (),
        on_outlier="keep",
    )
    described = f"{layout}: {freq}" if layout in parts else f"{layout}: {freq}, {how}{zone and ', ' + zone}"
    return WrittenPanel(_file(draw, rows, delimiter), config, freq, series, described)


def _grid(draw: st.DrawFn, freq: str) -> pd.DatetimeIndex:
    begin = pd.Timestamp("1987-01-01") + pd.Timedelta(days=draw(st.integers(0, 14_000)))
    return pd.date_range(begin, periods=draw(st.integers(8, 40)), freq=freq)


def _times(grid: pd.DatetimeIndex, spelling: Spelling, zone: str) -> tuple[pd.DatetimeIndex, list[Row]]:
    """The times as they should be read, and the cells of each."""
    of_days = len(set(grid.time)) == 1
    if zone == ZONES[-1]:
        local = grid.tz_localize(BERLIN) if of_days else grid.tz_localize("UTC").tz_convert(BERLIN)
        return grid, [[f"{spelling.write(time)[0]}{time:%z}"] for time in local]
    cells = [[str(cell) for cell in spelling.write(time)] for time in grid]
    times = grid if of_days else grid - OFFSETS.get(zone, pd.Timedelta(0))
    return times, [[*row[:-1], row[-1] + zone] for row in cells]


def _ids(draw: st.DrawFn, *, wide: bool, optional: bool) -> list[Ids]:
    """The texts of each id: 1 in a wide file, otherwise 1 to 3, or none for a single series if they are optional."""
    count = draw(st.integers(1, 4))
    width = 1 if wide else draw(st.integers(0 if count == 1 and optional else 1, 3))
    if width == 0:
        return [()]
    spelled = SPELLED_IDS if wide else (*SPELLED_IDS, NUMBERS)
    texts = st.sampled_from(spelled).map(st.sampled_from) | st.just(ANY_TEXT)
    each = [draw(texts).filter(_is_no_role) if wide else draw(texts) for _ in range(width)]
    return draw(st.lists(st.tuples(*each), min_size=count, max_size=count, unique=True))


def _is_no_role(name: str) -> bool:
    """Whether a column of this name may hold any series: it is not the name of times, ids or row numbers."""
    label = ColumnName(name)
    return not (label.mentions_time or label.may_be_time or label.may_be_id or label.numbers_rows)


def _id_names(draw: st.DrawFn, ids: Sequence[Ids]) -> Sequence[str]:
    only_numbers = len(ids[0]) == 1 and all(text.isdigit() for texts in ids for text in texts)
    return draw(st.sampled_from(SURE_NAMES if only_numbers else ID_NAMES[len(ids[0])]))


def _number_form(draw: st.DrawFn) -> NumberForm:
    decimals, mark = draw(st.integers(0, 3)), draw(st.sampled_from(".,"))
    separators = ["", "", " ", "'", *({",", "."} - {mark})] if decimals else [""]
    unit = draw(st.sampled_from(["", "", "", "", "$", " €", "()", "%"]))
    return NumberForm(decimals, mark, draw(st.sampled_from(separators)), unit, draw(st.sampled_from(MISSING)))


def _series(draw: st.DrawFn, ids: Sequence[Ids], times: pd.DatetimeIndex, decimals: int) -> dict[Ids, pd.Series]:
    """Values of each id by time. Series may start after the first time, end before the last, and miss one between."""
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    values = {
        "level": lambda size: rng.normal(50, 9, size),
        "small": lambda size: rng.uniform(0, 9, size),
        "large": lambda size: rng.uniform(900, 99_000, size),
        "cumulative": lambda size: rng.integers(1, 90, size).cumsum(),
        "signed": lambda size: rng.normal(0, 30, size),
    }[draw(st.sampled_from(["level", "small", "large", "cumulative", "signed"]))]
    ragged = draw(st.booleans())
    series = {}
    for i, texts in enumerate(ids):
        cut = slice(draw(st.integers(0, 2)), len(times) - draw(st.integers(0, 2))) if ragged and i else slice(None)
        own = times[cut]
        series[texts] = pd.Series(values(len(own)).round(decimals) + 0.0, index=own)  # without -0.0
        if draw(st.booleans()):
            series[texts].iloc[draw(st.integers(1, len(own) - 2))] = np.nan
    return series


def _rows(draw: st.DrawFn, content: Content, layout: str, freq: str) -> list[Row]:
    """The table, with its header; rows, and some columns, in any order."""
    times = list(content.frame.index)
    if layout == "long":
        rows = [(texts, time) for texts, of_series in content.series.items() for time in of_series.index]
        rows = sorted(rows, key=lambda row: row[1]) if draw(st.booleans()) else rows
        table = layouts.long(content, draw(st.sampled_from(VALUE_NAMES)), _in_order(draw, rows))
        return _with_columns_in_order(draw, table, len(content.id_names))
    if layout == "wide":
        return layouts.wide(content, _in_order(draw, times))
    if layout == "rows":
        return layouts.series_in_rows(content, times[:: draw(st.sampled_from([1, -1]))], draw(st.sampled_from(REMARKS)))
    return layouts.parts_in_header(content, freq)


def _in_order(draw: st.DrawFn, rows: list[T]) -> list[T]:
    """The rows as they are, reversed, or shuffled."""
    order = draw(st.sampled_from(["kept", "reversed", "shuffled"]))
    if order == "shuffled":
        return [rows[i] for i in np.random.default_rng(draw(st.integers(0, 99))).permutation(len(rows))]
    return rows[::-1] if order == "reversed" else rows


def _with_columns_in_order(draw: st.DrawFn, rows: list[Row], ids: int) -> list[Row]:
    """The columns in one of the orders of ids, dates and value."""
    width = len(rows[0])
    id_, date, value = range(ids), range(ids, width - 1), [width - 1]
    orders = [(*id_, *date, *value), (*date, *id_, *value), (*id_, *value, *date), (*date, *value, *id_)]
    order = draw(st.sampled_from(orders))
    return [[row[i] for i in order] for row in rows]


def _file(draw: st.DrawFn, rows: list[Row], delimiter: str) -> bytes:
    """The bytes of a file with the rows; row numbers may be before them, and a title above."""
    if draw(st.integers(0, 3)) == 0:
        name = draw(st.sampled_from(["", "index"]))
        rows = [[name, *rows[0]], *([str(i), *row] for i, row in enumerate(rows[1:]))]
    if delimiter == " " and any(cell == "" or " " in cell for row in rows for cell in row):
        delimiter = "\t"
    text = io.StringIO(newline="")
    text.write(draw(st.sampled_from(ABOVE)))
    quoting = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    line_end = draw(st.sampled_from(["\n", "\r\n"]))
    csv.writer(text, delimiter=delimiter, quoting=quoting, lineterminator=line_end).writerows(rows)
    return text.getvalue().encode(draw(st.sampled_from(["utf-8", "utf-8", "utf-8-sig", "utf-16"])))
