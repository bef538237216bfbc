"""Quality gates."""

from __future__ import annotations

import numpy as np
import pytest

from forecast_cli.errors import UsageError
from forecast_cli.evaluation.backtest import rolling
from forecast_cli.evaluation.folds import rolling_folds
from forecast_cli.evaluation.gates import Gate, parse_gates
from forecast_cli.evaluation.leaderboard import leaderboard
from forecast_cli.options import BacktestConfig
from tests.evaluation.simple_models import Raising, Repeat
from tests.sample_panels import undated


def test_a_condition_is_about_the_first_model_or_the_one_it_names() -> None:
    config = BacktestConfig(models=("ets", "window-average"))

    gates = parse_gates(["mase>1", " window-average.SMAPE <= 7.5", "naive.bias<-.5", "skill>=1", "mae>2e-3"], config)

    assert gates == [
        Gate("ets", "mase", ">", 1.0),
        Gate("window-average", "smape", "<=", 7.5),
        Gate("naive", "bias", "<", -0.5),
        Gate("ets", "skill", ">=", 1.0),
        Gate("ets", "mae", ">", 0.002),
    ]


@pytest.mark.parametrize(("condition", "model"), [("mase>1", "blend"), ("lstm+smoothing.mase>1", "lstm+smoothing")])
def test_without_models_a_condition_is_about_the_first_one_for_the_data(condition: str, model: str) -> None:
    (gate,) = parse_gates([condition], BacktestConfig())

    assert gate.on("blend") == Gate(model, "mase", ">", 1.0)


@pytest.mark.parametrize("text", ["", "mase", "mase=1", "mase>", "mase>one", "1<mase", "mape>1", "theta.mase>1"])
def test_an_invalid_condition_is_refused_with_a_hint(text: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_gates([text], BacktestConfig(models=("ets",)))
    assert text in refused.value.message
    assert refused.value.hint


def test_a_gate_fails_where_its_condition_holds_or_cannot_be_checked() -> None:
    folds = rolling_folds(undated(np.arange(9) ** 2), 1, 1, 1)
    board = leaderboard(list(rolling(folds, {"repeat": Repeat(), "raising": Raising()})), 1)
    mae = board.scores[0].figures["mae"]
    assert mae == 15

    assert Gate("repeat", "mae", ">", 15).failure(board) is None
    assert Gate("repeat", "mae", "<", 15).failure(board) is None
    assert Gate("repeat", "mae", ">=", 15).failure(board) == "The gate repeat.mae >= 15 failed: repeat has 15."
    assert (
        Gate("repeat", "mae", "<", 15.00001).failure(board) == "The gate repeat.mae < 15.00001 failed: repeat has 15."
    )
    assert (
        Gate("repeat", "mae", ">", 14.99999).failure(board) == "The gate repeat.mae > 14.99999 failed: repeat has 15."
    )
    assert Gate("", "mase", ">", 1).failure_at(1.00004, "lstm") == "The gate mase > 1 failed: lstm has 1.00004."
    for name in ("raising", "left-out"):
        said = Gate(name, "mae", ">", 1e9).failure(board)
        assert said is not None
        assert "cannot be checked" in said
