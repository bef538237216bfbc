"""Reading any honest table of time series: from a file to a panel."""

from __future__ import annotations

from forecast_cli.options import ReadConfig
from forecast_cli.panel.panel import Panel
from forecast_cli.panel.reading.columns import look_at
from forecast_cli.panel.reading.layout import observe
from forecast_cli.panel.reading.rearrange import with_one_date_column
from forecast_cli.panel.reading.regularise import regularise
from forecast_cli.panel.reading.source import STDIN, read_source
from forecast_cli.panel.reading.table import read_table

__all__ = ["STDIN", "read_panel", "read_with_columns"]


def read_panel(source: str, config: ReadConfig | None = None) -> Panel:
    """The panel of the file at `source`, or of standard input where that is "-".

    Content decides what a column is and how it is written; `config` overrides it. What was understood and
    what was done to the data is logged in a line each. Raises DataError, naming file, row and remedy, where
    the data cannot be used, and UsageError for a frequency that is none.
    """
    return read_with_columns(source, config)[0]


def read_with_columns(source: str, config: ReadConfig | None = None) -> tuple[Panel, tuple[str, ...]]:
    """As `read_panel`, with the names of the file's columns."""
    config = config or ReadConfig()
    table = read_table(read_source(source, config.encoding), config)
    if config.date_column is None:
        table = with_one_date_column(table)
    return regularise(observe(table, look_at(table, config.day_first), config), config), table.names
