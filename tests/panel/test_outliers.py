"""Values at the ends of a series that are far from all others."""

from __future__ import annotations

import logging
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_cli.cli.screen import with_flags
from forecast_cli.errors import DataError
from forecast_cli.options import ReadConfig
from forecast_cli.panel.panel import Panel
from forecast_cli.panel.reading.outliers import without_outlying_ends
from tests.panel.tables import Read

USUAL = [1400 + 300 * np.sin(n / 2) + 20 * (n % 3) for n in range(40)]


def csv_of(*series: list[float]) -> str:
    rows = ["shop,date,y"]
    for name, values in zip("abc", series, strict=False):
        rows += [f"{name},{date(2024, 1, 1) + timedelta(n)},{value}" for n, value in enumerate(values)]
    return "\n".join(rows) + "\n"


@pytest.mark.parametrize("tail", [[14_000], [140_000], [1_400_000, 1_300_000], [-14_000], [0], [0.001], [1, 2]])
def test_one_or_two_last_values_out_of_line_are_missing(
    read: Read, tail: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    panel = read(csv_of([*USUAL, *tail]))

    assert panel.times[-1] == np.datetime64("2024-01-01") + 39 + len(tail)
    np.testing.assert_allclose(panel.values[:40], USUAL)
    assert np.isnan(panel.values[40:]).all()
    message = f"far from all other values: {tail[0]:.6g} at 2024-02-10"
    assert message in caplog.text
    assert "treated as missing" in caplog.text


def test_one_value_before_the_last_is_missing(read: Read, caplog: pytest.LogCaptureFixture) -> None:
    panel = read(csv_of([*USUAL, 99_999, 1400]))

    assert np.flatnonzero(np.isnan(panel.values)).tolist() == [40]
    assert "99999 at 2024-02-10: treated as missing" in caplog.text


@pytest.mark.parametrize("start", [[14_000], [1_400_000, 1_300_000], [0], [0.001]])
def test_a_series_starts_after_first_values_out_of_line(read: Read, start: list[float]) -> None:
    panel = read(csv_of([*start, *USUAL], USUAL))

    assert panel.lengths.tolist() == [40, 40]
    assert panel.times[0] == np.datetime64("2024-01-01") + len(start)
    np.testing.assert_allclose(panel.values, [*USUAL, *USUAL])


@pytest.mark.parametrize(
    "values",
    [
        [*USUAL, 14_000, 13_000, 15_000],  # three values support the new level
        [*USUAL, 4000],  # less than three times the largest
        [*USUAL, 200],  # more than a tenth of the smallest
        [10.0**n for n in range(12)],  # grows by as much at each step
        [0, 0, 3, 0, 0, 40, 0, 0, 2, 0, 0, 0, 90],  # such jumps are usual
        [*[0.0] * 20, 5],  # the first demand
        [1, 2, 1, 2, 50],  # too few others
        list(range(30)),
        [-5, 4, 3, -2, 1, 5, -4, 2, 3, -3, 12],
    ],
)
def test_other_values_are_kept(read: Read, values: list[float], caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        panel = read(csv_of(values))

    np.testing.assert_allclose(panel.values, values)
    assert "far from all" not in caplog.text


def test_the_series_is_named_among_several(read: Read, caplog: pytest.LogCaptureFixture) -> None:
    panel = read(csv_of(USUAL, [*USUAL, 99_999], USUAL))

    assert panel.lengths.tolist() == [40, 41, 40]
    assert "99999 at 2024-02-10 in series 'b': treated as missing" in caplog.text


def test_they_can_be_kept_or_refused(read: Read) -> None:
    content = csv_of([*USUAL, 99_999])

    assert read(content, ReadConfig(on_outlier="keep")).values[-1] == 99_999
    with pytest.raises(DataError, match="99999 at 2024-02-10") as refused:
        read(content, ReadConfig(on_outlier="error"))
    assert "--on-outlier keep" in with_flags(refused.value.hint or "")


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30), st.integers(-10, 10))
def test_the_unit_of_the_values_does_not_matter(values: list[float], exponent: int) -> None:
    def cleaned(factor: float) -> Panel:
        n = len(values)
        times = np.arange(n).astype("datetime64[D]").astype("datetime64[ns]")
        panel = Panel(np.array(["a"]), "D", 7, np.array([0, n]), times, np.array(values) * factor)
        return without_outlying_ends("data", panel, ReadConfig())

    one, other = cleaned(1.0), cleaned(2.0**exponent)

    assert one.times.tolist() == other.times.tolist()
    np.testing.assert_array_equal(one.values * 2.0**exponent, other.values)
    assert np.isnan(one.values).sum() + len(values) - len(one.values) <= 2
