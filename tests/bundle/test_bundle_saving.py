"""A bundle is restored as it was saved, and files of other programs are not changed."""

from __future__ import annotations

import hashlib
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from forecast_cli import bundle
from forecast_cli.errors import ModelError, OutputError, mention
from tests.bundle.bundle_samples import FILES, SECTIONS, assert_unchanged, member, names_in


def test_round_trip(saved: Path) -> None:
    model = bundle.load(saved)

    assert {name: model.read(name) for name in FILES} == FILES
    assert {name: model.metadata[name] for name in SECTIONS} == SECTIONS
    assert model.metadata["schema_version"] == 1
    assert model.section("versions", dict)["keras"]
    assert model.section("created", str).endswith("+00:00")


def test_sections_come_back_as_json_has_them(directory: Path) -> None:
    by_step: Any = {10: "ten", 9: "nine"}
    bundle.save(directory, {"by_step": by_step, "units": (64, 32)}, {})

    model = bundle.load(directory)

    assert model.section("by_step", dict) == {"10": "ten", "9": "nine"}
    assert model.section("units", list) == [64, 32]


def test_only_the_files_asked_for_are_read(saved: Path) -> None:
    weights = member(saved, "network.weights.h5")
    weights.write_bytes(weights.read_bytes()[::-1])

    model = bundle.load(saved, ["network.onnx", "tails.npz"])

    assert model.read("tails.npz") == b"tails"
    with pytest.raises(ModelError, match="altered"):
        bundle.load(saved)


def test_a_second_save_replaces_the_first_wholly(saved: Path) -> None:
    bundle.save(saved, {"freq": "D"}, {"network.onnx": b"other"})

    model = bundle.load(saved)

    assert model.contents == {"network.onnx": b"other"}
    assert "config" not in model.metadata
    assert names_in(saved) == {"metadata.json", ".forecast.lock", member(saved, "network.onnx").name}


def test_saving_the_same_model_again_keeps_it(saved: Path) -> None:
    first = bundle.load(saved)

    bundle.save(saved, SECTIONS, FILES)

    assert_unchanged(saved)
    assert bundle.load(saved).metadata["created"] != first.metadata["created"]


def test_saving_replaces_a_damaged_model_completely(saved: Path) -> None:
    member(saved, "network.onnx").write_bytes(b"rot")

    bundle.save(saved, SECTIONS, {**FILES, "network.onnx": b"other"})

    assert bundle.load(saved).read("network.onnx") == b"other"
    assert len(names_in(saved)) == 5, "the files of one model, and the lock"


def test_a_model_whose_metadata_was_cut_short_is_replaced(saved: Path) -> None:
    metadata = saved / "metadata.json"
    metadata.write_bytes(metadata.read_bytes()[:90])

    bundle.save(saved, SECTIONS, FILES)

    assert_unchanged(saved)


def test_parents_are_created_and_the_directory_may_be_a_link(tmp_path: Path) -> None:
    bundle.save(tmp_path / "a" / "b", SECTIONS, FILES)
    (tmp_path / "latest").symlink_to(tmp_path / "a" / "b")

    bundle.save(tmp_path / "latest", SECTIONS, FILES)

    assert_unchanged(tmp_path / "a" / "b")
    assert bundle.load(tmp_path / "latest").contents == FILES


def test_saving_is_logged(directory: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        bundle.save(directory, {}, {})

    assert caplog.messages == [f"model saved in {directory}"]


@pytest.mark.parametrize("sections", [{"mase": float("nan")}, {"mase": float("inf")}, {"files": {}}])
def test_sections_that_cannot_be_kept_are_refused_before_anything_is_written(
    saved: Path, sections: dict[str, bundle.JSON]
) -> None:
    with pytest.raises(ValueError, match=r"JSON|files"):
        bundle.save(saved, sections, {"network.onnx": b"other"})

    assert_unchanged(saved)


@pytest.mark.parametrize("name", ["../network.onnx", "network", "a/b.onnx", "", "Network.onnx", "n.onnx\n"])
def test_only_plain_logical_names_are_taken(directory: Path, name: str) -> None:
    with pytest.raises(ValueError, match="logical"):
        bundle.save(directory, {}, {name: b""})


def test_files_of_others_stay(directory: Path) -> None:
    directory.mkdir()
    strangers = {
        "notes.txt": "mine",
        "network.onnx": "mine",
        "main-3fa9c1d2e4b5.js": "looks like a file of ours",
        ".forecast-notes.tmp": "mine",
    }
    for name, text in strangers.items():
        (directory / name).write_text(text)

    for number in range(3):
        bundle.save(directory, {}, {"network.onnx": b"%d" % number})

    assert {name: (directory / name).read_text() for name in strangers} == strangers
    assert bundle.load(directory).read("network.onnx") == b"2"


@pytest.mark.parametrize("text", ["", '{"name": "my project"}', "not JSON"])
def test_metadata_of_another_program_is_not_overwritten(directory: Path, text: str) -> None:
    directory.mkdir()
    (directory / "metadata.json").write_text(text)

    with pytest.raises(OutputError, match="belongs to another program and would be overwritten") as refused:
        bundle.save(directory, SECTIONS, FILES)

    assert refused.value.exit_code == 2
    assert refused.value.hint is not None
    assert mention("model-dir") in refused.value.hint
    assert names_in(directory) == {"metadata.json"}
    assert (directory / "metadata.json").read_text() == text


def test_what_a_killed_run_left_is_cleared(saved: Path) -> None:
    (saved / ".forecast-0123456789abcdef.tmp").write_bytes(b"half of a netw")
    content = b"a whole network, killed before the model named it"
    (saved / f"network-{hashlib.sha256(content).hexdigest()[:12]}.onnx").write_bytes(content)

    bundle.save(saved, SECTIONS, FILES)

    assert_unchanged(saved)


def test_importing_it_imports_nothing_heavy() -> None:
    code = "import sys, forecast_cli.bundle; print({'numpy', 'pandas', 'filelock', 'pickle'} & {*sys.modules})"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "set()"
