"""Scaled forecast errors at each step: of the one-step-ahead forecast, and of the forecast from an earlier cutoff.

An error is scaled by division by the mean absolute error of the steps before. There are several candidates for the
one-step-ahead forecast:

- the smoothed values
- the usual values (`Cleaned.usual`), alone or with their smoothed errors added
- the forecasts from an earlier cutoff, alone or with their smoothed errors added

At each step, the candidate with the smallest errors so far is used. All smoothing is exponential, at several rates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from forecast_cli.evaluation.anomalies.cleaning import FIRST, MEMORY, RATES, SMALLEST
from forecast_cli.panel.arrays import Floats

LONG_MEMORY = 0.002
"""The weight of a new error in the mean absolute error, as `MEMORY`, for forecasts from an earlier cutoff."""


@dataclass(frozen=True)
class Errors:
    """The scaled errors of one series of L steps: (actual value - forecast) / mean absolute error of the steps before.

    All arrays are NaN where the value is missing. The errors of the first FIRST values are NaN too.

    expected:  (L,) the one-step-ahead forecast, not scaled
    next:      (L,) the scaled errors of `expected`
    ahead:     (L,) the scaled errors of the forecasts from an earlier cutoff, or of the usual value where there is none
    """

    expected: Floats
    next: Floats
    ahead: Floats


def errors_of(values: Floats, cleaned: Floats, usual: Floats, model_forecasts: Floats) -> Errors:
    """Compute the errors of one series.

    values:   (L,) NaN where missing
    cleaned:  (L,) the row of the series in `Cleaned.values`
    usual:    (L,) the row of the series in `Cleaned.usual`
    model_forecasts:  (L,) a model's forecast of each step from an earlier cutoff; where it is NaN, `usual` replaces it
    """
    at = np.flatnonzero(~np.isnan(values))
    y, c, usually, path = values[at], cleaned[at], usual[at], model_forecasts[at]
    bases = [usually, path] if np.isfinite(path).any() else [usually]
    levels = [_before(c, rate) for rate in RATES[1:]]
    expected = _best([*levels, *(_corrected(base, c, rate) for base in bases for rate in RATES)], c)
    far = np.where(np.isnan(path), usually, path)
    every = [np.full(len(values), np.nan) for _ in range(3)]
    for full, one in zip(
        every, (expected, _scaled(y, c, expected, MEMORY), _scaled(y, c, far, LONG_MEMORY)), strict=True
    ):
        full[at] = one
    return Errors(*every)


def _corrected(base: Floats, cleaned: Floats, rate: float) -> Floats:
    """(k,) the forecasts `base` (k,), each plus the smoothed errors at the steps before. With rate 0, `base` itself."""
    if rate == 0:
        return base
    return base + _before(cleaned - base, rate)


def _best(candidates: Sequence[Floats], cleaned: Floats) -> Floats:
    """(k,) at each step, the forecast of the candidate with the smallest mean absolute error before this step."""
    forecasts = np.stack(candidates, axis=1)
    errors = pd.DataFrame(np.abs(cleaned[:, None] - forecasts)).ewm(alpha=MEMORY, ignore_na=True).mean().shift(1)
    ranked = np.where(np.isnan(forecasts), np.inf, errors.fillna(np.inf).to_numpy())
    best: Floats = forecasts[np.arange(len(cleaned)), ranked.argmin(axis=1)]
    return best


def _scaled(values: Floats, cleaned: Floats, forecast: Floats, memory: float) -> Floats:
    usual = np.maximum(_before(np.abs(cleaned - forecast), memory), SMALLEST * (np.abs(cleaned) + 1e-200))
    scaled = (values - forecast) / usual
    scaled[:FIRST] = np.nan
    return scaled


def _before(values: Floats, rate: float) -> Floats:
    """(k,) the exponentially weighted mean of the values before each step; NaN at the first step."""
    average: Floats = pd.Series(values).ewm(alpha=rate, ignore_na=True).mean().shift(1).to_numpy()
    return average
