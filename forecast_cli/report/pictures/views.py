"""Choose what a picture shows: which series, how many steps before the cutoff, and every line as arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.errors import UsageError, mention
from forecast_cli.forecasting import Forecast
from forecast_cli.panel.arrays import mean_size
from forecast_cli.panel.chosen import chosen_ids
from forecast_cli.panel.panel import Panel, row_by_id
from forecast_cli.words import unit_of

MAX_SPREAD = 6
"""The largest number of series in a picture if the user names none."""

MAX_NAMED = 48
"""The largest number of series that the user can name for one picture."""

MAX_SEASONAL_HISTORY = 150
"""Three seasons are shown before the cutoff, but at most this many steps of them. With more, a short forecast would be
tiny."""


@dataclass(frozen=True)
class Track:
    """One line of a picture.

    x:      (t,) positions on the time axis
    values: (t,) values, NaN where the line has a gap
    """

    x: NDArray[np.float64]
    values: NDArray[np.float64]


@dataclass(frozen=True)
class Band:
    """A prediction interval of a picture.

    coverage:     the nominal probability that values are inside, such as 0.95
    x:            (t,) positions on the time axis
    lower, upper: (t,) the lower and the upper end of the interval
    """

    coverage: float
    x: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]


@dataclass(frozen=True)
class Strip:
    """A covariate that is drawn under a series.

    name:        of the covariate
    track:       its values
    categories:  the texts that the values 0, 1, 2, ... stand for; None if they are numbers
    """

    name: str
    track: Track
    categories: tuple[str, ...] | None = None


@dataclass(frozen=True)
class View:
    """All lines of one series in a picture. In a backtest, a series has several cutoffs.

    id:         the id of the series
    recent:     the last values up to the first cutoff
    cutoff:     the time of the first cutoff
    end:        the last time that is drawn
    start:      the position of the first cutoff on the time axis
    forecasts:  name of a model -> the line of its forecast, the main one first
    bands:      the intervals of the main forecast, the widest first
    outcome:    the actual values from the first cutoff on; None if they are not known
    later_starts:  the positions of further cutoffs; their forecasts are part of the same lines
    strips:     the covariates that are drawn under the series
    """

    id: str
    recent: Track
    cutoff: Any
    end: Any
    start: float
    forecasts: Mapping[str, Track]
    bands: tuple[Band, ...] = ()
    outcome: Track | None = None
    later_starts: tuple[float, ...] = ()
    strips: tuple[Strip, ...] = ()


def recent_steps(horizon: int, season_length: int) -> int:
    """How many steps before the cutoff are shown: the largest of three seasons, four horizons and 30 steps.

    Three seasons count as MAX_SEASONAL_HISTORY steps at most.
    """
    return max(30, 4 * horizon, min(3 * season_length, MAX_SEASONAL_HISTORY))


def choose(history: Panel, forecasts: Mapping[str, Forecast], series: Sequence[str] = ()) -> list[str]:
    """The ids of the series to draw: those that the user names, or all, or MAX_SPREAD of them if there are more.

    In the latter case, small, medium and large series are chosen: they are sorted by their mean absolute value, and
    evenly spaced ones are taken. Series with a forecast from every model are preferred.

    history:   the data that the forecasts continue
    forecasts: name of a model -> its forecast, the main one first
    series:    the ids that the user names; empty if none

    Raises UsageError for an id without a forecast, and for more than MAX_NAMED ids.
    """
    main = next(iter(forecasts.values()))
    known = set(history.ids.tolist())
    ids = [str(id_) for id_ in main.ids if id_ in known]
    if series:
        if len(series) > MAX_NAMED:
            raise UsageError(
                f"{len(series)} series are too many for one picture.",
                f"Name at most {MAX_NAMED} with {mention('series')}.",
            )
        return chosen_ids(series, ids)
    if len(ids) <= MAX_SPREAD:
        return ids
    in_all = set.intersection(*(set(forecast.ids.tolist()) for forecast in forecasts.values()))
    candidates = [id_ for id_ in ids if id_ in in_all] if len(in_all.intersection(ids)) >= MAX_SPREAD else ids
    size = dict(zip(history.ids.tolist(), mean_size(history), strict=True))
    by_size = sorted(candidates, key=lambda id_: size[id_])
    at = (np.arange(MAX_SPREAD) + 0.5) / MAX_SPREAD * len(by_size)
    return [by_size[int(i)] for i in at]


def forecast_views(history: Panel, forecasts: Mapping[str, Forecast], ids: Sequence[str]) -> list[View]:
    """The lines of each series in the picture of a forecast, in the order of `ids`.

    history:   the data that the forecasts continue
    forecasts: name of a model -> its forecast, the main one first
    """
    main = next(iter(forecasts.values()))
    freq = history.freq
    steps = recent_steps(main.horizon, history.season_length)
    history_rows, main_rows = row_by_id(history.ids), row_by_id(main.ids)
    rows = {name: row_by_id(forecast.ids) for name, forecast in forecasts.items()}

    views = []
    for id_ in ids:
        row = main_rows[id_]
        cutoff = main.cutoff[row]
        times, values = points_of(history, history_rows[id_])
        recent = np.flatnonzero(times <= cutoff)[-steps:]
        at_cutoff = recent[(times[recent] == cutoff) & np.isfinite(values[recent])]
        last_known = Track(positions(times[at_cutoff], freq), values[at_cutoff])
        views.append(
            View(
                id=id_,
                recent=Track(positions(times[recent], freq), values[recent]),
                cutoff=cutoff,
                end=main.times[row, -1],
                start=float(positions(main.cutoff[row : row + 1], freq)[0]),
                forecasts={
                    name: joined(last_known, positions(f.times[at], freq), no_infinities(f.point[at]))
                    for name, f in forecasts.items()
                    if (at := rows[name].get(id_)) is not None
                },
                bands=_bands(main, row, last_known, positions(main.times[row], freq)),
            )
        )
    return views


def positions(times: NDArray[Any], freq: str) -> NDArray[np.float64]:
    """The positions of times on the time axis: step numbers, or days since 1970.

    If steps are years, quarters or months, a time is drawn at the start of its year or month, because ticks are there.
    """
    if not np.issubdtype(times.dtype, np.datetime64):
        return times.astype(np.float64)
    floor = {"year": "datetime64[Y]", "quarter": "datetime64[M]", "month": "datetime64[M]"}
    floored = times.astype(floor.get(unit_of(freq)[1], times.dtype))
    return (floored - np.datetime64(0, "s")) / np.timedelta64(1, "D")


def points_of(panel: Panel, row: int) -> tuple[NDArray[Any], NDArray[np.float64]]:
    """The times (t,) and values (t,) of one series of a panel. Infinite values become NaN. `row` is its index."""
    inside = slice(panel.indptr[row], panel.indptr[row + 1])
    return panel.times[inside], no_infinities(panel.values[inside])


def joined(last_known: Track, x: NDArray[np.float64], values: NDArray[np.float64]) -> Track:
    """A line from the last known value to the values of a forecast.

    last_known: the last known point; it may be empty
    x, values:  (t,) the points of the forecast
    """
    return Track(np.concatenate([last_known.x, x]), np.concatenate([last_known.values, values]))


def _bands(forecast: Forecast, row: int, last_known: Track, x: NDArray[np.float64]) -> tuple[Band, ...]:
    """The intervals of a forecast for one series: one for each quantile level q below 0.5 for which 1 - q exists too.

    row:        the index of the series in the forecast
    last_known: the last known point, from which intervals are drawn
    x:          (t,) the positions of the forecast steps
    """
    levels, quantiles = forecast.quantile_levels, forecast.quantiles
    assert quantiles is not None  # Forecast replaces None by an empty array
    bands = []
    for low, level in enumerate(levels[levels < 0.5]):
        high = np.flatnonzero(np.isclose(levels, 1 - level))
        if len(high):
            lower = joined(last_known, x, no_infinities(quantiles[row, :, low]))
            upper = joined(last_known, x, no_infinities(quantiles[row, :, high[0]]))
            bands.append(Band(float(1 - 2 * level), lower.x, lower.values, upper.values))
    return tuple(bands)


def no_infinities(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The values, with NaN in place of infinite ones; the others are limited to +-1e300, which an axis can show."""
    return np.where(np.isfinite(values), np.clip(values, -1e300, 1e300), np.nan)
