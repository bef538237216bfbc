"""Whether trees improve the forecast of a network, and by which share: decided on folds that neither has learned."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecast_cli.panel.arrays import Floats, Ints

SHARES = np.arange(1, 10) / 10
"""The shares of the trees that are compared."""

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
        """(units, len(SHARES) + 2) mean absolute error of the network, of the mean with each share, of the trees."""
        shares = np.r_[0.0, SHARES, 1.0]
        mixed = self.network[:, None] + shares * (self.trees - self.network)[:, None]
        unit = np.unique(self.unit, return_inverse=True)[1]
        error = np.abs(mixed - self.actual[:, None])
        totals = np.stack([np.bincount(unit, column) for column in error.T], axis=1)
        return np.asarray(totals / np.bincount(unit)[:, None])


@dataclass(frozen=True)
class Evidence:
    """What the folds say.

    share:    the trees' share with the lowest error over all folds
    won:      number of folds in which the mean of both beat each of them by more than a standard error. Its share is
              then the one with the lowest error in the other folds
    folds:    number of folds
    mixed:    the error of these means, relative to the network's, averaged over folds
    trees:    the error of the trees alone, likewise
    """

    share: float
    won: int
    folds: int
    mixed: float
    trees: float

    @property
    def keeps_trees(self) -> bool:
        return self.won >= MIN_FOLDS_WON

    @classmethod
    def of(cls, folds: list[Scored]) -> Evidence:
        errors = [fold.errors() for fold in folds]
        means = np.array([error.mean(axis=0) for error in errors])
        relative = means / np.maximum(means[:, :1], np.finfo(np.float64).tiny)
        best = _best(relative)
        of_others = [_best(np.delete(relative, fold, axis=0)) for fold in range(len(folds))]
        won = sum(_beats_both(error, chosen) for error, chosen in zip(errors, of_others, strict=True))
        mixed = float(np.mean([row[chosen] for row, chosen in zip(relative, of_others, strict=True)]))
        return cls(float(SHARES[best - 1]), won, len(folds), mixed, float(relative[:, -1].mean()))


def _best(relative: Floats) -> int:
    """The column of the share with the lowest mean error (folds, len(SHARES) + 2)."""
    return 1 + int(relative[:, 1:-1].mean(axis=0).argmin())


def _beats_both(errors: Floats, column: int) -> bool:
    """Whether a mean has a lower error than the network and than the trees, each by more than a standard error."""
    gains = errors[:, [0, -1]] - errors[:, [column]]
    count = len(gains)
    if count < 2:
        return False
    standard_error = gains.std(axis=0, ddof=1) / np.sqrt(count)
    return bool((gains.mean(axis=0) > standard_error).all())
