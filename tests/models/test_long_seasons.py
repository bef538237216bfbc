"""A network forecasts the yearly pattern of daily values, far beyond the steps that it was trained for."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from forecast_cli.models.network.defaults import choose
from forecast_cli.models.table import model_of
from forecast_cli.models.training import Training
from forecast_cli.options import ModelConfig, ReadConfig, TrainConfig
from forecast_cli.panel.reading import read_panel
from tests.run_here import run_here

DAILY = Path(__file__).parents[1] / "panel" / "cases" / "d1_daily_yearly_season.csv"
"""Four years of a daily temperature, made by a formula; 2023-06-30 would be 21.6."""


@pytest.mark.slow
def test_a_daily_series_keeps_its_year_200_days_ahead() -> None:
    panel = read_panel(str(DAILY), ReadConfig())
    options = Training(ModelConfig(units=(4,)), TrainConfig(epochs=1, preset="fast"))

    for name in ("lstm", "lstm+smoothing"):
        forecaster = model_of(name, options).fit(panel)
        forecaster.update(panel)
        day = forecaster.predict(panel, 200).point[0, 180]

        assert day == pytest.approx(21.6, abs=3)


def test_the_year_needs_two_years_and_can_be_named_or_left_out() -> None:
    def seasons(read: ReadConfig, dropped: int = 0) -> tuple[float, ...]:
        panel = read_panel(str(DAILY), read).drop_last(dropped)
        return choose("lstm", panel, ModelConfig(), TrainConfig()).shape.long_seasons

    assert seasons(ReadConfig()) == (365.2425,)
    assert seasons(ReadConfig(), dropped=800) == ()
    assert seasons(ReadConfig(seasons=(7.0,))) == ()
    assert seasons(ReadConfig(seasons=(7.0, 30.5, 365.0))) == (30.5, 365.0)


@pytest.mark.parametrize(("days", "shown"), [(2, None), (700, None), (730, "365.2425")])
def test_inspect_shows_the_year_only_if_the_data_have_nearly_two(tmp_path: Path, days: int, shown: str | None) -> None:
    file = tmp_path / "days.csv"
    file.write_text("".join(DAILY.read_text().splitlines(keepends=True)[: 1 + days]))

    assert json.loads(run_here("inspect", file, "--format", "json").stdout)["long_seasons"] == shown
    assert ("long seasons" in run_here("inspect", file).stdout) == (shown is not None)


def test_its_context_has_five_years() -> None:
    panel = read_panel(str(DAILY), ReadConfig())

    assert choose("lstm", panel, ModelConfig(), TrainConfig()).context_size == int(np.ceil(5 * 365.2425))
