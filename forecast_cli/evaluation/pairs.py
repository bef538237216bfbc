"""Every pair of a series and a cutoff, what came after it and what each model had forecast."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.evaluation.backtest import Run
from forecast_cli.evaluation.metrics import (
    Floats,
    bias,
    mae,
    mase,
    mean_known,
    naive_scale,
    rmse,
    rmsse,
    smape,
    squared_naive_scale,
    wape,
)


@dataclass(frozen=True)
class Pairs:
    """`P` pairs of a series and a cutoff, h steps each.

    ids, cutoffs:   (P,)
    windows:        (P,) the number of the cutoff, from 0, the earliest
    actual:         (P, h)
    scale:          (P,) see `naive_scale`, of what precedes the cutoff; squared_scale likewise
    points:         model -> (P, h), rows of NaN where it failed
    """

    ids: NDArray[np.str_]
    cutoffs: NDArray[Any]
    windows: NDArray[np.intp]
    actual: Floats
    scale: Floats
    squared_scale: Floats
    points: Mapping[str, Floats]

    @classmethod
    def of(cls, runs: Sequence[Run]) -> Pairs:
        """The pairs of a backtest in which every model ran on every fold, at least one."""
        names = dict.fromkeys(run.model for run in runs)
        of_model = {name: [run for run in runs if run.model == name] for name in names}
        once = next(iter(of_model.values()))
        return cls(
            ids=np.concatenate([run.fold.known.ids for run in once]),
            cutoffs=np.concatenate([run.fold.cutoffs for run in once]),
            windows=np.repeat([run.window for run in once], [len(run.fold.rows) for run in once]),
            actual=np.concatenate([run.fold.actual for run in once]),
            scale=np.concatenate([naive_scale(run.fold.known) for run in once]),
            squared_scale=np.concatenate([squared_naive_scale(run.fold.known) for run in once]),
            points={name: np.concatenate([run.forecast.point for run in of_model[name]]) for name in names},
        )

    def __len__(self) -> int:
        return len(self.ids)

    def only(self, chosen: NDArray[np.bool_], models: Sequence[str]) -> Pairs:
        """The pairs where `chosen` (P,) is true, with these models."""
        return Pairs(
            ids=self.ids[chosen],
            cutoffs=self.cutoffs[chosen],
            windows=self.windows[chosen],
            actual=self.actual[chosen],
            scale=self.scale[chosen],
            squared_scale=self.squared_scale[chosen],
            points={name: self.points[name][chosen] for name in models},
        )

    def done(self, model: str) -> NDArray[np.bool_]:
        """(P,) where the model forecast every step."""
        return np.asarray(np.isfinite(self.points[model]).all(axis=1))

    def errors(self, model: str) -> dict[str, Floats]:
        """Metric -> (P,), NaN where the model failed or where the metric has no value."""
        actual, point = self.actual, np.where(self.done(model)[:, None], self.points[model], np.nan)
        return {
            "mase": mase(actual, point, self.scale),
            "rmsse": rmsse(actual, point, self.squared_scale),
            "smape": smape(actual, point),
            "mae": mae(actual, point),
            "rmse": rmse(actual, point),
            "wape": wape(actual, point),
            "bias": bias(actual, point),
        }

    def by_series(self, values: Floats) -> Floats:
        """(s,) the mean of `values` (P,) over the cutoffs of each series; NaN where none is known."""
        _, series = np.unique(self.ids, return_inverse=True)
        known = ~np.isnan(values)
        count = np.bincount(series, known)
        return np.where(count > 0, np.bincount(series, np.where(known, values, 0.0)) / np.maximum(count, 1), np.nan)

    def means(self, model: str) -> dict[str, float]:
        """Metric -> the mean over series of each one's mean over its cutoffs; WAPE and bias of all points together."""
        means = {metric: float(mean_known(self.by_series(values))) for metric, values in self.errors(model).items()}
        done = self.done(model)
        actual, point = self.actual[done].ravel(), self.points[model][done].ravel()
        return means | {"wape": float(wape(actual, point)), "bias": float(bias(actual, point))}
