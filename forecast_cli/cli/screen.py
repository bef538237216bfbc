"""Show messages, warnings, errors and progress on standard error."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from forecast_cli.activity import ACTIVITY
from forecast_cli.errors import limited, with_mentions
from forecast_cli.option_fields import options_in
from forecast_cli.option_types import Switch
from forecast_cli.options import BacktestConfig, ReadConfig
from forecast_cli.words import safe, short

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

Progress = Callable[[int, int, float | str], None]
"""A function that shows progress. Its arguments: the work done and the total work in any unit, and a note.

The note is a loss (float) or a text.
"""

logger = logging.getLogger("forecast_cli")

CLEAR_LINE = "\r\033[K"

MAX_BAR, MIN_NOTE = 16, 12
"""The largest width of a progress bar, and the smallest width of the note after it, in characters."""

AROUND_BAR = len("  []  100%  1d 00:00:00  ")
"""The width of a line with a progress bar, in characters, without its label, the bar itself and the note."""

JOB = ("run", "job", "stage", "seconds", "outcome")
"""Attributes that the log records of an unattended run have in addition."""

OFF_FLAGS = {
    option.name: option.type.off
    for config in (ReadConfig, BacktestConfig)
    for option in options_in(config)
    if isinstance(option.type, Switch)
}
"""Name of an option that is a switch -> the name of the flag that means false: "day-first" -> "month-first"."""


class Screen(logging.Handler):
    """The only log handler of the program. It shows log records on standard error.

    The general options, such as --quiet, set which records are shown and in which format. In the text format without
    --verbose, a repeated message, such as one at each cutoff of a backtest, is shown only once. Messages of the jobs of
    an unattended run are an exception: they are repeated.
    """

    def __init__(self) -> None:
        super().__init__()
        self.quiet = False
        self.verbose = False
        self.debug = False
        self.log_format = "text"
        self._bar: ProgressBar[float | str | None] | None = None
        self._activity = ""
        self._shown: set[str] = set()

    @contextmanager
    def attached(self) -> Iterator[None]:
        """Receive the log records of the program and the warnings of libraries during a `with` block."""
        root = logging.getLogger()
        root.addHandler(self)
        logger.setLevel(logging.DEBUG)
        logging.captureWarnings(True)
        try:
            yield
        finally:
            self._show_activity("")
            logging.captureWarnings(False)
            root.removeHandler(self)

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a log record is shown. The options set the level; warnings of libraries need --verbose."""
        if not record.name.startswith("forecast_cli"):
            return self.verbose and record.levelno >= logging.WARNING
        if hasattr(record, ACTIVITY):
            return self._draws_progress
        if self.verbose:
            return True
        if _of_a_job(record) and not self.quiet and self.log_format == "text":
            return record.levelno >= logging.WARNING or hasattr(record, "outcome")
        return record.levelno >= (logging.ERROR if self.quiet else logging.INFO)

    def emit(self, record: logging.LogRecord) -> None:
        if hasattr(record, ACTIVITY):
            self._show_activity(record.getMessage())
            return
        line = _as_json(record) if self.log_format == "json" else _as_text(record)
        if line in self._shown and self.log_format == "text" and not (self.verbose or _of_a_job(record)):
            return
        self._shown.add(line)
        if self._bar is not None or self._activity:
            line = CLEAR_LINE + line
            self._activity = ""
        with contextlib.suppress(OSError):
            click.echo(line, err=True, color=False if os.environ.get("NO_COLOR") else None)

    def fail(self, message: str, hint: str | None, error: BaseException) -> None:
        """Log why the command fails. With --debug, the traceback of the error is logged too."""
        logger.error(message, extra={"hint": hint}, exc_info=error if self.debug else None)

    @contextmanager
    def progress(self, label: str) -> Iterator[Progress]:
        """Give a function that shows progress as a bar with the remaining time, during a `with` block.

        The bar is drawn only on a terminal. It appears at the first call of the function.
        """
        if not self._draws_progress:
            yield lambda _done, _total, _note: None
            return

        def show(done: int, total: int, note: float | str) -> None:
            self._show_activity("")
            bar = self._bar or self._new_bar(label, note)
            bar.length = total
            bar.update(done - bar.pos, note)

        try:
            yield show
        finally:
            self._end_bar()

    @property
    def _draws_progress(self) -> bool:
        """Whether progress and activities are drawn: on a terminal, in the text format, without --quiet."""
        return not self.quiet and self.log_format == "text" and sys.stderr is not None and sys.stderr.isatty()

    def _show_activity(self, text: str) -> None:
        """Show on the terminal what the program does, in place of the last such text or bar. "" removes the text."""
        if not text and not self._activity:
            return
        self._end_bar()
        shown = short(text, shutil.get_terminal_size().columns - 1)
        with contextlib.suppress(OSError):
            sys.stderr.write(CLEAR_LINE + shown)
            sys.stderr.flush()
        self._activity = text

    def _new_bar(self, label: str, note: float | str) -> ProgressBar[float | str | None]:
        """Draw a new progress bar. Bar and note are shortened so that they fit into one line of the terminal."""
        columns = shutil.get_terminal_size().columns
        width = min(MAX_BAR, max(columns - len(label) - AROUND_BAR, 1))
        note_width = columns - 1 - len(label) - AROUND_BAR - width

        def shortened(note: float | str | None) -> str | None:
            text = f"loss {note:.4f}" if isinstance(note, float) else note
            return short(text, note_width) if text and note_width >= MIN_NOTE else None

        self._bar = click.progressbar(length=1, label=label, width=width, file=sys.stderr, item_show_func=shortened)
        self._bar.current_item = note
        self._bar.__enter__()
        return self._bar

    def _end_bar(self) -> None:
        if self._bar is not None:
            self._bar.render_finish()
            self._bar = None


def with_flags(text: str) -> str:
    """Replace the marks of options in a message (see `errors.mention`) by flags, such as --season 12."""

    def written(name: str, value: str | None) -> str:
        match value:
            case None | "true":
                return f"--{name}"
            case "false":
                return f"--{OFF_FLAGS[name]}"
            case _:
                return f"--{name} {value}"

    return with_mentions(text, written)


def _as_text(record: logging.LogRecord) -> str:
    message = f"{_job(record)}{with_flags(limited(record.getMessage()))}"
    lines = [safe(" ".join(message.split()))]
    if record.levelno >= logging.ERROR:
        lines[0] = click.style("Error: ", fg="red", bold=True) + lines[0]
    elif record.levelno >= logging.WARNING:
        lines[0] = click.style("Warning: ", fg="yellow") + lines[0]
    if hint := getattr(record, "hint", None):
        lines.append(safe(with_flags(hint)))
    if where := _traceback(record):
        lines.insert(0, safe(where.rstrip()))
    return "\n".join(lines)


def _as_json(record: logging.LogRecord) -> str:
    import json

    entry = {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
        "logger": record.name,
        "message": with_flags(limited(record.getMessage())),
        "hint": with_flags(getattr(record, "hint", None) or "") or None,
        **{name: getattr(record, name, None) for name in JOB},
        "traceback": _traceback(record),
    }
    return json.dumps({name: value for name, value in entry.items() if value is not None}, ensure_ascii=False)


def _of_a_job(record: logging.LogRecord) -> bool:
    """Whether a log record is from a job of an unattended run.

    Of these records, the text format without --verbose shows only warnings, errors and the ends of jobs.
    """
    return hasattr(record, "job")


def _job(record: logging.LogRecord) -> str:
    return f"{vars(record)['job']}: " if _of_a_job(record) else ""


def _traceback(record: logging.LogRecord) -> str | None:
    if not record.exc_info or record.exc_info[1] is None:
        return None
    return "".join(traceback.format_exception(record.exc_info[1]))
