"""The model card: the three sections of metadata.json that describe the model. Only this module writes and reads them.

    metadata.json
        model      the forecaster: name, network, windows, combination, horizon
        data       its training data, and how they were read
        training   its training, and its scores on the holdout

Older bundles lack some fields; these have a default here. Fields that are no longer used are ignored.
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
from forecast_cli.model_names import SMOOTHED
from forecast_cli.models.card_checks import check_card
from forecast_cli.models.description import Description
from forecast_cli.networks import TOPOLOGIES
from forecast_cli.options import ReadConfig
from forecast_cli.panel.covariates import Covariate


@dataclass(frozen=True)
class Data:
    """The training data of a model.

    source:         the absolute path of the file, or "-" for standard input
    read:           the options it was read with
    fingerprint:    the SHA-256 of the panel, as hexadecimal digits
    freq:           the frequency, such as "MS"
    season_length:  the number of steps in one season; 1 if there is no season
    tz:             "UTC" if the file gave time zones, otherwise None
    series, points: the number of series, and of points of all series together
    first, last:    the first and the last time of all series, as text
    covariates:     the covariates of the series
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
    covariates: tuple[Covariate, ...] = ()


@dataclass(frozen=True)
class HoldoutScore:
    """The accuracy of one model on the holdout. A figure that is not known is None.

    model:  the name of the model
    mase:   MASE
    smape:  sMAPE in percent, 0 to 200
    """

    model: str
    mase: float | None = None
    smape: float | None = None


@dataclass(frozen=True)
class ModelCard:
    """The complete description of a model in its bundle.

    description:  the forecaster's settings, and how it was trained
    horizon:      the number of steps that the model was trained for
    data:         the data that it was trained on
    scores:       the accuracy of the model and of statistical methods on the holdout
    summary:      the whole result of `train`, for people to read
    asked:        SHA-256 (hex) of the options of the job that trained the model; None without a job
    created:      the time when the card was saved; None before it is saved
    version:      12 hexadecimal digits, computed from the name of the model and the files of its bundle; None before
                  the card is saved
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
        """The card as sections of metadata.json: name -> section."""
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
            card = msgspec.convert(
                {
                    "description": description,
                    "horizon": model.get("horizon"),
                    "data": {**data, "read": _with_todays_options(data.get("read"))},
                    "scores": summary.get("scores", ()),
                    "summary": summary,
                    "asked": training.get("asked"),
                    "created": bundle.section("created", str),
                    "version": _version(digests, str(model["name"]) if named else ""),
                },
                cls,
            )
            check_card(card)
            return card
        except (ForecastError, AttributeError, LookupError, TypeError, ValueError, RecursionError) as error:
            raise ModelError(
                f"{bundle.directory}: the description of the model is not valid ({error}).", "Train the model again."
            ) from error

    def mase(self, model: str) -> float | None:
        """The MASE of a model on the holdout, by its name; None if it is not known."""
        return next((score.mase for score in self.scores if score.model == model), None)


def _version(digests: list[str], name: str) -> str:
    return hashlib.sha256("".join([*digests, name]).encode()).hexdigest()[:12]


def _with_todays_options(read: Any) -> Any:
    """Convert `read`, the options with which the data of a bundle were read, from the form of old bundles.

    Old bundles have one `id_column` and one `season_length`; today these are the lists `id_columns` and `seasons`.
    """
    if not isinstance(read, dict):
        return read
    read = dict(read)
    if "id_column" in read:
        read["id_columns"] = (read["id_column"],) if read["id_column"] else ()
    if read.get("season_length") is not None:
        read["seasons"] = (read["season_length"],)
    return read


def _with_names(model: dict[str, Any], summary: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The section `model` and the summary of an old bundle, with today's names of models.

    A model that is called `lstm` in an old bundle is `lstm+smoothing` today.
    """

    def name(old: str) -> str:
        return old + SMOOTHED if old in TOPOLOGIES else old

    named = {**model, "name": name(model.get("name") or model["network"]["topology"])}
    if model.get("weights"):
        named["weights"] = {name(member): weight for member, weight in model["weights"].items()}
    scores = [{**score, "model": name(score["model"])} for score in summary.get("scores", ())]
    return named, {**summary, "scores": scores}


def _without_none(section: dict[str, Any]) -> dict[str, JSON]:
    return {key: value for key, value in section.items() if value is not None}
