"""No forecast uses values after its cutoff: checked for every model of the table, from the file on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from forecast_cli.model_names import BASELINES
from forecast_cli.models.network import defaults
from forecast_cli.models.table import row_of
from forecast_cli.options import BacktestConfig, ModelConfig, ReadConfig, TrainConfig
from forecast_cli.workflows import Backtest, backtest
from tests.sample_panels import Floats, random_walk, seasonal
from tests.tried_models import SECOND, TRIED, trees_always_kept

pytestmark = pytest.mark.slow

HORIZON = 4
SMALL, SHORT = ModelConfig(units=(3,), input_size=6), TrainConfig(epochs=1, batch_size=16, preset="fast")


@pytest.fixture(autouse=True)
def short_trainings(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the preset `fast`, networks are trained for 10 steps; by default it would be 50, or 200 with covariates.

    If a network learned other values, its weights differ after few steps as well as after many.
    """
    monkeypatch.setattr(defaults, "DRIVERS_FACTOR", 1)
    monkeypatch.setattr(defaults, "MAX_STEPS_PER_EPOCH", 10 / defaults.EFFORTS["fast"].steps)


SERIES = {
    "long": seasonal(36, season_length=4),
    "shorter": seasonal(28, seed=1, season_length=4) - 90,  # crosses zero
    "too_short": seasonal(9, seed=2, season_length=4),
}
"""All end in the same quarter. The last is not scored at the earlier cutoff, but learned from."""


def file_of(path: Path, series: dict[str, Floats], last: int = 200) -> str:
    """A long CSV of quarterly series that all end `last` quarters after the year 2000 began."""
    lines = ["unique_id,ds,y"]
    for name, values in series.items():
        for step, value in enumerate(values, start=last - len(values)):
            lines.append(f"{name},{2000 + step // 4}-{3 * (step % 4) + 1:02d}-01,{float(value)!r}")
    path.write_text("\n".join(lines) + "\n")
    return str(path)


PLAIN, COVARIATES = ReadConfig(), ReadConfig(past=("visitors", "weather"), future=("price",), static=("size",))


def file_with_covariates(path: Path, later: float = 1, word: str = "fog", price: float = 0) -> str:
    """A long CSV of quarterly series: visitors and weather are known up to the last value, prices for 4 more quarters.

    After the first of two cutoffs, values and visitors are multiples of `later`, and the weather is a `word` that was
    not there before. A `price` that is not 0 is added to all prices after it.
    """
    length, chance = 28, np.random.default_rng(0)
    lines = ["unique_id,ds,y,visitors,weather,price,size"]
    for name in "SML":
        values = seasonal(length + HORIZON, seed=ord(name), season_length=4)
        for step, value in enumerate(values.tolist()):
            visitors, its_price = chance.integers(1, 9, 2)
            weather = ("sun", "rain", "")[step % 3]
            known = f"{value!r},{visitors},{weather}"
            if step >= length - 2 * HORIZON:
                known = f"{later * value!r},{later * visitors},{word}" if step < length else ",,"
                its_price += price
            date = f"{2000 + step // 4}-{3 * (step % 4) + 1:02d}-01"
            lines.append(f"{name},{date},{known},{its_price},{name}")
    path.write_text("\n".join(lines) + "\n")
    return str(path)


def run(source: str, models: tuple[str, ...], n_folds: int, training: TrainConfig = SHORT, **more: Any) -> Backtest:
    config = BacktestConfig(models, HORIZON, n_folds, HORIZON, **more)
    return backtest(source, None, PLAIN, config, SMALL, training, lambda *_: None)


def run_first_of_two(
    source: str, models: tuple[str, ...], read: ReadConfig = PLAIN, network: ModelConfig = SMALL
) -> Backtest:
    """The earlier of two cutoffs; interrupted before the second, which takes its time."""

    def interrupt(_share: float, what: str) -> None:
        if what.startswith("cutoff 2"):
            raise KeyboardInterrupt

    config = BacktestConfig(models, HORIZON, 2, HORIZON)
    outcome = backtest(source, None, read, config, network, SHORT, interrupt)
    assert outcome.interrupted
    return outcome


def forecasts(outcome: Backtest, number: int) -> dict[str, dict[str, list[float]]]:
    """Model -> series -> what was forecast from that cutoff: points and quantiles."""
    return {
        run.model: dict(
            zip(
                run.forecast.ids.tolist(),
                np.c_[run.forecast.point, run.forecast.every_quantile.reshape(len(run.forecast.ids), -1)].tolist(),
                strict=True,
            )
        )
        for run in outcome.runs
        if run.number == number
    }


def test_no_model_knows_what_comes_after_the_cutoff(tmp_path: Path) -> None:
    """The data that end with the first test, and longer ones in which every value after the cutoff is another.

    Series of different lengths, for one model of each kind; the test with covariates has all models.
    """
    names = (*BASELINES, "lstm", "blend", "auto", "CrostonOptimized")
    wild = np.random.default_rng(0).normal(0, 1e4, 2 * HORIZON)
    known = {name: values[:-HORIZON] for name, values in SERIES.items()}
    ends = file_of(tmp_path / "ends.csv", SERIES)
    goes_on = file_of(
        tmp_path / "goes_on.csv", {name: np.r_[values, wild] for name, values in known.items()}, 200 + HORIZON
    )

    with trees_always_kept():
        once, again = forecasts(run(ends, names, 1), 0), forecasts(run_first_of_two(goes_on, names), 0)

    assert set(names) <= set(once)
    assert once["lstm"].keys() == {"long", "shorter"}
    for name, of_series in once.items():
        assert of_series == again[name], name
        assert np.isfinite(list(of_series.values())).all(), name


def test_a_network_that_is_trained_once_does_not_know_either(tmp_path: Path) -> None:
    other = {name: np.r_[values[:-HORIZON], 1e4 + np.arange(HORIZON)] for name, values in SERIES.items()}

    ensemble = replace(SHORT, preset="standard")
    once = run(file_of(tmp_path / "once.csv", SERIES), ("lstm", "theta"), 2, ensemble, refit=False, level=(80.0,))
    again = run(file_of(tmp_path / "again.csv", other), ("lstm", "theta"), 2, ensemble, refit=False, level=(80.0,))

    for window in (0, 1):
        assert forecasts(once, window) == forecasts(again, window)


@pytest.mark.parametrize("name", [name for name in TRIED if not name.startswith(f"{SECOND}+")])
def test_no_model_knows_covariates_after_the_cutoff_that_are_not_known_ahead(name: str, tmp_path: Path) -> None:
    """Each model twice in turn, because a network is then compiled once. A model that uses no covariates is tested next
    to one that does, because a backtest refuses covariates that no model uses."""
    names = (name,) if row_of(name).uses_covariates else (name, "arima")
    with trees_always_kept():
        once, again = (
            forecasts(
                run_first_of_two(file_with_covariates(tmp_path / f"{word}.csv", later, word), names, COVARIATES), 0
            )
            for later, word in ((1, "fog"), (-1e3, "snow"))
        )

    assert once[name] == again[name]
    assert np.isfinite(list(once[name].values())).all()


def test_what_is_known_ahead_is_used_by_the_models_that_read_it(tmp_path: Path) -> None:
    reading = ("lstm", "lstm+forest", "arima")
    names = (*reading, "theta")

    with trees_always_kept():
        usual, dear = (
            forecasts(run_first_of_two(file_with_covariates(tmp_path / "file.csv", price=price), names, COVARIATES), 0)
            for price in (0, 3)
        )

    changed = {name for name, of_series in usual.items() if of_series != dear[name]}
    assert changed == set(reading)


def test_no_series_knows_what_comes_later_in_those_that_are_forecast_with_it(tmp_path: Path) -> None:
    joint = replace(SMALL, joint=True)
    once, again = (
        forecasts(run_first_of_two(file_with_covariates(tmp_path / "file.csv", later), ("lstm",), COVARIATES, joint), 0)
        for later in (1, -1e3)
    )

    assert once["lstm"].keys() == {"S", "M", "L"}
    assert once == again


def test_the_year_in_daily_values_is_learned_up_to_the_cutoff(tmp_path: Path) -> None:
    days = np.arange("2020-01-01", "2022-07-01", dtype="datetime64[D]")
    values = 50 + 20 * np.sin(2 * np.pi * np.arange(len(days)) / 365.25) + random_walk(len(days)) / 10
    models = ("lstm", "lstm+smoothing")

    def outcome(later: list[float]) -> Backtest:
        cells = [*values[: -2 * HORIZON].tolist(), *later]
        rows = [f"{day},{value!r}" for day, value in zip(days, cells, strict=True)]
        (tmp_path / "file.csv").write_text("\n".join(["ds,y", *rows]) + "\n")
        return run_first_of_two(str(tmp_path / "file.csv"), models, network=replace(SMALL, input_size=14))

    once, again = outcome(values[-2 * HORIZON :].tolist()), outcome([1e4] * 2 * HORIZON)

    assert once.panel.long_seasons
    assert forecasts(once, 0) == forecasts(again, 0)


def test_the_season_of_values_without_dates_is_found_up_to_the_first_cutoff(tmp_path: Path) -> None:
    values = 100 + 10 * np.sin(2 * np.pi * np.arange(80) / 12)

    def outcome(later: Floats) -> Backtest:
        source = tmp_path / "undated.csv"
        source.write_text("\n".join(["y", *(f"{value!r}" for value in np.r_[values[: -2 * HORIZON], later].tolist())]))
        return run(str(source), ("seasonal-naive", "theta"), 2)

    once, again = outcome(values[-2 * HORIZON :]), outcome(100 + 30 * random_walk(2 * HORIZON))

    assert forecasts(once, 0) == forecasts(again, 0)
    np.testing.assert_allclose(
        forecasts(again, 0)["seasonal-naive"]["y"][:HORIZON], values[-2 * HORIZON : -HORIZON], rtol=1e-6
    )
