"""The model `blend`: the mean of a network and statistical methods, weighted by their errors at earlier cutoffs."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np

from forecast_cli.evaluation.backtest import already_fitted, rolling
from forecast_cli.evaluation.folds import Fold, last_fold, max_holdout, points_needed, rolling_folds
from forecast_cli.evaluation.metrics import mae, mean_known
from forecast_cli.forecasting import Forecaster, Progress, no_progress
from forecast_cli.model_names import BLEND, LONG_NAIVE, SMOOTHED
from forecast_cli.models.combined.far_ahead import FarAhead
from forecast_cli.models.combined.mean import MeanForecaster
from forecast_cli.models.combined.short_series import is_too_short_for_network, mean_for_short_series
from forecast_cli.models.combined.smoothed import SmoothedModel
from forecast_cli.models.combined.smoothed import create as create_network
from forecast_cli.models.combined.weights import Weights, relative_errors, weigh
from forecast_cli.models.network.defaults import EFFORTS, default_horizon
from forecast_cli.models.statistical.costs import estimated_seconds
from forecast_cli.models.statistical.methods import MEDIAN_OF, repeats_long_season
from forecast_cli.models.statistical.model import StatisticalForecaster
from forecast_cli.models.training import Training
from forecast_cli.networks import TOPOLOGIES
from forecast_cli.panel.arrays import Floats
from forecast_cli.panel.panel import Panel

log = logging.getLogger(__name__)

SEASONAL = "seasonal-naive"
"""A member of the blend if the panel has a season. On some data, such as solar power, it is better than all others."""

STATISTICAL = (*MEDIAN_OF, SEASONAL, LONG_NAIVE)
"""The methods that can be members. LONG_NAIVE is a member only if all series are longer than the long season."""

NETWORK_PRIOR = 6.0
"""The weight of the network if all members have equal errors; each statistical method then has the weight 1.

The network has a larger weight for two reasons. The methods have similar errors, so each further method adds little.
And when the errors are measured, the network has not been trained on the last steps yet.
"""

MAX_SERIES_AT_TWO_CUTOFFS = 10
"""Up to this many series, the errors are measured at a second cutoff, half a horizon later. Errors of one or a few
series at one cutoff are mostly chance."""


@dataclass
class BlendForecaster(MeanForecaster):
    """The forecaster of `blend`. `update` recomputes the members' weights from their errors on the new steps.

    horizon:  the horizon of the model, in steps
    learned:  id of a series -> the number of its points that the members were trained on
    """

    horizon: int = 1
    learned: Mapping[str, int] = field(default_factory=dict)

    def update(self, panel: Panel, cutoff: str | None = None) -> None:
        """Recompute the weights of the members, then train each member on all of `panel`.

        The weights come from the members' errors on the holdout: the last steps of each series. The earlier weights
        become `scored`. The weights stay the same if the members were already trained on some steps of the holdout, or
        if no series is long enough for a holdout.
        """
        fold = last_fold(panel, self.horizon)
        if len(fold.rows) and self._has_not_learned(fold):
            self.scored, self.weights = self.weights, weights_at(weighing_folds(fold, panel), self.members)
        self.learned = _lengths(panel)
        super().update(panel, cutoff)

    def _has_not_learned(self, fold: Fold) -> bool:
        known = fold.known
        lengths = zip(known.ids.tolist(), known.lengths.tolist(), strict=True)
        return all(length >= self.learned.get(name, 0) for name, length in lengths)


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

        A later `update` with the holdout computes new weights from the errors on it. If all series have only a few
        points and this is no warm start, no network is trained (short_series.py).

        panel:     the only data that is used
        progress:  is called during the training of the network
        cutoff:    the last time of the series that will be scored, as text; None takes the last time of the panel

        Raises DataError if the panel is too short.
        """
        options = self.network.network.options
        if options.earlier is None and is_too_short_for_network(panel):
            return mean_for_short_series(BLEND, panel)
        training = options.training
        horizon = training.horizon or default_horizon(panel)
        fold = weighing_fold(panel, horizon)
        methods = affordable_methods(panel, EFFORTS[training.preset].blend, fold.known if fold else panel)
        network = self.network if self.network.smoothing else self.network.for_data(panel)
        fitted = network.fit(fold.past, progress, fold.end) if fold else network.fit(panel, progress, cutoff)
        members: dict[str, Forecaster] = {fitted.name: fitted}
        members |= {name: StatisticalForecaster(name) for name in methods}
        weights = weights_at(weighing_folds(fold, panel), members) if fold else prior_weights(panel, members)
        _report(weights, weighed=fold is not None)
        fitted.update(panel, cutoff)
        return BlendForecaster(
            BLEND,
            members,
            weights,
            knows_idle=panel.covariates is None,
            far_ahead=FarAhead.in_panel(panel, horizon),
            horizon=horizon,
            learned=_lengths(panel),
        )


FORECASTER = MeanForecaster


def create(_name: str, training: Training) -> BlendModel:
    """The unfitted model `blend`. Its network, with smoothing, has the first topology in TOPOLOGIES."""
    return BlendModel(create_network(next(iter(TOPOLOGIES)) + SMOOTHED, training))


def affordable_methods(panel: Panel, seconds: float, known: Panel) -> list[str]:
    """The names of the methods in STATISTICAL whose estimated time on the panel is at most `seconds`.

    `seasonal-naive` is left out without a season, `long-naive` if a series is not longer than the long season.

    seconds:  the largest time for one method, in seconds of one core
    known:    the panel up to the cutoff at which the members' errors are measured. It decides about `long-naive`
    """
    absent = {SEASONAL: panel.season_length == 1, LONG_NAIVE: not repeats_long_season(known)}
    candidates = [name for name in STATISTICAL if not absent.get(name)]
    methods = [name for name in candidates if estimated_seconds(name, panel) <= seconds]
    for name in candidates:
        if name not in methods:
            log.info("%s is no member of the blend: it may take minutes on these data.", name)
    if not methods:
        log.warning("The network is the only member of the blend: each statistical method would take too long.")
    return methods


def weighing_fold(panel: Panel, horizon: int) -> Fold | None:
    """The fold on which the members' errors are measured. None if no series is long enough.

    The fold has `horizon` steps. If a series of median length has too few points for these, the number of steps is at
    most a quarter of the median length, but at least 1.

    horizon:  the horizon of the model, in steps
    """
    usual = int(np.median(panel.lengths))
    if usual >= points_needed(panel, horizon) + horizon:
        return rolling_folds(panel, horizon, 1, horizon)[0]
    fold = last_fold(panel, min(horizon, max(1, max_holdout(usual))))
    return fold if len(fold.rows) else None


def weighing_folds(fold: Fold, panel: Panel) -> list[Fold]:
    """The folds on which the members' errors are measured: `fold` and, if it has few series, a second one.

    The second fold has the same series. Its cutoff is half a horizon later, and its last step is the same.

    panel: the whole panel that `fold` splits
    """
    half = fold.horizon // 2
    if half == 0 or len(fold.rows) > MAX_SERIES_AT_TWO_CUTOFFS:
        return [fold]
    past = panel.select(np.flatnonzero(np.isin(panel.ids, fold.known.ids))).drop_last(fold.horizon - half)
    return [fold, Fold(past, np.arange(len(past)), fold.actual[:, half:])]


def weights_at(folds: list[Fold], members: Mapping[str, Forecaster]) -> Weights:
    """The weights (n, m) of the m members for the n series of the folds, from the members' mean absolute errors.

    A series without actual values gets weights from the errors on the other series.

    folds:    at least one; all with the same series
    members:  name -> fitted forecaster
    """
    fits = {name: already_fitted(member) for name, member in members.items()}
    errors = [
        relative_errors(np.stack([mae(fold.actual, run.forecast.point) for run in rolling([fold], fits)], axis=1))
        for fold in folds
    ]
    mean = mean_known(np.stack(errors, axis=2))
    return Weights(tuple(members), folds[0].known.ids, weigh(mean, _prior(members)))


def prior_weights(panel: Panel, members: Mapping[str, Forecaster]) -> Weights:
    """The weights (n, m) of the m members for the n series of a panel, if no errors are known.

    Each series has the same weights: the prior weights, divided by their sum.

    members:  name -> forecaster; only the names are used
    """
    unknown = np.full((len(panel), len(members)), np.nan)
    return Weights(tuple(members), panel.ids, weigh(unknown, _prior(members)))


def _lengths(panel: Panel) -> dict[str, int]:
    return dict(zip(panel.ids.tolist(), panel.lengths.tolist(), strict=True))


def _prior(members: Iterable[str]) -> Floats:
    """(m,) the weights of the members with these names, if all have equal errors. Their sum is not 1."""
    return np.array([1.0 if name in STATISTICAL else NETWORK_PRIOR for name in members])


def _report(weights: Weights, *, weighed: bool) -> None:
    if not weighed:
        log.warning("The series are too short to compare the members of the blend: they get default weights.")
        return
    shares = ", ".join(f"{name} {share:.0%}" for name, share in zip(weights.members, weights.mean, strict=True))
    log.debug("Blend of %s.", shares)
