"""Making a blend: the network and the statistical methods at earlier cutoffs, where their errors become weights."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import numpy as np

from forecast_cli.evaluation.backtest import Fitted, Run, rolling
from forecast_cli.evaluation.folds import Fold, last_fold, points_needed, rolling_folds
from forecast_cli.evaluation.pairs import Pairs
from forecast_cli.models.baselines import MEDIAN_OF, StatisticalForecaster, estimated_seconds
from forecast_cli.models.blend import BlendForecaster, Weights, weigh
from forecast_cli.models.recurrent import RecurrentTraining
from forecast_cli.models.training import Progress
from forecast_cli.panel.forecaster import Forecaster
from forecast_cli.panel.panel import Panel

log = logging.getLogger(__name__)

STATISTICAL = MEDIAN_OF

HEAD_START = 3.0
"""What the network counts beside a statistical method with the same error: the methods err alike, so that one more of
them adds little, and at the earlier cutoffs the network has not yet learned all that it will have learned."""

PATIENCE = 300.0
"""A method that would take one core longer to forecast the panel once is no member (estimated, in seconds)."""

MOST_CUTOFFS = 3
CUTOFF_BUDGET = 60.0
"""One core's seconds (estimated) that go into more than one cutoff."""


class BlendTraining:
    """Training in two rounds, as that of a network alone: `fit` up to a cutoff, `update` with what came since.

              cutoff 1    cutoff 2    cutoff 3        end of the panel
        lstm  train, try  try         try             learn the rest
        ets   try         try         try
              `----------- errors ---------'  ->  weights

    The network is trained once, on what precedes the earliest cutoff, and tried as it is at all of them.
    """

    def __init__(self, network: RecurrentTraining, horizon: int) -> None:
        self.network = network
        self.name = network.recipe.spec.topology
        self.horizon = horizon
        self.weights: Weights | None = None

    def fit(self, panel: Panel, progress: Progress) -> None:
        """Train the network, weigh all members at cutoffs within the panel, and learn the panel to its end.

        Raises DataError where the panel is too short to train on.
        """
        methods = affordable_methods(panel)
        folds = weighing_folds(panel, self.horizon, methods)
        self.network.fit(folds[0].past if folds else panel, progress)
        forecasters: dict[str, Forecaster] = {self.name: self.network.forecaster()}
        forecasters |= {name: StatisticalForecaster(name) for name in methods}
        models = {name: Fitted(forecaster) for name, forecaster in forecasters.items()}
        runs = list(rolling(folds, models, refit=False))
        self.weights = weights_from(runs, tuple(models), panel)
        _tell(self.weights, len(folds))
        self.network.update(panel)

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
            log.info("The blend goes without %s, which would take minutes here.", name)
    if not methods:
        log.warning("The blend is the network alone: every statistical method would take minutes here.")
    return methods


def weighing_folds(panel: Panel, horizon: int, methods: Sequence[str]) -> list[Fold]:
    """The folds where members are weighed: up to three where that is quick and at least half of the series are long
    enough for them all; one of fewer steps where the series are too short for the horizon; none where there is no room.
    """
    spare = int(np.median(panel.lengths)) - points_needed(panel, horizon)
    quick = CUTOFF_BUDGET / max(sum(estimated_seconds(name, panel) for name in methods), 1.0)
    cutoffs = min(spare // horizon, max(1, int(quick)), MOST_CUTOFFS)
    if cutoffs > 0:
        return rolling_folds(panel, horizon, cutoffs, horizon)
    shorter = last_fold(panel, horizon)
    return [shorter] if len(shorter.rows) else []


def weights_from(runs: Sequence[Run], members: tuple[str, ...], panel: Panel) -> Weights:
    """The weights of the series that were scored, from complete folds; of all, as before, where there are no runs."""
    before = np.array([1.0 if name in STATISTICAL else HEAD_START for name in members])
    if not runs:
        unknown = np.full((len(panel), len(members)), np.nan)
        return Weights(members, panel.ids, weigh(unknown, np.zeros(len(panel), dtype=np.intp), before))
    pairs = Pairs.of(runs)
    ids, cutoffs = np.unique(pairs.ids, return_counts=True)
    errors = np.stack([pairs.by_series(pairs.errors(name)["mae"]) for name in members], axis=1)
    return Weights(members, ids, weigh(errors, cutoffs, before))


def _tell(weights: Weights, cutoffs: int) -> None:
    if not cutoffs:
        log.warning("The series are too short to compare the members of the blend: none of them has earned its weight.")
        return
    shares = ", ".join(f"{name} {share:.0%}" for name, share in zip(weights.members, weights.typical, strict=True))
    log.info("Blend of %s, weighed at %d cutoff%s.", shares, cutoffs, "" if cutoffs == 1 else "s")
