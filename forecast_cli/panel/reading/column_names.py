"""Find from the name of a column what it may hold: times, ids of series, values, or row numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from forecast_cli.panel.reading.part_names import YEAR_PARTS, part_of


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


TIME_NAMES = _words(
    "ds date dates dt datetime timestamp timestamps yyyymmdd epoch unix unixtime ts observationdate timeperiod seq "
    "sequence datum zeitstempel fecha"
)
"""Names of columns that hold times, and never values. Names for years are in PARTS of `part_names`."""
OTHER_TIME_NAMES = _words("time times t step steps index obs")
"""Names of columns that can hold times or values."""
TIME_WORDS = _words("date time year quarter month week day hour minute second period interval slot")
"""Words inside the names of columns that hold times or parts of dates, as in hour_ending and epiweek."""
ID_NAMES = _words(
    "uniqueid seriesid series id tsid item key sku product article material store shop branch outlet plant warehouse "
    "symbol ticker artikel produkt filiale werk produit magasin producto tienda sucursal"
)
"""Names of columns that hold ids of series, the most certain names first."""
OTHER_ID_NAMES = _words(
    "country region area zone state province county district city location site station sensor device machine meter "
    "customer client supplier vendor entity group category dept department family brand variable iso iso2 iso3 fips "
    "geo zip postcode code name"
)
"""Names of columns that can hold ids of series, or remarks on each row."""
ID_ENDINGS = ("id", "nbr", "number", "num", "no", "nr", "code", "key", "name")
"""Endings of names of id columns: store_nbr, ShopName."""
VALUE_NAMES = _words("y value values target obsvalue observation")
QUANTITY_NAMES = _words("sales demand quantity qty")
"""Last words of the names of value columns, as in weekly_sales. If several columns hold numbers, the only one with
such a name is taken for the values."""
ROW_NAMES = _words(
    "rownames rowname index row rows rowid rownum rownumber rowno level0 x1 id no nr obs observation "
    "record recordid recno sno srno slno serialno t step steps tick instant lfdnr seq sequence"
)
"""Names of columns that can hold row numbers."""

NUMBER_WORDS = _words("no nr num number")
"""Last words of the names of columns with the numbers of orders or invoices, as in order_no."""

_ALL_ID_NAMES = ID_NAMES + OTHER_ID_NAMES
_UNKNOWN_ID = len(_ALL_ID_NAMES)
NO_ID = _UNKNOWN_ID + 1
_ANY_ID = re.compile(r"((?i:[\W_](id|nbr|nr|code|key))|(?<=[a-z])I[dD])$")
"""Regular expression for the end of names of ids that are in no list: order_id, eventId, unit_nr."""
_UNNAMED = re.compile(r"Unnamed: [0-9.]+|\.\.\.[0-9]+")
"""Names that pandas and R write for a column without a name: "Unnamed: 0", "...1"."""


@dataclass(frozen=True)
class ColumnName:
    """The name of a column, and what it says of the column. `text` is the name; "" if the column has none."""

    text: str

    @cached_property
    def plain(self) -> str:
        """The letters and digits of the name, in lower case: "uniqueid" for Unique_ID."""
        return plain(self.text)

    @cached_property
    def part(self) -> str:
        """The part of a date that the name stands for, such as "month"; "" if it stands for none."""
        return part_of(self.text)

    @cached_property
    def last_word(self) -> str:
        """The last word of the name in lower case, without a unit in brackets: "sales" for Weekly_Sales [EUR]."""
        words = re.findall(r"[^\W_]+", re.sub(r"[\[(].*", "", self.text.lower()))
        return words[-1] if words else ""

    @cached_property
    def id_rank(self) -> int:
        """How certain it is that the name is that of an id column: 0 is the most certain, NO_ID means it is none."""
        stems = (self.plain, *(self.plain.removesuffix(end) for end in ID_ENDINGS if self.plain.endswith(end)))
        other = _UNKNOWN_ID if _ANY_ID.search(self.text) else NO_ID
        return min((_ALL_ID_NAMES.index(stem) for stem in stems if stem in _ALL_ID_NAMES), default=other)

    @property
    def is_id(self) -> bool:
        """Whether a column of this name holds ids of series, whatever its cells look like."""
        return self.id_rank < len(ID_NAMES)

    @property
    def may_be_id(self) -> bool:
        """Whether a column of this name may hold ids (of series or of single rows), or remarks."""
        return self.id_rank < NO_ID

    @property
    def ends_as_id(self) -> bool:
        """Whether the ending shows that the name is that of an id: order_id and id, but not store or code."""
        ending = self.plain.endswith(ID_ENDINGS) and self.plain not in ID_ENDINGS
        return self.may_be_id and (ending or self.plain == "id")

    @property
    def is_time(self) -> bool:
        """Whether a column of this name holds times, and never values."""
        return self.plain in TIME_NAMES or self.part in YEAR_PARTS

    @property
    def is_date_part(self) -> bool:
        """Whether a column of this name holds parts of dates that repeat, such as months or hours."""
        return bool(self.part) and not self.is_time

    @property
    def may_hold_days(self) -> bool:
        """Whether dates in a column of this name can be single days. In columns named "month" or "week" they cannot."""
        return self.part in ("", "day")

    @property
    def may_be_time(self) -> bool:
        """Whether a column of this name may hold times."""
        return self.is_time or self.is_date_part or self.plain in OTHER_TIME_NAMES

    @property
    def mentions_time(self) -> bool:
        """Whether the name contains a word for a time, as hour_ending and week_sales do."""
        return self.is_time or any(word in self.plain for word in TIME_WORDS)

    @property
    def numbers_rows(self) -> bool:
        """Whether a column of this name, or a column without a name, may hold row numbers."""
        return not self.plain or self.plain in ROW_NAMES or _UNNAMED.fullmatch(self.text) is not None

    @property
    def ends_in_number(self) -> bool:
        """Whether the last word of the name is in NUMBER_WORDS, as in Order No and invoice_number."""
        return self.last_word in NUMBER_WORDS

    @property
    def is_value(self) -> bool:
        """Whether the name is one of VALUE_NAMES, apart from case, spaces and punctuation."""
        return self.plain in VALUE_NAMES

    @property
    def is_quantity(self) -> bool:
        """Whether the last word of the name is one of QUANTITY_NAMES."""
        return self.last_word in QUANTITY_NAMES

    @property
    def says_values(self) -> bool:
        """Whether a column of this name holds values, and no times."""
        return self.is_value or self.is_quantity


def plain(name: str) -> str:
    """A name in lower case, with letters and digits only, for comparisons.

    >>> plain("Unique_ID"), plain("obs. value")
    ('uniqueid', 'obsvalue')
    """
    return re.sub(r"[\W_]", "", name.lower())
