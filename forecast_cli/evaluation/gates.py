"""Quality gates: conditions on figures of accuracy under which a run is to fail."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from forecast_cli.errors import UsageError, mention
from forecast_cli.options import ALWAYS_COMPARED, DEFAULT_MODELS, METRICS, BacktestConfig

if TYPE_CHECKING:
    from forecast_cli.evaluation.leaderboard import Leaderboard

COMPARISONS = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le}
CONDITION = re.compile(r"\s*(?:([\w-]+)\.)?(\w+)\s*([<>]=?)\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*")
EXAMPLE = 'A condition reads "mase>1"'


@dataclass(frozen=True)
class Gate:
    """Fails where `model`'s `metric` compares with `limit` as `sign` says; `model` is "" where there is but one."""

    model: str
    metric: str
    sign: str
    limit: float

    @classmethod
    def parse(cls, text: str, metrics: Sequence[str], example: str = f"{EXAMPLE}.") -> Gate:
        """The gate that a condition spells. Raises UsageError for what is no condition on one of the `metrics`."""
        found = CONDITION.fullmatch(text)
        if found is None:
            raise UsageError(f"'{text}': is not a condition.", example, option="fail-if")
        model, metric, sign, limit = found.groups(default="")
        if metric.lower() not in metrics:
            raise UsageError(f"'{text}': '{metric}' is not one of {', '.join(metrics)}.", example, option="fail-if")
        return cls(model, metric.lower(), sign, float(limit))

    def failure(self, board: Leaderboard) -> str | None:
        """What to say where the gate fails on a leaderboard."""
        value = next((getattr(row, self.metric) for row in board.standings if row.model == self.model), math.nan)
        return self.failure_at(value, self.model)

    def failure_at(self, value: float, owner: str) -> str | None:
        """What to say where the gate fails: the condition holds for `owner`'s value, or cannot be checked."""
        name = f"{self.model}.{self.metric}" if self.model else self.metric
        condition = f"{name} {self.sign} {_exactly(self.limit)}"
        if math.isnan(value):
            return f"The gate {condition} cannot be checked: {owner} has no such figure."
        if COMPARISONS[self.sign](value, self.limit):
            return f"The gate {condition} failed: {owner} has {_told_from(self.limit, value)}."
        return None


def _exactly(number: float) -> str:
    return f"{number:g}" if float(f"{number:g}") == number else repr(number)


def _told_from(limit: float, value: float) -> str:
    """A value in four digits, or in as many as show on which side of the limit it lies."""
    written = (f"{value:.{digits}g}" for digits in range(4, 18))
    return next((text for text in written if float(text) != limit), _exactly(value))


def parse_gates(conditions: Sequence[str], config: BacktestConfig) -> list[Gate]:
    """The gates that the conditions spell; one that names no model is about the first.

    Raises UsageError for what is no condition, or is about a model that is not to be compared.

    >>> parse_gates(["mase > 1", "ets.bias<-5"], BacktestConfig())[1]
    Gate(model='ets', metric='bias', sign='<', limit=-5.0)
    """
    models = config.models or DEFAULT_MODELS
    gates = []
    for text in conditions:
        gate = Gate.parse(text, METRICS, f'{EXAMPLE}, or "ets.mase>1" for a model by name.')
        if gate.model and gate.model not in (*models, *ALWAYS_COMPARED):
            raise UsageError(
                f"'{text}': {gate.model} is not among the models to compare.",
                f"Add it to {mention('models')}.",
                option="fail-if",
            )
        gates.append(replace(gate, model=gate.model or models[0]))
    return gates
