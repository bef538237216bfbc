"""The key `config` of a job: a file of settings, as `forecast tune` writes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from forecast_cli.tuning.settings import settings_text
from tests.jobs.job_files import SALES, loaded, the_problem

TUNED = settings_text("gru", {"units": (64, 64), "learning-rate": 0.003, "loss": "mse", "horizon": 6}, ["tuned"])


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("tuned.toml").write_text(TUNED)


def test_a_job_has_the_options_of_its_settings() -> None:
    (job,) = loaded(f'{SALES}config = "tuned.toml"').jobs
    assert (job.model_name, job.horizon, job.model.units) == ("gru", 6, (64, 64))
    assert (job.training.learning_rate, job.training.loss) == (0.003, "mse")


def test_the_keys_of_the_job_override_its_settings_which_override_the_defaults() -> None:
    defaults = '[defaults]\nmodel = "rnn"\nloss = "mae"\ndropout = 0.1\n'
    (job,) = loaded(f'{defaults}{SALES}config = "tuned.toml"\nunits = 8').jobs
    assert (job.model_name, job.training.loss, job.model.units, job.model.dropout) == ("gru", "mse", (8,), 0.1)


def test_the_settings_among_the_defaults_may_have_the_name_of_the_job() -> None:
    Path("sales.toml").write_text('model = "rnn"\n[train]\nepochs = 3\n')
    (job,) = loaded(f'[defaults]\nconfig = "{{name}}.toml"\n{SALES}').jobs
    assert (job.model_name, job.training.epochs) == ("rnn", 3)


def test_a_job_without_a_network_has_no_options_of_a_network() -> None:
    (job,) = loaded(f'{SALES}config = "tuned.toml"\nmodel = "theta"').jobs
    assert (job.model_name, job.model.units) == ("theta", None)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "No such file or directory."),
        ("units = ?", "is not a valid TOML file: Invalid value (at line 1, column 9)."),
        ('model-dir = "models"', "model-dir cannot be set for a training."),
        ("dropout = 2", "dropout 2: must be at least 0 and below 1."),
    ],
)
def test_settings_that_cannot_be_used(content: str | None, reason: str) -> None:
    if content is not None:
        Path("own.toml").write_text(content)
    path = Path("own.toml").absolute()
    problem = the_problem(f'{SALES}config = "own.toml"')
    assert problem.startswith(f'3: [jobs.sales] config "{path}"')
    assert problem.endswith(reason)
