"""All dates from 1678 to 2261, more than int64 holds nanoseconds between; steps and numbers that are too much."""

from __future__ import annotations

import numpy as np
import pytest

from forecast_cli.errors import DataError, UsageError
from forecast_cli.options import ReadConfig
from tests.panel.tables import Read, csv_rows


def stamps(first: str, end: str, step: str = "1D") -> np.ndarray:
    return np.arange(np.datetime64(first), np.datetime64(end), np.timedelta64(int(step[:-1]), step[-1]))


@pytest.mark.parametrize(
    ("times", "freq"),
    [
        (stamps("1700-01-01", "2023-01-01"), "D"),
        (stamps("1678-01-03", "2261-12-31", "7D"), "W-MON"),
        (stamps("1678-01", "2262-01", "1M"), "MS"),
        (stamps("1678", "2262", "1Y"), "YS-JAN"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_spans_of_centuries(read: Read, times: np.ndarray, freq: str) -> None:
    panel = read("date,y\n" + csv_rows(times, [f"{i % 7}.5" for i in range(len(times))]))
    assert (panel.freq, len(panel.values)) == (freq, len(times))
    np.testing.assert_array_equal(panel.times, times.astype("datetime64[ns]"))


def test_series_centuries_apart(read: Read) -> None:
    early, late = stamps("1678-01-01", "1678-03-01"), stamps("2261-10-01", "2261-12-01")
    panel = read("id,date,y\n" + csv_rows(["a"] * 59 + ["b"] * 61, [*early, *late], range(120)))
    assert (panel.freq, panel.lengths.tolist()) == ("D", [59, 61])


@pytest.mark.parametrize("far", ["1678-01-01", "2261-12-31"])
def test_a_date_centuries_away_is_refused(read: Read, far: str) -> None:
    dates = sorted([far, *stamps("2024-01-01", "2024-03-01").astype(str)])
    with pytest.raises(DataError, match=rf"{far} .* is far from the other times"):
        read("date,y\n" + csv_rows(dates, range(61)))


@pytest.mark.parametrize("freq", ["99999999D", "9999999MS", "99999999B", "5300W", "9" * 5000 + "D"])
def test_a_step_of_more_than_a_century_is_a_usage_error(read: Read, freq: str) -> None:
    with pytest.raises(UsageError, match=r"at most 100 years long|unknown frequency"):
        read("date,y\n" + csv_rows(stamps("2024-01-01", "2024-03-01"), range(60)), ReadConfig(freq=freq))


@pytest.mark.parametrize("number", ["1_5", "1_000", "_1", "1__0"])
@pytest.mark.parametrize("others", ["1{}", "1{}.5"])
def test_underscores_are_not_part_of_numbers(read: Read, number: str, others: str) -> None:
    values = [others.format(i % 10) for i in range(59)]
    with pytest.raises(DataError, match=f"row 61, column 'y': '{number}' is not a number"):
        read("date,y\n" + csv_rows(stamps("2024-01-01", "2024-03-01"), [*values, number]))
