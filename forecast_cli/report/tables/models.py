"""Show all models as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecast_cli.report.tables.result import Result
from forecast_cli.report.tables.table import Column, Table, as_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecast_cli.models.table import Row

NOTE = """
Each ending after + is for every network: gru+smoothing, seq2seq+forest.
Also a model of statsforecast by its class name, such as CrostonSBA.
"""


def result_of(models: Mapping[str, Row]) -> Result:
    """The result of the command `models`: a table with one row for each model.

    A combination of a network with other methods has a + in its name, such as "gru+smoothing". The text shows only the
    combinations of the first network in `models`.

    models:  name of a model -> its row in the table of models
    """
    first = next(iter(models))
    shown = {name: row for name, row in models.items() if "+" not in name or name.startswith(f"{first}+")}
    return Result(_table(models), as_text(_table(shown)) + NOTE)


def _table(models: Mapping[str, Row]) -> Table:
    return [
        Column("model", list(models)),
        Column("description", [row.summary for row in models.values()]),
        Column("network", ["yes" if row.has_network else "no" for row in models.values()]),
    ]
