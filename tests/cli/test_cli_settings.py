"""Sources of an option's value: command line, then environment, then file, then default."""

from __future__ import annotations

from pathlib import Path
from shlex import split
from typing import NoReturn

import pytest

from forecast_cli import workflows
from forecast_cli.cli import run
from forecast_cli.errors import DataError, ExitCode
from forecast_cli.options import ModelConfig, PredictConfig, ReadConfig, TrainConfig, TrainingRequest


class Asked:
    """What the workflows were last asked for, in place of doing it."""

    source: str | None
    directory: Path
    horizon: int | None
    read: ReadConfig
    against: tuple[str, ...]
    model: ModelConfig
    training: TrainConfig

    def predict(
        self,
        source: str | None,
        directory: Path,
        config: PredictConfig,
        read: ReadConfig,
        for_picture: bool,  # noqa: ARG002
    ) -> NoReturn:
        self.source, self.directory, self.horizon = source, directory, config.horizon
        self.read, self.against = read, config.against
        raise DataError("asked")

    def train(self, source: str, request: TrainingRequest, _progress: object) -> NoReturn:
        self.source, self.directory, self.read = source, request.directory, request.read
        self.model, self.training = request.model, request.training
        raise DataError("asked")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    asked = Asked()
    monkeypatch.setattr(workflows, "predict", asked.predict)
    monkeypatch.setattr(workflows, "train", asked.train)
    return asked


def ask(*args: str) -> None:
    assert run([*args]) == ExitCode.DATA


def settings(text: str, path: str = "forecast.toml") -> None:
    Path(path).write_text(text)


def test_precedence_of_option_sources(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    ask("predict")
    assert asked.horizon is None
    settings("horizon = 1")
    ask("predict")
    assert asked.horizon == 1
    settings("horizon = 1\n[predict]\nhorizon = 2\n[train]\nhorizon = 9")
    ask("predict")
    assert asked.horizon == 2
    monkeypatch.setenv("FORECAST_HORIZON", "3")
    ask("predict")
    assert asked.horizon == 3
    ask("predict", "-n", "4")
    assert asked.horizon == 4


def test_one_name_holds_for_every_command(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORECAST_MODEL_DIR", "models/a")
    ask("predict")
    assert asked.directory == Path("models/a")
    ask("train", "x.csv")
    assert asked.directory == Path("models/a")


def test_the_file_can_be_named_on_either_side_or_by_a_variable(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    settings("horizon = 1")
    settings("horizon = 7", "other.toml")
    ask("--config", "other.toml", "predict")
    assert asked.horizon == 7
    ask("predict", "--config", "other.toml")
    assert asked.horizon == 7
    monkeypatch.setenv("FORECAST_CONFIG", "other.toml")
    ask("predict")
    assert asked.horizon == 7


def test_every_kind_of_value_can_stand_in_the_file(asked: Asked) -> None:
    settings(
        """
        model_dir = "models/b"
        day-first = false
        value-column = ["net sales", "cost"]
        delimiter = "tab"
        [train]
        units = [64, 32]
        dropout = 0.1
        loss = "huber"
        [predict]
        against = ["arima", "ets"]
        """
    )
    ask("train", "x.csv")
    assert asked.directory == Path("models/b")
    assert asked.read == ReadConfig(value_columns=("net sales", "cost"), delimiter="\t", day_first=False)
    assert asked.model == ModelConfig(units=(64, 32), dropout=0.1)
    assert asked.training == TrainConfig(loss="huber")
    ask("predict")
    assert asked.against == ("arima", "ets")


def test_every_kind_of_value_can_stand_in_the_environment(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "UNITS": "64,32",
        "VALUE_COLUMN": "net sales,cost",
        "DAY_FIRST": "1",
        "AGAINST": "arima,ets",
        "SEED": "5",
    }.items():
        monkeypatch.setenv(f"FORECAST_{name}", value)
    ask("train", "x.csv")
    assert asked.model.units == (64, 32)
    assert asked.read == ReadConfig(value_columns=("net sales", "cost"), day_first=True)
    assert asked.training.seed == 5
    ask("predict")
    assert asked.against == ("arima", "ets")


def test_reading_options_on_the_command_line(asked: Asked) -> None:
    ask(
        *split("predict new.csv --date-column day --value-column a --value-column b --id-column shop --id-column item"),
        *split("--layout long --freq W --season 52 --delimiter ';' --decimal , --encoding latin-1"),
        *split("--month-first --on-gap zero --on-duplicate sum --on-irregular error --on-outlier keep --sheet May"),
    )
    assert asked.source == "new.csv"
    assert asked.read == ReadConfig(
        date_column="day",
        value_columns=("a", "b"),
        id_columns=("shop", "item"),
        layout="long",
        freq="W",
        seasons=(52.0,),
        sheet="May",
        delimiter=";",
        decimal=",",
        encoding="latin-1",
        day_first=False,
        on_gap="zero",
        on_duplicate="sum",
        on_irregular="error",
        on_outlier="keep",
    )


def test_baselines_may_be_listed_or_repeated(asked: Asked) -> None:
    ask("predict", "--against", "arima,ets", "--against", "theta,arima")
    assert asked.against == ("arima", "ets", "theta")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("horizn = 3", "there is no setting 'horizn'. Did you mean 'horizon'?"),
        ("[train]\nunitz = 3", "table [train]: there is no setting 'unitz'. Did you mean 'units'?"),
        ("[predict]\nunits = 3", "table [predict]: there is no setting 'units'"),
        ("[trian]\nunits = 3", "there is no table [trian]. Did you mean 'train'?"),
        ('horizon = "many"', "key horizon in forecast.toml"),
        ("horizon = 2.5", "key horizon in forecast.toml"),
        ("horizon = true", "key horizon in forecast.toml"),
        ("horizon = [1, 2]", "key horizon in forecast.toml"),
        ("on-gap = 3", "key on-gap in forecast.toml"),
        ("quiet = 'perhaps'", "key quiet in forecast.toml"),
        ("predict = 3", "there is no setting 'predict'"),
        ("horizon: 3", "forecast.toml is not a valid TOML file"),
        ("config = 'x.toml'", "there is no setting 'config'"),
    ],
)
def test_a_mistake_in_the_file_is_named(text: str, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    settings(text)
    assert run(["predict"]) == ExitCode.USAGE
    told = capsys.readouterr().err
    assert "forecast.toml" in told
    assert words in told
    assert told.count("\n") <= 2


def test_a_mistake_in_the_environment_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORECAST_HORIZON", "many")
    assert run(["predict"]) == ExitCode.USAGE
    assert "FORECAST_HORIZON" in capsys.readouterr().err


def test_a_settings_file_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["predict", "--config", "gone.toml"]) == ExitCode.USAGE
    assert "gone.toml" in capsys.readouterr().err


def test_help_needs_no_valid_settings(capsys: pytest.CaptureFixture[str]) -> None:
    settings("not toml")
    assert run(["predict", "--help"]) == ExitCode.OK
    assert "Usage" in capsys.readouterr().out
