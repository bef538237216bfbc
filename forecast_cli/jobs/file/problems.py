"""Collect all problems of a job file, and report them in one error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from forecast_cli.errors import UsageError
from forecast_cli.jobs.file.keys import with_keys
from forecast_cli.jobs.file.toml_lines import KeyPath, Lines


class Problems:
    """The problems of one job file. The text of each problem begins with the file and the line of the key or table."""

    def __init__(self, path: Path, lines: Lines) -> None:
        self._path = path
        self._lines = lines
        self._found: list[tuple[int, str, str]] = []

    def add(self, reason: str, table: KeyPath = (), key: str = "", hint: str | None = None) -> None:
        """Add a problem.

        reason: a sentence
        table:  the names of the table, such as ("jobs", "sales"); () is the top of the file
        key:    the key with the problem; "" if the whole table has it
        hint:   what the user can do; None if there is nothing to say
        """
        place = (*table, key) if key else table
        line = self._lines.of(*place) or 0
        label = f"[{'.'.join(table)}] " if table else ""
        where = f"{self._path}:{line}" if line else str(self._path)
        self._found.append((line, f"{where}: {label}{f'{key} ' if key else ''}{reason}", hint or ""))

    @contextmanager
    def caught(self, table: KeyPath = (), key: str = "") -> Iterator[None]:
        """Catch a UsageError in a `with` block, and add it as a problem of a table or key.

        table:  the names of the table, such as ("jobs", "sales"); () is the top of the file
        key:    the key with the problem; "" if the whole table has it
        """
        try:
            yield
        except UsageError as error:
            self.add(with_keys(error.reason), table, key, error.hint and with_keys(error.hint))

    def check(self) -> None:
        """Raise a UsageError that lists all problems in the order of their lines. Without problems, nothing happens."""
        found = list(dict.fromkeys((text, hint) for _, text, hint in sorted(self._found)))
        if len(found) == 1:
            [(text, hint)] = found
            raise UsageError(text, hint or None)
        if found:
            raise UsageError(
                f"{self._path} has {len(found)} problems:", "\n".join(" ".join(each).rstrip() for each in found)
            )
