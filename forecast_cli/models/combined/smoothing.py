"""Combine the forecast of a network with a simple forecast of the same series.

The two make different errors, so their combination is more accurate than either.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from forecast_cli.features.features import Features
from forecast_cli.models.description import Smoothing
from forecast_cli.models.network.limits import Limits
from forecast_cli.models.statistical.exponential import damped_path, last_season_path, theta_path
from forecast_cli.panel.arrays import Floats, Ints

PRIOR_SERIES = 10.0
"""The trust in smoothing is computed as if there were this many more series, on which both errors are equal."""


def trust_in_smoothing(network: Floats, smoothing: Floats) -> float:
    """The trust in smoothing: a factor on share / (1 - share), where share is smoothing's fraction of the forecast.

    It is above 1 if the errors of smoothing are smaller than those of the network, below 1 if they are larger. First,
    both errors of a series are divided by their mean, so that all series have the same weight. The trust is the squared
    ratio of the network's summed error to that of smoothing, shrunk towards 1.

    network, smoothing:  (n,) mean absolute errors of the two on n series

    >>> round(trust_in_smoothing(np.full(10, 3.0), np.full(10, 2.0)), 2)
    1.49
    """
    mean = (network + smoothing) / 2
    usable = np.isfinite(mean) & (mean > 0)
    ratio = [PRIOR_SERIES + (errors[usable] / mean[usable]).sum() for errors in (network, smoothing)]
    return float((ratio[0] / ratio[1]) ** 2)


def combine(path: Floats, features: Features, origins: Ints, smoothing: Smoothing, context_size: int) -> Floats:
    """(k, h) the values at the h steps after each origin: the network's forecast, combined with a simple one.

    The simple forecast depends on the panel:

        no season                               the mean of Theta and the damped trend
        season, `smoothing.repeated` is empty   Theta
        season, otherwise                       the median of the network, the repeated seasons and, if the season is
                                                subtracted from the values, Theta

    With no season, the share of the simple forecast is larger at steps where the network's forecast is above it.

    path:          (k, h) the adjusted values that the network forecasts: scaled (log or linear), without the seasons
    features:      of the panel to forecast
    origins:       (k,) the indices of the last points
    smoothing:     how the two are combined
    context_size:  how many last points up to each origin the simple forecast uses at most
    """
    if smoothing.share == 0:
        return features.values(path, origins)
    season_length, longest = features.panel.season_length, int(features.panel.lengths.max())
    recent = min(longest, context_size, features.shape.recent_size(season_length))
    adjusted, inside, _ = features.history(origins, recent)
    if season_length > 1 or features.shape.long_seasons:
        simpler = _seasonal_alternative(path, adjusted, inside, features, origins, smoothing)
        return features.values((1 - smoothing.share) * path + smoothing.share * simpler, origins)
    return _without_season(path, adjusted, inside, features, origins, smoothing)


def _seasonal_alternative(
    path: Floats,
    adjusted: Floats,
    inside: NDArray[np.bool_],
    features: Features,
    origins: Ints,
    smoothing: Smoothing,
) -> Floats:
    """(k, h) the simple forecast for panels with a season, as adjusted values: Theta or the median.

    adjusted: (k, L) the last L adjusted values up to each origin
    inside:   (k, L) True where these steps are inside the series
    """
    horizon = path.shape[1]
    theta = []
    if features.shape.deseasonalise:
        lowest, highest = Limits.of(features).at(origins, horizon)
        theta = [np.clip(theta_path(adjusted, inside, horizon), lowest, highest)]
    repeated = [last_season_path(adjusted, inside, length, horizon) for length in smoothing.repeated]
    return np.nanmedian([path, *theta, *repeated], axis=0) if repeated else theta[0]


def _without_season(
    path: Floats,
    adjusted: Floats,
    inside: NDArray[np.bool_],
    features: Features,
    origins: Ints,
    smoothing: Smoothing,
) -> Floats:
    """(k, h) the combined forecast for panels without a season, in the unit of the series.

    It is a weighted mean of the network and the simple forecast, which is the mean of Theta and the damped trend.

    adjusted: (k, L) the last L adjusted values up to each origin
    inside:   (k, L) True where these steps are inside the series
    """
    horizon, rows = path.shape[1], features.rows[origins][:, None]
    size, lowest = features.scaling.scale[rows], features.scaling.lowest[rows]
    history, network = (features.scaling.inverse_transform(scaled, rows) / size for scaled in (adjusted, path))
    simpler = (theta_path(history, inside, horizon) + damped_path(history, inside, horizon)) / 2
    simpler = np.maximum(simpler, lowest / size)
    share = np.maximum(smoothing.share, _climb_share(network - simpler, history, inside))
    share = smoothing.trust * share / (smoothing.trust * share + 1 - share)
    combined: Floats = network + share * (simpler - network)
    return combined * size


def _climb_share(excess: Floats, history: Floats, inside: NDArray[np.bool_]) -> Floats:
    """(k, h) a lower bound for the share of smoothing: c / (1 + c), or 0 where the network is not above smoothing.

    c = excess / (steps ahead * mean absolute change from step to step in the past). Reason: on the log scale, a network
    continues growth as a percentage, and its largest increases are most often wrong.

    excess:  (k, h) the network's forecast minus that of smoothing
    history: (k, L) the last L values up to each origin
    inside:  (k, L) True where these steps are inside the series
    """
    pairs = inside[:, 1:] & inside[:, :-1]
    change = (np.abs(np.diff(history, axis=1)) * pairs).sum(axis=1) / np.maximum(pairs.sum(axis=1), 1)
    allowed = change[:, None] * np.arange(1, excess.shape[1] + 1)
    share: Floats = np.divide(excess, excess + allowed, out=np.zeros_like(excess), where=excess > 0)
    return share
