"""The picture of a backtest as the user sees it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from forecast_cli.evaluation.backtest import Run, rolling
from forecast_cli.evaluation.folds import rolling_folds
from forecast_cli.evaluation.leaderboard import leaderboard
from forecast_cli.evaluation.split import given_fold
from forecast_cli.models.statistical.model import StatisticalModel
from forecast_cli.panel.panel import Panel
from forecast_cli.report.pictures import style
from forecast_cli.report.pictures.backtests import compose, draw_backtest
from forecast_cli.workflows import Backtest
from tests.sample_panels import panel_of, seasonal

MODELS = ["drift", "seasonal-naive"]
FITS = {name: StatisticalModel(name).fit for name in MODELS}
ONE = panel_of(seasonal(72))


def runs_of(panel: Panel, n_folds: int = 3, step_size: int = 12) -> list[Run]:
    return list(rolling(rolling_folds(panel, 12, n_folds, step_size), FITS))


def composed(panel: Panel, runs: list[Run]) -> Figure:
    with style.applied():
        figure = compose(panel, runs, MODELS)
        figure.draw_without_rendering()
        return figure


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.texts]


def test_every_cutoff_has_its_line_and_every_forecast_its_place() -> None:
    runs = runs_of(ONE)

    figure = composed(ONE, runs)

    (axes,) = figure.axes
    dotted = sorted({float(line.get_xdata()[0]) for line in axes.lines if len(set(line.get_xdata())) == 1})
    assert len(dotted) == 3
    drawn = [np.asarray(line.get_ydata(), dtype=float) for line in axes.lines]
    for model in MODELS:
        expected = np.concatenate([run.forecast.point[0] for run in runs if run.model == model])
        assert any(np.isin(expected, line).all() for line in drawn), model
    assert any(np.isin(ONE.values[-36:], line).all() for line in drawn)
    assert texts(figure)[0] == "a: 12 months forecast from 3 cutoffs"
    legend = [text.get_text() for text in figure.legends[0].get_texts()]
    assert legend == ["History", "Actual", "Drift", "Seasonal naive"]


def test_forecasts_that_overlap_are_drawn_each_from_its_own_cutoff() -> None:
    figure = composed(ONE, runs_of(ONE, step_size=5))

    (axes,) = figure.axes
    lines = [np.asarray(line.get_ydata(), dtype=float) for line in axes.lines]
    assert max(np.isnan(line).sum() for line in lines) == 3


@pytest.mark.slow
def test_a_few_of_many_series_are_drawn() -> None:
    panel = panel_of(*[seasonal(72 - row, seed=row) for row in range(9)])

    figure = composed(panel, runs_of(panel, n_folds=1))

    assert len(figure.axes) == 6
    assert texts(figure)[0] == "9 series: 12 months forecast from one cutoff"
    assert texts(figure)[1].startswith("6 of them")


def test_the_title_says_how_many_series_were_scored() -> None:
    panel = panel_of(seasonal(72), seasonal(60), seasonal(10))

    figure = composed(panel, runs_of(panel, n_folds=1))

    assert len(figure.axes) == 2
    assert texts(figure)[0] == "2 of 3 series: 12 months forecast from one cutoff"
    assert texts(figure)[1].startswith("Each forecast")


def test_the_note_says_that_only_series_scored_at_every_cutoff_are_drawn() -> None:
    panel = panel_of(seasonal(72), *[seasonal(48, seed=row) for row in range(6)])

    figure = composed(panel, runs_of(panel))

    assert len(figure.axes) == 1
    assert texts(figure)[1].startswith("1 of them, scored at every cutoff. ")


def test_actual_values_of_a_test_file_are_drawn() -> None:
    past, after = ONE.drop_last(6), ONE.tail(6)
    runs = list(rolling([given_fold(past, after, "test.csv")], FITS))

    (axes,) = composed(past, runs).axes

    drawn = [np.asarray(line.get_ydata(), dtype=float) for line in axes.lines]
    assert any(np.isin(after.values, line).all() for line in drawn)


def test_an_actual_value_between_gaps_is_a_dot_and_the_last_one_has_a_marker() -> None:
    values = ONE.values.copy()
    values[[-9, -7, -4, -3, -2, -1]] = np.nan
    panel = replace(ONE, values=values)

    (axes,) = composed(panel, runs_of(panel, step_size=18)).axes

    dots = [line.get_ydata().tolist() for line in axes.lines if line.get_linestyle() == "None"]
    assert [values[-8]] in dots
    outcome = next(line for line in axes.lines if len(line.get_ydata()) > 36 and np.isnan(line.get_ydata()[-1]))
    assert np.asarray(outcome.get_ydata())[outcome.get_markevery()].tolist() == [values[-5]]


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
def test_the_same_backtest_gives_the_same_bytes(suffix: str, tmp_path: Path) -> None:
    runs = runs_of(ONE)
    backtest = Backtest(ONE, [run.fold for run in runs if run.model == "drift"], runs, leaderboard(runs, 12), False)
    paths = [tmp_path / f"{name}.{suffix}" for name in ("once", "again")]

    assert [draw_backtest(backtest, path) for path in paths] == [MODELS] * 2

    assert paths[0].read_bytes() == paths[1].read_bytes()
    if suffix == "png":
        with Image.open(paths[0]) as image:
            assert image.size == (1920, 1080)
