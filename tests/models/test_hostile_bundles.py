"""Whatever is in a bundle whose checksums are right: it is refused as a model, or the forecasts are finite."""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from forecast_cli import bundle
from forecast_cli.bundle import metadata, pack_arrays, unpack_arrays
from forecast_cli.errors import ModelError
from forecast_cli.models.files import ONNX_FILE, TAILS_FILE
from forecast_cli.models.network import onnx_check
from forecast_cli.models.network.onnx_check import check_onnx
from forecast_cli.models.network.onnx_runtime import load_network, load_onnx
from forecast_cli.models.saved import SavedModel
from forecast_cli.networks.spec import NetworkSpec
from forecast_cli.options import PredictConfig, ReadConfig
from forecast_cli.workflows.prediction import predict

FIXTURE = Path(__file__).parents[1] / "fixtures" / "lstm"
HOSTILE = (
    *(None, True, -1, 0, 3, 10**9, 10**30, -2.5, 1e308, 0.1),
    *("", "../x", "a" * 100_000, "\x1b[31m", "9999999D", "12"),
    *([], {}, [1] * 1000, ["x"]),
)
SECTIONS = ("model", "data", "training", "created", "files", "versions")


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    for key in value if isinstance(value, dict) else range(min(len(value), 1)) if isinstance(value, list) else ():
        yield from leaves(value[key], (*path, key))


def document() -> dict[str, Any]:
    read: dict[str, Any] = json.loads((FIXTURE / "metadata.json").read_text())
    return read


PLACES = [path for section in SECTIONS for path in leaves(document()[section], (section,))]


def with_value(place: tuple[Any, ...], value: Any) -> dict[str, Any]:
    changed = copy.deepcopy(document())
    inside: Any = changed
    for key in place[:-1]:
        inside = inside[key]
    inside[place[-1]] = value
    return changed


def refused_or_finite(directory: Path, changed: dict[str, Any]) -> None:
    try:
        changed["checksum"] = metadata._checksum(changed)
    except ValueError:
        return
    (directory / "metadata.json").write_text(json.dumps(changed))
    message = ""
    try:
        prediction = predict(None, directory, PredictConfig(), ReadConfig())
        assert np.isfinite(prediction.forecasts[next(iter(prediction.forecasts))].point).all()
    except ModelError as error:
        message = str(error)
    assert len(message) < 1500


@pytest.fixture
def forged(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FIXTURE, tmp_path / "model"))


@pytest.mark.slow
@pytest.mark.parametrize("first", range(4))
def test_a_forged_card_is_refused_or_does_no_harm(forged: Path, first: int) -> None:
    for number, place in enumerate(PLACES):
        refused_or_finite(forged, with_value(place, HOSTILE[(7 * number + 8 * first) % len(HOSTILE)]))


@pytest.mark.slow
@pytest.mark.parametrize("value", HOSTILE, ids=repr)
def test_every_field_with_every_hostile_value(forged: Path, value: Any) -> None:
    for place in PLACES:
        refused_or_finite(forged, with_value(place, value))


@pytest.mark.parametrize("source", ["/etc/passwd", "x" * 5000, "a\0b", "/proc/self/environ"])
def test_nothing_of_a_file_that_a_bundle_names_is_shown(forged: Path, source: str) -> None:
    changed = with_value(("data", "source"), source)
    changed["checksum"] = metadata._checksum(changed)
    (forged / "metadata.json").write_text(json.dumps(changed))
    message = ""
    try:
        predict(None, forged, PredictConfig(), ReadConfig())
    except ModelError as error:
        message = str(error)
    assert "root:" not in message
    assert "PATH=" not in message


def in_bundle(**arrays: Any) -> bundle.Bundle:
    loaded = bundle.load(FIXTURE)
    kept = unpack_arrays(loaded.read(TAILS_FILE))
    kept = {name: array for name, array in {**kept, **arrays}.items() if array is not None}
    return replace(loaded, contents={**loaded.contents, TAILS_FILE: pack_arrays(kept)})


@pytest.mark.parametrize("name", ["ids", "indptr", "times", "values", "log", "scale", "floor", "lowest"])
@pytest.mark.parametrize(
    "array",
    [
        None,
        np.zeros(0),
        np.array(1.0),
        np.array([np.inf]),
        np.array([np.nan]),
        np.zeros((2, 3)),
        np.array(["x"], dtype=object),
        np.array([-1, 5]),
        np.arange(200.0),
        np.array([1 + 2j]),
        np.array([True]),
    ],
    ids=str,
)
def test_forged_arrays_are_refused(name: str, array: Any) -> None:
    harmless = (("ids", "x"), ("log", True), ("lowest", np.inf), ("lowest", np.nan))
    try:
        model = SavedModel.of(in_bundle(**{name: array}))
        point = model.forecaster_of_tails.predict(model.tails, 6).point
    except ModelError:
        return
    assert np.isfinite(point).all() or (name, array.ravel()[0]) in harmless or name == "lowest"


def test_compressed_arrays_and_forged_sizes_are_refused() -> None:
    compressed, huge = BytesIO(), BytesIO()
    np.savez_compressed(compressed, values=np.zeros(10_000_000))
    header = np.lib.format
    header.write_array_header_1_0(huge, {"descr": "<f8", "fortran_order": False, "shape": (1 << 40,)})
    packed = BytesIO()
    from zipfile import ZipFile

    with ZipFile(packed, "w") as archive:
        archive.writestr("values.npy", huge.getvalue())
    for content in (compressed.getvalue(), packed.getvalue()):
        with pytest.raises(ModelError, match="arrays cannot be read"):
            unpack_arrays(content)


# Networks


def onnx_of(nodes: list[Any], initializers: list[Any] = ()) -> bytes:  # type: ignore[assignment]
    from onnx import TensorProto, helper

    given = helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, 2])
    result = helper.make_tensor_value_info("y", TensorProto.FLOAT, [None, 2])
    graph = helper.make_graph(nodes, "g", [given], [result], list(initializers))
    content: bytes = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8
    ).SerializeToString()
    return content


def loop(count: list[Any], condition: str = "") -> list[Any]:
    from onnx import TensorProto, helper

    body = helper.make_graph(
        [helper.make_node("Identity", ["c"], ["c2"]), helper.make_node("Identity", ["v"], ["v2"])],
        "body",
        [
            helper.make_tensor_value_info("i", TensorProto.INT64, []),
            helper.make_tensor_value_info("c", TensorProto.BOOL, []),
            helper.make_tensor_value_info("v", TensorProto.FLOAT, [None, 2]),
        ],
        [
            helper.make_tensor_value_info("c2", TensorProto.BOOL, []),
            helper.make_tensor_value_info("v2", TensorProto.FLOAT, [None, 2]),
        ],
    )
    return [*count, helper.make_node("Loop", ["n", condition, "x"], ["y"], body=body)]


def whole_number(value: int) -> Any:
    from onnx import TensorProto, helper

    return helper.make_tensor("n", TensorProto.INT64, [], [value])


def test_a_network_that_reads_another_file_is_refused() -> None:
    from onnx import TensorProto, helper

    tensor = helper.make_tensor("w", TensorProto.FLOAT, [2], np.zeros(2, dtype=np.float32).tobytes(), raw=True)
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="/etc/passwd")
    content = onnx_of([helper.make_node("Add", ["x", "w"], ["y"])], [tensor])
    with pytest.raises(ValueError, match="another file"):
        check_onnx(content)
    with pytest.raises(ModelError, match="cannot be loaded: it reads another file"):
        load_onnx(content, {"x": (None, 2)}, (None, 2))


def test_a_network_of_very_many_parts_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx_check, "MAX_FIELDS", 1000)
    check_onnx(bytes(2000))
    with pytest.raises(ValueError, match="too many parts"):
        check_onnx(bytes(2002))


def test_a_loop_needs_a_constant_number_of_steps() -> None:
    check_onnx(onnx_of(loop([]), [whole_number(18)]), longest_loop=18)
    from onnx import helper

    computed = [helper.make_node("Constant", [], ["n"], value=whole_number(5))]
    for content in (onnx_of(loop([]), [whole_number(19)]), onnx_of(loop([])), onnx_of(loop(computed))):
        with pytest.raises(ValueError, match="the number of steps of a loop"):
            check_onnx(content, longest_loop=18)


@pytest.mark.parametrize(("patch_size", "output_size", "most"), [(1, 3, 12), (4, 2, 3), (4, 5, 5)])
def test_a_loop_has_no_more_steps_than_the_described_network(patch_size: int, output_size: int, most: int) -> None:
    spec = NetworkSpec("gru", 12, 1, output_size, (4,), patch_size=patch_size)
    for count, problem in ((most, "it has the inputs"), (most + 1, "the number of steps of a loop")):
        with pytest.raises(ModelError, match=problem) as refused:
            load_network(onnx_of(loop([]), [whole_number(count)]), spec)
        assert refused.value.exit_code == 4


def test_trees_have_no_loops() -> None:
    with pytest.raises(ModelError, match="the operator Loop is not allowed"):
        load_onnx(onnx_of(loop([]), [whole_number(1)]), {"x": (None, 2)}, (None, 2))


@pytest.mark.parametrize("inputs", [{"x": (None, 3)}, {"z": (None, 2)}, {"x": (None, 2, 1)}, {}])
def test_a_network_with_other_inputs_is_refused_when_it_is_loaded(inputs: dict[str, Any]) -> None:
    from onnx import helper

    content = onnx_of([helper.make_node("Identity", ["x"], ["y"])])
    load_onnx(content, {"x": (None, 2)}, (None, 2))
    with pytest.raises(ModelError, match="cannot be loaded"):
        load_onnx(content, inputs, (None, 2))
    with pytest.raises(ModelError, match="the shape of its output"):
        load_onnx(content, {"x": (None, 2)}, (None, 1, 1, 1))


def test_a_cut_or_changed_network_is_refused_or_harmless() -> None:
    content = bundle.load(FIXTURE).read(ONNX_FILE)
    for at in range(0, len(content), 97):
        for changed in (content[:at], content[:at] + b"\xff\xff\xff" + content[at + 3 :]):
            with pytest.raises(ModelError):
                load_onnx(changed, {"x": (None, 2)}, (None, 2))
