"""`forecast info`: what a model holds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from forecast_cli.cli.command import forecast_command
from forecast_cli.cli.options import general_options, model_option, output_options
from forecast_cli.cli.output import Output, Result
from forecast_cli.cli.table import Cell, Column, listing


@forecast_command(
    "info",
    """
  forecast info
  forecast info --model-dir models/sales --format json
""",
)
@model_option
@output_options
@general_options
def command(model_dir: Path, output: Output) -> None:
    """Show what a trained model holds.

    Its data, its shape, how it was trained and how well it did.
    """
    from forecast_cli import workflows

    output.write(result_of(workflows.info(model_dir)))


def result_of(facts: dict[str, object]) -> Result:
    """A row for each fact, named section.name where it stands in a section."""
    rows = list(_flat(facts))
    return Result(
        [Column("name", [name for name, _ in rows]), Column("value", [fact for _, fact in rows])],
        text=listing(rows),
        document=facts,
    )


def _flat(facts: dict[str, object], prefix: str = "") -> Iterator[tuple[str, Cell]]:
    for name, fact in facts.items():
        match fact:
            case dict():
                yield from _flat(fact, f"{prefix}{name}.")
            case list() | tuple() if any(isinstance(item, dict) for item in fact):
                yield from _flat({str(place): item for place, item in enumerate(fact, 1)}, f"{prefix}{name}.")
            case list() | tuple():
                yield prefix + name, ", ".join(map(str, fact))
            case str() | int() | float() | None:
                yield prefix + name, fact
            case _:
                yield prefix + name, str(fact)
