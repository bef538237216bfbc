"""Rows that need a repair: unsorted, repeated, missing, off the time grid, or more frequent than the steps."""

from __future__ import annotations

import logging
from datetime import date

import numpy as np
import pytest

from forecast_cli.options import ReadConfig
from tests.panel.tables import ISO, ISO_DAYS, VALUES, Read, csv_rows, days


def test_unsorted_rows(read: Read, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    lines = ISO.splitlines()
    panel = read("\n".join([lines[0], *reversed(lines[1:])]))
    assert panel.values.tolist() == list(VALUES)
    assert "row 3" in caplog.text


@pytest.mark.parametrize(("policy", "value"), [("mean", 3.0), ("sum", 6.0), ("first", 2.0), ("last", 4.0)])
def test_repeated_timestamps(read: Read, policy: str, value: float, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    content = "d,v\n2024-01-01,1\n2024-01-02,2\n2024-01-02,\n2024-01-02,4\n2024-01-03,5\n"
    assert read(content, ReadConfig(on_duplicate=policy)).values.tolist() == [1, value, 5]
    assert "2 repeated timestamps, first 2024-01-02 (row 4)" in caplog.text


@pytest.mark.parametrize(
    ("policy", "values"),
    [("interpolate", [1, np.nan, np.nan, 4, 5]), ("previous", [1, 1, 1, 4, 5]), ("zero", [1, 0, 0, 4, 5])],
)
def test_gaps(read: Read, policy: str, values: list[float], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    content = "d,v\n2024-01-01,1\n2024-01-02,\n2024-01-04,4\n2024-01-05,5\n"
    np.testing.assert_array_equal(read(content, ReadConfig(on_gap=policy)).values, values)
    assert "2 steps without a value, first 2024-01-02" in caplog.text


@pytest.mark.parametrize(
    ("content", "asked"),
    [
        ("d,v\n2024-01-01,1\n2024-01-02,2\n2024-01-02,4\n2024-01-03,5\n", ReadConfig(on_duplicate="mean")),
        ("d,v\n2024-01-01,1\n2024-01-02,\n2024-01-03,4\n", ReadConfig(on_gap="interpolate")),
        ("d,v\n" + csv_rows(range(20), [*range(50, 69), 9999]), ReadConfig(on_outlier="missing")),
    ],
)
def test_a_change_that_was_asked_for_is_no_warning(
    read: Read, content: str, asked: ReadConfig, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    read(content)
    assert [record.levelno for record in caplog.records][-1] == logging.WARNING
    caplog.clear()
    read(content, asked)
    assert max(record.levelno for record in caplog.records) == logging.INFO


def test_series_start_and_end_with_a_value(read: Read) -> None:
    panel = read("date,a,b\n" + csv_rows([*ISO_DAYS, "2024-01-04"], ["", 2, 3, ""], [5, 6, 7, 8]))
    assert panel.lengths.tolist() == [2, 4]
    assert days(panel)[:2] == [date(2024, 1, 2), date(2024, 1, 3)]


def test_series_without_values_are_removed_and_constant_ones_stay(read: Read, caplog: pytest.LogCaptureFixture) -> None:
    panel = read("date,none,flat,one\n" + csv_rows(ISO_DAYS, ["NA"] * 3, [7] * 3, [1, 2, 3]))
    assert panel.ids.tolist() == ["flat", "one"]
    assert "1 series without any value, left out: 'none'" in caplog.text


def test_jitter_is_moved_to_the_grid(read: Read, caplog: pytest.LogCaptureFixture) -> None:
    stamps = ["2024-01-01 00:00:00", "2024-01-01 00:59:58", "2024-01-01 02:00:00", "2024-01-01 03:00:00",
              "2024-01-01 04:00:00"]  # fmt: skip
    panel = read("t,v\n" + csv_rows(stamps, [1, 2, 3, 4, 5]), ReadConfig(freq="h"))
    assert panel.values.tolist() == [1, 2, 3, 4, 5]
    assert panel.times[1] == np.datetime64("2024-01-01T01:00")
    assert "irregular timestamps, 1 of 5" in caplog.text


def test_irregular_sampling_is_averaged_to_a_round_step(read: Read) -> None:
    minutes = [3, 25, 70, 95, 160, 170, 215, 290]  # median step 35 minutes, so hours
    stamps = [f"2024-01-01 {m // 60:02d}:{m % 60:02d}" for m in minutes]
    panel = read("t,v\n" + csv_rows(stamps, [1, 3, 5, 7, 10, 20, 40, 50]))
    assert panel.freq == "h"
    assert panel.values.tolist() == [2, 6, 15, 40, 50]


def test_a_coarser_frequency_with_sums_or_last_values(read: Read) -> None:
    content = "t,v\n2024-01-01 08:00,1\n2024-01-01 09:30,2\n2024-01-02 23:59,3\n"
    assert read(content, ReadConfig(freq="D", on_duplicate="sum")).values.tolist() == [3, 3]
    assert read(content, ReadConfig(freq="D", on_duplicate="last")).values.tolist() == [2, 3]


def test_a_coarser_frequency_takes_means(read: Read) -> None:
    panel = read(ISO, ReadConfig(freq="YS"))
    assert panel.freq == "YS-JAN"
    np.testing.assert_allclose(panel.values, [sum(VALUES[:12]) / 12, (115 + 126) / 2])
