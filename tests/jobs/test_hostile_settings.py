"""Numbers, nestings and names without end in job files and settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from forecast_cli.cli import run
from tests.jobs.job_folder import STATISTICAL, Folder

DIGITS = "9" * 5000
NESTED = "[" * 5000 + "]" * 5000
JOB = '[jobs.sales]\ndata = "{data}"\nhorizon = 3\n'


@pytest.mark.parametrize("text", [f"keep = {DIGITS}", f"keep = {NESTED}", "x = " + "{a=" * 3000 + "1" + "}" * 3000])
def test_a_job_file_without_end_is_a_wrong_usage(tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "jobs.toml").write_text(text + "\n" + JOB.format(data="a.csv"))
    assert run(["run", str(tmp_path / "jobs.toml"), "--dry-run"]) == 2
    shown = capsys.readouterr().err
    assert "not valid TOML" in shown
    assert len(shown) < 2000


@pytest.mark.parametrize("text", [f"horizon = {DIGITS}", f"horizon = {NESTED}"])
def test_a_settings_file_without_end_is_a_wrong_usage(
    tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "forecast.toml").write_text(text + "\n")
    assert run(["predict"]) == 2
    assert "forecast.toml is not a valid TOML file" in capsys.readouterr().err


def test_a_pattern_longer_than_a_name_can_be_matches_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "jobs.toml").write_text(JOB.format(data="*" * 300 + ".csv"))
    assert run(["run", str(tmp_path / "jobs.toml"), "--dry-run"]) in (0, 2, 3)
    assert "Internal error" not in capsys.readouterr().err


@pytest.mark.parametrize("name", ["n" * 300, "\N{CJK UNIFIED IDEOGRAPH-6578}" * 100], ids=["letters", "bytes"])
def test_a_name_too_long_for_a_file_fails_that_job_alone(folder: Folder, name: str) -> None:
    folder.describe("sales", name, defaults=STATISTICAL)
    folder.jobs.write_text(folder.jobs.read_text().replace(f"[jobs.{name}]", f'[jobs."{name}"]'))
    folder.data("sales", 60)

    outcomes = folder.outcomes(code=3)

    assert [outcomes["sales"]["outcome"], outcomes[name]["outcome"]] == ["forecast", "failed"]
    assert ": File name too long." in outcomes[name]["message"]
    assert outcomes[name]["hint"] == "Make the folder writable, or choose another one: model-dir = ..."
    assert folder.query("SELECT outcome FROM job_runs ORDER BY outcome") == [("failed",), ("forecast",)]
