"""Attributes of series: a second file with one row for each series, whose columns become static covariates."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from forecast_cli.errors import DataError, mention
from forecast_cli.options import ReadConfig
from forecast_cli.panel.covariates import STATIC
from forecast_cli.panel.reading.columns import RawColumn, classify_columns, column_named
from forecast_cli.panel.reading.covariates import CovariateRows, encoded, mixes_numbers_and_words, with_empty_category
from forecast_cli.panel.reading.naming import series_ids
from forecast_cli.panel.reading.observations import Observations
from forecast_cli.panel.reading.table import RawTable
from forecast_cli.words import and_joined, counted

log = logging.getLogger(__name__)


def with_attributes(
    observations: Observations, table: RawTable, names: Sequence[str], config: ReadConfig
) -> Observations:
    """Add static covariates to the observations, from a table that has one row for each series.

    A row is used for the series with the same id. If the data have id columns and several value columns, there is one
    series for each id and value column; a row is then used for all series of its id. The covariates of a series without
    a row are NaN, and a warning is logged.

    table: the attributes; `_keys` finds its id columns
    names: the columns to use; if empty, all columns of numbers or words that are neither ids nor covariates of the data

    Raises DataError if no row has the id of a series, if two rows with the same id differ, or if a column in `names`
    does not exist, has dates, or has both numbers and words.
    """
    columns = classify_columns(table, config.day_first)
    keys = _keys(observations, table, columns)
    chosen = [column_named(table, columns, name, STATIC) for name in names]
    if not names:
        others = [
            column for column in columns if column not in keys and column.name not in _names_in_data(observations)
        ]
        chosen = [
            column for column in others if column.kind in ("number", "text") and not mixes_numbers_and_words(column)
        ]
    row = _row_of_each_series(observations, _ids(keys))
    if (row < 0).all():
        raise DataError(
            f"{table.name}: '{keys[0].cells[0]}' in column '{keys[0].name}' is not the id of a series, and no other "
            f"cell of the column is one; the first series is '{observations.ids[0]}'.",
            f"Write the same ids as in the data, or name the columns of ids as in the data ({mention('id-column')}).",
        )
    if (row < 0).any():
        log.warning(
            "%s: %s no row, first '%s': taken as unknown",
            table.name,
            counted(int((row < 0).sum()), "series has", "series have"),
            observations.ids[np.argmax(row < 0)],
        )
    known = np.ones(len(table.lines), dtype=bool)
    read = [with_empty_category(*encoded(table, column, STATIC), known) for column in chosen]
    _check_repeated(table, keys, chosen, [numbers for _, numbers in read])
    values = np.stack([numbers for _, numbers in read], axis=1) if read else np.empty((len(known), 0))
    of_series = np.where((row >= 0)[:, None], values[row], np.nan)[observations.series]
    earlier = observations.covariates
    if earlier is None:
        count = len(observations.values)
        earlier = CovariateRows((), np.empty((count, 0)), np.zeros(count, dtype=bool))
    both = CovariateRows(
        (*earlier.columns, *(column for column, _ in read)),
        np.concatenate([earlier.values, of_series], axis=1),
        earlier.added,
    )
    return replace(observations, covariates=both)


def _names_in_data(observations: Observations) -> set[str]:
    """The names of the covariates that are columns of the data, not of the table of attributes."""
    return {column.name for column in observations.covariates.columns} if observations.covariates else set()


def _keys(observations: Observations, table: RawTable, columns: Sequence[RawColumn]) -> list[RawColumn]:
    """The columns of `table` that hold the series ids: those named as in the data, or the one with the most series ids.

    Raises DataError if the data have several id columns, and `table` lacks one of them.
    """
    named = [column for name in observations.id_columns for column in columns if column.name == name]
    if named and len(named) == len(observations.id_columns):
        return named
    if len(observations.id_columns) > 1:
        missing = next(name for name in observations.id_columns if name not in table.names)
        raise DataError(
            f"{table.name}: has no column '{missing}'; its columns are {', '.join(table.names[:10])}.",
            f"Name its columns of ids as in the data: {and_joined(list(observations.id_columns))}.",
        )
    ids = set(observations.ids.tolist())
    return [max(columns, key=lambda column: len(ids & set(column.texts.tolist())))]


def _ids(keys: Sequence[RawColumn]) -> NDArray[np.object_]:
    """(rows,) the series id of each row, from the columns `keys`. Rows with the same texts get the same id."""
    texts = list(zip(*(column.cells for column in keys), strict=True))
    different = list(dict.fromkeys(texts))
    names = dict(zip(different, series_ids(different).tolist(), strict=True))
    return np.array([names[text] for text in texts], dtype=object)


def _row_of_each_series(observations: Observations, ids: NDArray[np.object_]) -> NDArray[np.intp]:
    """(n,) for each series, the index of the first row of attributes with its id; -1 if there is none.

    ids: (rows,) the series id of each row
    """
    row_of = {id_: row for row, id_ in reversed(list(enumerate(ids.tolist())))}
    several = observations.id_columns and not set(observations.ids.tolist()) & row_of.keys()
    wanted = [id_.rpartition("/")[0] if several else id_ for id_ in observations.ids.tolist()]
    return np.array([row_of.get(id_, -1) for id_ in wanted], dtype=np.intp)


def _check_repeated(
    table: RawTable, keys: Sequence[RawColumn], chosen: Sequence[RawColumn], numbers: Sequence[NDArray[np.float64]]
) -> None:
    """Raise DataError if two rows with the same id have different attributes.

    keys:    the id columns of `table`
    chosen:  the columns of attributes that are used
    numbers: for each of these columns, its cells (rows,) as numbers, NaN where unknown
    """
    first: dict[str, int] = {}
    for row, id_ in enumerate(_ids(keys).tolist()):
        earlier = first.setdefault(id_, row)
        for column, values in zip(chosen, numbers, strict=True):
            if not np.array_equal(values[earlier], values[row], equal_nan=True):
                raise DataError(
                    f"{table.where(row, column.name)}: '{column.cells[row]}', and row {table.lines[earlier]} has "
                    f"'{column.cells[earlier]}' for the same series '{id_}'.",
                    "Write one row for each series.",
                )
