"""Judge every point of a panel, and list its anomalies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from forecast_cli.evaluation.anomalies.alarms import gap_of, grouped
from forecast_cli.evaluation.anomalies.cleaning import Cleaned, clean
from forecast_cli.evaluation.anomalies.errors import errors_of
from forecast_cli.evaluation.anomalies.gaps import after_long_gaps, in_first_season
from forecast_cli.evaluation.anomalies.kinds import kind_of
from forecast_cli.evaluation.anomalies.subsequences import distances
from forecast_cli.evaluation.anomalies.tails import p_values
from forecast_cli.panel.arrays import Floats, Ints
from forecast_cli.panel.panel import Panel

Number = TypeVar("Number", np.float64, np.int64)

UNKNOWN = 1.0
"""Replaces -log p where p is NaN: the mean of -log p in data without anomaly."""

SMALLEST_DISTANCE = 1e-6


@dataclass(frozen=True)
class Judged:
    """The result of `judge` for a panel of N points.

    NaN at missing points, at the first value after a long gap (see `gaps`), and at the first points of each series.

    expected:  (N,) the one-step-ahead forecast
    ahead:     (N,) the error of the model's forecast from an earlier cutoff, or of the usual value where there is no
               such forecast, divided by the mean absolute error of the steps before
    p_error:   (N,) the p-value of the forecast error: of the one-step-ahead error (divided in the same way) or of
               `ahead`, whichever has the larger absolute value
    p_shape:   (N,) the p-value of the shape of the season that ends at the point
    p:         (N,) the p-value of error and shape combined. The point is an alarm if p <= the alarm rate
    """

    expected: Floats
    ahead: Floats
    p_error: Floats
    p_shape: Floats
    p: Floats


@dataclass(frozen=True)
class Anomaly:
    """Alarms of one series that are at most half a season apart.

    id:        the id of the series
    kind:      "spike", "level shift", "change of variance" or "shape"; see `kinds`
    start, peak, end:  the times of the first alarm, of the most surprising point, and of the last alarm
    index:     the index of the most surprising point in `panel.values`
    """

    id: str
    kind: str
    start: Any
    peak: Any
    end: Any
    index: int


def cleaned(panel: Panel) -> Floats:
    """(N,) the values of a panel after `clean`: outliers limited, missing values replaced by forecasts."""
    return _concatenated(panel, _cleaned(panel).values)


def stretches(panel: Panel) -> Ints:
    """(N,) how many long gaps (see `gaps`) of its series have ended before or at each point of a panel."""
    return _concatenated(panel, after_long_gaps(_rows(panel), panel.season_length).cumsum(axis=1))


def judge(panel: Panel, model_forecasts: Floats) -> Judged:
    """Compute the p-values of every point of a panel from the points before it.

    model_forecasts: (N,) a model's forecast of each point from an earlier cutoff; NaN where there is none
    """
    known = _cleaned(panel)
    every = np.full((5, len(panel.values)), np.nan)
    for row, (start, end) in enumerate(zip(panel.indptr[:-1], panel.indptr[1:], strict=True)):
        own, length = slice(start, end), end - start
        every[:, own] = _judge(
            panel.values[own],
            known.of_series(row, length),
            model_forecasts[own],
            panel.season_length,
        )
    return Judged(*every)


def anomalies(panel: Panel, judged: Judged, rate: float) -> list[Anomaly]:
    """The anomalies of a panel, series by series. Alarms that are at most half a season apart are one anomaly.

    judged: the result of `judge` for this panel
    rate:   the alarm rate: the expected share of false alarms among points without anomaly, 0 to 1
    """
    found, gap = [], gap_of(panel.season_length)
    for start, end, name in zip(panel.indptr[:-1], panel.indptr[1:], panel.ids.tolist(), strict=True):
        for first, last in grouped(judged.p[start:end] <= rate, gap):
            within = slice(start + first, start + last + 1)
            peak = int(start + first + np.nanargmin(judged.p[within]))
            beginning = slice(start + first, min(start + first + gap + 1, end))
            kind = kind_of(judged.ahead[beginning], judged.p_error[beginning])
            began, worst, ended = (panel.times[index] for index in (start + first, peak, start + last))
            found.append(Anomaly(name, kind, began, worst, ended, peak))
    return found


def _judge(values: Floats, known: Cleaned, model_forecasts: Floats, season_length: int) -> Floats:
    """(5, L) the fields of `Judged` for one series of L points.

    Values and forecasts are compared without the moves of the level in long gaps. The first value after such a gap has
    no scores, and the shape of a season has none until a whole season follows the gap.

    The p-values of error and shape are computed with exponential tails. Fisher's statistic combines them: the sum of
    their -log p. Error and shape are not independent. So `p_values` computes the p-value of each sum from earlier sums.
    """
    moved, unjudged = known.moved, np.isnan(values) | known.resumed
    errors = errors_of(values - moved, known.values - moved, known.usual - moved, model_forecasts - moved)
    expected, following, ahead = (
        np.where(unjudged, np.nan, each) for each in (errors.expected + moved, errors.next, errors.ahead)
    )
    shape = distances(np.where(np.isnan(values), known.values, values) - moved, season_length)
    p_error = p_values(np.maximum(np.abs(following), np.abs(ahead)), heaviest=0.0)
    p_shape = _both_tails(np.where(unjudged | in_first_season(known.resumed, season_length), np.nan, shape))
    surprise = -np.log(p_error) + np.where(np.isnan(p_shape), UNKNOWN, -np.log(p_shape))
    return np.stack([expected, ahead, p_error, p_shape, p_values(surprise)])


def _both_tails(distances: Floats) -> Floats:
    """(L,) the two-sided p-value of each distance. A very small distance is surprising too: that of a flat season."""
    far = p_values(distances, heaviest=0.0)
    near = p_values(-np.log(np.maximum(distances, SMALLEST_DISTANCE)), heaviest=0.0)
    either: Floats = np.minimum(2 * np.fmin(far, near), 1.0)
    return either


def _cleaned(panel: Panel) -> Cleaned:
    return clean(_rows(panel), panel.season_length)


def _rows(panel: Panel) -> Floats:
    """(n, L) the values of each series; NaN after the end of a shorter one."""
    values = np.full((len(panel), int(panel.lengths.max())), np.nan)
    for row, series in enumerate(panel.series()):
        values[row, : len(series)] = series
    return values


def _concatenated(panel: Panel, values: NDArray[Number]) -> NDArray[Number]:
    return np.concatenate([row[:length] for row, length in zip(values, panel.lengths, strict=True)])
