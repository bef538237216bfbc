"""The model card: the description of a model in its bundle. Only this module writes and reads these sections.

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
from forecast_cli.features.windows import WindowShape
from forecast_cli.models.combined.smoothing import Smoothing
from forecast_cli.models.network.plan import TrainingPlan
from forecast_cli.networks.spec import NetworkSpec
from forecast_cli.options import ReadConfig


@dataclass(frozen=True)
class Description:
    """The description of a forecaster.

    context_size:  last points of each series that a forecast depends on
    fitted_to:     the last time of the data of the first round of training, as text
    scored_to:     the last time of the training data of the weights that were scored
    name:          the model's name; in older bundles of a single network it is the network's topology
    weights:       mean weight of each member of a blend
    """

    context_size: int
    network: NetworkSpec
    windows: WindowShape
    smoothing: Smoothing
    plan: TrainingPlan
    fitted_to: str | None = None
    scored_to: str | None = None
    name: str = ""
    weights: dict[str, float] | None = None

    def __post_init__(self) -> None:
        if not self.name:
            object.__setattr__(self, "name", self.network.topology)


@dataclass(frozen=True)
class Data:
    """The training data of a model.

    source:       absolute path, or "-" for standard input
    read:         how it was read
    fingerprint:  SHA-256 (hex) of the panel, see panel/describe.py
    first, last:  span of all series, as text
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


@dataclass(frozen=True)
class ModelCard:
    """The complete description of a model in its bundle.

    horizon:  steps that it was trained for
    scores:   of the model and of the baselines, on the holdout
    summary:  the whole report of `train`, for people
    asked:    SHA-256 (hex) of the options of the job that trained the model; None without a job
    created:  None before the card is saved
    version:  12 hex digits, the same for the same files; None before the card is saved
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
        training = {**model.pop("plan"), "fitted_to": model.pop("fitted_to"), "scored_to": model.pop("scored_to")}
        return {
            "model": _without_none({**model, "horizon": self.horizon}),
            "data": asdict(self.data),
            "training": _without_none({**training, "summary": self.summary, "asked": self.asked}),
        }

    @classmethod
    def of(cls, bundle: Bundle) -> ModelCard:
        """The card of a bundle. Raises ModelError if a field is missing or has the wrong type."""
        model, data, training = (bundle.section(name, dict) for name in ("model", "data", "training"))
        digests = sorted(str(entry["sha256"]) for entry in bundle.section("files", dict).values())
        description = {**model, "plan": training, **{key: training.get(key) for key in ("fitted_to", "scored_to")}}
        summary = training.get("summary") or {}
        try:
            return msgspec.convert(
                {
                    "description": description,
                    "horizon": model.get("horizon"),
                    "data": data,
                    "scores": summary.get("scores", ()),
                    "summary": summary,
                    "asked": training.get("asked"),
                    "created": bundle.section("created", str),
                    "version": hashlib.sha256("".join(digests).encode()).hexdigest()[:12],
                },
                cls,
            )
        except (msgspec.ValidationError, ForecastError, AttributeError) as error:
            raise ModelError(
                f"{bundle.directory}: the description of the model is not valid ({error}).", "Train the model again."
            ) from error

    def mase(self, model: str) -> float | None:
        """MASE of a model on the holdout; None if it has none."""
        return next((score.mase for score in self.scores if score.model == model), None)


def _without_none(section: dict[str, Any]) -> dict[str, JSON]:
    return {key: value for key, value in section.items() if value is not None}
