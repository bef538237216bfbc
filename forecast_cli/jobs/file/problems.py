"""Collect the problems of a job file, and report them together."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from forecast_cli.errors import UsageError
from forecast_cli.jobs.file.keys import with_keys
from forecast_cli.jobs.file.toml_lines import KeyPath, Lines


class Problems:
    """The problems of one file, each with the line of its key or table."""

    def __init__(self, path: Path, lines: Lines) -> None:
        self._path = path
        self._lines = lines
        self._found: list[tuple[int, str]] = []

    def add(self, reason: str, table: KeyPath = (), key: str = "") -> None:
        """Add a problem of a key; if `key` is "", of the whole table. The table () is the top of the file."""
        place = (*table, key) if key else table
        line = self._lines.of(*place) or 0
        label = f"[{'.'.join(table)}] " if table else ""
        where = f"{self._path}:{line}" if line else str(self._path)
        self._found.append((line, f"{where}: {label}{f'{key} ' if key else ''}{reason}"))

    @contextmanager
    def caught(self, table: KeyPath = (), key: str = "") -> Iterator[None]:
        """Catch a UsageError and add its reason as a problem."""
        try:
            yield
        except UsageError as error:
            self.add(with_keys(error.reason), table, key)

    def check(self) -> None:
        """Raise a UsageError with all problems, in the order of the lines, if there are any."""
        lines = list(dict.fromkeys(text for _, text in sorted(self._found)))
        if len(lines) == 1:
            raise UsageError(lines[0])
        if lines:
            raise UsageError(f"{self._path} has {len(lines)} problems:", "\n".join(lines))
