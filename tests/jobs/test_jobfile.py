"""Job files: valid ones, and all problems of invalid ones with their lines."""

from __future__ import annotations

from datetime import date, timedelta
from glob import glob
from pathlib import Path

import click
import pytest

from forecast_cli.cli import forecast
from forecast_cli.cli.command import GeneralOption
from forecast_cli.jobs.file.job import Job, JobFile, JobOutput, Policy
from forecast_cli.jobs.file.keys import KEYS
from forecast_cli.jobs.file.loading import ledger_of, load_jobs
from forecast_cli.options import ModelConfig, ReadConfig, TrainConfig
from tests.jobs.job_files import SALES, loaded, problems, the_problem


@pytest.fixture(autouse=True)
def clean_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


# --- valid files


def test_a_job_with_many_keys(tmp_path: Path) -> None:
    found = loaded(
        """
        state = "state"
        keep = "400d"
        [defaults]
        horizon = 12
        retrain = "7d"
        output = ["out/{name}-{date}.csv", "out/{name}-latest.csv"]
        [jobs.sales]
        data = "data/sales.csv"
        model-dir = "models/{name}"
        model = "blend"
        preset = "fast"
        units = [64, 32]
        dropout = 0
        learning-rate = 1e-3
        value-column = "amount"
        id-column = ["shop", "item"]
        date_column = "day"
        season = 7
        delimiter = "tab"
        day-first = true
        on-gap = "zero"
        on-shrunk = "ignore"
        warm-start = true
        max-age = "3d"
        timeout = "30min"
        retries = 0
        """
    )
    assert found == JobFile(
        path=tmp_path / "jobs.toml",
        state=tmp_path / "state",
        keep=timedelta(days=400),
        jobs=(
            Job(
                name="sales",
                data=f"{tmp_path}/data/sales.csv",
                model_dir=tmp_path / "models" / "sales",
                outputs=(JobOutput(tmp_path, "out/sales-{date}.csv"), JobOutput(tmp_path, "out/sales-latest.csv")),
                horizon=12,
                model_name="blend",
                read=ReadConfig(
                    date_column="day",
                    value_columns=("amount",),
                    id_columns=("shop", "item"),
                    seasons=(7.0,),
                    delimiter="\t",
                    day_first=True,
                    on_gap="zero",
                ),
                model=ModelConfig(units=(64, 32), dropout=0),
                training=TrainConfig(horizon=12, preset="fast", learning_rate=0.001),
                retrain=timedelta(days=7),
                warm_start=True,
                max_age=timedelta(days=3),
                timeout=timedelta(minutes=30),
                retries=0,
                policy=Policy(shrunk="ignore"),
            ),
        ),
    )
    assert found.jobs[0].paths(date(2025, 3, 1))[0] == tmp_path / "out" / "sales-2025-03-01.csv"


def test_missing_keys_get_their_defaults(tmp_path: Path) -> None:
    found = loaded(SALES)
    assert found.jobs == (
        Job(name="sales", data=f"{tmp_path}/sales.csv", model_dir=tmp_path / "forecast-state" / "models" / "sales"),
    )
    assert (found.state, found.keep) == (tmp_path / "forecast-state", None)


def test_a_job_overrides_the_defaults() -> None:
    text = '[defaults]\nhorizon = 12\non_gap = "zero"\nretrain = "7d"\n'
    text += '[jobs.a]\ndata = "a"\non-gap = "previous"\nretrain = "when-degraded"\n[jobs.b]\ndata = "b"\nhorizon = 3\n'
    first, second = loaded(text).jobs
    assert (first.horizon, first.read.on_gap, first.retrain) == (12, "previous", "when-degraded")
    assert (second.horizon, second.read.on_gap, second.retrain) == (3, "zero", timedelta(days=7))


def test_an_option_of_a_network_in_a_job_without_one() -> None:
    assert problems(SALES + 'model = "theta"\nunits = 8\nwarm_start = true') == [
        "4: [jobs.sales] units has no meaning: the model theta has no network. Remove it.",
        "5: [jobs.sales] warm_start has no meaning: the model theta has no network. Remove it.",
    ]


def test_covariates_in_a_job_whose_model_uses_none() -> None:
    covariates = 'future = "price"\nfuture_file = "coming.csv"'

    assert problems(f'{SALES}model = "theta"\n{covariates}') == [
        "4: [jobs.sales] future has no meaning: the model theta uses no covariates. Remove it.",
        "5: [jobs.sales] future_file has no meaning: the model theta uses no covariates. Remove it.",
    ]
    theta, arima = loaded(
        f'[defaults]\n{covariates}\n{SALES}model = "theta"\n[jobs.b]\ndata = "b"\nmodel = "arima"\n'
    ).jobs
    assert not theta.read.takes_covariates
    assert theta.read.future_file is None
    assert arima.read.future == ("price",)


def test_such_an_option_among_the_defaults_is_for_the_jobs_with_a_network() -> None:
    text = "[defaults]\nunits = 8\n" + SALES + 'model = "theta"\n[jobs.other]\ndata = "other.csv"\n'

    theta, network = loaded(text).jobs

    assert theta.model.units is None
    assert network.model.units == (8,)


@pytest.mark.parametrize("units", ["[64, 32]", '"64, 32"'])
def test_units_as_a_list_or_as_text(units: str) -> None:
    assert loaded(f"{SALES}units = {units}").jobs[0].model.units == (64, 32)


def test_relative_paths_start_from_the_folder_of_the_job_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "etc").mkdir()
    path = tmp_path / "etc" / "jobs.toml"
    path.write_text('[jobs.sales]\ndata = "../sales.csv"\noutput = "sales.json"\n', encoding="utf-8")
    from_above = load_jobs(Path("etc/jobs.toml"))
    monkeypatch.chdir("/")
    assert load_jobs(path) == from_above
    assert from_above.path == path
    assert from_above.jobs[0].data == f"{tmp_path}/sales.csv"
    assert [str(output) for output in from_above.jobs[0].outputs] == [f"{tmp_path}/etc/sales.json"]


def test_the_folder_of_a_linked_job_file_is_that_of_the_link(tmp_path: Path) -> None:
    (tmp_path / "..version-1").mkdir()
    (tmp_path / "..version-1" / "jobs.toml").write_text(SALES, encoding="utf-8")
    (tmp_path / "jobs.toml").symlink_to("..version-1/jobs.toml")
    assert load_jobs(Path("jobs.toml")).state == tmp_path / "forecast-state"


def test_paths_in_the_home_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    assert loaded('state = "~/state"\n[jobs.sales]\ndata = "~/sales*.csv"').jobs[0].data == "/home/ada/sales*.csv"
    assert ledger_of(Path("jobs.toml")) == Path("/home/ada/state/ledger.sqlite")


def test_a_glob_in_a_folder_with_brackets(tmp_path: Path) -> None:
    folder = tmp_path / "[2024]"
    folder.mkdir()
    (folder / "a.csv").touch()
    (folder / "jobs.toml").write_text('[jobs.sales]\ndata = "*.csv"\n', encoding="utf-8")
    assert glob(load_jobs(folder / "jobs.toml").jobs[0].data) == [str(folder / "a.csv")]


def test_a_file_with_windows_line_ends() -> None:
    assert [job.name for job in loaded("\ufeff" + SALES.replace("\n", "\r\n")).jobs] == ["sales"]


def test_every_option_of_training_and_reading_is_a_key() -> None:
    train = forecast.get_command(click.Context(forecast), "train")
    assert train is not None
    options = [param for param in train.params if isinstance(param, click.Option)]
    names = {option.opts[-1].removeprefix("--") for option in options if not isinstance(option, GeneralOption)}
    assert names - set(KEYS) <= {"format", "resume", "if-better"}
    assert len(names & set(KEYS)) > 25


# --- invalid files


def test_all_problems_are_reported_in_the_order_of_the_lines() -> None:
    assert problems(
        """keep = "4 years"
horizn = 3

[defaults]
preset = "fst"

[jobs.sales]
data = "sales.csv"
horzion = 3
units = 4096
dropout = true

[jobs.north]
horizon = "12"
timeout = 300
"""
    ) == [
        '1: keep "4 years": must be a duration such as "90s", "30min", "12h", "7d" or "2w".',
        "2: horizn is not a known key; the keys at the top are state, keep, defaults, jobs. Did you mean 'horizon'?",
        "5: [defaults] preset \"fst\": must be one of fast, standard, best. Did you mean 'fast'?",
        "9: [jobs.sales] horzion is not a known key. Did you mean 'horizon'?",
        "10: [jobs.sales] units 4096: each number must be 1 to 2048.",
        "11: [jobs.sales] dropout true: must be a number, without quotes.",
        '13: [jobs.north] has no data; add a line such as: data = "sales.csv"',
        '14: [jobs.north] horizon "12": must be a whole number, without quotes.',
        '15: [jobs.north] timeout 300: must be a duration in quotes, such as "90s", "30min", "12h", "7d" or "2w".',
    ]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("horizon = true", "horizon true: must be a whole number"),
        ("horizon = 12.0", "horizon 12.0: must be a whole number"),
        ("horizon = 0", "horizon 0: must be 1 to 10000."),
        ("horizon = 2024-01-01", 'horizon "2024-01-01": must be a whole number'),
        ("seed = -1", "seed -1: must be 0 to 2147483647."),
        ("dropout = 1", "dropout 1: must be at least 0 and below 1."),
        ("dropout = nan", "dropout NaN: must be a finite number"),
        ("learning_rate = 0", "learning_rate 0: must be above 0."),
        ("units = [64, true]", "units [64, true]: must be whole numbers"),
        ('units = "64;32"', 'units "64;32": must be whole numbers'),
        ("units = []", "units []: must be 1 to 8 numbers"),
        (
            'model = "lstn"',
            "model \"lstn\": there is no such model. Did you mean 'lstm'? 'forecast models' lists all models.",
        ),
        ('on-gap = "zro"', 'on-gap "zro": must be one of interpolate, previous, zero, error. Did you mean'),
        ("season = 0", "season 0: must be 1 (no season) or more."),
        ('day-first = "yes"', 'day-first "yes": must be true or false'),
        ('delimiter = ";;"', 'delimiter ";;": must be one character, or tab.'),
        ('freq = ""', 'freq "": must be a text that is not empty.'),
        ('value-column = ["y", "y"]', 'value-column ["y", "y"]: must name each column once, and \'y\' is repeated.'),
        ("value-column = [1]", "value-column [1]: must be text in quotes."),
        ('retrain = "when-degrade"', 'retrain "when-degrade": must be one of never, always, when-degraded, or an age'),
        ('retrain = "7 days"', 'retrain "7 days": must be a duration'),
        ("retrain = 7", "retrain 7: must be a duration in quotes"),
        ('max-age = "0d"', 'max-age "0d": must be a duration above 0'),
        ("retries = -1", "retries -1: must be 0 to 100."),
        ('on-shrunk = "panic"', 'on-shrunk "panic": must be one of ignore, warn, fail.'),
        (
            'output = "out/{nam}.csv"',
            'output "out/{nam}.csv": {nam} is not a known placeholder; allowed here: {name} and {date}. Did',
        ),
        (
            'output = ["a.csv", "b.xls"]',
            'output ["a.csv", "b.xls"]: the path of an output must end in one of .csv, .json, .parquet, .xlsx, .png, '
            ".svg, .pdf. Did you mean '.xlsx'?",
        ),
        ('output = "out/"', 'output "out/": the path of an output must end in one of'),
        ('model-dir = "{date}"', 'model-dir "{date}": {date} is not a known placeholder; allowed here: {name}.'),
        ('model-dir = "~nobody-of-that-name/m"', 'model-dir "~nobody-of-that-name/m": this home folder does not exist'),
        ('on_gap = "zero"\non-gap = "zero"', "on_gap is given twice; on-gap is the same key."),
        ("on = {}", "on is not a known table"),
    ],
)
def test_an_invalid_line_is_reported_with_its_number(line: str, problem: str) -> None:
    assert the_problem(SALES + line).startswith(f"3: [jobs.sales] {problem}")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", " has no jobs; a job is a table [jobs.NAME] with the key data."),
        ("[jobs]", "1: [jobs] has no jobs"),
        ("jobs = 3", "1: jobs must be a table"),
        ('[[jobs]]\nname = "sales"', "1: jobs must be a table"),
        ("[jobs]\nsales = 3", "2: [jobs] sales 3: must be a table [jobs.NAME]."),
        (f"{SALES}[sales]", "3: sales is not a known table. A job is a table [jobs.sales]."),
        (f"{SALES}[default]", "3: default is not a known table. Did you mean 'defaults'?"),
        (f"epochs = 3\n{SALES}", "1: epochs belongs in [defaults] or in a job, [jobs.NAME]."),
        (f"state = 3\n{SALES}", "1: state 3: must be text in quotes."),
        ('[jobs.my.shop]\ndata = "x"', "1: [jobs.my] shop is not a known table; write a name with a dot in quotes"),
        ('[jobs."a/b"]\ndata = "x"', "1: [jobs.a/b] is not a valid name of a job"),
        ('[jobs.".a"]\ndata = "x"', "1: [jobs..a] is not a valid name of a job"),
        (
            '[jobs.a]\ndata = "x"\ndate-column = "y"\nid-column = "y"',
            "1: [jobs.a] column 'y' has two roles: date-column and id-column.",
        ),
        ('[jobs.a]\ndata = "-"', '2: [jobs.a] data "-": a job cannot read standard input'),
        ('jobs.a = {data = "x", sed = 1}', "1: [jobs.a] sed is not a known key. Did you mean 'seed'?"),
        ('jobs.a.data = "x"\njobs.a.sed = 1', "2: [jobs.a] sed is not a known key. Did you mean 'seed'?"),
        ("[jobs.a\n", "1: not valid TOML: Expected ']'"),
        ('[jobs.a]\ndata = "a"\ndata = "b"', "3: not valid TOML: Cannot overwrite a value"),
    ],
)
def test_an_invalid_file_is_explained(text: str, problem: str) -> None:
    assert the_problem(text).removeprefix("jobs.toml:").startswith(problem)
