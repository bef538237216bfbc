"""Options are written once: the command line and the job file accept the same values, with the same meaning."""

from __future__ import annotations

import json
import string
from pathlib import Path
from unittest.mock import patch

import click
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forecast_cli import workflows
from forecast_cli.cli import forecast, run
from forecast_cli.errors import DataError, ExitCode, UsageError
from forecast_cli.jobs.file.keys import KEYS
from forecast_cli.jobs.file.loading import load_jobs
from forecast_cli.model_names import BASELINES, NETWORKS
from forecast_cli.models.table import MODELS
from forecast_cli.option_fields import Option, Options, option, options_in
from forecast_cli.option_types import (
    CalendarParts,
    Character,
    Choice,
    InputFile,
    Integer,
    IntegerList,
    ModelName,
    Number,
    Seasons,
    Switch,
    Text,
    Texts,
)
from forecast_cli.options import (
    BacktestConfig,
    ContinueConfig,
    ModelConfig,
    PredictConfig,
    ReadConfig,
    TrainConfig,
    TrainingRequest,
)

CONFIGS = (ReadConfig, ModelConfig, TrainConfig, ContinueConfig, TrainingRequest, PredictConfig, BacktestConfig)
SHARED = [
    key.option for key in KEYS.values() if key.part in ("read", "model", "training") or key.option.name == "model"
]
EARLIER_IN_JOBS = {"freq": ("D", "MS", "15min"), "encoding": ("utf-8", "cp1252")}
"""Options that a job file checks before there are data, a command while it reads them; some valid values."""

WORDS = st.text(st.characters(exclude_categories=("C",)), min_size=1, max_size=4)


def requested(args: list[str]) -> TrainingRequest | None:
    """What `forecast train` asks for, None if it refuses the arguments."""
    seen: list[TrainingRequest] = []

    def train(_source: str, request: TrainingRequest, *_others: object) -> None:
        seen.append(request)
        raise DataError("This is far enough.")

    with patch.object(workflows, "train", train):
        code = run(["--quiet", "train", "x.csv", *args])
    assert code == (ExitCode.DATA if seen else ExitCode.USAGE)
    return seen[0] if seen else None


def of_command_line(args: list[str]) -> object:
    request = requested(args)
    return request and (request.name, request.read, request.model, request.training)


def of_job_file(line: str) -> object:
    path = Path("jobs.toml")
    path.write_text(f'[jobs.sales]\ndata = "x.csv"\n{line}\n', encoding="utf-8")
    try:
        (job,) = load_jobs(path).jobs
    except UsageError:
        return None
    return job.model_name, job.read, job.model, job.training


def values(known: Option) -> st.SearchStrategy[object]:
    """Values to try, allowed or not."""
    if known.name in EARLIER_IN_JOBS:
        return st.sampled_from(EARLIER_IN_JOBS[known.name])
    match known.type:
        case Integer(low=low, high=high):
            bounds = [low - 1, low, *([] if high is None else [high, high + 1])]
            return st.integers() | st.sampled_from(bounds)
        case Number():
            return st.floats() | st.sampled_from([0, 1, 0.5])
        case IntegerList():
            return st.lists(st.integers(-1, 2049), max_size=10)
        case Switch():
            return st.booleans()
        case Seasons():
            return st.lists(st.sampled_from([0, 1, 7, 24, 365.25, 2e6]), max_size=5)
        case CalendarParts(choices=choices):
            return st.lists(st.sampled_from(choices) | WORDS, max_size=3)
        case Texts():
            return st.lists(WORDS, max_size=3)
        case Choice(choices=choices) | ModelName(choices=choices):
            return st.sampled_from(choices) | WORDS
        case InputFile():
            return WORDS
        case Character():
            return st.sampled_from(["tab", "\\t", ";"]) | WORDS
        case Text():
            return WORDS
    raise AssertionError(f"{known.type} is not among the types that are tried")


def arguments(known: Option, value: object) -> list[str]:
    match value:
        case bool():
            assert isinstance(known.type, Switch)
            return [f"--{known.name if value else known.type.off}"]
        case list() if isinstance(known.type, Texts):
            return [f"--{known.name}={item}" for item in value]
        case list():
            return [f"--{known.name}={','.join(map(str, value))}"]
    return [f"--{known.name}={value}"]


def toml(value: object) -> str:
    return repr(value) if isinstance(value, float) else json.dumps(value, ensure_ascii=False)


# --- the command line and the job file


@pytest.mark.slow
@pytest.mark.parametrize("known", SHARED, ids=lambda known: known.name)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_both_accept_the_same_values_with_the_same_meaning(known: Option, data: st.DataObject) -> None:
    value = data.draw(values(known))
    assert of_command_line(arguments(known, value)) == of_job_file(f"{known.name} = {toml(value)}")


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(string.digits + ",. -", max_size=8))
def test_units_as_text_mean_the_same_in_both(text: str) -> None:
    assert of_command_line([f"--units={text}"]) == of_job_file(f"units = {json.dumps(text)}")


@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: config.__name__)
def test_what_is_not_given_is_the_default(config: type[Options]) -> None:
    command = {PredictConfig: "predict", BacktestConfig: "backtest"}.get(config, "train")
    found = forecast.get_command(click.Context(forecast), command)
    assert found is not None
    params = {param.name: param for param in found.params}
    for known in options_in(config):
        default = params[known.name.replace("-", "_")].get_default(click.Context(found))
        assert known.default in (default, None, ())


def test_a_field_is_enough_for_an_option() -> None:
    from dataclasses import dataclass

    from forecast_cli.cli.options import options_of

    @dataclass(frozen=True)
    class Fruit(Options):
        how_many: int = option(Integer(1, 9), "Number of apples.", name="apples", default=3)

    seen: list[Fruit] = []

    @click.command()
    @options_of(Fruit, into="fruit")
    def command(fruit: Fruit) -> None:
        seen.append(fruit)

    command.main(["--apples", "2"], standalone_mode=False)
    command.main([], standalone_mode=False)
    assert seen == [Fruit(2), Fruit(3)]
    assert "Number of apples.  [default: 3]" in command.get_help(click.Context(command))
    with pytest.raises(UsageError, match="apples 10: must be 1 to 9"):
        Fruit(10)


def test_a_value_that_is_not_allowed_is_named_as_its_reader_writes_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UsageError, match=r"^season 0: must be 1 \(no season\) or more\.$"):
        ReadConfig(seasons=(0,))
    assert run(["inspect", "x.csv", "--season", "0"]) == ExitCode.USAGE
    assert capsys.readouterr().err == "Error: --season 0: must be 1 (no season) or more.\n"
    monkeypatch.setenv("FORECAST_SEASON", "0")
    assert run(["inspect", "x.csv"]) == ExitCode.USAGE
    assert capsys.readouterr().err == (
        "Error: --season 0: must be 1 (no season) or more.\n"
        "The value comes from the environment variable FORECAST_SEASON.\n"
    )


def test_the_model_can_be_named_in_the_environment_and_in_the_settings_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("forecast.toml").write_text('[train]\nmodel = "blend"\n', encoding="utf-8")
    named = requested([])
    assert named is not None
    assert named.name == "blend"
    monkeypatch.setenv("FORECAST_MODEL", "gru")
    named = requested([])
    assert named is not None
    assert named.name == "gru"


def test_the_models_of_train_are_those_of_the_table() -> None:
    assert {*NETWORKS, *BASELINES} == set(MODELS)
    assert set(NETWORKS) == {name for name, row in MODELS.items() if row.has_network}


def test_a_long_season_that_the_series_are_too_short_for_is_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    data = tmp_path / "short.csv"
    data.write_text("date,y\n" + "".join(f"2024-01-{day:02d},{day % 7}\n" for day in range(1, 31)))

    assert (
        run(["train", str(data), "--season", "7,365.25", "--model", "naive", "--model-dir", str(tmp_path / "m")]) == 0
    )

    assert "The season of 365.25 steps is left out: it needs 713 points, and the longest series has 30." in caplog.text
