"""A tuning as a table and as a picture."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from forecast_cli.networks.search import Range
from forecast_cli.report.pictures.tuning import draw_tuning
from forecast_cli.report.tables.tuning import result_of
from forecast_cli.tuning.space import Dimension
from forecast_cli.tuning.trials import Trial
from forecast_cli.workflows import Tuning
from tests.report.report_samples import words_in

SPACE = (
    Dimension("units", "16", ("16", "32,32")),
    Dimension("dropout", 0.3, (0.0, 0.3)),
    Dimension("learning-rate", 0.002, Range(0.0005, 0.02)),
)
TRIALS = [
    Trial(0, {}, (0.5, 0.7), (60.0, 30.0, 30.0), "complete", 0.61),
    Trial(1, {"units": "16", "dropout": 0.0, "learning-rate": 0.0133}, (0.9, 0.9), (30.0, 30.0), "complete"),
    Trial(2, {"units": "32,32", "dropout": 0.0, "learning-rate": 0.004}, (0.4, 0.5), (30.0,) * 3, "complete", 0.65),
    Trial(3, {"units": "16", "dropout": 0.3, "learning-rate": 0.0005}, (1.5,), (30.0,), "ended early"),
    Trial(4, {"units": "16", "dropout": 0.3, "learning-rate": 0.02}, (), (10.0,), "failed"),
]
TUNING = Tuning(Path("tuned.toml"), "lstm", 6, "mase", 2, SPACE, TRIALS, "The defaults may be the safer choice.")
MANY = replace(TUNING, trials=[*TRIALS, *(replace(TRIALS[1], number=number) for number in range(5, 30))])


def test_the_best_trial_is_first_and_the_other_options_are_shown() -> None:
    lines = result_of(TUNING).as_("table").splitlines()
    assert lines[0] == "lstm, 6 steps ahead from 2 cutoffs; trial 0 has the defaults:"
    assert lines[2].split()[:4] == ["trial", "MASE", "folds", "seconds"]
    rows = [line.split() for line in lines[4:9]]
    assert [row[0] for row in rows] == ["2", "0", "1", "3", "4"]
    assert [row[1] for row in rows] == ["0.450", "0.600", "0.900", "-", "-"]
    assert rows[0][-3:] == ["32,32", "0", "0.004"]
    assert rows[1][-3:] == ["16", "0.3", "0.002"]
    assert "Best options: units 32,32, dropout 0.0, learning-rate 0.004." in lines


def test_the_error_on_the_steps_that_no_trial_has_seen() -> None:
    text = result_of(TUNING).as_("table")
    assert "On the last 6 steps, which no trial has seen:" in text
    assert "tuned     0.650\ndefaults  0.610\n" in text
    assert text.endswith("The defaults may be the safer choice.\n")


def test_the_defaults_are_shown_once_if_they_are_the_best() -> None:
    text = result_of(replace(TUNING, trials=TRIALS[:2])).as_("table")
    assert "defaults  0.610\n" in text
    assert "tuned   " not in text
    assert "Best options: the defaults." in text


def test_the_text_has_the_best_trials_and_the_defaults() -> None:
    poor_defaults = replace(MANY, trials=[replace(TRIALS[0], errors=(9.0, 9.0)), *MANY.trials[1:]])
    lines = result_of(poor_defaults).as_("table").splitlines()
    assert [line.split()[0] for line in lines[4:14]] == ["2", "1", *map(str, range(5, 12)), "0"]
    assert "20 further trials; CSV and JSON have all." in lines
    assert all(len(line) <= 80 for line in lines)


def test_csv_has_every_trial_in_order() -> None:
    lines = result_of(MANY).as_("csv").splitlines()
    assert lines[0] == "trial,mase,folds,seconds,outcome,units,dropout,learning_rate"
    assert lines[4] == "3,,1,30.0,ended early,16,0.3,0.0005"
    assert len(lines) == 31


def test_json_has_the_best_options() -> None:
    document = json.loads(result_of(TUNING).as_("json"))
    assert document["best"] == {
        "trial": 2,
        "error": 0.45,
        "options": {"units": "32,32", "dropout": 0.0, "learning-rate": 0.004},
    }
    assert document["outer"] == {"tuned": 0.65, "defaults": 0.61}
    assert [trial["outcome"] for trial in document["trials"]][2:] == ["complete", "ended early", "failed"]


@pytest.mark.parametrize("name", ["trials.png", "trials.svg", "trials.pdf"])
def test_a_picture_is_written(tmp_path: Path, name: str) -> None:
    draw_tuning(MANY, tmp_path / name)
    assert [file.name for file in tmp_path.iterdir()] == [name]


def test_the_picture_says_what_it_shows(tmp_path: Path) -> None:
    draw_tuning(TUNING, tmp_path / "trials.svg")
    words = words_in(tmp_path / "trials.svg").splitlines()
    for expected in (
        "lstm: 4 trials besides the defaults",
        "Lowest MASE 0.450, trial 2; defaults 0.600. 6 steps ahead from 2 cutoffs",
        *("Trial", "Trial that ended early (expected error)", "Lowest so far", "Defaults", "minutes", "MASE"),
    ):
        assert expected in words


def test_very_poor_trials_do_not_hide_the_others(tmp_path: Path) -> None:
    poor = replace(TUNING, trials=[*TRIALS, replace(TRIALS[1], number=5, errors=(500.0, 500.0))])
    draw_tuning(poor, tmp_path / "trials.svg")
    words = words_in(tmp_path / "trials.svg")
    assert "1 trial above the picture" in words
    assert "500" not in words


def test_the_defaults_alone_can_be_drawn(tmp_path: Path) -> None:
    draw_tuning(replace(TUNING, trials=TRIALS[:1]), tmp_path / "trials.png")
