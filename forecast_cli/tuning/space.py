"""The search space of one model on one set of data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from forecast_cli.models.network.defaults import Recipe
from forecast_cli.networks import TOPOLOGIES
from forecast_cli.networks.search import Candidates, Multiples, Range, Value
from forecast_cli.option_fields import as_typed, options_in
from forecast_cli.options import ModelConfig, TrainConfig
from forecast_cli.panel.panel import Panel
from forecast_cli.tuning.trials import Given

OPTIONS = {option.name: (config, option) for config in (ModelConfig, TrainConfig) for option in options_in(config)}
"""Name of an option -> the class that has it, and the option."""

SIGNIFICANT_DIGITS = 3
"""The number of digits to which a value from a range is rounded. More would have no effect and be hard to read."""

MAX_INPUT_FRACTION = 0.5
"""Maximum fraction of the longest series that an input window covers, unless the default is longer."""


@dataclass(frozen=True)
class Dimension:
    """An option that is searched.

    name:        its name without the dashes before it, such as "batch-size"
    default:     the value that is chosen for the data if the option is not given
    candidates:  the values to choose from, with the default; or a range that includes the default
    """

    name: str
    default: Given
    candidates: tuple[Given, ...] | Range


Space = tuple[Dimension, ...]


def topology_of(model: str) -> str:
    """The topology of a model's network, such as "gru" for "gru+smoothing".

    It is the first of TOPOLOGIES if the name of the model does not begin with a topology, as for "blend".
    """
    name = model.partition("+")[0]
    return name if name in TOPOLOGIES else next(iter(TOPOLOGIES))


def space_of(recipe: Recipe, panel: Panel, model: ModelConfig, training: TrainConfig) -> Space:
    """The search space of a topology, without the options that the user has given.

    recipe:  the settings that the network has without a tuning; its topology decides which options are searched
    panel:   the shortest data that a trial is trained on: the input window is limited by its longest series
    model, training:  the user's options
    """
    dimensions = []
    for name, candidates in TOPOLOGIES[recipe.spec.topology].search.items():
        config, option = OPTIONS[name]
        given = getattr(model if config is ModelConfig else training, option.field)
        if given != option.default:
            continue
        default = _chosen(recipe, option.field)
        values = _values(name, candidates, default, recipe, panel)
        if isinstance(values, Range) or len(values) > 1:
            dimensions.append(Dimension(name, _given(default), values))
    return tuple(dimensions)


def _chosen(recipe: Recipe, field: str) -> Any:
    """The value of an option in a recipe. Its field has the same name in the spec or in the plan."""
    return getattr(recipe.spec if hasattr(recipe.spec, field) else recipe.plan, field)


def _values(name: str, candidates: Candidates, default: Any, recipe: Recipe, panel: Panel) -> tuple[Given, ...] | Range:
    if isinstance(candidates, Range):
        return Range(min(candidates.low, default), max(candidates.high, default))
    values: Iterable[Any] = (
        [_multiple(default, factor) for factor in candidates.factors]
        if isinstance(candidates, Multiples)
        else candidates
    )
    if name == "input-size":
        patch, longest = recipe.spec.patch_size, MAX_INPUT_FRACTION * panel.lengths.max()
        values = [whole for size in values if (whole := -(-size // patch) * patch) <= longest]
    different = dict.fromkeys([*values, default])
    return tuple(map(_given, sorted(different) if isinstance(default, int | float) else different))


def _multiple(default: Any, factor: float | tuple[float, ...]) -> Any:
    if isinstance(factor, tuple):
        return tuple(_multiple(default[0], each) for each in factor)
    return max(1, round(factor * default))


def _given(value: Value) -> Given:
    return as_typed(value) if isinstance(value, tuple) else value


def rounded(options: Mapping[str, Any]) -> dict[str, Given]:
    """Round each float in the options to `SIGNIFICANT_DIGITS` significant digits."""
    return {
        name: float(f"{value:.{SIGNIFICANT_DIGITS}g}") if isinstance(value, float) else value
        for name, value in options.items()
    }


def applied(options: Mapping[str, Given], model: ModelConfig, training: TrainConfig) -> tuple[ModelConfig, TrainConfig]:
    """Return the user's options, `model` and `training`, with the options of a trial set in them."""
    fields: dict[type[Any], dict[str, Any]] = {ModelConfig: {}, TrainConfig: {}}
    for name, value in options.items():
        config, option = OPTIONS[name]
        fields[config][option.field] = option.type.parse(value) if isinstance(value, str) else value
    return replace(model, **fields[ModelConfig]), replace(training, **fields[TrainConfig])
