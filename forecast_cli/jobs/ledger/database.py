"""An SQLite file that several processes use at once: opened, migrated, and patient with the others.

Failures of SQLite become those that a user understands.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from forecast_cli.errors import DataError, ForecastError, LockedError, OutputError
from forecast_cli.jobs.ledger import schema

BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_FORMAT)
WRONG_USE = (sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISUSE, sqlite3.SQLITE_RANGE, sqlite3.SQLITE_MISMATCH)

BRIEFLY = 0.2
"""Seconds that SQLite itself waits for a lock. Signals are not heard meanwhile, so the rest of the wait is Python's."""

MOVE_AWAY = "Move it away, and its -wal and -shm files with it; the next run begins a new one."

Row = tuple[Any, ...]


class Database:
    """The ledger's file. Every method raises

    LockedError where another process keeps it locked for longer than `wait` seconds,
    DataError where it is damaged, is no ledger, or is one of a newer version of the program,
    OutputError where it cannot be written.
    """

    def __init__(self, path: Path, mode: str, wait: float) -> None:
        self.path = path
        self.wait = wait
        with self._explaining():
            self._connection = sqlite3.connect(
                f"{path.absolute().as_uri()}?{mode}", timeout=BRIEFLY, isolation_level=None, uri=True
            )
        try:
            with self._explaining():
                self._prepare()
        except BaseException:
            self._connection.close()
            raise

    @classmethod
    def begin(cls, path: Path, wait: float) -> Self:
        """Open the file, made with its folder where there is none yet."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"Cannot make {path.parent}: {error.strerror}.", "Choose another place.") from error
        return cls(path, "mode=rwc", wait)

    @classmethod
    def existing(cls, path: Path, wait: float) -> Self:
        """Open a file that is there, be it only to be read."""
        if os.access(path, os.W_OK) and os.access(path.parent, os.W_OK):
            return cls(path, "mode=rw", wait)
        at_rest = not path.with_name(f"{path.name}-wal").exists()
        return cls(path, "mode=ro&immutable=1" if at_rest else "mode=ro", wait)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._connection.close()

    def query(self, statement: str, values: Sequence[object] | dict[str, object] = ()) -> list[Row]:
        """The rows that a statement gives."""
        with self._explaining():
            return self._patiently(statement, values).fetchall()

    def change(self, statement: str, values: Sequence[object] = ()) -> int:
        """Carry out a statement; the number of rows that it changed."""
        with self._explaining():
            return self._patiently(statement, values).rowcount

    def change_each(self, statement: str, rows: Iterable[Sequence[object]]) -> int:
        """Carry out a statement once for each row, within a transaction; the number of rows that it changed."""
        with self._explaining():
            return self._connection.executemany(statement, rows).rowcount

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that is changed within, or nothing. Nobody else writes meanwhile."""
        self.change("BEGIN IMMEDIATE")
        try:
            yield
            self.change("COMMIT")
        finally:
            if self._connection.in_transaction:
                with suppress(sqlite3.Error):  # closing the file undoes it too
                    self._connection.rollback()

    def _prepare(self) -> None:
        """Make sure that this is a ledger, and of the present schema."""
        self._connection.execute("PRAGMA foreign_keys = ON")
        self._connection.execute("PRAGMA synchronous = FULL")
        if self._version() == len(schema.MIGRATIONS):
            return
        self._patiently("PRAGMA auto_vacuum = INCREMENTAL")  # heeded by an empty file alone
        self._patiently("PRAGMA journal_mode = WAL")
        with self.transaction():
            for version in range(self._version(), len(schema.MIGRATIONS)):
                for statement in schema.MIGRATIONS[version]:
                    self._connection.execute(statement)
                self._connection.execute(f"PRAGMA user_version = {version + 1}")

    def _version(self) -> int:
        """The version of the schema, 0 where there is nothing yet."""
        (application,) = self._patiently("PRAGMA application_id").fetchone()
        (version,) = self._patiently("PRAGMA user_version").fetchone()
        (tables,) = self._patiently("SELECT count(*) FROM sqlite_master").fetchone()
        if application != schema.APPLICATION and (application or version or tables):
            raise DataError(f"{self.path} is not a ledger of forecast.", MOVE_AWAY)
        if version > len(schema.MIGRATIONS):
            raise DataError(
                f"The ledger {self.path} was made by a newer forecast (version {version} of its tables).",
                "Update forecast, or keep the state of this one in another folder.",
            )
        return int(version)

    def _patiently(self, statement: str, values: Sequence[object] | dict[str, object] = ()) -> sqlite3.Cursor:
        """Carry out a statement, again and again while another process has the file locked, up to `wait`."""
        deadline = time.monotonic() + self.wait
        while True:
            try:
                return self._connection.execute(statement, values)
            except sqlite3.OperationalError as error:
                if _code(error) not in BUSY or time.monotonic() >= deadline:
                    raise
                time.sleep(0.02)

    @contextmanager
    def _explaining(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            explained = self._explained(error)
            if explained is None:
                raise
            raise explained from error

    def _explained(self, error: sqlite3.Error) -> ForecastError | None:
        code = _code(error)
        if code in BUSY:
            return LockedError(
                f"The ledger {self.path} was locked by another process for {self.wait:g} seconds.",
                "Try again when that process has ended.",
            )
        if code in DAMAGED:
            return DataError(f"The ledger {self.path} is damaged: {error}.", MOVE_AWAY)
        if code is None or code in WRONG_USE:
            return None
        return OutputError(
            f"The ledger {self.path} cannot be written: {error}.", "Make room for it, or make its folder writable."
        )


def _code(error: sqlite3.Error) -> int | None:
    """The primary result code of SQLite, None for a failure that is not SQLite's."""
    code = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF
