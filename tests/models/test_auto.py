"""The model `auto`: what it keeps, and its forecast."""

from __future__ import annotations

import logging

import numpy as np
import pytest

from forecast_cli.models.combined.auto import create
from forecast_cli.models.training import Training
from forecast_cli.options import ModelConfig, TrainConfig
from forecast_cli.panel.panel import Panel
from tests.sample_panels import Floats, panel_of, random_walk, seasonal, undated

pytestmark = pytest.mark.slow

AUTO = create("auto", Training(ModelConfig(units=(3,)), TrainConfig(horizon=6, epochs=1, preset="fast")))


def repeated(years: int, seed: int = 0) -> Floats:
    """The same twelve values every year."""
    return np.tile(np.random.default_rng(seed).uniform(10, 99, 12), years)


def test_a_season_that_repeats_exactly_is_repeated() -> None:
    panel = panel_of(repeated(6), repeated(7, seed=1), freq="MS", season_length=12)

    fitted = AUTO.fit(panel)

    assert list(fitted.members) == ["seasonal-naive"]
    expected = [values[-12:-6] for values in panel.series()]
    np.testing.assert_allclose(fitted.predict(panel, 6).point, expected)


def test_the_forecast_is_the_mean_of_the_kept_models() -> None:
    panel = panel_of(seasonal(60) + random_walk(60), seasonal(72, seed=1) + random_walk(72, seed=1))

    fitted = AUTO.fit(panel)

    assert fitted.choice is not None
    assert fitted.choice.weights == {name: 1 / len(fitted.members) for name in fitted.members}
    assert set(fitted.choice.errors) > set(fitted.members)
    points = [member.predict(panel, 6).point for member in fitted.members.values()]
    np.testing.assert_allclose(fitted.predict(panel, 6).point, np.mean(points, axis=0), rtol=1e-6)


def test_the_choice_does_not_depend_on_the_values_after_the_panel() -> None:
    whole = panel_of(seasonal(60) + random_walk(60))
    changed = panel_of(np.r_[(seasonal(60) + random_walk(60))[:54], np.full(6, 1e6)])

    first, second = (AUTO.fit(panel.drop_last(6)) for panel in (whole, changed))

    assert first.choice == second.choice
    np.testing.assert_array_equal(
        first.predict(whole.drop_last(6), 6).point, second.predict(whole.drop_last(6), 6).point
    )


@pytest.mark.parametrize(
    ("panel", "expected"),
    [
        (undated([3.0]), [[3.0, 3.0]]),
        (undated([1.0, 3.0]), [[10 / 3, 4.0]]),
        (panel_of(repeated(1)[:3], freq="MS", season_length=12), None),
    ],
)
def test_short_series_have_a_simple_forecast(
    panel: Panel, expected: list[list[float]] | None, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        fitted = AUTO.fit(panel)

    assert "The series are too short to compare models" in caplog.text
    point = fitted.predict(panel, 2).point
    assert np.isfinite(point).all()
    if expected is not None:
        np.testing.assert_allclose(point, expected)
