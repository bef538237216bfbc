"""Several models in one job file, hybrids among them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

from forecast_cli import bundle
from forecast_cli.models.card import ModelCard
from tests.run_here import run_here
from tests.sample_panels import AIRLINE

JOBS = """
[defaults]
data = "data.csv"
horizon = 4
preset = "fast"
units = "4"
epochs = 1

[jobs.forest]
model = "lstm+forest"
output = "forest.csv"

[jobs.alone]
model = "lstm+forest"
horizon = 12
output = "alone.csv"

[jobs.gru]
model = "gru"
output = "gru.csv"
"""


@pytest.mark.slow
def test_a_job_file_names_a_hybrid_like_any_model(tmp_path: Path) -> None:
    shutil.copy(AIRLINE, tmp_path / "data.csv")
    (tmp_path / "jobs.toml").write_text(JOBS, encoding="utf-8")

    done = run_here("run", "jobs.toml", home=tmp_path)

    assert done.returncode == 0, done.stdout + done.stderr
    for name, model, horizon in (("forest", "lstm+forest", 4), ("alone", "lstm+forest", 12), ("gru", "gru", 4)):
        assert len(pd.read_csv(tmp_path / f"{name}.csv")) == horizon
        (found,) = tmp_path.rglob(f"{name}/metadata.json")
        assert ModelCard.of(bundle.load(found.parent, ())).name == model
