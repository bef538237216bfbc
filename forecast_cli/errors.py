"""The errors that a user may see, and their exit codes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from enum import IntEnum


class ExitCode(IntEnum):
    """The exit codes of the program. Scripts and cron jobs rely on these numbers."""

    OK = 0
    INTERNAL = 1
    USAGE = 2
    JOBS_FAILED = 3
    MODEL = 4
    DATA = 5
    LOCKED = 6
    GATE_FAILED = 7
    INTERRUPTED = 130
    TERMINATED = 143


MAX_LINE, MAX_LINES = 1000, 200


def limited(text: str) -> str:
    """Shorten a message to MAX_LINES lines of MAX_LINE characters. Names and cells in a message can have any length.

    "…" stands for the text that is left out: in a line before its last 100 characters, or as an additional last line.

    >>> len(limited("x" * 5000))
    1000
    """
    lines = [line if len(line) <= MAX_LINE else f"{line[: MAX_LINE - 101]}…{line[-100:]}" for line in text.split("\n")]
    return "\n".join(lines if len(lines) <= MAX_LINES else [*lines[:MAX_LINES], "…"])


class ForecastError(Exception):
    """An error with an explanation for the user.

    message:  what is wrong and where (file, row, column, value)
    hint:     what the user can do; None if there is nothing to say
    """

    exit_code = ExitCode.INTERNAL

    def __init__(self, message: str, hint: str | None = None) -> None:
        self.message = limited(message)
        self.hint = hint and limited(hint)
        super().__init__(self.message)


class UsageError(ForecastError):
    """The command line, a job file or a setting is wrong. The data are not the reason.

    option:  the option whose value is wrong, without dashes, such as "season"; None if no single option is wrong
    reason:  the message as the constructor got it, without the name of the option, such as "0: must be 1 or more."
    """

    exit_code = ExitCode.USAGE

    def __init__(self, message: str, hint: str | None = None, option: str | None = None) -> None:
        super().__init__(f"{option} {message}" if option else message, hint)
        self.option, self.reason = option, limited(message)


class OutputError(ForecastError):
    """A result cannot be written to the file or directory that the user named."""

    exit_code = ExitCode.USAGE


class ModelError(ForecastError):
    """A directory holds no trained model (bundle), or one that is damaged."""

    exit_code = ExitCode.MODEL


class DataError(ForecastError):
    """The data cannot be used."""

    exit_code = ExitCode.DATA


class MissingColumnError(DataError):
    """The data have no column with the name that an option gives.

    option:  the option, without dashes, such as "future"
    """

    def __init__(self, message: str, hint: str, option: str) -> None:
        super().__init__(message, hint)
        self.option = option


class DataMemoryError(DataError):
    """There is not enough memory to read the data."""


class ModelMemoryError(ForecastError):
    """There is not enough memory to load a model or to forecast with it.

    This is not a ModelError: code that replaces an invalid model must not replace this one.
    """

    exit_code = ExitCode.MODEL


class LockedError(ForecastError):
    """Another process holds the lock of the run, the model directory or the ledger."""

    exit_code = ExitCode.LOCKED


class Terminated(BaseException):
    """The process received SIGTERM. Like KeyboardInterrupt, `except Exception` does not catch it."""


_MENTION = re.compile("⟨([a-z-]+)(?:=([^⟨⟩]*))?⟩")


def mention(option: str, value: object = None) -> str:
    """A mark for an option in a message, such as "⟨season=12⟩". `value` is the value that the user can set.

    The user writes an option as `--season 12` on a command line and as `season = 12` in a job file. Code below `cli/`
    does not know which of them is needed. So its messages contain marks. Before a message is shown, `with_mentions`
    replaces the marks.

    >>> mention("season"), mention("season", 12), mention("day-first", True)
    ('⟨season⟩', '⟨season=12⟩', '⟨day-first=true⟩')
    """
    if isinstance(value, bool):
        value = str(value).lower()
    return f"⟨{option}⟩" if value is None else f"⟨{option}={value}⟩"


def with_mentions(text: str, written: Callable[[str, str | None], str]) -> str:
    """The text with each mark from `mention` replaced by `written(name, value)`; `value` is None if the mark has none.

    >>> with_mentions(f"Give {mention('season', 12)}.", lambda name, value: f"--{name} {value}")
    'Give --season 12.'
    """
    return _MENTION.sub(lambda found: written(found[1], found[2]), text)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A question for the end of a message, with the known word that is most similar to `word`; "" if none is similar.

    >>> did_you_mean("trian", ["train", "predict"])
    " Did you mean 'train'?"
    >>> did_you_mean("THETA", ["theta", "Theta"])
    " Did you mean 'theta'?"
    >>> did_you_mean("xyz", ["train", "predict"])
    ''
    """
    from difflib import get_close_matches

    as_written = {name.lower(): name for name in reversed(list(known))}
    nearest = get_close_matches(word.lower(), as_written, n=1)
    return f" Did you mean '{as_written[nearest[0]]}'?" if nearest else ""
