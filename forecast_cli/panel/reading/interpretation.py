"""Log how a table was understood."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import numpy as np

from forecast_cli.errors import mention
from forecast_cli.panel.reading.columns import RawColumn
from forecast_cli.panel.reading.roles import Roles
from forecast_cli.panel.reading.table import RawTable
from forecast_cli.words import and_joined

log = logging.getLogger(__name__)

MAX_NAMES_SHOWN = 6
"""The largest number of columns that a message names."""


def log_several_targets(table: RawTable, roles: Roles) -> None:
    """Log that each column of values is forecast as a series, and which option selects only some of these columns."""
    names = [f"'{column.name}'" for column in roles.values]
    shown = (
        names if len(names) <= MAX_NAMES_SHOWN else [*names[:MAX_NAMES_SHOWN], f"{len(names) - MAX_NAMES_SHOWN} more"]
    )
    log.info(
        "%s: %s are series to forecast, all with the same covariates (%s names those to forecast)",
        table.name,
        and_joined(shown),
        mention("value-column"),
    )


def log_interpretation(
    table: RawTable, columns: Sequence[RawColumn], roles: Roles, covariates: Sequence[RawColumn]
) -> None:
    """Log how the file was understood: the role of each column, the unused columns, and remarks on the times.

    covariates: those of the columns that become covariates
    """
    for column in roles.values:
        if example := column.numbers.example:
            value = column.numbers.values[np.argmax(column.cells == example)]
            log.info("%s: '%s' in column '%s' is read as %.10g", table.name, example, column.name, value)
            break
    if table.layout:
        log.info("%s: %s", table.name, table.layout)
        return
    values = ", ".join(f"'{column.name}'" for column in roles.values[:MAX_NAMES_SHOWN])
    more = f" and {len(roles.values) - MAX_NAMES_SHOWN} more" if len(roles.values) > MAX_NAMES_SHOWN else ""
    ids = and_joined([f"'{column.name}'" for column in roles.ids]) if roles.ids else ""
    if roles.timestamps is not None and roles.time is not None:
        date = f"{'dates' if roles.timestamps.dated else 'step numbers'} in '{roles.time.name}'"
    else:
        date = "no dates, each row is one step" + (f" in the order of '{roles.order.name}'" if roles.order else "")
    layout = f"long (series by {ids})" if roles.ids else "wide"
    if not roles.ids and len(roles.values) == 1:
        layout = "one series"
    log.info("%s: %s, %s, values in %s%s", table.name, layout, date, values, more)
    if roles.timestamps is not None and roles.timestamps.note:
        log.warning("%s: %s", table.name, roles.timestamps.note)
    if roles.calendar and roles.time is not None:
        names = ", ".join(f"'{column.name}'" for column in roles.calendar)
        log.info("%s: left out, as they follow from '%s': %s", table.name, roles.time.name, names)
    used = {id(column) for column in (roles.time, *roles.ids, *roles.values, *roles.calendar, *covariates)}
    unused = [column.name for column in columns if id(column) not in used and column.kind != "blank"]
    if unused:
        log.info("%s: left out: %s", table.name, ", ".join(f"'{name}'" for name in unused[:MAX_NAMES_SHOWN]))
