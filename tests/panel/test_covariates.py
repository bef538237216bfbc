"""Covariates follow the points of a panel; what is known ahead stays known when the panel is cut."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from forecast_cli.panel.covariates import FUTURE, PAST, Covariate, Covariates
from forecast_cli.panel.describe import fingerprint
from forecast_cli.panel.panel import Panel
from tests.sample_panels import panel_of

TWO = panel_of([1, 2, 3], [4, 5, 6, 7])


def panel() -> Panel:
    """Two series; the past covariate is 10 times the value, the one known ahead 100 times, for two more steps."""
    known = Covariates(
        columns=(Covariate("load", PAST), Covariate("price", FUTURE)),
        past=10 * TWO.values[:, None],
        ahead=np.array([100.0, 200, 300, 301, 302, 400, 500, 600, 700, 701, 702])[:, None],
        start=np.array([0, 5]),
        end=np.array([5, 11]),
    )
    return replace(TWO, covariates=known)


def ahead_of(cut: Panel, row: int) -> list[float]:
    assert cut.covariates is not None
    known = cut.covariates
    return list(known.ahead[known.start[row] : known.end[row], 0])


def past_of(cut: Panel) -> list[float]:
    assert cut.covariates is not None
    return list(cut.covariates.past[:, 0])


def test_a_past_covariate_ends_with_the_points_and_one_known_ahead_does_not() -> None:
    cut = panel().drop_last(2)

    assert past_of(cut) == [10, 40, 50]
    assert ahead_of(cut, 0) == [100, 200, 300, 301, 302]
    assert cut.covariates is not None
    assert cut.covariates.last_known_steps(cut.lengths)["price"].tolist() == [4, 4]


def test_they_follow_the_last_points_and_chosen_series() -> None:
    tail, second = panel().tail(1), panel().select(np.array([1]))

    assert past_of(tail) == [30, 70]
    assert ahead_of(tail, 1) == [700, 701, 702]
    assert ahead_of(second, 0) == [400, 500, 600, 700, 701, 702]
    assert second.covariates is not None
    assert second.covariates.compact().ahead[:, 0].tolist() == ahead_of(second, 0)


def test_a_changed_covariate_changes_the_fingerprint() -> None:
    whole, known = panel(), panel().covariates
    assert known is not None
    other, later = known.ahead.copy(), known.ahead.copy()
    other[1], later[3] = -1, -1

    assert fingerprint(replace(whole, covariates=replace(known, ahead=other))) != fingerprint(whole)
    assert fingerprint(replace(whole, covariates=replace(known, ahead=later))) == fingerprint(whole)
    assert fingerprint(whole) != fingerprint(TWO)


def test_arrays_that_do_not_fit_are_refused() -> None:
    known = panel().covariates
    assert known is not None
    with pytest.raises(ValueError, match="match the series"):
        replace(TWO, covariates=replace(known, past=known.past[1:]))
    with pytest.raises(ValueError, match="column for each"):
        replace(known, ahead=known.past[:, :0])
