"""What each column of a table holds: numbers, dates, text or nothing. Content decides; names are hints."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.panel.reading.dates import Timestamps, read_dates
from forecast_cli.panel.reading.numbers import Numbers, read_numbers
from forecast_cli.panel.reading.table import RawTable


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


SURE_TIME_NAMES = _words(
    "ds date dates dt datetime timestamp timestamps year years yr yearmonth yearweek yearquarter yyyymm yyyymmdd epoch "
    "unix unixtime ts observationdate timeperiod seq sequence"
)
"""Names of columns that hold times and never values."""
PART_NAMES = _words("month quarter week day hour weekday dayofweek dow dayofyear doy weekofyear")
"""Names of columns that hold times, or parts of dates that repeat."""
MAYBE_TIME_NAMES = PART_NAMES + _words("time times period t step steps index obs")
"""Names of columns that hold times, or values."""
TIME_WORDS = frozenset(_words("date time year quarter month week day hour minute second period interval slot"))
"""Words in the names of columns that hold times or parts of dates."""
SURE_ID_NAMES = _words(
    "uniqueid seriesid series id tsid item key sku product article material store shop branch outlet plant warehouse "
    "symbol ticker artikel produkt filiale werk produit magasin producto tienda sucursal"
)
ID_NAMES = SURE_ID_NAMES + _words(
    "country region state province county district city location site station sensor device machine meter customer "
    "client supplier vendor entity group category dept department family brand variable iso iso2 iso3 fips geo zip "
    "postcode code name"
)
"""Names of id columns, the most certain first. Those after SURE_ID_NAMES may also name a remark on each row."""
NO_ID = len(ID_NAMES) + 1
_ID_ENDINGS = ("id", "nbr", "number", "num", "no", "nr", "code", "key", "name")
"""What may follow one of ID_NAMES in the name of an id column: store_nbr, ShopName."""
_RECORD_ID = re.compile(r"((?i:[\W_]id)|(?<=[a-z])I[dD])$")
"""The end of the name of any id: order_id, eventId."""
VALUE_NAMES = _words("y value values target obsvalue observation")
QUANTITY_NAMES = _words("sales demand quantity qty")
"""Last words of the names of columns that are forecast, if a file has several columns of numbers."""
ROW_NAMES = _words(
    "rownames rowname index row rows rowid rownum rownumber rowno level0 unnamed0 x1 id no nr obs observation "
    "record recordid recno sno srno serialno t step steps tick instant lfdnr seq sequence"
)
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

    @cached_property
    def id_rank(self) -> int:
        """How certain its name is that of an id: a place in ID_NAMES or, for another name that ends in "id", the last.

        NO_ID for names that are not those of ids.
        """
        name = self.plain_name
        stems = (name, *(name.removesuffix(ending) for ending in _ID_ENDINGS if name.endswith(ending)))
        other = NO_ID - 1 if _RECORD_ID.search(self.name) else NO_ID
        return min((ID_NAMES.index(stem) for stem in stems if stem in ID_NAMES), default=other)

    @property
    def surely_time(self) -> bool:
        """Whether its name is one of SURE_TIME_NAMES."""
        return self.plain_name in SURE_TIME_NAMES

    @property
    def maybe_time(self) -> bool:
        """Whether its name is one of MAYBE_TIME_NAMES."""
        return self.plain_name in MAYBE_TIME_NAMES

    @property
    def named_time(self) -> bool:
        """Whether its name is surely, or maybe, that of times."""
        return self.surely_time or self.maybe_time

    @property
    def is_part(self) -> bool:
        """Whether its name is one of PART_NAMES."""
        return self.plain_name in PART_NAMES

    @property
    def last_word(self) -> str:
        """The last word of its name, without a unit in brackets: "sales" of "Weekly_Sales [EUR]"."""
        return self.words[-1] if self.words else ""

    @property
    def counts_by_name(self) -> bool:
        """Whether it has no name, or one of ROW_NAMES."""
        return not self.plain_name or self.plain_name in ROW_NAMES

    @property
    def words(self) -> list[str]:
        """The words of its name in lower case, without a unit in brackets."""
        return re.findall(r"[^\W_]+", re.sub(r"[\[(].*", "", self.name.lower()))

    @property
    def surely_value(self) -> bool:
        """Whether its name is one of VALUE_NAMES, or ends in one of QUANTITY_NAMES."""
        return self.plain_name in VALUE_NAMES or self.last_word in QUANTITY_NAMES

    @property
    def surely_id(self) -> bool:
        """Whether its name is one of SURE_ID_NAMES."""
        return self.id_rank < len(SURE_ID_NAMES)

    @property
    def holds_ids(self) -> bool:
        """Whether its name and cells are those of ids, of series or of single rows. Such numbers are no values."""
        says_number = self.plain_name.endswith(_ID_ENDINGS) and self.whole
        return self.id_rank < NO_ID and (self.has_groups or says_number)

    @cached_property
    def has_groups(self) -> bool:
        """Whether its texts have at least two cells each on average."""
        return len(self.texts) <= len(self.cells) / 2

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
    parsed = table.timestamps.get(name)
    if numbers.missing.all():
        return RawColumn(name, "blank", cells, numbers, unnamed=unnamed)
    if numbers.valid_fraction > 0.5:
        return RawColumn(name, "number", cells, numbers, unnamed=unnamed)
    dates = tuple(read_dates(cells, day_first)) if parsed is None else (parsed,)
    kind = "date" if dates and dates[0].valid_fraction > 0.5 else "text"
    return RawColumn(name, kind, cells, numbers, dates, unnamed)
