"""The bundle: it comes back as it was saved, or is refused with a plain word; and no crash loses a model."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import resource
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_cli import bundle
from forecast_cli.bundle import metadata, reader
from forecast_cli.errors import ForecastError, LockedError, ModelError, OutputError

CRASHES = Path(__file__).with_name("bundle_crashes.py")

SECTIONS: dict[str, bundle.JSON] = {
    "config": {"units": [64, 64], "dropout": 0.1},
    "freq": "MS",
    "note": "né à l'été, 数",
    "tiny": 5e-324,
    "nothing": None,
}
FILES = {"network.onnx": b"onnx" * 300, "network.weights.h5": b"\x00weights" * 99, "tails.npz": b"tails"}


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "forecast-model"


@pytest.fixture
def saved(directory: Path) -> Path:
    bundle.save(directory, SECTIONS, FILES)
    return directory


def names_in(directory: Path) -> set[str]:
    return {path.name for path in directory.iterdir()}


def member(directory: Path, name: str) -> Path:
    files = json.loads((directory / "metadata.json").read_text())["files"]
    return directory / str(files[name]["path"])


def assert_unchanged(directory: Path) -> None:
    """The directory holds the model of SECTIONS and FILES, and nothing besides."""
    model = bundle.load(directory)
    assert model.contents == FILES
    assert {name: model.metadata[name] for name in SECTIONS} == SECTIONS
    own = {member(directory, name).name for name in FILES}
    assert names_in(directory) == own | {"metadata.json", ".forecast.lock"}


# What is saved comes back.


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


def test_a_damaged_model_is_replaced_without_a_trace(saved: Path) -> None:
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


def test_saving_is_told(directory: Path, caplog: pytest.LogCaptureFixture) -> None:
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


# What is not a valid bundle is refused.


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
        assert "--model-dir" in refused.value.hint


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
        (lambda metadata: os.truncate(metadata, 2**40), "no model's description is that large"),
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
        (move_out_and_link, "is a link that leads out of the bundle"),
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


# What belongs to others is left alone.


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

    with pytest.raises(OutputError, match="not a forecast model's and would be overwritten") as refused:
        bundle.save(directory, SECTIONS, FILES)

    assert refused.value.exit_code == 2
    assert refused.value.hint is not None
    assert "--model-dir" in refused.value.hint
    assert names_in(directory) == {"metadata.json"}
    assert (directory / "metadata.json").read_text() == text


def test_what_a_killed_run_left_is_cleared(saved: Path) -> None:
    (saved / ".forecast-0123456789abcdef.tmp").write_bytes(b"half of a netw")
    content = b"a whole network, killed before the model named it"
    (saved / f"network-{hashlib.sha256(content).hexdigest()[:12]}.onnx").write_bytes(content)

    bundle.save(saved, SECTIONS, FILES)

    assert_unchanged(saved)


# A save that fails leaves the old model.


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
    assert refused.value.hint == "Make room there, or choose another directory with --model-dir."
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
    assert "--model-dir" in refused.value.hint


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


def test_readers_never_fail_while_savers_are_killed(directory: Path) -> None:
    seen = crashes("any-moment", directory, "30")

    assert seen["reader_exit"] == 0
    assert seen["models"] > 5
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


# One run at a time.


@contextmanager
def lock_holder(directory: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, str(CRASHES), "hold-lock", str(directory)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == '"held"\n'
            yield process
        finally:
            process.kill()


def test_another_process_is_kept_out_until_the_holder_dies(saved: Path) -> None:
    with lock_holder(saved) as holder:
        with pytest.raises(LockedError, match=r"Another run is writing .*forecast-model") as refused:
            bundle.save(saved, {}, {})
        assert refused.value.exit_code == 6
        with pytest.raises(LockedError), bundle.lock(saved):
            pass
        assert_unchanged(saved)

        holder.send_signal(signal.SIGKILL)
        holder.wait()

        bundle.save(saved, SECTIONS, FILES)
    assert_unchanged(saved)


def test_another_thread_is_kept_out(saved: Path) -> None:
    refused: list[ForecastError] = []

    def save() -> None:
        try:
            bundle.save(saved, {}, {})
        except ForecastError as error:
            refused.append(error)

    with bundle.lock(saved):
        thread = threading.Thread(target=save)
        thread.start()
        thread.join()

    assert [type(error) for error in refused] == [LockedError]
    assert_unchanged(saved)


def test_the_holder_saves_under_its_own_lock(directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with bundle.lock(Path("forecast-model")):
        bundle.save(directory, SECTIONS, FILES)
        bundle.save(directory, SECTIONS, FILES)

    assert_unchanged(directory)


def test_a_failed_run_frees_the_lock(directory: Path) -> None:
    with pytest.raises(ZeroDivisionError), bundle.lock(directory):
        raise ZeroDivisionError

    with lock_holder(directory):
        pass


def test_the_lock_refuses_a_hopeless_directory_before_training(tmp_path: Path) -> None:
    (tmp_path / "metadata.json").write_text("{}")

    with pytest.raises(OutputError, match="would be overwritten"), bundle.lock(tmp_path):
        pass


# Arrays.


def test_arrays_round_trip() -> None:
    arrays = {
        "values": np.array([1.5, np.nan, -np.inf]),
        "ids": np.array(["été", "b", ""]),
        "times": np.array(["1949-01-01", "NaT"], dtype="datetime64[ns]"),
        "indptr": np.arange(4),
        "file": np.zeros((2, 0, 3), np.float32),
    }

    packed = bundle.pack_arrays(arrays)
    back = bundle.unpack_arrays(packed)

    assert list(back) == list(arrays)
    for name, array in arrays.items():
        np.testing.assert_array_equal(back[name], array)
        assert back[name].dtype == array.dtype
    assert bundle.pack_arrays(arrays) == packed, "the same arrays give the same bytes"


def test_objects_are_never_pickled() -> None:
    with pytest.raises(TypeError, match="'ids' holds Python objects"):
        bundle.pack_arrays({"ids": np.array(["a", None], dtype=object)})


def test_pickled_arrays_are_never_read(tmp_path: Path) -> None:
    np.savez(tmp_path / "evil.npz", ids=np.array([{}], dtype=object))

    with pytest.raises(ModelError, match="arrays cannot be read"):
        bundle.unpack_arrays((tmp_path / "evil.npz").read_bytes())


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"no archive"])
def test_bytes_that_are_no_arrays(content: bytes) -> None:
    with pytest.raises(ModelError, match="arrays cannot be read"):
        bundle.unpack_arrays(content)


def test_importing_it_imports_nothing_heavy() -> None:
    code = "import sys, forecast_cli.bundle; print({'numpy', 'pandas', 'filelock', 'pickle'} & {*sys.modules})"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "set()"
