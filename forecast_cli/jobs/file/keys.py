"""The keys of a job, made from the options of `Job` and from the options of the classes of its fields."""

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

    part:  the field of `Job` that holds an object with the option's field; "" if it is a field of `Job`
    """

    option: Option
    part: str = ""


def value_of(option: Option, given: object) -> Any:
    """The value of an option, read from the TOML value `given`. Raises UsageError if that is not valid."""
    try:
        value = option.type.read(given)
        if check := _CHECKED_EARLY.get(option.name):
            check(str(value))
    except ValueError as error:
        raise UsageError(f"{shown(given)}: {error}", option=option.name) from error
    return value


def shown(value: object) -> str:
    """A value as text on one line, nearly as it is written in the job file."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 80 else text[:77] + "..."


def with_keys(text: str) -> str:
    """The message, with each option it mentions written as a key; or as on the command line, if it is not a key."""

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
"""Name of each field of `Job` that has options of its own -> the class of the field."""


def _keys() -> Iterator[Key]:
    yield from map(Key, options_in(Job))
    for part, config in PARTS.items():
        yield from (Key(option, part) for option in options_in(config))


KEYS = {key.option.name: key for key in _keys()}
