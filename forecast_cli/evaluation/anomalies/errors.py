"""Forecast errors at each step, in usual errors: one step ahead, and of forecasts made some steps before.

A forecast one step ahead is a forecast made some steps before, plus a part of its latest errors (exponential smoothing
of the errors, at several rates). The one with the smallest errors so far is used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from forecast_cli.evaluation.anomalies.cleaning import FIRST, MEMORY, RATES, SMALLEST
from forecast_cli.panel.arrays import Floats

LONG_MEMORY = 0.002
"""As `MEMORY`, for the errors of forecasts made some steps before."""


@dataclass(frozen=True)
class Errors:
    """The errors of one series of L steps. NaN where the value is missing, and at the first values.

    expected:  (L,) the forecast one step ahead
    next:      (L,) its errors, divided by their usual size
    ahead:     (L,) the errors of forecasts made some steps before, divided by their usual size
    """

    expected: Floats
    next: Floats
    ahead: Floats


def errors_of(values: Floats, cleaned: Floats, usual: Floats, paths: Floats) -> Errors:
    """The errors of one series.

    values:   (L,) NaN where missing
    cleaned:  (L,) the cleaned values
    usual:    (L,) the usual value at each step
    paths:    (L,) the forecast of a model from some steps before; NaN where there is none
    """
    at = np.flatnonzero(~np.isnan(values))
    y, c, usually, path = values[at], cleaned[at], usual[at], paths[at]
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
    """The forecasts `base`, plus the smoothed errors before each step."""
    if rate == 0:
        return base
    return base + _before(cleaned - base, rate)


def _best(candidates: Sequence[Floats], cleaned: Floats) -> Floats:
    """(k,) at each step, the candidate with the smallest errors before it."""
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
    """The exponential average of the values before each step."""
    average: Floats = pd.Series(values).ewm(alpha=rate, ignore_na=True).mean().shift(1).to_numpy()
    return average
