"""The model `blend`: the mean of a network and statistical methods, weighted by their errors at an earlier cutoff."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from forecast_cli.evaluation.backtest import already_fitted, rolling
from forecast_cli.evaluation.folds import Fold, last_fold, max_holdout, points_needed, rolling_folds
from forecast_cli.evaluation.metrics import mae
from forecast_cli.forecasting import Forecaster, Progress, no_progress
from forecast_cli.model_names import BLEND, SMOOTHED
from forecast_cli.models.combined.mean import MeanForecaster
from forecast_cli.models.combined.smoothed import SmoothedModel
from forecast_cli.models.combined.smoothed import create as create_network
from forecast_cli.models.combined.weights import Weights, weigh
from forecast_cli.models.network.defaults import EFFORTS, default_horizon
from forecast_cli.models.statistical.methods import MEDIAN_OF, estimated_seconds
from forecast_cli.models.statistical.model import StatisticalForecaster
from forecast_cli.models.training import Training
from forecast_cli.networks import TOPOLOGIES
from forecast_cli.panel.arrays import Floats
from forecast_cli.panel.panel import Panel

log = logging.getLogger(__name__)

SEASONAL = "seasonal-naive"
"""A member where there is a season. On some data, such as solar power, it is better than all others."""

STATISTICAL = (*MEDIAN_OF, SEASONAL)

NETWORK_PRIOR = 6.0
"""The weight of the network if all members have equal errors; each statistical method then has the weight 1.

The network has more for two reasons. The methods have similar errors, so each further method adds little. And when the
errors are measured, the network has not been trained on the last steps yet.
"""


@dataclass(frozen=True)
class BlendModel:
    """The unfitted model `blend`: statistical methods, and `network`, a network with smoothing."""

    network: SmoothedModel

    @property
    def name(self) -> str:
        return BLEND

    def for_data(self, panel: Panel) -> Self:
        """The same model with all options of its network set: those that the user left open are chosen from `panel`.

        Raises UsageError or DataError if the network cannot be trained on these data.
        """
        return replace(self, network=self.network.for_data(panel))

    def fit(self, panel: Panel, progress: Progress = no_progress, cutoff: str | None = None) -> MeanForecaster:
        """Train the network up to an earlier cutoff, weigh all members by their errors after it, update the network:

                 cutoff              end of the panel
        network  fit, forecast       update
        ets      forecast
                 `-- errors --' -> weights

        panel:     the data; nothing else is used
        progress:  is called during the training of the network
        cutoff:    the last time of the series that will be scored, as text; None takes the last time of the panel

        Raises DataError if the panel is too short.
        """
        training = self.network.network.options.training
        horizon = training.horizon or default_horizon(panel)
        methods = affordable_methods(panel, EFFORTS[training.preset].blend)
        fold = weighing_fold(panel, horizon)
        network = self.network if self.network.smoothing else self.network.for_data(panel)
        fitted = network.fit(fold.past, progress, fold.end) if fold else network.fit(panel, progress, cutoff)
        members: dict[str, Forecaster] = {fitted.name: fitted}
        members |= {name: StatisticalForecaster(name) for name in methods}
        weights = weights_at(fold, members) if fold else prior_weights(panel, members)
        _report(weights, weighed=fold is not None)
        fitted.update(panel, cutoff)
        return MeanForecaster(BLEND, members, weights)


FORECASTER = MeanForecaster


def create(_name: str, training: Training) -> BlendModel:
    """The unfitted model `blend`. Its network, with smoothing, has the first topology in TOPOLOGIES."""
    return BlendModel(create_network(next(iter(TOPOLOGIES)) + SMOOTHED, training))


def affordable_methods(panel: Panel, seconds: float) -> list[str]:
    """The names of the statistical methods that can forecast the panel within a time, by an estimate.

    seconds:  the time that one method may take, in seconds of one core
    """
    candidates = STATISTICAL if panel.season_length > 1 else MEDIAN_OF
    methods = [name for name in candidates if estimated_seconds(name, panel) <= seconds]
    for name in candidates:
        if name not in methods:
            log.info("%s is no member of the blend: it may take minutes on these data.", name)
    if not methods:
        log.warning("The network is the only member of the blend: every statistical method may take minutes.")
    return methods


def weighing_fold(panel: Panel, horizon: int) -> Fold | None:
    """The fold on which the members' errors are measured. None if no series is long enough.

    Its horizon is `horizon`. If series of median length are too short for it, it is a quarter of the median length.

    horizon:  the horizon of the model, in steps
    """
    usual = int(np.median(panel.lengths))
    if usual >= points_needed(panel, horizon) + horizon:
        return rolling_folds(panel, horizon, 1, horizon)[0]
    fold = last_fold(panel, min(horizon, max(1, max_holdout(usual))))
    return fold if len(fold.rows) else None


def weights_at(fold: Fold, members: Mapping[str, Forecaster]) -> Weights:
    """The weights (n, m) of the m members for the n series of the fold, from their mean absolute errors on it.

    A series without actual values gets weights from the errors of the others.

    members:  name -> fitted forecaster
    """
    fits = {name: already_fitted(member) for name, member in members.items()}
    errors = [mae(fold.actual, run.forecast.point) for run in rolling([fold], fits)]
    return Weights(tuple(members), fold.known.ids, weigh(np.stack(errors, axis=1), _prior(members)))


def prior_weights(panel: Panel, members: Mapping[str, Forecaster]) -> Weights:
    """The weights (n, m) of the m members for the n series of a panel, if no errors are known.

    They are the prior weights, divided by their sum: the same for each series.

    members:  the names of the members
    """
    unknown = np.full((len(panel), len(members)), np.nan)
    return Weights(tuple(members), panel.ids, weigh(unknown, _prior(members)))


def _prior(members: Iterable[str]) -> Floats:
    """(m,) the weights of the members with these names, if all have equal errors. Their sum is not 1."""
    return np.array([1.0 if name in STATISTICAL else NETWORK_PRIOR for name in members])


def _report(weights: Weights, *, weighed: bool) -> None:
    if not weighed:
        log.warning("The series are too short to compare the members of the blend: each has its prior weight.")
        return
    shares = ", ".join(f"{name} {share:.0%}" for name, share in zip(weights.members, weights.mean, strict=True))
    log.debug("Blend of %s.", shares)
