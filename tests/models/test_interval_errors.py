"""Errors for intervals: relative to the spread that a model expects, and in a bundle."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

from forecast_cli.bundle import pack_arrays, unpack_arrays
from forecast_cli.forecasting import Forecast
from forecast_cli.models.files import ERRORS_FILE
from forecast_cli.models.intervals import calibrate, store
from forecast_cli.models.intervals.around import quantile_levels, with_quantiles
from forecast_cli.models.intervals.inflation import CHECKED_LEVELS
from forecast_cli.models.intervals.sizes import sizes_at
from forecast_cli.panel.arrays import Ints
from forecast_cli.panel.panel import Panel
from tests.models.interval_samples import LEVELS, calibration_of
from tests.sample_panels import Floats, panel_of, seasonal, undated

# --- with a spread that the model expects


@dataclass(frozen=True)
class Informed:
    """Forecasts 100, and expects a spread of 1 or 10: the deviation of `noise_of_two_sizes` in the next step."""

    name: str = "informed"

    def predict(self, panel: Panel, horizon: int) -> Forecast:
        sizes = [SIZES[length : length + horizon] for length in panel.lengths.tolist()]
        return Forecast.after(panel, np.full((len(panel), horizon), 100.0), np.array(sizes))

    def for_calibration(self, panel: Panel, steps: int) -> tuple[Informed, Ints]:
        return self, np.minimum(steps, panel.lengths // 2)


SIZES = np.where(np.random.default_rng(5).random(200) < 0.5, 1.0, 10.0)


def noise_of_two_sizes(series: int, length: int) -> Panel:
    return undated(*(100 + SIZES[:length] * np.random.default_rng(0).normal(0, 1, (series, length))))


def test_intervals_are_wider_where_the_model_expects_larger_errors() -> None:
    panel, model = noise_of_two_sizes(50, 80), Informed()
    calibration, forecast = calibrate(model, panel, 8), model.predict(panel, 8)  # type: ignore[arg-type]
    assert calibration is not None
    assert forecast.spread is not None

    half = calibration.half_widths(panel, 8, LEVELS, forecast.spread)
    plain = calibration.half_widths(panel, 8, LEVELS)

    assert set(SIZES[80:88]) == {1.0, 10.0}
    wide = half[:, forecast.spread[0] == 10, 1].mean() / half[:, forecast.spread[0] == 1, 1].mean()
    assert wide > 2 * plain[:, forecast.spread[0] == 10, 1].mean() / plain[:, forecast.spread[0] == 1, 1].mean()
    assert (np.diff(half, axis=2) >= 0).all()


def test_a_usual_spread_changes_no_interval() -> None:
    panel, model = noise_of_two_sizes(5, 60), Informed()
    calibration = calibrate(model, panel, 4)  # type: ignore[arg-type]
    assert calibration is not None
    assert calibration.usual is not None
    size = np.sqrt(sizes_at(panel, np.zeros(5, dtype=np.int64)))[:, None]

    usual = calibration.half_widths(panel, 4, LEVELS, calibration.usual * size)

    np.testing.assert_allclose(usual, calibration.half_widths(panel, 4, LEVELS))


def test_after_the_known_steps_a_spread_counts_that_grows_faster_than_the_root_of_the_step() -> None:
    panel, model = noise_of_two_sizes(5, 60), Informed()
    calibration = calibrate(model, panel, 4)  # type: ignore[arg-type]
    assert calibration is not None
    assert calibration.usual is not None
    last = calibration.usual[:, -1:] * np.sqrt(sizes_at(panel, np.zeros(5, dtype=np.int64)))[:, None]
    steps = np.arange(1, 17)

    plain, by_root, by_step = (
        calibration.half_widths(panel, 16, LEVELS, each)[:, -1]
        for each in (None, last * np.sqrt(steps / 4), last * steps / 4)
    )

    np.testing.assert_allclose(by_root, plain)
    np.testing.assert_allclose(by_step, np.sqrt(2) * plain)


def test_the_spread_of_a_series_without_errors_says_nothing() -> None:
    panel, model = noise_of_two_sizes(5, 60), Informed()
    calibration = calibrate(model, panel, 4)  # type: ignore[arg-type]
    assert calibration is not None
    other = replace(panel, ids=np.array(list("vwxyz")))

    half, plain = (calibration.half_widths(other, 4, LEVELS, spread) for spread in (np.full((5, 4), 99.0), None))

    np.testing.assert_array_equal(half, plain)


def test_sums_are_wider_where_the_model_expects_larger_errors() -> None:
    panel, model = noise_of_two_sizes(5, 60), Informed()
    calibration = calibrate(model, panel, 4)  # type: ignore[arg-type]
    assert calibration is not None
    assert calibration.usual is not None
    usual = calibration.usual * np.sqrt(sizes_at(panel, np.zeros(5, dtype=np.int64)))[:, None]

    plain, wide = (
        calibration.half_widths_of_sums(panel, [np.arange(4)], 4, LEVELS, spread) for spread in (None, 4 * usual)
    )

    np.testing.assert_allclose(wide, 2 * plain)


# --- in a bundle


def test_errors_survive_a_bundle() -> None:
    panel = panel_of(seasonal(60), seasonal(48, seed=1))
    calibration = calibration_of(panel, "theta")

    again = store.unpack({ERRORS_FILE: store.pack(calibration)})

    assert again is not None
    np.testing.assert_allclose(
        again.half_widths(panel, 6, LEVELS), calibration.half_widths(panel, 6, LEVELS), rtol=2e-3
    )
    assert again.usual is None
    assert store.unpack({}) is None


def test_the_usual_spread_survives_a_bundle() -> None:
    panel, model = noise_of_two_sizes(3, 60), Informed()
    calibration, spread = calibrate(model, panel, 4), model.predict(panel, 4).spread  # type: ignore[arg-type]
    assert calibration is not None

    content = store.pack(calibration)
    again = store.unpack({ERRORS_FILE: content})

    assert again is not None
    np.testing.assert_allclose(
        again.half_widths(panel, 4, LEVELS, spread), calibration.half_widths(panel, 4, LEVELS, spread), rtol=2e-3
    )
    with pytest.raises(ValueError, match="usual"):
        store.unpack({ERRORS_FILE: pack_arrays({**unpack_arrays(content), "usual": np.ones((3, 5))})})


@pytest.mark.parametrize(
    "wrong",
    [
        {"inflation": np.ones(len(CHECKED_LEVELS) + 1)},
        {"inflation": -np.ones(len(CHECKED_LEVELS))},
        {"size": np.zeros(2)},
        {"ids": np.array(["a"])},
        {"weight": np.ones(3)},
        {"season_length": np.array(0)},
    ],
)
def test_damaged_errors_are_refused(wrong: dict[str, Floats]) -> None:
    content = store.pack(calibration_of(panel_of(seasonal(60), seasonal(48, seed=1))))

    with pytest.raises(ValueError, match="errors for intervals"):
        store.unpack({ERRORS_FILE: pack_arrays({**unpack_arrays(content), **wrong})})


def test_a_forecast_knows_its_quantiles() -> None:
    panel = undated([1.0, 2.0])
    forecast = with_quantiles(
        Forecast.after(panel, np.array([[3.0]])), np.array([[[2.0]]]), quantile_levels([80]), np.array([-np.inf])
    )

    assert forecast.every_quantile.tolist() == [[[1.0, 5.0]]]
    assert forecast.position(0.9) == 1
    with pytest.raises(ValueError, match=r"no quantile 0\.5"):
        forecast.position(0.5)
