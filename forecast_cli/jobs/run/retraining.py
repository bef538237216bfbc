"""Decide whether a job's model must be trained, and why."""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from forecast_cli.jobs.file.job import Job
from forecast_cli.models.card import ModelCard
from forecast_cli.networks import TOPOLOGIES
from forecast_cli.options import SMOOTHED, ModelConfig, ReadConfig, TrainConfig
from forecast_cli.words import counted

if TYPE_CHECKING:
    from forecast_cli.jobs.ledger.ledger import Ledger

log = logging.getLogger(__name__)

DATA_OPTIONS = (
    "sheet",
    "value_columns",
    "freq",
    "season_length",
    "on_gap",
    "on_duplicate",
    "on_irregular",
    "on_outlier",
)
"""Fields of ReadConfig that change the values a model is trained on."""

EVIDENCE_FORECASTS = 20
"""Number of latest forecasts of a model from which its recent accuracy is computed."""

MIN_EVIDENCE_POINTS = 10
"""With fewer forecast points that have an actual value, the recent accuracy is ignored."""

MAX_ERROR_GROWTH = 1.25
"""A model is degraded if its error, divided by the error of the seasonal naive forecast, is more than this multiple of
what it was at training. It is divided because times that are harder to forecast do not mean that the model is worse."""

MAX_EARLY = timedelta(hours=1)
"""A model is trained up to this long before it reaches its age limit. A model is created some minutes after its run
began; without this, the run that is due at the age limit would find the model some minutes too young."""

DEGRADED_PAUSE = timedelta(days=7)
"""For this time after a training, the model is not degraded: the training may just have kept the old, better model."""


@dataclass(frozen=True)
class CurrentModel:
    """The facts about a job's model that decide whether it is trained again.

    version:     the version of the model, see models/card.py
    fingerprint: of the data it was trained on
    trained_to:  the last time in those data, as text
    mase:        its MASE on the holdout, None without a holdout
    naive_mase:  the MASE of seasonal naive on the holdout, None without a holdout
    options:     see `options_digest`; None if the model was not trained by a job
    """

    version: str
    created: datetime
    fingerprint: str
    trained_to: str
    mase: float | None
    naive_mase: float | None
    horizon: int
    options: str | None

    @classmethod
    def of(cls, card: ModelCard) -> CurrentModel:
        """The facts in the card of a bundle."""
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
        )


def training_of(job: Job) -> TrainConfig:
    """The training options of a job. If they have no horizon, it is the horizon of the job."""
    return replace(job.training, horizon=job.training.horizon or job.horizon)


def options_digest(job: Job) -> str:
    """SHA-256 (hex) of the options that a job's model depends on.

    Only options that differ from their defaults count, so that a new option or a new default in a later version of the
    program is no reason to train. Options for the format of the file, such as its decimal point, do not count either.
    """
    read = {option: value for option, value in _non_defaults(job.read).items() if option in DATA_OPTIONS}
    training = _non_defaults(training_of(job))
    # "kind" is the name of this entry in the digests of models that exist.
    parts = {"kind": _kind(job.model_name), "model": _non_defaults(job.model), "training": training, "read": read}
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _kind(name: str) -> str:
    """A model's name in digests. As in old versions, a network with smoothing has the name of its topology there."""
    return f"{name} alone" if name in TOPOLOGIES else name.removesuffix(SMOOTHED)


def _non_defaults(config: ReadConfig | ModelConfig | TrainConfig) -> dict[str, object]:
    return {field.name: value for field in fields(config) if (value := getattr(config, field.name)) != field.default}


def options_changed(job: Job, model: CurrentModel) -> bool:
    """Whether the options of the job have changed since its model was trained; False if the old ones are unknown."""
    return model.options is not None and model.options != options_digest(job)


def reason_to_train(
    job: Job, model: CurrentModel | None, fingerprint: str, ledger: Ledger | None, now: datetime
) -> str:
    """Why the job's model must be trained on the data with this `fingerprint`; "" if it need not be trained."""
    if model is None:
        return "there is no model yet"
    if options_changed(job, model):
        if job.retrain != "never":
            return "its options changed"
        log.warning("The options of the job have changed, but its model is never retrained.")
    if model.fingerprint == fingerprint:
        return ""
    match job.retrain:
        case "always":
            return "the data changed"
        case timedelta() as limit if now - model.created >= limit - min(limit / 24, MAX_EARLY):
            return f"the model is {_age_text(now - model.created)} old"
        case "when-degraded":
            return _degradation(job, model, ledger, now)
    return ""


def _degradation(job: Job, model: CurrentModel, ledger: Ledger | None, now: datetime) -> str:
    """Why the model is degraded, as text; "" if it is not degraded, or if too few actual values are known."""
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
