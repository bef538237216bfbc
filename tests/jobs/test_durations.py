"""Durations as options and job files write them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_cli.option_types import Duration


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("90s", timedelta(seconds=90)),
        ("30min", timedelta(minutes=30)),
        ("30m", timedelta(minutes=30)),
        ("12h", timedelta(hours=12)),
        ("7d", timedelta(days=7)),
        ("2w", timedelta(days=14)),
        (" 7 d ", timedelta(days=7)),
    ],
)
def test_a_duration_is_a_number_and_a_unit(text: str, duration: timedelta) -> None:
    assert Duration().parse(text) == duration


@pytest.mark.parametrize("text", ["", "7", "d", "-7d", "1.5h", "7 days", "7D", "1h30m", "٧d", "7d\n8d", "1y"])
def test_another_text_is_refused_with_examples(text: str) -> None:
    with pytest.raises(ValueError, match="must be a duration such as"):
        Duration().parse(text)


@pytest.mark.parametrize("text", ["0d", "36501d", "999999999999w"])
def test_a_duration_of_zero_or_above_100_years_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="above 0, of at most 100 years"):
        Duration().parse(text)


@given(st.integers(1, Duration.maximum.days))
def test_every_duration_can_be_subtracted_from_a_date(days: int) -> None:
    assert date(2025, 1, 1) - Duration().parse(f"{days}d") == date(2025, 1, 1) - timedelta(days=days)
