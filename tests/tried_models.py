"""The models that tests of every model try: all rows of the table, but only some of the many combinations."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from forecast_cli.model_names import HYBRIDS, SMOOTHED, TREES
from forecast_cli.models.combined import out_of_fold, tree_kinds
from forecast_cli.models.combined.evidence import Evidence
from forecast_cli.models.table import MODELS
from forecast_cli.networks import TOPOLOGIES

FIRST, SECOND = list(TOPOLOGIES)[:2]

HYBRIDS_TRIED = (*(f"{FIRST}+{trees}" for trees in TREES), f"{SECOND}+forest")
"""Each kind of trees with one topology, and one kind with another topology."""

COMBINATIONS = {*HYBRIDS, *(name + SMOOTHED for name in TOPOLOGIES)}
COMBINATIONS_TRIED = {*HYBRIDS_TRIED, FIRST + SMOOTHED, SECOND + SMOOTHED}

TRIED = [name for name in MODELS if name not in COMBINATIONS or name in COMBINATIONS_TRIED]
WITH_NETWORK = [name for name in TRIED if MODELS[name].has_network]


@contextmanager
def trees_always_kept() -> Iterator[None]:
    """Hybrids keep their trees, even if they improve nothing. Otherwise only the network would be tested.

    They have fewer of them than usual, because the tests of every model ask for no accuracy.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tree_kinds, "TREES", 20)
        patch.setattr(out_of_fold, "ORIGINS_PER_STEP", 0)
        patch.setattr(Evidence, "keeps_trees", True)
        yield
