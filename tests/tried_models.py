"""The models that tests of every model try: all of the table, but of the hybrids, which are many, a few."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

import pytest

from forecast_cli.models.combined import out_of_fold
from forecast_cli.models.combined.evidence import Evidence
from forecast_cli.models.table import MODELS
from forecast_cli.options import HYBRIDS, TREES

INSTALLED = [trees for trees in TREES if trees != "xgboost" or find_spec("xgboost")]

HYBRIDS_TRIED = (*(f"lstm+{trees}" for trees in INSTALLED), "gru+forest")
"""Each kind of trees with one topology, and one kind with another topology."""

TRIED = [name for name in MODELS if name not in HYBRIDS or name in HYBRIDS_TRIED]


@contextmanager
def trees_always_kept() -> Iterator[None]:
    """Hybrids keep their trees, whatever the evidence: otherwise they would be tested as the network alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(out_of_fold, "ORIGINS_PER_STEP", 0)
        patch.setattr(Evidence, "keeps_trees", True)
        yield
