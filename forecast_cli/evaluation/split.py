"""A split that is given: what came after the data stands in a file of its own."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.errors import DataError, did_you_mean, mention
from forecast_cli.evaluation.folds import Fold
from forecast_cli.options import MAX_STEPS
from forecast_cli.panel.calendar import calendar_of
from forecast_cli.panel.panel import Panel

log = logging.getLogger(__name__)


def given_fold(panel: Panel, actuals: Panel, source: str) -> Fold:
    """One fold whose past is `panel` and whose outcome is `actuals`, read from `source`; aligned by id and time.

    The horizon reaches to the last actual. A series of which nothing is given is not scored; where each panel has
    one series, these two belong together whatever their names. Step numbers that begin anew at 0 or 1, as those of
    the data, go on from their end.

    Raises DataError where an id is unknown, where a time is not after the end of that series, or too far after it.
    """
    rows = _rows(panel, actuals, source)
    ahead = _steps_ahead(panel, actuals, rows, source)
    horizon = int(ahead.max())
    if horizon > MAX_STEPS:
        raise DataError(
            f"{source}: the actual values reach {horizon:,} steps beyond the data; at most {MAX_STEPS:,} "
            "can be scored.",
            "Give those that came next.",
        )
    outcome = np.full((len(actuals), horizon), np.nan)
    outcome[np.repeat(np.arange(len(actuals)), actuals.lengths), ahead - 1] = actuals.values
    first = ahead[actuals.indptr[:-1]]
    if first.max() > 1:
        log.warning(
            "%s: the actual values of %d of %d series begin later than one step after the data, at step %d: the steps "
            "before are not scored.",
            source,
            (first > 1).sum(),
            len(actuals),
            first.max(),
        )
    last = ahead[actuals.indptr[1:] - 1]
    if last.min() < horizon:
        log.warning(
            "%s: the actual values of %d of %d series end before step %d, the first at step %d: each series counts "
            "alike, with the steps that it has.",
            source,
            (last < horizon).sum(),
            len(actuals),
            horizon,
            last.min(),
        )
    if len(rows) < len(panel):
        log.info("%s: %d of %d series have actual values and are scored.", source, len(rows), len(panel))
    return Fold(panel, rows, outcome)


def _rows(panel: Panel, actuals: Panel, source: str) -> NDArray[np.intp]:
    """(n,) the row in `panel` of each series of `actuals`."""
    if len(panel) == len(actuals) == 1:
        return np.zeros(1, dtype=np.intp)
    row_of = {id_: row for row, id_ in enumerate(panel.ids.tolist())}
    unknown = [id_ for id_ in actuals.ids.tolist() if id_ not in row_of]
    if unknown:
        more = f" (and {len(unknown) - 1} more)" if len(unknown) > 1 else ""
        others = " and others" if len(panel) > 1 else ""
        raise DataError(
            f"{source}: the series '{unknown[0]}'{more} is not in the data, which have '{panel.ids[0]}'{others}.",
            f"Both files must write the names alike; {mention('id-column')} names their column."
            + did_you_mean(unknown[0], row_of),
        )
    return np.array([row_of[id_] for id_ in actuals.ids.tolist()], dtype=np.intp)


def _steps_ahead(panel: Panel, actuals: Panel, rows: NDArray[np.intp], source: str) -> NDArray[np.int64]:
    """(N,) how many steps after the end of its series each actual value lies, from 1."""
    calendar = calendar_of(panel.freq)
    ends = panel.times[panel.indptr[1:] - 1][rows]
    counts = calendar.count(actuals.times) - np.repeat(calendar.count(ends), actuals.lengths)
    if not panel.dated and _counted_anew(panel, actuals, rows):
        counts = actuals.times.astype(np.int64) - np.repeat(panel.times[panel.indptr[:-1]][rows], actuals.lengths) + 1
    ahead = counts // calendar.step
    wrong = np.flatnonzero((ahead < 1) | (counts % calendar.step != 0))
    if len(wrong):
        row = int(np.searchsorted(actuals.indptr, wrong[0], side="right")) - 1
        where, steps, remedy = (
            ("", f", in steps of {panel.freq}", ", on the same dates' grid.")
            if panel.dated
            else ("step ", "", ": numbered on from there, or anew if it is shorter than the data.")
        )
        raise DataError(
            f"{source}: series '{actuals.ids[row]}' has a value at {where}{_day(actuals.times[wrong[0]])}, which does "
            f"not follow the data: they end at {where}{_day(ends[row])}{steps}.",
            f"Give what came after the data{remedy}",
        )
    return ahead


def _counted_anew(panel: Panel, actuals: Panel, rows: NDArray[np.intp]) -> bool:
    """Whether step numbers begin at 0 or at 1 in both, as where neither file has any; the actuals must be shorter."""
    first, begun = actuals.times[actuals.indptr[:-1]], panel.times[panel.indptr[:-1]][rows]
    return bool(((first == begun) & (first <= 1)).all() and (actuals.lengths < panel.lengths[rows]).all())


def _day(time: Any) -> str:
    return str(time).removesuffix(".000000000").removesuffix("T00:00:00")
