"""The types of keys that only job files have, such as the path of a data file."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

from forecast_cli.errors import did_you_mean
from forecast_cli.option_types import Duration, OptionType, Texts
from forecast_cli.words import and_joined

RETRAIN = ("never", "always", "when-degraded")
REACTIONS = ("ignore", "warn", "fail")
SUFFIXES = (".csv", ".json", ".parquet", ".xlsx", ".png", ".svg", ".pdf")


class PathText(OptionType[str]):
    """A path in which only certain placeholders, such as {name}, are allowed. The file or folder need not exist."""

    metavar = "PATH"

    def __init__(self, *placeholders: str) -> None:
        self.placeholders = placeholders

    def from_text(self, text: str) -> str:
        return text

    def check(self, value: str) -> str:
        for placeholder in re.findall(r"\{[^{}]*\}", value):
            if placeholder not in self.placeholders:
                known = and_joined(self.placeholders) if self.placeholders else "none"
                advice = did_you_mean(placeholder, self.placeholders)
                raise ValueError(f"{placeholder} is not a known placeholder; allowed here: {known}.{advice}")
        try:
            Path(value).expanduser()
        except RuntimeError:
            raise ValueError("this home folder does not exist; write the whole path.") from None
        return value


class DataPath(PathText):
    """The path of a data file, or a pattern that matches data files."""

    def __init__(self) -> None:
        super().__init__("{name}")

    def check(self, value: str) -> str:
        if value == "-":
            raise ValueError("a job cannot read standard input; name a file.")
        return super().check(value)


class OutputPaths(Texts):
    """The paths of output files: one path, or a list of paths."""

    metavar = "PATHS"

    def check(self, value: tuple[str, ...]) -> tuple[str, ...]:
        for path in value:
            PathText("{name}", "{date}").check(path)
            suffix = Path(path).suffix
            if suffix.lower() not in SUFFIXES:
                advice = did_you_mean(suffix, SUFFIXES)
                raise ValueError(f"the path of an output must end in one of {', '.join(SUFFIXES)}.{advice}")
        return value


class Retraining(OptionType[str | timedelta]):
    """When a model is trained again: one of RETRAIN, such as "never", or an age such as "7d"."""

    metavar = "WHEN"

    def from_toml(self, value: object) -> str | timedelta:
        if isinstance(value, str) and value in RETRAIN:
            return value
        if isinstance(value, str) and not re.match(r"\s*\d", value):
            wanted = f'one of {", ".join(RETRAIN)}, or an age such as "7d"'
            raise ValueError(f"must be {wanted}.{did_you_mean(value, RETRAIN)}")
        return Duration().from_toml(value)
