"""The keys of a job in a job file. They are made from the options of `Job` and of the classes of its fields."""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, get_type_hints

from forecast_cli.errors import UsageError, with_mentions
from forecast_cli.jobs.file.job import Job
from forecast_cli.option_fields import Option, Options, options_in


@dataclass(frozen=True)
class Key:
    """A key of a job.

    option: the option that the key sets
    part:   "" for an option of `Job` itself; otherwise the field of `Job` whose object has the option, such as "read"
    """

    option: Option
    part: str = ""


def value_of(option: Option, given: object) -> Any:
    """The value of an option, from the TOML value `given` in a job file. Raises UsageError if it is not valid."""
    try:
        value = option.type.read(given)
        if check := _CHECKED_EARLY.get(option.name):
            check(str(value))
    except ValueError as error:
        raise UsageError(f"{shown(given)}: {error}", option=option.name) from error
    return value


def shown(value: object) -> str:
    """A value as text on one line for messages, much as it is written in the job file, at most 80 characters."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 80 else text[:77] + "..."


def with_keys(text: str) -> str:
    """Replace each mark for an option in a message, such as "⟨season=12⟩", by the key of a job file: season = 12.

    The marks are made by `errors.mention`. An option that is not a key is written as on the command line.
    """

    def written(name: str, value: str | None) -> str:
        if name not in KEYS:
            return f"--{name}" if value is None else f"--{name} {value}"
        if value is None:
            return name
        return f"{name} = {value if value.isdigit() or value in ('true', 'false') else shown(value)}"

    return with_mentions(text, written)


# --- checks that the command line makes only when it reads the data


def _check_frequency(freq: str) -> None:
    from forecast_cli.panel.calendar import calendar_of

    try:
        calendar_of(freq)
    except (ValueError, UsageError) as error:
        raise ValueError("is not a known frequency, such as D, W, MS, QS, h or 15min.") from error


def _check_encoding(encoding: str) -> None:
    try:
        codecs.lookup(encoding)
    except LookupError as error:
        raise ValueError("is not a known encoding, such as utf-8 or latin-1.") from error


_CHECKED_EARLY: dict[str, Callable[[str], None]] = {"freq": _check_frequency, "encoding": _check_encoding}


# --- the table


PARTS: dict[str, type[Options]] = {
    field: config
    for field, config in get_type_hints(Job).items()
    if isinstance(config, type) and issubclass(config, Options)
}
"""Field of `Job` whose class has options -> this class: "read" -> ReadConfig."""


def _keys() -> Iterator[Key]:
    yield from map(Key, options_in(Job))
    for part, config in PARTS.items():
        yield from (Key(option, part) for option in options_in(config))


KEYS = {key.option.name: key for key in _keys()}
