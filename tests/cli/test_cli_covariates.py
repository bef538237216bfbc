"""Covariates on the command line: named at training, given again at prediction."""

from __future__ import annotations

import csv
import json
import shutil
from datetime import date, timedelta
from io import StringIO
from pathlib import Path

import pytest

from forecast_cli import bundle
from forecast_cli.errors import ExitCode
from forecast_cli.models.card import ModelCard
from forecast_cli.panel.covariates import Covariate
from tests.run_here import run_here

START = date(2024, 1, 1)


def sales(days: int, coming: int, promo: str = "tv", first: int = 0) -> str:
    """A file with prices and promotions, known for `coming` days after the last value."""
    rows = ["date,sales,price,promo"]
    for day in range(first, days + coming):
        value = 20 + day % 7 + day % 3 if day < days else ""
        rows.append(f"{START + timedelta(day)},{value},{3 + day * 7 % 5},{promo if day % 4 else 'none'}")
    return "\n".join(rows) + "\n"


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with data.csv and a model that was trained on it, with two covariates that are known ahead."""
    home = tmp_path_factory.mktemp("covariates")
    (home / "data.csv").write_text(sales(60, 4))
    options = ["--model", "arima", "--preset", "fast", "-n", "4", "--future", "price,promo"]
    done = run_here("train", "data.csv", *options, home=home)
    assert done.returncode == 0, done.stderr
    return home


@pytest.fixture
def home(trained: Path, tmp_path: Path) -> Path:
    shutil.copytree(trained / "forecast-model", tmp_path / "forecast-model")
    return tmp_path


def dates_in(text: str) -> list[str]:
    return [row["date"] for row in csv.DictReader(StringIO(text))]


def coming_dates(days: int, steps: int) -> list[str]:
    return [str(START + timedelta(days + step)) for step in range(steps)]


def test_the_model_knows_its_covariates(trained: Path) -> None:
    card = ModelCard.of(bundle.load(trained / "forecast-model", ()))

    assert card.data.covariates == (Covariate("price", "future"), Covariate("promo", "future", ("none", "tv")))
    assert card.data.last == "2024-02-29"
    shown = run_here("info", home=trained).stdout
    assert "Covariates  price (known ahead), promo (known ahead)\n" in shown


def test_the_training_data_are_read_again(trained: Path) -> None:
    done = run_here("predict", "--format", "csv", home=trained)

    assert dates_in(done.stdout) == coming_dates(60, 4)
    assert "covariates: price (known ahead, 4 steps), promo (known ahead, 4 steps)" in done.stderr


def test_a_new_file_is_read_with_the_covariates_of_the_model(home: Path) -> None:
    (home / "new.csv").write_text(sales(63, 5))

    done = run_here("predict", "new.csv", "-n", "5", "--format", "csv", home=home)

    assert (done.returncode, dates_in(done.stdout)) == (0, coming_dates(63, 5))


def test_future_values_in_a_second_file(home: Path) -> None:
    (home / "new.csv").write_text(sales(63, 0))
    lines = sales(61, 6).splitlines()
    (home / "coming.csv").write_text("\n".join([lines[0], *lines[-6:]]))

    done = run_here("predict", "new.csv", "--future-file", "coming.csv", "--format", "csv", home=home)

    assert (done.returncode, dates_in(done.stdout)) == (0, coming_dates(63, 4)), done.stderr


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (sales(63, 0), "the future values of 'price' are missing from 2024-03-04 on (4 of 4 rows)."),
        (sales(63, 3), "the future values of 'price' are missing from 2024-03-07 on (1 of 4 rows)."),
        (sales(63, 4).replace("2024-03-05,,6", "2024-03-05,,"), "'price' are missing from 2024-03-05 on (1 of 4 rows)"),
        (sales(63, 4).replace("2024-03-05,,6", "2024-03-05,,six"), "row 66, column 'price': 'six' is not a number"),
        (sales(63, 4).replace("price", "prices"), "no column 'price'; its columns are date, sales, prices, promo. Did"),
        (sales(63, 4).replace("tv", "").replace("none", ""), "'promo' are missing from 2024-03-04 on (4 of 4 rows)"),
        (sales(63, 4).replace("tv", "7").replace("none", "0"), "column 'promo' has numbers, and the model was trained"),
    ],
)
def test_unusable_future_values(home: Path, content: str, message: str) -> None:
    (home / "new.csv").write_text(content)

    done = run_here("predict", "new.csv", home=home)

    assert (done.returncode, done.stdout) == (ExitCode.DATA, "")
    assert message in done.stderr


def test_a_file_without_a_column_of_the_model(home: Path) -> None:
    """The user did not name the column, so the hint is not to correct its name: the future values may be elsewhere."""
    (home / "new.csv").write_text(sales(63, 0).replace("price", "fee"))

    done = run_here("predict", "new.csv", home=home)

    assert (done.returncode, done.stdout) == (ExitCode.DATA, "")
    assert "new.csv: has no column 'price'; its columns are date, sales, fee, promo." in done.stderr
    assert "add it, or name a second file with its future values with --future-file." in done.stderr


def test_an_unseen_category_is_unknown(home: Path) -> None:
    (home / "new.csv").write_text(sales(63, 4, promo="radio"))

    done = run_here("predict", "new.csv", home=home)

    assert done.returncode == 0, done.stderr
    assert "column 'promo' has 'radio', which the model was not trained on: taken as unknown" in done.stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--future", "promo"], "--future promo: the model was trained with price,promo."),
        (["--past", "promo"], "--past promo: the model was trained without such columns."),
        (["--future", "price", "--past", "price"], "column 'price' has two roles: --future and --past."),
        (["--future", "price,"], "--future price,: must be column names separated by commas"),
        (["--value-column", "price"], "column 'price' has two roles: --value-column and --future."),
        (["--future-file", "-"], "--future-file -: must be a file"),
    ],
)
def test_other_columns_than_those_of_the_model(home: Path, options: list[str], message: str) -> None:
    (home / "new.csv").write_text(sales(63, 4))

    done = run_here("predict", "new.csv", *options, home=home)

    assert done.returncode == ExitCode.USAGE
    assert message in done.stderr


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (["train", "--model", "ets", "--future", "price"], "--future price: the model ets uses no covariates."),
        (["train", "--model", "CrostonSBA", "--past", "price"], "the model CrostonSBA uses no covariates."),
        (["train", "--model", "theta", "--covariates", "auto"], "the model theta uses no covariates."),
        (["backtest", "--models", "ets,naive", "--future", "price"], "the models ets and naive use no covariates."),
        (["detect", "--model", "theta", "--static", "promo"], "--static promo: the model theta uses no covariates."),
    ],
)
def test_covariates_are_refused_if_no_model_uses_them(tmp_path: Path, command: list[str], message: str) -> None:
    (tmp_path / "data.csv").write_text(sales(60, 0, promo="none"))

    done = run_here(*command, "data.csv", home=tmp_path)

    assert (done.returncode, done.stdout) == (ExitCode.USAGE, "")
    assert message in done.stderr


def test_a_backtest_needs_only_one_model_that_uses_covariates(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text(sales(60, 0))

    done = run_here("backtest", "data.csv", "--models", "naive,arima", "--future", "price", "-n", "4", home=tmp_path)

    assert done.returncode == 0, done.stderr


def test_the_model_continues_without_its_data(trained: Path, home: Path) -> None:
    moved = (trained / "data.csv").rename(trained / "moved.csv")
    try:
        done = run_here("predict", "--format", "csv", home=home)
        further = run_here("predict", "-n", "5", home=home)
    finally:
        moved.rename(trained / "data.csv")

    assert (done.returncode, dates_in(done.stdout)) == (0, coming_dates(60, 4))
    assert further.returncode == ExitCode.DATA
    assert "the future values of 'price' are missing from 2024-03-05 on (1 of 5 rows)" in further.stderr


def test_the_order_of_columns_does_not_matter(home: Path) -> None:
    rows = [line.split(",") for line in sales(63, 4).splitlines()]
    (home / "new.csv").write_text("\n".join(",".join([row[3], row[0], row[2], row[1]]) for row in rows))

    assert run_here("predict", "new.csv", home=home).returncode == 0


def test_covariates_chosen_by_the_program_are_used_again(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text(sales(60, 4))
    options = ["--model", "arima", "--preset", "fast", "-n", "4"]
    (tmp_path / "forecast.toml").write_text('covariates = "auto"\nfuture = "price"\n')

    done = run_here("train", "data.csv", *options, home=tmp_path)
    assert done.returncode == 0, done.stderr
    (tmp_path / "new.csv").write_text(sales(63, 0))
    refused = run_here("predict", "new.csv", home=tmp_path)

    assert "covariates: price (known ahead, 4 steps), promo (known ahead, 4 steps)" in done.stderr
    assert run_here("predict", home=tmp_path).returncode == 0
    assert refused.returncode == ExitCode.DATA
    assert "the future values of 'price' are missing" in refused.stderr


def test_settings_name_covariates(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text(sales(30, 2))
    (tmp_path / "forecast.toml").write_text('future = ["price"]\npast = "promo"\n')

    shown = json.loads(run_here("inspect", "data.csv", "--format", "json", home=tmp_path).stdout)

    assert shown["covariates"] == [{"name": "price", "kind": "future"}, {"name": "promo", "kind": "past"}]
    assert [series["id"] for series in shown["series"]] == ["sales"]


def test_inspect_names_columns_that_could_be_covariates(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text(sales(30, 2))

    plain = run_here("inspect", "data.csv", home=tmp_path).stdout
    named = run_here("inspect", "data.csv", "--future", "price", home=tmp_path).stdout

    assert "possible covariates  price, promo\n" in plain
    assert "covariates           price (known ahead, 2 steps)\npossible covariates  promo\n" in named


def test_covariates_are_drawn_under_the_series(trained: Path, tmp_path: Path) -> None:
    plot = run_here("plot", "--draw", "price,promo", "-o", tmp_path / "plot.svg", home=trained)
    both = run_here("predict", "--draw", "promo", "--plot", tmp_path / "both.svg", home=trained)
    without = run_here("predict", "--draw", "promo", home=trained)
    unknown = run_here("plot", "--draw", "promos", "-o", tmp_path / "no.svg", home=trained)

    assert (plot.returncode, both.returncode) == (0, 0), plot.stderr + both.stderr
    shown = [
        [name in (tmp_path / f"{file}.svg").read_text() for name in ("price", "promo")] for file in ("plot", "both")
    ]
    assert shown == [[True, True], [False, True]]
    assert (without.returncode, unknown.returncode) == (ExitCode.USAGE, ExitCode.USAGE)
    assert "--draw promo: there is no picture" in without.stderr
    assert (
        "--draw promos: this is no covariate of the model; it has price, promo. Did you mean 'promo'?" in unknown.stderr
    )


def test_the_second_file_is_not_overwritten(home: Path) -> None:
    (home / "new.csv").write_text(sales(63, 0))
    (home / "coming.csv").write_text(sales(61, 6))

    done = run_here("predict", "new.csv", "--future-file", "coming.csv", "-o", "coming.csv", home=home)

    assert done.returncode == ExitCode.USAGE
    assert (home / "coming.csv").read_text() == sales(61, 6)


def test_a_model_reads_the_attributes_of_series_again(tmp_path: Path) -> None:
    rows = [f"{shop},{START + timedelta(day)},{20 + day % 7}" for shop in "ab" for day in range(40)]
    (tmp_path / "data.csv").write_text("\n".join(["shop,date,sales", *rows]))
    (tmp_path / "shops.csv").write_text("shop,region,size\na,north,1\nb,south,2\n")
    (tmp_path / "new.csv").write_text(
        "\n".join(["shop,date,sales", *rows, f"c,{START},4", f"c,{START + timedelta(1)},5"])
    )
    options = ["--model", "arima", "--preset", "fast", "-n", "2"]

    trained = run_here("train", "data.csv", "--static-file", "shops.csv", *options, home=tmp_path)
    predicted = run_here("predict", "new.csv", home=tmp_path)
    (tmp_path / "shops.csv").unlink()
    refused = run_here("predict", "new.csv", home=tmp_path)

    assert trained.returncode == 0, trained.stderr
    assert "region (static), size (static)" in run_here("info", home=tmp_path).stdout
    assert predicted.returncode == 0, predicted.stderr
    assert "shops.csv: 1 series has no row, first 'c': taken as unknown" in predicted.stderr
    assert refused.returncode == ExitCode.DATA
    assert "shops.csv" in refused.stderr


@pytest.mark.slow
def test_a_network_that_knows_holidays_predicts(tmp_path: Path) -> None:
    values = [line.rsplit(",", 2)[0] for line in sales(60, 0).splitlines()]
    (tmp_path / "data.csv").write_text("\n".join(values))
    options = ["--model", "lstm", "--preset", "fast", "--epochs", "1", "--units", "4", "-n", "4", "--holidays", "US"]
    done = run_here("train", "data.csv", *options, home=tmp_path)
    assert done.returncode == 0, done.stderr

    predicted = run_here("predict", "-n", "9", "--format", "csv", home=tmp_path)

    assert predicted.returncode == 0, predicted.stderr
    assert dates_in(predicted.stdout) == coming_dates(60, 9)
