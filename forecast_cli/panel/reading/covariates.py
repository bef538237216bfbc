"""Which columns of a table are covariates, and what their cells mean as numbers."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.errors import DataError, mention
from forecast_cli.options import ReadConfig
from forecast_cli.panel.covariates import FUTURE, PAST, STATIC, Covariate
from forecast_cli.panel.reading.columns import RawColumn, column_named
from forecast_cli.panel.reading.table import RawTable
from forecast_cli.panel.reading.values import checked_values

log = logging.getLogger(__name__)

Floats = NDArray[np.float64]

SWITCHES = {"false": 0.0, "true": 1.0}
"""Texts of a column of booleans, in lower case -> their numbers."""
NO_EVENT = ("none", "nil")
"""Texts that mean a missing value among numbers, but are a category among words: no promotion, no holiday."""
MAX_UNKNOWN_FRACTION = 0.5
"""If more than this fraction of the cells of a column of words are empty, an empty cell is a category of its own: a
column of holidays is empty on all other days."""


@dataclass(frozen=True)
class CovariateRows:
    """The covariates of N observations.

    columns: the covariates
    values:  (N, columns) float64, NaN where unknown
    added:   (N,) whether each observation is from the second file, which holds future values
    """

    columns: tuple[Covariate, ...]
    values: Floats
    added: NDArray[np.bool_]

    def take(self, rows: NDArray[Any]) -> CovariateRows:
        """The covariates of the observations at `rows`: an array of indices, or of N bools."""
        return CovariateRows(self.columns, self.values[rows], self.added[rows])


def named_covariates(table: RawTable, columns: Sequence[RawColumn], config: ReadConfig) -> dict[RawColumn, str]:
    """{column: PAST, FUTURE or STATIC} for the columns that the user named as covariates.

    Raises DataError if a column is missing.
    """
    named = {FUTURE: config.future, PAST: config.past, STATIC: config.static}
    return {column_named(table, columns, name, kind): kind for kind, names in named.items() for name in names}


def read_covariates(
    table: RawTable, chosen: Mapping[RawColumn, str], rows: NDArray[np.intp], values: Floats
) -> CovariateRows | None:
    """The covariates of the rows at the indices `rows`; None if `chosen` is empty.

    chosen: {column: PAST, FUTURE or STATIC}
    values: (rows, series) the values to forecast, NaN where missing

    Raises DataError if a column has both numbers and words, dates, or a number that is too large.
    """
    if not chosen:
        return None
    observed = np.zeros(len(table.lines), dtype=bool)
    observed[rows] = ~np.isnan(values).all(axis=1)
    columns, numbers = zip(*(encoded(table, column, kind, observed) for column, kind in chosen.items()), strict=True)
    for column, known in zip(columns, numbers, strict=True):
        if column.categories == ("",) or np.isnan(known).all():
            log.warning(
                "%s: column '%s' is empty in all rows: a model learns nothing from it (leave it out of %s)",
                table.name,
                column.name,
                mention(column.kind),
            )
        elif "" in (column.categories or ()):
            log.info("%s: an empty cell of '%s' is a category of its own", table.name, column.name)
    added = np.zeros(len(rows), dtype=bool) if table.first_future_row is None else rows >= table.first_future_row
    return CovariateRows(columns, np.stack(numbers, axis=1)[rows], added)


def encoded(table: RawTable, column: RawColumn, kind: str, observed: NDArray[np.bool_]) -> tuple[Covariate, Floats]:
    """Convert a column to a covariate. Returns the covariate and its numbers (rows,), NaN where unknown.

    Words are numbered 0, 1, 2, ... in alphabetical order. In a column of false and true, false is 0 and true is 1.
    Among words, empty cells are unknown, or a category of their own if they are many (see MAX_UNKNOWN_FRACTION).

    kind:     PAST, FUTURE or STATIC
    observed: (rows,) whether each row has a value to forecast; MAX_UNKNOWN_FRACTION applies to these rows only

    Raises DataError if the column has both numbers and words, dates, or a number that is too large.
    """
    present = {text.lower() for text in column.texts if text}
    if column.kind == "date":
        raise DataError(
            f"{table.where(0, column.name)}: '{column.cells[0]}' is a date, and a covariate has numbers or words.",
            f"Leave it out of {mention(kind)}.",
        )
    if column.kind == "number":
        return Covariate(column.name, kind), checked_values(table, column)
    if present and present <= SWITCHES.keys() | {"na", "nan", "null"}:
        switched = np.array([SWITCHES.get(text.lower(), np.nan) for text in column.texts])
        return Covariate(column.name, kind), switched[column.codes]
    _refuse_numbers_among_words(table, column)
    unknown = column.numbers.missing & ~np.isin(_lower(column), NO_EVENT)
    texts = np.where(unknown, "", column.cells)
    if not observed.any() or unknown[observed].mean() > MAX_UNKNOWN_FRACTION:
        unknown = np.zeros_like(unknown)
    categories, codes = np.unique(texts[~unknown], return_inverse=True)
    numbers = np.full(len(texts), np.nan)
    numbers[~unknown] = codes
    return Covariate(column.name, kind, tuple(categories.tolist())), numbers


def _lower(column: RawColumn) -> NDArray[np.object_]:
    texts: NDArray[np.object_] = np.array([text.lower() for text in column.texts], dtype=object)[column.codes]
    return texts


def mixes_numbers_and_words(column: RawColumn) -> bool:
    """Whether a column has numbers and words."""
    numbers = ~(column.numbers.missing | column.numbers.bad)
    return bool(numbers.any() and column.numbers.bad.any())


def _refuse_numbers_among_words(table: RawTable, column: RawColumn) -> None:
    if mixes_numbers_and_words(column):
        row = int(np.argmax(~(column.numbers.missing | column.numbers.bad)))
        raise DataError(
            f"{table.where(row, column.name)}: '{column.cells[row]}' is a number, and most cells of '{column.name}' "
            "are words.",
            "Write all cells of a covariate as numbers, or all as words.",
        )
