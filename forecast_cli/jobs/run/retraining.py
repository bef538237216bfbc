"""Whether a job's model is to be trained, and why."""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from forecast_cli.jobs.file.job import Job
from forecast_cli.models.card import ModelCard
from forecast_cli.options import ModelConfig, ReadConfig, TrainConfig

if TYPE_CHECKING:
    from forecast_cli.jobs.ledger.ledger import Ledger

log = logging.getLogger(__name__)

SHAPING = ("value_columns", "freq", "season_length", "on_gap", "on_duplicate", "on_irregular")
"""Fields of ReadConfig that decide which series are learned from, and of which values."""

EVIDENCE = 20
"""So many of the latest forecasts of each series are looked at."""

ENOUGH = 10
"""Errors of fewer points prove nothing."""

WORSE = 1.25
"""A model is degraded if the naive forecast is better, or if its error, as a multiple of that forecast's, has grown by
this factor since it was trained: times that are harder for both are no fault of the model."""

JITTER = timedelta(hours=1)
"""A model that is due within the hour is due: it was ready a little later than the run began that trained it."""

RESPITE = timedelta(days=7)
"""How long a degraded model that was kept, because it was better than a new one, is left alone."""


@dataclass(frozen=True)
class CurrentModel:
    """What a job needs to know of its model.

    version:      the same for the same network, data and weights
    fingerprint:  of the data it was trained on
    trained_to:   the last time in those data, as text
    mase:         its accuracy on the holdout, None without a holdout
    naive_mase:   that of seasonal naive
    asked:        see `asked`; None where the model was not trained by a job
    """

    version: str
    created: datetime
    fingerprint: str
    trained_to: str
    mase: float | None
    naive_mase: float | None
    horizon: int
    asked: str | None

    @classmethod
    def of(cls, card: ModelCard) -> CurrentModel:
        """From the card of a bundle."""
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
            asked=card.asked,
        )


def training_of(job: Job) -> TrainConfig:
    """How the job's model is trained: for the horizon of the job, where it has none of its own."""
    return replace(job.training, horizon=job.training.horizon or job.horizon)


def asked(job: Job) -> str:
    """A SHA-256 (hex) of what the job asks of its model.

    Of the options only those count that differ from their defaults: a default that changes in a later version of the
    program, or a new option, is no reason to train. How the file is written, its columns or its decimal point, does not
    count either.
    """
    read = {option: value for option, value in _given(job.read).items() if option in SHAPING}
    parts = {"kind": job.kind, "model": _given(job.model), "training": _given(training_of(job)), "read": read}
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _given(config: ReadConfig | ModelConfig | TrainConfig) -> dict[str, object]:
    return {field.name: value for field in fields(config) if (value := getattr(config, field.name)) != field.default}


def options_changed(job: Job, model: CurrentModel) -> bool:
    """Whether the job asks for another model; of a model that does not tell what was asked nobody knows."""
    return model.asked is not None and model.asked != asked(job)


def reason_to_train(
    job: Job, model: CurrentModel | None, fingerprint: str, ledger: Ledger | None, now: datetime
) -> str:
    """Why the job's model is to be trained on the data of this `fingerprint`; nothing if it is not."""
    if model is None:
        return "there is no model yet"
    if options_changed(job, model):
        if job.retrain != "never":
            return "its options changed"
        log.warning("The options of the job are not those of its model, which is never retrained.")
    if model.fingerprint == fingerprint:
        return ""
    match job.retrain:
        case "always":
            return "the data changed"
        case timedelta() as limit if now - model.created >= limit - min(limit / 24, JITTER):
            return f"the model is {_days(now - model.created)} old"
        case "when-degraded":
            return _degraded(job, model, ledger, now)
    return ""


def _degraded(job: Job, model: CurrentModel, ledger: Ledger | None, now: datetime) -> str:
    if ledger is None:
        return ""
    attempted = ledger.last_training(job.name)
    if attempted is not None and now - attempted < RESPITE:
        return ""
    evidence = ledger.evidence(job.name, model.version, EVIDENCE)
    if evidence.points < ENOUGH:
        return ""
    if evidence.mase > evidence.naive_mase:
        return f"the naive forecast was better (MASE {evidence.naive_mase:.3g} against {evidence.mase:.3g})"
    if not model.mase or not model.naive_mase or not evidence.naive_mase:
        return ""
    lately, then = evidence.mase / evidence.naive_mase, model.mase / model.naive_mase
    if lately > WORSE * then:
        return (
            f"it has become worse: {lately:.2f} times the error of the naive forecast, {then:.2f} when it was trained"
        )
    return ""


def _days(age: timedelta) -> str:
    days = age.days
    return f"{days} day{'' if days == 1 else 's'}" if days else f"{int(age.total_seconds() // 3600)} h"
