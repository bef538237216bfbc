"""Check the values in a model card. Their types are checked by msgspec; this module checks everything else.

A bundle may come from a stranger, and its checksums do not show who computed them. So each value is checked before a
number is used as a size or a text as a key.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

from forecast_cli.evaluation.choice import Choice
from forecast_cli.features.calendar_channels import HOLIDAYS, holiday_parts
from forecast_cli.features.windows import WindowShape
from forecast_cli.model_names import TREES
from forecast_cli.models.description import Description, Smoothing, TreePart
from forecast_cli.models.network.plan import TrainingPlan
from forecast_cli.networks import TOPOLOGIES
from forecast_cli.networks.heads import HEADS
from forecast_cli.networks.spec import NetworkSpec
from forecast_cli.option_types.numbers import MAX_STEPS
from forecast_cli.options import CALENDAR_PARTS
from forecast_cli.panel.calendar import calendar_of
from forecast_cli.panel.covariates import KIND_WORDS, Covariate

if TYPE_CHECKING:
    from forecast_cli.models.card import ModelCard

MAX_POINTS, MAX_SIZE = 1 << 31, 10_000_000
MAX_TEXT, MAX_ITEMS = 10_000, 1_000_000
Range = tuple[float, float]
RANGES: Mapping[type, Mapping[str, Range]] = {
    Description: {"context_size": (1, MAX_SIZE)},
    NetworkSpec: {
        "input_size": (1, MAX_SIZE),
        "channels": (1, 100_000),
        "output_size": (1, MAX_SIZE),
        "units": (1, 100_000),
        "dropout": (0, 1),
        "patch_size": (1, MAX_SIZE),
        "members": (1, 1000),
        "long_run": (0, 1000),
        "hidden_units": (1, 100_000),
        "ahead": (0, 100_000),
    },
    WindowShape: {
        "input_size": (1, MAX_SIZE),
        "output_size": (1, MAX_SIZE),
        "level_size": (1, MAX_SIZE),
        "long_seasons": (1, MAX_POINTS),
        "usual_season": (0, MAX_POINTS),
    },
    TrainingPlan: {
        "epochs": (0, MAX_POINTS),
        "steps_per_epoch": (1, MAX_POINTS),
        "batch_size": (1, MAX_POINTS),
        "learning_rate": (0, 1000),
        "clip_norm": (0, math.inf),
        "seed": (0, 1 << 64),
    },
    Smoothing: {"share": (0, 1), "trust": (0, 1e6), "repeated": (1, MAX_SIZE)},
    TreePart: {"share": (0, 1), "longest": (0, MAX_SIZE), "errors": (0, math.inf)},
    Choice: {"weights": (0, 1.000001), "cutoffs": (0, MAX_SIZE)},
}
"""Dataclass -> field -> its lowest and its highest number. In a field with several numbers, each is checked."""


def check_card(card: ModelCard) -> None:
    """Raise ValueError if a field of a card has a value that no model can have.

    Raises UsageError for an unknown frequency, and for holidays that are unknown or do not fit the frequency.
    """
    _check(card, "")
    description, data = card.description, card.data
    network, windows = description.network, description.windows
    _within("horizon", card.horizon, (1, MAX_STEPS))
    _within("season_length", data.season_length, (1, MAX_SIZE))
    _within("series", data.series, (1, MAX_POINTS))
    _within("points", data.points, (1, MAX_POINTS))
    _within("weights", (description.weights or {}).values(), (0, 1.000001))
    _known("tz", data.tz, (None, "UTC"))
    calendar_of(data.freq)
    for covariate in data.covariates:
        _check_covariate(covariate)
    if description.trees is not None:
        _known("kind of trees", description.trees.kind, TREES)
    if network is None or windows is None:
        return
    _known("topology", network.topology, TOPOLOGIES)
    _known("head", network.head, HEADS)
    if (network.input_size, network.output_size) != (windows.input_size, windows.output_size):
        raise ValueError("the window sizes of the network and of the windows differ")
    if network.input_size % network.patch_size or windows.level_size > windows.input_size:
        raise ValueError("the sizes of a window do not fit together")
    if description.context_size < windows.input_size:
        raise ValueError("the context is shorter than a window")
    if not set(windows.covariates) <= set(data.covariates):
        raise ValueError("the network has covariates that the data lack")
    places = [part.removeprefix(HOLIDAYS) for part in windows.calendar if part.startswith(HOLIDAYS)]
    holiday_parts(places, data.freq)
    for part in windows.calendar:
        if not part.startswith(HOLIDAYS):
            _known("part of the calendar", part, CALENDAR_PARTS)


def _check(value: object, name: str) -> None:
    """Raise ValueError if a text is too long, a number is out of range, or a collection has too many elements.

    value:  a text, number, dataclass or collection; its elements are checked in the same way
    name:   the name of the field that holds it, for the message
    """
    if isinstance(value, str):
        if len(value) > MAX_TEXT or "\0" in value:
            raise ValueError(f"{name} is longer than {MAX_TEXT:,} characters, or has a null character")
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"{name} is not finite")
    elif isinstance(value, int):
        _within(name, value, (-MAX_POINTS, 1 << 64))
    elif is_dataclass(value):
        for field in fields(value):
            inside = getattr(value, field.name)
            _check(inside, field.name)
            limits = RANGES.get(type(value), {}).get(field.name)
            if limits is not None and inside is not None:
                _within(field.name, inside, limits)
    elif isinstance(value, (tuple, list, Mapping)):
        if len(value) > MAX_ITEMS:
            raise ValueError(f"{name} has more than {MAX_ITEMS:,} elements")
        for each in [*value, *value.values()] if isinstance(value, Mapping) else value:
            _check(each, name)


def _check_covariate(covariate: Covariate) -> None:
    _known("kind of a covariate", covariate.kind, KIND_WORDS)
    categories = covariate.categories or ()
    if len(set(categories)) != len(categories):
        raise ValueError("a covariate has a category twice")


def _within(name: str, value: object, limits: Range) -> None:
    low, high = limits
    values: Iterable[Any] = (
        value.values() if isinstance(value, Mapping) else value if isinstance(value, Iterable) else (value,)
    )
    for each in values:
        if each is not None and not low <= each <= high:
            raise ValueError(f"{name} is not between {low} and {high}")


def _known(name: str, value: object, known: Iterable[object]) -> None:
    if value not in known:
        raise ValueError(f"{name} is unknown")
