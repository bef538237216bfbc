"""The blend: the mean of several forecasters, weighted by how well each of them has forecast these series."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast_cli.evaluation.metrics import mean_known
from forecast_cli.features.scaling import ValueMap
from forecast_cli.forecasting import Forecast, Forecaster
from forecast_cli.models.network.model import RecurrentForecaster
from forecast_cli.models.statistical.methods import StatisticalForecaster
from forecast_cli.panel.panel import Panel
from forecast_cli.panel.series import Floats

log = logging.getLogger(__name__)

POWER = 4.0
"""Of two members that began alike, the one with half the error gets 2 ** POWER times the weight."""

OWN_SHARE = 0.05
"""What a series' own errors count beside the mean over the panel: from one cutoff, they are mostly chance."""

PANEL_PRIOR = 1.0
"""How many series a draw between all members is worth, beside what the panel says."""

LEAST_ERROR = 1e-3
"""Of the mean of all members: below it a member is as good as perfect, and its weight no longer grows."""


@dataclass(frozen=True)
class Weights:
    """What each member counts.

    members:  m names
    ids:      (n,) series, at least one
    each:     (n, m) their weights; those of a series sum to 1
    """

    members: tuple[str, ...]
    ids: NDArray[np.str_]
    each: Floats

    @property
    def typical(self) -> Floats:
        """(m,) the mean over series."""
        return np.asarray(self.each.mean(axis=0))

    def of(self, ids: NDArray[np.str_]) -> Floats:
        """(k, m) the weights for these series, the typical ones for a series that has none of its own."""
        row_of = {name: row for row, name in enumerate(self.ids.tolist())}
        rows = np.array([row_of.get(name, len(self.ids)) for name in ids.tolist()], dtype=np.intp)
        return np.vstack([self.each, self.typical])[rows]


def weigh(errors: Floats, before: Floats) -> Floats:
    """(n, m) weights of m members for each series, from their mean errors (n, m) there.

    before:  (m,) what each counts if all have the same error

    NaN is an error that is not known; that of the panel takes its place. A member of which no error is known counts
    nothing, unless there is none of any: then each counts what it did before.

    Errors are relative to the mean of all members on the same series. A series' own are drawn towards the mean over
    the panel, and that towards a draw. An inverse power of what comes out is multiplied with the weight before: Bates
    and Granger, Operational Research Quarterly 20, 1969, with shrinkage in place of correlations.

    >>> weigh(np.array([[1.0, 1.0], [2.0, 2.0]]), np.array([3.0, 1.0])).tolist()
    [[0.75, 0.25], [0.75, 0.25]]
    """
    scale = mean_known(errors)[:, None]
    relative = errors / np.where(scale > 0, scale, np.nan)
    known = np.isfinite(relative)
    count = known.sum(axis=0)
    panel = (np.where(known, relative, 0.0).sum(axis=0) + PANEL_PRIOR) / (count + PANEL_PRIOR)
    drawn = np.where(known, OWN_SHARE * relative + (1 - OWN_SHARE) * panel, panel)
    tried = count > 0
    weights = np.where(tried | ~tried.any(), before * np.maximum(drawn, LEAST_ERROR) ** -POWER, 0.0)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def weighted_mean(points: Floats, weights: Floats) -> Floats:
    """(n, h) mean of the forecasts (m, n, h) of m members by their weights (n, m), over the members that have one.

    NaN for a series that no member with a weight has forecast.

    >>> weighted_mean(np.array([[[1.0]], [[4.0]], [[np.nan]]]), np.array([[0.4, 0.2, 0.4]])).tolist()
    [[2.0]]
    """
    there = np.asarray(np.isfinite(points).all(axis=2))
    shares = np.where(there, weights.T, 0.0)
    total = shares.sum(axis=0)
    shares /= np.where(total > 0, total, np.nan)
    return np.asarray((shares[:, :, None] * np.where(there[:, :, None], points, 0.0)).sum(axis=0))


@dataclass(frozen=True)
class BlendForecaster:
    """Forecasters that are ready, and what each counts; the statistical methods among them are fitted at each call.

    members:    name -> forecaster, in the order of the weights' members
    value_map:  of the whole series, where no more than their ends are there to be forecast
    """

    members: Mapping[str, Forecaster]
    weights: Weights
    value_map: ValueMap | None = None

    @classmethod
    def of(cls, name: str, network: RecurrentForecaster, weights: Weights) -> BlendForecaster:
        """The blend of the `network`, which the weights know as `name`, and of the statistical methods they name."""
        members = {member: network if member == name else StatisticalForecaster(member) for member in weights.members}
        return cls(members, weights, network.value_map)

    def predict(self, panel: Panel, horizon: int) -> Forecast:
        """Forecast `horizon` steps after the last point of every series; one that was never negative stays so.

        A series that a member cannot forecast gets the mean of the others, which is told; NaN where there is none.
        """
        forecasts = [member.predict(panel, horizon) for member in self.members.values()]
        points = np.stack([forecast.point for forecast in forecasts])
        self._tell_failures(np.asarray(np.isfinite(points).all(axis=2)))
        first = forecasts[0]
        mean = weighted_mean(points, self.weights.of(panel.ids))
        lowest = (self.value_map or ValueMap.of(panel)).lowest
        return Forecast(panel.ids, first.cutoff, first.times, np.maximum(mean, lowest[:, None]))

    def _tell_failures(self, done: NDArray[np.bool_]) -> None:
        """Say which members have failed, from who has forecast which series (m, n)."""
        names, series = list(self.members), done.shape[1]
        for name, failed in zip(names, (~done).sum(axis=1), strict=True):
            if failed:
                log.info(
                    "The blend does without %s on %d of %d series, which it cannot forecast.", name, failed, series
                )
        alone = done.sum(axis=0) == 1
        for name, count in zip(names, (done & alone).sum(axis=1), strict=True):
            if count:
                log.warning("On %d of %d series the blend is %s alone: no other member can.", count, series, name)
