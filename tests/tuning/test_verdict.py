"""The sentence that says whether the tuned options are better where no trial has seen the values."""

from __future__ import annotations

from pathlib import Path

import pytest

from forecast_cli.tuning.trials import Trial
from forecast_cli.tuning.verdict import verdict

SEEN = "On the last 6 steps, which no trial has seen, "


@pytest.mark.parametrize(
    ("error", "outer", "of_defaults", "said"),
    [
        (0.5, 0.7, 0.8, f"{SEEN}the tuned options are better than the defaults (MASE 0.700 against 0.800)."),
        (
            0.5,
            0.8,
            0.7,
            "not better than the defaults (MASE 0.800 against 0.700): the defaults may be the safer choice.",
        ),
        (0.5, 0.70001, 0.70004, "not better than the defaults (MASE 0.700 against 0.700)"),
        (1.0, 0.7, 0.8, "No trial has a lower error than the defaults: tuned.toml has the defaults."),
        (0.5, None, 0.8, f"{SEEN}no error is known."),
    ],
)
def test_the_verdict(error: float, outer: float | None, of_defaults: float, said: str) -> None:
    trials = [
        Trial(0, {}, (1.0, 1.0), (1.0,) * 3, "complete", of_defaults),
        Trial(1, {"units": "8"}, (error, error), (1.0,) * 3, "complete", outer),
    ]
    assert said in verdict(trials, "mase", 6, Path("tuned.toml"))
