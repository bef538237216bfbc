"""Measure whether trees improve the forecast of a network, and which share of the trees has the lowest error.

Trees forecast a correction of the network's forecast. Their share is the fraction of this correction that is added. All
errors are measured on folds whose steps neither network nor trees were trained on.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecast_cli.panel.arrays import Floats, Ints

SHARES = (0.5, 1.0)
"""The shares of the trees that are compared; 1 adds the whole correction. A finer choice would follow chance: on so few
folds, estimated weights seldom beat the equal mean of two forecasts."""

NETWORK, TREES = 0, len(SHARES)
"""Columns of errors: the share 0 of the trees, and the share 1."""

MIN_FOLDS_WON = 2


@dataclass(frozen=True)
class FoldForecasts:
    """The forecasts of network and trees on one fold, and the actual values.

    All arrays have the shape (rows,). A row is one forecast step after one origin. Values are normalised by level and
    scale of the window at the origin.

    network:  the forecast of the network alone
    trees:    the forecast of the network plus the whole correction by the trees
    actual:   the actual values
    group:    the index of the group of each row. Errors are first averaged over a group; all groups then have the same
              weight. A group is a series. A single series is cut into spans as long as the horizon, and each span is a
              group, because errors of neighbouring steps depend on each other
    """

    network: Floats
    trees: Floats
    actual: Floats
    group: Ints

    def errors(self) -> Floats:
        """(groups, 1 + len(SHARES)) the mean absolute error of each group.

        Column 0 is the network alone. Each other column is the network corrected by one share in SHARES.
        """
        mean = self.network[:, None] + np.r_[0.0, SHARES] * (self.trees - self.network)[:, None]
        group = np.unique(self.group, return_inverse=True)[1]
        totals = [np.bincount(group, error) for error in np.abs(mean - self.actual[:, None]).T]
        return np.asarray(np.stack(totals, axis=1) / np.bincount(group)[:, None])


@dataclass(frozen=True)
class Evidence:
    """Whether trees improve the forecast of a network, measured on several folds.

    share:   the share in SHARES that has the lowest error over all folds
    won:     the number of folds on which trees improve the forecast. On each fold, the share with the lowest error on
             the other folds is tested. Its error must be lower than that of the network alone by more than a standard
             error. If the share is below 1, its error must be lower than that of the share 1 in the same way
    folds:   the number of folds
    errors:  (1 + len(SHARES),) the relative errors of the share 0 and of each share in SHARES: mean absolute error
             divided by that of the network, averaged over the folds
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
        """The relative error of `share`, from `errors`; below 1 if trees improve the forecast."""
        return float(self.errors[1 + SHARES.index(self.share)])

    @classmethod
    def of(cls, folds: list[FoldForecasts]) -> Evidence:
        errors = [fold.errors() for fold in folds]
        means = np.array([error.mean(axis=0) for error in errors])
        relative = means / np.maximum(means[:, :1], np.finfo(np.float64).tiny)
        won = sum(_wins(error, _best(np.delete(relative, fold, axis=0))) for fold, error in enumerate(errors))
        return cls(SHARES[_best(relative) - 1], won, len(folds), relative.mean(axis=0))


def _best(relative: Floats) -> int:
    """The column of the share in SHARES with the lowest mean over the folds of its errors (folds, 1 + len(SHARES))."""
    return 1 + int(relative[:, 1:].mean(axis=0).argmin())


def _wins(errors: Floats, column: int) -> bool:
    """Whether a share has a lower error than the network alone and the share 1, each by more than a standard error.

    False if there are fewer than two groups.

    errors:  (groups, 1 + len(SHARES)) from `FoldForecasts.errors`. The standard error is that of the mean difference
             over the groups
    column:  the column of the share. If it is that of the share 1, only the network alone is compared
    """
    gains = np.delete(errors[:, [NETWORK, TREES]] - errors[:, [column]], [1] if column == TREES else [], axis=1)
    if len(gains) < 2:
        return False
    standard_error = gains.std(axis=0, ddof=1) / np.sqrt(len(gains))
    return bool((gains.mean(axis=0) > standard_error).all())
