"""The command `detect`: find the anomalies of a file, the points that are improbable given the points before them."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.activity import doing
from forecast_cli.errors import DataError, UsageError, mention
from forecast_cli.evaluation.anomalies.cleaning import FIRST
from forecast_cli.evaluation.anomalies.detection import Anomaly, Judged, anomalies, cleaned, judge, stretches
from forecast_cli.evaluation.anomalies.rolling import MAX_CUTOFFS, rolling_forecasts
from forecast_cli.evaluation.anomalies.tails import MIN_SCORES
from forecast_cli.forecasting import Forecaster, Progress, all_members
from forecast_cli.option_types.rates import PERIODS
from forecast_cli.options import DetectConfig, TrainingRequest
from forecast_cli.panel.arrays import Floats, Ints
from forecast_cli.panel.chosen import chosen_ids
from forecast_cli.panel.panel import Panel
from forecast_cli.panel.reading import read_panel
from forecast_cli.panel.trained_covariates import as_trained
from forecast_cli.words import counted, listed, time_text
from forecast_cli.workflows.model_data import data_for, warn_of_missing_series, with_season_of
from forecast_cli.workflows.prediction import loaded
from forecast_cli.workflows.unused_options import refuse_unused

if TYPE_CHECKING:
    from forecast_cli.models.saved import SavedModel

log = logging.getLogger(__name__)

DEFAULT_RATE = 0.001
MAX_RATE = 0.5

FIRST_PART_DIVISOR = 4
"""A model that the user names is trained on the first 1 / FIRST_PART_DIVISOR of each series, or, with `since`, on all
before it."""

SECONDS = 20.0
"""About how long statistical methods may take to forecast from all cutoffs."""

MIN_CUTOFFS = 4

MIN_STEPS = FIRST + 2 * MIN_SCORES + 1
"""The length, in steps, of the shortest series of which a point can be judged: its last point has a `Judged.p`.

The first FIRST steps have no error. The p-value of an error needs MIN_SCORES errors before it, and the combined p-value
`Judged.p` needs MIN_SCORES of these p-values before it.
"""


@dataclass(frozen=True)
class Detection:
    """The result of a detection.

    source:     the file with the data
    panel:      the data
    judged:     the p-values of every point of the panel
    selected:   (N,) True for the points that are shown: of the series that the user chose, from the time `since` on
    anomalies:  the anomalies of the chosen series that end at the time `since` or later
    rate:       the alarm rate: the expected share of false alarms among points without anomaly
    model:      the name of the model, or SMOOTHING
    """

    source: str
    panel: Panel
    judged: Judged
    selected: NDArray[np.bool_]
    anomalies: list[Anomaly]
    rate: float
    model: str


SMOOTHING = "exponential smoothing"
"""The value of `Detection.model` if no model is used. The smoothing that cleans the values then gives the forecasts."""


def detect(source: str, request: TrainingRequest, config: DetectConfig, saved: bool, progress: Progress) -> Detection:
    """Find the anomalies of a file.

    source:   the file with the data
    request:  `read`: how the file is read. `name`: the model to train on the first part of each series; None uses
              exponential smoothing instead of a model. `directory`: the directory of a saved model
    config:   the alarm rate; the series that are shown, and the time from which on
    saved:    True uses the saved model; False trains a model, or uses exponential smoothing
    progress: is called during a training

    Raises DataError if the series are too short, do not fit the model, or end before the time. Raises UsageError for an
    alarm rate, a series or a time that does not fit the data, and for options that the model to train does not use.
    """
    if saved:
        model = loaded(request.directory)
        panel = data_for(model, source, request.read)
        return detect_with(model, panel, source, config, request.read.seasons)
    if request.name is not None:
        refuse_unused((request.name,), request.read, request.model, request.training)
    panel = read_panel(source, request.read)
    since = _since(panel, source, config)
    if request.name is None:
        return _detection(panel, source, config, np.full(len(panel.values), np.nan), SMOOTHING)
    first = panel.lengths // FIRST_PART_DIVISOR if since is None else _steps_before(panel, since)
    forecaster = _trained(panel.drop_last(panel.lengths - first), request, progress)
    return _with_forecasts(panel, source, config, forecaster, first, request.name, request.model.joint)


def detect_with(
    model: SavedModel, panel: Panel, source: str, config: DetectConfig, seasons: tuple[float, ...] | None = None
) -> Detection:
    """Find the anomalies of a panel with a loaded model.

    seasons: the lengths of the seasons that the user gave, in steps; None if none
    """
    warn_of_missing_series(model, panel, source)
    panel = as_trained(with_season_of(model, panel, source, seasons), model.card.data.covariates, source)
    windows = model.card.description.windows
    first = np.minimum(2 * panel.season_length + 1, panel.lengths // FIRST_PART_DIVISOR)
    together = bool(windows and windows.joint)
    return _with_forecasts(panel, source, config, model.forecaster, first, model.name, together)


def _with_forecasts(
    panel: Panel,
    source: str,
    config: DetectConfig,
    forecaster: Forecaster,
    first: Ints,
    name: str,
    together: bool = False,
) -> Detection:
    """Find the anomalies of a panel with a fitted model, which forecasts from several cutoffs.

    first:     (n,) the index of the first step to forecast in each series
    name:      the name of the model
    together:  whether the model needs all series in one call
    """
    doing(f"Forecasting with {name}")
    first = np.maximum(first, 1)
    complete = replace(panel, values=cleaned(panel))
    paths = rolling_forecasts(forecaster, complete, first, _affordable(forecaster, panel), together, stretches(panel))
    return _detection(panel, source, config, paths, name)


def _detection(panel: Panel, source: str, config: DetectConfig, paths: Floats, name: str) -> Detection:
    doing("Judging every point")
    rate, since, chosen = _rate(panel, config), _since(panel, source, config), _chosen(panel, config)
    judged = judge(panel, paths)
    known, tested = ~np.isnan(panel.values), np.isfinite(judged.p)
    _check_lengths(panel, source, chosen, tested)
    selected = chosen if since is None else chosen & (panel.times >= since)
    points = int((selected & tested).sum())
    log.info(
        "%s of %s judged by %s. At an alarm rate of %.3g, %.3g false alarms are expected.",
        f"{points:,}",
        counted(int((selected & known).sum()), "point"),
        name,
        rate,
        rate * points,
    )
    if points == 0:
        log.warning("%s: none of the points is judged, so no anomaly can be found.", source)
    ids = set(panel.ids[np.unique(panel.rows[chosen])].tolist())
    found = [each for each in anomalies(panel, judged, rate) if each.id in ids and (since is None or each.end >= since)]
    return Detection(source, panel, judged, selected, found, rate, name)


def _check_lengths(panel: Panel, source: str, chosen: NDArray[np.bool_], tested: NDArray[np.bool_]) -> None:
    """Say which of the chosen series are too short to be judged. Raises DataError if all of them are.

    chosen:  (N,) True for the points of the series that the user chose
    tested:  (N,) True for the points that are judged
    """
    rows = np.unique(panel.rows[chosen])
    short = np.setdiff1d(rows, panel.rows[tested])
    if len(short) == len(rows):
        raise DataError(
            f"{source}: the series are too short to detect anomalies in them (the longest has "
            f"{counted(int(panel.lengths[rows].max()), 'step')}).",
            f"Give a longer history: at least {MIN_STEPS} steps.",
        )
    if len(short):
        log.info(
            "%s too short to be judged (fewer than %d values): %s",
            f"{len(short):,} of {len(rows):,} series {'is' if len(short) == 1 else 'are'}",
            MIN_STEPS,
            listed(panel.ids[short].tolist()),
        )


def _trained(past: Panel, request: TrainingRequest, progress: Progress) -> Forecaster:
    """Train the model `request.name` on the series of a panel that have points, without saving it."""
    from forecast_cli.models.table import model_of
    from forecast_cli.models.training import Training

    assert request.name is not None
    past = past.select(np.flatnonzero(past.lengths > 0))
    model = model_of(request.name, Training(request.model, request.training)).for_data(past)
    forecaster = model.fit(past, progress)
    forecaster.update(past)
    return forecaster


def _affordable(forecaster: Forecaster, panel: Panel) -> int:
    """How many cutoffs each series can have, so that the statistical methods in a forecaster take about SECONDS in all.

    The number is between MIN_CUTOFFS and MAX_CUTOFFS.
    """
    from forecast_cli.models.statistical.costs import estimated_seconds
    from forecast_cli.models.statistical.model import StatisticalForecaster

    parts: Mapping[str, Forecaster] = {forecaster.name: forecaster, **all_members(forecaster)}
    methods = [name for name, part in parts.items() if isinstance(part, StatisticalForecaster)]
    seconds = sum(estimated_seconds(name, panel) for name in methods)
    return MAX_CUTOFFS if seconds == 0 else int(np.clip(SECONDS / seconds, MIN_CUTOFFS, MAX_CUTOFFS))


def _rate(panel: Panel, config: DetectConfig) -> float:
    """The alarm rate that the user asks for: the expected share (0 to 1) of false alarms among points without anomaly.

    Raises UsageError if the user gives both a share and a number per period, or if a number per period is too large or
    the data have no dates.
    """
    if config.alarms_per is None:
        return config.alarm_rate or DEFAULT_RATE
    period, number = config.alarms_per
    written = f"{period}={number:g}"
    if config.alarm_rate is not None:
        raise UsageError(f"{written}: it cannot be used with {mention('alarm-rate')}.", "Leave one out.", "alarms-per")
    if not panel.dated:
        raise UsageError(
            f"{written}: the data have no dates.", f"Use {mention('alarm-rate')} instead.", option="alarms-per"
        )
    steps = np.diff(panel.times)[np.diff(panel.rows) == 0]
    seconds = float(np.median(steps / np.timedelta64(1, "s"))) if len(steps) else PERIODS["day"]
    rate = number * seconds / PERIODS[period] / len(panel)
    if rate >= MAX_RATE:
        raise UsageError(
            f"{written}: at least every second point would be an alarm.", "Give a smaller number.", "alarms-per"
        )
    return rate


def _chosen(panel: Panel, config: DetectConfig) -> NDArray[np.bool_]:
    """(N,) True for the points of the series that the user chose. Raises UsageError for an unknown series."""
    return np.isin(panel.ids, chosen_ids(config.series, panel.ids.tolist()))[panel.rows]


def _since(panel: Panel, source: str, config: DetectConfig) -> Any:
    """The time from which on anomalies are shown: datetime64[ns] or a step number; None if the user gives none.

    Raises UsageError if the text of the user is not a date, or for data without dates, not a step number; DataError if
    it is after the last point of the chosen series.
    """
    if config.since is None:
        return None
    since, last = _time(panel, config.since), panel.times[_chosen(panel, config)].max()
    if since > last:
        raise DataError(
            f"{source}: there is no point from {config.since} on; the last one is {time_text(last)}.",
            f"Give newer data, or an earlier {mention('since')}.",
        )
    return since


def _time(panel: Panel, text: str) -> Any:
    """A time that the user wrote, as `_since` returns it. Raises UsageError if it is none."""
    import pandas as pd

    try:
        if not panel.dated:
            return int(text)
        time = pd.Timestamp(text)
        return np.datetime64(time.tz_convert("UTC").tz_localize(None) if time.tzinfo else time, "ns")
    except (ValueError, TypeError):
        example = "a date such as 2024-01-31" if panel.dated else "a step number, since the data have no dates"
        raise UsageError(f"{text}: must be {example}.", option="since") from None


def _steps_before(panel: Panel, since: Any) -> Ints:
    """(n,) the number of points of each series before the time `since`.

    Raises UsageError if no series has a point before it.
    """
    before = np.bincount(panel.rows, panel.times < since, len(panel)).astype(np.int64)
    if not before.any():
        raise UsageError(
            f"{time_text(since)}: the data have no points before it, and the model is trained on these.",
            "Give a later date.",
            option="since",
        )
    return before
