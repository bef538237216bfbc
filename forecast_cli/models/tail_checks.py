"""Check the last points of each series, as a bundle (a trained model on disk) contains them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.features.scaling import Scaling
from forecast_cli.panel.panel import Panel


def check_tails(tails: Panel, scaling: Scaling) -> None:
    """Check arrays that were read from a bundle.

    tails:    the last points of n series
    scaling:  how each of these series is scaled

    Raises ValueError if an array has a wrong type or shape, if a series has no points, or if a number is impossible:
    an infinite value, times that do not ascend, a scale that is not above 0, a range of covariates that is too short.
    """
    number, points = len(tails.ids), len(tails.values)
    times = "M8[ns]" if tails.dated else "int64"
    _check("indptr", tails.indptr, "int64", (number + 1,))
    _check("times", tails.times, times, (points,))
    _check("values", tails.values, "float64", (points,))
    _check("log", scaling.log, "bool", (number,))
    for name in ("scale", "floor", "lowest"):
        _check(name, getattr(scaling, name), "float64", (number,))
    if number == 0 or tails.indptr[0] != 0 or not (np.diff(tails.indptr) > 0).all():
        raise ValueError("a series has no points")
    if np.isinf(tails.values).any() or (tails.dated and np.isnat(tails.times).any()):
        raise ValueError("a value or a time is not finite")
    within = np.ones(points, dtype=bool)
    within[tails.indptr[:-1]] = False
    if not (np.diff(tails.times.astype(np.int64))[within[1:]] > 0).all():
        raise ValueError("the times of a series do not ascend")
    if not (np.isfinite(scaling.scale) & np.isfinite(scaling.floor) & (scaling.scale > 0)).all():
        raise ValueError("the scale of a series is not a positive number")
    if tails.covariates is not None:
        known = tails.covariates
        rows = len(known.ahead)
        _check("past covariates", known.past, "float64", (points, known.past.shape[1]))
        _check("covariates ahead", known.ahead, "float64", (rows, known.ahead.shape[1]))
        for name in ("start", "end"):
            _check(name, getattr(known, name), "int64", (number,))
        if not ((known.start >= 0) & (known.start + np.diff(tails.indptr) <= known.end) & (known.end <= rows)).all():
            raise ValueError("the covariates of a series have no rows")


def _check(name: str, array: NDArray[Any], dtype: str, shape: tuple[int, ...]) -> None:
    if array.dtype != np.dtype(dtype) or array.shape != shape:
        raise ValueError(f"{name}: {array.dtype} of shape {array.shape}, not {dtype} of shape {shape}")
