"""The stages of a job after its data were read: compare, score, train, predict, write, record."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from forecast_cli import bundle, workflows
from forecast_cli.errors import DataError, ForecastError, ModelError, ModelMemoryError
from forecast_cli.evaluation.metrics import naive_scale
from forecast_cli.evaluation.naive import naive_forecast
from forecast_cli.jobs.file.job import Job
from forecast_cli.jobs.ledger.ledger import Ledger
from forecast_cli.jobs.ledger.records import ForecastRow, ModelRow, Snapshot
from forecast_cli.jobs.run.anomalies import detected
from forecast_cli.jobs.run.changes import Change, changes, column_changes, judge
from forecast_cli.jobs.run.data_file import HINT, Data
from forecast_cli.jobs.run.messages import STAGES, Enter, Request
from forecast_cli.jobs.run.outputs import write
from forecast_cli.jobs.run.retraining import (
    CurrentModel,
    name_to_train,
    options_changed,
    options_digest,
    reason_to_train,
    training_of,
)
from forecast_cli.models.card import ModelCard
from forecast_cli.models.files import PREDICTION_FILES
from forecast_cli.models.saved import SavedModel, read_network
from forecast_cli.models.table import model_of, row_of
from forecast_cli.models.training import Training
from forecast_cli.options import ContinueConfig, PredictConfig, TrainingRequest
from forecast_cli.outcomes import JobRun
from forecast_cli.words import counted
from forecast_cli.workflows.intervals import PICTURE_LEVELS

log = logging.getLogger(__name__)

TRAINED = {"": "", "trained": ", after training", "kept": ", by the old model, which is better than a new one"}
UNCHANGED = "The data and the model have not changed since the last forecast."


@dataclass(frozen=True)
class Task:
    """A job whose data were read.

    request:  the settings of the run
    data:     the data of the job
    ledger:   the ledger; None in a dry run before the first run
    enter:    is called with the name of each stage when it begins
    started:  when the job started
    warnings: the warnings so far
    """

    request: Request
    job: Job
    data: Data
    ledger: Ledger | None
    enter: Enter
    started: datetime
    warnings: list[str]

    def plan(self) -> JobRun:
        """The result of a dry run. Its message says what a run would do with the job, and why."""
        self._compare()
        model, why = self._model_and_need()
        if not why and model and self._is_done(model):
            return self._job_run("planned", f"Nothing would be done. {UNCHANGED}", model)
        horizon = self.job.horizon or (model.horizon if model else None)
        steps = counted(horizon, "step") if horizon else "the default number of steps"
        to = ", ".join(map(str, self.job.paths(self.request.today))) or "the ledger only"
        training = f"Would train, because {why}; then forecast" if why else "Would forecast"
        return self._job_run("planned", f"{training} {steps} into {to}.", model)

    def do(self) -> JobRun:
        """Do the job: score earlier forecasts, train if it is due, forecast, write the files, record the result."""
        ledger, job = self.ledger, self.job
        assert ledger is not None
        restated_from, snapshot = self._compare()
        self.enter("score")
        scored = ledger.score(job.name, self.data.panel, restated_from)
        model, why = self._model_and_need()
        training = self._train(why, model) if why else ""
        loaded = bundle.load(job.model_dir, PREDICTION_FILES)
        model = CurrentModel.of(ModelCard.of(loaded))
        if not training and self._is_done(model):
            self.enter("record")
            job_run = self._job_run("unchanged", UNCHANGED, model, scored=scored)
            ledger.record(job_run, snapshot=snapshot)
            return job_run
        self.enter("predict")
        saved = SavedModel.of(loaded)
        levels = (job.level or PICTURE_LEVELS) if saved.calibration is not None else job.level
        factors = ledger.width_factors(job.name, levels)
        config = PredictConfig(job.horizon, level=levels)
        prediction = workflows.continued(saved, self.data.panel, self.data.path, config, widening=factors)
        forecast, history = next(iter(prediction.forecasts.values())), prediction.history
        found = detected(job, saved, self.data, ledger.snapshot(job.name)) if job.detect else []
        self.enter("write")
        paths = job.paths(self.request.today)
        write(prediction, paths, job.level)
        self.enter("record")
        reason = f": {why}" if training else ""
        message = f"{counted(forecast.horizon, 'step')}{TRAINED[training]}{reason}."
        job_run = self._job_run("forecast", message, model, scored, training, tuple(map(str, paths)))
        forecast_row = ForecastRow(
            model=model.version,
            fingerprint=self.data.fingerprint_with_future,
            made=self.request.now,
            forecast=forecast,
            naive=naive_forecast(history, forecast.horizon),
            scale=naive_scale(history),
            factors=factors,
        )
        model_row = ModelRow(job.name, model.version, model.created, model.trained_to, model.mase)
        ledger.record(job_run, model_row, forecast_row, snapshot, found)
        return job_run

    def _compare(self) -> tuple[Any, Snapshot]:
        """Compare the data with those of the last run.

        Returns the time of the first restated value (None if there is none), and the snapshot of the new data. Raises
        DataError if the data have not changed for longer than `max_age`, or if they have changes for which the job's
        policy says to fail.
        """
        self.enter("compare")
        data = self.data
        before = self.ledger.snapshot(self.job.name) if self.ledger else None
        unchanged = before is not None and before.fingerprint == data.fingerprint
        since = before.since if before and unchanged else self.request.now
        self._check_age(since)
        restated_from = None if before is None or unchanged else self._warn_of_changes(before)
        return restated_from, Snapshot.of(data.panel, data.fingerprint, since, data.columns)

    def _warn_of_changes(self, before: Snapshot) -> Any:
        """Log a warning for each change for which the job's policy says to warn, and for missing or new columns.

        Returns the time of the first restated value; None if there is none. Raises DataError for a change for which the
        policy says to fail; if the run is forced, this is a warning too.
        """
        found: list[Change] = []
        try:
            found = changes(before.panel, self.data.panel, before.lengths)
            warnings = judge(found, self.job.policy)
        except DataError as error:
            if not self.request.force:
                raise
            warnings = [error.message]
        series = [*before.panel.ids.tolist(), *self.data.panel.ids.tolist()]
        for warning in [*warnings, *column_changes(before.columns, self.data.columns, series)]:
            log.warning("%s", warning)
        return next((change.since for change in found if change.since is not None), None)

    def _check_age(self, since: datetime) -> None:
        limit = self.job.max_age
        if limit is not None and self.request.now - since > limit and not self.request.force:
            raise DataError(
                f"{self.data.path}: the data, which end at {self.data.panel.span[1]}, have not changed since "
                f"{since:%Y-%m-%d %H:%M} UTC, which is longer than max-age allows.",
                HINT,
            )

    def _model_and_need(self) -> tuple[CurrentModel | None, str]:
        """The current model of the job, and the reason to train it.

        The model is None if there is no valid one. The reason is "" if no training is needed. Raises ModelError if the
        model is not valid and the job has retrain = "never", unless the run is forced.
        """
        job = self.job
        try:
            exists = (job.model_dir / "metadata.json").exists()
            model = CurrentModel.of(ModelCard.of(bundle.load(job.model_dir, ()))) if exists else None
        except ModelError as error:
            if job.retrain == "never" and not self.request.force:
                raise
            log.warning("%s", error.message)
            return None, "it is forced" if self.request.force else "its model is not valid"
        if self.request.force:
            return model, "it is forced"
        return model, reason_to_train(job, model, self.data.fingerprint, self.ledger, self.request.now)

    def _train(self, why: str, model: CurrentModel | None) -> str:
        """Train the model of the job. Returns "trained", or "kept" if the old model forecasts better and is kept.

        why:   the reason, for the log
        model: the current model; None if there is no valid one
        """
        job = self.job
        panel = self.data.panel
        name = name_to_train(job, model, len(panel), has_covariates=panel.covariates is not None)
        from_scratch = model is None or self.request.force or options_changed(job, model)
        self.enter("train")
        log.info("Training, because %s.", why)
        continuation = ContinueConfig(
            resume=True,
            warm_start=job.model_dir if job.warm_start and not from_scratch and self._can_continue(name) else None,
            if_better=job.retrain == "when-degraded" and not from_scratch,
        )
        digest = options_digest(job, name)
        training = training_of(job)
        request = TrainingRequest(job.model_dir, self.data.read, job.model, training, name, continuation, digest)
        summary = workflows.train_on(self.data.panel, self.data.path, request, lambda *_: None)
        return "trained" if summary.saved else "kept"

    def _can_continue(self, name: str) -> bool:
        """Whether the training of a model can start from the network of the current model (a warm start).

        name: the name of the model to train
        """
        job = self.job
        try:
            if not row_of(name).has_network:
                return False
            earlier = read_network(job.model_dir)
            model_of(name, Training(job.model, job.training, earlier)).for_data(self.data.panel)
        except ModelMemoryError:
            raise
        except ForecastError as error:
            log.info("Training does not start from the current model. %s", error.message)
            return False
        return True

    def _is_done(self, model: CurrentModel) -> bool:
        """Whether the forecast was made by an earlier run, so that nothing need be done.

        Its output files must still exist, except those with a date in their path.
        """
        if self.ledger is None or self.request.force:
            return False
        files = [Path(str(output)) for output in self.job.outputs if not output.dated]
        horizon = self.job.horizon or model.horizon
        return all(path.exists() for path in files) and self.ledger.has_forecast(
            self.job.name, self.data.fingerprint_with_future, model.version, horizon
        )

    def _job_run(
        self,
        outcome: str,
        message: str,
        model: CurrentModel | None,
        scored: int = 0,
        training: str = "",
        outputs: tuple[str, ...] = (),
    ) -> JobRun:
        panel = self.data.panel
        return JobRun(
            run_id=self.request.run_id,
            job=self.job.name,
            started=self.started,
            ended=datetime.now(UTC),
            outcome=outcome,
            stage=STAGES[-1],
            message=message,
            warnings=tuple(self.warnings),
            training=training,
            fingerprint=self.data.fingerprint,
            last=panel.span[1],
            series=len(panel),
            points=len(panel.values),
            model=model.version if model else None,
            scored=scored,
            outputs=outputs,
        )
