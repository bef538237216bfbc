"""Too little memory for a model: exit code 4, and the model is not taken for damaged and replaced."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from forecast_cli.bundle import reader
from forecast_cli.cli import run
from forecast_cli.errors import ExitCode, ModelError, ModelMemoryError
from forecast_cli.models import saved
from forecast_cli.models.network import onnx_runtime
from forecast_cli.workflows.replacement import compare_with_earlier

FIXTURE = Path(__file__).parents[1] / "fixtures" / "lstm"


def _fail(*_args: object) -> None:
    raise MemoryError


@pytest.mark.parametrize(
    ("module", "name"), [(reader, "decode"), (saved, "unpack_arrays"), (onnx_runtime, "check_onnx")]
)
def test_a_model_that_does_not_fit_into_the_memory_ends_with_4(
    module: Any, name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(module, name, _fail)
    assert run(["predict", "-m", str(FIXTURE)]) == ExitCode.MODEL
    shown = capsys.readouterr().err
    assert f"{FIXTURE}: there is not enough memory for the model." in shown
    assert "Train the model again" not in shown


def test_an_earlier_model_is_not_replaced_for_lack_of_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved, "unpack_arrays", _fail)
    nothing: Any = None
    with pytest.raises(ModelMemoryError) as refused:
        compare_with_earlier(FIXTURE, nothing, nothing, nothing)
    assert not isinstance(refused.value, ModelError)
