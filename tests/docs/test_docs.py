"""The documentation is correct: commands parse, shown outputs and examples are real, links and anchors resolve."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from pathlib import Path

import click
import pytest

from forecast_cli.cli import forecast, run
from forecast_cli.cli.screen import Screen
from forecast_cli.cli.settings import FILE
from tests.docs.console import LEFT_OUT, Example, blocks, examples

ROOT = Path(__file__).parents[2]
GUIDES = [ROOT / "docs" / name for name in ("tutorial.md", "messy-data.md", "covariates.md", "cron.md", "tuning.md")]
PAGES = sorted([*ROOT.glob("*.md"), ROOT / "sample_data" / "README.md", *(ROOT / "docs").glob("*.md")])


def without_code_blocks(path: Path) -> str:
    return re.sub(r"^( *)```.*?^\1```$", "", path.read_text(encoding="utf-8"), flags=re.M | re.S)


def links(path: Path) -> list[tuple[str, str]]:
    """The relative links of a page: (file, anchor), either of them empty where the link has none."""
    targets = re.findall(r"\]\(([^)\s]+)\)", without_code_blocks(path))
    return [(file, anchor) for file, _, anchor in (link.partition("#") for link in targets) if "://" not in file]


def anchors(path: Path) -> set[str]:
    """The anchors that GitHub gives to the headings of a page; a repeated one gets a number."""
    found: Counter[str] = Counter()
    names = set()
    for heading in re.findall(r"^#+ +(.+?) *$", without_code_blocks(path), re.M):
        words = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).lower()
        slug = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
        names.add(f"{slug}-{found[slug]}" if found[slug] else slug)
        found[slug] += 1
    return names


EXAMPLES = [example for path in GUIDES for example in examples(path)]
QUICK = [example for example in EXAMPLES if example.args[0] in ("inspect", "init")]
FILES = [block for path in GUIDES for block in blocks(path, "csv")]


def parse(args: list[str]) -> None:
    """Let the program parse a command line without running it."""
    root = click.Context(forecast, info_name="forecast", obj=Screen())
    command = forecast.get_command(root, args[0])
    assert command is not None, args[0]
    command.make_context(args[0], args[1:], parent=root)


def command_line(example: Example) -> str:
    return shlex.join(example.args)


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.fixture(autouse=True)
def project_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A working directory with the sample data and settings, as the documents assume it."""
    (tmp_path / "sample_data").symlink_to(ROOT / "sample_data")
    (tmp_path / "tuned.toml").touch()
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("example", EXAMPLES, ids=command_line)
def test_commands_parse(example: Example) -> None:
    parse(example.args)


@pytest.mark.parametrize("example", QUICK, ids=command_line)
def test_quick_commands_show_the_programs_output(example: Example, capfd: pytest.CaptureFixture[str]) -> None:
    run(example.args)
    printed = "".join(capfd.readouterr()).splitlines()
    assert example.output
    assert [line for line in example.output if line != LEFT_OUT and line not in printed] == []


@pytest.mark.parametrize("content", FILES, ids=lambda content: content.splitlines()[0])
def test_example_files_need_no_option(content: str, capfd: pytest.CaptureFixture[str]) -> None:
    Path("example.csv").write_text(content, encoding="utf-8")
    assert run(["inspect", "example.csv"]) == 0
    assert "Warning" not in capfd.readouterr().err


def test_settings_are_accepted() -> None:
    (settings,) = blocks(GUIDES[0], "toml")
    FILE.write_text(settings, encoding="utf-8")
    for name in ("train", "predict"):
        parse([name, "sales.csv"])


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_links_lead_to_files_and_headings(path: Path) -> None:
    broken = []
    for file, anchor in links(path):
        target = path.parent / file if file else path
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(f"{file}#{anchor}" if anchor else file)
    assert broken == []


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_tables_are_shown_as_tables(path: Path) -> None:
    """GitHub takes each line up to the next empty one for a row. A row with too many cells loses the last ones."""
    for block in re.split(r"\n\s*\n", without_code_blocks(path)):
        rows = block.strip("\n").split("\n")
        rules = [number for number, row in enumerate(rows) if re.fullmatch(r" *\|(?: *:?-+:? *\|)+", row)]
        if rules:
            assert rules == [1], rows[0]
            assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {rows[1].count("|")}, rows[0]


def test_every_page_is_linked_from_the_readme() -> None:
    linked = {(ROOT / file).resolve() for file, _ in links(ROOT / "README.md")}
    assert [name_of(path) for path in (ROOT / "docs").glob("*.md") if path not in linked] == []
