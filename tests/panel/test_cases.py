"""Small files that are easily misread: each is read as `cases/cases.csv` says, or refused where that allows it."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from forecast_cli.errors import DataError
from forecast_cli.models.statistical.model import StatisticalForecaster
from forecast_cli.panel.calendar import future_times
from forecast_cli.panel.panel import Panel
from forecast_cli.panel.reading import read_panel

FOLDER = Path(__file__).with_name("cases")
CASES = list(csv.DictReader((FOLDER / "cases.csv").read_text().splitlines()))


def read(name: str) -> Panel:
    return read_panel(str(FOLDER / name))


def read_or_refused(case: dict[str, str]) -> Panel | None:
    """None if the file is refused, as it may be."""
    try:
        return read(case["file"])
    except DataError:
        if case["or_refused"] != "yes":
            raise
        return None


@pytest.mark.parametrize("case", CASES, ids=[case["file"] for case in CASES])
def test_a_case_is_read_as_expected_or_refused(case: dict[str, str]) -> None:
    panel = read_or_refused(case)
    if panel is None:
        return
    time = np.datetime64 if panel.dated else int
    expected = [time(text) for text in case["next"].split("|") if text]
    assert not case["series"] or len(panel) == int(case["series"])
    assert not case["first"] or panel.times.min() == time(case["first"])
    assert not case["last"] or panel.times.max() == time(case["last"])
    assert future_times(panel.freq, panel.ends[:1], len(expected) or 1)[0][: len(expected)].tolist() == [
        np.datetime64(at, "ns").astype(int) if panel.dated else at for at in expected
    ]


def test_ids_are_kept_as_they_are_written() -> None:
    means = {
        "c26d_plant_leading_zero.csv": {"0007": 55, "0012": 555},
        "ids_like_numbers.csv": {"1E-001": 51, "1E-002": 513, "2E-001": 5141},
        "c27_namibia_iso2.csv": {"NA": 15, "ZA": 151, "BW": 1510},
    }
    for name, expected in means.items():
        panel = read(name)
        found = dict(zip(panel.ids.tolist(), map(np.mean, panel.series()), strict=True))
        assert found == pytest.approx(expected, rel=0.05)


def test_two_columns_of_numbers_make_a_series_of_each_pair() -> None:
    rows = (FOLDER / "c26c_branch_article_numbers.csv").read_text().splitlines()[1:]

    assert len(read("c26c_branch_article_numbers.csv")) == len({tuple(row.split(",")[:2]) for row in rows})


@pytest.mark.parametrize("name", ["c08_closed_mondays.csv", "h2b_shop_hours.csv"])
def test_steps_that_never_have_a_value_are_not_forecast(name: str) -> None:
    panel = read(name)
    times = future_times(panel.freq, panel.ends, 40)[0]

    def of(times: np.ndarray, unit: str) -> set[int]:
        days = times.astype("datetime64[D]").astype(int) % 7
        hours = times.astype("datetime64[h]").astype(int) % 24
        return set((days if unit == "day" else hours).tolist())

    assert of(times, "day") <= of(panel.times, "day")
    assert of(times, "hour") <= of(panel.times, "hour")
    assert not np.isnan(panel.values).any()


@pytest.mark.parametrize("method", ["theta", "ets", "seasonal-naive"])
@pytest.mark.parametrize("name", ["d4c_last_x10.csv", "d4c_last_x100.csv"])
def test_one_last_value_out_of_line_does_not_become_growth(name: str, method: str) -> None:
    point = StatisticalForecaster(method).predict(read(name), 18).point

    assert point.min() > 1000
    assert point.max() < 3000
