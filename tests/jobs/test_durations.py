"""Spans of time as a job file writes them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_cli.errors import UsageError
from forecast_cli.jobs.file.durations import LONGEST, parse_duration


@pytest.mark.parametrize(
    ("text", "meant"),
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
def test_a_number_and_a_unit(text: str, meant: timedelta) -> None:
    assert parse_duration(text) == meant


@pytest.mark.parametrize("text", ["", "7", "d", "-7d", "1.5h", "7 days", "7D", "1h30m", "٧d", "7d\n8d", "1y"])
def test_other_text_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UsageError, match="must be a duration such as") as refused:
        parse_duration(text)
    assert refused.value.message.startswith(f'"{text}"')


@pytest.mark.parametrize("text", ["0d", "36501d", "999999999999w"])
def test_none_and_for_ever_are_no_durations(text: str) -> None:
    with pytest.raises(UsageError, match="above 0, of at most 100 years"):
        parse_duration(text)


@given(st.integers(1, LONGEST.days))
def test_every_duration_can_be_taken_from_a_date(days: int) -> None:
    assert date(2025, 1, 1) - parse_duration(f"{days}d") == date(2025, 1, 1) - timedelta(days=days)
