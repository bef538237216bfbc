"""Open an SQLite file that several processes share: migrations, transactions, waiting for locks.

Errors of SQLite are replaced by errors that a user understands.
"""

from __future__ import annotations

import os
import sqlite3
import time
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from forecast_cli.errors import DataError, DataMemoryError, ForecastError, LockedError, ModelError, OutputError
from forecast_cli.jobs.ledger import schema

BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
DAMAGED = (
    *(sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_FORMAT),
    sqlite3.SQLITE_TOOBIG,
)
WRONG_USE = (sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISUSE, sqlite3.SQLITE_RANGE, sqlite3.SQLITE_MISMATCH)

SQLITE_WAIT_SECONDS = 0.2
"""How long SQLite itself waits for a lock. It is short, because Python cannot handle signals during this time."""

RETRY_SECONDS = 0.02

MAX_SECONDS = 600.0
"""The longest time that a statement may take. In a damaged ledger, a query of a view could run without end."""

CHECK_STEPS = 1_000_000
"""The time of a statement is checked each time SQLite has executed this many instructions."""

MOVE_AWAY = "Move it away together with its -wal and -shm files; the next run starts a new one."

Row = tuple[Any, ...]


class Database:
    """An open SQLite file with the tables of the ledger.

    Every method, opening included, raises
        LockedError  if another process keeps the file locked for more than `wait` seconds,
        DataError    if the file is damaged, is not a ledger, or was made by a newer version of the program,
        OutputError  if the file cannot be written.
    """

    def __init__(self, path: Path, mode: str, wait: float) -> None:
        self.path = path
        self.wait = wait
        self._latest_end = float("inf")  # when the current statement is stopped, in seconds of time.monotonic
        with self._explained_errors():
            self._connection = sqlite3.connect(
                f"{path.absolute().as_uri()}?{mode}", timeout=SQLITE_WAIT_SECONDS, isolation_level=None, uri=True
            )
            # SQLite stops a statement when the handler returns True. Each call also lets Python handle signals, which
            # would otherwise wait for the end of the statement.
            self._connection.set_progress_handler(lambda: time.monotonic() > self._latest_end, CHECK_STEPS)
        try:
            with self._explained_errors():
                self._prepare()
        except BaseException:
            self._connection.close()
            raise

    @classmethod
    def create(cls, path: Path, wait: float) -> Self:
        """Open the file. The file and its folder are created if they do not exist.

        wait: how many seconds to wait while another process has the file locked
        """
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"Cannot create {path.parent}: {error.strerror}.", "Choose another folder.") from error
        return cls(path, "mode=rwc", wait)

    @classmethod
    def existing(cls, path: Path, wait: float) -> Self:
        """Open an existing file. If the user may not write to it or to its folder, it is opened read-only.

        wait: how many seconds to wait while another process has the file locked
        """
        if os.access(path, os.W_OK) and os.access(path.parent, os.W_OK):
            return cls(path, "mode=rw", wait)
        in_use = path.with_name(f"{path.name}-wal").exists()
        return cls(path, "mode=ro" if in_use else "mode=ro&immutable=1", wait)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._connection.close()

    def query(self, statement: str, values: Sequence[object] | dict[str, object] = ()) -> list[Row]:
        """The rows that an SQL statement returns. `values` are the values for its placeholders."""
        with self._explained_errors():
            return self._execute(statement, values).fetchall()

    def change(self, statement: str, values: Sequence[object] = ()) -> int:
        """Execute an SQL statement. Returns the number of changed rows."""
        with self._explained_errors():
            return self._execute(statement, values).rowcount

    def change_each(self, statement: str, rows: Iterable[Sequence[object]]) -> int:
        """Execute an SQL statement for each row of values. Returns the number of changed rows.

        The caller must have opened a transaction: the statement is not tried again while the file is locked.
        """
        with self._explained_errors():
            self._latest_end = time.monotonic() + MAX_SECONDS
            return self._connection.executemany(statement, rows).rowcount

    @contextmanager
    def intact(self, what: str) -> Iterator[None]:
        """Raise DataError in place of an error that invalid rows of the ledger cause in the `with` block.

        what: what these rows contain, for the message, such as "times of runs"
        """
        try:
            yield
        except (ModelError, KeyError, TypeError, ValueError, OverflowError, zlib.error) as error:
            raise self._damaged(f"it has no valid {what}") from error
        except MemoryError as error:
            raise self._too_large() from error

    def _damaged(self, reason: str) -> DataError:
        return DataError(f"The ledger {self.path} is damaged: {reason}.", MOVE_AWAY)

    def _too_large(self) -> DataMemoryError:
        return DataMemoryError(
            f"The ledger {self.path} is too large: there is not enough memory to read it.",
            "Allow the program more memory, or move the ledger away together with its -wal and -shm files.",
        )

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit all changes of a `with` block together, or none of them if the block raises an exception.

        No other process can write meanwhile.
        """
        self.change("BEGIN IMMEDIATE")
        try:
            yield
            self.change("COMMIT")
        finally:
            if self._connection.in_transaction:
                with suppress(sqlite3.Error):  # closing the file rolls back too
                    self._connection.rollback()

    def _prepare(self) -> None:
        """Check that the file is a ledger. If it has an older version of the tables, migrate it to the current one."""
        for setting in ("foreign_keys = ON", "synchronous = FULL", "trusted_schema = OFF"):
            self._execute(f"PRAGMA {setting}")
        if self._version() == len(schema.MIGRATIONS):
            return
        self._execute("PRAGMA auto_vacuum = INCREMENTAL")  # takes effect only in an empty file
        self._execute("PRAGMA journal_mode = WAL")
        with self.transaction():
            for version in range(self._version(), len(schema.MIGRATIONS)):
                for statement in schema.MIGRATIONS[version]:
                    self._execute(statement)
                self._execute(f"PRAGMA user_version = {version + 1}")

    def _version(self) -> int:
        """The version of the tables in the file; 0 for an empty file.

        Raises DataError if the file is not a ledger, is damaged, or was made by a newer version of forecast.
        """
        (application,) = self._execute("PRAGMA application_id").fetchone()
        (version,) = self._execute("PRAGMA user_version").fetchone()
        (tables,) = self._execute("SELECT count(*) FROM sqlite_master").fetchone()
        if application != schema.APPLICATION_ID and (application or version or tables):
            raise DataError(f"{self.path} is not a ledger of forecast.", MOVE_AWAY)
        self._refuse_code()
        if version < 0:
            raise self._damaged(f"the version of its tables is {version}")
        if version > len(schema.MIGRATIONS):
            raise DataError(
                f"The ledger {self.path} was made by a newer forecast (version {version} of its tables).",
                "Update forecast, or use another state folder.",
            )
        return int(version)

    def _refuse_code(self) -> None:
        """Raise DataError if the file contains code: a trigger, or a view with the name of a table of the ledger."""
        code = self._execute("SELECT type, name FROM sqlite_master WHERE type IN ('trigger', 'view')").fetchall()
        for kind, name in code:
            if kind == "trigger" or name in schema.TABLES:
                raise self._damaged("it has triggers" if kind == "trigger" else f"{name} is a view")

    def _execute(self, statement: str, values: Sequence[object] | dict[str, object] = ()) -> sqlite3.Cursor:
        """Execute an SQL statement. While another process has the file locked, try again for up to `wait` seconds."""
        deadline = time.monotonic() + self.wait
        while True:
            try:
                self._latest_end = time.monotonic() + MAX_SECONDS
                return self._connection.execute(statement, values)
            except sqlite3.OperationalError as error:
                if _code(error) not in BUSY or time.monotonic() >= deadline:
                    raise
                time.sleep(RETRY_SECONDS)

    @contextmanager
    def _explained_errors(self) -> Iterator[None]:
        try:
            yield
        except UnicodeDecodeError as error:  # a message of SQLite about a torn file
            raise self._damaged("a text is not UTF-8") from error
        except UnicodeEncodeError as error:  # a path with other bytes
            text = str(error.object).encode("utf-8", "backslashreplace").decode()
            raise OutputError(
                f"{text}: is not UTF-8, and cannot be written to the ledger.", "Rename the file."
            ) from error
        except MemoryError as error:
            raise self._too_large() from error
        except sqlite3.Error as error:
            explained = self._explained(error)
            if explained is None:
                raise
            raise explained from error

    def _explained(self, error: sqlite3.Error) -> ForecastError | None:
        """The error to show to the user in place of SQLite's; None if the cause is a bug of this program."""
        code = _code(error)
        if code == sqlite3.SQLITE_INTERRUPT:
            return self._damaged(f"a query was stopped because it took more than {MAX_SECONDS:g} s")
        if code in BUSY:
            return LockedError(
                f"The ledger {self.path} was locked by another process for {self.wait:g} seconds.",
                "Try again when that process has ended.",
            )
        if code in DAMAGED or (code is None and "decode" in str(error)):  # Python's own error has no code
            return self._damaged(str(error))
        if code is None or code in WRONG_USE:
            return None
        return OutputError(
            f"The ledger {self.path} cannot be written: {error}.", "Make room there, or make its folder writable."
        )


def _code(error: sqlite3.Error) -> int | None:
    """The primary result code of an SQLite error; None for an error that Python's module itself raises."""
    code = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF
