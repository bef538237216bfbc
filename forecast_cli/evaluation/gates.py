"""Quality gates: conditions on the leaderboard under which a run is to fail."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Sequence
from dataclasses import dataclass

from forecast_cli.config import ALWAYS_COMPARED, DEFAULT_MODELS, METRICS, BacktestConfig
from forecast_cli.errors import UsageError
from forecast_cli.evaluation.leaderboard import Leaderboard

COMPARISONS = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le}
CONDITION = re.compile(r"\s*(?:([\w-]+)\.)?(\w+)\s*([<>]=?)\s*([-+]?(?:\d+\.?\d*|\.\d+))\s*")
EXAMPLE = 'A condition reads "mase>1", or "ets.mase>1" for a model by name.'


@dataclass(frozen=True)
class Gate:
    """Fails where `model`'s `metric` compares with `limit` as `sign` says."""

    model: str
    metric: str
    sign: str
    limit: float

    def failure(self, board: Leaderboard) -> str | None:
        """What to say where the gate fails: the condition holds, or cannot be checked."""
        value = next((getattr(row, self.metric) for row in board.standings if row.model == self.model), math.nan)
        condition = f"{self.model}.{self.metric} {self.sign} {self.limit:g}"
        if math.isnan(value):
            return f"The gate {condition} cannot be checked: {self.model} has no such figure."
        if COMPARISONS[self.sign](value, self.limit):
            return f"The gate {condition} failed: {self.model} has {value:.4g}."
        return None


def parse_gates(conditions: Sequence[str], config: BacktestConfig) -> list[Gate]:
    """The gates that the conditions spell; one that names no model is about the first.

    Raises UsageError for what is no condition, or is about a model that is not to be compared.

    >>> parse_gates(["mase > 1", "ets.bias<-5"], BacktestConfig())[1]
    Gate(model='ets', metric='bias', sign='<', limit=-5.0)
    """
    models = config.models or DEFAULT_MODELS
    gates = []
    for text in conditions:
        found = CONDITION.fullmatch(text)
        if found is None:
            raise UsageError(f"--fail-if '{text}': is not a condition.", EXAMPLE)
        model, metric, sign, limit = found.groups()
        if metric.lower() not in METRICS:
            raise UsageError(f"--fail-if '{text}': '{metric}' is not one of {', '.join(METRICS)}.", EXAMPLE)
        if model and model not in (*models, *ALWAYS_COMPARED):
            raise UsageError(f"--fail-if '{text}': {model} is not among the models to compare.", "Add it to --models.")
        gates.append(Gate(model or models[0], metric.lower(), sign, float(limit)))
    return gates
