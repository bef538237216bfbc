"""Files without dates that can be read: each row is one step, and a season is searched in the values."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from forecast_cli.errors import mention
from forecast_cli.options import ReadConfig
from tests.panel.tables import Read, csv_rows


@pytest.mark.parametrize("season", [4, 7, 12, 24])
def test_without_dates_the_season_is_looked_for_in_the_values(
    read: Read, season: int, caplog: pytest.LogCaptureFixture
) -> None:
    shape = np.random.default_rng(0).normal(size=season)
    values = (shape[np.arange(8 * season) % season] + 0.01 * np.arange(8 * season)).round(3)
    cells = [f"the {i}" for i in range(len(values))]
    panel = read("date,y\n" + csv_rows(cells, values))
    assert (panel.freq, panel.season_length) == ("step", season)
    assert "row 2, column 'date': 'the 0' has no known date format" in caplog.text
    assert f"a season of {season} steps found in the values ({mention('season')} sets another)" in caplog.text


@pytest.mark.parametrize(
    ("name", "part", "season"),
    [
        ("month", ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"], 12),
        ("month", range(1, 13), 12),
        ("weekday", ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"], 7),
        ("time", [f"{hour:02d}:00" for hour in range(24)], 24),
    ],
    ids=["names", "numbers", "weekdays", "hours"],
)
def test_parts_without_a_year_count_the_rows(
    read: Read, name: str, part: Sequence[object], season: int, caplog: pytest.LogCaptureFixture
) -> None:
    values = (np.random.default_rng(0).normal(size=season)[np.arange(8 * season) % season]).round(3)
    panel = read(f"{name},y\n" + csv_rows([*part] * 8, values))
    assert (panel.freq, panel.ids.tolist(), panel.season_length) == ("step", ["y"], season)
    assert f"column '{name}' repeats every {season} rows and no column has the year or the date" in caplog.text


def test_noise_has_no_season(read: Read, caplog: pytest.LogCaptureFixture) -> None:
    noise = np.random.default_rng(1).normal(size=200).round(3)
    assert read("date,y\n" + csv_rows([f"the {i}" for i in range(200)], noise)).season_length == 1
    assert "no season found in the values" in caplog.text


def test_a_file_that_never_had_dates_has_the_season_in_its_values(read: Read, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    assert read("y\n" + "\n".join(map(str, [1, 5, 3, 2] * 20))).season_length == 4
    assert "a season of 4 steps found in the values" in caplog.text


def test_a_file_that_never_had_dates_needs_no_season(read: Read, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    noise = np.random.default_rng(0).normal(size=200).round(3)
    assert read("y\n" + "\n".join(map(str, noise))).season_length == 1
    assert "season" not in caplog.text


def test_a_named_season_is_not_looked_for(read: Read, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    content = "y\n" + "\n".join(map(str, [1, 5, 3, 2] * 20))
    assert [read(content, ReadConfig(seasons=(length,))).season_length for length in (1, 8)] == [1, 8]
    assert "found in the values" not in caplog.text
