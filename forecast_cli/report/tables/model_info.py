"""The metadata of a model: nested facts as rows, and as sections for people."""

from __future__ import annotations

from collections.abc import Iterator

from forecast_cli.report.tables.result import Result
from forecast_cli.report.tables.table import Cell, Column, as_text, listing

TABLE_DECIMALS = 3


def result_of(facts: dict[str, object]) -> Result:
    """The facts as they are (JSON), as rows named section.name (CSV), and under headings (text)."""
    rows = list(_flat(facts))
    table = [Column("name", [name for name, _ in rows]), Column("value", [fact for _, fact in rows])]
    return Result(table, text="\n".join(_sections(facts)), document=facts)


def _flat(facts: dict[str, object], prefix: str = "") -> Iterator[tuple[str, Cell]]:
    """Every fact with its path, such as "data.series"; the items of a list of sections are numbered from 1."""
    for name, fact in facts.items():
        match fact:
            case dict():
                yield from _flat(fact, f"{prefix}{name}.")
            case [dict(), *_]:
                yield from _flat({str(number): item for number, item in enumerate(fact, 1)}, f"{prefix}{name}.")
            case _:
                yield prefix + name, _cell(fact)


def _sections(facts: dict[str, object], title: str = "") -> Iterator[str]:
    """Paragraphs: the facts of a section that have a value, then the sections and tables within it."""
    indent = "  " if title else ""
    own: list[tuple[str, Cell]] = []
    inner: list[str] = []
    for name, fact in facts.items():
        match fact:
            case None | [] | ():
                continue
            case dict():
                inner += _sections(fact, f"{title} {name}".strip())
            case [dict() as first, *_]:
                rows = [row for row in fact if isinstance(row, dict)]
                columns = [Column(str(key), [_cell(row.get(key)) for row in rows], TABLE_DECIMALS) for key in first]
                inner.append(f"{title} {name}\n\n{as_text(columns)}")
            case _:
                own.append((indent + name.replace("_", " "), _cell(fact)))
    if own:
        yield f"{title}\n{listing(own)}".lstrip("\n")
    yield from inner


def _cell(fact: object) -> Cell:
    match fact:
        case list() | tuple():
            return ", ".join(map(str, fact))
        case str() | int() | float() | None:
            return fact
        case _:
            return str(fact)
