"""Put covariates on the time grid of a panel. They may be known at times that are no steps of the series."""

from __future__ import annotations

import logging

import numpy as np
from numpy.typing import NDArray

from forecast_cli.errors import DataError, mention
from forecast_cli.options import ReadConfig
from forecast_cli.panel.calendar import Calendar, elapsed
from forecast_cli.panel.covariates import FUTURE, PAST, STATIC, Covariate, Covariates
from forecast_cli.panel.panel import Panel
from forecast_cli.panel.reading.nearest_steps import is_coarser
from forecast_cli.panel.reading.observations import Observations, time_or_step
from forecast_cli.words import counted

log = logging.getLogger(__name__)

Floats = NDArray[np.float64]

MAX_STEPS_PER_OBSERVATION = 30
"""A date of the future values is wrong if all series together, from their first values to the last future values, have
more steps than 1000 plus this number times the rows."""


def check_static(observations: Observations) -> None:
    """Raise DataError if a static covariate has two values in one series. The observations must be sorted by series."""
    known = observations.covariates
    if known is None:
        return
    starts = np.flatnonzero(observations.starts_series)
    for place, column in enumerate(known.columns):
        if column.kind != STATIC:
            continue
        values = known.values[:, place]
        lowest, highest = np.fmin.reduceat(values, starts), np.fmax.reduceat(values, starts)
        if (lowest < highest).any():
            row = int(np.argmax(lowest < highest))
            series = observations.ids[observations.series[starts[row]]]
            texts = [_text(column, value) for value in (lowest[row], highest[row])]
            raise DataError(
                f"{observations.name}: column '{column.name}' has the values '{texts[0]}' and '{texts[1]}' in series "
                f"'{series}', and a static covariate has one value in each series.",
                f"Name it with {mention('future')} if it is known ahead, otherwise with {mention('past')}.",
            )


def _text(column: Covariate, value: float) -> str:
    return f"{value:.10g}" if column.categories is None else column.categories[int(value)]


def up_to_last_values(observations: Observations) -> Observations:
    """The observations from which to infer the frequency: all, if there are no covariates.

    With covariates, the rows of the second file are left out, and so are rows before the first or after the last value
    of each series. Their times may be no steps of the series, such as days on which a shop is closed.
    """
    if observations.covariates is None:
        return observations
    observations = observations.take(~observations.covariates.added)
    known = np.flatnonzero(~np.isnan(observations.values))
    first, last = np.full(len(observations.ids), len(observations.values)), np.full(len(observations.ids), -1)
    np.minimum.at(first, observations.series[known], known)
    np.maximum.at(last, observations.series[known], known)
    rows = np.arange(len(observations.values))
    inside = (first[observations.series] <= rows) & (rows <= last[observations.series])
    return observations.take(inside) if inside.any() else observations


def are_steps(observations: Observations, calendar: Calendar) -> NDArray[np.bool_]:
    """(N,) whether each time is a step of the calendar.

    Only calendars with a cycle or of business days have times that are no steps. For other calendars, all are True,
    because each time lies within a step.
    """
    times = observations.times
    if not calendar.cycle and calendar.unit != "business day":
        return np.ones(len(times), dtype=bool)
    unit = "datetime64[ns]" if calendar.cycle else "datetime64[D]"
    exact: NDArray[np.bool_] = calendar.stamp(calendar.count(times)).astype(unit) == times.astype(unit)
    return exact


def refuse_finer_covariates(observations: Observations, calendar: Calendar, config: ReadConfig) -> None:
    """Raise DataError if the rows of a second file have shorter steps than the data.

    There is no error if the user chose the frequency (`config.freq`).
    """
    known = observations.covariates
    if known is None or config.freq is not None or not known.added.any():
        return
    added = observations.take(known.added)
    if is_coarser(added, calendar, calendar.count(added.times)):
        raise DataError(
            f"{observations.future_file_name}: has shorter steps than {calendar.freq}, the steps of the data.",
            f"Write one row for each step; or {mention('freq', calendar.freq)} combines the rows of each step.",
        )


def on_grid(steps: Observations, counts: NDArray[np.int64], panel: Panel, calendar: Calendar) -> Covariates:
    """The covariates of a panel, at its points and at future steps.

    Coming steps are those after the last point of a series, up to its last known FUTURE covariate. The covariates are
    logged, with a warning of gaps. Raises DataError if a future step is far later than all others.

    steps:    s observations with covariates, one for each series and step, sorted by series and time. Their values to
              forecast can be NaN; at future steps they are NaN
    counts:   (s,) the times of these observations, as counts of `calendar`
    panel:    the series that were made from these observations
    calendar: the calendar of the panel
    """
    assert steps.covariates is not None
    columns = steps.covariates.columns
    has_value = np.flatnonzero(~np.isnan(steps.values))
    first = np.zeros(len(panel), dtype=np.int64)
    first[steps.series[has_value[::-1]]] = counts[has_value[::-1]]
    starts = np.flatnonzero(steps.starts_series)
    static = np.fmin.reduceat(steps.covariates.values, starts, axis=0)
    rows = counts >= first[steps.series]
    steps, counts = steps.take(rows), counts[rows]
    assert steps.covariates is not None
    values, series = steps.covariates.values, steps.series
    offsets = (elapsed(counts, first[series]) // calendar.step).astype(np.int64)
    past, future = ([i for i, column in enumerate(columns) if column.kind == kind] for kind in (PAST, FUTURE))
    not_past = [i for i, column in enumerate(columns) if column.kind != PAST]
    spans = panel.lengths.copy()
    reaching = ~np.isnan(values[:, future]).all(axis=1) if future else np.zeros(len(values), dtype=bool)
    np.maximum.at(spans, series[reaching], offsets[reaching] + 1)
    if spans.sum() > MAX_STEPS_PER_OBSERVATION * len(counts) + 1000:
        row = int(np.argmax(np.where(reaching, offsets, 0)))
        raise DataError(
            f"{steps.name}: the covariates at {steps.place(row)} are far later than all other rows.",
            "Correct the date.",
        )
    ends = np.cumsum(spans)
    ahead = np.full((int(ends[-1]), len(columns)), np.nan)
    inside = offsets < spans[series]
    ahead[(ends - spans)[series[inside]] + offsets[inside]] = values[inside]
    at_points = np.arange(len(panel.values)) + np.repeat(ends - spans - panel.indptr[:-1], panel.lengths)
    _warn_of_gaps(steps.name, panel, columns, ahead, ends)
    for i, column in enumerate(columns):
        if column.kind == STATIC:
            ahead[:, i] = np.repeat(static[:, i], spans)
    known = Covariates(columns, ahead[at_points][:, past], ahead[:, not_past], ends - spans, ends)
    log.info("%s: covariates: %s", steps.name, known.text(panel.lengths))
    return known


def _warn_of_gaps(
    name: str, panel: Panel, columns: tuple[Covariate, ...], values: Floats, ends: NDArray[np.int64]
) -> None:
    """Warn of each PAST or FUTURE covariate that has missing values between two known values of the same series.

    Future values are not counted: those that a prediction needs must be known, and it does not use the others.

    values: (M, columns) the covariates at all steps of all series, one series after another
    ends:   (n,) the index after the last row of each series in `values`
    """
    starts = np.r_[0, ends[:-1]]
    series = np.repeat(np.arange(len(ends)), ends - starts)
    rows = np.arange(len(values))
    offsets = rows - starts[series]
    at_points = offsets < panel.lengths[series]
    for i, column in enumerate(columns):
        if column.kind == STATIC:
            continue
        known = ~np.isnan(values[:, i])
        if column.kind == PAST:
            known &= at_points
        first, last = np.full(len(ends), len(values)), np.full(len(ends), -1)
        np.minimum.at(first, series[known], rows[known])
        np.maximum.at(last, series[known], rows[known])
        gaps = np.flatnonzero(~known & at_points & (rows > first[series]) & (rows < last[series]))
        if len(gaps):
            row, offset = series[gaps[0]], offsets[gaps[0]]
            log.warning(
                "%s: covariate '%s' has %s without a value, first %s%s: taken as unknown",
                name,
                column.name,
                counted(len(gaps), "step"),
                time_or_step(panel.times[panel.indptr[row] + offset]),
                f" in series '{panel.ids[row]}'" if len(panel) > 1 else "",
            )
