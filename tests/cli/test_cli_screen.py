"""Messages on standard error: which are shown, and in which format."""

from __future__ import annotations

import json
import logging
import warnings
from dataclasses import replace
from pathlib import Path

import pytest

from forecast_cli import workflows
from forecast_cli.cli import run
from forecast_cli.cli.screen import Screen
from forecast_cli.errors import ExitCode
from forecast_cli.models.statistical.methods import METHODS
from forecast_cli.options import ReadConfig
from forecast_cli.panel.describe import describe
from forecast_cli.panel.reading import read_panel
from tests.cli.program import Forecast
from tests.run_here import run_here
from tests.sample_panels import AIRLINE
from tests.terminal import CONTROL, on_a_terminal

GAPPY = "date,value\n" + "".join(f"2024-01-{day:02},{day % 7}\n" for day in range(1, 29) if day != 9)


@pytest.fixture
def gappy(tmp_path: Path) -> str:
    (tmp_path / "gappy.csv").write_text(GAPPY)
    return "gappy.csv"


@pytest.fixture
def noisy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A workflow in which everybody talks."""

    def inspect(source: str, read: ReadConfig) -> workflows.Inspection:
        logging.getLogger("forecast_cli.some").debug("a detail")
        logging.getLogger("forecast_cli.some").info("a step")
        logging.getLogger("forecast_cli.some").warning("a doubt")
        logging.getLogger("library").warning("a library's doubt")
        warnings.simplefilter("always")
        warnings.warn("a library's warning", stacklevel=1)
        panel = read_panel(source, read)
        return workflows.Inspection(source, panel, describe(panel))

    monkeypatch.setattr(workflows, "inspect", inspect)


def told(capsys: pytest.CaptureFixture[str], *args: str) -> str:
    assert run([*args]) == 0
    return capsys.readouterr().err


@pytest.mark.usefixtures("noisy")
def test_verbosity_options(capsys: pytest.CaptureFixture[str]) -> None:
    source = str(AIRLINE)
    usual = told(capsys, "inspect", source)
    assert "a step\nWarning: a doubt\n" in usual
    assert "a detail" not in usual
    assert "library" not in usual
    assert told(capsys, "inspect", source, "--quiet") == ""
    assert told(capsys, "-q", "inspect", source) == ""
    for args in (["inspect", source, "-v"], ["-v", "inspect", source], ["-q", "inspect", "-v", source]):
        everything = told(capsys, *args)
        assert "a detail" in everything
        assert "Warning: a library's doubt" in everything
        assert "a library's warning" in everything


def test_a_message_that_comes_again_is_shown_once(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def inspect(source: str, read: ReadConfig) -> workflows.Inspection:
        for text in ("a step", "another step", "a step"):
            logging.getLogger("forecast_cli.some").info(text)
        panel = read_panel(source, read)
        return workflows.Inspection(source, panel, describe(panel))

    monkeypatch.setattr(workflows, "inspect", inspect)
    usual, verbose, as_json = (
        told(capsys, *options, "inspect", str(AIRLINE)) for options in ((), ("--verbose",), ("--log-format", "json"))
    )
    assert (usual.count("a step"), usual.count("another step")) == (1, 1)
    assert (verbose.count("a step"), as_json.count("a step")) == (2, 2)


def test_quiet_still_tells_errors(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["-q", "info", "-m", "nowhere"]) == 4
    assert capsys.readouterr().err.startswith("Error: ")


def test_quiet_from_a_variable(forecast: Forecast, gappy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Warning: " in forecast("inspect", gappy).stderr
    monkeypatch.setenv("FORECAST_QUIET", "1")
    assert forecast("inspect", gappy).stderr == ""


def test_json_logs_are_an_object_a_line(forecast: Forecast, gappy: str) -> None:
    for args in (["inspect", gappy, "--log-format", "json"], ["--log-format", "json", "inspect", gappy]):
        entries = [json.loads(line) for line in forecast(*args).stderr.splitlines()]
        assert {"info", "warning"} == {entry["level"] for entry in entries}
        assert all({"time", "level", "logger", "message"} <= entry.keys() for entry in entries)


def test_json_errors_carry_hint_and_traceback(forecast: Forecast) -> None:
    done = forecast("info", "-m", "nowhere", "--log-format", "json", "--debug")
    (line,) = done.stderr.splitlines()
    entry = json.loads(line)
    assert entry["level"] == "error"
    assert "nowhere" in entry["message"]
    assert entry["hint"]
    assert "Traceback" in entry["traceback"]
    assert json.loads(forecast("predict", "-n", "x", "--log-format", "json").stderr)["level"] == "error"


@pytest.mark.slow
def test_colours_on_a_terminal_unless_refused(forecast: Forecast) -> None:
    assert "\033[31m" in on_a_terminal("info", "-m", "nowhere")
    assert "\033[" not in on_a_terminal("info", "-m", "nowhere", env={"NO_COLOR": "1"})
    assert "\033[" not in forecast("info", "-m", "nowhere").stderr


@pytest.mark.slow
def test_progress_is_for_terminals() -> None:
    shown = on_a_terminal("train", str(AIRLINE), "--model", "lstm", "--preset", "fast", "--units", "4", "--epochs", "2")
    assert "Training" in shown
    assert "100%" in shown
    assert "loss" in shown


@pytest.mark.parametrize("columns", [40, 60, 80, 200])
def test_progress_stays_on_one_line(
    columns: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", str(columns))
    with Screen().progress("Backtest") as progress:
        for done in range(12):
            progress(done, 12, f"cutoff {done} of 12, seasonal-naive-with-a-very-long-name")

    drawn = [CONTROL.sub("", line) for line in capsys.readouterr().err.split("\r")]
    assert max(map(len, drawn)) < columns
    assert sum("cutoff 11 of 12" in line for line in drawn) == (columns >= 80)


def test_a_backtest_shows_at_once_which_model_it_begins_with(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with Screen().progress("Backtest") as progress:
        progress(0, 12, "cutoff 1 of 3, arima")
    assert "cutoff 1 of 3, arima" in capsys.readouterr().err


def test_a_backtest_ends_at_100_percent(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert run(["backtest", str(AIRLINE), "--models", "naive,drift"]) == ExitCode.OK
    drawn = capsys.readouterr().err.split("\r")
    assert any("100%" in line and "cutoff 5 of 5" in line for line in drawn)


@pytest.mark.slow
def test_activities_are_for_terminals_and_leave_nothing_behind() -> None:
    train = ["train", str(AIRLINE), "--model", "naive", "--preset", "fast"]
    drawn = on_a_terminal(*train)

    assert "Reading " in drawn
    assert "Scoring forecasts: cutoff 1 of 1, theta" in drawn
    left = [CONTROL.sub("", line.split("\033[K")[-1]) for line in drawn.split("\n")]
    assert not any("Scoring" in line or "Reading" in line for line in left)
    assert "Scoring" not in on_a_terminal(*train, "--quiet")
    assert "Scoring" not in run_here(*train).stderr


def test_a_method_that_will_take_minutes_says_so_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(METHODS, "drift", replace(METHODS["drift"], series_budget=0.05))
    run_here("train", AIRLINE, "--model", "naive", "--preset", "fast")

    slow = "drift is slow on these data: it may take about "
    assert f"{slow}5 minutes.\n" in run_here("predict", "--against", "theta,drift").stderr
    assert slow in run_here("plot", "--against", "drift").stderr
    assert slow in run_here("train", AIRLINE, "--model", "drift", "--preset", "fast", "-m", "other").stderr
    assert slow in run_here("predict", "-m", "other", "-n", "100").stderr
    assert "slow" not in run_here("predict", "-m", "other").stderr  # the model has kept this forecast
    assert f"{slow}13 minutes.\n" in run_here("backtest", AIRLINE, "--models", "drift", "--windows", 3).stderr
    assert "slow" not in run_here("predict", "--against", "theta").stderr


@pytest.mark.parametrize(("quiet", "log_format"), [(True, "text"), (False, "json")])
def test_progress_is_not_for_the_quiet(
    quiet: bool, log_format: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    screen = Screen()
    screen.quiet, screen.log_format = quiet, log_format
    with screen.progress("Training") as progress:
        progress(1, 2, 0.5)
    assert capsys.readouterr().err == ""


QUIET_COMMANDS = {
    "inspect": ["inspect", AIRLINE],
    "train": ["train", AIRLINE, "--model", "naive", "--preset", "fast"],
    "predict": ["predict", "-n", 3],
    "backtest": ["backtest", AIRLINE, "--models", "naive", "--windows", 1],
    "info": ["info"],
}


@pytest.mark.slow
@pytest.mark.parametrize("command", QUIET_COMMANDS)
def test_quiet_means_the_same_for_every_command(command: str, forecast: Forecast) -> None:
    forecast(*QUIET_COMMANDS["train"])
    args = QUIET_COMMANDS[command]

    quiet = forecast(*args, "--quiet")

    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")
    assert forecast(*args, "--quiet", "--verbose").stdout != ""
    for form in ("table", "csv", "json"):
        asked = forecast(*args, "--quiet", "--format", form)
        assert (asked.stdout != "", asked.stderr) == (True, "")


def test_without_standard_error_the_result_is_shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr", None)
    assert run(["inspect", str(AIRLINE), "--format", "csv"]) == 0
    assert capsys.readouterr().out.startswith("id,first,last")
