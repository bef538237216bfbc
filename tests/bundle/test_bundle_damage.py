"""Invalid and damaged bundles are refused with a plain message."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_cli import bundle
from forecast_cli.errors import ModelError, mention
from tests.bundle.bundle_samples import FILES, SECTIONS, member


def test_no_model(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("hello")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "notes.txt").write_text("hello")

    for name, phrase in {
        "missing": "There is no model in .*missing: no such directory",
        "empty": "There is no model in .*empty: the directory is empty",
        "file": "file is not a model: a model is a directory",
        "other": "other is not a model: it has no metadata.json",
    }.items():
        with pytest.raises(ModelError, match=phrase) as refused:
            bundle.load(tmp_path / name)
        assert refused.value.exit_code == 4
        assert refused.value.hint is not None
        assert "forecast train data.csv" in refused.value.hint
        assert mention("model-dir") in refused.value.hint


def cut_short(metadata: Path) -> None:
    metadata.write_bytes(metadata.read_bytes()[:200])


def replace_with(text: str) -> Callable[[Path], object]:
    return lambda metadata: metadata.write_text(text)


def change(**changes: object) -> Callable[[Path], object]:
    """Edit metadata.json by hand, without knowing of its checksum."""

    def edit(metadata: Path) -> None:
        metadata.write_text(json.dumps({**json.loads(metadata.read_text()), **changes}))

    return edit


def forge(**changes: object) -> Callable[[Path], object]:
    """Edit metadata.json and make its checksum fit; None removes a key."""

    def edit(metadata: Path) -> None:
        document = {**json.loads(metadata.read_text()), **changes}
        document = {key: value for key, value in document.items() if value is not None and key != "checksum"}
        canonical = json.dumps(document, sort_keys=True, separators=(",", ":"))
        document["checksum"] = hashlib.sha256(canonical.encode()).hexdigest()
        metadata.write_text(json.dumps(document))

    return edit


def entry(path: object = "tails-0123456789ab.npz", sha256: object = "0" * 64, size: object = 5) -> dict[str, Any]:
    return {"tails.npz": {"path": path, "sha256": sha256, "size": size}}


@pytest.mark.parametrize(
    ("damage", "phrase"),
    [
        (cut_short, "damaged: it is not valid JSON"),
        (replace_with(""), "damaged: it is not valid JSON"),
        (replace_with('{"format": "forecast-bundle", "x": NaN}'), "damaged: it is not valid JSON"),
        (replace_with("[" * 200_000), "damaged: it is not valid JSON"),
        (replace_with('{"a":' * 200_000), "damaged: it is not valid JSON"),
        (replace_with("\x00\x01"), "damaged: it is not valid JSON"),
        (replace_with('{"format": "forecast-bundle", "x": ' + "9" * 5000 + "}"), "not valid JSON"),
        (replace_with("[]"), "does not describe a forecast model"),
        (replace_with('{"schema_version": 1}'), "does not describe a forecast model"),
        (lambda metadata: os.truncate(metadata, 2**40), "is larger than 64 MB"),
        (
            replace_with('{"format": "forecast-bundle", "schema_version": 1, "x": 1e999}'),
            "altered or damaged",
        ),
        (change(freq="D"), "altered or damaged after it was written"),
        (change(checksum="0" * 64), "altered or damaged after it was written"),
        (change(checksum=None), "altered or damaged after it was written"),
        (change(schema_version=2), "made by a newer forecast .*schema 2"),
        (forge(schema_version=2), "made by a newer forecast .*schema 2"),
        (forge(schema_version=None), "'schema_version' is missing or not a version"),
        (forge(schema_version=True), "'schema_version' is missing or not a version"),
        (forge(schema_version="1"), "'schema_version' is missing or not a version"),
        (forge(schema_version=0), "'schema_version' is missing or not a version"),
        (forge(files=None), "'files' is missing or of the wrong type"),
        (forge(files=[]), "'files' is missing or of the wrong type"),
        (forge(created=5), "'created' is missing or of the wrong type"),
        (forge(versions="1.0"), "'versions' is missing or of the wrong type"),
        (forge(files={"tails.npz": "tails"}), "'tails.npz' lacks its path, sha256 or size"),
        (forge(files={"tails.npz": {"path": "t"}}), "'tails.npz' lacks its path, sha256 or size"),
        (forge(files=entry(size=5.0)), "'tails.npz' lacks its path, sha256 or size"),
        (forge(files=entry(size=True)), "'tails.npz' lacks its path, sha256 or size"),
        (forge(files=entry(size=-1)), "impossible sha256 or size"),
        (forge(files=entry(sha256="abc")), "impossible sha256 or size"),
        (forge(files=entry(path="/etc/passwd")), "'/etc/passwd' .* not a plain file name"),
        (forge(files=entry(path="../tails-0123456789ab.npz")), "not a plain file name inside the bundle"),
        (forge(files=entry(path="a/tails-0123456789ab.npz")), "not a plain file name inside the bundle"),
        (forge(files=entry(path="a\\tails-0123456789ab.npz")), "not a plain file name inside the bundle"),
        (forge(files=entry(path="..")), "not a plain file name inside the bundle"),
        (forge(files=entry(path="")), "not a plain file name inside the bundle"),
        (forge(files=entry(path="tails-0123456789ab.npz\x00")), "not a plain file name inside the bundle"),
        (forge(files=entry()), "incomplete: tails-0123456789ab.npz is missing"),
    ],
)
def test_damaged_metadata_is_refused(saved: Path, damage: Callable[[Path], object], phrase: str) -> None:
    damage(saved / "metadata.json")

    with pytest.raises(ModelError, match=phrase) as refused:
        bundle.load(saved)

    assert refused.value.exit_code == 4
    assert "metadata.json" in refused.value.message or "is missing" in refused.value.message
    assert refused.value.hint


def move_out_and_link(path: Path) -> None:
    shutil.move(path, path.parent.parent / path.name)
    path.symlink_to(Path("..", path.name))


def become_directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    ("damage", "phrase"),
    [
        (Path.unlink, "incomplete: network-.*onnx is missing"),
        (become_directory, "incomplete: network-.*onnx is missing"),
        (lambda path: os.truncate(path, 100), "damaged: it has 100 bytes, not 1200"),
        (lambda path: path.write_bytes(b"ONNX" * 300), "altered or damaged after it was written"),
        (move_out_and_link, "is a link to a file outside the bundle"),
    ],
)
def test_damaged_file_is_refused(saved: Path, damage: Callable[[Path], object], phrase: str) -> None:
    damage(member(saved, "network.onnx"))

    with pytest.raises(ModelError, match=phrase) as refused:
        bundle.load(saved)

    assert refused.value.exit_code == 4
    assert refused.value.hint is not None
    assert "forecast train data.csv" in refused.value.hint


def test_a_file_or_section_that_the_bundle_lacks(saved: Path) -> None:
    model = bundle.load(saved)

    with pytest.raises(ModelError, match=r"has no quantiles.npz"):
        model.read("quantiles.npz")
    with pytest.raises(ModelError, match="no valid section 'season'"):
        model.section("season", dict)
    with pytest.raises(ModelError, match="no valid section 'freq'"):
        model.section("freq", dict)


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("pristine") / "model"
    bundle.save(directory, SECTIONS, FILES)
    return directory


@given(data=st.data())
def test_random_damage_is_refused_or_harmless(pristine: Path, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from([path for path in sorted(pristine.iterdir()) if path.stat().st_size]))
    original = path.read_bytes()
    start = data.draw(st.integers(0, len(original)))
    end = data.draw(st.integers(start, min(start + 3, len(original))) | st.just(len(original)))
    damaged = original[:start] + data.draw(st.binary(max_size=3)) + original[end:]

    path.write_bytes(damaged)
    try:
        model = bundle.load(pristine)
    except ModelError:
        assert damaged != original
    else:
        assert model.contents == FILES
        assert {name: model.metadata[name] for name in SECTIONS} == SECTIONS
    finally:
        path.write_bytes(original)
