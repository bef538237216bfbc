"""What a panel holds, in figures: spans, gaps, and how much of each series is trend or season."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from forecast_cli.panel.panel import Panel
from forecast_cli.panel.series import Floats, fill_missing

MIN_TREND_POINTS = 8


@dataclass(frozen=True)
class SeriesSummary:
    """One series in figures.

    first, last:        its span, datetime64[ns] or a step number
    points, missing:    steps of the grid, and those of them without a value
    trend_strength:     0 (none) to 1 (nothing else), None where the series is too short or constant
    seasonal_strength:  the same for the season; also None where the panel has none
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
    """A summary of each series that has points."""
    filled, _ = fill_missing(panel)
    return [
        _summary(panel, filled, str(name), start, end)
        for name, start, end in zip(panel.ids, panel.indptr[:-1], panel.indptr[1:], strict=True)
        if end > start
    ]


def fingerprint(panel: Panel) -> str:
    """A SHA-256 (hex) of ids, frequency, times and values: two panels share it if they hold the same data."""
    digest = hashlib.sha256()
    for part in ("\0".join(panel.ids), panel.freq, panel.tz or ""):
        encoded = part.encode()
        digest.update(len(encoded).to_bytes(8, "little") + encoded)
    times = panel.times.astype(np.int64)
    values = np.where(np.isnan(panel.values), np.nan, panel.values)  # one NaN, whatever its bits
    for array in (panel.indptr, times, values):
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
    """The strengths of trend and season.

    Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 3rd edition, section 4.3: with the parts
    T + S + R of an STL decomposition, max(0, 1 - Var(R) / Var(T + R)) and max(0, 1 - Var(R) / Var(S + R)).
    A series without season, or shorter than two, is T + R, with a LOESS curve for T.
    """
    if len(filled) < MIN_TREND_POINTS or np.ptp(filled) == 0:
        return None, None
    if season_length == 1 or len(filled) < 2 * season_length + 1:
        from statsmodels.nonparametric.smoothers_lowess import lowess

        trend = lowess(filled, np.arange(len(filled)), frac=2 / 3, return_sorted=False)
        return _strength(trend, filled - trend), None
    from statsmodels.tsa.seasonal import STL

    # Jumps of a tenth of each window, as R's stl makes: smooth enough, and several times faster.
    jump = season_length // 7 + 1
    parts = STL(filled, period=season_length, seasonal=11, trend_jump=jump, low_pass_jump=jump).fit()
    return _strength(parts.trend, parts.resid), _strength(parts.seasonal, parts.resid)


def _strength(part: Floats, rest: Floats) -> float | None:
    whole = float(np.var(part + rest))
    return max(0.0, 1 - float(np.var(rest)) / whole) if whole > 0 else None
