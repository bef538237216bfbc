"""Every model at earlier cutoffs of a file."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from forecast_cli.errors import DataError, ForecastError
from forecast_cli.options import (
    ALWAYS_COMPARED,
    DEFAULT_MODELS,
    BacktestConfig,
    ModelConfig,
    ReadConfig,
    TrainConfig,
)
from forecast_cli.panel.panel import Panel
from forecast_cli.panel.reading import STDIN, read_panel

if TYPE_CHECKING:
    from forecast_cli.evaluation.backtest import Report, Run
    from forecast_cli.evaluation.folds import Fold
    from forecast_cli.evaluation.leaderboard import Leaderboard

log = logging.getLogger(__name__)

WINDOWS_OF_FEW, WINDOWS_OF_MANY = 5, 3
"""Cutoffs unless told otherwise: many series take longer, and their mean differs less from one to the next."""
MANY_SERIES = 10

PATIENCE = 6
"""A model that nobody named is left out of a backtest where it can afford less than one in so many series."""


@dataclass(frozen=True)
class Backtest:
    """What a backtest came to.

    folds:        those that are finished, the earliest first; `runs` are theirs
    interrupted:  whether there were to be more
    """

    panel: Panel
    folds: list[Fold]
    runs: list[Run]
    board: Leaderboard
    interrupted: bool


def backtest(
    source: str,
    test: str | None,
    read: ReadConfig,
    config: BacktestConfig,
    model: ModelConfig,
    training: TrainConfig,
    report: Report,
) -> Backtest:
    """Read a file, forecast it from several earlier cutoffs with every model, and score what they forecast.

    With `test`, a file, there is one cutoff: the end of the data. Interrupted, it keeps the folds that are finished.
    """
    from forecast_cli.evaluation.backtest import fit_completely, rolling
    from forecast_cli.evaluation.folds import tell_later_ends
    from forecast_cli.evaluation.leaderboard import leaderboard
    from forecast_cli.models.statistical.methods import load_library
    from forecast_cli.models.table import MODELS, Training, check_names, model_of

    check_names(config.models or ())
    panel = read_panel(source, read)
    folds = _folds(panel, config) if test is None else [_given_fold(panel, test, read)]
    horizon = folds[0].horizon
    asked = Training(model, replace(training, horizon=horizon))
    fits = {name: fit_completely(model_of(name, asked)) for name in _compared(config, folds[-1])}
    if not MODELS.keys().isdisjoint(fits):
        tell_later_ends(panel)
    load_library()  # here, or the method that comes first would be charged with it
    runs: list[Run] = []
    interrupted = False
    try:
        for run in rolling(folds, fits, refit=config.refit, report=report):
            runs.append(run)
    except KeyboardInterrupt:
        interrupted = True
    finished = len(runs) // len(fits)
    if not finished:
        raise KeyboardInterrupt
    runs = runs[: finished * len(fits)]
    return Backtest(panel, folds[:finished], runs, leaderboard(runs, config.step_size or horizon), interrupted)


def draw_backtest(outcome: Backtest, path: Path) -> list[str]:
    """Write the picture of a backtest: the model asked for first, the best one, and the season repeated.

    Returns the names of these.
    """
    from forecast_cli.evaluation.leaderboard import REFERENCE
    from forecast_cli.report.pictures.backtests import draw as draw_figure

    models = list(dict.fromkeys([outcome.runs[0].model, outcome.board.standings[0].model, REFERENCE]))
    draw_figure(outcome.panel, outcome.runs, models, path)
    return models


def _folds(panel: Panel, config: BacktestConfig) -> list[Fold]:
    """The folds asked for, or as many as the data are long enough for. Raises DataError where that is none."""
    import numpy as np

    from forecast_cli.evaluation.folds import PAST_PER_STEP, SHARE, points_needed, rolling_folds
    from forecast_cli.models.network.defaults import default_horizon

    longest = int(panel.lengths.max())
    horizon = config.horizon or max(1, min(default_horizon(panel), longest // SHARE))
    n_windows = config.n_windows or (WINDOWS_OF_MANY if len(panel) >= MANY_SERIES else WINDOWS_OF_FEW)
    folds = rolling_folds(panel, horizon, n_windows, config.step_size or horizon)
    if not folds:
        needed = horizon + points_needed(panel, horizon)
        smaller = min(longest // (1 + PAST_PER_STEP), longest - panel.season_length - 1)
        remedies = ["more data"]
        if 0 < smaller < horizon:
            remedies.insert(0, f"--horizon {smaller} or less")
        elif panel.season_length > 1:
            remedies.insert(0, "--season 1 if there is no season")
        raise DataError(
            f"The longest series has {longest} points; a horizon of {horizon} is tested from {needed} on.",
            f"Give {', or '.join(remedies)}.",
        )
    if len(folds) < n_windows:
        level = logging.INFO if config.n_windows is None else logging.WARNING
        log.log(level, "The data are long enough for %d of %d cutoffs.", len(folds), n_windows)
    blank = sum(not np.isfinite(fold.actual).any() for fold in folds)
    if blank:
        log.info("Not scored, as no value is known after it: %d of %d cutoffs.", blank, len(folds))
    always, ever = len(folds[0].rows), len(folds[-1].rows)
    if ever < len(panel):
        log.info("Too short to be scored at any cutoff: %d of %d series.", len(panel) - ever, len(panel))
    if always < ever:
        log.info("Long enough to be scored at every cutoff: %d of %d series.", always, len(panel))
    return folds


def _given_fold(panel: Panel, test: str, read: ReadConfig) -> Fold:
    """The one fold whose outcome stands in the file `test`, which may have columns of its own."""
    from forecast_cli.evaluation.split import given_fold

    told = replace(read, freq=panel.freq, season_length=panel.season_length)
    by_itself = replace(told, date_column=None, value_columns=(), id_column=None, layout=None)
    try:
        return given_fold(panel, read_panel(test, told), test)
    except ForecastError as error:
        if by_itself == told or test == STDIN:
            raise
        try:
            fold = given_fold(panel, read_panel(test, by_itself), test)
        except ForecastError:
            raise error from None
    log.info("%s: read without the options of columns and layout, which do not fit it.", test)
    return fold


def _compared(config: BacktestConfig, fold: Fold) -> list[str]:
    """The models asked for, or the usual ones that do not take minutes; with those that are always compared."""
    from forecast_cli.models.statistical.methods import affordable_rows
    from forecast_cli.models.table import MODELS

    names = list(config.models or DEFAULT_MODELS)
    for name in [] if config.models else names.copy():
        if name not in MODELS and PATIENCE * len(affordable_rows(name, fold.known)) < len(fold.rows):
            names.remove(name)
            log.info("Leaving out %s, which may take minutes here; --models %s,%s runs it.", name, names[0], name)
    return list(dict.fromkeys([*names, *ALWAYS_COMPARED]))
