"""A network's forecast mixed with simpler ones, whose errors are of another kind."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from forecast_cli.features.windows import Prepared, WindowShape, history
from forecast_cli.models.network.reach import reach
from forecast_cli.models.statistical.smoothing import damped_path, last_season_path, theta_path
from forecast_cli.panel.series import Floats

PRIOR_SERIES = 10.0
"""How many series on which both are equally good are added to those that trust is measured on."""


@dataclass(frozen=True)
class Smoothing:
    """The part of simpler forecasts in a forecast.

    share:     of the forecast, in [0, 1]
    trust:     what the odds of smoothing against the network are multiplied by, without a season
    repeated:  lengths of the seasons whose last one comes again. Where there are any, the share is the median's of the
               network's forecast, smoothing's where the season is taken out, and these
    """

    share: float
    trust: float = 1.0
    repeated: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "repeated", tuple(self.repeated))


NO_SMOOTHING = Smoothing(0.0)


def trust_in_smoothing(network: Floats, smoothing: Floats) -> float:
    """The squared ratio of the network's error to smoothing's, from the mean errors (n,) of both on the same series.

    Errors are relative to the mean of the two, so that every series counts alike. The ratio is drawn towards 1.

    >>> round(trust_in_smoothing(np.full(10, 3.0), np.full(10, 2.0)), 2)
    1.49
    """
    mean = (network + smoothing) / 2
    usable = np.isfinite(mean) & (mean > 0)
    ratio = [PRIOR_SERIES + (errors[usable] / mean[usable]).sum() for errors in (network, smoothing)]
    return float((ratio[0] / ratio[1]) ** 2)


def mixture(path: Floats, prepared: Prepared, shape: WindowShape, smoothing: Smoothing, context_size: int) -> Floats:
    """(n, horizon) values after the last point of every series, from a network's path of adjusted values.

    With a season smoothing is Theta of the adjusted values, within the reach of a forecast. Without one it is the mean
    of Theta and the damped trend, both on the scale of the values, and its share is larger where the network climbs
    above it. Where the season stays in the values there is none.

    context_size:  points of each series that all this looks back on; a gap may make some longer
    """
    value_map, horizon = prepared.value_map, path.shape[1]
    origins, rows = prepared.last_origins(), np.arange(len(path))[:, None]
    season = prepared.season.at(origins, np.arange(1, horizon + 1))
    if smoothing.share == 0:
        return value_map.inverse_transform(path + season, rows)
    looked_at = min(int(prepared.panel.lengths.max()), context_size)
    adjusted, inside, _ = history(prepared, origins, replace(shape, input_size=looked_at))
    if prepared.panel.season_length > 1:
        lowest, highest = reach(prepared, horizon)
        theta = [np.clip(theta_path(adjusted, inside, horizon), lowest, highest)] if shape.deseasonalise else []
        again = [last_season_path(adjusted, inside, length, horizon) for length in smoothing.repeated]
        other = np.nanmedian([path, *theta, *again], axis=0) if again else theta[0]
        path = (1 - smoothing.share) * path + smoothing.share * other
        return value_map.inverse_transform(path + season, rows)

    size, lowest = value_map.scale[rows], value_map.lowest[rows]
    values, by_network = (value_map.inverse_transform(mapped, rows) / size for mapped in (adjusted, path))
    by_smoothing = (theta_path(values, inside, horizon) + damped_path(values, inside, horizon)) / 2
    by_smoothing = np.maximum(by_smoothing, lowest / size)
    share = np.maximum(smoothing.share, _share_of_climb(by_network - by_smoothing, values, inside))
    share = smoothing.trust * share / (smoothing.trust * share + 1 - share)
    mixed: Floats = by_network + share * (by_smoothing - by_network)
    return mixed * size


def _share_of_climb(excess: Floats, values: Floats, inside: NDArray[np.bool_]) -> Floats:
    """(n, horizon) c / (1 + c), where c is the network's `excess` over smoothing, in mean absolute steps a step.

    On the scale of logarithms a network goes on with growth by shares, and where it has gone furthest it is most often
    wrong.
    """
    pairs = inside[:, 1:] & inside[:, :-1]
    steps = (np.abs(np.diff(values, axis=1)) * pairs).sum(axis=1) / np.maximum(pairs.sum(axis=1), 1)
    allowed = steps[:, None] * np.arange(1, excess.shape[1] + 1)
    share: Floats = np.divide(excess, excess + allowed, out=np.zeros_like(excess), where=excess > 0)
    return share
