"""Making a blend: the network and the statistical methods at an earlier cutoff, where their errors become weights."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping

import numpy as np

from forecast_cli.evaluation.backtest import Fitted, rolling
from forecast_cli.evaluation.folds import Fold, last_fold, max_holdout, points_needed, rolling_folds
from forecast_cli.evaluation.metrics import mae
from forecast_cli.forecasting import Forecaster, Progress
from forecast_cli.models.combined.weights import BlendForecaster, Weights, weigh
from forecast_cli.models.network.model import RecurrentTraining
from forecast_cli.models.statistical.methods import MEDIAN_OF, StatisticalForecaster, estimated_seconds
from forecast_cli.panel.panel import Panel
from forecast_cli.panel.series import Floats

log = logging.getLogger(__name__)

STATISTICAL = MEDIAN_OF

HEAD_START = 6.0
"""What the network counts beside a statistical method with the same error: the methods err alike, so that one more of
them adds little, and at the earlier cutoff the network has not yet learned all that it will have learned."""

PATIENCE = 300.0
"""A method that would take one core longer to forecast the panel once is no member (estimated, in seconds)."""


class BlendTraining:
    """Training in two rounds, as that of a network alone: `fit` up to a cutoff, `update` with what came since.

          cutoff              end of the panel
    lstm  train, try          learn the rest
    ets   try
          `-- errors --' -> weights
    """

    def __init__(self, network: RecurrentTraining, horizon: int) -> None:
        self.network = network
        self.name = network.recipe.spec.topology
        self.horizon = horizon
        self.weights: Weights | None = None

    def fit(self, panel: Panel, progress: Progress, cutoff: str | None = None) -> None:
        """Train the network, weigh all members at a cutoff within the panel, and learn the panel to its end.

        cutoff:  the last time known of the series that the blend is measured on, as text

        Raises DataError where the panel is too short to train on.
        """
        methods = affordable_methods(panel)
        fold = weighing_fold(panel, self.horizon)
        if fold:
            self.network.fit(fold.past, progress, fold.end)
        else:
            self.network.fit(panel, progress, cutoff)
        members: dict[str, Forecaster] = {self.name: self.network.forecaster()}
        members |= {name: StatisticalForecaster(name) for name in methods}
        self.weights = weights_at(fold, members) if fold else weights_of_the_start(panel, members)
        _tell(self.weights, weighed=fold is not None)
        self.network.update(panel, cutoff)

    def update(self, panel: Panel) -> None:
        """Let the network learn every window of `panel`; the weights stay, those that any score so far is of."""
        self.network.update(panel)

    def forecaster(self) -> BlendForecaster:
        """The blend as it is so far; there is none before `fit`."""
        if self.weights is None:
            raise ValueError("a blend has no weights before it is fitted")
        return BlendForecaster.of(self.name, self.network.forecaster(), self.weights)


def affordable_methods(panel: Panel) -> list[str]:
    """The statistical members: those that do not take minutes on a panel of this size."""
    methods = [name for name in STATISTICAL if estimated_seconds(name, panel) <= PATIENCE]
    for name in STATISTICAL:
        if name not in methods:
            log.info("The blend goes without %s, which may take minutes here.", name)
    if not methods:
        log.warning("The blend is the network alone: every statistical method may take minutes here.")
    return methods


def weighing_fold(panel: Panel, horizon: int) -> Fold | None:
    """The fold where members are weighed: the last `horizon` steps, or fewer where most series are too short for that;
    None where there is no room at all.
    """
    usual = int(np.median(panel.lengths))
    if usual >= points_needed(panel, horizon) + horizon:
        return rolling_folds(panel, horizon, 1, horizon)[0]
    fold = last_fold(panel, min(horizon, max(1, max_holdout(usual))))
    return fold if len(fold.rows) else None


def weights_at(fold: Fold, members: Mapping[str, Forecaster]) -> Weights:
    """The weights of the series that a fold scores, from the errors of the members there."""
    models = {name: Fitted(member) for name, member in members.items()}
    errors = [mae(fold.actual, run.forecast.point) for run in rolling([fold], models)]
    return Weights(tuple(members), fold.known.ids, weigh(np.stack(errors, axis=1), _head_starts(members)))


def weights_of_the_start(panel: Panel, members: Mapping[str, Forecaster]) -> Weights:
    """What the members count as long as none of them has been tried."""
    unknown = np.full((len(panel), len(members)), np.nan)
    return Weights(tuple(members), panel.ids, weigh(unknown, _head_starts(members)))


def _head_starts(members: Iterable[str]) -> Floats:
    return np.array([1.0 if name in STATISTICAL else HEAD_START for name in members])


def _tell(weights: Weights, *, weighed: bool) -> None:
    if not weighed:
        log.warning("The series are too short to compare the members of the blend: none of them has earned its weight.")
        return
    shares = ", ".join(f"{name} {share:.0%}" for name, share in zip(weights.members, weights.typical, strict=True))
    log.info("Blend of %s.", shares)
