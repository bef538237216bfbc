"""The benchmark harness, run as its documentation says, on a split small enough to score by hand."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from contenders import Task, installed, library
from processes import Cost
from results import Result, Scores, score, table

from forecast_cli.evaluation.folds import Fold
from tests.sample_panels import undated

pytestmark = pytest.mark.slow

ACCURACY = Path(__file__).parents[2] / "benchmarks" / "accuracy.py"
HORIZON = 4


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    """Two series that go up by 2 and by 3 a step, and go on with it; a Python without the other libraries."""
    folder = tmp_path_factory.mktemp("pair")
    for name, steps in (("lines_train.csv", range(1, 41)), ("lines_test.csv", range(41, 41 + HORIZON))):
        rows = [f"{id_},{step},{100 + slope * step}" for id_, slope in (("b", 2), ("a", 3)) for step in steps]
        (folder / name).write_text("\n".join(["unique_id,ds,y", *rows]) + "\n")
    variants = ["--variant", "tiny=--model lstm --preset fast --epochs 1 --units 4", "--variant", "typo=--epoch none"]
    peers = [
        "--peers",
        "naive,drift,neuralforecast.LSTM,mlforecast.AutoLightGBM",
        "--peer-python",
        shutil.which("false") or "",
    ]
    command = [sys.executable, str(ACCURACY), "lines_train.csv", "lines_test.csv", *variants, *peers]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, timeout=300, check=True)


def rows(markdown: str) -> dict[str, list[str]]:
    """The cells of each row of a table, by the first one."""
    lines = [line.split("|")[1:-1] for line in markdown.splitlines() if line.startswith("|")]
    return {cells[0].strip(): [cell.strip() for cell in cells[1:]] for cells in lines}


def test_it_says_what_was_measured_and_how(ran: subprocess.CompletedProcess[str]) -> None:
    assert "python benchmarks/accuracy.py lines_train.csv lines_test.csv --variant 'tiny=" in ran.stdout
    assert "### lines\n\n2 series of 40 points, season 1, horizon 4." in ran.stdout


def test_it_scores_the_forecasts_of_each(ran: subprocess.CompletedProcess[str]) -> None:
    table = rows(ran.stdout)

    smape_percent, mase, rmse, *_ = table["naive"]
    assert mase == "2.500"  # steps 1, 2, 3, 4 away, scaled by one step
    assert rmse == f"{np.sqrt((1 + 4 + 9 + 16) / 4) * 2.5:.5g}"  # slopes 2 and 3
    last, ahead = np.array([180, 220]), np.array([[182, 184, 186, 188], [223, 226, 229, 232]])
    assert smape_percent == f"{(200 * (ahead - last[:, None]) / (ahead + last[:, None])).mean():.2f}"
    assert table["drift"][:2] == ["0.00", "0.000"]
    assert float(table["tiny"][1]) < 10


def test_it_reports_the_time_of_each_model(ran: subprocess.CompletedProcess[str]) -> None:
    table = rows(ran.stdout)

    assert table["model"][4] == "x tiny"
    assert table["tiny"][4] == "1.00"
    assert 0 < float(table["naive"][3]) < float(table["tiny"][3])
    assert 20 < float(table["naive"][5]) < float(table["tiny"][5])


def test_a_model_that_fails_has_a_reason_and_no_figures(ran: subprocess.CompletedProcess[str]) -> None:
    *figures, runs, notes = rows(ran.stdout)["typo"]

    assert set(figures) == {""}
    assert runs == "0"
    assert "--epoch" in notes


def test_a_library_that_is_not_installed_is_left_out_with_a_message(ran: subprocess.CompletedProcess[str]) -> None:
    for name in ("neuralforecast", "mlforecast"):
        assert f"{name} is not installed, and left out" in ran.stderr
    assert not any("." in label for label in rows(ran.stdout))


def test_a_peer_is_of_a_library_or_a_statistical_method() -> None:
    names = ["neuralforecast.AutoNHITS", "mlforecast.LGBMRegressor", "theta", "mlforecast"]

    assert [library(name) for name in names] == ["neuralforecast", "mlforecast", None, None]


def test_the_versions_of_another_python_are_its_own() -> None:
    assert installed(["pandas", "no-such-package"], sys.executable) == {"pandas": pd.__version__}


def test_invalid_requests_are_refused_at_once() -> None:
    refused = subprocess.run(
        [sys.executable, str(ACCURACY), "train.csv", "test.csv", "--peers", "naive,arma"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert refused.returncode == 2
    assert "Did you mean 'arima'?" in refused.stderr


def test_the_median_run_counts() -> None:
    runs = [Scores(mase, mase, mase, 10.0 * mase, 100.0, 0) for mase in (1.0, 9.0, 2.0)]

    cells = rows(table([Result("ours", runs), Result("peer", [Scores(1, 1, 1, 5, 100, 3)])]))

    assert list(cells)[-2:] == ["peer", "ours"]
    assert cells["ours"] == ["2.00", "2.000", "2", "20.0", "1.00", "100", "3", ""]
    assert cells["peer"][-5:] == ["5.0", "0.25", "100", "1", "failed on 3 series"]


def test_models_without_a_mase_come_last() -> None:
    results = [Result(str(mase), [Scores(1, mase, 1, 5, 100, 0)]) for mase in (2.0, np.nan, 1.0)]

    assert list(rows(table([*results, Result("none", [], "broke")])))[2:] == ["1.0", "2.0", "nan", "none"]


def test_pairs_of_the_same_name_are_kept_separate(tmp_path: Path) -> None:
    train, test = tmp_path / "train.csv", tmp_path / "test.csv"
    train.write_text("ds,y\n" + "".join(f"{step},{step}\n" for step in range(1, 21)))
    test.write_text("ds,y\n21,21\n22,22\n")
    runs = tmp_path / "runs"
    runs.mkdir()

    folders = {Task.read(str(train), str(test), runs).folder for _ in range(2)}

    assert len(folders) == 2


def test_a_failed_series_is_left_out_of_the_means_and_counted() -> None:
    fold = Fold(undated([1, 2, 3], [5, 7, 9]), np.arange(2), np.array([[4.0, 5.0], [11.0, 13.0]]))

    scored = score(fold, np.array([[np.nan, 5.0], [13.0, 15.0]]), [Cost(1.0, 50.0), Cost(2.0, 70.0)])

    assert (scored.mase, scored.rmse, scored.failed) == (1.0, 2.0, 1)
    assert (scored.seconds, scored.megabytes) == (3.0, 70.0)
