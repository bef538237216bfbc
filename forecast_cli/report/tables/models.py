"""The models by name, as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecast_cli.report.tables.result import Result
from forecast_cli.report.tables.table import Column, as_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecast_cli.models.table import Row


def result_of(models: Mapping[str, Row]) -> Result:
    """A row for each model."""
    table = [
        Column("model", list(models)),
        Column("description", [row.summary for row in models.values()]),
        Column("network", ["yes" if row.has_network else "no" for row in models.values()]),
    ]
    return Result(table, as_text(table) + "\nAlso a model of statsforecast by its class name, such as CrostonSBA.\n")
