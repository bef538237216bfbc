"""What a picture shows of each series: which series, how much of the past, and every line as plain arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.errors import UsageError, mention
from forecast_cli.forecasting import Forecast
from forecast_cli.panel.panel import Panel
from forecast_cli.words import short, unit_of

MAX_CHOSEN = 6
MAX_ASKED = 48


@dataclass(frozen=True)
class Track:
    """One line of a picture: places on the axis of time (t,) and values (t,), NaN where there is no point."""

    x: NDArray[np.float64]
    values: NDArray[np.float64]


@dataclass(frozen=True)
class Band:
    """A prediction interval: x, lower and upper are (t,); coverage is the share it should hold, as 0.95."""

    coverage: float
    x: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]


@dataclass(frozen=True)
class View:
    """One series as it is drawn.

    recent:     the stretch of history before the forecast
    cutoff:     the last time known to the main forecast, and `end` the last that it reaches
    start:      the place of the cutoff on the axis of time
    forecasts:  model name -> its forecast, the main one first
    bands:      intervals of the main forecast, the widest first
    outcome:    what came after the cutoff, where that is known
    later_starts:  the places of further cutoffs, whose forecasts follow in the same lines
    """

    id: str
    recent: Track
    cutoff: Any
    end: Any
    start: float
    forecasts: Mapping[str, Track]
    bands: tuple[Band, ...]
    outcome: Track | None
    later_starts: tuple[float, ...] = ()


def recent_steps(horizon: int, season_length: int) -> int:
    """How many steps of history to show: three seasons or four horizons, at least 30 steps.

    A long season alone does not stretch it beyond 150 steps, which would leave a short forecast no room.
    """
    return max(30, 4 * horizon, min(3 * season_length, 150))


def choose(history: Panel, forecasts: Mapping[str, Forecast], series: Sequence[str]) -> list[str]:
    """The ids to draw: those asked for, or else all of a few, or else six that stand for the rest.

    The six lie evenly along the series ordered by the mean size of their values. They are taken from those
    that every model forecasts, where there are enough.

    Raises UsageError for an id without a forecast and for more than `MAX_ASKED` ids.
    """
    main = next(iter(forecasts.values()))
    known = set(history.ids.tolist())
    ids = [str(id_) for id_ in main.ids if id_ in known]
    if series:
        return _asked_for(series, ids)
    if len(ids) <= MAX_CHOSEN:
        return ids
    in_all = set.intersection(*(set(forecast.ids.tolist()) for forecast in forecasts.values()))
    candidates = [id_ for id_ in ids if id_ in in_all] if len(in_all.intersection(ids)) >= MAX_CHOSEN else ids
    size = dict(zip(history.ids.tolist(), _mean_size(history), strict=True))
    by_size = sorted(candidates, key=lambda id_: size[id_])
    at = (np.arange(MAX_CHOSEN) + 0.5) / MAX_CHOSEN * len(by_size)
    return [by_size[int(i)] for i in at]


def _asked_for(series: Sequence[str], ids: list[str]) -> list[str]:
    known = set(ids)
    for id_ in series:
        if id_ not in known:
            near = get_close_matches(id_, ids, n=3) or ids[:3]
            names = ", ".join(short(name, 60) for name in near)
            raise UsageError(f"There is no series {id_!r} to draw.", hint=f"Give {mention('series')} one of: {names}.")
    if len(series) > MAX_ASKED:
        raise UsageError(
            f"{len(series)} series are too many for one picture.",
            hint=f"Name at most {MAX_ASKED} with {mention('series')}.",
        )
    return list(dict.fromkeys(series))


def _mean_size(panel: Panel) -> NDArray[np.float64]:
    """(n,) mean absolute value of each series, 0 where none is known."""
    finite = np.isfinite(panel.values)
    row = np.repeat(np.arange(len(panel)), panel.lengths)
    total = np.bincount(row, np.where(finite, np.abs(panel.values), 0.0), len(panel))
    return np.asarray(total / np.maximum(np.bincount(row, finite, len(panel)), 1))


def views(history: Panel, forecasts: Mapping[str, Forecast], ids: Sequence[str], actuals: Panel | None) -> list[View]:
    """The series `ids` as they are drawn, in that order. `forecasts` names the main one first."""
    main = next(iter(forecasts.values()))
    freq = history.freq
    steps = recent_steps(main.horizon, history.season_length)
    past = {id_: i for i, id_ in enumerate(history.ids.tolist())}
    later = {id_: i for i, id_ in enumerate(actuals.ids.tolist())} if actuals is not None else {}
    rows = {name: {id_: i for i, id_ in enumerate(f.ids.tolist())} for name, f in forecasts.items()}
    main_rows = next(iter(rows.values()))

    result = []
    for id_ in ids:
        row = main_rows[id_]
        cutoff, end = main.cutoff[row], main.times[row, -1]
        times, values = points_of(history, past[id_])
        recent = np.flatnonzero(times <= cutoff)[-steps:]
        there = recent[(times[recent] == cutoff) & np.isfinite(values[recent])]
        origin = Track(positions(times[there], freq), values[there])
        outcome = None
        if actuals is not None and id_ in later:
            after, became = points_of(actuals, later[id_])
            inside = (after > cutoff) & (after <= end)
            if inside.any():
                outcome = joined(origin, positions(after[inside], freq), became[inside])
        result.append(
            View(
                id=id_,
                recent=Track(positions(times[recent], freq), values[recent]),
                cutoff=cutoff,
                end=end,
                start=float(positions(main.cutoff[row : row + 1], freq)[0]),
                forecasts={
                    name: joined(origin, positions(f.times[at], freq), no_infinities(f.point[at]))
                    for name, f in forecasts.items()
                    if (at := rows[name].get(id_)) is not None
                },
                bands=_bands(main, row, origin, positions(main.times[row], freq)),
                outcome=outcome,
            )
        )
    return result


def positions(times: NDArray[Any], freq: str) -> NDArray[np.float64]:
    """Places on the axis: the number of a step, or days since 1970.

    Stamps at the end of a year or a month are drawn at its start, where the axis has the tick that names it.
    """
    if not np.issubdtype(times.dtype, np.datetime64):
        return times.astype(np.float64)
    floor = {"year": "datetime64[Y]", "quarter": "datetime64[M]", "month": "datetime64[M]"}
    floored = times.astype(floor.get(unit_of(freq)[1], times.dtype))
    return (floored - np.datetime64(0, "s")) / np.timedelta64(1, "D")


def points_of(panel: Panel, row: int) -> tuple[NDArray[Any], NDArray[np.float64]]:
    inside = slice(panel.indptr[row], panel.indptr[row + 1])
    return panel.times[inside], no_infinities(panel.values[inside])


def joined(origin: Track, x: NDArray[np.float64], values: NDArray[np.float64]) -> Track:
    """A line that sets out from the last known point, where that is not missing."""
    return Track(np.concatenate([origin.x, x]), np.concatenate([origin.values, values]))


def _bands(forecast: Forecast, row: int, origin: Track, x: NDArray[np.float64]) -> tuple[Band, ...]:
    """The central intervals among the quantiles: each level below 0.5 whose mirror image is there too."""
    levels, quantiles = forecast.quantile_levels, forecast.quantiles
    assert quantiles is not None  # Forecast sees to it
    bands = []
    for low, level in enumerate(levels[levels < 0.5]):
        high = np.flatnonzero(np.isclose(levels, 1 - level))
        if len(high):
            lower = joined(origin, x, no_infinities(quantiles[row, :, low]))
            upper = joined(origin, x, no_infinities(quantiles[row, :, high[0]]))
            bands.append(Band(float(1 - 2 * level), lower.x, lower.values, upper.values))
    return tuple(bands)


def no_infinities(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Infinities as missing points, and numbers small enough to add a margin to: no axis reaches further."""
    return np.where(np.isfinite(values), np.clip(values, -1e300, 1e300), np.nan)
