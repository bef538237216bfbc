"""Describe the content of a data file or of a model bundle."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forecast_cli import bundle
from forecast_cli.options import ReadConfig
from forecast_cli.panel.describe import SeriesSummary, describe
from forecast_cli.panel.panel import Panel
from forecast_cli.panel.reading import read_panel


@dataclass(frozen=True)
class Inspection:
    """A file as the program reads it.

    series:  a summary of each series
    """

    source: str
    panel: Panel
    series: list[SeriesSummary]


def inspect(source: str, read: ReadConfig) -> Inspection:
    """Read a file and summarise its series."""
    panel = read_panel(source, read)
    return Inspection(source, panel, describe(panel))


def info(directory: Path) -> dict[str, Any]:
    """The metadata of a model bundle, without loading its network."""
    from forecast_cli.models.card import ModelCard

    loaded = bundle.load(directory, ())
    facts = {**loaded.metadata, **ModelCard.of(loaded).sections()}
    return {name: facts.get(name) for name in ("created", "versions", "data", "model", "training", "files")}
