"""No forecast uses values after its cutoff: checked for every model of the table, from the file on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from forecast_cli.options import BacktestConfig, ModelConfig, ReadConfig, TrainConfig
from forecast_cli.workflows import Backtest, backtest
from tests.sample_panels import Floats, seasonal
from tests.tried_models import TRIED, trees_always_kept

pytestmark = pytest.mark.slow

HORIZON = 4
SMALL, SHORT = ModelConfig(units=(3,), input_size=6), TrainConfig(epochs=1, batch_size=16, preset="fast")

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


def run(source: str, models: tuple[str, ...], n_folds: int, training: TrainConfig = SHORT, **more: bool) -> Backtest:
    config = BacktestConfig(models, HORIZON, n_folds, HORIZON, **more)
    return backtest(source, None, ReadConfig(), config, SMALL, training, lambda *_: None)


def run_first_of_two(source: str, models: tuple[str, ...]) -> Backtest:
    """The earlier of two cutoffs; interrupted before the second, which takes its time."""

    def interrupt(_share: float, what: str) -> None:
        if what.startswith("cutoff 2"):
            raise KeyboardInterrupt

    config = BacktestConfig(models, HORIZON, 2, HORIZON)
    outcome = backtest(source, None, ReadConfig(), config, SMALL, SHORT, interrupt)
    assert outcome.interrupted
    return outcome


def forecasts(outcome: Backtest, number: int) -> dict[str, dict[str, list[float]]]:
    """Model -> series -> what was forecast from that cutoff."""
    return {
        run.model: dict(zip(run.forecast.ids.tolist(), run.forecast.point.tolist(), strict=True))
        for run in outcome.runs
        if run.number == number
    }


def test_no_model_knows_what_comes_after_the_cutoff(tmp_path: Path) -> None:
    """The data that end with the first test, and longer ones in which every value after the cutoff is another."""
    names = (*TRIED, "CrostonOptimized")
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
    once = run(file_of(tmp_path / "once.csv", SERIES), ("lstm",), 2, ensemble, refit=False)
    again = run(file_of(tmp_path / "again.csv", other), ("lstm",), 2, ensemble, refit=False)

    for window in (0, 1):
        assert forecasts(once, window) == forecasts(again, window)
