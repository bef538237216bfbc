"""The models that the suites over all models test."""

from __future__ import annotations

from forecast_cli.models.table import MODELS
from forecast_cli.networks import TOPOLOGIES

FIRST, SECOND = list(TOPOLOGIES)[:2]


def _tested(name: str) -> bool:
    """Whether a model is tested: a combination is tested around the first two topologies only, because it does the same
    with all of them."""
    topology, plus, _ = name.partition("+")
    return not plus or topology in (FIRST, SECOND)


NAMES = [name for name in MODELS if _tested(name)]
WITH_NETWORK = [name for name in NAMES if MODELS[name].has_network]
