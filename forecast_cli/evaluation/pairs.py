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
    """P pairs of a series and a cutoff. For each pair, all models forecast the h steps after the cutoff.

    ids:      (P,) the id of the series
    cutoffs:  (P,) the cutoff: the last time that the forecasts may use
    folds:    (P,) the number of the fold; the earliest fold has 0
    actual:   (P, h) the actual values at these steps; NaN where they are not known
    scales:   name of a metric -> (P,) its scale for each pair, computed from the values up to the cutoff; metrics
              without a scale are left out
    points:   name of a model -> (P, h) its point forecasts; NaN where the model failed
    """

    ids: NDArray[np.object_]
    cutoffs: NDArray[Any]
    folds: NDArray[np.intp]
    actual: Floats
    scales: Mapping[str, Floats]
    points: Mapping[str, Floats]

    @classmethod
    def of(cls, runs: Sequence[Run]) -> Pairs:
        """The pairs of a backtest. It must have at least one fold, and every model must have run on every fold."""
        by_model: dict[str, list[Run]] = {}
        for run in runs:
            by_model.setdefault(run.model, []).append(run)
        on_folds = next(iter(by_model.values()))
        return cls(
            ids=np.concatenate([run.fold.known.ids for run in on_folds]),
            cutoffs=np.concatenate([run.fold.cutoffs for run in on_folds]),
            folds=np.repeat([run.number for run in on_folds], [len(run.fold.rows) for run in on_folds]),
            actual=np.concatenate([run.fold.actual for run in on_folds]),
            scales={
                name: np.concatenate([metric.scale(run.fold.known) for run in on_folds])
                for name, metric in ERROR_METRICS.items()
                if metric.scale is not None
            },
            points={model: np.concatenate([run.forecast.point for run in own]) for model, own in by_model.items()},
        )

    def __len__(self) -> int:
        return len(self.ids)

    def only(self, chosen: NDArray[np.bool_], models: Sequence[str]) -> Pairs:
        """Some of the pairs, with the forecasts of some of the models.

        chosen: (P,) True for a pair to keep
        models: the names of the models to keep
        """
        return Pairs(
            ids=self.ids[chosen],
            cutoffs=self.cutoffs[chosen],
            folds=self.folds[chosen],
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
        """(s,) for each of the s series, sorted by id, the mean of its values at all cutoffs.

        values: (P,) one value for each pair; NaN is left out of the mean

        The mean is NaN if all values of the series are NaN.
        """
        _, series = np.unique(self.ids, return_inverse=True)
        known = ~np.isnan(values)
        count = np.bincount(series, known)
        return np.where(count > 0, np.bincount(series, np.where(known, values, 0.0)) / np.maximum(count, 1), np.nan)

    def figure(self, metric: str, model: str) -> float:
        """Compute a metric of a model over all pairs for which it has a forecast.

        A pooled metric is computed from all points together. Otherwise the errors are averaged over the cutoffs of each
        series, and then over the series.

        metric: the name of a metric in ERROR_METRICS, such as "mase"
        """
        if not ERROR_METRICS[metric].pooled:
            return float(mean_known(self.errors_by_series(metric, model)))
        complete = self.complete(model)
        actual, point = self.actual[complete].ravel(), self.points[model][complete].ravel()
        return float(ERROR_METRICS[metric].error(actual, point))
