"""Say whether the best trial is also better than the defaults on the last steps, which no trial has seen."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from forecast_cli.evaluation.metrics import METRICS
from forecast_cli.tuning.trials import Trial, best_of
from forecast_cli.words import counted


def verdict(trials: Sequence[Trial], metric: str, horizon: int, output: Path) -> str:
    """A sentence on the errors of the best trial and of the defaults on the last steps.

    The best trial counts as better only if its error is still lower after rounding to the decimals that are shown.

    trials:  in the order of their numbers; the first has the defaults
    metric:  the name of the metric of the errors, in METRICS
    horizon: the number of the last steps
    output:  the file with the options of the best trial
    """
    defaults, best = trials[0], best_of(trials)
    if best is defaults:
        return f"No trial has a lower error than the defaults: {output} has the defaults."
    where = f"On the last {counted(horizon, 'step')}, which no trial has seen"
    if defaults.outer is None or best.outer is None:
        return f"{where}, no error is known."
    of_best, of_defaults = METRICS[metric].text(best.outer), METRICS[metric].text(defaults.outer)
    figures = f"({METRICS[metric].heading} {of_best} against {of_defaults})"
    if best.outer < defaults.outer and of_best != of_defaults:
        return f"{where}, the tuned options are better than the defaults {figures}."
    return (
        f"{where}, the tuned options are not better than the defaults {figures}: the defaults may be the safer choice."
    )
