"""The model `auto`: it compares several models at earlier cutoffs, keeps the best, and forecasts their mean."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from forecast_cli.errors import DataError
from forecast_cli.evaluation.backtest import already_fitted, rolling
from forecast_cli.evaluation.choice import Choice
from forecast_cli.evaluation.folds import Fold
from forecast_cli.evaluation.pairs import Pairs
from forecast_cli.evaluation.selection import select, selection_folds
from forecast_cli.forecasting import Forecaster, Progress, half_progress, no_progress
from forecast_cli.model_names import NETWORKS, SMOOTHED
from forecast_cli.models.combined.mean import MeanForecaster
from forecast_cli.models.combined.short_series import SHORT_SERIES_METHODS
from forecast_cli.models.combined.smoothed import SmoothedForecaster, SmoothedModel
from forecast_cli.models.combined.smoothed import create as create_network
from forecast_cli.models.combined.weights import Weights
from forecast_cli.models.network.defaults import EFFORTS, default_horizon
from forecast_cli.models.network.regimes import Traits
from forecast_cli.models.statistical.costs import estimated_seconds
from forecast_cli.models.statistical.methods import METHODS, equals_simpler_method
from forecast_cli.models.statistical.model import StatisticalForecaster, StatisticalModel
from forecast_cli.models.training import Training
from forecast_cli.networks import TOPOLOGIES
from forecast_cli.panel.panel import Panel
from forecast_cli.words import and_joined

log = logging.getLogger(__name__)

AUTO = "auto"

CANDIDATES = tuple(name for name in METHODS if name != "median")
"""The statistical methods that are compared. A candidate is one of the models to choose from."""


@dataclass(frozen=True)
class AutoModel:
    """The unfitted model `auto`. Its candidates are a network, the same network with smoothing, and CANDIDATES.

    network: the network with smoothing
    """

    network: SmoothedModel

    @property
    def name(self) -> str:
        return AUTO

    def for_data(self, panel: Panel) -> Self:
        return replace(self, network=self.network.for_data(panel))

    def fit(self, panel: Panel, progress: Progress = no_progress, cutoff: str | None = None) -> MeanForecaster:
        """Compare the candidates at earlier cutoffs, and fit those that are chosen to the whole panel:

                 first cutoff    later cutoffs    end of the panel
        network  fit, forecast   forecast         fit, or update if there are many windows
        ets      forecast        forecast
                 `----------- errors ------------' -> choice

        A warm start from a model `auto` uses the choice of that model. If the series are too short for a
        comparison, `seasonal-naive` or the mean of SHORT_SERIES_METHODS is chosen.
        """
        model = self.network if self.network.smoothing else self.network.for_data(panel)
        training = model.network.options.training
        folds = selection_folds(panel, training.horizon or default_horizon(panel))
        earlier = model.network.options.earlier
        if earlier is not None and earlier.choice is not None:
            choice, network = earlier.choice, None
        elif folds:
            choice, network = _choose(folds, _without_state(model), training.preset, half_progress(progress, 0))
        else:
            choice, network = _too_short(panel), None
        log.info("%s", choice.reason)
        kept = (name for name in choice.weights if name not in NETWORKS)
        members: dict[str, Forecaster] = {name: StatisticalModel(name).fit(panel) for name in kept}
        if len(members) < len(choice.weights):
            if network is not None and Traits.of(panel).many_windows:
                network.update(panel, cutoff)
            else:
                network = model.fit(panel, half_progress(progress, 1) if folds else progress, cutoff)
            members |= {network.name: network, **network.members}
        members = {name: members[name] for name in choice.weights}
        each = np.tile(list(choice.weights.values()), (len(panel), 1))
        return MeanForecaster(AUTO, members, Weights(tuple(members), panel.ids, each), choice=choice)


FORECASTER = MeanForecaster


def create(_name: str, training: Training) -> AutoModel:
    """The unfitted model `auto`, with a network of the first topology."""
    return AutoModel(create_network(next(iter(TOPOLOGIES)) + SMOOTHED, training))


def _choose(
    folds: list[Fold], model: SmoothedModel, preset: str, progress: Progress
) -> tuple[Choice, SmoothedForecaster | None]:
    """Compare the candidates on the folds.

    Methods that would take too long for the preset are left out.

    folds:  the earliest first
    model:  the unfitted network with smoothing

    Returns the choice, and the network that was fitted at the first fold (None if it could not be fitted).
    """
    first = folds[0]
    seconds = EFFORTS[preset].selection
    candidates: dict[str, Forecaster] = {}
    network = None
    try:
        network = model.for_data(first.past).fit(first.past, progress, first.end)
        candidates |= {network.name: network, **network.members}
    except DataError as error:
        log.info("The network is no candidate. %s", error.message)
    for name in CANDIDATES:
        if equals_simpler_method(name, first.past):
            continue
        if estimated_seconds(name, folds[-1].known) * (len(folds) + 1) <= seconds:
            candidates[name] = StatisticalForecaster(name)
    fits = {name: already_fitted(candidate) for name, candidate in candidates.items()}
    choice = select(Pairs.of(list(rolling(folds, fits, refit=False))), len(folds), model.name)
    return choice or _too_short(first.past), network


def _too_short(panel: Panel) -> Choice:
    has_season = 1 < panel.season_length <= panel.lengths.max() // 2
    kept = ("seasonal-naive",) if has_season else SHORT_SERIES_METHODS
    what = "seasonal-naive" if has_season else f"the mean of {and_joined(SHORT_SERIES_METHODS)}"
    reason = f"The series are too short to compare models: {what} is kept."
    return Choice({name: 1 / len(kept) for name in kept}, {}, 0, reason)


def _without_state(model: SmoothedModel) -> SmoothedModel:
    """The model without checkpoints and warm start. These are used only for the training on the whole panel."""
    options = replace(model.network.options, checkpoints=None, earlier=None)
    return SmoothedModel(replace(model.network, options=options, recipe=None))
