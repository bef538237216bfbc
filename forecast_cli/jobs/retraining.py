"""Whether a job's model is to be trained, and why."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from forecast_cli.errors import ModelError
from forecast_cli.jobs.job import Job

if TYPE_CHECKING:
    from forecast_cli.bundle import Bundle
    from forecast_cli.jobs.ledger import Ledger

EVIDENCE = 20
"""So many of the latest forecasts of each series are looked at."""

ENOUGH = 10
"""Errors of fewer points prove nothing."""

WORSE = 1.25
"""A model is degraded whose errors are larger than when it was trained by this factor, or than the naive forecast's."""

JITTER = timedelta(hours=1)
"""A model that is due within the hour is due: it was ready a little later than the run began that trained it."""

RESPITE = timedelta(days=7)
"""How long a degraded model that was kept, because a new one was no better, is left alone."""


@dataclass(frozen=True)
class CurrentModel:
    """A job's model as its bundle describes it.

    version:      the same for the same network, data and weights
    fingerprint:  of the data it was trained on
    freq:         of those data, as their season_length
    mase:         its accuracy on the steps held out when it was trained, None where none were
    """

    version: str
    created: datetime
    fingerprint: str
    trained_to: str
    freq: str
    season_length: int
    mase: float | None
    horizon: int

    @classmethod
    def of(cls, loaded: Bundle) -> CurrentModel:
        """Raises ModelError where the bundle lacks what a run needs to know."""
        model, data, training = (loaded.section(name, dict) for name in ("model", "data", "training"))
        digests = sorted(str(entry["sha256"]) for entry in loaded.section("files", dict).values())
        try:
            scores = training.get("summary", {}).get("scores", [])
            name = model.get("name", model["network"]["topology"])
            return cls(
                version=hashlib.sha256("".join(digests).encode()).hexdigest()[:12],
                created=datetime.fromisoformat(loaded.section("created", str)),
                fingerprint=data["fingerprint"],
                trained_to=data["last"],
                freq=data["freq"],
                season_length=data["season_length"],
                mase=next((score["mase"] for score in scores if score["model"] == name), None),
                horizon=model["horizon"],
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ModelError(f"{loaded.directory}: the model's description is incomplete ({error}).") from error


def reason_to_train(
    job: Job, model: CurrentModel | None, fingerprint: str, ledger: Ledger | None, now: datetime
) -> str:
    """Why the job's model is to be trained on the data of this `fingerprint`; nothing if it is not."""
    if model is None:
        return "there is no model yet"
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
    if model.mase is not None and evidence.mase > WORSE * model.mase:
        return f"the model has become worse (MASE {evidence.mase:.3g}, {model.mase:.3g} when it was trained)"
    return ""


def _days(age: timedelta) -> str:
    days = age.days
    return f"{days} day{'' if days == 1 else 's'}" if days else f"{int(age.total_seconds() // 3600)} h"
