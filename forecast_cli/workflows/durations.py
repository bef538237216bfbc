"""Log which statistical methods will take minutes, before they start."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

from forecast_cli.words import rough_duration

if TYPE_CHECKING:
    from forecast_cli.panel.panel import Panel

log = logging.getLogger(__name__)

MIN_SECONDS = 60
"""A method is named if its estimated time is at least this long."""


def announce_long_methods(names: Iterable[str], panel: Panel, fits: int = 1) -> None:
    """Log each statistical method that will take at least MIN_SECONDS, with its estimated time.

    names: the names of models; those with a network are ignored
    panel: the series to forecast
    fits:  how many times each method is fitted
    """
    from forecast_cli.models.table import row_of

    cores = min(len(panel), os.cpu_count() or 1)
    for name in names:
        if row_of(name).has_network:
            continue
        from forecast_cli.models.statistical.costs import estimated_seconds

        seconds = fits * estimated_seconds(name, panel) / cores
        if seconds >= MIN_SECONDS:
            log.info("%s is slow on these data: it may take about %s.", name, rough_duration(seconds))
