"""The types of options: which values each takes, and what it says of others."""

from __future__ import annotations

import re

import pytest

from forecast_cli.jobs.file.key_types import Retraining
from forecast_cli.option_types import (
    Character,
    Choice,
    ColumnNames,
    Duration,
    Integer,
    IntegerList,
    ModelName,
    Number,
    OptionType,
)


@pytest.mark.parametrize(
    ("kind", "value", "complaint"),
    [
        (Integer(1), 0, "must be 1 or more."),
        (Integer(1, 3), 4, "must be 1 to 3."),
        (Number(0, below=1), 1, "must be at least 0 and below 1."),
        (Number(0, above=True), 0, "must be above 0."),
        (Number(0), float("inf"), "must be a finite number."),
        (Choice(("mae", "mse")), "mmae", "must be one of mae, mse. Did you mean 'mae'?"),
        (
            ModelName(("lstm", "ets")),
            "lstmm",
            "there is no such model. Did you mean 'lstm'? 'forecast models' lists all models.",
        ),
        (Character(), "", "must be one character, or tab."),
        (Character(), "§", "must be an ASCII character, and neither a quote nor the end of a line."),
        (Character(), '"', "must be an ASCII character, and neither a quote nor the end of a line."),
        (IntegerList(1, 9, max_items=2), (1, 2, 3), "must be 1 to 2 numbers, as in 128,128."),
        (ColumnNames(), ("y", "x", "y"), "must name each column once, and 'y' is repeated."),
        (IntegerList(1, 9, max_items=2), (10,), "each number must be 1 to 9."),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, OptionType) else None,
)
def test_each_type_says_what_it_takes(kind: OptionType[object], value: object, complaint: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(complaint)}$"):
        kind.check(value)


def test_when_to_train_again_is_a_word_or_an_age() -> None:
    assert Retraining().read("never") == "never"
    assert Retraining().read("7d") == Duration().parse("7d")


def test_a_model_with_a_capital_may_be_one_of_statsforecast() -> None:
    assert ModelName(("lstm", "ets")).parse("HoltWinters") == "HoltWinters"
