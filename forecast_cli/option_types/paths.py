"""Types of options whose values are paths."""

from __future__ import annotations

import os
from pathlib import Path

from forecast_cli.option_types.base import OptionType, quoted


class FolderPath(OptionType[Path]):
    """The path of a directory."""

    metavar = "DIR"

    def from_text(self, text: str) -> Path:
        return Path(text)


class InputFile(OptionType[str]):
    """The path of a file that is read, but not standard input.

    On a command line it becomes absolute; in a job file it is relative to the folder of the job file.
    """

    metavar = "FILE"

    def from_text(self, text: str) -> str:
        return text if text in ("", "-") else os.path.abspath(os.path.expanduser(text))

    def from_toml(self, value: object) -> str:
        return quoted(value)

    def check(self, value: str) -> str:
        if value in ("", "-"):
            raise ValueError("must be a file; standard input is for the data.")
        return value
