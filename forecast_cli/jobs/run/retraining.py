"""Decide whether the model of a job must be trained, and give the reason."""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from forecast_cli.jobs.file.job import Job
from forecast_cli.model_names import SMOOTHED, default_model
from forecast_cli.models.card import ModelCard
from forecast_cli.networks import TOPOLOGIES
from forecast_cli.options import ModelConfig, ReadConfig, TrainConfig
from forecast_cli.words import counted

if TYPE_CHECKING:
    from forecast_cli.jobs.ledger.ledger import Ledger

log = logging.getLogger(__name__)

DATA_OPTIONS = (
    "sheet",
    "value_columns",
    "freq",
    "seasons",
    "on_gap",
    "on_duplicate",
    "on_irregular",
    "on_outlier",
    "future",
    "past",
    "static",
    "covariates",
)
"""The fields of ReadConfig that change the values that a model is trained on."""

EVIDENCE_FORECASTS = 20
"""The recent accuracy of a model is computed from at most this many of its latest forecasts."""

MIN_EVIDENCE_POINTS = 10
"""The recent accuracy is used only if at least this many forecast points have an actual value."""

MAX_ERROR_GROWTH = 1.25
"""A model is degraded if its relative error is more than this multiple of its relative error at training.

The relative error is the model's error divided by that of the seasonal naive forecast. In times that are harder to
forecast both errors grow, so the relative error stays the same.
"""

MAX_EARLY = timedelta(hours=1)
"""A model may be trained this long before it reaches its age limit, or 1/24 of the limit before it if that is shorter.

A model is created some minutes after the start of its run. So at a run one week later it is some minutes younger than a
week.
"""

MAX_AHEAD = timedelta(days=1)
"""If the date of a model is more than this in the future, it was saved with a wrong clock. If the job has an age limit
for its model, the model is then trained again."""

DEGRADED_PAUSE = timedelta(days=7)
"""For this long after a training, a model does not count as degraded. The training may have kept the old model, because
it was better."""


@dataclass(frozen=True)
class CurrentModel:
    """The facts about a job's model that decide whether it is trained again.

    version:     the version of the model: a digest of its bundle
    created:     when it was saved
    fingerprint: the SHA-256 of the data that it was trained on
    trained_to:  the last time in these data, as text
    mase:        its MASE on the holdout; None without a holdout
    naive_mase:  the MASE of the seasonal naive forecast on the holdout; None without a holdout
    horizon:     the number of steps that it was trained for
    options:     the digest of its options, see `options_digest`; None if the model was not trained by a job
    name:        the name of the model
    """

    version: str
    created: datetime
    fingerprint: str
    trained_to: str
    mase: float | None
    naive_mase: float | None
    horizon: int
    options: str | None
    name: str

    @classmethod
    def of(cls, card: ModelCard) -> CurrentModel:
        """The facts in the model card of a bundle."""
        assert card.version is not None
        assert card.created is not None
        return cls(
            version=card.version,
            created=card.created,
            fingerprint=card.data.fingerprint,
            trained_to=card.data.last,
            mase=card.mase(card.name),
            naive_mase=card.mase("seasonal-naive"),
            horizon=card.horizon,
            options=card.asked,
            name=card.name,
        )


def training_of(job: Job) -> TrainConfig:
    """The training options of a job. If they have no horizon, the horizon of the job is used."""
    return replace(job.training, horizon=job.training.horizon or job.horizon)


def name_to_train(job: Job, model: CurrentModel | None, series: int, *, has_covariates: bool = False) -> str:
    """The name of the model that a job trains.

    It is the name in the job file. If the job file has none, it is the name of the current model, even if the default
    for the data is another one. If there is no current model, it is the default.

    model:           the current model; None if there is none
    series:          the number of series in the data
    has_covariates:  whether the data have covariates
    """
    usual = default_model(series, has_drivers=has_covariates or job.model.has_drivers)
    return job.model_name or (model.name if model else usual)


def options_digest(job: Job, name: str) -> str:
    """The SHA-256 (hex) of the options that the model of a job depends on. If it changes, the model is trained again.

    name: the name of the model

    Options with their default value are left out. So a new option in a later version of the program does not change the
    digest. Options for the format of the file, such as its decimal mark, are left out too.
    """
    read = {option: value for option, value in _non_defaults(job.read).items() if option in DATA_OPTIONS}
    if job.read.seasons is not None and len(job.read.seasons) == 1:  # as in the digests of models that exist
        read = {**read, "season_length": job.read.season_length}
        del read["seasons"]
    if job.read.static_file is not None:  # whether there is one counts, and not its path
        read = {**read, "static_file": True}
    training = _non_defaults(training_of(job))
    # "kind" is the name of this entry in the digests of models that exist.
    parts = {"kind": _kind(name), "model": _non_defaults(job.model), "training": training, "read": read}
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _kind(name: str) -> str:
    """The name of a model in digests: its name in old versions, so that digests of models that exist stay valid.

    "lstm" means `lstm+smoothing` there, and "lstm alone" means `lstm`.
    """
    return f"{name} alone" if name in TOPOLOGIES else name.removesuffix(SMOOTHED)


def _non_defaults(config: ReadConfig | ModelConfig | TrainConfig) -> dict[str, object]:
    return {field.name: value for field in fields(config) if (value := getattr(config, field.name)) != field.default}


def options_changed(job: Job, model: CurrentModel) -> bool:
    """Whether the options of a job have changed since its model was trained; False if the old options are unknown."""
    return model.options is not None and model.options != options_digest(job, job.model_name or model.name)


def reason_to_train(
    job: Job, model: CurrentModel | None, fingerprint: str, ledger: Ledger | None, now: datetime
) -> str:
    """The reason, as text, why the model of a job must be trained now; "" if it need not be trained.

    model:       the current model; None if there is none
    fingerprint: the SHA-256 of the data of this run
    ledger:      for the recent accuracy of the model; None in a dry run before the first run
    now:         when the run started
    """
    if model is None:
        return "there is no model yet"
    if options_changed(job, model):
        if job.retrain != "never":
            return "its options changed"
        log.warning(
            'The options of the job have changed, but its model is not trained again, because of retrain = "never".'
        )
    if model.fingerprint == fingerprint:
        return ""
    match job.retrain:
        case "always":
            return "the data changed"
        case timedelta() if model.created - now > MAX_AHEAD:
            log.warning("The model is dated %s, in the future: it is trained again.", f"{model.created:%Y-%m-%d}")
            return "the model is dated in the future"
        case timedelta() as limit if now - model.created >= limit - min(limit / 24, MAX_EARLY):
            return f"the model is {_age_text(now - model.created)} old"
        case "when-degraded":
            return _degradation(job, model, ledger, now)
    return ""


def _degradation(job: Job, model: CurrentModel, ledger: Ledger | None, now: datetime) -> str:
    """Why the model counts as degraded, as text; "" if it does not, or if too few actual values are known."""
    if ledger is None:
        return ""
    last_training = ledger.last_training(job.name)
    if last_training is not None and now - last_training < DEGRADED_PAUSE:
        return ""
    evidence = ledger.evidence(job.name, model.version, EVIDENCE_FORECASTS)
    if evidence.points < MIN_EVIDENCE_POINTS:
        return ""
    if evidence.mase > evidence.naive_mase:
        return f"the seasonal naive forecast was better (MASE {evidence.naive_mase:.3g} against {evidence.mase:.3g})"
    if not model.mase or not model.naive_mase or not evidence.naive_mase:
        return ""
    recent, at_training = evidence.mase / evidence.naive_mase, model.mase / model.naive_mase
    if recent <= MAX_ERROR_GROWTH * at_training:
        return ""
    return (
        f"its error grew to {recent:.2f} times that of the seasonal naive forecast, from {at_training:.2f} at training"
    )


def _age_text(age: timedelta) -> str:
    return counted(age.days, "day") if age.days else counted(int(age.total_seconds() // 3600), "hour")
