"""Factors on the width of intervals: above 1 where a model expects larger errors than usual, below 1 for smaller."""

from __future__ import annotations

import numpy as np

from forecast_cli.panel.arrays import Floats

EXPONENT = 0.5
"""The factor is (expected spread / usual spread) ** EXPONENT. The ratio is only an estimate, so EXPONENT < 1."""

LARGEST = 2.0
"""The largest factor; the smallest one is 1 / LARGEST."""


def usual_spread(spread: Floats) -> Floats | None:
    """(n, h) the geometric mean over k origins of the spread (k, n, h) that a model expected.

    Spreads that are NaN or 0 are unknown and left out. The result is NaN where no origin has a known spread, and None
    if no spread is known at all.
    """
    known = np.isfinite(spread) & (spread > 0)
    if not known.any():
        return None
    logs = np.log(np.where(known, spread, 1.0)).sum(axis=0)
    return np.asarray(np.exp(logs / np.where(known.any(axis=0), known.sum(axis=0), np.nan)))


def width_factors(spread: Floats, usual: Floats) -> Floats:
    """(..., h) the factors on widths, from 1 / LARGEST to LARGEST; 1 where one of the two spreads is unknown.

    spread:  (..., h) the spread that a model expects
    usual:   (..., h) the spread that it usually expects
    """
    known = np.isfinite(spread) & np.isfinite(usual) & (spread > 0) & (usual > 0)
    ratio = np.where(known, spread, 1.0) / np.where(known, usual, 1.0)
    return np.asarray(np.clip(ratio**EXPONENT, 1 / LARGEST, LARGEST))
