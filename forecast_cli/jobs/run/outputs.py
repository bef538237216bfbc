"""Write the forecast of a job to files, each as a whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from forecast_cli.errors import OutputError
from forecast_cli.files import atomic_write, remove_stale_files
from forecast_cli.report.tables.forecasts import forecast_table
from forecast_cli.report.tables.result import Result

if TYPE_CHECKING:
    from forecast_cli.workflows import Prediction

TABLE_SUFFIXES = (".csv", ".json", ".parquet", ".xlsx")
"""The suffixes of output files that are tables. Other output files are pictures."""


def write(prediction: Prediction, paths: Iterable[Path], level: tuple[float, ...] = ()) -> None:
    """Write the forecast to files. The suffix of each path decides its format.

    level:  the levels of the intervals in tables, in percent

    Raises OutputError if a file cannot be written.
    """
    result = Result(forecast_table(prediction, level=level))
    for path in paths:
        _make_folder(path)
        remove_stale_files(path)
        suffix = path.suffix.lower()
        if suffix not in TABLE_SUFFIXES:
            from forecast_cli.report.pictures.forecasts import draw_forecast

            draw_forecast(prediction, path)
            continue
        content = result.as_bytes(suffix[1:])
        with atomic_write(path) as temporary:
            temporary.write_bytes(content)


def _make_folder(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"Cannot write {path}: {error.strerror}.", "Choose another place, or make it writable."
        ) from error
