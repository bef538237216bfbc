"""The tutorial shows what the program prints, and the readme what the tutorial's model gives."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.console import LEFT_OUT, README, TUTORIAL, alike, blocks, outputs
from tests.run_here import run_here


@pytest.mark.slow
def test_the_tutorial_and_the_readme_show_the_programs_output(tmp_path: Path) -> None:
    stale, by_command = [], {}
    for example, printed in outputs(TUTORIAL, tmp_path):
        stale += not_printed(example.output, printed)
        by_command[example.args[0], *example.args[1:]] = printed
    assert stale == []

    trained = by_command["train", "sample_data/airline_passengers.csv"]
    against = ["--against", "arima,ets,theta,seasonal-naive"]
    predicted = run_here("predict", "--horizon", "12", *against, home=tmp_path).stdout.splitlines()
    demo = blocks(README, "")[0].splitlines()
    assert not_printed(demo, [*trained, *predicted]) == []


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        ("theta  0.804  4.82", "theta  0.811   4.9", True),
        ("theta  0.804  4.82", "theta  0.904  4.82", False),
        ("theta  0.804", "ets  0.804", False),
        ("1961-01-01  446.09", "1961-02-01  446.09", False),
        ("a 12% lower error (MASE 0.550 against 0.629)", "a 13% lower error (MASE 0.551 against 0.630)", True),
        ("Trained in 12 s.", "Trained in 70 s.", True),
        ("ets  35.8    0   0.0   0.3", "ets  35.8    0   0.1   9.3", True),
        ("-----  ---", "----  ---", True),
    ],
)
def test_lines_are_alike_up_to_last_digits_and_times(shown: str, printed: str, same: bool) -> None:
    assert alike(shown, printed) == same


def not_printed(shown: list[str], printed: list[str]) -> list[str]:
    return [line for line in shown if line != LEFT_OUT and not any(alike(line, other) for other in printed)]
