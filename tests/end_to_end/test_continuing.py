"""Interrupted trainings that are resumed, warm starts, and comparison with the earlier model."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from forecast_cli import bundle
from forecast_cli.bundle.writer import CHECKPOINT
from forecast_cli.models.files import WEIGHTS_FILE
from forecast_cli.models.network import defaults
from tests.run_here import run_here
from tests.sample_panels import AIRLINE
from tests.trained_model import TrainedModel

pytestmark = pytest.mark.slow

SETTINGS = ["--preset", "fast", "--units", "8", "--epochs", "4", "--horizon", "12", "--model", "lstm+smoothing"]


@pytest.fixture(autouse=True)
def short_trainings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Networks with covariates are trained for 50 steps an epoch, as those without; by default it would be 200."""
    monkeypatch.setattr(defaults, "DRIVERS_FACTOR", 1)


def train(directory: Path, *options: str) -> subprocess.CompletedProcess[str]:
    result = run_here("train", AIRLINE, "-m", directory, *SETTINGS, *options)
    assert result.returncode == 0, result.stderr
    return result


def predicted(directory: Path) -> str:
    """The forecast of the model in `directory` as CSV with all digits."""
    result = run_here("predict", AIRLINE, "-m", directory, "-n", 24, "--format", "csv")
    assert result.returncode == 0, result.stderr
    return result.stdout


STOP_AFTER = """
import os, signal, sys
from forecast_cli import bundle
from forecast_cli.cli import main
from forecast_cli.models.network import checkpoint, defaults

write, written = bundle.write_checkpoint, 0

def write_and_stop(directory, content):
    global written
    write(directory, content)
    written += 1
    if written == {epoch}:
        os.kill(os.getpid(), signal.{signal})

bundle.write_checkpoint = write_and_stop
checkpoint.MAX_TIME_FRACTION = 1e9  # a checkpoint after every epoch
defaults.DRIVERS_FACTOR = 1  # as in this process
main()
"""
"""The program, which sends itself a signal as soon as the checkpoint of an epoch is written."""


def cut_short(directory: Path, epoch: int, by: str, data: Path = AIRLINE, *options: str) -> int:
    """Train in a process that gets the signal `by` after the checkpoint of that epoch; return its exit code."""
    program = STOP_AFTER.format(epoch=epoch, signal=by)
    command = [sys.executable, "-c", program, "train", str(data), "-m", str(directory), *SETTINGS, *options]
    result = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert (directory / CHECKPOINT).is_file(), result.stderr
    return result.returncode


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("uninterrupted") / "model"
    train(directory)
    return directory


@pytest.fixture(scope="module")
def expected(uninterrupted: Path) -> str:
    return predicted(uninterrupted)


@pytest.mark.parametrize(("epoch", "by", "code"), [(2, "SIGKILL", -signal.SIGKILL), (4, "SIGTERM", 143)])
def test_a_resumed_training_gives_the_same_model(
    airline_model: TrainedModel, expected: str, tmp_path: Path, epoch: int, by: str, code: int
) -> None:
    """Until then, the earlier model in the directory stays."""
    directory = shutil.copytree(airline_model.directory, tmp_path / "model")
    earlier = predicted(directory)
    assert earlier != expected
    assert cut_short(directory, epoch, by) == code
    assert predicted(directory) == earlier

    said = train(directory, "--resume").stderr

    assert f"Continuing the training in {directory} after epoch {epoch}." in said
    assert predicted(directory) == expected
    assert not (directory / CHECKPOINT).exists()


def test_a_resumed_training_with_covariates_gives_the_same_model(tmp_path: Path) -> None:
    rows = [f"{2000 + step},{step % 7 + step % 3},{step % 3},{step % 2}" for step in range(60)]
    columns = ["--future", "price", "--past", "visitors", "--model", "gru", "--epochs", "3", "-n", "2"]
    data = tmp_path / "data.csv"
    data.write_text("\n".join(["year,sales,price,visitors", *rows, "2060,,1,", "2061,,2,"]))
    assert cut_short(tmp_path / "cut", 2, "SIGTERM", data, *columns) == 143

    whole = run_here("train", data, "-m", tmp_path / "whole", *SETTINGS, *columns)
    resumed = run_here("train", data, "-m", tmp_path / "cut", *SETTINGS, *columns, "--resume")

    assert (whole.returncode, resumed.returncode) == (0, 0), resumed.stderr
    assert "after epoch 2." in " ".join(resumed.stderr.split())
    one, other = (run_here("predict", data, "-m", tmp_path / name, "--format", "csv") for name in ("whole", "cut"))
    assert one.stdout == other.stdout != ""


def shortened(path: Path, steps: int) -> Path:
    """The airline passengers without their last steps."""
    path.write_text("\n".join(AIRLINE.read_text().splitlines()[:-steps]) + "\n")
    return path


def test_a_warm_start_can_replace_its_own_model(tmp_path: Path) -> None:
    """The earlier one has hardly learned anything, so that the new one is certain to be better."""
    directory, early = tmp_path / "model", shortened(tmp_path / "early.csv", 3)
    hardly = [*SETTINGS, "--epochs", "1", "--learning-rate", "1e-9"]
    assert run_here("train", early, "-m", directory, *hardly).returncode == 0
    before = bundle.load(directory)

    options = ["--warm-start", directory, "--if-better", "--preset", "fast", "--format", "json"]
    result = run_here("train", AIRLINE, "-m", directory, *options)

    assert result.returncode == 0, result.stderr
    answer, after = json.loads(result.stdout), bundle.load(directory)
    assert answer["saved"]
    assert answer["recent"]["new"] < answer["recent"]["earlier"]
    assert "The new one is kept." in " ".join(result.stderr.split())
    assert answer["holdout"] == 12
    assert after.section("model", dict) == before.section("model", dict)
    assert after.section("data", dict)["last"] == "1960-12-01"
    assert after.read(WEIGHTS_FILE) != before.read(WEIGHTS_FILE)
    steps = [model.section("training", dict)["steps_per_epoch"] for model in (before, after)]
    assert steps[1] < 0.5 * steps[0]
    assert "was trained on data up to" not in result.stderr


def test_a_warning_says_that_the_earlier_network_has_seen_the_holdout(uninterrupted: Path, tmp_path: Path) -> None:
    early = shortened(tmp_path / "early.csv", 24)

    result = run_here("train", early, "-m", tmp_path, "--warm-start", uninterrupted, "--preset", "fast", "--epochs", 1)

    assert result.returncode == 0, result.stderr
    assert "was trained on data up to 1959-12-01, later than the cutoff 1957-12-01" in " ".join(result.stderr.split())


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--units", "9"], 2, "--units 9: the network in MODEL has 8"),
        (["--season", "1"], 5, "The data have a season of 1, the model in MODEL was trained with 12."),
        (["--freq", "QS"], 5, "The data have the frequency QS-JAN, the model in MODEL was trained on MS."),
    ],
)
def test_options_and_data_that_do_not_fit_the_earlier_model_are_refused(
    uninterrupted: Path, tmp_path: Path, options: list[str], code: int, said: str
) -> None:
    result = run_here("train", AIRLINE, "-m", tmp_path, "--warm-start", uninterrupted, *options)

    assert result.returncode == code
    assert said.replace("MODEL", str(uninterrupted)) in " ".join(result.stderr.split())


@pytest.mark.parametrize("name", ["gru", "lstm+smoothing"])
def test_a_warm_start_that_names_no_model_goes_on_with_the_earlier_one(
    name: str, uninterrupted: Path, tmp_path: Path
) -> None:
    """And not with the model that is the default for these data."""
    small, directory = ["--preset", "fast", "--epochs", "1"], tmp_path / "model"
    if name == "lstm+smoothing":
        shutil.copytree(uninterrupted, directory)
    else:
        first = run_here("train", AIRLINE, "-m", directory, *small, "--model", name, "--units", "4")
        assert first.returncode == 0, first.stderr

    again = run_here("train", AIRLINE, "-m", directory, *small, "--warm-start", directory, "--format", "json")

    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout)["model"] == name


def test_no_earlier_model_is_no_warm_start(tmp_path: Path) -> None:
    result = run_here("train", AIRLINE, "-m", tmp_path, "--warm-start", tmp_path / "none")

    assert result.returncode == 4
    assert "There is no model in" in result.stderr


def test_two_models_are_compared_before_they_were_trained_on_the_holdout(uninterrupted: Path, tmp_path: Path) -> None:
    """The same training again: had the earlier model learned the last steps, the two errors would not be the same."""
    directory = shutil.copytree(uninterrupted, tmp_path / "model")

    recent = json.loads(
        run_here("train", AIRLINE, "-m", directory, *SETTINGS, "--if-better", "--format", "json").stdout
    )["recent"]

    assert recent["new"] == pytest.approx(recent["earlier"], rel=1e-4)


def test_a_warning_says_that_the_earlier_model_has_seen_the_holdout(uninterrupted: Path, tmp_path: Path) -> None:
    directory = shutil.copytree(uninterrupted, tmp_path / "model")
    early = shortened(tmp_path / "early.csv", 24)

    result = run_here("train", early, "-m", directory, *SETTINGS, "--epochs", "1", "--if-better")

    assert result.returncode == 0, result.stderr
    said = " ".join(result.stderr.split())
    assert (
        "earlier model was trained on data up to 1959-12-01, later than the first cutoff of the comparison, 1957-12-01"
        in said
    )


def test_a_worse_model_does_not_replace_the_earlier_one(uninterrupted: Path, tmp_path: Path) -> None:
    directory = shutil.copytree(uninterrupted, tmp_path / "model")

    options = ["--epochs", "1", "--learning-rate", "1e-9", "--if-better", "--format", "json"]
    result = run_here("train", AIRLINE, "-m", directory, *SETTINGS, *options)

    answer = json.loads(result.stdout)
    assert not answer["saved"]
    assert answer["recent"]["new"] > answer["recent"]["earlier"]
    assert "The earlier one is kept." in " ".join(result.stderr.split())
    assert bundle.load(directory) == replace(bundle.load(uninterrupted), directory=directory)
    assert not (directory / CHECKPOINT).exists()


def test_a_model_that_forecasts_other_series_jointly_is_replaced_without_a_comparison(tmp_path: Path) -> None:
    """It cannot forecast the new series at any cutoff, and that is said once."""
    small = ["--model", "gru", "--preset", "fast", "--epochs", "1", "--units", "4", "-n", "2", "--joint"]
    for name, ids in (("early", "ab"), ("late", "abc")):
        rows = [f"{2000 + step},{','.join(str(step % 5 + ord(each)) for each in ids)}" for step in range(40)]
        (tmp_path / f"{name}.csv").write_text("\n".join([f"year,{','.join(ids)}", *rows]))
    assert run_here("train", "early.csv", *small, home=tmp_path).returncode == 0

    result = run_here("train", "late.csv", *small, "--if-better", home=tmp_path)

    assert result.returncode == 0, result.stderr
    assert result.stderr.count("The earlier model forecasts other series jointly") == 1
    assert "failed" not in result.stderr
