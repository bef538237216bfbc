"""Exit codes, and the one or two lines on standard error that explain them."""

from __future__ import annotations

import fcntl
import shutil
import signal
import subprocess
import termios
import time
from array import array
from collections.abc import Callable
from pathlib import Path
from typing import IO

import pytest

from forecast_cli import bundle, workflows
from forecast_cli.cli import run
from forecast_cli.errors import ExitCode
from tests.cli.program import PROGRAM, Forecast
from tests.run_here import run_here
from tests.sample_panels import AIRLINE


def test_an_internal_error(program: Forecast, tmp_path: Path) -> None:
    (tmp_path / "pandas.py").write_text("raise RuntimeError('broken installation')\n")
    done = program("inspect", AIRLINE)
    assert (done.returncode, done.stdout) == (ExitCode.INTERNAL, "")
    assert "Internal error: RuntimeError: broken installation" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_some_jobs_failed(forecast: Forecast, tmp_path: Path) -> None:
    (tmp_path / "jobs.toml").write_text('[jobs.sales]\ndata = "nowhere.csv"\nretries = 0\n')
    done = forecast("run", "jobs.toml")
    assert done.returncode == ExitCode.JOBS_FAILED
    assert "sales" in done.stderr
    assert "nowhere.csv" in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("values", "blamed"),
    [("1,,2,,3,,4,,5,,6", "fill the gaps with --on-gap"), ("1,,2", "Give longer series")],
)
def test_nothing_to_train_on(forecast: Forecast, tmp_path: Path, values: str, blamed: str) -> None:
    rows = [f"{2000 + year}-01-01,{value}" for year, value in enumerate(values.split(","))]
    (tmp_path / "gaps.csv").write_text("\n".join(["ds,y", *rows]) + "\n")
    done = forecast("train", "gaps.csv", "--freq", "YS", "--model", "lstm")
    assert done.returncode == ExitCode.DATA
    assert "no two neighbouring values are known" in done.stderr
    assert blamed in done.stderr


def test_a_quality_gate_failed(forecast: Forecast) -> None:
    quick = ["--models", "theta", "--horizon", "12"]
    done = forecast("backtest", AIRLINE, *quick, "--fail-if", "mase>0.01")
    assert done.returncode == ExitCode.GATE_FAILED
    assert "mase" in done.stderr
    assert forecast("backtest", AIRLINE, *quick, "--fail-if", "mase>100").returncode == ExitCode.OK


@pytest.mark.slow
def test_done(program: Forecast) -> None:
    done = program("inspect", AIRLINE)
    assert done.returncode == ExitCode.OK
    assert "144" in done.stdout


@pytest.mark.parametrize(
    ("args", "advice"),
    [
        (["trian", "x.csv"], "Did you mean 'train'?"),
        (["train", "x.csv", "--hrizon", "3"], "Did you mean '--horizon'?"),
        (["train", "x.csv", "--loss", "hubr"], "Did you mean 'huber'?"),
        (["predict", "--against", "arima,tehta"], "Did you mean 'theta'?"),
        (["predict", "--plot", "x.pgn"], "Did you mean '.png'?"),
        (["inspect", "x.csv", "--on-gap", "previuos"], "Did you mean 'previous'?"),
        (["completion", "bsh"], "Did you mean 'bash'?"),
        (["sales.csv"], "Did you mean 'forecast train sales.csv'?"),
    ],
)
def test_mistyped_words_are_answered_with_the_right_one(
    args: list[str], advice: str, forecast: Forecast, tmp_path: Path
) -> None:
    (tmp_path / "sales.csv").touch()
    done = forecast(*args)
    assert done.returncode == ExitCode.USAGE
    assert done.stdout == ""
    assert done.stderr.startswith("Error: ")
    assert advice in done.stderr
    assert done.stderr.count("\n") <= 2


@pytest.mark.parametrize(
    "args",
    [
        ["predict", "--horizon", "0"],
        ["predict", "-n", "-3"],
        ["predict", "--horizon", "three"],
        ["train", "x.csv", "--horizon", "0"],
        ["train", "x.csv", "--units", "0"],
        ["train", "x.csv", "--units", "many"],
        ["train", "x.csv", "--units", "1000000"],
        ["train", "x.csv", "--dropout", "1.5"],
        ["train"],
        ["train", "x.csv", "--delimiter", "ab"],
        ["backtest", "-", "--test", "-"],
        ["backtest", "x.csv", "--test", "y.csv", "--horizon", "3"],
    ],
    ids=" ".join,
)
def test_impossible_options_are_refused_before_reading(args: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(args) == ExitCode.USAGE
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("Error: ")
    assert shown.err.count("\n") <= 2


@pytest.mark.parametrize("command", ["train", "backtest", "inspect", "predict"])
def test_a_result_does_not_replace_the_data(command: str, model: Path, tmp_path: Path) -> None:
    data = tmp_path / "data.csv"
    shutil.copy(AIRLINE, data)
    before = data.read_bytes()
    where = ["-m", model] if command == "predict" else []

    done = run_here(command, "data.csv", *where, "-o", tmp_path / "." / "data.csv", home=tmp_path)

    assert (done.returncode, done.stdout) == (ExitCode.USAGE, "")
    assert "data.csv" in done.stderr
    assert data.read_bytes() == before


def test_a_result_does_not_replace_what_the_model_was_trained_on(model: Path, tmp_path: Path) -> None:
    source = bundle.load(model).section("data", dict)["source"]
    before = Path(source).read_bytes()

    done = run_here("predict", "-m", model, "-o", source, home=tmp_path)

    assert done.returncode == ExitCode.USAGE
    assert Path(source).read_bytes() == before


def test_a_result_does_not_replace_its_picture(model: Path, tmp_path: Path) -> None:
    done = run_here("predict", "-m", model, "--plot", "one.png", "-o", "one.png", home=tmp_path)

    assert done.returncode == ExitCode.USAGE
    assert "one.png" in done.stderr
    assert not (tmp_path / "one.png").exists()


@pytest.mark.slow
def test_no_model(program: Forecast) -> None:
    for command in (["predict"], ["plot"], ["info"]):
        done = program(*command, "-m", "nowhere")
        assert done.returncode == ExitCode.MODEL
        assert "nowhere" in done.stderr


@pytest.mark.parametrize("content", ["", "date,value\n", "date,value\n2024-01-01,many\n2024-01-02,few\n"])
def test_data_that_cannot_be_used(content: str, forecast: Forecast, tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text(content)
    done = forecast("inspect", "data.csv")
    assert done.returncode == ExitCode.DATA
    assert "data.csv" in done.stderr
    assert forecast("inspect", "-", stdin=content).returncode == ExitCode.DATA


@pytest.mark.slow
def test_another_run_holds_the_lock(program: Forecast, tmp_path: Path) -> None:
    with bundle.lock(tmp_path / "model"):
        done = program("train", AIRLINE, "-m", "model")
    assert done.returncode == ExitCode.LOCKED
    assert "model" in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sent", "code"), [(signal.SIGINT, ExitCode.INTERRUPTED), (signal.SIGTERM, ExitCode.TERMINATED)]
)
def test_a_signal_ends_it_cleanly(sent: signal.Signals, code: ExitCode) -> None:
    args = [*PROGRAM, "inspect", "-", "--verbose"]
    with subprocess.Popen(args, stdin=-1, stdout=-1, stderr=-1, text=True) as process:
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdin.write("date,value\n")
        process.stdin.flush()
        _wait_until_read(process.stdin)
        process.send_signal(sent)
        assert process.wait(timeout=30) == code
        assert process.stderr.read().count("\n") == 1


def _wait_until_read(pipe: IO[str]) -> None:
    """Until the process has taken what was written, and waits for more."""
    left = array("i", [1])
    while left[0]:
        time.sleep(0.05)
        fcntl.ioctl(pipe, termios.FIONREAD, left)


def _failing(error: BaseException) -> Callable[..., workflows.Inspection]:
    def inspect(*_args: object) -> workflows.Inspection:
        raise error

    return inspect


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ValueError("bad\nthing"), "ValueError: bad thing"),
        (MemoryError(), "not enough memory"),
        (RecursionError(), "nested too deeply"),
        (OSError(28, "No space left on device", "/tmp/somewhere"), "/tmp/somewhere: No space left on device"),
    ],
)
def test_an_unexpected_error_takes_two_lines_and_debug_adds_the_traceback(
    error: Exception, words: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workflows, "inspect", _failing(error))
    assert run(["inspect", "x.csv"]) == ExitCode.INTERNAL
    brief = capsys.readouterr().err
    assert words in brief
    assert brief.count("\n") <= 2
    for args in (["--debug", "inspect", "x.csv"], ["inspect", "x.csv", "--debug"]):
        assert run(args) == ExitCode.INTERNAL
        told = capsys.readouterr().err
        assert "Traceback" in told
        assert brief in told


def test_unknown_series_is_answered_with_the_nearest(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["predict", "-m", str(model), "--series", "passenger"]) == ExitCode.USAGE
    assert "Did you mean 'passengers'?" in capsys.readouterr().err
