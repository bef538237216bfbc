"""The work on one job, from its file to its forecast and the ledger."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from forecast_cli import bundle, workflows
from forecast_cli.errors import DataError, ForecastError, LockedError, ModelError
from forecast_cli.evaluation.metrics import naive_scale
from forecast_cli.evaluation.naive import naive_forecast
from forecast_cli.jobs.file.job import Job
from forecast_cli.jobs.ledger.ledger import Ledger
from forecast_cli.jobs.ledger.records import ForecastRow, JobRun, ModelRow, Seen
from forecast_cli.jobs.run.changes import Change, changes, column_changes, judge
from forecast_cli.jobs.run.child import Request
from forecast_cli.jobs.run.finding import NotReadyError, check_unchanged, find, settle
from forecast_cli.jobs.run.outcome import STAGES, Outcome
from forecast_cli.jobs.run.outputs import write
from forecast_cli.jobs.run.retraining import CurrentModel, asked, options_changed, reason_to_train, training_of
from forecast_cli.models.card import ModelCard
from forecast_cli.models.network.warm_start import EarlierNetwork
from forecast_cli.models.saved import PREDICTION_FILES, SavedModel
from forecast_cli.models.table import Training, model_of
from forecast_cli.options import ContinueConfig, TrainingRequest
from forecast_cli.panel.describe import fingerprint
from forecast_cli.panel.panel import Panel
from forecast_cli.panel.reading import read_with_columns

log = logging.getLogger(__name__)

TRAINED = {"": "", "trained": ", after training", "kept": ", by the old model, as it is better than a new one"}
UNCHANGED = "The data and the model are those of the last forecast."

Enter = Callable[[str], None]
"""Says which of STAGES begins."""


def attempt(request: Request, job: Job, enter: Enter) -> Outcome:
    """The outcome of a job, whatever happens in it."""
    stage = STAGES[0]

    def entering(name: str) -> None:
        nonlocal stage
        stage = name
        enter(name)

    try:
        return perform(request, job, entering)
    except ModelError as error:
        hint = f"forecast run --only {job.name} --force trains a new model."
        return Outcome(job.name, "failed", stage, error.message, hint)
    except ForecastError as error:
        again = isinstance(error, NotReadyError | LockedError)
        return Outcome(job.name, "failed", stage, error.message, error.hint, again=again)
    except MemoryError:
        return Outcome(job.name, "failed", stage, "There is not enough memory.", "Use fewer series or a smaller model.")
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        return Outcome(job.name, "failed", stage, f"{where}{error.strerror or error}.", again=True)
    except Exception as error:
        log.debug("%s", error, exc_info=True)
        text = " ".join(f"{type(error).__name__}: {error}".split())[:300]
        return Outcome(job.name, "failed", stage, f"Internal error: {text}", "With --verbose the log says where.")


def perform(request: Request, job: Job, enter: Enter) -> Outcome:
    """Find and read the data, compare and score, train if that is due, predict, write, record."""
    with noticing() as noticed:
        return _perform(request, job, enter, noticed)


def _perform(request: Request, job: Job, enter: Enter, noticed: list[str]) -> Outcome:
    enter("find")
    path = find(job.data, job.pattern)
    state = settle(path)
    enter("read")
    panel, columns = read_with_columns(path, job.read)
    check_unchanged(path, state)
    data = Data(path, panel, columns, fingerprint(panel))
    if request.dry_run and not request.ledger.exists():
        return _Task(request, job, data, None, enter, noticed).plan()
    with Ledger.open(request.ledger) as ledger:
        task = _Task(request, job, data, ledger, enter, noticed)
        return task.plan() if request.dry_run else task.do()


@contextmanager
def noticing() -> Iterator[list[str]]:
    """The program's warnings while this lasts, each once."""
    noticed: list[str] = []

    class Notebook(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.getMessage() not in noticed:
                noticed.append(record.getMessage())

    notebook = Notebook(logging.WARNING)
    logger = logging.getLogger("forecast_cli")
    logger.addHandler(notebook)
    try:
        yield noticed
    finally:
        logger.removeHandler(notebook)


@dataclass(frozen=True)
class Data:
    """What was read from a job's file.

    fingerprint:  see panel.describe
    """

    path: str
    panel: Panel
    columns: tuple[str, ...]
    fingerprint: str


class _Task:
    """A job whose data were read and compared with what was seen before; there is no ledger in a first dry run."""

    def __init__(
        self, request: Request, job: Job, data: Data, ledger: Ledger | None, enter: Enter, noticed: list[str]
    ) -> None:
        self.request, self.job, self.data, self.ledger, self.enter = request, job, data, ledger, enter
        self.noticed = noticed
        self.started = datetime.now(UTC)
        enter("compare")
        seen = ledger.seen(job.name) if ledger else None
        same = seen is not None and seen.fingerprint == data.fingerprint
        since = seen.since if seen and same else request.now
        self._check_age(since)
        self.restated_from = None if seen is None or same else self._compare(seen)
        self.seen = Seen.of(data.panel, data.fingerprint, since, data.columns)

    def plan(self) -> Outcome:
        """What `do` would do, and why."""
        model, why = self._model_and_need()
        if not why and model and self._forecast_before(model):
            return self._outcome("planned", f"Nothing would be done. {UNCHANGED}", model)
        steps = self.job.horizon or (model.horizon if model else "the usual number of")
        to = ", ".join(map(str, self.job.paths(self.request.today))) or "the ledger alone"
        training = f"Would train, because {why}; then forecast" if why else "Would forecast"
        return self._outcome("planned", f"{training} {steps} steps into {to}.", model)

    def do(self) -> Outcome:
        """Score what was forecast before, train if that is due, forecast, write and record."""
        ledger, job = self.ledger, self.job
        assert ledger is not None
        self.enter("score")
        scored = ledger.score(job.name, self.data.panel, self.restated_from)
        model, why = self._model_and_need()
        training = self._train(why, model) if why else ""
        loaded = bundle.load(job.model_dir, PREDICTION_FILES)
        model = CurrentModel.of(ModelCard.of(loaded))
        if not training and self._forecast_before(model):
            self.enter("record")
            outcome = self._outcome("unchanged", UNCHANGED, model, scored=scored)
            ledger.record(self._row(outcome), seen=self.seen)
            return outcome
        self.enter("predict")
        prediction = workflows.continued(SavedModel.of(loaded), self.data.panel, self.data.path, job.horizon)
        forecast, history = next(iter(prediction.forecasts.values())), prediction.history
        self.enter("write")
        paths = job.paths(self.request.today)
        write(prediction, paths)
        self.enter("record")
        message = f"{forecast.horizon} steps{TRAINED[training]}{f': {why}' if training else ''}."
        outcome = self._outcome("forecast", message, model, scored, training, tuple(map(str, paths)))
        made = ForecastRow(
            model=model.version,
            fingerprint=self.data.fingerprint,
            made=self.request.now,
            forecast=forecast,
            naive=naive_forecast(history, forecast.horizon),
            scale=naive_scale(history),
        )
        known = ModelRow(job.name, model.version, model.created, model.trained_to, model.mase)
        ledger.record(self._row(outcome), known, made, self.seen)
        return outcome

    def _compare(self, seen: Seen) -> Any:
        """Warn of what changed since the last run; the first time that was restated, if any was.

        Raises DataError for what must not be.
        """
        found: list[Change] = []
        try:
            found = changes(seen.panel, self.data.panel, seen.lengths)
            warnings = judge(found, self.job.policy)
        except DataError as error:
            if not self.request.force:
                raise
            warnings = [error.message]
        series = [*seen.panel.ids.tolist(), *self.data.panel.ids.tolist()]
        for warning in [*warnings, *column_changes(seen.columns, self.data.columns, series)]:
            log.warning("%s", warning)
        return next((change.since for change in found if change.since is not None), None)

    def _check_age(self, since: datetime) -> None:
        limit = self.job.max_age
        if limit is not None and self.request.now - since > limit and not self.request.force:
            raise DataError(
                f"{self.data.path}: the data, which end at {self.data.panel.span[1]}, have not changed since "
                f"{since:%Y-%m-%d %H:%M} UTC, longer than max-age allows.",
                "Check what delivers the file.",
            )

    def _model_and_need(self) -> tuple[CurrentModel | None, str]:
        """The job's model, and why it is to be trained anew, if it is."""
        job = self.job
        try:
            there = (job.model_dir / "metadata.json").exists()
            model = CurrentModel.of(ModelCard.of(bundle.load(job.model_dir, ()))) if there else None
        except ModelError as error:
            if job.retrain == "never" and not self.request.force:
                raise
            log.warning("%s", error.message)
            return None, "it is forced" if self.request.force else "the model that is there is not valid"
        if self.request.force:
            return model, "it is forced"
        return model, reason_to_train(job, model, self.data.fingerprint, self.ledger, self.request.now)

    def _train(self, why: str, model: CurrentModel | None) -> str:
        """ "trained", or "kept" where the old model is the better one."""
        job = self.job
        afresh = model is None or self.request.force or options_changed(job, model)
        self.enter("train")
        log.info("Training, because %s.", why)
        going_on = ContinueConfig(
            resume=True,
            warm_start=job.model_dir if job.warm_start and not afresh and self._continues() else None,
            if_better=job.retrain == "when-degraded" and not afresh,
        )
        request = TrainingRequest(job.model_dir, job.read, job.model, training_of(job), job.kind, going_on, asked(job))
        summary = workflows.train_on(self.data.panel, self.data.path, request, lambda *_: None)
        return "kept" if summary.kept else "trained"

    def _continues(self) -> bool:
        """Whether the model that is there can go on learning from these data."""
        job = self.job
        try:
            earlier = EarlierNetwork.read(job.model_dir)
            model_of(job.kind, Training(job.model, job.training, earlier)).for_data(self.data.panel)
        except ForecastError as error:
            log.info("Training starts from nothing. %s", error.message)
            return False
        return True

    def _forecast_before(self, model: CurrentModel) -> bool:
        """Whether this forecast was made in an earlier run and its files are still there."""
        if self.ledger is None or self.request.force:
            return False
        lasting = [Path(str(output)) for output in self.job.outputs if not output.dated]
        horizon = self.job.horizon or model.horizon
        return all(path.exists() for path in lasting) and self.ledger.has_forecast(
            self.job.name, self.data.fingerprint, model.version, horizon
        )

    def _outcome(
        self,
        outcome: str,
        message: str,
        model: CurrentModel | None,
        scored: int = 0,
        training: str = "",
        outputs: tuple[str, ...] = (),
    ) -> Outcome:
        panel = self.data.panel
        return Outcome(
            self.job.name,
            outcome,
            STAGES[-1],
            message,
            warnings=tuple(self.noticed),
            training=training,
            fingerprint=self.data.fingerprint,
            last=panel.span[1],
            series=len(panel),
            points=len(panel.values),
            model=model.version if model else None,
            scored=scored,
            outputs=outputs,
        )

    def _row(self, outcome: Outcome) -> JobRun:
        return outcome.recorded(self.request.run_id, self.started, datetime.now(UTC))
