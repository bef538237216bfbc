"""Steps without dates: counted as in the file, and continued by its step."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import numpy as np
import pytest

from forecast_cli.errors import DataError
from forecast_cli.options import ReadConfig
from forecast_cli.panel.calendar import future_times
from forecast_cli.panel.panel import Panel
from forecast_cli.panel.reading import read_panel
from tests.panel.tables import csv_rows
from tests.run_here import run_here

Read = Callable[..., Panel]


@pytest.mark.parametrize(
    ("numbers", "freq", "following"),
    [
        ([1000, 1010, 1020, 1030, 1040], "10step", 1050),
        ([0, 5, 10, 20, 25], "5step", 30),
        ([-3, -2, -1, 0, 1], "step", 2),
        ([7, 8, 9, 11, 12], "step", 13),
    ],
)
def test_a_count_goes_on_by_its_step(read: Read, numbers: list[int], freq: str, following: int) -> None:
    panel = read("step,y\n" + csv_rows(numbers, [4, 6, 5, 7, 6]))
    assert panel.freq == freq
    assert panel.times[~np.isnan(panel.values)].tolist() == numbers
    assert future_times(panel.freq, panel.ends, 1).tolist() == [[following]]


def test_each_series_has_its_own_first_number(read: Read) -> None:
    panel = read("id,step,y\n" + csv_rows(list("aaabbb"), [100, 110, 120, 200, 210, 220], range(6)))
    assert panel.freq == "10step"
    assert panel.times.tolist() == [100, 110, 120, 200, 210, 220]


def test_fractions_are_counted_with_a_warning(read: Read, caplog: pytest.LogCaptureFixture) -> None:
    panel = read("step,y\n" + csv_rows([0.5, 1.0, 1.5, 2.0], [4, 6, 5, 7]))
    assert panel.times.tolist() == [1, 2, 3, 4]
    assert "0.5, 1, ... are counted as the steps 1, 2, ..." in caplog.text


def test_the_printed_frequency_can_be_given(read: Read) -> None:
    content = "step,y\n" + csv_rows([10, 20, 40, 50, 60], [4, 6, 5, 7, 6])
    assert read(content, ReadConfig(freq=read(content).freq)).times.tolist() == [10, 20, 30, 40, 50, 60]
    with pytest.raises(DataError, match="has dates, but step numbers are required"):
        read("date,y\n2024-01-01,1\n2024-01-02,2\n", ReadConfig(freq="10step"))


def test_a_count_in_tens_is_forecast_in_tens(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("t,y\n" + csv_rows(range(0, 400, 10), [i % 7 for i in range(40)]))
    assert run_here("train", "data.csv", "--model", "naive", "-n", "3", home=tmp_path).returncode == 0
    expected = ["400", "410", "420"]
    for source in ("data.csv", None):
        if source is None:
            (tmp_path / "data.csv").unlink()
        done = run_here("predict", *([source] if source else []), "--format", "csv", home=tmp_path)
        assert [row["step"] for row in csv.DictReader(StringIO(done.stdout))] == expected


def test_fractions_of_a_second_are_kept(tmp_path: Path) -> None:
    stamps = [f"2024-03-05 14:30:0{i // 100}.{i % 100:02d}" for i in range(0, 200, 2)]
    (tmp_path / "data.csv").write_text("date,y\n" + csv_rows(stamps, [i % 7 for i in range(100)]))
    assert read_panel(str(tmp_path / "data.csv")).freq == "20ms"
    assert run_here("train", "data.csv", "--model", "naive", "-n", "2", home=tmp_path).returncode == 0
    expected = ["2024-03-05T14:30:02.000", "2024-03-05T14:30:02.020"]
    rows = json.loads(run_here("predict", "--format", "json", home=tmp_path).stdout)
    assert [row["date"] for row in rows] == expected
    table = run_here("predict", home=tmp_path).stdout
    assert all(stamp in table for stamp in expected)
    assert "2024-03-05T14:30:01.980" in run_here("info", home=tmp_path).stdout
