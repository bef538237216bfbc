"""`forecast info`: what a model holds."""

from __future__ import annotations

from pathlib import Path

from forecast_cli.cli.command import forecast_command
from forecast_cli.cli.options import general_options, model_option, output_options
from forecast_cli.cli.output import Output, Result
from forecast_cli.cli.table import Column


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
    rows = [(name, fact) for name, fact in _flat(facts)]
    return Result(
        [Column("name", [name for name, _ in rows]), Column("value", [fact for _, fact in rows])],
        document=facts,
    )


def _flat(facts: dict[str, object], prefix: str = "") -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for name, fact in facts.items():
        if isinstance(fact, dict):
            rows += _flat(fact, f"{prefix}{name}.")
        else:
            rows.append((prefix + name, _text(fact)))
    return rows


def _text(fact: object) -> str:
    if isinstance(fact, list | tuple):
        return ", ".join(map(str, fact))
    return "" if fact is None else str(fact)
