"""Whether trees improve the forecast of a network, and by which share: decided on folds that neither has learned."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecast_cli.panel.arrays import Floats, Ints

SHARES = (0.5, 1.0)
"""The shares of the trees that are compared. A finer choice would follow chance: on so few folds, estimated weights
seldom beat the equal mean of two forecasts."""

NETWORK, TREES = 0, len(SHARES)
"""Columns of errors: the share 0 of the trees, and the share 1."""

MIN_FOLDS_WON = 2


@dataclass(frozen=True)
class Scored:
    """The forecasts of one fold, and the actual values; all (rows,), in units of the window at each origin.

    unit:  number of the series; with one series, number of the step that is forecast. Units count equally
    """

    network: Floats
    trees: Floats
    actual: Floats
    unit: Ints

    def errors(self) -> Floats:
        """(units, 1 + len(SHARES)) mean absolute error of the network, and of its mean with the trees by each share."""
        mean = self.network[:, None] + np.r_[0.0, SHARES] * (self.trees - self.network)[:, None]
        unit = np.unique(self.unit, return_inverse=True)[1]
        totals = [np.bincount(unit, error) for error in np.abs(mean - self.actual[:, None]).T]
        return np.asarray(np.stack(totals, axis=1) / np.bincount(unit)[:, None])


@dataclass(frozen=True)
class Evidence:
    """What the folds say.

    share:   the share of the trees with the lowest error over all folds
    won:     number of folds in which a mean of network and trees beat both, each by more than a standard error. Its
             share had the lowest error in the other folds. With the share 1 it is the trees' forecast itself, and has
             to beat the network
    folds:   number of folds
    errors:  (1 + len(SHARES),) as `Scored.errors`, relative to the network's, mean over folds
    """

    share: float
    won: int
    folds: int
    errors: Floats

    @property
    def keeps_trees(self) -> bool:
        return self.won >= MIN_FOLDS_WON

    @property
    def error(self) -> float:
        """The error with this share of the trees, relative to the network's."""
        return float(self.errors[1 + SHARES.index(self.share)])

    @classmethod
    def of(cls, folds: list[Scored]) -> Evidence:
        errors = [fold.errors() for fold in folds]
        means = np.array([error.mean(axis=0) for error in errors])
        relative = means / np.maximum(means[:, :1], np.finfo(np.float64).tiny)
        won = sum(_wins(error, _best(np.delete(relative, fold, axis=0))) for fold, error in enumerate(errors))
        return cls(SHARES[_best(relative) - 1], won, len(folds), relative.mean(axis=0))


def _best(relative: Floats) -> int:
    """The column of the share with the lowest mean of the errors (folds, 1 + len(SHARES))."""
    return 1 + int(relative[:, 1:].mean(axis=0).argmin())


def _wins(errors: Floats, column: int) -> bool:
    """Whether a share has a lower error than the network and than the trees, each by more than a standard error."""
    gains = np.delete(errors[:, [NETWORK, TREES]] - errors[:, [column]], [1] if column == TREES else [], axis=1)
    if len(gains) < 2:
        return False
    standard_error = gains.std(axis=0, ddof=1) / np.sqrt(len(gains))
    return bool((gains.mean(axis=0) > standard_error).all())
