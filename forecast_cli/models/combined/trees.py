"""Trees that learn from out-of-fold forecasts of a network, and the evidence for their share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from forecast_cli.activity import doing
from forecast_cli.features.features import Features
from forecast_cli.forecasting import Progress
from forecast_cli.models.combined.evidence import MIN_FOLDS_WON, Evidence, Scored
from forecast_cli.models.combined.out_of_fold import FOLDS, OutOfFold, out_of_fold
from forecast_cli.models.combined.tree_ensemble import Trees, load_trees
from forecast_cli.models.combined.tree_features import Steps
from forecast_cli.models.combined.tree_kinds import fit_trees
from forecast_cli.models.description import TreePart
from forecast_cli.models.network.limits import Limits
from forecast_cli.models.network.model import NetworkModel
from forecast_cli.options import TREES
from forecast_cli.panel.arrays import Floats, Ints
from forecast_cli.panel.panel import Panel

MIN_ROWS = 50
"""Trees need at least this many pairs of origin and step to learn from in each fold."""

MAX_BATCH_ROWS = 2**16
"""Maximum number of rows that trees forecast at once; it limits the memory that they need."""


@dataclass(frozen=True)
class FittedTrees:
    """Fitted trees.

    content:  an ONNX file
    longest:  largest number of steps ahead that they have learned
    """

    content: bytes
    longest: int

    @cached_property
    def run(self) -> Trees:
        """The function of the ONNX file. Raises ModelError if it cannot be loaded."""
        return load_trees(self.content)

    def path(self, features: Features, origins: Ints, network: Floats) -> Floats:
        """(k, h) adjusted values after the origins (k,), for which the network forecasts (k, h) adjusted values.

        Steps beyond `longest` are forecast as that step, from the network's forecast and the calendar of their own.
        The values are held near the observed range of each series, see `Limits.near`.
        """
        size = max(1, MAX_BATCH_ROWS // network.shape[1])
        batches = [slice(at, at + size) for at in range(0, len(origins), size)]
        path = np.concatenate([self._path(features, origins[batch], network[batch]) for batch in batches])
        return np.asarray(np.clip(path, *Limits.of(features).near(origins, path.shape[1])))

    def _path(self, features: Features, origins: Ints, network: Floats) -> Floats:
        steps = Steps.after(features, origins, network, self.longest)
        forecast = self.run(steps.rows.reshape(-1, steps.rows.shape[2])).reshape(network.shape)
        return steps.windows.restore(forecast)


def learn(
    kind: str, model: NetworkModel, panel: Panel, horizon: int, seed: int, progress: Progress
) -> tuple[TreePart, FittedTrees | None]:
    """Fit trees of a kind to a panel, if they improve the forecast of such a network; otherwise there are none.

    model:  the unfitted network, with its recipe
    """
    rows = out_of_fold(model, panel, horizon, seed, progress)
    doing(f"Fitting trees: {TREES[kind]}")
    folds = [] if rows is None else _scored(kind, rows, seed)
    if rows is None or not folds:
        reason = f"The network stands alone: the series are too short to measure what the {TREES[kind]} adds."
        return TreePart(kind, 0.0, 0, {}, reason), None
    evidence = Evidence.of(folds)
    errors = {"trees": round(evidence.trees, 4), "mean": round(evidence.mixed, 4)}
    reason = _reason(kind, evidence)
    if not evidence.keeps_trees:
        return TreePart(kind, 0.0, 0, errors, reason), None
    trees = FittedTrees(fit_trees(kind, rows.features, rows.actual, seed), rows.longest)
    return TreePart(kind, evidence.share, rows.longest, errors, reason), trees


def _scored(kind: str, rows: OutOfFold, seed: int) -> list[Scored]:
    """The forecasts of network and trees on each fold; none if there are too few rows in one."""
    folds = rows.folds()
    if not all(learned.sum() >= MIN_ROWS and scored.any() for learned, scored in folds):
        return []
    unit = rows.series if len(np.unique(rows.series)) > 1 else rows.target
    found = []
    for learned, scored in folds:
        trees = load_trees(fit_trees(kind, rows.features[learned], rows.actual[learned], seed))
        found.append(Scored(rows.network[scored], trees(rows.features[scored]), rows.actual[scored], unit[scored]))
    return found


def _reason(kind: str, evidence: Evidence) -> str:
    measured = (
        f"the mean of network and {TREES[kind]} beat both by more than a standard error on {evidence.won} of {FOLDS} "
        f"folds; its error was {_compared(evidence.mixed)} the network's, that of the {TREES[kind]} alone "
        f"{_compared(evidence.trees)} it."
    )
    if evidence.keeps_trees:
        return measured[0].upper() + measured[1:]
    return f"The network stands alone: {measured} At least {MIN_FOLDS_WON} folds are needed."


def _compared(ratio: float) -> str:
    percent = round(100 * abs(1 - ratio))
    return f"{percent}% {'below' if ratio < 1 else 'above'}" if percent else "about"
