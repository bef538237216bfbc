"""Changing later values changes no score before them: for every kind of model, from the file on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from forecast_cli.models.network import defaults
from forecast_cli.models.table import row_of
from forecast_cli.options import DetectConfig, ModelConfig, ReadConfig, TrainConfig, TrainingRequest
from forecast_cli.workflows import Detection, detect, detection
from tests.sample_panels import seasonal

pytestmark = pytest.mark.slow

LENGTH, CHANGED = 150, 130
SMALL, SHORT = ModelConfig(units=(3,), input_size=6), TrainConfig(epochs=1, batch_size=16, preset="fast", horizon=4)


def judged(path: Path, name: str, later: float, network: ModelConfig = SMALL, **read: tuple[str, ...]) -> Detection:
    """Two quarterly series, the values and visitors of which are multiplied by `later` from a quarter on."""
    lines = ["id,date,y,visitors,price"]
    for number, series in enumerate("ab"):
        values = seasonal(LENGTH, seed=number, season_length=4)
        chance = np.random.default_rng(number)
        for step, value in enumerate(values.tolist()):
            visitors, price = chance.integers(1, 9, 2)
            factor = later if step >= CHANGED else 1.0
            date = f"{1970 + step // 4}-{3 * (step % 4) + 1:02d}-01"
            lines.append(f"{series},{date},{factor * value!r},{factor * visitors},{price}")
    path.write_text("\n".join(lines) + "\n")
    columns = ReadConfig(value_columns=("y",), id_columns=("id",), **read)
    sizes = (network, SHORT) if row_of(name).has_network else (ModelConfig(), TrainConfig(horizon=4))
    request = TrainingRequest(path.parent / "model", columns, *sizes, name)
    return detect(str(path), request, DetectConfig(), False, lambda *_: None)


def check(path: Path, name: str, network: ModelConfig = SMALL, **read: tuple[str, ...]) -> None:
    before, after = (judged(path, name, later, network, **read) for later in (1.0, 7.0))

    known = np.arange(2 * LENGTH) % LENGTH < CHANGED
    assert np.isfinite(before.judged.p[known]).sum() > 20
    for field in ("expected", "ahead", "p_error", "p_shape", "p"):
        np.testing.assert_array_equal(getattr(before.judged, field)[known], getattr(after.judged, field)[known])
    assert not np.array_equal(before.judged.p, after.judged.p, equal_nan=True)


@pytest.fixture(autouse=True)
def short_trainings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slow statistical methods forecast from few cutoffs, and covariates make no training longer."""
    monkeypatch.setattr(defaults, "DRIVERS_FACTOR", 1)
    monkeypatch.setattr(detection, "SECONDS", 0.5)


@pytest.mark.parametrize("name", ["lstm+forest", "theta", "seasonal-naive"])
def test_later_values_change_no_score_before_them(name: str, tmp_path: Path) -> None:
    check(tmp_path / "data.csv", name)


def test_neither_do_later_values_of_other_series_and_of_past_covariates(tmp_path: Path) -> None:
    joint = ModelConfig(units=(3,), input_size=6, joint=True)

    check(tmp_path / "data.csv", "lstm", joint, past=("visitors",), future=("price",))
