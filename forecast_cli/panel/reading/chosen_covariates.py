"""Choose covariates by their cells: which columns could be covariates, and which of them are known ahead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.options import ReadConfig
from forecast_cli.panel.covariates import FUTURE, PAST, STATIC
from forecast_cli.panel.reading.columns import RawColumn
from forecast_cli.panel.reading.covariates import encoded, mixes_numbers_and_words, with_empty_category
from forecast_cli.panel.reading.roles import Roles, find_roles, is_no_value, several_targets, target_by_name
from forecast_cli.panel.reading.table import RawTable


def roles_of(table: RawTable, columns: Sequence[RawColumn], config: ReadConfig) -> Roles:
    """The role of each column that the user did not name as a covariate, from `find_roles`.

    With `config.covariates` "auto", one column is taken for the values, so that the others can be covariates. This does
    not apply if the user named the columns of values. Raises DataError if several columns could hold the values, and
    their names do not decide.
    """
    roles = find_roles(table, columns, config)
    if config.covariates != "auto" or config.value_columns or len(roles.values) == 1:
        return roles
    target = target_by_name(roles.values)
    if target is None:
        raise several_targets(table, roles.values)
    return replace(roles, values=(target,))


def possible_covariates(
    table: RawTable, columns: Sequence[RawColumn], roles: Roles, config: ReadConfig
) -> list[RawColumn]:
    """The columns without a role that could be covariates: numbers, and words that occur twice or more on average.

    Constant columns, and numbers that look like ids, times or row numbers, are left out. There are none in a table that
    was converted to long form: one cell of its file belongs to several times, such as the mean of a year to all months.

    In a wide file with one column that is named like values, such as "sales", the other columns of values could be
    covariates too, unless `config` names the columns of values.

    columns: all columns of `table` that are not named as covariates
    """
    if table.origins is not None:
        return []
    target = None if roles.ids or config.value_columns else target_by_name(roles.values)
    values = roles.values if target is None else (target,)
    taken = {roles.time, *roles.ids, *values, *roles.calendar}
    rest = [column for column in columns if column not in taken]
    return [column for column in rest if _is_possible(column, rest)]


def _is_possible(column: RawColumn, columns: Sequence[RawColumn]) -> bool:
    if column.constant or mixes_numbers_and_words(column):
        return False
    if column.kind == "number":
        return not is_no_value(column, columns)
    texts, cells = ([text for text in each if text] for each in (column.texts, column.cells))
    return column.kind == "text" and len(texts) <= len(cells) / 2


def chosen_kinds(
    table: RawTable,
    columns: Sequence[RawColumn],
    rows: NDArray[np.intp],
    times: NDArray[Any],
    group: NDArray[np.intp],
    observed: NDArray[np.bool_],
) -> dict[RawColumn, str]:
    """{column: STATIC, FUTURE or PAST}, as the cells show them.

    A column is STATIC if there are several series, and it has at most one value in each; FUTURE if it has values after
    the last value of a series; otherwise PAST.

    columns:  the columns whose kind is to be found
    rows:     the indices of the rows that are used
    times:    (rows,) their times
    group:    (rows,) the series of each row: 0, 1, 2, ...
    observed: (rows,) whether each row has a value to forecast
    """
    number = int(group.max()) + 1
    last = np.full(number, np.iinfo(np.int64).min)
    np.maximum.at(last, group[observed], times[observed].astype(np.int64))
    future = times.astype(np.int64) > last[group]
    kinds = {}
    for column in columns:
        covariate, numbers = encoded(table, column, PAST)
        _, values = with_empty_category(covariate, numbers[rows], observed)
        known = ~np.isnan(values)
        lowest, highest = np.full(number, np.inf), np.full(number, -np.inf)
        np.minimum.at(lowest, group[known], values[known])
        np.maximum.at(highest, group[known], values[known])
        if number > 1 and (lowest >= highest).all():
            kinds[column] = STATIC
        else:
            kinds[column] = FUTURE if known[future].any() else PAST
    return kinds
