"""A job's forecast in files, each of them whole or not there at all."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from forecast_cli.errors import OutputError
from forecast_cli.files import clear_stale, whole
from forecast_cli.report.tables.forecasts import forecast_table
from forecast_cli.report.tables.table import as_csv, as_json, records

if TYPE_CHECKING:
    from forecast_cli.workflows import Prediction

DATA = (".csv", ".json")
"""Suffixes of outputs that hold numbers; any other is a picture's."""


def write(prediction: Prediction, paths: Iterable[Path]) -> None:
    """Write the forecast to each of `paths`, in the form of its suffix. Raises OutputError where one cannot be."""
    table = forecast_table(prediction)
    for path in paths:
        _make_folder(path)
        clear_stale(path)
        suffix = path.suffix.lower()
        if suffix not in DATA:
            from forecast_cli.report.pictures.forecasts import draw_forecast

            draw_forecast(prediction, path)
            continue
        with whole(path) as beside:
            text = as_csv(table) if suffix == ".csv" else as_json(records(table))
            beside.write_text(text, encoding="utf-8", newline="\n")


def _make_folder(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"Cannot write {path}: {error.strerror}.", "Choose another place, or make it writable."
        ) from error
