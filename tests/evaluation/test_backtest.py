"""The rolling-origin loop: fitting and forecasting at each cutoff, and models that fail."""

from __future__ import annotations

import logging

import numpy as np
import pytest

from forecast_cli.evaluation.backtest import rolling
from forecast_cli.evaluation.folds import rolling_folds
from tests.evaluation.simple_models import Raising, Repeat
from tests.sample_panels import random_walk, undated

PANEL = undated(random_walk(40), random_walk(30, seed=1), random_walk(7, seed=2))
FOLDS = rolling_folds(PANEL, horizon=4, n_folds=3, step_size=4)


def test_every_model_is_fitted_to_what_precedes_each_cutoff() -> None:
    model = Repeat()

    runs = list(rolling(FOLDS, {"repeat": model, "other": Repeat(plus=1)}))

    assert [(run.number, run.model) for run in runs] == [
        (window, name) for window in range(3) for name in ("repeat", "other")
    ]
    for fold, fitted in zip(FOLDS, model.fitted_to, strict=True):
        assert fitted.ids.tolist() == fold.past.ids.tolist()
        np.testing.assert_array_equal(fitted.values, fold.past.values)
    for run in runs[::2]:
        assert run.forecast.ids.tolist() == ["a", "b"]
        np.testing.assert_array_equal(run.forecast.point[:, 0], run.fold.known.values[run.fold.known.indptr[1:] - 1])
        assert min(run.fit_seconds, run.predict_seconds) >= 0


def test_without_refit_a_model_is_fitted_once_and_forecasts_from_each_cutoff() -> None:
    refitted, once = Repeat(), Repeat()

    again = list(rolling(FOLDS, {"repeat": refitted}))
    runs = list(rolling(FOLDS, {"repeat": once}, refit=False))

    assert len(once.fitted_to) == 1
    np.testing.assert_array_equal(once.fitted_to[0].values, FOLDS[0].past.values)
    for run, other in zip(runs, again, strict=True):
        np.testing.assert_array_equal(run.forecast.point, other.forecast.point)
    assert [run.fit_seconds for run in runs[1:]] == pytest.approx([0, 0], abs=1e-3)


def test_without_refit_a_model_that_fails_at_first_is_not_fitted_later(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        runs = list(rolling(FOLDS[:2], {"late": Raising(times=1)}, refit=False))

    assert not any(run.done.any() for run in runs)
    assert caplog.messages == [
        "late failed at cutoff 1 of 2: nothing to hold on to",
        "late failed at cutoff 2 of 2: it could not be fitted at the first cutoff",
    ]


def test_each_run_is_yielded_as_soon_as_it_is_done() -> None:
    model = Repeat()
    runs = rolling(FOLDS, {"repeat": model})

    next(runs)

    assert len(model.fitted_to) == 1


def test_an_exception_in_one_model_leaves_the_others_running(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        runs = list(rolling(FOLDS[:2], {"raising": Raising(), "repeat": Repeat()}))

    assert [run.done.tolist() for run in runs] == [[False, False], [True, True]] * 2
    assert caplog.messages == [
        "raising failed at cutoff 1 of 2: nothing to hold on to",
        "raising failed at cutoff 2 of 2: nothing to hold on to",
    ]


def test_progress_increases_from_zero_to_one() -> None:
    reports: list[tuple[float, str]] = []
    fits = {"one": Repeat(), "two": Repeat()}

    list(rolling(FOLDS, fits, report=lambda share, what: reports.append((share, what))))

    shares = [share for share, _ in reports]
    assert shares == sorted(shares)
    assert shares[0] == 0
    assert shares[-1] == 1
    assert reports[0][1] == "cutoff 1 of 3, one"
    assert reports[-1][1] == "cutoff 3 of 3, two"


def test_an_interruption_leaves_the_loop() -> None:
    class Interrupted(Repeat):
        def predict(self, *_: object) -> None:  # type: ignore[override]
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(rolling(FOLDS, {"interrupted": Interrupted()}))
