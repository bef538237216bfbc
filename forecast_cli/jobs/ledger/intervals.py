"""Intervals of recorded forecasts: store them, and adjust their width by the share of actual values outside them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from forecast_cli.forecasting import Forecast
from forecast_cli.jobs.ledger.database import Database

LEARNING_RATE = 0.2
"""One new step adds LEARNING_RATE * (misses - allowed) to the logarithm of the width (see `width_factors`). With n
series, this is multiplied by n / (n + 1), because the misses of few series are mostly chance."""

SMALLEST, LARGEST = 0.5, 4.0
"""The smallest and the largest factor on the width."""

MAX_STEPS = 30
"""At most this many new steps change the factor at once, even if more have passed, such as after a long pause."""


def insert_intervals(
    database: Database, forecast_id: int, first_origin: int, forecast: Forecast, factors: dict[float, float]
) -> None:
    """Insert the intervals of a forecast whose points are recorded already.

    first_origin:  the id of the origin of its first series; the ids of its other series follow without gaps
    factors:       level in percent -> the factor by which the intervals of this level were multiplied; other levels
                   are not recorded
    """
    database.change_each(
        "INSERT INTO widths (forecast, level, factor) VALUES (?, ?, ?)",
        [(forecast_id, level, factor) for level, factor in factors.items()],
    )
    for level in factors:
        lower, upper = (forecast.every_quantile[..., forecast.position(0.5 + sign * level / 200)] for sign in (-1, 1))
        at, step = np.nonzero(np.isfinite(forecast.point) & np.isfinite(lower) & np.isfinite(upper))
        database.change_each(
            "INSERT INTO intervals (origin, step, level, lower, upper) VALUES (?, ?, ?, ?, ?)",
            zip(
                (first_origin + at).tolist(),
                (step + 1).tolist(),
                [level] * len(at),
                lower[at, step].tolist(),
                upper[at, step].tolist(),
                strict=True,
            ),
        )


def width_factors(database: Database, job: str, levels: Sequence[float]) -> dict[float, float]:
    """{level: factor}: the factor by which the width of the intervals of a job's next forecast is multiplied.

    It is 1 if no forecast of the job has intervals of this level. Otherwise, the factor of the latest such forecast is
    multiplied by exp(rate * (misses - allowed)) for each step after its cutoff that has an actual value, for at most
    MAX_STEPS. `misses` is the share of actual values outside their intervals, over all forecasts of these steps, 0 to
    1. `allowed` is 1 - level / 100. `rate` is LEARNING_RATE * n / (n + 1) for n series. The result is clipped to
    SMALLEST to LARGEST. So the coverage returns to the level after the size of the errors has changed.

    levels: the levels of the intervals, in percent

    This is adaptive conformal inference (Gibbs and Candes, NeurIPS 2021), but it adapts the width of intervals, as
    quantile tracking does (Angelopoulos, Candes and Tibshirani, NeurIPS 2023), and not their level: a level of 100 %
    could not be raised further.
    """
    factors = {}
    for level in levels:
        latest = database.query(
            "SELECT f.id, w.factor FROM forecasts f JOIN widths w ON w.forecast = f.id "
            "WHERE f.job = ? AND w.level = ? ORDER BY f.id DESC LIMIT 1",
            (job, level),
        )
        if not latest:
            factors[level] = 1.0
            continue
        ((forecast_id, factor),) = latest
        ((misses, steps, series),) = database.query(
            "SELECT avg(p.actual NOT BETWEEN i.lower AND i.upper), count(DISTINCT p.time), count(DISTINCT p.series) "
            "FROM origins l JOIN points p ON p.series = l.series AND p.time > l.cutoff "
            "JOIN intervals i ON i.origin = p.origin AND i.step = p.step "
            "WHERE l.forecast = ? AND i.level = ? AND p.actual IS NOT NULL",
            (forecast_id, level),
        )
        if steps:
            rate = LEARNING_RATE * series / (series + 1)
            factor *= math.exp(rate * min(steps, MAX_STEPS) * (misses - (1 - level / 100)))
        factors[level] = min(max(factor, SMALLEST), LARGEST)
    return factors
