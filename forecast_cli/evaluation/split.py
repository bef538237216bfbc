"""Make a fold from two files: the data, and the actual values after them, on which forecasts are scored."""

from __future__ import annotations

import logging
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from forecast_cli.errors import DataError, did_you_mean, mention
from forecast_cli.evaluation.folds import Fold
from forecast_cli.option_types import MAX_STEPS
from forecast_cli.panel.calendar import calendar_of
from forecast_cli.panel.covariates import FUTURE, STATIC
from forecast_cli.panel.panel import Panel, row_by_id
from forecast_cli.panel.season_search import with_season_before
from forecast_cli.panel.trained_covariates import as_trained, check_future_values
from forecast_cli.words import time_text

log = logging.getLogger(__name__)


def given_fold(panel: Panel, actuals: Panel, source: str) -> Fold:
    """Make a fold from two panels: the data, and the actual values after them. Series are matched by id and time.

    The horizon ends at the last actual value. Series without actual values are not scored. If each panel has one
    series, these two are matched, even if their ids differ. If the step numbers of the actual values start again at 0
    or 1, they are counted from the end of the data. Values of known-ahead covariates after the end of the data may be
    in either panel.

    panel:    the data
    actuals:  the actual values after the end of the data
    source:   the file of the actual values, for messages

    Raises DataError for an unknown id, for a time that is not after the end of its series, or too far after it, and if
    a later value of a known-ahead covariate is missing.
    """
    rows = _rows(panel, actuals, source)
    ahead = _steps_ahead(panel, actuals, rows, source)
    horizon = int(ahead.max())
    if horizon > MAX_STEPS:
        raise DataError(
            f"{source}: the actual values reach {horizon:,} steps beyond the data; at most {MAX_STEPS:,} "
            "can be scored.",
            "Give the values that follow the data directly.",
        )
    actual = np.full((len(actuals), horizon), np.nan)
    actual[actuals.rows, ahead - 1] = actuals.values
    first, last = ahead[actuals.indptr[:-1]], ahead[actuals.indptr[1:] - 1]
    if first.max() > 1:
        log.warning(
            "%s: the actual values of %d of %d series begin after step 1, the latest at step %d: the steps before "
            "are not scored.",
            source,
            (first > 1).sum(),
            len(actuals),
            first.max(),
        )
    if last.min() < horizon:
        log.warning(
            "%s: the actual values of %d of %d series end before step %d, the earliest at step %d: fewer steps of them "
            "are scored, but each series has the same weight.",
            source,
            (last < horizon).sum(),
            len(actuals),
            horizon,
            last.min(),
        )
    if len(rows) < len(panel):
        log.info("%s: %d of %d series have actual values and are scored.", source, len(rows), len(panel))
    past = _with_future_values(panel, actuals, rows, ahead, source)
    fold = Fold(with_season_before(past, 0), rows, actual)
    if panel.covariates is not None:
        check_future_values(fold.known, panel.covariates.columns, horizon, source, needed=np.isfinite(actual))
    return fold


def _with_future_values(
    panel: Panel, actuals: Panel, rows: NDArray[np.intp], ahead: NDArray[np.int64], source: str
) -> Panel:
    """Return `panel` with more values of its known-ahead covariates after the end of the data, taken from `actuals`.

    A value that `panel` has already is kept.

    rows:   (n,) the index in `panel` of each series of `actuals`
    ahead:  (N,) how many steps each actual value is after the end of its series in `panel`
    source: the file of the actual values, for messages
    """
    known, given = panel.covariates, actuals.covariates
    names = {column.name for column in given.columns} if given else set()
    columns = [column for column in known.of(FUTURE) if column.name in names] if known else []
    if known is None or not columns:
        return panel
    shown = as_trained(actuals, columns, source).covariates
    assert shown is not None
    spans = known.end - known.start
    np.maximum.at(spans, rows[actuals.rows], panel.lengths[rows][actuals.rows] + ahead)
    ends = np.cumsum(spans)
    starts = ends - spans
    steps = np.arange(ends[-1]) - np.repeat(starts, spans)
    series = np.repeat(np.arange(len(panel)), spans)
    longer = np.full((int(ends[-1]), known.ahead.shape[1]), np.nan)
    old = steps < (known.end - known.start)[series]
    longer[old] = known.ahead[(known.start[series] + steps)[old]]
    points = np.arange(len(actuals.values)) - actuals.indptr[:-1][actuals.rows] + shown.start[actuals.rows]
    at = starts[rows][actuals.rows] + panel.lengths[rows][actuals.rows] + ahead - 1
    for place, column in enumerate(known.of(FUTURE, STATIC)):
        if column.kind == STATIC:
            longer[:, place] = known.ahead[known.start, place][series]
        elif column in columns:
            values = shown.ahead[points, columns.index(column)]
            longer[at, place] = np.where(np.isnan(longer[at, place]), values, longer[at, place])
    return replace(panel, covariates=replace(known, ahead=longer, start=starts, end=ends))


def _rows(panel: Panel, actuals: Panel, source: str) -> NDArray[np.intp]:
    """(n,) the index in `panel` of each series of `actuals`.

    If each panel has one series, these two are matched. Otherwise, an unknown id raises DataError.
    """
    if len(panel) == len(actuals) == 1:
        return np.zeros(1, dtype=np.intp)
    known = row_by_id(panel.ids)
    unknown = [id_ for id_ in actuals.ids.tolist() if id_ not in known]
    if unknown:
        more = f" (and {len(unknown) - 1} more)" if len(unknown) > 1 else ""
        others = " and others" if len(panel) > 1 else ""
        raise DataError(
            f"{source}: the series '{unknown[0]}'{more} is not in the data, which have '{panel.ids[0]}'{others}.",
            f"Use the same ids in both files, or name the column of ids with {mention('id-column')}."
            + did_you_mean(unknown[0], known),
        )
    return np.array([known[id_] for id_ in actuals.ids.tolist()], dtype=np.intp)


def _steps_ahead(panel: Panel, actuals: Panel, rows: NDArray[np.intp], source: str) -> NDArray[np.int64]:
    """(N,) how many steps each actual value is after the end of its series in `panel`: 1 is the next step.

    rows: (n,) the index in `panel` of each series of `actuals`

    Raises DataError for a time that is not a step after the end.
    """
    calendar = calendar_of(panel.freq)
    ends = panel.ends[rows]
    if not panel.dated and _starts_over(panel, actuals, rows):
        counts = actuals.times.astype(np.int64) - panel.times[panel.indptr[:-1]][rows][actuals.rows] + 1
    else:
        counts = calendar.count(actuals.times) - calendar.count(ends)[actuals.rows]
    ahead: NDArray[np.int64] = counts // calendar.step
    wrong = np.flatnonzero((ahead < 1) | (counts % calendar.step != 0))
    if len(wrong):
        row = actuals.rows[wrong[0]]
        time, end = time_text(actuals.times[wrong[0]]), time_text(ends[row])
        where, steps, remedy = ("", f", in steps of {panel.freq}", "on dates at the same frequency.")
        if not panel.dated:
            where, steps = "step ", ""
            remedy = "and continue their step numbers; or number the steps from 1, if they are fewer than in the data."
        raise DataError(
            f"{source}: series '{actuals.ids[row]}' has a value at {where}{time}, which does not follow the data: they "
            f"end at {where}{end}{steps}.",
            f"Give values that follow the data, {remedy}",
        )
    return ahead


def _starts_over(panel: Panel, actuals: Panel, rows: NDArray[np.intp]) -> bool:
    """Whether the step numbers of the actual values start again, instead of continuing those of the data.

    They do if each series starts at the same step, 0 or 1, in both panels, and is shorter in `actuals`.

    rows: (n,) the index in `panel` of each series of `actuals`
    """
    first, panel_first = actuals.times[actuals.indptr[:-1]], panel.times[panel.indptr[:-1]][rows]
    return bool(((first == panel_first) & (first <= 1)).all() and (actuals.lengths < panel.lengths[rows]).all())
