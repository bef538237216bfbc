"""Checkpoints as files: restoring them, refusing invalid ones, and their cost in time."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from forecast_cli import bundle
from forecast_cli.bundle.writer import CHECKPOINT
from forecast_cli.models.network import checkpoint
from forecast_cli.models.network.checkpoint import Best, Checkpoint, Checkpoints
from forecast_cli.models.network.defaults import choose
from forecast_cli.models.network.trained import State
from forecast_cli.models.network.training import NetworkTraining
from forecast_cli.options import ModelConfig, TrainConfig
from forecast_cli.panel.panel import Panel
from tests.sample_panels import panel_of, seasonal

DEFAULTS = TrainConfig()


def sample(epochs: int = 2, ended: bool = False, best: bool = True) -> Checkpoint:
    values = [np.arange(6, dtype=np.float32).reshape(2, 3), np.array(7, dtype=np.int64)]
    known = Best(0, 0.25, epochs - 1, [values[0] + 1]) if best else None
    return Checkpoint([0.25, 0.5, float("nan")][:epochs], ended, values, known)


@pytest.mark.parametrize("best", [True, False])
def test_packing_and_unpacking_are_inverse(best: bool) -> None:
    before = sample(best=best)

    after = Checkpoint.unpack(before.pack("key"), "key")

    assert after is not None
    assert (after.losses, after.ended) == (before.losses, before.ended)
    for one, other in zip(after.variables, before.variables, strict=True):
        np.testing.assert_array_equal(one, other)
        assert one.dtype == other.dtype
    assert (after.best is not None) == best
    if after.best and before.best:
        assert (after.best.epoch, after.best.loss, after.best.waited) == (0, 0.25, 1)
        np.testing.assert_array_equal(after.best.weights, before.best.weights)


def test_a_checkpoint_is_found_only_with_its_own_key(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    Checkpoints(tmp_path, resume=False).keep("this", sample())

    found = Checkpoints(tmp_path, resume=True).find("this")

    assert found is not None
    assert found.losses == [0.25, 0.5]
    assert "after epoch 2" in caplog.text
    assert Checkpoints(tmp_path, resume=True).find("that") is None
    assert "belongs to other data or options" in caplog.text


def test_without_resume_a_checkpoint_is_ignored_silently(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    Checkpoints(tmp_path, resume=False).keep("key", sample())

    assert Checkpoints(tmp_path, resume=False).find("key") is None
    assert caplog.text == ""


def test_a_message_says_that_there_is_no_checkpoint(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)

    assert Checkpoints(tmp_path, resume=True).find("key") is None
    assert f"{tmp_path} has no checkpoint" in caplog.text


@pytest.mark.parametrize("kept", [0, 1, 100, -1])
def test_a_damaged_checkpoint_is_not_continued(tmp_path: Path, caplog: pytest.LogCaptureFixture, kept: int) -> None:
    (tmp_path / CHECKPOINT).write_bytes(sample().pack("key")[:kept])

    assert Checkpoints(tmp_path, resume=True).find("key") is None
    assert "is damaged" in caplog.text


def test_arrays_of_another_kind_are_damage(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / CHECKPOINT).write_bytes(bundle.pack_arrays({"head": np.array('{"key": "key"}')}))

    assert Checkpoints(tmp_path, resume=True).find("key") is None
    assert "is damaged" in caplog.text


def test_checkpoints_take_little_time_and_the_last_is_always_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoint, "MAX_TIME_FRACTION", 1e-9)
    checkpoints = Checkpoints(tmp_path, resume=True)
    written = []
    for state in (sample(1), sample(2), sample(3, ended=True)):
        checkpoints.keep("key", state)
        found = checkpoints.find("key")
        written.append(found and len(found.losses))

    assert written == [1, 1, 3]


def test_training_continues_if_no_checkpoint_can_be_written(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    Checkpoints(tmp_path / "gone", resume=False).keep("key", sample())

    assert "No checkpoint was written; training continues" in caplog.text


def test_a_save_removes_it(tmp_path: Path) -> None:
    Checkpoints(tmp_path, resume=False).keep("key", sample())

    bundle.save(tmp_path, {}, {"a.bin": b"a"})

    assert bundle.read_checkpoint(tmp_path) is None
    assert not (tmp_path / CHECKPOINT).exists()


class AskedError(Exception):
    """Enough is known."""


class Asking(Checkpoints):
    """Ends a training when it asks for its checkpoint."""

    def find(self, key: str) -> Checkpoint | None:
        raise AskedError(key)


def key_of(panel: Panel, training: TrainConfig = DEFAULTS, start: State | None = None) -> str:
    network = NetworkTraining(
        choose("lstm", panel, ModelConfig(units=(2,)), training), Asking(Path(), resume=True), start
    )
    with pytest.raises(AskedError) as asked:
        network.fit(panel, lambda *_: None)
    return str(asked.value)


@pytest.mark.slow
def test_the_key_differs_if_the_resulting_model_differs() -> None:
    panel = panel_of(seasonal(60))
    network = NetworkTraining(choose("lstm", panel, ModelConfig(units=(2,)), DEFAULTS))
    start = State(network.trainer.weights(), "2000-01-01")
    values = panel.values.copy()
    values[30] += 1e-9

    keys = [
        key_of(panel),
        key_of(replace(panel, values=values)),
        key_of(replace(panel, season_length=6)),
        key_of(panel, replace(DEFAULTS, seed=1)),
        key_of(panel, replace(DEFAULTS, epochs=3)),
        key_of(panel, start=start),
    ]

    assert len(set(keys)) == len(keys)
    assert key_of(replace(panel, values=panel.values.copy())) == keys[0]
