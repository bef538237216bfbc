"""Default options chosen from the data."""

from __future__ import annotations

import numpy as np
import pytest

from forecast_cli.features.features import Features
from forecast_cli.models.network.defaults import choose
from forecast_cli.models.network.regimes import Traits
from forecast_cli.options import ModelConfig, TrainConfig
from tests.sample_panels import panel_of, undated


@pytest.mark.parametrize(
    ("freq", "season_length", "lengths"),
    [
        ("MS", 12, [20, 60, 24, 3]),
        ("QS-JAN", 4, [9, 40]),
        ("YS-JAN", 1, [1, 5, 30]),
        ("W-SUN", 52, [80, 300, 140]),
        ("2W-SUN", 26, [200]),
        ("h", 24, [720, 100]),
        ("h", 24, [90]),
    ],
)
def test_windows_are_counted_as_they_are_cut(freq: str, season_length: int, lengths: list[int]) -> None:
    panel = panel_of(*(np.arange(1.0, length + 1) for length in lengths), freq=freq, season_length=season_length)
    recipe = choose("lstm", panel, ModelConfig(), TrainConfig(horizon=2))

    cut = Features.fit(panel, recipe.shape).training_origins(recipe.min_history)

    assert Traits.of(panel).windows == len(cut)


def test_a_long_season_does_not_make_a_long_window() -> None:
    years, weeks = (
        choose("lstm", panel_of(np.arange(1.0, 1001), freq=freq, season_length=season), ModelConfig(), TrainConfig())
        for freq, season in (("D", 365), ("W-SUN", 52))
    )

    assert years.shape.input_size == weeks.shape.input_size == 68


def test_many_short_series_are_much_to_learn_from() -> None:
    """A thousand series of two years of months have twelve windows each."""
    panel = undated(*np.ones((1000, 24)), season_length=12)

    assert (Traits.of(panel).windows, Traits.of(panel).size.batch_size) == (12_000, 128)


@pytest.mark.parametrize(
    ("freq", "season_length", "whole"),
    [
        ("h", 24, True),
        ("30min", 48, True),
        ("min", 60, True),
        ("2W-SUN", 26, False),
        ("W-SUN", 26, False),
        ("D", 30, False),
    ],
)
def test_a_season_of_a_clock_is_taken_whole(freq: str, season_length: int, whole: bool) -> None:
    panel = panel_of(np.arange(1.0, 8 * 60 + 1), freq=freq, season_length=season_length)

    assert choose("lstm", panel, ModelConfig(), TrainConfig()).spec.patch_size == (season_length if whole else 1)


def test_a_clock_with_less_than_eight_seasons_has_the_defaults_of_other_seasons() -> None:
    hours = panel_of(np.arange(1.0, 8 * 24), freq="h", season_length=24)

    assert choose("lstm", hours, ModelConfig(), TrainConfig()).spec.patch_size == 1
    assert Traits.of(hours).repeated == ()


@pytest.mark.parametrize(
    ("freq", "season", "series", "length", "expected"),
    [
        ("MS", 12, 1, 60, ((16,), 3, 18, 1, 6, 32, 0.3, 0.002, 0.5, ())),
        ("MS", 12, 100, 100, ((32, 32), 3, 18, 18, 4, 128, 0.0, 0.008, 0.3, ())),
        ("YS-JAN", 1, 1, 30, ((16,), 3, 8, 1, 6, 32, 0.3, 0.002, 0.5, ())),
        ("YS-JAN", 1, 100, 30, ((64, 64), 3, 16, 6, 6, 32, 0.0, 0.008, 0.3, ())),
        ("W-SUN", 52, 10, 300, ((32,), 3, 68, 13, 6, 32, 0.0, 0.002, 1.0, (52,))),
        ("h", 24, 1, 240, ((16,), 2, 120, 1, 6, 32, 0.3, 0.002, 1.0, (24, 168))),
        ("h", 24, 1, 960, ((16,), 2, 168, 1, 6, 32, 0.3, 0.002, 0.5, (24, 168))),
        ("h", 24, 10, 960, ((64, 64), 2, 168, 48, 4, 128, 0.0, 0.008, 0.5, (24, 168))),
        ("h", 24, 100, 960, ((64, 64), 2, 168, 48, 4, 128, 0.0, 14.4 / 4 / 619, 0.2, (24, 168))),
        ("15min", 48, 10, 960, ((64, 64), 2, 336, 96, 4, 128, 0.0, 0.008, 0.0, ())),
    ],
)
def test_the_defaults_are_those_of_the_documents(
    freq: str, season: int, series: int, length: int, expected: tuple[object, ...]
) -> None:
    panel = panel_of(*np.ones((series, length)), freq=freq, season_length=season)

    recipe = choose("lstm", panel, ModelConfig(), TrainConfig())

    spec, plan, traits = recipe.spec, recipe.plan, Traits.of(panel)
    assert (
        spec.units,
        spec.members,
        spec.input_size,
        spec.output_size,
        plan.epochs,
        plan.batch_size,
        spec.dropout,
        pytest.approx(plan.learning_rate),
        traits.share,
        traits.repeated,
    ) == expected
