"""The forecasts of all models in a backtest, and the actual values, for each pair of a series and a cutoff."""

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
    """P pairs of a series and a cutoff, with forecasts for h steps after the cutoff.

    ids:           (P,) the id of the series
    cutoffs:       (P,) the cutoff: the last known time of the series
    windows:       (P,) the number of the fold; the earliest has 0
    actual:        (P, h) the actual values; NaN where they are not known
    scales:        name of a metric -> (P,) what its errors are divided by, from the values up to the cutoff; only for
                   metrics with a scale
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
        """The pairs of a backtest. It must have at least one fold, and every model must have run on every fold."""
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
        """The pairs where `chosen` (P,) is True, with the forecasts of these models only."""
        return Pairs(
            ids=self.ids[chosen],
            cutoffs=self.cutoffs[chosen],
            windows=self.windows[chosen],
            actual=self.actual[chosen],
            scales={metric: scale[chosen] for metric, scale in self.scales.items()},
            points={model: self.points[model][chosen] for model in models},
        )

    def complete(self, model: str) -> NDArray[np.bool_]:
        """(P,) whether the model has a forecast for every step of each pair."""
        return np.asarray(np.isfinite(self.points[model]).all(axis=1))

    def errors(self, metric: str, model: str) -> Floats:
        """(P,) the error of a model for each pair; NaN where the model failed or the metric is undefined.

        metric: the name of a metric in ERROR_METRICS, such as "mase"
        """
        point = np.where(self.complete(model)[:, None], self.points[model], np.nan)
        scale = [self.scales[metric]] if metric in self.scales else []
        return ERROR_METRICS[metric].error(self.actual, point, *scale)

    def errors_by_series(self, metric: str, model: str) -> Floats:
        """(s,) the error of a model for each of the s series: the mean over the cutoffs of the series.

        metric: the name of a metric in ERROR_METRICS, such as "mase"
        """
        return self.by_series(self.errors(metric, model))

    def by_series(self, values: Floats) -> Floats:
        """(s,) the mean of values (P,) over the cutoffs of each series, without NaN; NaN if all values are NaN."""
        _, series = np.unique(self.ids, return_inverse=True)
        known = ~np.isnan(values)
        count = np.bincount(series, known)
        return np.where(count > 0, np.bincount(series, np.where(known, values, 0.0)) / np.maximum(count, 1), np.nan)

    def figure(self, metric: str, model: str) -> float:
        """The figure of a model: its error over all pairs that it has forecast.

        metric: the name of a metric in ERROR_METRICS; its `pooled` says how errors are combined
        """
        if not ERROR_METRICS[metric].pooled:
            return float(mean_known(self.errors_by_series(metric, model)))
        complete = self.complete(model)
        actual, point = self.actual[complete].ravel(), self.points[model][complete].ravel()
        return float(ERROR_METRICS[metric].error(actual, point))
