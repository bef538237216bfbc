"""Tables of results, and their three formats: text for people, CSV, and JSON."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from unicodedata import east_asian_width

Cell = str | int | float | None

WIDTH = 80
"""The largest width of a table as text, in characters."""

MAX_SHORT_TEXT = 18
"""The largest number of characters of a cell in a column with `short`. Longer texts are shortened to it."""


@dataclass(frozen=True)
class Column:
    """A column of a table. CSV and JSON use only its name and cells; most other attributes are for the text.

    name:        the name of the column
    cells:       one for each row
    decimals:    the number of decimals: one number for all cells, or one for each cell
    heading:     the heading in the text; None takes the name
    drop_order:  which columns are left out if the text is wider than WIDTH: those with 1 first, then those with 2, ...;
                 those with 0 never
    short:       whether long cells are shortened to MAX_SHORT_TEXT characters. With a `drop_order` above 0, they are
                 shortened only if the text is wider than WIDTH, and the column is then not left out
    dated:       whether cells are dates as ISO 8601 text, with Z if they are in UTC
    """

    name: str
    cells: Sequence[Cell]
    decimals: Sequence[int] | int = 0
    heading: str | None = None
    drop_order: int = 0
    short: bool = False
    dated: bool = False

    @cached_property
    def texts(self) -> list[str]:
        """The heading of the column, followed by its cells as text."""
        decimals = [self.decimals] * len(self.cells) if isinstance(self.decimals, int) else self.decimals
        shown = [_text(cell, places) for cell, places in zip(self.cells, decimals, strict=True)]
        if self.short and not self.drop_order:
            from forecast_cli.words import short

            shown = [short(text, MAX_SHORT_TEXT) for text in shown]
        return [self.heading or self.name, *shown]

    @cached_property
    def width(self) -> int:
        """The width of the column in the text, in characters."""
        return max(map(_width, self.texts))

    @cached_property
    def numeric(self) -> bool:
        """Whether no cell is text. Such a column is aligned to the right."""
        return not any(isinstance(cell, str) for cell in self.cells)


Table = Sequence[Column]


def decimals_for(numbers: Iterable[float | None], digits: int = 5) -> int:
    """The number of decimals for a column of numbers; 0 if all are whole numbers.

    Otherwise, the median of the absolute values has `digits` significant digits. None, NaN, infinity and 0 are ignored.

    >>> decimals_for([445.634, 418.391]), decimals_for([0.012, 0.034]), decimals_for([3.0, 120.0])
    (2, 6, 0)
    """
    known = [abs(number) for number in numbers if number is not None and math.isfinite(number)]
    sizes = sorted(size for size in known if size > 0)
    if all(size == int(size) for size in sizes):
        return 0
    return max(digits - 1 - math.floor(math.log10(sizes[len(sizes) // 2])), 0)


def fitting(table: Table) -> Table:
    """The columns of the table as its text has them.

    If the text is wider than WIDTH, columns are left out or shortened in the order of their `drop_order`.
    """
    shown = list(table)
    for rank in sorted({column.drop_order for column in table} - {0}):
        if sum(column.width + 2 for column in shown) - 2 > WIDTH:
            shown = [column for column in shown if column.short or column.drop_order != rank]
            shown = [replace(column, drop_order=0) if column.drop_order == rank else column for column in shown]
    return shown


def as_text(table: Table) -> str:
    """The table as text, as wide as WIDTH allows: aligned columns with headings, and a line of hyphens below these."""
    shown = fitting(table)
    aligned = [[_aligned(text, column.width, column.numeric) for text in column.texts] for column in shown]
    heading, *rows = zip(*aligned, strict=True)
    rule = ["-" * column.width for column in shown]
    return "\n".join("  ".join(row).rstrip() for row in (heading, rule, *rows)) + "\n"


def as_csv(table: Table) -> str:
    """The table as CSV. Numbers have full precision. None and numbers that are not finite become empty fields."""
    import csv

    lines = _Lines()
    writer = csv.writer(lines)
    writer.writerow(column.name for column in table)
    writer.writerows(zip(*([finite(cell) for cell in column.cells] for column in table), strict=True))
    return "".join(lines)


class _Lines(list[str]):
    """The lines that a CSV writer writes. Each CR LF at the end of a line is replaced by LF.

    The writer itself must use CR LF. With LF it would not quote a field that contains CR.
    """

    def write(self, row: str) -> None:
        self.append(row.removesuffix("\r\n") + "\n")


def records(table: Table) -> list[dict[str, Cell]]:
    """The rows of the table as dicts: {name of the column: cell}."""
    names = [column.name for column in table]
    return [dict(zip(names, row, strict=True)) for row in zip(*(column.cells for column in table), strict=True)]


def as_json(value: object) -> str:
    """The value as indented JSON text. Numbers that are not finite become null."""
    import json

    from forecast_cli.bundle.metadata import json_value

    return json.dumps(json_value(value), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def listing(pairs: Iterable[tuple[str, Cell]]) -> str:
    """Names and values as text in two aligned columns, one pair on each line.

    >>> print(listing([("series", 1), ("rate", 0.002)]), end="")
    series  1
    rate    0.002
    """
    shown = [(name, f"{cell:.5g}" if isinstance(cell, float) else _text(cell, 0)) for name, cell in pairs]
    width = max(_width(name) for name, _ in shown)
    return "".join(f"{_aligned(name, width, False)}  {text}\n" for name, text in shown)


def finite(cell: Cell) -> Cell:
    """The cell itself, or None if it is a number that is not finite."""
    return None if isinstance(cell, float) and not math.isfinite(cell) else cell


def _text(cell: Cell, decimals: int) -> str:
    match cell:
        case None:
            return "-"
        case float() if not math.isfinite(cell):
            return "-"
        case float() if abs(cell) >= 1e15 or decimals > 10:
            return f"{cell:.5g}"
        case float():
            return f"{cell:z.{decimals}f}"
        case _:
            return " ".join(str(cell).split())


def _width(text: str) -> int:
    """The width of a text in a terminal, in characters. East Asian characters count twice."""
    if text.isascii():
        return len(text)
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def _aligned(text: str, width: int, right: bool) -> str:
    padding = " " * (width - _width(text))
    return padding + text if right else text + padding
