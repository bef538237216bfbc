"""What the documents show is true: commands exist, outputs and examples are real, links lead somewhere."""

from __future__ import annotations

import re
import shlex
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

import click
import pytest

from forecast_cli.cli import forecast, run
from forecast_cli.cli.screen import Screen
from forecast_cli.cli.settings import FILE

ROOT = Path(__file__).parents[2]
GUIDES = [ROOT / "docs" / name for name in ("tutorial.md", "messy-data.md", "cron.md")]
LINKED = sorted([ROOT / "README.md", ROOT / "sample_data" / "README.md", *(ROOT / "docs").glob("*.md")])
LEFT_OUT = "..."


class Shown(NamedTuple):
    """A command of a document, and the output that the document shows for it."""

    args: list[str]
    output: list[str]


def blocks(path: Path, language: str) -> list[str]:
    found = re.findall(rf"^( *)```{language}\n(.*?)^\1```$", path.read_text(encoding="utf-8"), re.M | re.S)
    return [re.sub(f"^{indent}", "", text, flags=re.M) for indent, text in found]


def commands() -> list[Shown]:
    found = []
    for block in (block for path in GUIDES for block in blocks(path, "console")):
        lines = block.splitlines()
        for i, line in enumerate(lines):
            if line.startswith("$ forecast "):
                output = takewhile(lambda text: not text.startswith("$ "), lines[i + 1 :])
                found.append(Shown(shlex.split(line)[2:], list(output)))
    return found


COMMANDS = commands()
INSPECTIONS = [shown for shown in COMMANDS if shown.args[0] == "inspect"]
EXAMPLES = [block for path in GUIDES for block in blocks(path, "csv")]


def parse(args: list[str]) -> None:
    """Let the program parse a command line, and do nothing."""
    root = click.Context(forecast, info_name="forecast", obj=Screen())
    command = forecast.get_command(root, args[0])
    assert command is not None, args[0]
    command.make_context(args[0], args[1:], parent=root)


def line_of(shown: Shown) -> str:
    return shlex.join(shown.args)


@pytest.fixture(autouse=True)
def clean_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A directory as the documents suppose it."""
    (tmp_path / "sample_data").symlink_to(ROOT / "sample_data")
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("shown", COMMANDS, ids=line_of)
def test_commands_parse(shown: Shown) -> None:
    parse(shown.args)


@pytest.mark.parametrize("shown", INSPECTIONS, ids=line_of)
def test_inspections_show_what_the_program_says(shown: Shown, capfd: pytest.CaptureFixture[str]) -> None:
    run(shown.args)
    said = "".join(capfd.readouterr()).splitlines()
    assert shown.output
    assert [line for line in shown.output if line != LEFT_OUT and line not in said] == []


@pytest.mark.parametrize("content", EXAMPLES, ids=lambda content: content.splitlines()[0])
def test_example_files_need_no_option(content: str, capfd: pytest.CaptureFixture[str]) -> None:
    Path("example.csv").write_text(content, encoding="utf-8")
    assert run(["inspect", "example.csv"]) == 0
    assert "Warning" not in capfd.readouterr().err


def test_settings_are_accepted() -> None:
    (settings,) = blocks(GUIDES[0], "toml")
    FILE.write_text(settings, encoding="utf-8")
    for name in ("train", "predict"):
        parse([name, "sales.csv"])


@pytest.mark.parametrize("path", LINKED, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_to_files(path: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)\s]*)?\)", path.read_text(encoding="utf-8"))
    relative = [target for target in targets if "://" not in target]
    assert [target for target in relative if not (path.parent / target).exists()] == []
