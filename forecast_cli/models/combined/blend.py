"""The blend: the mean of a network and statistical methods, weighted by their errors at an earlier cutoff."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from forecast_cli.bundle import pack_arrays, unpack_arrays
from forecast_cli.evaluation.backtest import already_fitted, rolling
from forecast_cli.evaluation.folds import Fold, last_fold, max_holdout, points_needed, rolling_folds
from forecast_cli.evaluation.metrics import mae
from forecast_cli.features.scaling import Scaling
from forecast_cli.forecasting import Forecast, Forecaster, Progress, Saved, no_progress
from forecast_cli.models.card import Description
from forecast_cli.models.combined.smoothed import SmoothedForecaster, SmoothedModel
from forecast_cli.models.combined.smoothed import create as create_network
from forecast_cli.models.combined.weights import Weights, weigh, weighted_mean
from forecast_cli.models.files import BLEND_FILE
from forecast_cli.models.network.defaults import default_horizon
from forecast_cli.models.statistical.methods import MEDIAN_OF, StatisticalForecaster, estimated_seconds
from forecast_cli.models.training import Training
from forecast_cli.networks import TOPOLOGIES
from forecast_cli.panel.arrays import Floats
from forecast_cli.panel.panel import Panel

log = logging.getLogger(__name__)

BLEND = "blend"

STATISTICAL = MEDIAN_OF

NETWORK_PRIOR = 6.0
"""Prior weight of the network, against 1 of each statistical method. The methods have similar errors, so one more of
them adds little; and at the earlier cutoff the network has not yet learned everything that it will have learned."""

MAX_SECONDS = 300.0
"""Maximum estimated time for one core to forecast the panel by a method; slower methods are no members."""


@dataclass(frozen=True)
class BlendForecaster:
    """Forecasters and their weights. Statistical methods among them are fitted at each call of `predict`.

    members:  name -> forecaster, in the order of the weights; the network is the first
    scaling:  of the whole series, if the panels to forecast contain only their ends
    """

    members: Mapping[str, Forecaster]
    weights: Weights
    scaling: Scaling | None = None

    @classmethod
    def around(cls, network: SmoothedForecaster, weights: Weights, scaling: Scaling | None = None) -> BlendForecaster:
        """The blend of a network and of the statistical methods that the weights name."""
        members = {name: network if name == network.name else StatisticalForecaster(name) for name in weights.members}
        return cls(members, weights, scaling)

    @property
    def name(self) -> str:
        return BLEND

    def predict(self, panel: Panel, horizon: int) -> Forecast:
        """Forecast `horizon` steps after the last point of every series; no forecast is below the series' lower bound.

        If a member cannot forecast a series, the other members do, and a message says so. NaN if no member can.
        """
        points = np.stack([member.predict(panel, horizon).point for member in self.members.values()])
        _report_failures(list(self.members), np.asarray(np.isfinite(points).all(axis=2)))
        mean = weighted_mean(points, self.weights.of(panel.ids))
        lowest = (self.scaling or Scaling.of(panel)).lowest
        return Forecast.after(panel, np.maximum(mean, lowest[:, None]))

    def update(self, panel: Panel, cutoff: str | None = None) -> None:
        """Update the members. The weights stay the same, because the model was scored with them."""
        for member in self.members.values():
            member.update(panel, cutoff)

    def save(self) -> Saved:
        """The network and the weights: statistical methods have nothing to save."""
        saved, weights = next(iter(self.members.values())).save(), self.weights
        mean = dict(zip(weights.members, weights.mean.round(4).tolist(), strict=True))
        arrays = {"members": np.array(weights.members), "ids": weights.ids, "each": weights.each}
        description = replace(saved.description, name=self.name, weights=mean)
        return Saved(description, {**saved.files, BLEND_FILE: pack_arrays(arrays)})

    @classmethod
    def load(
        cls, description: Description, files: Mapping[str, bytes], scaling: Scaling | None = None
    ) -> BlendForecaster:
        """The forecaster of a bundle, its network run by ONNX Runtime; `scaling` as for SmoothedForecaster.

        Raises ModelError if the network cannot be loaded, KeyError or ValueError if the weights are not valid.
        """
        return cls.around(SmoothedForecaster.load(description, files, scaling), _load_weights(files), scaling)

    @classmethod
    def load_as_scored(cls, description: Description, files: Mapping[str, bytes]) -> BlendForecaster:
        """The forecaster with the network's weights that were scored, run by Keras. Raises what `load` does."""
        return cls.around(SmoothedForecaster.load_as_scored(description, files), _load_weights(files))


@dataclass(frozen=True)
class BlendModel:
    """An unfitted blend. The weights of its members are computed at the horizon of the network."""

    network: SmoothedModel

    @property
    def name(self) -> str:
        return BLEND

    def for_data(self, panel: Panel) -> Self:
        return replace(self, network=self.network.for_data(panel))

    def fit(self, panel: Panel, progress: Progress = no_progress, cutoff: str | None = None) -> BlendForecaster:
        """Train the network, compute the weights at a cutoff within the panel, and update the network to the end.

                 cutoff              end of the panel
        network  fit, forecast       update
        ets      forecast
                 `-- errors --' -> weights
        """
        horizon = self.network.training.horizon or default_horizon(panel)
        methods = affordable_methods(panel)
        fold = weighing_fold(panel, horizon)
        network = self.network if self.network.recipe else self.network.for_data(panel)
        fitted = network.fit(fold.past, progress, fold.end) if fold else network.fit(panel, progress, cutoff)
        members: dict[str, Forecaster] = {fitted.name: fitted}
        members |= {name: StatisticalForecaster(name) for name in methods}
        weights = weights_at(fold, members) if fold else prior_weights(panel, members)
        _report(weights, weighed=fold is not None)
        fitted.update(panel, cutoff)
        return BlendForecaster(members, weights)


FORECASTER = BlendForecaster


def create(_name: str, training: Training) -> BlendModel:
    """The unfitted blend of the first topology's network and statistical methods."""
    return BlendModel(create_network(next(iter(TOPOLOGIES)), training))


def affordable_methods(panel: Panel) -> list[str]:
    """The statistical methods that do not take minutes on a panel of this size."""
    methods = [name for name in STATISTICAL if estimated_seconds(name, panel) <= MAX_SECONDS]
    for name in STATISTICAL:
        if name not in methods:
            log.info("%s is no member of the blend: it may take minutes on these data.", name)
    if not methods:
        log.warning("The network is the only member of the blend: every statistical method may take minutes.")
    return methods


def weighing_fold(panel: Panel, horizon: int) -> Fold | None:
    """The fold for the weights: the last `horizon` steps, or fewer if most series are shorter.

    None if no series is long enough.
    """
    usual = int(np.median(panel.lengths))
    if usual >= points_needed(panel, horizon) + horizon:
        return rolling_folds(panel, horizon, 1, horizon)[0]
    fold = last_fold(panel, min(horizon, max(1, max_holdout(usual))))
    return fold if len(fold.rows) else None


def weights_at(fold: Fold, members: Mapping[str, Forecaster]) -> Weights:
    """The weights for the series that a fold scores, from the members' errors there."""
    fits = {name: already_fitted(member) for name, member in members.items()}
    errors = [mae(fold.actual, run.forecast.point) for run in rolling([fold], fits)]
    return Weights(tuple(members), fold.known.ids, weigh(np.stack(errors, axis=1), _prior(members)))


def prior_weights(panel: Panel, members: Mapping[str, Forecaster]) -> Weights:
    """The weights of members without errors: the prior weights."""
    unknown = np.full((len(panel), len(members)), np.nan)
    return Weights(tuple(members), panel.ids, weigh(unknown, _prior(members)))


def _prior(members: Iterable[str]) -> Floats:
    return np.array([1.0 if name in STATISTICAL else NETWORK_PRIOR for name in members])


def _load_weights(files: Mapping[str, bytes]) -> Weights:
    arrays = unpack_arrays(files[BLEND_FILE])
    members = tuple(arrays["members"].tolist())
    weights = Weights(members, arrays["ids"], arrays["each"])
    if weights.each.shape != (len(weights.ids), len(members)):
        raise ValueError(f"weights of shape {weights.each.shape} for {len(weights.ids)} series")
    return weights


def _report(weights: Weights, *, weighed: bool) -> None:
    if not weighed:
        log.warning("The series are too short to compare the members of the blend: each has its prior weight.")
        return
    shares = ", ".join(f"{name} {share:.0%}" for name, share in zip(weights.members, weights.mean, strict=True))
    log.info("Blend of %s.", shares)


def _report_failures(names: list[str], done: NDArray[np.bool_]) -> None:
    """Log which members failed. done (m, n): whether a member has forecast a series."""
    series = done.shape[1]
    for name, failed in zip(names, (~done).sum(axis=1).tolist(), strict=True):
        if failed:
            log.info("%s cannot forecast %d of %d series: the blend leaves it out there.", name, failed, series)
    has_one = done.sum(axis=0) == 1
    for name, count in zip(names, (done & has_one).sum(axis=1).tolist(), strict=True):
        if count:
            log.warning(
                "The blend has only the member %s on %d of %d series: no other member can forecast them.",
                name,
                count,
                series,
            )
