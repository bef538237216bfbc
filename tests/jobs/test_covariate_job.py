"""A job with a nightly file of future values, on three nights and on a night without them."""

from __future__ import annotations

import json
import subprocess
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

from forecast_cli.errors import ExitCode
from tests.jobs.job_folder import make_old
from tests.run_here import run_here

JOBS = """
[jobs.sales]
data = "sales.csv"
model = "arima"
horizon = 5
preset = "fast"
retries = 0
future = "price"
past = ["promo"]
future-file = "coming.csv"
output = "out.csv"
"""
OTHER = """
[jobs.other]
data = "sales.csv"
model = "naive"
horizon = 5
value-column = "sales"
output = "other.csv"
"""
START = date(2024, 1, 1)
COMING = 5


def price(day: int) -> int:
    return 3 + day * 7 % 5


def deliver(home: Path, days: int, coming: int = COMING) -> None:
    """Write the sales of the first `days`, and the prices of the last of them and of the `coming` days."""
    dates = [START + timedelta(day) for day in range(days + coming)]
    rows = [f"{dates[day]},{20 + day % 7 + day % 3},{price(day)},{'tv' if day % 4 else 'none'}" for day in range(days)]
    later = [f"{dates[day]},{price(day)}" for day in range(days - 2, days + coming)]
    for name, lines in (("sales", ["date,sales,price,promo", *rows]), ("coming", ["date,price", *later])):
        path = home / f"{name}.csv"
        path.write_text("\n".join(lines) + "\n")
        make_old(path)


def run_jobs(home: Path) -> tuple[subprocess.CompletedProcess[str], dict[str, str]]:
    done = run_here("run", "jobs.toml", "--format", "json", home=home)
    (job,) = json.loads(done.stdout)["jobs"]
    return done, job


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "jobs.toml").write_text(JOBS)
    return tmp_path


@pytest.mark.slow
def test_three_nights(home: Path) -> None:
    for night in range(3):
        deliver(home, 60 + night)

        done, job = run_jobs(home)

        assert (done.returncode, job["outcome"]) == (0, "forecast"), done.stderr
        assert job["training"] == ("" if night else "trained")
        first = START + timedelta(60 + night)
        assert pd.read_csv(home / "out.csv")["date"].tolist() == [str(first + timedelta(step)) for step in range(5)]


@pytest.mark.slow
def test_the_same_data_are_forecast_again_only_with_other_future_values(home: Path) -> None:
    deliver(home, 60)
    run_jobs(home)
    assert run_jobs(home)[1]["outcome"] == "unchanged"

    deliver(home, 60, coming=7)

    assert run_jobs(home)[1]["outcome"] == "forecast"


@pytest.mark.slow
def test_missing_future_values_fail_clearly(home: Path) -> None:
    deliver(home, 60)
    run_jobs(home)
    deliver(home, 61, coming=3)

    done, job = run_jobs(home)

    assert (done.returncode, job["outcome"], job["stage"]) == (ExitCode.JOBS_FAILED, "failed", "predict")
    assert "the future values of 'price' are missing from 2024-03-05 on (2 of 5 rows)." in job["message"]


@pytest.mark.slow
def test_the_newest_file_that_matches_a_pattern_has_the_future_values(home: Path) -> None:
    (home / "jobs.toml").write_text(JOBS.replace('"coming.csv"', '"coming/*.csv"') + OTHER)
    (home / "coming").mkdir()
    for night, coming in enumerate((COMING, COMING, 3)):
        deliver(home, 60 + night, coming)
        (home / "coming.csv").rename(home / "coming" / f"{9 - night}.csv")

        done = run_here("run", "jobs.toml", "--format", "json", home=home)
        outcomes = {job["job"]: job["outcome"] for job in json.loads(done.stdout)["jobs"]}

        assert outcomes == {"sales": "forecast" if coming == COMING else "failed", "other": "forecast"}
        assert done.returncode == (0 if coming == COMING else ExitCode.JOBS_FAILED)
    assert "the future values of 'price' are missing from 2024-03-06 on (2 of 5 rows)" in done.stderr


def test_an_output_that_matches_the_pattern_of_a_second_file_is_refused(home: Path) -> None:
    jobs = JOBS.replace('"coming.csv"', '"*.csv"').replace('"sales.csv"', '"in/sales.csv"')
    (home / "jobs.toml").write_text(jobs)

    done = run_here("run", "jobs.toml", home=home)

    assert done.returncode == ExitCode.USAGE
    assert 'out.csv" would be read as data of this job' in done.stderr


def test_a_pattern_without_a_match_is_not_ready(home: Path) -> None:
    (home / "jobs.toml").write_text(JOBS.replace('"coming.csv"', '"coming/*.csv"'))
    deliver(home, 60)

    done, job = run_jobs(home)

    assert (done.returncode, job["stage"]) == (ExitCode.JOBS_FAILED, "find")
    assert "coming/*.csv: no file matches." in job["message"]


def test_a_missing_file_of_future_values_is_not_ready(home: Path) -> None:
    deliver(home, 60)
    (home / "coming.csv").unlink()

    done, job = run_jobs(home)

    assert (done.returncode, job["outcome"], job["stage"]) == (ExitCode.JOBS_FAILED, "failed", "find")
    assert "coming.csv: no such file" in job["message"]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('past = ["price"]', "column 'price' has two roles: future and past"),
        ('output = "coming.csv"', "would be read as data of this job"),
        ('output = "shops.csv"\nstatic-file = "shops.csv"', "would be read as data of this job"),
        ('covariates = "some"', "must be one of none, auto"),
        ('future-file = "-"', "must be a file"),
    ],
)
def test_keys_are_checked(home: Path, line: str, problem: str) -> None:
    key = line.split(maxsplit=1)[0]
    kept = [each for each in JOBS.splitlines() if not each.startswith(f"{key} ")]
    (home / "jobs.toml").write_text("\n".join([*kept, line]) + "\n")

    done = run_here("run", "jobs.toml", home=home)

    assert done.returncode == ExitCode.USAGE
    assert problem in done.stderr
