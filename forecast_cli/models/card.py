"""The model card: three sections of a bundle that describe its model. Only this module writes and reads them.

    metadata.json
        model      the forecaster: name, network, windows, combination, horizon
        data       its training data, and how they were read
        training   its training, and its scores on the holdout

A field that older bundles lack has a default here. A field that is no longer used is ignored.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from forecast_cli.bundle import JSON, Bundle
from forecast_cli.errors import ForecastError, ModelError
from forecast_cli.models.description import Description
from forecast_cli.networks import TOPOLOGIES
from forecast_cli.options import SMOOTHED, ReadConfig


@dataclass(frozen=True)
class Data:
    """The training data of a model.

    source:       absolute path, or "-" for standard input
    read:         how it was read
    fingerprint:  SHA-256 (hex) of the panel, see panel/describe.py
    first, last:  the first and the last time of all series, as text
    """

    source: str
    read: ReadConfig
    fingerprint: str
    freq: str
    season_length: int
    tz: str | None
    series: int
    points: int
    first: str
    last: str


@dataclass(frozen=True)
class HoldoutScore:
    """Accuracy of one model on the holdout. `model` is the model's name; a figure that is not known is None."""

    model: str
    mase: float | None = None
    smape: float | None = None


@dataclass(frozen=True)
class ModelCard:
    """The complete description of a model in its bundle.

    horizon:  number of steps that the model was trained for
    scores:   scores of the model and of the baselines on the holdout
    summary:  the whole report of `train`, for people
    asked:    SHA-256 (hex) of the options of the job that trained the model; None without a job
    created:  None before the card is saved
    version:  12 hex digits, the same for the same name and files; None before the card is saved
    """

    description: Description
    horizon: int
    data: Data
    scores: tuple[HoldoutScore, ...] = ()
    summary: Mapping[str, Any] = field(default_factory=dict)
    asked: str | None = None
    created: datetime | None = None
    version: str | None = None

    @property
    def name(self) -> str:
        return self.description.name

    def sections(self) -> dict[str, JSON]:
        """The sections of metadata.json."""
        model = asdict(self.description)
        plan = model.pop("plan") or {}
        training = {**plan, "fitted_to": model.pop("fitted_to"), "scored_to": model.pop("scored_to")}
        return {
            "model": _without_none({**model, "parts": self.description.parts, "horizon": self.horizon}),
            "data": asdict(self.data),
            "training": _without_none({**training, "summary": self.summary, "asked": self.asked}),
        }

    @classmethod
    def of(cls, bundle: Bundle) -> ModelCard:
        """The card of a bundle. Raises ModelError if a field is missing or has the wrong type."""
        model, data, training = (bundle.section(name, dict) for name in ("model", "data", "training"))
        digests = sorted(str(entry["sha256"]) for entry in bundle.section("files", dict).values())
        summary = training.get("summary") or {}
        try:
            named = "parts" in model
            if not named:
                model, summary = _with_names(model, summary)
            plan = training if model.get("network") else None
            description = {**model, "plan": plan, **{key: training.get(key) for key in ("fitted_to", "scored_to")}}
            return msgspec.convert(
                {
                    "description": description,
                    "horizon": model.get("horizon"),
                    "data": {**data, "read": _with_id_columns(data.get("read"))},
                    "scores": summary.get("scores", ()),
                    "summary": summary,
                    "asked": training.get("asked"),
                    "created": bundle.section("created", str),
                    "version": _version(digests, str(model["name"]) if named else ""),
                },
                cls,
            )
        except (msgspec.ValidationError, ForecastError, AttributeError, KeyError, TypeError) as error:
            raise ModelError(
                f"{bundle.directory}: the description of the model is not valid ({error}).", "Train the model again."
            ) from error

    def mase(self, model: str) -> float | None:
        """MASE of a model on the holdout; None if it has none."""
        return next((score.mase for score in self.scores if score.model == model), None)


def _version(digests: list[str], name: str) -> str:
    return hashlib.sha256("".join([*digests, name]).encode()).hexdigest()[:12]


def _with_id_columns(read: Any) -> Any:
    """How the data of a bundle were read; bundles from before a series could have several id columns have one name."""
    if not isinstance(read, dict) or "id_column" not in read:
        return read
    return {**read, "id_columns": (read["id_column"],) if read["id_column"] else ()}


def _with_names(model: dict[str, Any], summary: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The section `model` and the summary of an old bundle: a model that is called `lstm` there is `lstm+smoothing`."""

    def name(old: str) -> str:
        return old + SMOOTHED if old in TOPOLOGIES else old

    named = {**model, "name": name(model.get("name") or model["network"]["topology"])}
    if model.get("weights"):
        named["weights"] = {name(member): weight for member, weight in model["weights"].items()}
    scores = [{**score, "model": name(score["model"])} for score in summary.get("scores", ())]
    return named, {**summary, "scores": scores}


def _without_none(section: dict[str, Any]) -> dict[str, JSON]:
    return {key: value for key, value in section.items() if value is not None}
