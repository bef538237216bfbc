"""All pairs of a series and a cutoff, with the actual values after the cutoff and the forecast of each model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.evaluation.backtest import Run
from forecast_cli.evaluation.metrics import ERROR_METRICS, Floats, mean_known


@dataclass(frozen=True)
class Pairs:
    """`P` pairs of a series and a cutoff, h steps each.

    ids, cutoffs:  (P,) series id, and last known time
    windows:       (P,) number of the fold; the earliest has 0
    actual:        (P, h) actual values; NaN where they are not known
    scales:        name of a scaled metric -> (P,) divisor of the errors, computed from the values up to the cutoff
    points:        name of a model -> (P, h) its point forecasts, NaN where it failed
    """

    ids: NDArray[np.str_]
    cutoffs: NDArray[Any]
    windows: NDArray[np.intp]
    actual: Floats
    scales: Mapping[str, Floats]
    points: Mapping[str, Floats]

    @classmethod
    def of(cls, runs: Sequence[Run]) -> Pairs:
        """The pairs of a backtest of at least one fold, in which every model ran on every fold."""
        by_model: dict[str, list[Run]] = {}
        for run in runs:
            by_model.setdefault(run.model, []).append(run)
        folds = next(iter(by_model.values()))
        return cls(
            ids=np.concatenate([run.fold.known.ids for run in folds]),
            cutoffs=np.concatenate([run.fold.cutoffs for run in folds]),
            windows=np.repeat([run.window for run in folds], [len(run.fold.rows) for run in folds]),
            actual=np.concatenate([run.fold.actual for run in folds]),
            scales={
                name: np.concatenate([metric.scale(run.fold.known) for run in folds])
                for name, metric in ERROR_METRICS.items()
                if metric.scale is not None
            },
            points={model: np.concatenate([run.forecast.point for run in own]) for model, own in by_model.items()},
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
            scales={metric: scale[chosen] for metric, scale in self.scales.items()},
            points={model: self.points[model][chosen] for model in models},
        )

    def complete(self, model: str) -> NDArray[np.bool_]:
        """(P,) whether the model forecast every step of the pair."""
        return np.asarray(np.isfinite(self.points[model]).all(axis=1))

    def errors(self, metric: str, model: str) -> Floats:
        """(P,) a metric of `ERROR_METRICS` for each pair; NaN where the model failed or the metric is undefined."""
        point = np.where(self.complete(model)[:, None], self.points[model], np.nan)
        scale = [self.scales[metric]] if metric in self.scales else []
        return ERROR_METRICS[metric].error(self.actual, point, *scale)

    def errors_by_series(self, metric: str, model: str) -> Floats:
        """(s,) the mean error of each of the s series over its cutoffs."""
        return self.by_series(self.errors(metric, model))

    def by_series(self, values: Floats) -> Floats:
        """(s,) the mean of `values` (P,) over the cutoffs of each series, without NaN; NaN where all are NaN."""
        _, series = np.unique(self.ids, return_inverse=True)
        known = ~np.isnan(values)
        count = np.bincount(series, known)
        return np.where(count > 0, np.bincount(series, np.where(known, values, 0.0)) / np.maximum(count, 1), np.nan)

    def figure(self, metric: str, model: str) -> float:
        """A metric of `ERROR_METRICS` over all pairs that the model forecast; `ErrorMetric.pooled` says how."""
        if not ERROR_METRICS[metric].pooled:
            return float(mean_known(self.errors_by_series(metric, model)))
        complete = self.complete(model)
        actual, point = self.actual[complete].ravel(), self.points[model][complete].ravel()
        return float(ERROR_METRICS[metric].error(actual, point))
