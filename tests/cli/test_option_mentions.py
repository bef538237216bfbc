"""Messages mention options that exist, and write them as their reader does: as flags or as keys."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import forecast_cli
from forecast_cli.cli import forecast
from forecast_cli.cli.command import COMMANDS
from forecast_cli.cli.screen import with_flags
from forecast_cli.errors import mention
from forecast_cli.jobs.file.keys import KEYS, with_keys

PACKAGE = Path(forecast_cli.__file__).parent


@pytest.mark.parametrize(
    ("text", "flags", "keys"),
    [
        (f"Give {mention('season', 12)}.", "Give --season 12.", "Give season = 12."),
        (f"Choose {mention('on-gap', 'zero')}.", "Choose --on-gap zero.", 'Choose on-gap = "zero".'),
        (f"Check {mention('id-column')}.", "Check --id-column.", "Check id-column."),
        (
            f"{mention('day-first', True)} or {mention('day-first', False)}",
            "--day-first or --month-first",
            "day-first = true or day-first = false",
        ),
        (f"Use {mention('only')}.", "Use --only.", "Use --only."),
    ],
)
def test_an_option_in_a_message_is_written_as_its_reader_writes_it(text: str, flags: str, keys: str) -> None:
    assert (with_flags(text), with_keys(text)) == (flags, keys)


def modules() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        yield path.relative_to(PACKAGE), ast.parse(path.read_text(encoding="utf-8"))


def test_messages_mention_options_that_exist() -> None:
    known = set(KEYS)
    for name in COMMANDS:
        command = forecast.get_command(click.Context(forecast), name)
        assert command is not None
        known |= {flag.removeprefix("--") for param in command.params for flag in param.opts}
    named: set[str] = set()
    for _, tree in modules():
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name):
                options = [word.value for word in call.keywords if word.arg == "option"]
                if call.func.id == "mention":
                    options.append(call.args[0])
                named |= {str(each.value) for each in options if isinstance(each, ast.Constant)}
    assert named <= known
    assert len(named) > 10


def texts(tree: ast.Module) -> Iterator[str]:
    """The texts of a module, but for docstrings; a value within one is {}."""
    inner = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        match node:
            case ast.JoinedStr(values=parts):
                yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in parts)
            case ast.Constant(value=str(text)) if id(node) not in inner | docstrings:
                yield text


@pytest.mark.slow
def test_only_the_command_line_writes_flags() -> None:
    """Below it, messages mention options; or they show a whole command, which a user can copy."""
    flag, command = re.compile(r"(^|[ (`'])--[a-z]"), re.compile(r"forecast (run|info)[^.;']*")
    written = [
        f"{path}: {text}"
        for path, tree in modules()
        if path.parts[0] != "cli" and path != Path("jobs/schedule/units.py")  # which writes command lines
        for text in texts(tree)
        if flag.search(command.sub("", text))
    ]
    assert written == []
