"""Options as fields of dataclasses. Each option is written once, as in this field of a class:

    epochs: int | None = option(Integer(1), "Maximum number of passes over the data.")

From this field the program creates the option `--epochs` of the command line, the key `epochs` in a job file, the check
of its values, and its line in the command reference.
"""

from __future__ import annotations

from dataclasses import MISSING, field, fields
from typing import Any, NamedTuple

from forecast_cli.errors import UsageError
from forecast_cli.option_types import OptionType

REQUIRED: Any = MISSING
"""The default of an option that the user must give."""


class Option(NamedTuple):
    """One option of the command line, or key of a job file.

    type:          which values are allowed, and how they are written
    help:          the text in --help
    default:       the value if the user gives none
    name:          as users write it: "season" for --season on the command line, and season = in a job file
    metavar:       the word for the value in --help, such as STEPS; None takes that of the type
    short:         the letter of the short form: "n" for -n, which is the same as --horizon
    default_text:  the text in --help for a default that is chosen from the data
    field:         the name of the field of the dataclass that holds the value
    """

    type: OptionType[Any]
    help: str
    default: Any
    name: str
    metavar: str | None
    short: str | None
    default_text: str | None
    field: str = ""

    def check(self, value: object) -> None:
        """Raise UsageError if the option does not allow the value. The default is always allowed."""
        if value == self.default:
            return
        try:
            self.type.check(value)
        except ValueError as error:
            raise UsageError(f"{as_typed(value)}: {error}", option=self.name) from error


def option(
    type: OptionType[Any],
    help: str,
    *,
    default: Any = None,
    name: str = "",
    metavar: str | None = None,
    short: str | None = None,
    default_text: str | None = None,
) -> Any:
    """Make a dataclass field that defines an option. The arguments are the attributes of `Option`.

    Without `name`, the option has the name of the field, with hyphens: batch_size -> "batch-size".
    """
    made = Option(type, help, default, name, metavar, short, default_text)
    return field(default=default, metadata={Option: made})


def same_option(config: type[Any], field_name: str) -> Any:
    """Make a dataclass field that defines the same option as the field `field_name` of the dataclass `config`."""
    known = option_in(config, field_name)
    return field(default=known.default, metadata={Option: known})


class Options:
    """Base class of dataclasses whose fields are options. Creating one raises UsageError if a value is not allowed."""

    def __post_init__(self) -> None:
        for known in options_in(type(self)):
            known.check(getattr(self, known.field))


def options_in(config: type[Any]) -> tuple[Option, ...]:
    """The options of a dataclass, in the order of its fields. Fields that are no options are left out."""
    return tuple(
        known._replace(name=known.name or each.name.replace("_", "-"), field=each.name)
        for each in fields(config)
        if (known := each.metadata.get(Option)) is not None
    )


def option_in(config: type[Any], field_name: str) -> Option:
    """The option that the field `field_name` of the dataclass `config` defines."""
    return next(known for known in options_in(config) if known.field == field_name)


def as_typed(value: object) -> str:
    """A value as users write it on a command line. Items of a tuple are separated by commas: (128, 64) -> "128,64"."""
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
