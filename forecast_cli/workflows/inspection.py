"""The commands `inspect` and `info`: describe the content of a data file, or of a bundle."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from forecast_cli import bundle
from forecast_cli.activity import doing
from forecast_cli.options import ReadConfig
from forecast_cli.panel.describe import SeriesSummary, describe
from forecast_cli.panel.panel import Panel
from forecast_cli.panel.reading import read_with_unused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecast_cli.models.card import ModelCard
    from forecast_cli.models.table import Row


@dataclass(frozen=True)
class Inspection:
    """The content of a data file, as the program understands it.

    source:  the file
    panel:   its series
    series:  a summary of each series
    unused:  the names of columns that could be covariates, and are not used
    """

    source: str
    panel: Panel
    series: list[SeriesSummary]
    unused: tuple[str, ...] = ()

    @property
    def long_seasons(self) -> tuple[float, ...]:
        """The lengths of the long seasons that the series are long enough for, in steps."""
        from forecast_cli.features.long_season import estimated_seasons

        return estimated_seasons(self.panel)


def inspect(source: str, read: ReadConfig) -> Inspection:
    """Read a file and describe its series."""
    panel, unused = read_with_unused(source, read)
    doing("Describing the series")
    return Inspection(source, panel, describe(panel), unused)


@dataclass(frozen=True)
class ModelInfo:
    """The description of a model in its bundle.

    card:   the description as a `ModelCard`
    facts:  name of a section -> its content, for the sections that the command `info` shows
    """

    card: ModelCard
    facts: dict[str, object]


def info(directory: Path) -> ModelInfo:
    """Describe the model in a bundle without loading the model. Raises ModelError if there is no valid bundle."""
    from forecast_cli.models.card import ModelCard

    loaded = bundle.load(directory, ())
    card = ModelCard.of(loaded)
    facts = {**loaded.metadata, **card.sections()}
    return ModelInfo(
        card, {name: facts.get(name) for name in ("created", "versions", "data", "model", "training", "files")}
    )


def models() -> Mapping[str, Row]:
    """The table of models: model name -> row."""
    from forecast_cli.models.table import MODELS

    return MODELS
