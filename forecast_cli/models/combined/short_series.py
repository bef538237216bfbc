"""Forecast series of a few points by the mean of three statistical methods, without a network."""

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
"""The methods for series of a few points. Their mean was the safest of six choices, on 5,315 series of which 2 to 10
points were known: over the kinds of data, its largest error is lower than the largest error of each other choice
(docs/experiments.md)."""

MIN_POINTS_OF_NETWORK = 5
"""The blend trains a network only if at least one series has this many points. With 3 or 4 points, a blend with a
network has an error only 3 to 4% lower than the mean of the three methods (docs/experiments.md)."""


def is_too_short_for_network(panel: Panel) -> bool:
    """Whether every series of the panel has fewer than MIN_POINTS_OF_NETWORK points."""
    return int(panel.lengths.max()) < MIN_POINTS_OF_NETWORK


def mean_for_short_series(name: str, panel: Panel) -> MeanForecaster:
    """A forecaster for `panel`: the mean of SHORT_SERIES_METHODS, with equal weights. `name` is its model name."""
    log.info(
        "No series has %d points, so no network is trained: the forecast is the mean of %s.",
        MIN_POINTS_OF_NETWORK,
        and_joined(SHORT_SERIES_METHODS),
    )
    members = {method: StatisticalForecaster(method) for method in SHORT_SERIES_METHODS}
    each = np.full((len(panel), len(members)), 1 / len(members))
    return MeanForecaster(name, members, Weights(tuple(members), panel.ids, each))
