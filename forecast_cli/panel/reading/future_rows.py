"""Append the rows of a second file to the table of the data: future values of covariates."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.errors import DataError, UsageError, did_you_mean, mention
from forecast_cli.options import ReadConfig
from forecast_cli.panel.reading.chosen_covariates import roles_of
from forecast_cli.panel.reading.columns import RawColumn, classify_columns
from forecast_cli.panel.reading.covariates import CovariateRows
from forecast_cli.panel.reading.distinct import factorize
from forecast_cli.panel.reading.table import RawTable
from forecast_cli.words import and_joined

log = logging.getLogger(__name__)


def append_future_rows(
    table: RawTable, dated: RawTable, future: RawTable, config: ReadConfig
) -> tuple[RawTable, ReadConfig]:
    """Append the rows of a second file, with future values of covariates, to the table of the data.

    Named covariates that only the second file has become new columns. In the appended rows, the columns of the values
    to forecast are empty, even if the second file has such values. If the second file lacks id columns, its rows are
    repeated for each combination of ids that the data have in these columns.

    table:  the table of the data, to which the rows are appended
    dated:  the same table with its dates in one column: the columns of times, ids and values are found in it
    future: the table of the second file

    Returns the longer table, and `config` with the names of the columns of ids and values, and of times if `dated` has
    the same columns as `table`. Raises DataError if a column is missing, if the files have different decimal marks, or
    if the second file lacks an id column and has several rows for one time, unless `config.on_duplicate` says what to
    do with them.

    Raises UsageError if `config` names no covariate that is known ahead, unless its `covariates` is "auto".
    """
    if not config.future and config.covariates != "auto":
        raise UsageError(
            f"{future.name}: no column is known ahead.", f"Name columns with {mention('future')}.", "future-file"
        )
    new = [name for name in config.named_covariates if name not in table.names and name in future.names]
    table, dated = _with_columns(table, new), _with_columns(dated, new)
    columns = [c for c in classify_columns(dated, config.day_first) if c.name not in config.named_covariates]
    roles = roles_of(dated, columns, config)
    _check_columns(table, future, roles.time, config)
    _check_decimal_marks(table, future, roles.time)
    ids = [column.name for column in roles.ids]
    if roles.time is not None and config.on_duplicate is None:
        parts_of_dates = [name for name in table.names if name not in dated.names]
        _refuse_lost_ids(future, [*parts_of_dates, roles.time.name], ids)
    future = _for_each_series(future, dated, ids)
    values = {column.name for column in roles.values}
    cells = [
        future.cells[:, future.names.index(name)]
        if name in future.names and name not in values
        else np.full(len(future.cells), "", dtype=object)
        for name in table.names
    ]
    both = replace(
        table,
        cells=np.concatenate([table.cells, np.stack(cells, axis=1)]),
        lines=np.concatenate([table.lines, future.lines]),
        first_future_row=len(table.cells),
        future_file_name=future.name,
    )
    return both, replace(
        config,
        date_column=roles.time.name if roles.time and dated.names == table.names else config.date_column,
        id_columns=tuple(ids),
        value_columns=tuple(column.name for column in roles.values),
    )


def _with_columns(table: RawTable, names: list[str]) -> RawTable:
    """The table with new columns of empty cells. `names` are the names of these columns."""
    if not names:
        return table
    empty = np.full((len(table.cells), len(names)), "", dtype=object)
    return replace(table, names=(*table.names, *names), cells=np.concatenate([table.cells, empty], axis=1))


def _check_columns(table: RawTable, future: RawTable, time: RawColumn | None, config: ReadConfig) -> None:
    """Raise DataError if the file of future values lacks a column that it must have.

    It must have the column of times, at least one covariate, and each column in `config.future` that the data lacks.
    Columns in `config.future` that only the data has are logged.

    time: the column of times of the data; None if the data has none
    """
    wanted = [] if time is None else [time.name]
    if not set(config.named_covariates or table.names) & set(future.names):
        wanted += config.future[:1]
    wanted += [name for name in config.future if name not in (*table.names, *future.names)]
    missing = next((name for name in wanted if name not in future.names), None)
    if missing is not None:
        raise DataError(
            f"{future.name}: has no column '{missing}'; its columns are {', '.join(future.names[:10])}."
            f"{did_you_mean(missing, future.names)}",
            f"Name its columns as in the data, or give another {mention('future-file')}.",
        )
    lacking = [f"'{name}'" for name in config.future if name not in future.names]
    if lacking:
        log.info("%s: has no future values of %s", future.name, and_joined(lacking))


def _check_decimal_marks(table: RawTable, future: RawTable, time: RawColumn | None) -> None:
    """Raise DataError if the files have different decimal marks, and a number in `future` has a point or a comma.

    Only columns that are in both files are checked, except the column of times.
    """
    if future.decimal == table.decimal:
        return
    for place, name in enumerate(future.names):
        marked = [cell for cell in future.cells[:, place] if cell.strip("-+.,0123456789") == "" and {*".,"} & {*cell}]
        if name in table.names and (time is None or name != time.name) and marked:
            raise DataError(
                f"{future.name}: the decimal mark in '{marked[0]}' is '{future.decimal}', and that of {table.name} is "
                f"'{table.decimal}'.",
                f"Write both files in the same way, or give {mention('decimal')}.",
            )


def _refuse_lost_ids(future: RawTable, times: list[str], ids: list[str]) -> None:
    """Raise DataError if the file of future values lacks an id column, and has several rows for one time.

    times: the names of the columns of times
    ids:   the names of the id columns of the data
    """
    lacking = next((name for name in ids if name not in future.names), None)
    if lacking is None:
        return
    known = [place for place, name in enumerate(future.names) if name in (*times, *ids)]
    first: dict[tuple[str, ...], int] = {}
    for row, cells in enumerate(map(tuple, future.cells[:, known])):
        earlier = first.setdefault(cells, row)
        if earlier < row and all(cells):
            raise DataError(
                f"{future.name}: has no column '{lacking}', as the data have, and rows {future.lines[earlier]} and "
                f"{future.lines[row]} are both for {' '.join(cells)}.",
                "Name its columns of ids as in the data; or write one row for each time, if all series have the same "
                "values.",
            )


def _for_each_series(future: RawTable, table: RawTable, ids: list[str]) -> RawTable:
    """The future values with all id columns.

    If some id columns are missing, all rows are repeated for each combination of their texts in the data.

    table: the table of the data
    ids:   the names of the id columns
    """
    lacking = [name for name in ids if name not in future.names]
    if not lacking:
        return future
    texts = table.cells[:, [table.names.index(name) for name in lacking]]
    series = np.array(list(dict.fromkeys(map(tuple, texts))), dtype=object)
    shown = and_joined([f"'{name}'" for name in lacking])
    log.info("%s: has no column %s: its values are taken for each series", future.name, shown)
    rows = len(future.cells)
    repeated = [np.tile(future.cells, (len(series), 1)), np.repeat(series, rows, axis=0)]
    return replace(
        future,
        names=(*future.names, *lacking),
        cells=np.concatenate(repeated, axis=1),
        lines=np.tile(future.lines, len(series)),
    )


def merge_future_values(
    known: CovariateRows, times: NDArray[Any], group: NDArray[np.intp]
) -> tuple[CovariateRows, NDArray[np.bool_]]:
    """Fill missing covariates of the data with future values of the same series and time.

    known:        the covariates of all rows; its `added` marks the rows of the second file
    times, group: (rows,) the time and the series of each row

    Returns the filled covariates of all rows, and a mask (rows,) of the rows to keep. It is False for rows of the
    second file whose series and time are also in the data.
    """
    unit = factorize(factorize(times)[0] * (int(group.max(initial=0)) + 1) + group)[0]
    in_data = np.zeros(int(unit.max(initial=-1)) + 1, dtype=bool)
    in_data[unit[~known.added]] = True
    values = known.values.copy()
    for column in range(values.shape[1]):
        given = np.full(len(in_data), np.nan)
        rows = np.flatnonzero(known.added)[::-1]
        given[unit[rows]] = values[rows, column]
        values[:, column] = np.where(np.isnan(values[:, column]), given[unit], values[:, column])
    return replace(known, values=values), ~known.added | ~in_data[unit]
