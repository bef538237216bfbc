"""`forecast info`: describe a trained model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from forecast_cli.cli.command import forecast_command
from forecast_cli.cli.options import general_options, model_dir_option, output_options
from forecast_cli.cli.output import Output
from forecast_cli.report.tables.result import Result
from forecast_cli.report.tables.table import Cell, Column, as_text, listing


@forecast_command(
    "info",
    """
  forecast info
  forecast info --model-dir models/sales --format json
""",
)
@model_dir_option
@output_options
@general_options
def command(model_dir: Path, output: Output) -> None:
    """Describe a trained model.

    Shows its training data, its network, how it was trained and its accuracy on the steps held out.
    """
    from forecast_cli import workflows

    output.write(result_of(workflows.info(model_dir)))


def result_of(facts: dict[str, object]) -> Result:
    """The facts as they are (json), as rows named section.name (csv), and under headings (for people)."""
    rows = list(_flat(facts))
    table = [Column("name", [name for name, _ in rows]), Column("value", [fact for _, fact in rows])]
    return Result(table, text="\n".join(_sections(facts)), document=facts)


def _flat(facts: dict[str, object], prefix: str = "") -> Iterator[tuple[str, Cell]]:
    for name, fact in facts.items():
        match fact:
            case dict():
                yield from _flat(fact, f"{prefix}{name}.")
            case [dict(), *_]:
                yield from _flat({str(place): item for place, item in enumerate(fact, 1)}, f"{prefix}{name}.")
            case _:
                yield prefix + name, _cell(fact)


def _sections(facts: dict[str, object], title: str = "") -> Iterator[str]:
    """Paragraphs: the facts of a section that have a value, then the sections and tables within it."""
    indent = "  " if title else ""
    known: list[tuple[str, Cell]] = []
    inner: list[str] = []
    for name, fact in facts.items():
        match fact:
            case None | [] | ():
                continue
            case dict():
                inner += _sections(fact, f"{title} {name}".strip())
            case [dict() as first, *_]:
                rows = [row for row in fact if isinstance(row, dict)]
                columns = [Column(str(key), [_cell(row.get(key)) for row in rows], 3) for key in first]
                inner.append(f"{title} {name}\n\n{as_text(columns)}")
            case _:
                known.append((indent + name.replace("_", " "), _cell(fact)))
    if known:
        yield f"{title}\n{listing(known)}".lstrip("\n")
    yield from inner


def _cell(fact: object) -> Cell:
    match fact:
        case list() | tuple():
            return ", ".join(map(str, fact))
        case str() | int() | float() | None:
            return fact
        case _:
            return str(fact)
