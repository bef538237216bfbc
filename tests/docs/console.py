"""The console blocks of a page: its commands in order, and the output that the page shows for each.

python -m tests.docs.console    run the commands of the tutorial, and write what they print into it
"""

from __future__ import annotations

import re
import shlex
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from tests.run_here import run_here

ROOT = Path(__file__).parents[2]
TUTORIAL = ROOT / "docs" / "tutorial.md"
README = ROOT / "README.md"

LEFT_OUT = "..."
PROMPT = "$ forecast "
READERS_FOLDER = "/home/ann/forecast"
"""Shown in place of the project's directory."""

RULE = re.compile("-{2,}")

TOLERANCE = 0.05
"""Relative difference of numbers, which depend on the machine. One unit of the last digit is allowed too."""

WITH_NUMBER = re.compile(r"([^\d-]*)(-?\d+(?:\.\d+)?)(\D*)")
"""A word that is a number, with the signs around it. A date is none."""

SECONDS = re.compile(r"(?<=Trained in )\d+|(?:\s+\d+\.\d){2}$")
"""A time: of a training, and the last two columns of a backtest."""


@dataclass(frozen=True)
class Example:
    """A command of a page, and the lines that the page shows below it.

    line:  number of the command's line in the page, from 0
    """

    line: int
    args: list[str]
    output: list[str]


def blocks(path: Path, language: str) -> list[str]:
    """The content of the code blocks of a language, without their indent."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^\1```$", path.read_text(encoding="utf-8"), re.M | re.S)
    return [re.sub(f"^{indent}", "", text, flags=re.M) for indent, text in found]


def examples(page: Path) -> list[Example]:
    """The commands in the console blocks of a page."""
    lines = page.read_text(encoding="utf-8").splitlines()
    found, inside = [], False
    for number, line in enumerate(lines):
        if line.startswith("```"):
            inside = line == "```console"
        elif inside and line.startswith(PROMPT):
            below = takewhile(lambda text: not text.startswith(("$ ", "```")), lines[number + 1 :])
            found.append(Example(number, shlex.split(line)[2:], list(below)))
    return found


def needed(example: Example) -> bool:
    """Whether a command is run: it shows output, or it trains or uses a model of the sample data."""
    command, *args = example.args
    own_file = command == "train" and not args[0].startswith("sample_data/")
    return bool(example.output) or (command in ("train", "predict", "plot", "info") and not own_file)


def outputs(page: Path, folder: Path) -> Iterator[tuple[Example, list[str]]]:
    """Run the needed commands of a page in order in `folder`; yield each with the lines that it prints."""
    (folder / "sample_data").symlink_to(ROOT / "sample_data")
    for example in filter(needed, examples(page)):
        done = run_here(*example.args, home=folder)
        printed = f"{done.stderr}{done.stdout}".replace(str(ROOT), READERS_FOLDER)
        yield example, printed.splitlines()


def alike(shown: str, printed: str) -> bool:
    """Whether two lines have the same words, and about the same numbers; times may differ."""
    words, others = (RULE.sub("-", SECONDS.sub("", line)).split() for line in (shown, printed))
    return len(words) == len(others) and all(map(_alike, words, others))


def _alike(word: str, other: str) -> bool:
    one, two = WITH_NUMBER.fullmatch(word), WITH_NUMBER.fullmatch(other)
    if one is None or two is None:
        return word == other
    (before, number, after), (before_two, number_two, after_two) = one.groups(), two.groups()
    digit = 10.0 ** -len(number.partition(".")[2])
    near = abs(float(number) - float(number_two)) <= TOLERANCE * abs(float(number)) + 1.01 * digit
    return near and (before, after) == (before_two, after_two)


def same_but_for_times(shown: str, printed: str) -> bool:
    """Whether two lines differ in nothing but times."""
    return SECONDS.sub("", shown) == SECONDS.sub("", printed)


def shortened(printed: list[str], like: list[str]) -> list[str]:
    """The output, shortened to as many lines before and after the mark "..." as the page has now."""
    if LEFT_OUT not in like:
        return printed
    before = like.index(LEFT_OUT)
    after = len(like) - before - 1
    return [*printed[:before], LEFT_OUT, *printed[len(printed) - after :]]


def write(page: Path) -> None:
    """Run the commands of a page, and replace the outputs that it shows. Lines that differ in times alone stay."""
    lines = page.read_text(encoding="utf-8").splitlines()
    with tempfile.TemporaryDirectory() as folder:
        for example, printed in reversed([*outputs(page, Path(folder))]):
            if example.output:
                first = example.line + 1
                known = [
                    next((old for old in example.output if same_but_for_times(old, line)), line) for line in printed
                ]
                lines[first : first + len(example.output)] = shortened(known, example.output)
    page.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write(TUTORIAL)
