"""Which columns of a table are covariates, and what their cells mean as numbers."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
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


def read_covariates(table: RawTable, chosen: Mapping[RawColumn, str], rows: NDArray[np.intp]) -> CovariateRows | None:
    """The covariates of the rows at the indices `rows`, NaN where a cell is empty; None if `chosen` is empty.

    chosen: {column: PAST, FUTURE or STATIC}

    Raises DataError if a column has both numbers and words, dates, or a number that is too large.
    """
    if not chosen:
        return None
    columns, numbers = zip(*(encoded(table, column, kind) for column, kind in chosen.items()), strict=True)
    added = np.zeros(len(rows), dtype=bool) if table.first_future_row is None else rows >= table.first_future_row
    return CovariateRows(columns, np.stack(numbers, axis=1)[rows], added)


def encoded(table: RawTable, column: RawColumn, kind: str) -> tuple[Covariate, Floats]:
    """Convert a column to a covariate. Returns the covariate and its numbers (rows,), NaN where unknown.

    Words are numbered 0, 1, 2, ... in alphabetical order. In a column of false and true, false is 0 and true is 1.

    kind: PAST, FUTURE or STATIC

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
    categories, codes = np.unique(column.cells[~unknown], return_inverse=True)
    numbers = np.full(len(unknown), np.nan)
    numbers[~unknown] = codes
    return Covariate(column.name, kind, tuple(categories.tolist())), numbers


def with_empty_categories(name: str, known: CovariateRows, observed: NDArray[np.bool_]) -> CovariateRows:
    """The covariates, of which those of words have the category "" if many of their cells are empty.

    Such a column is logged, and so is one that is empty in all rows.

    name:     the file's name in messages
    observed: (N,) whether each observation has a value to forecast
    """
    pairs = [with_empty_category(*pair, observed) for pair in zip(known.columns, known.values.T, strict=True)]
    for column, values in pairs:
        if column.categories == ("",) or np.isnan(values).all():
            log.warning(
                "%s: column '%s' is empty in all rows: a model learns nothing from it (leave it out of %s)",
                name,
                column.name,
                mention(column.kind),
            )
        elif "" in (column.categories or ()):
            log.info("%s: an empty cell of '%s' is a category of its own", name, column.name)
    columns, numbers = zip(*pairs, strict=True)
    return replace(known, columns=columns, values=np.stack(numbers, axis=1))


def with_empty_category(column: Covariate, values: Floats, observed: NDArray[np.bool_]) -> tuple[Covariate, Floats]:
    """Make the unknown values of a covariate of words a category of their own if they are many.

    Returns the covariate with the category "", whose number is 0, and its numbers (N,). A covariate of numbers, and one
    with few unknown values (see MAX_UNKNOWN_FRACTION), is returned unchanged.

    values:   (N,) the numbers of its categories, NaN where unknown
    observed: (N,) whether each row has a value to forecast; MAX_UNKNOWN_FRACTION applies to these rows only
    """
    unknown = np.isnan(values)
    few = observed.any() and unknown[observed].mean() <= MAX_UNKNOWN_FRACTION
    if column.categories is None or few or not unknown.any():
        return column, values
    return replace(column, categories=("", *column.categories)), np.where(unknown, 0.0, values + 1)


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
