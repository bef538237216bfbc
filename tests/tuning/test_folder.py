"""The folder of a tuning: nothing is lost, nothing of another tuning is used."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from forecast_cli.errors import LockedError, OutputError, UsageError
from forecast_cli.tuning.folder import TrialFolder
from forecast_cli.tuning.trials import Trial

KEY: dict[str, dict[str, Any]] = {
    "data": {"values": "abc", "season": 12},
    "options": {"units": (64, 64), "seed": 0},
    "versions": {"keras": "3"},
}
TRIALS = [
    Trial(0, {}, (0.5, 0.7), (1.0, 2.0, 1.5), "complete", 0.6),
    Trial(1, {"units": "64,64", "learning-rate": 0.1}, (0.9,), (1.0,), "ended early"),
    Trial(2, {"epochs": 3}, (), (0.5,), "failed"),
]


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "tuned.toml"


def kept(output: Path, key: dict[str, dict[str, Any]] = KEY, *, overwrite: bool = False) -> list[Trial]:
    with TrialFolder.locked(output) as folder:
        return folder.open(key, overwrite)


def keep(output: Path, *trials: Trial) -> None:
    with TrialFolder.locked(output) as folder:
        folder.open(KEY, overwrite=False)
        for trial in trials:
            folder.keep(trial)


def test_trials_are_read_again(output: Path) -> None:
    keep(output, *TRIALS)
    assert kept(output) == TRIALS
    assert [path.name for path in output.parent.iterdir()] == ["tuned.toml.trials"]


def test_a_trial_that_changed_replaces_the_old_one(output: Path) -> None:
    keep(output, *TRIALS)
    keep(output, Trial(1, {}, (0.1, 0.1), (1.0, 1.0, 1.0), "complete", 0.3))
    assert [trial.outer for trial in kept(output)] == [0.6, 0.3, None]


@pytest.mark.parametrize(
    ("section", "changed", "named"),
    [
        ("data", {"values": "def", "season": 12}, "Different data: values."),
        ("options", {"units": (64, 64), "seed": 1, "loss": "mse"}, "Different options: loss, seed."),
        ("versions", {"keras": "4"}, "Different versions: keras."),
    ],
)
def test_the_trials_of_another_tuning_are_refused(
    output: Path, section: str, changed: dict[str, Any], named: str
) -> None:
    keep(output, *TRIALS)
    with pytest.raises(UsageError) as refused:
        kept(output, {**KEY, section: changed})
    assert refused.value.message.endswith(named)
    assert "overwrite" in (refused.value.hint or "")
    assert kept(output) == TRIALS


def test_the_trials_of_another_tuning_can_be_deleted(output: Path) -> None:
    keep(output, *TRIALS)
    other = {**KEY, "versions": {"keras": "4"}}
    assert kept(output, other, overwrite=True) == []
    assert kept(output, other) == []


def test_a_tuning_without_a_finished_trial_is_no_hindrance(output: Path) -> None:
    keep(output)
    assert kept(output, {**KEY, "versions": {"keras": "4"}}) == []


def test_what_a_killed_process_was_writing_is_removed(output: Path) -> None:
    keep(output, TRIALS[0])
    folder = output.with_name("tuned.toml.trials")
    (folder / ".0001.99999.json").write_text('{"number"')
    assert kept(output) == TRIALS[:1]
    assert sorted(path.name for path in folder.iterdir()) == [".lock", "0000.json", "tuning.json"]


def test_a_damaged_trial_is_refused(output: Path) -> None:
    keep(output, *TRIALS)
    output.with_name("tuned.toml.trials").joinpath("0001.json").write_text("{}")
    with pytest.raises(UsageError, match=r"0001\.json cannot be read") as refused:
        kept(output)
    assert "overwrite" in (refused.value.hint or "")


def test_a_second_process_is_refused(output: Path) -> None:
    with TrialFolder.locked(output), pytest.raises(LockedError, match="Another run"), TrialFolder.locked(output):
        pass


def test_a_file_in_place_of_the_folder(output: Path) -> None:
    output.with_name("tuned.toml.trials").write_text("")
    with pytest.raises(OutputError, match="Cannot write to"), TrialFolder.locked(output):
        pass
