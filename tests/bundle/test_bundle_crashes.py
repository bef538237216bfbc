"""A save that fails or is killed leaves a complete model: the old one or the new one."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from forecast_cli import bundle
from forecast_cli.bundle import metadata, reader
from forecast_cli.errors import ModelError, OutputError, mention
from tests.bundle.bundle_samples import CRASHES, FILES, SECTIONS, assert_unchanged, names_in


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Within, no file grows beyond `size` bytes: writing more fails as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("first_that_does_not_fit", ["network.onnx", "tails.npz", "metadata.json"])
def test_a_full_disk_leaves_the_old_model(saved: Path, first_that_does_not_fit: str) -> None:
    large = b"x" * 100_000
    files = {name: large if name == first_that_does_not_fit else b"new" for name in FILES}
    sections: dict[str, bundle.JSON] = {}
    if first_that_does_not_fit == "metadata.json":
        sections["notes"] = large.decode()

    with (
        largest_file(50_000),
        pytest.raises(OutputError, match=r"cannot be written to .*File too large") as refused,
    ):
        bundle.save(saved, sections, files)

    assert refused.value.exit_code == 2
    assert refused.value.hint == f"Make room there, or choose another directory with {mention('model-dir')}."
    assert_unchanged(saved)


def test_a_full_disk_leaves_nothing_of_a_first_model(directory: Path) -> None:
    with largest_file(1000), pytest.raises(OutputError):
        bundle.save(directory, {}, {"a.bin": b"small", "b.bin": b"x" * 2000})

    assert names_in(directory) == {".forecast.lock"}
    with pytest.raises(ModelError, match="There is no model in"):
        bundle.load(directory)


@pytest.mark.parametrize("text", ["/dev/null", "/dev/null/model", "/proc/model", "x" * 300])
def test_a_place_that_cannot_be_written(tmp_path: Path, text: str) -> None:
    with pytest.raises(OutputError, match="cannot be written to") as refused:
        bundle.save(tmp_path / text, SECTIONS, FILES)

    assert refused.value.exit_code == 2
    assert refused.value.hint is not None
    assert mention("model-dir") in refused.value.hint


def crashes(action: str, directory: Path, *arguments: str) -> dict[str, Any]:
    command = [sys.executable, str(CRASHES), action, str(directory), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_a_directory_without_write_permission() -> None:
    with TemporaryDirectory() as reachable_by_all:
        seen = crashes("read-only", Path(reachable_by_all, "forecast-model"))

    assert seen["exit_code"] == 2
    assert "cannot be written to forecast-model: Permission denied" in seen["message"]
    assert seen["number"] == 0, "the old model is readable by a user who may not write"
    assert set(seen["modes"].values()) == {0o644}


@pytest.mark.slow
def test_a_kill_before_each_step_leaves_the_old_model_or_the_new(directory: Path) -> None:
    seen = crashes("each-step", directory)

    survivors = seen["survivors"]
    assert seen["exit"] == 0, "the last save was not killed"
    assert len(survivors) > 10
    for step, (before, after) in enumerate(zip([0, *survivors[:-1]], survivors, strict=True)):
        assert after in (before, step + 1)
    assert survivors.count(0) > 5, "kills before the model changes leave the old one"
    assert len(set(survivors)) > 5, "kills after it leave the new one"
    assert len(seen["left"]) == 5, "the files of one model, and the lock"


@pytest.mark.slow
def test_readers_never_fail_while_savers_are_killed(directory: Path) -> None:
    seen = crashes("any-moment", directory, "30", "6")

    assert seen["killed"] >= 30
    assert seen["models"] >= 6
    assert len(seen["left"]) == 5, "the files of one model, and the lock"


def test_a_save_between_metadata_and_files_is_read_afresh(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    saves = iter([b"second", b"third"])

    def decode_slowly(raw: bytes, source: Path) -> Any:
        decoded = metadata.decode(raw, source)
        for content in saves:
            bundle.save(saved, {"is": content.decode()}, {"network.onnx": content})
            break
        return decoded

    monkeypatch.setattr(reader, "decode", decode_slowly)

    model = bundle.load(saved)

    assert model.section("is", str) == "third"
    assert model.contents == {"network.onnx": b"third"}
