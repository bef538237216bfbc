"""The input features of trees for a forecast step: past values of the series, calendar, drivers, network forecast.

All values of the series are normalised as for a network: the level of the window at the origin is subtracted, then they
are divided by the window's scale. So trees learn the same from a series in units and from one in millions.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecast_cli.features.calendar_channels import Channels
from forecast_cli.features.features import Features
from forecast_cli.features.windows import Windows
from forecast_cli.models.combined.tree_ensemble import Rows
from forecast_cli.panel.arrays import Floats, Ints
from forecast_cli.panel.calendar import future_times
from forecast_cli.panel.durations import DAY, EPOCH_WEEKDAY, HOUR

MAX_LAGS = 24
"""Maximum number of last values of a window among the features."""

SEASONS_BACK = 2
"""The features have the values of the same phase in this many earlier seasons."""


@dataclass(frozen=True)
class Steps:
    """The h steps after each of b origins, as inputs of trees.

    rows:     (b, h, features) the features of each step; values of the series are normalised by the origin's window
    windows:  the windows at the origins (b,)
    network:  (b, h) the network's forecast, normalised in the same way
    """

    rows: Rows
    windows: Windows
    network: Floats

    @classmethod
    def after(cls, features: Features, origins: Ints, path: Floats, longest: int) -> Steps:
        """The h steps after each of the origins.

        features: of the panel to forecast
        origins:  (b,) the indices of the origins
        path:     (b, h) the adjusted values that the network forecasts: scaled (log or linear), without the seasons
        longest:  the upper limit of one feature: the number of steps after the origin
        """
        windows = features.windows(origins)
        network, horizon = windows.normalise(path), path.shape[1]
        steps = np.arange(1, horizon + 1)
        each_origin = np.concatenate(_recent(windows), axis=1)
        each_step = [
            network,
            np.broadcast_to(np.minimum(steps, longest), path.shape),
            *_earlier_seasons(features, origins, windows, steps),
            *_calendar(features, origins, steps),
            *_drivers(features, origins, steps),
        ]
        shape = (*path.shape, each_origin.shape[1])
        rows = np.concatenate([np.broadcast_to(each_origin[:, None], shape), np.stack(each_step, axis=2)], axis=2)
        return cls(rows.astype(np.float32), windows, network)


def _recent(windows: Windows) -> list[Floats]:
    """(b, lags) the last values, and (b, 1) the mean of the last 2, 4, 8, ... values of each window."""
    values = windows.normalise(windows.adjusted)
    size = values.shape[1]
    spans = 2 ** np.arange(1, size.bit_length())
    return [values[:, -MAX_LAGS:], *(values[:, -span:].mean(axis=1, keepdims=True) for span in spans.tolist())]


def _earlier_seasons(features: Features, origins: Ints, windows: Windows, steps: Ints) -> list[Floats]:
    """Two arrays (b, h): the last and the second-last value, up to the origin, at the season's phase of each step.

    Values before the start of a series are replaced by the window's level. The list is empty if the season length is 1.
    """
    season = features.panel.season_length
    if season == 1:
        return []
    latest = (steps - 1) % season + 1 - season
    found = []
    for back in range(SEASONS_BACK):
        offsets = latest - back * season
        at = origins[:, None] + offsets
        first = features.start[origins][:, None]
        adjusted = features.scaled[np.maximum(at, first)] - features.season_at(origins, offsets)
        found.append(windows.normalise(np.where(at >= first, adjusted, windows.level[:, None])))
    return found


def _drivers(features: Features, origins: Ints, steps: Ints) -> list[Channels]:
    """Arrays (b, h), one for each channel of covariates and calendar that is known ahead: its values at each step.

    Then one more array for each: its values at the last step up to the origin that has the same phase in the season.
    The list is empty without covariates and calendar.
    """
    if features.drivers is None:
        return []
    at = (features.rows[origins], origins, features.start[origins])
    season = max(features.panel.season_length, 1)
    known, before = (
        features.drivers.known_ahead(*at, offsets) for offsets in (steps, (steps - 1) % season + 1 - season)
    )
    return [*np.moveaxis(known, 2, 0), *np.moveaxis(before, 2, 0)]


def _calendar(features: Features, origins: Ints, steps: Ints) -> list[Ints]:
    """Arrays (b, h) for each step: its phase in the season, from 0.

    For a panel with dates, also its month (0 to 11), day of the week (0 is Monday) and hour (0 to 23).
    """
    panel = features.panel
    phase = (features.phase[origins][:, None] + steps) % panel.season_length
    if not panel.dated:
        return [phase]
    times = future_times(panel.freq, panel.times[origins], len(steps))
    month = times.astype("datetime64[M]").astype(np.int64) % 12
    since_epoch = times.astype(np.int64)
    return [phase, month, (since_epoch // DAY + EPOCH_WEEKDAY) % 7, since_epoch % DAY // HOUR]
