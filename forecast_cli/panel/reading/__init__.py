"""Read a file with a table of time series and turn it into a panel. Common file formats and layouts are detected."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from forecast_cli.activity import doing
from forecast_cli.errors import DataError, DataMemoryError, mention
from forecast_cli.options import ReadConfig
from forecast_cli.panel.panel import Panel
from forecast_cli.panel.reading.attributes import with_attributes
from forecast_cli.panel.reading.columns import RawColumn, classify_columns
from forecast_cli.panel.reading.date_parts import combine_date_columns
from forecast_cli.panel.reading.frame_table import read_frame
from forecast_cli.panel.reading.future_rows import append_future_rows
from forecast_cli.panel.reading.observations import Observations, observe
from forecast_cli.panel.reading.period_columns import split_periods
from forecast_cli.panel.reading.regularise import regularise
from forecast_cli.panel.reading.series_rows import split_rows
from forecast_cli.panel.reading.source import STDIN, read_source
from forecast_cli.panel.reading.table import RawTable
from forecast_cli.panel.reading.text_table import read_text

__all__ = ["STDIN", "read_panel", "read_with_columns", "read_with_unused"]


def read_panel(source: str, config: ReadConfig | None = None, continues: str | None = None) -> Panel:
    """The panel of the file at `source`, or of standard input if `source` is "-".

    What a column holds is detected from its name and cells, unless `config` says it. Each assumption about the file and
    each change to the data is logged in one line.

    continues: the frequency of earlier data of the same series, or None. The panel gets this frequency, and not the one
               inferred from the file, if three conditions are met: `config.freq` is None; the times in the file fit the
               earlier frequency; and one of the two frequencies has a cycle, such as opening hours. (A short file often
               does not show the cycle.)

    Raises DataError if the data cannot be used; its message names the file, the row and the remedy. Raises UsageError
    for an unknown frequency.
    """
    return read_with_columns(source, config, continues)[0]


def read_with_columns(
    source: str, config: ReadConfig | None = None, continues: str | None = None
) -> tuple[Panel, tuple[str, ...]]:
    """Read a file as `read_panel` does. Returns the panel, and the names of all columns.

    These are the columns of the table from which the panel is read. If the file has one series per row, or dates in
    several columns, this table has been converted to one with a row per time.
    """
    config = config or ReadConfig()
    with _memory_errors_of(source):
        observations, names = _observations(source, config)
        return regularise(observations, config, continues), names


def read_with_unused(source: str, config: ReadConfig) -> tuple[Panel, tuple[str, ...]]:
    """Read a file as `read_panel` does. Returns the panel, and the names of unused columns that could be covariates."""
    with _memory_errors_of(source):
        observations, _ = _observations(source, config)
        return regularise(observations, config), observations.unused


@contextmanager
def _memory_errors_of(source: str) -> Iterator[None]:
    """Context manager for reading the file at `source`: it converts a MemoryError to a DataMemoryError."""
    try:
        yield
    except MemoryError as error:
        raise DataMemoryError(
            f"{'standard input' if source == STDIN else source}: is too large: there is not enough memory to read it.",
            "Leave out rows and columns that are not needed, or allow the program more memory.",
        ) from error


def _observations(source: str, config: ReadConfig) -> tuple[Observations, tuple[str, ...]]:
    """Read the observations of a file, with the covariates in `config.future_file` and `config.static_file`.

    Returns the observations, and the names of the columns of the file's table, after the conversions of `_columns`.
    """
    doing(f"Reading {source}")
    table = _table(source, config)
    attributes: tuple[str, ...] = ()
    if config.static_file is not None:
        attributes = tuple(name for name in config.static if name not in table.names)
        config = replace(config, static=tuple(name for name in config.static if name in table.names))
    table, columns, config = _columns(table, config)
    observations = observe(table, columns, config)
    if config.static_file is not None:
        observations = with_attributes(observations, _table(config.static_file, config), attributes, config)
    return observations, table.names


def _columns(table: RawTable, config: ReadConfig) -> tuple[RawTable, list[RawColumn], ReadConfig]:
    """Convert a table to long or wide form with one column of dates, append `config.future_file`, classify the columns.

    Returns the table, its columns with what they hold, and `config` with the names of the columns that were found.
    """
    table, config = split_periods(table, config)
    table, config = split_rows(table, config)
    if table.origins is not None and (config.named_covariates or config.future_file):
        raise DataError(
            f"{table.name}: there is no row for each time, so no column can be a covariate.",
            f"Write one row for each time; {mention('layout', 'wide')} takes each row as a time.",
        )
    if config.future_file is not None:
        dated = combine_date_columns(table, _named(config), config.date_column)
        table, config = append_future_rows(table, dated, _table(config.future_file, config), config)
    table = combine_date_columns(table, _named(config), config.date_column)
    return table, classify_columns(table, config.day_first), config


def _named(config: ReadConfig) -> tuple[str, ...]:
    """The names of the columns that the user chose as ids, values or covariates."""
    return (*config.id_columns, *config.value_columns, *config.named_covariates)


def _table(path: str, config: ReadConfig) -> RawTable:
    source = read_source(path, config.encoding, config.sheet)
    if source.frame is not None:
        return read_frame(source.name, source.frame)
    return read_text(source.name, source.text, config, source.delimiter)
