"""Fit trees to the errors of a network's out-of-fold forecasts, and measure which share of the trees is best."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from forecast_cli.activity import doing
from forecast_cli.features.features import Features
from forecast_cli.model_names import TREES
from forecast_cli.models.combined.evidence import MIN_FOLDS_WON, SHARES, Evidence, FoldForecasts
from forecast_cli.models.combined.out_of_fold import OutOfFold
from forecast_cli.models.combined.tree_ensemble import Trees, load_trees
from forecast_cli.models.combined.tree_features import Steps
from forecast_cli.models.combined.tree_kinds import fit_trees
from forecast_cli.models.description import TreePart
from forecast_cli.models.network.limits import Limits
from forecast_cli.panel.arrays import Floats, Ints

MIN_ROWS = 50
"""Trees need at least this many pairs of origin and step to learn from in each fold."""

MAX_BATCH_ROWS = 2**16
"""Maximum number of rows that trees forecast at once; it limits the memory that they need."""


@dataclass(frozen=True)
class FittedTrees:
    """Fitted trees, which forecast the errors of a network.

    content:  the trees as an ONNX file
    longest:  the largest number of steps ahead that they were trained on
    """

    content: bytes
    longest: int

    @cached_property
    def run(self) -> Trees:
        """A function from features (rows, features) to forecast errors (rows,): the trees in `content`.

        Raises ModelError if `content` is not valid.
        """
        return load_trees(self.content)

    def path(self, features: Features, origins: Ints, network: Floats) -> Floats:
        """(k, h) the adjusted values after each origin: the network's forecast, plus the error that the trees forecast.

        Adjusted values are scaled and without season. One feature of a step is the number of steps ahead; it is at most
        `longest`. The result is limited to values near the observed range of each series (`Limits.near`).

        features: of the panel to forecast
        origins:  (k,) the indices of the origins
        network:  (k, h) the adjusted values that the network forecasts
        """
        size = max(1, MAX_BATCH_ROWS // network.shape[1])
        batches = [slice(at, at + size) for at in range(0, len(origins), size)]
        path = np.concatenate([self._path(features, origins[batch], network[batch]) for batch in batches])
        return np.asarray(np.clip(path, *Limits.of(features).near(origins, path.shape[1])))

    def _path(self, features: Features, origins: Ints, network: Floats) -> Floats:
        steps = Steps.after(features, origins, network, self.longest)
        error = self.run(steps.rows.reshape(-1, steps.rows.shape[2])).reshape(network.shape)
        return steps.windows.restore(steps.network + error)


def learn(kind: str, rows: OutOfFold | None, seed: int) -> tuple[TreePart, FittedTrees | None]:
    """Fit trees to the errors of a network, and measure whether they improve its forecast.

    Returns the description of the trees, and the trees fitted to all rows. If the trees do not improve the forecast, or
    if there are too few rows to measure it, their share is 0 and the second result is None.

    kind:  a name in `model_names.TREES`
    rows:  the network's forecasts of steps that it was not trained on; None if the series are too short for them
    seed:  of the random numbers
    """
    doing(f"Fitting {TREES[kind]}")
    folds = [] if rows is None else _scored(kind, rows, seed)
    if rows is None or not folds:
        reason = (
            "The network stands alone: the series are too short to measure whether trees improve such long forecasts."
        )
        return TreePart(kind, 0.0, 0, {}, reason), None
    evidence = Evidence.of(folds)
    errors = {f"{share:g}": round(error, 4) for share, error in zip(SHARES, evidence.errors[1:].tolist(), strict=True)}
    if not evidence.keeps_trees:
        return TreePart(kind, 0.0, 0, errors, _reason(evidence)), None
    errors_of_all = rows.errors(np.ones(len(rows.actual), dtype=np.bool_))
    trees = FittedTrees(fit_trees(kind, rows.features, errors_of_all, seed), rows.longest)
    return TreePart(kind, evidence.share, rows.longest, errors, _reason(evidence)), trees


def _scored(kind: str, rows: OutOfFold, seed: int) -> list[FoldForecasts]:
    """The forecasts of network and trees on each fold. The list is empty if any fold has too few rows."""
    folds = rows.folds()
    if not all(learned.sum() >= MIN_ROWS and scored.any() for learned, scored in folds):
        return []
    group = rows.target // rows.longest if rows.is_single else rows.series
    found = []
    for learned, scored in folds:
        trees = load_trees(fit_trees(kind, rows.features[learned], rows.errors(learned), seed))
        network = rows.network[scored]
        found.append(FoldForecasts(network, network + trees(rows.features[scored]), rows.actual[scored], group[scored]))
    return found


def _reason(evidence: Evidence) -> str:
    percent = round(100 * abs(1 - evidence.error))
    change = f"{percent}% {'lower' if evidence.error < 1 else 'higher'}" if percent else "the same"
    measured = f"on {evidence.won} of {evidence.folds} earlier folds by more than a standard error"
    if evidence.keeps_trees:
        return f"With the trees the error was {change}, {measured}."
    return f"The network stands alone: with trees the error was {change}; lower {measured}, of {MIN_FOLDS_WON} needed."
