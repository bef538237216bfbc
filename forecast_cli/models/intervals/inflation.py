"""The factor by which intervals must be wider than past errors suggest, measured at earlier cutoffs of the panel."""

from __future__ import annotations

import numpy as np

from forecast_cli.models.intervals.errors import Errors
from forecast_cli.models.intervals.quantiles import ErrorDistribution
from forecast_cli.panel.arrays import Floats, Ints

CHECKED_LEVELS = np.array([0.5, 0.8, 0.9, 0.95, 0.98])
"""The levels of intervals, 0 to 1, at which inflation is measured. Between them it is interpolated, outside them it
stays the same."""

DEFAULT_INFLATION = np.array([1.0, 1.05, 1.1, 1.15, 1.2])
"""The inflation at CHECKED_LEVELS if nothing is measured. In a panel of one series it has most of the weight."""

PRIOR_SERIES = 20.0
"""The weight of DEFAULT_INFLATION, as a number of series. With this many series, the measured factors weigh as much."""

MEASURED_SHARE = 0.5
"""The logarithm of a measured factor is multiplied by this number. Intervals at earlier cutoffs come from fewer errors
than the intervals of the forecast, so they need more inflation."""

MAX_CHECKS = 4
"""The largest number of earlier cutoffs at which intervals are checked."""

MIN_ORIGINS_BEFORE = 8
"""Intervals are checked at a cutoff only if there are at least this many origins before it, and only in series with at
least this many errors known at the cutoff."""

LIMITS = (0.8, 2.0)
"""The factor that one check gives is limited to this range."""

MIN_INFLATION = np.array([0.95, 0.95, 0.98, 1.0, 1.0])
"""The smallest inflation at CHECKED_LEVELS: intervals become at most a little narrower than past errors suggest."""


def inflation(errors: Errors, phases: Ints, season_length: int) -> Floats:
    """(levels,) the factor by which the width of an interval is multiplied, for each of CHECKED_LEVELS.

    At some earlier origins, intervals are computed from the errors that were known by then. They are compared with the
    errors that followed. For each level, an origin gives one factor. If the interval of level 0.8 is multiplied by its
    factor, it contains 80% of these errors: the factor is the quantile 0.8 of absolute error / half width. The
    logarithms of these factors are averaged over the origins, and combined with those of DEFAULT_INFLATION. The fewer
    series, the larger is the weight of DEFAULT_INFLATION. The result is at least MIN_INFLATION.

                errors known at the origin              interval   errors that followed
        earlier o-o-o-o-o-o-o-o|                        ->         |ooo
        later   o-o-o-o-o-o-o-o-o-o|                    ->             |ooo

    errors: of smoothing, at k origins spread over the past
    phases: (k, n, h) the place in the season of each step, 0 to season_length - 1
    """
    measured, series = [], 0
    for check in _checks(errors):
        factors, count = _needed_at(check, errors, phases, season_length)
        if count:
            measured.append(np.log(np.clip(factors, *LIMITS)))
            series = max(series, count)
    if not measured:
        return DEFAULT_INFLATION
    evidence = series / (series + PRIOR_SERIES)
    logs = evidence * MEASURED_SHARE * np.mean(measured, axis=0) + (1 - evidence) * np.log(DEFAULT_INFLATION)
    return np.asarray(np.maximum(np.exp(logs), MIN_INFLATION))


def _checks(errors: Errors) -> list[int]:
    """The indices of the origins at which intervals are checked, the latest first; at most MAX_CHECKS.

    They are about one horizon apart. The first is the latest origin with at least `horizon` points after it (the median
    over all series). The horizon is the last axis of `errors.scaled`.
    """
    horizon = errors.scaled.shape[2]
    usual = np.median(errors.offsets, axis=1) if errors.offsets.size else np.empty(0)
    complete = np.flatnonzero(usual >= horizon)
    if len(complete) == 0:
        return []
    last = int(complete[-1])
    gaps = -np.diff(usual[complete]) if len(complete) > 1 else np.array([horizon])
    stride = max(1, round(horizon / max(float(np.median(gaps)), 1.0)))
    chosen = [last - stride * number for number in range(MAX_CHECKS)]
    return [check for check in chosen if check >= MIN_ORIGINS_BEFORE]


def _needed_at(check: int, errors: Errors, phases: Ints, season_length: int) -> tuple[Floats, int]:
    """The factors (levels,) on the widths of the intervals at one origin, with which they would have had the coverage
    of their level: 80% of the errors inside the interval of level 0.8.

    Also returns the number of series in which the intervals could be checked. If it is 0, the factors are 1.

    check:   the index of the origin
    phases:  as in `inflation`
    """
    steps = np.arange(1, errors.scaled.shape[2] + 1)
    known = errors.offsets[:, :, None] - steps >= errors.offsets[check][:, None]
    past = np.abs(np.where(known, errors.scaled, np.nan))
    followed = np.abs(errors.scaled[check])
    rows = np.flatnonzero(
        (np.isfinite(past).sum(axis=(0, 2)) >= MIN_ORIGINS_BEFORE) & np.isfinite(followed).any(axis=1)
    )
    if len(rows) == 0:
        return np.ones(len(CHECKED_LEVELS)), 0
    spread = ErrorDistribution.of(past[:, rows], np.ones(len(past)), phases[:, rows], season_length)
    widths = spread.half_widths(CHECKED_LEVELS)[:, None, :] * spread.factors(phases[check, rows])[:, :, None]
    ratios = followed[rows][:, :, None] / np.where(widths > 0, widths, np.nan)
    usable = np.isfinite(ratios).all(axis=2)
    if not usable.any():
        return np.ones(len(CHECKED_LEVELS)), 0
    needed = [np.quantile(ratios[..., at][usable], level) for at, level in enumerate(CHECKED_LEVELS)]
    return np.maximum(np.array(needed), 1e-3), len(rows)
