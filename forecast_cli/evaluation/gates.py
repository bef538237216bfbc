"""Quality gates: conditions on the accuracy of a model, such as "mase > 1". A command fails if one of them is true, or
cannot be checked."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from forecast_cli.errors import UsageError, mention
from forecast_cli.model_names import ALWAYS_COMPARED, default_models
from forecast_cli.options import METRICS, BacktestConfig

if TYPE_CHECKING:
    from forecast_cli.evaluation.leaderboard import Leaderboard

COMPARISONS = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le}
CONDITION = re.compile(r"\s*(?:([\w+-]+)\.)?(\w+)\s*([<>]=?)\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*")
EXAMPLE = 'Write a condition as "mase>1"'


@dataclass(frozen=True)
class Gate:
    """A condition such as "ets.mase > 1". The gate fails if the condition is true, or if the metric has no value.

    model:  the name of the model, such as "ets"; "" if the condition names none: see `on`
    metric: the name of the metric, such as "mase"
    sign:   one of COMPARISONS
    limit:  the number that the value of the metric is compared with
    """

    model: str
    metric: str
    sign: str
    limit: float

    @classmethod
    def parse(cls, text: str, metrics: Sequence[str], example: str = f"{EXAMPLE}.") -> Gate:
        """Read a gate from a text such as "ets.mase > 1".

        metrics: the names of the metrics that are allowed
        example: a sentence for the error, which shows a valid condition

        Raises UsageError if the text is not a condition on one of the metrics.
        """
        match = CONDITION.fullmatch(text)
        if match is None:
            raise UsageError(f"'{text}': is not a condition.", example, option="fail-if")
        model, metric, sign, limit = match.groups(default="")
        if metric.lower() not in metrics:
            raise UsageError(f"'{text}': '{metric}' is not one of {', '.join(metrics)}.", example, option="fail-if")
        return cls(model, metric.lower(), sign, float(limit))

    def on(self, first: str) -> Gate:
        """Return the same gate, with the model `first` (the first model of the backtest) if the gate names no model."""
        return replace(self, model=self.model or first)

    def failure(self, board: Leaderboard) -> str | None:
        """A sentence that says why the gate fails on a leaderboard; None if it does not fail."""
        figures = [score.figures[self.metric] for score in board.scores if score.model == self.model]
        return self.failure_at(figures[0] if figures else math.nan, self.model)

    def failure_at(self, value: float, owner: str) -> str | None:
        """A sentence that says why the gate fails for this value of the metric; None if it does not fail.

        value:  the figure; for NaN the gate fails, because it cannot be checked
        owner:  the model or the forecasts that the value belongs to, as text
        """
        name = f"{self.model}.{self.metric}" if self.model else self.metric
        condition = f"{name} {self.sign} {_exactly(self.limit)}"
        if math.isnan(value):
            return f"The gate {condition} cannot be checked: {owner} has no such figure."
        if COMPARISONS[self.sign](value, self.limit):
            return f"The gate {condition} failed: {owner} has {_distinct(value, self.limit)}."
        return None


def _exactly(number: float) -> str:
    return f"{number:g}" if float(f"{number:g}") == number else repr(number)


def _distinct(value: float, limit: float) -> str:
    """A value as text with four digits. It has more digits if it would otherwise look equal to the limit."""
    texts = (f"{value:.{digits}g}" for digits in range(4, 18))
    return next((text for text in texts if float(text) != limit), _exactly(value))


def parse_gates(conditions: Sequence[str], config: BacktestConfig) -> list[Gate]:
    """The gates of a backtest, from conditions as text.

    If a condition names no model, its gate is for the first of `config.models`. If `config.models` is empty, the
    gate names no model, because the first model then depends on the data.

    Raises UsageError for a text that is not a condition, and for a model that is not in the backtest.

    >>> parse_gates(["mase > 1", "ets.bias<-5"], BacktestConfig())[1]
    Gate(model='ets', metric='bias', sign='<', limit=-5.0)
    """
    models = config.models or default_models(1)
    gates = []
    for text in conditions:
        gate = Gate.parse(text, METRICS, f'{EXAMPLE}, or "ets.mase>1" for a model by name.')
        if gate.model and gate.model not in (*models, *ALWAYS_COMPARED):
            raise UsageError(
                f"'{text}': {gate.model} is not among the models to compare.",
                f"Add it to {mention('models')}.",
                option="fail-if",
            )
        gates.append(gate.on(config.models[0]) if config.models else gate)
    return gates
