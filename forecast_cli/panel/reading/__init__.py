"""Reading a table of time series in any common form: from a file to a panel."""

from __future__ import annotations

from forecast_cli.activity import doing
from forecast_cli.options import ReadConfig
from forecast_cli.panel.panel import Panel
from forecast_cli.panel.reading.columns import classify_columns
from forecast_cli.panel.reading.date_parts import combine_date_columns
from forecast_cli.panel.reading.observations import observe
from forecast_cli.panel.reading.regularise import regularise
from forecast_cli.panel.reading.source import STDIN, read_source
from forecast_cli.panel.reading.table import read_table

__all__ = ["STDIN", "read_panel", "read_with_columns"]


def read_panel(source: str, config: ReadConfig | None = None) -> Panel:
    """The panel of the file at `source`, or of standard input if `source` is "-".

    The content of a column decides what it holds and how it is parsed, unless `config` does. Each assumption made and
    each change to the data is logged in one line.

    Raises DataError if the data cannot be used; it names the file, the row and the remedy. Raises UsageError for an
    unknown frequency.
    """
    return read_with_columns(source, config)[0]


def read_with_columns(source: str, config: ReadConfig | None = None) -> tuple[Panel, tuple[str, ...]]:
    """The panel, as `read_panel` returns it, and the names of the columns in the file."""
    doing(f"Reading {source}")
    config = config or ReadConfig()
    table = read_table(read_source(source, config.encoding), config)
    if config.date_column is None:
        table = combine_date_columns(table)
    columns = classify_columns(table, config.day_first)
    return regularise(observe(table, columns, config), config), table.names
