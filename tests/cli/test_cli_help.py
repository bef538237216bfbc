"""Help, the reference written from it, and completion."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from forecast_cli.cli import reference, run
from forecast_cli.cli.command import COMMANDS
from forecast_cli.errors import ExitCode
from tests.cli.program import PROGRAM, Forecast

REFERENCE = Path(__file__).parents[2] / "docs" / "command-reference.md"
HEAVY = {
    "numpy",
    "pandas",
    "keras",
    "keras_tuner",
    "tensorflow",
    "matplotlib",
    "sklearn",
    "statsforecast",
    "onnxruntime",
}


@pytest.mark.slow
@pytest.mark.parametrize("args", [[], *([name] for name in COMMANDS)], ids=lambda args: " ".join(args) or "root")
def test_help_imports_nothing_heavy(args: list[str]) -> None:
    code = (
        "import sys; from forecast_cli.cli import run;"
        f"code = run({[*args, '--help']!r}); print(sorted(sys.modules), file=sys.stderr); sys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.strip("'").partition(".")[0] for name in done.stderr.strip("[]\n").split(", ")}
    assert "click" in loaded
    assert not loaded & HEAVY


@pytest.mark.parametrize("name", COMMANDS)
def test_every_help_has_examples_and_fits_a_terminal(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([name, "-h"]) == 0
    lines = capsys.readouterr().out.splitlines()
    examples = [line for line in lines[lines.index("  Examples:") :] if "forecast " in line]
    assert len(examples) >= 2
    assert max(map(len, lines)) <= 80


def test_no_command_shows_the_help(forecast: Forecast) -> None:
    done = forecast()
    assert done.returncode == 0
    assert all(f"\n  {name} " in done.stdout for name in COMMANDS)


def test_version(program: Forecast) -> None:
    from forecast_cli import __version__

    assert program("--version").stdout == f"forecast {__version__}\n"


def test_the_reference_is_up_to_date() -> None:
    assert REFERENCE.read_text(encoding="utf-8") == reference.markdown(), (
        "stale: python -m forecast_cli.cli.reference > docs/command-reference.md"
    )


def test_the_reference_explains_every_exit_code() -> None:
    assert set(reference.EXIT_CODES) == set(ExitCode)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_completion_script_asks_the_program(shell: str, forecast: Forecast) -> None:
    script = forecast("completion", shell).stdout
    assert f"_FORECAST_COMPLETE={shell}_complete" in script


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("forecast pre", "predict"),
        ("forecast predict --hor", "--horizon"),
        ("forecast predict --against arima,e", "arima,ets"),
        ("forecast --quiet train x.csv --loss m", "mse"),
    ],
)
def test_completion(line: str, offered: str) -> None:
    asked = {"_FORECAST_COMPLETE": "bash_complete", "COMP_WORDS": line, "COMP_CWORD": str(line.count(" "))}
    done = subprocess.run(PROGRAM, env=os.environ | asked, capture_output=True, text=True, check=True)
    assert f"plain,{offered}" in done.stdout.splitlines()
