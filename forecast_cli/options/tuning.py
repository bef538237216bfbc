"""Options of `tune`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from forecast_cli.model_names import BASELINES, DEFAULT_NETWORK, NETWORKS, SMOOTHED
from forecast_cli.networks import TOPOLOGIES
from forecast_cli.option_fields import Options, option
from forecast_cli.option_types import Choice, Duration, Integer, ModelName, Switch

ORACLES = ("bayesian", "random", "hyperband")
"""The methods that can choose the options of the next trial, see `tuning.tuner`. The first one is the default."""


@dataclass(frozen=True)
class TuneConfig(Options):
    """How to search for better options of a network, and for how long."""

    name: str | None = option(
        ModelName((*NETWORKS, *BASELINES)),
        f"Model to tune: {', '.join(TOPOLOGIES)}, with or without {SMOOTHED} after the name, or another model with a "
        "network.",
        name="model",
        default_text=f"{DEFAULT_NETWORK}, the network in the default model of train",
    )
    budget: timedelta = option(
        Duration(),
        "Time for everything, such as 90s, 10m or 2h. The time of trials that an earlier run of the same tuning "
        "finished counts.",
        default=timedelta(minutes=10),
        default_text="10m",
    )
    trials: int = option(Integer(1, 10_000), "Maximum number of trials, besides the defaults.", default=200)
    oracle: str = option(
        Choice(ORACLES),
        "How the options of the next trial are chosen: by Bayesian optimization, at random, or by Hyperband, which "
        "trains the better ones for more epochs.",
        default=ORACLES[0],
    )
    overwrite: bool = option(
        Switch(), "Delete the trials of an earlier tuning of the same output, and start again.", default=False
    )
