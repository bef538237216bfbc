"""What each column of a table holds: numbers, dates, text or nothing; content decides, names are hints."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.panel.reading.dates import Stamps, read_dates
from forecast_cli.panel.reading.numbers import Numbers, read_numbers
from forecast_cli.panel.reading.table import Table


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


DATE_NAMES = _words(
    "ds d date dates dt datetime timestamp timestamps time times year years yr month quarter week day period t "
    "step steps epoch unix unixtime ts index observationdate timeperiod"
)
SURE_ID_NAMES = _words(
    "uniqueid seriesid series id tsid itemid item key sku product productid store storeid shop symbol ticker"
)
ID_NAMES = SURE_ID_NAMES + _words(
    "country region state city location site station sensor device meter customer entity group category "
    "dept department family brand variable code name"
)
"""The surest first; those that are not sure may also name a remark on each row."""
VALUE_NAMES = _words("y value values target obsvalue observation")
ROW_NAMES = _words("rownames rowname index row rowid rownumber unnamed0 x1 id no nr instant")


@dataclass(frozen=True, eq=False)
class Column:
    """One column and what it holds; equal to itself alone.

    kind:    "number", "date", "text" or "blank"; a column of mostly numbers is a column of numbers
    dates:   the ways to read it as dates, two where day and month cannot be told apart
    """

    name: str
    kind: str
    cells: NDArray[Any]
    numbers: Numbers
    dates: tuple[Stamps, ...] = ()
    unnamed: bool = False

    @property
    def plain_name(self) -> str:
        return "" if self.unnamed else plain(self.name)

    @cached_property
    def codes(self) -> NDArray[np.intp]:
        """(rows,) a number for each distinct text, in order of appearance."""
        return self._distinct[0]

    @cached_property
    def texts(self) -> NDArray[Any]:
        """(distinct,) the texts behind `codes`."""
        return self._distinct[1]

    @cached_property
    def _distinct(self) -> tuple[NDArray[np.intp], NDArray[Any]]:
        import pandas as pd

        codes, texts = pd.factorize(self.cells)
        return codes, texts

    @property
    def constant(self) -> bool:
        return len(self.texts) == 1

    @cached_property
    def whole(self) -> bool:
        """Whether it holds whole numbers and nothing else."""
        values = self.numbers.values
        return bool(np.isfinite(values).all() and (np.trunc(values) == values).all())

    @property
    def counts_rows(self) -> bool:
        """Whether it numbers the rows: 0, 1, 2, ... or 1, 2, 3, ..."""
        values = self.numbers.values
        return self.whole and len(values) > 1 and values[0] in (0, 1) and bool((np.diff(values) == 1).all())


def plain(name: str) -> str:
    """A name without case and signs, to be compared.

    >>> plain("Unique_ID"), plain("obs. value")
    ('uniqueid', 'obsvalue')
    """
    return re.sub(r"[\W_]", "", name.lower())


def look_at(table: Table, day_first: bool | None) -> list[Column]:
    """What the columns of a table hold."""
    return [
        _look_at(name, table.cells[:, i], table.decimal, name in table.unnamed, day_first)
        for i, name in enumerate(table.names)
    ]


def _look_at(name: str, cells: NDArray[Any], decimal: str, unnamed: bool, day_first: bool | None) -> Column:
    numbers = read_numbers(cells, decimal)
    if numbers.missing.all():
        return Column(name, "blank", cells, numbers, unnamed=unnamed)
    if numbers.share > 0.5:
        return Column(name, "number", cells, numbers, unnamed=unnamed)
    dates = tuple(read_dates(cells, day_first))
    kind = "date" if dates and dates[0].share > 0.5 else "text"
    return Column(name, kind, cells, numbers, dates, unnamed)
