"""Convert the covariates of new data to the form that a model was trained on, and check their future values."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from forecast_cli.errors import DataError, mention
from forecast_cli.panel.calendar import future_times
from forecast_cli.panel.covariates import FUTURE, PAST, STATIC, Covariate, Covariates
from forecast_cli.panel.panel import Panel
from forecast_cli.words import counted, time_text

log = logging.getLogger(__name__)

Floats = NDArray[np.float64]

MAX_SHOWN = 3


def as_trained(panel: Panel, trained: Sequence[Covariate], source: str) -> Panel:
    """The panel with the covariates that a model was trained on, in the same order and with the same categories.

    Other covariates are left out. A category that is not in the training data becomes NaN, with a warning.

    trained: the covariates of the training data
    source:  the name of the data in messages

    Raises DataError if a covariate is missing, has words in place of numbers or numbers in place of words, or is not
    static although it was static in training.
    """
    if not trained:
        return replace(panel, covariates=None)
    given = panel.covariates.compact() if panel.covariates else None
    found = {} if given is None else {column.name: column for column in given.columns}
    missing = next((column.name for column in trained if column.name not in found), None)
    if given is None or missing is not None:
        raise DataError(
            f"{source}: there is no covariate '{missing}', and the model was trained with it.",
            "Add the column, or train a model without it.",
        )
    at_points = np.repeat(given.start - panel.indptr[:-1], panel.lengths) + np.arange(len(panel.values))
    everywhere = []
    for column in trained:
        own = found[column.name]
        if column.kind == STATIC != own.kind:
            raise DataError(
                f"{source}: column '{column.name}' is not static (one value in each series), as it was in training.",
                "Correct the column, or train a new model.",
            )
        values = np.full(len(given.ahead), np.nan)
        if own.kind == PAST:
            values[at_points] = given.past[:, given.of(PAST).index(own)]
        else:
            values[:] = given.ahead[:, given.of(FUTURE, STATIC).index(own)]
        everywhere.append(_recoded(values, own, column, source))
    of_all = np.stack(everywhere, axis=1)
    is_past = np.array([column.kind == PAST for column in trained])
    known = Covariates(tuple(trained), of_all[at_points][:, is_past], of_all[:, ~is_past], given.start, given.end)
    return replace(panel, covariates=known)


def _recoded(values: Floats, own: Covariate, trained: Covariate, source: str) -> Floats:
    """Replace the numbers of a covariate's categories by those of the training data.

    The values of a covariate without categories stay as they are. A category that is not in the training data becomes
    NaN, with a warning.

    values:  (k,) the values of the covariate in the new data
    own:     the covariate, with the categories of the new data
    trained: the same covariate, with the categories of the training data
    source:  the name of the data in messages

    Raises DataError if one of the two covariates has words and the other has numbers.
    """
    empty = own.categories == ("",) and "" not in (trained.categories or ())
    if empty or np.isnan(values).all():
        return np.full(len(values), np.nan)
    if (own.categories is None) != (trained.categories is None):
        found, wanted = ("numbers", "words") if own.categories is None else ("words", "numbers")
        raise DataError(
            f"{source}: column '{own.name}' has {found}, and the model was trained on {wanted} in it.",
            "Correct the column, or train a new model.",
        )
    if own.categories is None or trained.categories is None:
        return values
    numbers = {text: float(number) for number, text in enumerate(trained.categories)}
    of_own = np.array([numbers.get(text, np.nan) for text in own.categories])
    known = ~np.isnan(values)
    out = np.full(len(values), np.nan)
    out[known] = of_own[values[known].astype(np.int64)]
    unseen = [f"'{text}'" for text in own.categories if text not in numbers]
    if unseen:
        more = f" and {len(unseen) - MAX_SHOWN} more" if len(unseen) > MAX_SHOWN else ""
        log.warning(
            "%s: column '%s' has %s%s, which the model was not trained on: taken as unknown",
            source,
            own.name,
            ", ".join(unseen[:MAX_SHOWN]),
            more,
        )
    return out


def check_future_values(
    panel: Panel,
    trained: Sequence[Covariate],
    horizon: int,
    source: str,
    needed: NDArray[np.bool_] | None = None,
) -> None:
    """Raise DataError if a covariate that is known ahead has no value at one of the steps to forecast.

    panel:   the data, with all covariates of the model, before `as_trained` has changed them
    trained: the covariates of the training data
    horizon: the number of steps after the last point of each series
    source:  the name of the data in messages
    needed:  (n, horizon) the steps at which a value is needed; None means all
    """
    for column in trained:
        missing = _missing_ahead(panel, column, horizon) if column.kind == FUTURE else np.zeros((len(panel), 1), bool)
        if needed is not None:
            missing = missing & needed
        if not missing.any():
            continue
        number = missing.sum(axis=1)
        row = int(np.argmax(number > 0))
        first = future_times(panel.freq, panel.ends, horizon)[row, int(np.argmax(missing[row]))]
        others = int((number > 0).sum()) - 1
        series = f" in series '{panel.ids[row]}'" if len(panel) > 1 else ""
        likewise = f"; likewise {others} more series" if others else ""
        raise DataError(
            f"{source}: the future values of '{column.name}' are missing{series} from {time_text(first)} on "
            f"({number[row]} of {counted(horizon, 'row')}{likewise}).",
            "Add rows after the last value, with the dates and future values, or name a second file with "
            f"{mention('future-file')}.",
        )


def _missing_ahead(panel: Panel, trained: Covariate, horizon: int) -> NDArray[np.bool_]:
    """(n, horizon) True where the value of a covariate is missing, for each step after the last point of each series.

    All are True if the panel has no FUTURE covariate of this name.
    """
    known = panel.covariates
    own = None if known is None else next((c for c in known.of(FUTURE) if c.name == trained.name), None)
    if known is None or own is None:
        return np.ones((len(panel), horizon), dtype=bool)
    rows = (known.start + panel.lengths)[:, None] + np.arange(horizon)
    given = rows < known.end[:, None]
    values = known.ahead[np.where(given, rows, 0), known.of(FUTURE, STATIC).index(own)]
    missing: NDArray[np.bool_] = ~given | np.isnan(values)
    if "" in (own.categories or ()) and "" not in (trained.categories or ()):
        missing |= values == 0  # the category "" has the number 0
    return missing
