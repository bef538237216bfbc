"""What each column of a table holds: numbers, dates, text or nothing. Content decides; names are hints."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.panel.reading.dates import Timestamps, read_dates
from forecast_cli.panel.reading.forms import MAX_SAMPLE, looks_like_date
from forecast_cli.panel.reading.numbers import Numbers, read_numbers
from forecast_cli.panel.reading.part_names import part_of
from forecast_cli.panel.reading.table import RawTable


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
"""Names of id columns, the most certain first. Those after SURE_ID_NAMES may also name a remark on each row."""
VALUE_NAMES = _words("y value values target obsvalue observation")
ROW_NAMES = _words("rownames rowname index row rowid rownumber unnamed0 x1 id no nr instant")
"""Names of columns that number the rows."""


@dataclass(frozen=True, eq=False)
class RawColumn:
    """One column and what it holds. Columns are compared by identity.

    kind:     "number", "date", "text" or "blank"; more than half of the cells are of that kind
    cells:    (rows,) object, str
    dates:    the ways to read it as dates; two if day and month cannot be distinguished
    unnamed:  whether it has no name in the file
    """

    name: str
    kind: str
    cells: NDArray[Any]
    numbers: Numbers
    dates: tuple[Timestamps, ...] = ()
    unnamed: bool = False

    @property
    def plain_name(self) -> str:
        """The name for comparisons, see `plain`; "" without a name."""
        return "" if self.unnamed else plain(self.name)

    @property
    def part(self) -> str:
        """The part of a date that its name stands for, see `part_of`; "" for other names."""
        return "" if self.unnamed else part_of(self.name)

    @cached_property
    def codes(self) -> NDArray[np.intp]:
        """(rows,) the place of each cell's text in `texts`."""
        return self._distinct[0]

    @cached_property
    def texts(self) -> NDArray[Any]:
        """(distinct,) the different texts, in order of appearance."""
        return self._distinct[1]

    @cached_property
    def _distinct(self) -> tuple[NDArray[np.intp], NDArray[Any]]:
        import pandas as pd

        codes, texts = pd.factorize(self.cells)
        return codes, texts

    @property
    def constant(self) -> bool:
        """Whether all cells are equal."""
        return len(self.texts) == 1

    @cached_property
    def whole(self) -> bool:
        """Whether every cell is a whole number."""
        values = self.numbers.values
        return bool(np.isfinite(values).all() and (np.trunc(values) == values).all())

    @property
    def counts_rows(self) -> bool:
        """Whether it numbers the rows: 0, 1, 2, ... or 1, 2, 3, ..."""
        values = self.numbers.values
        return self.whole and len(values) > 1 and values[0] in (0, 1) and bool((np.diff(values) == 1).all())


def plain(name: str) -> str:
    """A name in lower case, with letters and digits only, for comparisons.

    >>> plain("Unique_ID"), plain("obs. value")
    ('uniqueid', 'obsvalue')
    """
    return re.sub(r"[\W_]", "", name.lower())


def classify_columns(table: RawTable, day_first: bool | None) -> list[RawColumn]:
    """The columns of a table, in its order.

    day_first: which of day and month comes first in dates such as 03/04/2024; None leaves it open
    """
    return [_classify(table, i, day_first) for i in range(len(table.names))]


def _classify(table: RawTable, index: int, day_first: bool | None) -> RawColumn:
    name, cells = table.names[index], table.cells[:, index]
    unnamed = name in table.unnamed
    numbers = read_numbers(cells, table.decimal)
    if numbers.missing.all():
        return RawColumn(name, "blank", cells, numbers, unnamed=unnamed)
    parsed = table.timestamps.get(name)
    if parsed is None and numbers.valid_fraction > 0.5 and not _are_partly_dates(name, numbers, cells):
        return RawColumn(name, "number", cells, numbers, unnamed=unnamed)
    dates = tuple(read_dates(cells, day_first, name)) if parsed is None else (parsed,)
    kind = "date" if dates and _hold_dates(cells, dates[0]) else "text"
    return RawColumn(name, kind, cells, numbers, dates, unnamed)


def _are_partly_dates(name: str, numbers: Numbers, cells: NDArray[Any]) -> bool:
    """Whether a column has the name of a date and its cells that are no numbers are dates."""
    named = plain(name) in DATE_NAMES or bool(part_of(name))
    return bool(named and numbers.bad.any()) and all(map(looks_like_date, _sample(cells[numbers.bad])))


def _hold_dates(cells: NDArray[Any], dates: Timestamps) -> bool:
    """Whether more than half of the cells are dates, if necessary in several forms; digits alone do not count."""
    if dates.valid_fraction > 0.5:
        return True
    present = cells[~dates.missing]
    sample = _sample(present[[not cell.isdigit() for cell in present]])
    return 2 * sum(map(looks_like_date, sample)) > len(sample) > 0


def _sample(cells: NDArray[Any]) -> NDArray[Any]:
    sample: NDArray[Any] = cells[:: max(1, len(cells) // MAX_SAMPLE)]
    return sample
