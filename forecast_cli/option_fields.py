"""How a field of a dataclass becomes an option.

    epochs: int | None = option(Integer(1), "Maximum number of passes over the data.")

The option on the command line, the key in a job file, the check of values and the line in the command reference follow
from this field.
"""

from __future__ import annotations

from dataclasses import MISSING, field, fields
from typing import Any, NamedTuple

from forecast_cli.errors import UsageError
from forecast_cli.option_types import OptionType

REQUIRED: Any = MISSING
"""The `default` of an option that must be given."""


class Option(NamedTuple):
    """One option.

    name:          as users write it: --name on the command line, name = in a job file
    field:         the field of the dataclass that holds its value
    metavar:       the placeholder in --help; None for the placeholder of the type
    short:         the letter of the short form, -n for --horizon
    default_text:  the text in --help for a default that is chosen later
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
        """Raise UsageError for a value that the option does not allow. The default is always allowed."""
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
    """A dataclass field that is an option, see `Option`. The default of `name` is the field's name with hyphens."""
    made = Option(type, help, default, name, metavar, short, default_text)
    return field(default=default, metadata={Option: made})


def same_option(config: type[Any], field_name: str) -> Any:
    """A dataclass field that is the same option as the field `field_name` of the class `config`."""
    known = option_in(config, field_name)
    return field(default=known.default, metadata={Option: known})


class Options:
    """Base of dataclasses whose fields are options. Raises UsageError for a value that its option does not allow."""

    def __post_init__(self) -> None:
        for known in options_in(type(self)):
            known.check(getattr(self, known.field))


def options_in(config: type[Any]) -> tuple[Option, ...]:
    """The options among the fields of a dataclass, in their order."""
    return tuple(
        known._replace(name=known.name or each.name.replace("_", "-"), field=each.name)
        for each in fields(config)
        if (known := each.metadata.get(Option)) is not None
    )


def option_in(config: type[Any], field_name: str) -> Option:
    """The option of one field of a dataclass."""
    return next(known for known in options_in(config) if known.field == field_name)


def as_typed(value: object) -> str:
    """A value as it is written on a command line: items of a list are separated by commas."""
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
