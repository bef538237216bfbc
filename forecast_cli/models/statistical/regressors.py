"""Regressors: covariates known ahead, as the columns that ARIMA takes."""

from __future__ import annotations

import numpy as np

from forecast_cli.features.drivers import Drivers, scaling_of
from forecast_cli.panel.arrays import Floats
from forecast_cli.panel.covariates import FUTURE
from forecast_cli.panel.panel import Panel

Regressors = tuple[Floats, Floats]
"""The columns at the points of a series (length, columns), and at the steps after its end (horizon, columns)."""

MIN_INDEPENDENT = 1e-6
"""A column is left out if, after regression on the columns that are kept, its remainder is small: its norm is at most
this fraction of the norm of the largest column."""


def regressors_of(panel: Panel, horizon: int) -> list[Regressors] | None:
    """The regressors of each series; None if no covariate of the panel is known ahead.

    A covariate with numbers has two columns: the scaled number, and 1 where the number is known. A covariate with
    categories has a column for each category. For each series, columns that are constant, or a linear combination of
    other ones, are left out, because a regression with them has no unique solution.

    horizon: the number of steps after the end of each series
    """
    columns = panel.covariates.of(FUTURE) if panel.covariates else ()
    if not columns:
        return None
    drivers = Drivers.of(panel, columns, scaling_of(panel, columns), (), horizon)
    found = []
    for row, (first, end) in enumerate(zip(panel.indptr[:-1], panel.indptr[1:], strict=True)):
        offsets = np.arange(end - first + horizon)
        at = np.array([first])
        channels = drivers.known_ahead(np.array([row]), at, at, offsets)[0].astype(np.float64)
        past = channels[: end - first]
        kept = _independent(past)
        found.append((past[:, kept], channels[end - first :, kept]))
    return found


def _independent(columns: Floats) -> list[int]:
    """The indices of columns to keep: none of these is constant, or a linear combination of the others.

    columns: (length, columns)
    """
    from scipy import linalg

    centred = columns - columns.mean(axis=0)
    _, triangle, order = linalg.qr(centred, mode="economic", pivoting=True)
    sizes = np.abs(np.diag(triangle))
    largest = max(float(np.sqrt((centred**2).sum(axis=0)).max(initial=0)), np.finfo(np.float64).tiny)
    return sorted(order[: len(sizes)][sizes > MIN_INDEPENDENT * largest].tolist())
