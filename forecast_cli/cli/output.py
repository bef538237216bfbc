"""Write results to standard output or to a file. A file is written as a whole or not at all."""

from __future__ import annotations

import logging
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from forecast_cli.activity import doing
from forecast_cli.cli.failures import stdout_error
from forecast_cli.errors import UsageError
from forecast_cli.files import atomic_write, check_writable
from forecast_cli.report.pictures import check_suffix
from forecast_cli.report.tables.result import FILE_FORMATS, FORMATS, Result
from forecast_cli.words import and_joined, safe

if TYPE_CHECKING:
    from forecast_cli.options import PredictConfig
    from forecast_cli.workflows import Prediction

SUFFIXES = (".csv", ".json", ".parquet", ".xlsx")
UNWRITABLE = ("xls", "xlsm", "xlsb", "ods", "feather")
"""Suffixes of file formats that the program cannot write. Giving one of them is an error."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Output:
    """Where and how a result is written.

    form:   the format, such as "csv"
    path:   the file; None for standard output
    shown:  whether the result is written at all
    """

    form: str
    path: Path | None
    shown: bool = True

    @classmethod
    def chosen(cls, form: str | None, path: Path | None, quiet: bool = False) -> Output:
        """The output that the user chose.

        form:   the format; None: the suffix of the file decides; with another suffix, or for standard output, a table
        path:   the file; None for standard output
        quiet:  True: the result is shown only if a format or a file was given

        Raises UsageError if the file cannot have this format.
        """
        suffix = path.suffix.lower().lstrip(".") if path else ""
        if suffix in UNWRITABLE:
            raise UsageError(f"{path}: .{suffix} files cannot be written.", f"Use one of {and_joined(SUFFIXES)}.")
        if form is not None and suffix in FILE_FORMATS:
            raise UsageError(
                f"{path}: a .{suffix} file cannot have the format {form}.", "Leave out --format, or use another suffix."
            )
        shown = not quiet or form is not None or path is not None
        return cls(form or (suffix if suffix in (*FORMATS, *FILE_FORMATS) else "table"), path, shown)

    def check_apart(self, *others: str | Path | None) -> None:
        """Raise UsageError if the output file is one of `others`.

        others: the files that the command reads, and the file of its picture; None is skipped
        """
        for other in others:
            if self.path is not None and other is not None and Path(other).resolve() == self.path.resolve():
                raise UsageError(
                    f"{self.path}: the command reads this file, or draws its picture there.",
                    "Name another file.",
                    option="output",
                )

    def write(self, result: Result) -> None:
        """Write the result to the file or to standard output, if `shown` is True.

        Raises OutputError if it cannot be written.
        """
        doing("")
        if not self.shown:
            return
        if self.path is None:
            text = result.as_(self.form)
            _print(safe(text) if self.form == "table" or _on_terminal() else text)
            return
        content = result.as_bytes(self.form)
        with atomic_write(self.path) as temporary:
            temporary.write_bytes(content)
        logger.info("Wrote %s.", self.path)


def draw(prediction: Prediction, path: Path, config: PredictConfig) -> None:
    """Draw a prediction and write the picture to a file, as a whole or not at all.

    config: which series and covariates to draw
    """
    from forecast_cli.report.pictures.forecasts import draw_forecast

    doing(f"Drawing {path}")
    draw_forecast(prediction, path, config.series, config.draw)
    logger.info("Drew %s.", path)


def check_picture(path: Path) -> None:
    """Check the path of a picture. Raises UsageError if its suffix is wrong, OutputError if it cannot be written."""
    check_suffix(path)
    check_writable(path)


def _on_terminal() -> bool:
    return sys.stdout is not None and not sys.stdout.closed and sys.stdout.isatty()


def _print(text: str) -> None:
    if sys.stdout is None:
        return
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise stdout_error(error) from error
