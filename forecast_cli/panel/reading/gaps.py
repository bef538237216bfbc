"""Fill the gaps of a panel, or refuse them, as the user chose."""

from __future__ import annotations

import logging
from dataclasses import replace

import numpy as np

from forecast_cli.errors import DataError, mention
from forecast_cli.options import ReadConfig
from forecast_cli.panel.panel import Panel
from forecast_cli.panel.reading.duplicates import first_true
from forecast_cli.panel.reading.levels import level_of_change
from forecast_cli.panel.reading.observations import time_or_step
from forecast_cli.words import counted

log = logging.getLogger(__name__)


def fill_gaps(name: str, panel: Panel, config: ReadConfig) -> Panel:
    """The panel with its missing values treated as `config.gaps` says.

    "previous" repeats the previous value, and "zero" sets them to 0. "interpolate" leaves them NaN: they are
    interpolated later, where needed.

    Raises DataError if a value is missing and `config.gaps` is "error".
    """
    policy, missing = config.gaps, np.isnan(panel.values)
    if not missing.any():
        return panel
    first = first_true(missing)
    series = f" in series '{panel.ids[panel.rows[first]]}'" if len(panel) > 1 else ""
    gaps = f"{counted(int(missing.sum()), 'step')} without a value, first {time_or_step(panel.times[first])}{series}"
    if policy == "error":
        raise DataError(
            f"{name}: {gaps}.", f"Fill them in, or choose with {mention('on-gap')}: interpolate, previous, zero."
        )
    effect = {
        "interpolate": "left missing, interpolated where a value is needed",
        "previous": "the previous value is repeated",
        "zero": "set to 0",
    }[policy]
    log.log(level_of_change(config.on_gap), "%s: %s: %s", name, gaps, effect)
    if policy == "zero":
        return replace(panel, values=np.where(missing, 0.0, panel.values))
    if policy == "previous":
        # Every series starts with a value, so the last known point is in the same series.
        known = np.maximum.accumulate(np.where(missing, 0, np.arange(len(missing))))
        return replace(panel, values=panel.values[known])
    return panel
