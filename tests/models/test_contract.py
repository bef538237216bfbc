"""Properties that every model of the table must have, and two models of statsforecast that are not in the table.

Of the hybrids, some are tried, see `tests.tried_models`. Each is trained once, saved and loaded from disk.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest

from forecast_cli import workflows
from forecast_cli.forecasting import Forecaster
from forecast_cli.model_names import SMOOTHED, TREES
from forecast_cli.models.files import ERRORS_FILE, FORECASTS_FILE, TAILS_FILE, TREES_FILE
from forecast_cli.options import PredictConfig, ReadConfig
from forecast_cli.panel.calendar import future_times
from forecast_cli.panel.describe import fingerprint
from forecast_cli.panel.panel import Panel
from tests.models.saved_models import POSITIVE, Saved
from tests.sample_panels import Floats, panel_of, random_walk, seasonal
from tests.tried_models import FIRST, HYBRIDS_TRIED, SECOND, TRIED, WITH_NETWORK, trees_always_kept

pytestmark = pytest.mark.slow

NAMES = [*TRIED, "HoltWinters", "CrostonClassic"]
STATISTICAL = [name for name in NAMES if name not in WITH_NETWORK]
MEANS = ("blend", "auto")
"""Models that combine a network with statistical methods."""

WITHOUT_SEASON = ("naive", "drift", "window-average", "CrostonClassic")
NAN = np.nan


@pytest.fixture(scope="module", autouse=True)
def hybrids_have_trees() -> Iterator[None]:
    with trees_always_kept():
        yield


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Saved:
    saved = Saved(tmp_path_factory.mktemp("models"))
    ids = np.repeat(POSITIVE.ids, POSITIVE.lengths)
    rows = pd.DataFrame({"id": ids, "month": POSITIVE.times, "value": POSITIVE.values})
    rows.to_csv(saved.source(FIRST), index=False)
    assert fingerprint(saved.panel(FIRST)) == fingerprint(POSITIVE)
    return saved


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def forecaster(name: str, saved: Saved) -> Forecaster:
    return saved.model(name).forecaster


@pytest.fixture
def again(name: str, forecaster: Forecaster, saved: Saved) -> Forecaster:  # noqa: ARG001
    return saved.again[name]


def test_it_has_intervals(name: str, saved: Saved) -> None:
    calibration = saved.model(name).calibration
    assert calibration is not None
    panel = saved.panel(name)

    half = calibration.half_widths(panel, 20, np.array([0.5, 0.8, 0.95]))

    assert np.isfinite(half).all()
    assert (half > 0).all()
    assert (np.diff(half, axis=2) >= 0).all()


@pytest.fixture
def usual(name: str, forecaster: Forecaster, saved: Saved) -> Floats:  # noqa: ARG001
    """The forecast of the ordinary panel."""
    return saved.forecasts[name]


def point(forecaster: Forecaster, panel: Panel, horizon: int = 6) -> Floats:
    return forecaster.predict(panel, horizon).point


@pytest.mark.parametrize("horizon", [1, 20])
def test_a_forecast_has_the_ids_and_times_of_its_series(forecaster: Forecaster, horizon: int) -> None:
    forecast = forecaster.predict(POSITIVE, horizon)

    ends = POSITIVE.times[[59, 107, 179]]
    assert forecast.ids.tolist() == ["a", "b", "c"]
    assert forecast.cutoff.tolist() == ends.tolist()
    np.testing.assert_array_equal(forecast.times, future_times("MS", ends, horizon))
    assert forecast.point.shape == (3, horizon)
    assert np.isfinite(forecast.point).all()


def test_a_season_is_forecast_within_reason(name: str, forecaster: Forecaster) -> None:
    whole = seasonal(72, noise=0.001)

    forecast = point(forecaster, panel_of(whole[:60]), 12)[0]

    assert np.abs(forecast / whole[60:] - 1).max() < (0.5 if name in WITHOUT_SEASON else 0.1)


def test_a_forecast_begins_where_the_data_end_and_knows_nothing_later(forecaster: Forecaster) -> None:
    later = panel_of(*[np.r_[values[:-5], -1e6 * values[-5:]] for values in POSITIVE.series()])

    forecast = forecaster.predict(POSITIVE.drop_last(5), 5)

    np.testing.assert_array_equal(forecaster.predict(later.drop_last(5), 5).point, forecast.point)
    np.testing.assert_array_equal(forecast.times[:, 0], POSITIVE.times[[55, 103, 175]])


def test_the_last_values_matter(forecaster: Forecaster, usual: Floats) -> None:
    doubled = panel_of(*[np.r_[values[:-12], 2 * values[-12:]] for values in POSITIVE.series()])

    assert (point(forecaster, doubled).mean(axis=1) > 1.2 * usual.mean(axis=1)).all()


def test_a_constant_series_has_a_constant_forecast(forecaster: Forecaster) -> None:
    panel = panel_of(np.full(40, 7.0), np.zeros(40), np.full(40, -3.5), np.full(40, 1e9))

    np.testing.assert_allclose(point(forecaster, panel, 15), np.outer([7, 0, -3.5, 1e9], np.ones(15)), rtol=1e-6)


def test_the_order_of_the_series_does_not_matter(name: str, forecaster: Forecaster, usual: Floats) -> None:
    rows = np.array([2, 0, 1])

    forecast = forecaster.predict(POSITIVE.select(rows), 6)

    assert forecast.ids.tolist() == ["c", "a", "b"]
    np.testing.assert_allclose(forecast.point, usual[rows], rtol=1e-5 if name in WITH_NETWORK else 0)


def test_a_series_has_the_same_forecast_alone_and_in_a_panel(name: str, forecaster: Forecaster, usual: Floats) -> None:
    alone = np.concatenate([point(forecaster, POSITIVE.select(np.array([row]))) for row in range(3)])

    np.testing.assert_allclose(alone, usual, rtol=1e-5 if name in WITH_NETWORK else 0)


def test_missing_values_are_bridged(forecaster: Forecaster, usual: Floats) -> None:
    gappy = [values.copy() for values in POSITIVE.series()]
    gappy[0][[0, 1, 30]] = NAN
    gappy[1][20:25] = NAN
    gappy[2][-2:] = NAN

    forecast = point(forecaster, panel_of(*gappy))

    np.testing.assert_allclose(forecast, usual, rtol=0.5)


TINY = panel_of([5.0], [5.0, 6.0], [3.0, NAN, 4.0], [NAN, NAN, NAN, NAN], [NAN, 2.0], [-1.0, 1.0])


def test_the_shortest_series_get_a_forecast_or_nan(forecaster: Forecaster) -> None:
    forecast = point(forecaster, TINY)

    finite = np.isfinite(forecast)
    assert (finite.all(axis=1) | np.isnan(forecast).all(axis=1)).all()
    assert (np.abs(forecast[finite]) < 20).all()


@pytest.mark.parametrize("name", WITH_NETWORK)
def test_a_network_forecasts_the_shortest_series(forecaster: Forecaster) -> None:
    forecast = point(forecaster, TINY)

    assert np.isfinite(forecast).all()
    np.testing.assert_allclose(forecast[0], 5, rtol=1e-6)
    np.testing.assert_array_equal(forecast[3], 0)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("theta", "median", *MEANS)])
def test_a_thousandfold_series_has_a_thousandfold_forecast(forecaster: Forecaster, usual: Floats) -> None:
    """Except Theta, whose optimiser stops at an absolute tolerance (0.001 off, relative), and what contains it."""
    thousandfold = panel_of(*[1000 * values for values in POSITIVE.series()])

    np.testing.assert_allclose(point(forecaster, thousandfold), 1000 * usual, rtol=1e-4)


def test_zeros_and_negative_values_are_forecast(forecaster: Forecaster) -> None:
    counts = np.random.default_rng(0).poisson(0.4, 48).astype(np.float64)
    panel = panel_of(random_walk(60), counts, -seasonal(48), seasonal(48) - 100)

    forecast = point(forecaster, panel, 12)

    assert np.isfinite(forecast).all()
    reach = [np.ptp(values) for values in panel.series()]
    middle = [np.median(values) for values in panel.series()]
    assert (np.abs(forecast - np.array(middle)[:, None]) < 3 * np.array(reach)[:, None]).all()


@pytest.mark.parametrize("name", [name for name in WITH_NETWORK if name != "blend"])
def test_a_network_scales_series_of_both_signs_too(forecaster: Forecaster) -> None:
    values = random_walk(60)

    forecast = point(forecaster, panel_of(values, 1000 * values, -values))

    np.testing.assert_allclose(forecast[1], 1000 * forecast[0], rtol=1e-4)


# Training, saving and loading


@pytest.mark.parametrize("name", NAMES)
def test_a_models_name_decides_what_is_trained_saved_and_reported(name: str, saved: Saved) -> None:
    model = saved.model(name)

    assert (model.name, model.forecaster.name, model.card.name) == (name, name, name)
    assert name in [score.model for score in model.card.scores]
    metadata = model.bundle.section("model", dict)
    assert metadata["name"] == name
    assert sum(metadata["parts"].values()) == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("name", WITH_NETWORK)
def test_the_name_of_a_network_begins_with_its_topology(name: str, saved: Saved) -> None:
    model = saved.model(name)

    topology = name.partition("+")[0] if name not in MEANS else "lstm"
    network = model.card.description.network
    assert network is not None
    assert network.topology == model.bundle.section("model", dict)["network"]["topology"] == topology


@pytest.mark.parametrize("name", STATISTICAL)
def test_a_statistical_model_is_saved_without_a_network(name: str, saved: Saved) -> None:
    model = saved.model(name)

    assert (model.card.description.network, model.card.description.plan) == (None, None)
    assert list(model.bundle.section("files", dict)) == [TAILS_FILE, FORECASTS_FILE, ERRORS_FILE]


def test_a_topology_alone_has_only_a_network_in_its_forecast(saved: Saved) -> None:
    for topology in (FIRST, SECOND):
        alone, smoothed = (saved.model(name).card.description for name in (topology, topology + SMOOTHED))
        assert (alone.smoothing, len(alone.parts)) == (None, 1)
        assert smoothed.smoothing is not None
        assert len(smoothed.parts) == 2


@pytest.mark.parametrize("name", HYBRIDS_TRIED)
def test_a_hybrid_has_a_network_and_trees_in_its_forecast(name: str, saved: Saved) -> None:
    model = saved.model(name)

    topology, _, trees = name.partition("+")
    part = model.card.description.trees
    assert part is not None
    assert (part.kind, part.share > 0) == (trees, True)
    assert [name for name in model.card.description.parts if name.endswith(f"corrected by {TREES[trees]}")]
    assert TREES_FILE in model.bundle.contents
    assert topology in [score.model for score in model.card.scores]


def test_networks_forecast_differently(saved: Saved) -> None:
    """But for auto, which may keep one of the others."""
    forecasts = [point(saved.model(name).forecaster, POSITIVE) for name in WITH_NETWORK if name != "auto"]

    for at, one in enumerate(forecasts):
        for other in forecasts[:at]:
            assert not np.allclose(one, other, rtol=1e-6)


def test_the_same_training_gives_the_same_model_in_keras_and_in_a_bundle(
    name: str, again: Forecaster, usual: Floats, saved: Saved
) -> None:
    in_keras = point(saved.unsaved[name], POSITIVE)

    np.testing.assert_array_equal(point(again, POSITIVE), in_keras)
    np.testing.assert_allclose(usual, in_keras, rtol=1e-5 if name in WITH_NETWORK else 0)


def test_a_panel_is_learned_once_however_often_it_is_given(name: str, again: Forecaster, saved: Saved) -> None:
    before = point(again, POSITIVE)

    again.update(saved.panel(name))

    np.testing.assert_array_equal(point(again, POSITIVE), before)


@pytest.mark.parametrize("name", NAMES)
def test_the_ends_of_the_series_in_a_bundle_are_forecast_as_the_whole_series(name: str, saved: Saved) -> None:
    model = saved.model(name)
    whole = workflows.predict(saved.source(name), model.bundle.directory, PredictConfig(horizon=12), ReadConfig())

    ends = model.forecaster_of_tails.predict(model.tails, 12)

    np.testing.assert_array_equal(ends.point, whole.forecasts[name].point)
    assert ends.times.tolist() == whole.forecasts[name].times.tolist()
