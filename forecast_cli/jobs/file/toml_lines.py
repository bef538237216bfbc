"""Find the line numbers of tables and keys in a TOML text. Python's parser does not give them."""

from __future__ import annotations

import re

_PART = r"""(?:"[^"\n]*"|'[^'\n]*'|[\w-]+)"""
_PATH = rf"({_PART}(?:[ \t]*\.[ \t]*{_PART})*)"
_TABLE = re.compile(rf"\s*\[\[?\s*{_PATH}\s*\]")
_KEY = re.compile(rf"\s*{_PATH}\s*=")

KeyPath = tuple[str, ...]


class Lines:
    """The line numbers of tables and keys, from 1. Keys of an inline table have no line number of their own.

    >>> lines = Lines('[jobs.sales]\\ndata = "sales.csv"\\n')
    >>> lines.of("jobs", "sales", "data"), lines.of("jobs", "sales", "horizon"), lines.of("state")
    (2, 1, None)
    """

    def __init__(self, text: str) -> None:
        self._lines: dict[KeyPath, int] = {}
        table: KeyPath = ()
        for number, line in enumerate(text.splitlines(), 1):
            if header := _TABLE.match(line):
                table = _parts(header[1])
                self._add(table, number)
            elif key := _KEY.match(line):
                self._add((*table, *_parts(key[1])), number)

    def _add(self, path: KeyPath, number: int) -> None:
        for depth in range(1, len(path) + 1):
            self._lines.setdefault(path[:depth], number)

    def of(self, *path: str) -> int | None:
        """The line number of a key or table, by its names. A key without a number gets that of its table.

        Returns None if the table has no number either.
        """
        for depth in range(len(path), 0, -1):
            if path[:depth] in self._lines:
                return self._lines[path[:depth]]
        return None


def _parts(path: str) -> KeyPath:
    return tuple(part.strip("\"'") for part in re.findall(_PART, path))
