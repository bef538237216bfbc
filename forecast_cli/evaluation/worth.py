"""What each covariate is worth: the error of a network that was trained without it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from forecast_cli.evaluation.backtest import Fit, OnProgress, fit_completely, rolling
from forecast_cli.evaluation.folds import Fold
from forecast_cli.evaluation.leaderboard import leaderboard
from forecast_cli.forecasting import Forecaster, Model, Progress
from forecast_cli.panel.panel import Panel

EVERYTHING = "with all covariates"

MIN_WORTH = 0.005
"""A covariate is useful if the error without it is more than this fraction above the error with all covariates."""


@dataclass(frozen=True)
class Worth:
    """How much one covariate improves the forecasts of a network.

    name:    the name of the covariate
    without: the MASE of a network without it
    change:  the relative increase of this MASE over that with all covariates; 0.1 is 10 percent
    """

    name: str
    without: float
    change: float

    @property
    def is_useful(self) -> bool:
        return self.change > MIN_WORTH


def covariate_worth(model: Model, folds: Sequence[Fold], step_size: int, report: OnProgress) -> list[Worth]:
    """Train a model on the first fold with all covariates, and once without each of them. Score it on all folds.

    After a cutoff, the actual values of known-ahead covariates are used. In a real forecast, some of these values may
    themselves be forecasts, such as those of the weather.

    model:      an unfitted model with a network
    folds:      the folds of a panel with covariates, the earliest first
    step_size:  number of steps from one cutoff to the next
    report:     is called as the trainings proceed

    Returns the most valuable covariate first. A covariate is left out if the model without it failed on most forecasts.
    The list is empty if the model with all covariates failed on most.
    """
    known = folds[0].past.covariates
    names = [] if known is None else [column.name for column in known.columns]
    fits = {EVERYTHING: fit_completely(model)} | {name: _fit_without(model, name) for name in names}
    scores = {
        score.model: score
        for score in leaderboard(list(rolling(folds, fits, refit=False, report=report)), step_size).scores
    }
    if not scores[EVERYTHING].ranked:
        return []
    base = scores[EVERYTHING].figures["mase"]
    without = {name: scores[name].figures["mase"] for name in names if scores[name].ranked}
    found = [Worth(name, mase, mase / base - 1 if base else 0.0) for name, mase in without.items()]
    return sorted(found, key=lambda worth: -worth.change)


def _fit_without(model: Model, name: str) -> Fit:
    """A function that fits the model to a panel without the covariate of this name."""
    fit = fit_completely(model)

    def fit_without(past: Panel, progress: Progress) -> Forecaster:
        assert past.covariates is not None
        return fit(replace(past, covariates=past.covariates.without(name)), progress)

    return fit_without
