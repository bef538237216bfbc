"""Describe a panel: time span, missing values, strength of trend and season. Compute its fingerprint."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from forecast_cli.panel.arrays import Floats, fill_missing
from forecast_cli.panel.panel import Panel

MIN_TREND_POINTS = 8
"""The fewest points of a series whose strengths of trend and season are computed."""
LOWESS_FRACTION = 2 / 3
"""Each local regression of the trend (LOESS) uses this fraction of all points, as `lowess` in R does."""


@dataclass(frozen=True)
class SeriesSummary:
    """Summary statistics of one series.

    first, last:        the first and last time, datetime64[ns] or step numbers
    points:             the number of steps from first to last time
    missing:            how many of these steps have no value
    minimum, mean, maximum: of the known values
    trend_strength:     0 (no trend) to 1 (only trend); None if the series is too short or constant
    seasonal_strength:  0 (no season) to 1 (only season); None in the same cases, and also if the season length is 1 or
                        the series has at most two seasons
    """

    id: str
    first: np.datetime64 | int
    last: np.datetime64 | int
    points: int
    missing: int
    minimum: float
    mean: float
    maximum: float
    trend_strength: float | None
    seasonal_strength: float | None


def describe(panel: Panel) -> list[SeriesSummary]:
    """The summary of each series, in the order of the panel. Series without points are left out."""
    filled, _ = fill_missing(panel)
    return [
        _summary(panel, filled, str(name), start, end)
        for name, start, end in zip(panel.ids, panel.indptr[:-1], panel.indptr[1:], strict=True)
        if end > start
    ]


def fingerprint(panel: Panel, ahead: bool = False) -> str:
    """The SHA-256 of ids, frequency, time zone, times, values and covariates, as 64 hexadecimal digits.

    It shows whether two panels have the same data. The season length does not change it.

    ahead: whether covariates after the last points count too; a model does not learn from these, but a forecast
           depends on them
    """
    digest = hashlib.sha256()
    for part in ("\0".join(panel.ids), panel.freq, panel.tz or ""):
        encoded = part.encode()
        digest.update(len(encoded).to_bytes(8, "little") + encoded)
    times = panel.times.astype(np.int64)
    values = np.where(np.isnan(panel.values), np.nan, panel.values)  # NaN has many bit patterns
    arrays = [panel.indptr, times, values]
    if panel.covariates is not None:
        known = panel.covariates
        digest.update(repr(known.columns).encode())
        at_points = np.repeat(known.start - panel.indptr[:-1], panel.lengths) + np.arange(len(values))
        parts = [known.past, known.ahead[at_points]]
        if ahead:
            parts.append(known.compact().ahead)
        arrays += [np.nan_to_num(part, nan=np.inf) for part in parts]
    for array in arrays:
        digest.update(np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<")).tobytes())
    return digest.hexdigest()


def _summary(panel: Panel, filled: Floats, name: str, start: int, end: int) -> SeriesSummary:
    values = panel.values[start:end]
    trend, season = _strengths(filled[start:end], panel.season_length)
    first, last = panel.times[start], panel.times[end - 1]
    return SeriesSummary(
        id=name,
        first=first if panel.dated else int(first),
        last=last if panel.dated else int(last),
        points=len(values),
        missing=int(np.isnan(values).sum()),
        minimum=float(np.nanmin(values)),
        mean=float(np.nanmean(values)),
        maximum=float(np.nanmax(values)),
        trend_strength=trend,
        seasonal_strength=season,
    )


def _strengths(filled: Floats, season_length: int) -> tuple[float | None, float | None]:
    """The strengths of trend and season of one series, each 0 to 1; None for a strength that cannot be computed.

    An STL decomposition gives the series as trend T + season S + remainder R. The strength of the trend is
    max(0, 1 - Var(R) / Var(T + R)), that of the season max(0, 1 - Var(R) / Var(S + R)) (Hyndman and Athanasopoulos,
    Forecasting: Principles and Practice, 3rd edition, section 4.3). For a series without season, or with at most two
    seasons, T is a LOESS curve and there is no S.

    filled: (length,) the values, without NaN
    """
    if len(filled) < MIN_TREND_POINTS or np.ptp(filled) == 0:
        return None, None
    if season_length == 1 or len(filled) < 2 * season_length + 1:
        from statsmodels.nonparametric.smoothers_lowess import lowess

        # At a hundred places, and interpolated: at every point, the time would grow with the square of the length.
        at, delta = np.arange(len(filled)), 0.01 * len(filled)
        trend = lowess(filled, at, frac=LOWESS_FRACTION, delta=delta, return_sorted=False)
        return _strength(trend, filled - trend), None
    from statsmodels.tsa.seasonal import STL

    # Evaluating each curve at every tenth of its window, as R's stl does, is several times faster.
    jump = season_length // 7 + 1
    stl = STL(filled, period=season_length, seasonal=11, trend_jump=jump, low_pass_jump=jump).fit()
    return _strength(stl.trend, stl.resid), _strength(stl.seasonal, stl.resid)


def _strength(component: Floats, remainder: Floats) -> float | None:
    total_variance = float(np.var(component + remainder))
    return max(0.0, 1 - float(np.var(remainder)) / total_variance) if total_variance > 0 else None
