"""The command `backtest`: forecast with several models from earlier cutoffs of a file, and score the forecasts."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from forecast_cli.activity import doing
from forecast_cli.errors import DataError, ForecastError, mention
from forecast_cli.model_names import ALWAYS_COMPARED, BLEND, DEFAULT_NETWORK, LONG_NAIVE, default_models
from forecast_cli.networks import TOPOLOGIES
from forecast_cli.options import AUTO_CALENDAR, BacktestConfig, ModelConfig, ReadConfig, TrainConfig
from forecast_cli.panel.panel import Panel
from forecast_cli.panel.reading import STDIN, read_panel
from forecast_cli.signals import received_signal
from forecast_cli.words import counted
from forecast_cli.workflows.durations import announce_long_methods
from forecast_cli.workflows.unused_options import refuse_unused

if TYPE_CHECKING:
    from forecast_cli.evaluation.backtest import OnProgress, Run
    from forecast_cli.evaluation.folds import Fold
    from forecast_cli.evaluation.leaderboard import Leaderboard
    from forecast_cli.evaluation.reliability import IntervalScore
    from forecast_cli.evaluation.worth import Worth
    from forecast_cli.models.training import Training

log = logging.getLogger(__name__)

DEFAULT_WINDOWS, DEFAULT_WINDOWS_OF_MANY_SERIES = 5, 3
"""The default number of cutoffs, and the default for at least MANY_SERIES series. With many series, each cutoff takes
longer, and the mean error over the series differs less from cutoff to cutoff."""

MANY_SERIES = 10

AFFORDABLE_ONE_IN = 6
"""A default model is left out if it can forecast less than 1 / AFFORDABLE_ONE_IN of the series without taking minutes.
"""


@dataclass(frozen=True)
class Backtest:
    """The result of a backtest.

    panel:        the data
    folds:        the finished folds, the earliest first
    runs:         the forecasts of every model on each of these folds
    board:        the accuracy of all models
    interrupted:  whether the user stopped the backtest before it was complete
    worth:        what each covariate is worth; None if it was not measured: there are no covariates, no model has a
                  network, or the user stopped the backtest
    levels:       the levels of the intervals that are measured, in percent
    intervals:    the interval metrics of each model at each level; empty if there are no intervals
    """

    panel: Panel
    folds: list[Fold]
    runs: list[Run]
    board: Leaderboard
    interrupted: bool
    worth: list[Worth] | None = None
    levels: tuple[float, ...] = ()
    intervals: Sequence[IntervalScore] = ()

    @property
    def first(self) -> str:
        """The name of the first model that was compared: the first that the user named, or the first default model."""
        return self.runs[0].model


def backtest(
    source: str,
    test: str | None,
    read: ReadConfig,
    config: BacktestConfig,
    model: ModelConfig,
    training: TrainConfig,
    report: OnProgress,
) -> Backtest:
    """Read a file, forecast from earlier cutoffs with every model, and score the forecasts.

    If the user interrupts the backtest, the result contains only the finished folds. If the default models include a
    blend, the default network is not trained separately: it is the network in the blend.

    source:    the file with the data
    test:      a file with the actual values after the end of the data; the end of the data is then the only cutoff.
               None takes cutoffs before the end of the data
    read:      options for reading both files
    config:    which models, which cutoffs, which intervals
    model, training:  options for networks
    report:    is called as the backtest proceeds

    Raises UsageError for an unknown model or for covariates that no model uses, DataError if the data are too short for
    one cutoff, KeyboardInterrupt if the user interrupts the backtest before a fold is finished.
    """
    from forecast_cli.evaluation.backtest import fit_completely, rolling, with_member
    from forecast_cli.evaluation.folds import log_different_ends
    from forecast_cli.evaluation.leaderboard import leaderboard
    from forecast_cli.evaluation.reliability import GRID, interval_scores
    from forecast_cli.models.intervals.around import calibrated, quantile_levels
    from forecast_cli.models.network.defaults import EFFORTS
    from forecast_cli.models.statistical.methods import load_library
    from forecast_cli.models.table import model_of, row_of
    from forecast_cli.models.training import Training

    if config.models:
        refuse_unused(config.models, read)
    panel = read_panel(source, read)
    folds = _folds(panel, config) if test is None else [_test_fold(panel, test, read)]
    horizon = folds[0].horizon
    options = Training(model, replace(training, horizon=horizon))
    fits = {name: fit_completely(model_of(name, options)) for name in _compared(config, model, panel, folds)}
    if not config.models and BLEND in fits:
        fits[BLEND], fits[DEFAULT_NETWORK] = with_member(fits[BLEND], DEFAULT_NETWORK)
    if config.level:
        wanted = quantile_levels(config.level, GRID.tolist())
        origins = EFFORTS[training.preset].origins
        fits = {name: calibrated(fit, horizon, wanted, origins) for name, fit in fits.items()}
    if any(row_of(name).has_network for name in fits):
        log_different_ends(panel)
    announce_long_methods(fits, folds[-1].known, len(folds))
    doing("Loading the statistical methods")
    load_library()  # imported before the times are measured
    runs: list[Run] = []
    interrupted = False
    try:
        for run in rolling(folds, fits, refit=config.refit, report=report):
            runs.append(run)
    except KeyboardInterrupt:
        received_signal()
        interrupted = True
    finished = len(runs) // len(fits)
    if not finished:
        raise KeyboardInterrupt
    runs, step_size = runs[: finished * len(fits)], config.step_size or horizon
    worth = None
    if panel.covariates and not interrupted and any(row_of(name).has_network for name in fits):
        try:
            worth = _worth(folds, options, step_size, report)
        except KeyboardInterrupt:
            received_signal()
            interrupted = True
    board = leaderboard(runs, step_size)
    intervals = interval_scores(runs, config.level, [score.model for score in board.scores]) if config.level else []
    if config.level and not intervals:
        log.warning("There are no intervals: the series have too few points before the cutoffs.")
    return Backtest(panel, folds[:finished], runs, board, interrupted, worth, config.level, intervals)


def _worth(folds: list[Fold], options: Training, step_size: int, report: OnProgress) -> list[Worth]:
    """Measure how much larger the error of an LSTM is if it is trained without each covariate: see `covariate_worth`.

    It is an LSTM whichever models are compared. The trainings are short (preset "fast"), because only the differences
    between their errors matter. All have the same calendar inputs: those of `options`, or else "auto".
    """
    from forecast_cli.evaluation.worth import covariate_worth
    from forecast_cli.models.table import model_of

    calendar = options.model.calendar or (AUTO_CALENDAR,)
    short = replace(options, model=replace(options.model, calendar=calendar))
    short = replace(short, training=replace(options.training, preset="fast"))
    doing("Measuring what each covariate is worth")
    return covariate_worth(model_of(next(iter(TOPOLOGIES)), short), folds, step_size, report)


def _folds(panel: Panel, config: BacktestConfig) -> list[Fold]:
    """The folds of a backtest: as many as `config` or the default says, or fewer if the data are short.

    Raises DataError if the data are too short for one fold.
    """
    import numpy as np

    from forecast_cli.evaluation.folds import max_holdout, rolling_folds
    from forecast_cli.models.network.defaults import default_horizon

    longest = int(panel.lengths.max())
    horizon = config.horizon or max(1, min(default_horizon(panel), max_holdout(longest)))
    usual = DEFAULT_WINDOWS_OF_MANY_SERIES if len(panel) >= MANY_SERIES else DEFAULT_WINDOWS
    n_windows = config.n_windows or usual
    folds = rolling_folds(panel, horizon, n_windows, config.step_size or horizon)
    if not folds:
        raise _too_short(panel, horizon)
    if len(folds) < n_windows:
        level = logging.INFO if config.n_windows is None else logging.WARNING
        log.log(level, "The data are long enough for %d of %d cutoffs.", len(folds), n_windows)
    unknown = sum(not np.isfinite(fold.actual).any() for fold in folds)
    if unknown:
        log.info("Cutoffs not scored, because no later value is known: %d of %d.", unknown, len(folds))
    at_first, at_last = len(folds[0].rows), len(folds[-1].rows)
    if at_last < len(panel):
        log.info("Series too short to be scored at any cutoff: %d of %d.", len(panel) - at_last, len(panel))
    if at_first < at_last:
        log.info("Series long enough to be scored at every cutoff: %d of %d.", at_first, len(panel))
    return folds


def _too_short(panel: Panel, horizon: int) -> DataError:
    from forecast_cli.evaluation.folds import MIN_PAST_PER_STEP, points_needed

    longest = int(panel.lengths.max())
    needed = horizon + points_needed(panel, horizon)
    possible = min(longest // (1 + MIN_PAST_PER_STEP), longest - panel.season_length - 1)
    remedy = ""
    if 0 < possible < horizon:
        remedy = f"Give {mention('horizon', possible)} or less, or more data."
    elif panel.season_length > 1:
        remedy = f"Give {mention('season', 1)} if there is no season, or more data."
    return DataError(
        f"The longest series has {counted(longest, 'point')}; a backtest with horizon {horizon} needs {needed}.",
        remedy or "Give more data.",
    )


def _test_fold(panel: Panel, test: str, read: ReadConfig) -> Fold:
    """The fold whose past is `panel` and whose actual values are in the file `test`.

    The file is read with the options `read`. If that fails, past and static covariates are left out. If that fails too,
    all covariates and all options for columns and layout are left out. Standard input is read only once, with `read`.

    Raises the error of the first attempt if all attempts fail.
    """
    from forecast_cli.evaluation.split import given_fold

    as_the_data = replace(
        read, freq=panel.freq, seasons=(float(panel.season_length), *panel.long_seasons), future_file=None
    )
    known_ahead = replace(as_the_data, past=(), static=(), static_file=None)
    by_itself = replace(
        known_ahead,
        date_column=None,
        value_columns=(),
        id_columns=(),
        layout=None,
        future=(),
        covariates=None,
        static_file=None,
    )
    attempts = list(dict.fromkeys((as_the_data, known_ahead, by_itself)))
    errors = []
    for options in attempts[:1] if test == STDIN else attempts:
        try:
            fold = given_fold(panel, read_panel(test, options), test)
        except ForecastError as error:
            errors.append(error)
            continue
        if options == by_itself and errors:
            log.info("%s: the options for columns and layout do not fit this file and are not used for it.", test)
        return fold
    raise errors[0]


def _compared(config: BacktestConfig, model: ModelConfig, panel: Panel, folds: Sequence[Fold]) -> list[str]:
    """The names of the models to compare: those that the user chose, or the default models; then ALWAYS_COMPARED.

    Default models that would take minutes are left out. LONG_NAIVE is compared too if it can forecast at each cutoff.
    """
    from forecast_cli.models.statistical.costs import affordable_rows
    from forecast_cli.models.statistical.methods import repeats_long_season
    from forecast_cli.models.table import row_of

    has_drivers = panel.covariates is not None or model.has_drivers
    names = list(config.models or default_models(len(panel), has_drivers=has_drivers))
    for name in [] if config.models else names.copy():
        affordable = None if row_of(name).has_network else len(affordable_rows(name, folds[-1].known))
        if affordable is not None and AFFORDABLE_ONE_IN * affordable < len(folds[-1].rows):
            names.remove(name)
            wanted = mention("models", f"{names[0]},{name}")
            log.info("Leaving out %s: it may take minutes on these data. To run it, give %s.", name, wanted)
    longer = [LONG_NAIVE] if all(repeats_long_season(fold.known) for fold in folds) else []
    return list(dict.fromkeys([*names, *ALWAYS_COMPARED, *longer]))
