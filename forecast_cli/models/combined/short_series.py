"""The model for series of a few points: the mean of three statistical methods, without a network."""

from __future__ import annotations

import logging

import numpy as np

from forecast_cli.models.combined.mean import MeanForecaster
from forecast_cli.models.combined.weights import Weights
from forecast_cli.models.statistical.model import StatisticalForecaster
from forecast_cli.panel.panel import Panel
from forecast_cli.words import and_joined

log = logging.getLogger(__name__)

SHORT_SERIES_METHODS = ("naive", "HistoricAverage", "drift")
"""The methods for series of a few points. Given 2 to 10 points of 5,315 series of three collections, their mean has the
lowest error on the kind of data where it is worst (docs/experiments.md)."""

MIN_POINTS_OF_NETWORK = 5
"""The blend trains a network if at least one series has this many points. With fewer, a network gains next to nothing
(docs/experiments.md)."""


def is_too_short_for_network(panel: Panel) -> bool:
    return int(panel.lengths.max()) < MIN_POINTS_OF_NETWORK


def mean_for_short_series(name: str, panel: Panel) -> MeanForecaster:
    """The forecaster with this name whose members are SHORT_SERIES_METHODS, with equal weights."""
    log.info(
        "With fewer than %d points, no network is trained: the forecast is the mean of %s.",
        MIN_POINTS_OF_NETWORK,
        and_joined(SHORT_SERIES_METHODS),
    )
    members = {method: StatisticalForecaster(method) for method in SHORT_SERIES_METHODS}
    each = np.full((len(panel), len(members)), 1 / len(members))
    return MeanForecaster(name, members, Weights(tuple(members), panel.ids, each))
