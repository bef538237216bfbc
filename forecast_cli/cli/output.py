"""Where results go: standard output, or a file that is written whole or not at all."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from forecast_cli.errors import OutputError, UsageError, did_you_mean
from forecast_cli.files import check_writable, whole
from forecast_cli.report.tables.result import FORMATS, Result

if TYPE_CHECKING:
    from forecast_cli.workflows import Prediction

BINARY = ("xlsx", "xls", "ods", "parquet")
"""Suffixes that promise what is not written: a table of text under such a name could not be opened."""

PICTURES = (".png", ".svg", ".pdf")

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Output:
    """The form of a result, and the file it goes to; None is standard output."""

    form: str
    path: Path | None

    @classmethod
    def chosen(cls, form: str | None, path: Path | None) -> Output:
        """The form asked for, or that of the file's suffix, or a table. Raises UsageError for a suffix of another."""
        suffix = path.suffix.lower().lstrip(".") if path else ""
        if suffix in BINARY:
            raise UsageError(f"{path}: .{suffix} is not written.", "Give it the suffix .csv or .json.")
        return cls(form or (suffix if suffix in FORMATS else "table"), path)

    def check_apart(self, *others: str | Path | None) -> None:
        """Raise UsageError if the result would replace a file that is read, or drawn."""
        for other in others:
            if self.path is not None and other is not None and Path(other).resolve() == self.path.resolve():
                raise UsageError(f"-o {self.path}: that file is read or drawn here too.", "Name another one.")

    def wanted(self, quiet: bool) -> bool:
        """Whether a command that runs unattended has to say what it did: with --quiet only where a form or a file was
        asked for."""
        return not quiet or self.form != "table" or self.path is not None

    def write(self, result: Result) -> None:
        """Put the result where it goes.

        Raises OutputError if that cannot be done.
        """
        text = result.as_(self.form)
        if self.path is None:
            _print(text)
            return
        with whole(self.path) as beside:
            beside.write_text(text, encoding="utf-8", newline="\n")
        logger.info("Wrote %s.", self.path)


def draw_whole(prediction: Prediction, path: Path, series: Sequence[str]) -> None:
    """Write the picture of `prediction` to `path`, whole or not at all."""
    from forecast_cli import workflows

    workflows.draw(prediction, path, tuple(series))
    logger.info("Drew %s.", path)


def check_picture(path: Path) -> None:
    """Raise UsageError if a picture has no such form, OutputError if it could not be written there."""
    if path.suffix.lower() not in PICTURES:
        wanted = ", ".join(PICTURES)
        raise UsageError(f"{path}: a picture's name must end in one of {wanted}.{did_you_mean(path.suffix, PICTURES)}")
    check_writable(path)


def _print(text: str) -> None:
    if sys.stdout is None:
        return
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(f"Cannot write to standard output: {error.strerror}.") from error
