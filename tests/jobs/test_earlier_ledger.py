"""A ledger written by an earlier version gives the same scores and history."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.run_here import run_here

LEDGER = Path(__file__).parents[1] / "fixtures" / "ledger.sqlite"


def test_a_ledger_of_an_earlier_version_is_read(tmp_path: Path) -> None:
    ledger = Path(shutil.copy(LEDGER, tmp_path))

    scores = json.loads(run_here("score", "--ledger", ledger, "--format", "json").stdout)
    history = json.loads(run_here("history", "--ledger", ledger, "--format", "json").stdout)

    assert (scores["forecasts"], scores["overall"]["points"]) == (2, 5)
    assert scores["overall"]["mase"] == pytest.approx(0.18187908668931597)
    assert [row["mae"] for row in scores["rows"]][:2] == pytest.approx([3.022681260258423, 4.9588359701292575])
    assert [(row["job"], row["outcome"], row["training"]) for row in history] == [
        ("sales", "forecast", None),
        ("sales", "forecast", "trained"),
    ]
