"""Properties of models with covariates or joint series: one model for each way in which these reach a forecast.

Each is trained once, saved and loaded from disk.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest

from forecast_cli import bundle, workflows
from forecast_cli.errors import DataError
from forecast_cli.evaluation.folds import last_fold
from forecast_cli.forecasting import Forecaster, no_progress
from forecast_cli.models.network import defaults
from forecast_cli.models.saved import SavedModel
from forecast_cli.models.table import model_of, row_of
from forecast_cli.models.training import Training
from forecast_cli.options import ModelConfig, PredictConfig, ReadConfig, TrainConfig, TrainingRequest
from forecast_cli.panel.calendar import future_times
from forecast_cli.panel.covariates import FUTURE, PAST, STATIC, Covariate, Covariates
from forecast_cli.panel.panel import Panel
from tests.models.saved_models import trained_forecasters
from tests.sample_panels import Floats, panel_of, seasonal
from tests.tried_models import trees_always_kept

pytestmark = pytest.mark.slow

NAN = np.nan
HORIZON, COMING = 4, 12
COLUMNS = (
    Covariate("visitors", PAST),
    Covariate("weather", PAST, ("rain", "sun")),
    Covariate("price", FUTURE),
    Covariate("promo", FUTURE, ("none", "tv")),
    Covariate("region", STATIC, ("east", "west")),
)


def quarterly(*series: Floats) -> Panel:
    return panel_of(*series, freq="QS-JAN", season_length=4)


def with_covariates(*series: Floats, coming: int = COMING) -> Panel:
    """The series, each with covariates that are known for `coming` steps after its end; series "b" is in the west."""
    panel, chance = quarterly(*series), np.random.default_rng(0)
    lengths = panel.lengths + coming
    ends, rows = np.cumsum(lengths), int(lengths.sum())
    past = np.stack([chance.normal(size=len(panel.values)), chance.integers(0, 2, len(panel.values))], axis=1)
    region = np.repeat((panel.ids == "b").astype(float), lengths)
    ahead = np.stack([chance.normal(size=rows), chance.integers(0, 2, rows), region], axis=1)
    known = Covariates(COLUMNS, past, ahead, ends - lengths, ends)
    at_points = np.concatenate(
        [start + np.arange(length) for start, length in zip(known.start, panel.lengths, strict=True)]
    )
    return replace(panel, values=panel.values * np.exp(0.1 * ahead[at_points, 0]), covariates=known)


def known_of(panel: Panel) -> Covariates:
    assert panel.covariates is not None
    return panel.covariates


def changing(length: int, seed: int) -> Floats:
    return seasonal(length, seed=seed, season_length=4)


SERIES = (changing(40, 0), changing(32, 1), changing(48, 2))
DATA = {"covariates": with_covariates(*SERIES), "joint": quarterly(*SERIES)}
NETWORKS = ["lstm", "lstm+forest"]
CASES = [*[("covariates", name) for name in (*NETWORKS, "arima")], ("joint", "gru")]
TRAINING = {
    True: TrainConfig(horizon=HORIZON, epochs=1, preset="fast"),
    False: TrainConfig(horizon=HORIZON, preset="fast"),
}


@dataclass
class Saved:
    """Models that were trained, saved and loaded when they were first asked for, and each trained once more.

    unsaved:  the first trainings as they were when they were saved, so that Keras runs their networks; for reading only
    again:    the second trainings, whose networks Keras runs too; for reading only
    """

    home: Path
    loaded: dict[tuple[str, str], SavedModel] = field(default_factory=dict)
    unsaved: dict[tuple[str, str], Forecaster] = field(default_factory=dict)
    again: dict[tuple[str, str], Forecaster] = field(default_factory=dict)

    def model(self, case: tuple[str, str]) -> SavedModel:
        if case not in self.loaded:
            data, name = case
            has_network = row_of(name).has_network
            network = ModelConfig(units=(4,), joint=data == "joint") if has_network else ModelConfig()
            directory = self.home / "-".join(case)
            request = TrainingRequest(directory, ReadConfig(), network, TRAINING[has_network], name)
            with trained_forecasters() as trained:
                workflows.train_on(DATA[data], "data.csv", request, no_progress)
            (self.unsaved[case],) = trained
            self.loaded[case] = SavedModel.of(bundle.load(directory))
            fold = last_fold(DATA[data], HORIZON)
            model = model_of(name, Training(network, TRAINING[has_network])).for_data(DATA[data])
            self.again[case] = model.fit(fold.past, no_progress, fold.end)
            self.again[case].update(DATA[data])
        return self.loaded[case]


@pytest.fixture(scope="module", autouse=True)
def short_trainings() -> Iterator[None]:
    """Hybrids have trees, and networks are trained for 50 steps, as without covariates; by default it would be 200."""
    with trees_always_kept(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(defaults, "DRIVERS_FACTOR", 1)
        yield


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Saved:
    return Saved(tmp_path_factory.mktemp("models"))


@pytest.fixture(params=CASES, ids="-".join)
def case(request: pytest.FixtureRequest) -> tuple[str, str]:
    data, name = request.param
    return data, name


@pytest.fixture
def model(case: tuple[str, str], saved: Saved) -> SavedModel:
    return saved.model(case)


def continued(model: SavedModel, panel: Panel, horizon: int = HORIZON) -> Floats:
    """The forecast of new data, as `predict` makes it."""
    return workflows.continued(model, panel, "new.csv", PredictConfig(horizon)).forecasts[model.name].point


def test_a_forecast_goes_on_after_the_trained_horizon(case: tuple[str, str], model: SavedModel) -> None:
    panel = DATA[case[0]]

    forecast = workflows.continued(model, panel, "data.csv", PredictConfig(COMING)).forecasts[model.name]

    assert forecast.ids.tolist() == ["a", "b", "c"]
    np.testing.assert_array_equal(forecast.times, future_times(panel.freq, panel.ends, COMING))
    assert np.isfinite(forecast.point).all()
    np.testing.assert_allclose(forecast.point[:, :HORIZON], continued(model, panel), rtol=1e-5)


def test_what_was_saved_forecasts_as_keras_did(case: tuple[str, str], model: SavedModel, saved: Saved) -> None:
    panel = DATA[case[0]]
    in_keras, again = (trained[case].predict(panel, HORIZON).point for trained in (saved.unsaved, saved.again))

    np.testing.assert_allclose(continued(model, panel), in_keras, rtol=1e-5)
    np.testing.assert_array_equal(again, in_keras)
    np.testing.assert_array_equal(continued(model, panel), continued(model, panel))


def test_the_ends_of_the_series_in_a_bundle_are_forecast_as_the_whole_series(
    case: tuple[str, str], model: SavedModel
) -> None:
    np.testing.assert_array_equal(continued(model, model.tails, COMING), continued(model, DATA[case[0]], COMING))


def test_the_order_of_the_series_does_not_matter(case: tuple[str, str], model: SavedModel) -> None:
    rows, panel = np.array([2, 0, 1]), DATA[case[0]]

    np.testing.assert_allclose(continued(model, panel.select(rows)), continued(model, panel)[rows], rtol=1e-5)


def test_missing_values_are_bridged(case: tuple[str, str], model: SavedModel) -> None:
    """And so are missing covariates up to the last value."""
    panel = DATA[case[0]]
    values = panel.values.copy()
    values[[0, 1, 20, *range(50, 55)]] = NAN
    gappy = replace(panel, values=values)
    if panel.covariates is not None:
        past, ahead = panel.covariates.past.copy(), panel.covariates.ahead.copy()
        past[[0, 20, -1]] = NAN
        past[45:55, 1] = NAN
        ahead[[3, 21, 22, 38], 0] = NAN
        ahead[panel.covariates.start[1] : panel.covariates.end[1], 2] = NAN
        gappy = replace(gappy, covariates=replace(panel.covariates, past=past, ahead=ahead))

    np.testing.assert_allclose(continued(model, gappy), continued(model, panel), rtol=0.5)


SHORT: tuple[list[float], ...] = ([5], [5, 6], [3, NAN, 4], [NAN, NAN, NAN, NAN])


@pytest.mark.parametrize("name", NETWORKS)
def test_the_shortest_series_are_forecast_with_covariates(name: str, saved: Saved) -> None:
    forecast = continued(saved.model(("covariates", name)), with_covariates(*map(np.array, SHORT)))

    assert np.isfinite(forecast).all()
    assert (np.abs(forecast) < 20).all()


def test_the_shortest_series_are_forecast_jointly(saved: Saved) -> None:
    forecast = continued(saved.model(("joint", "gru")), quarterly(*map(np.array, SHORT[:3])))

    assert np.isfinite(forecast).all()
    assert (np.abs(forecast) < 20).all()


@pytest.mark.parametrize("name", [*NETWORKS, "arima"])
def test_a_series_that_was_not_in_the_training_is_forecast(
    name: str, saved: Saved, caplog: pytest.LogCaptureFixture
) -> None:
    panel = with_covariates(changing(40, 5), changing(20, 6))
    columns = (*COLUMNS[:-1], replace(COLUMNS[-1], categories=("north", "west")))
    new = replace(panel, ids=np.array(["x", "y"]), covariates=replace(known_of(panel), columns=columns))

    forecast = continued(saved.model(("covariates", name)), new)

    assert ((forecast > 50) & (forecast < 250)).all()
    assert "column 'region' has 'north', which the model was not trained on: taken as unknown" in caplog.text


def test_a_series_that_was_not_among_joint_ones_is_refused(saved: Saved) -> None:
    panel = DATA["joint"]
    with pytest.raises(DataError, match="series 'x' was not among them"):
        continued(saved.model(("joint", "gru")), replace(panel, ids=np.array(["a", "b", "x"])))


def test_fewer_of_the_joint_series_are_forecast(saved: Saved) -> None:
    alone = continued(saved.model(("joint", "gru")), DATA["joint"].select(np.array([1])))

    np.testing.assert_allclose(alone[0], continued(saved.model(("joint", "gru")), DATA["joint"])[1], rtol=0.2)


def test_a_warning_names_a_joint_series_that_is_missing(saved: Saved, caplog: pytest.LogCaptureFixture) -> None:
    model, config = saved.model(("joint", "gru")), PredictConfig(horizon=2)

    workflows.continued(model, DATA["joint"], "all.csv", config)
    workflows.continued(model, DATA["joint"].select(np.array([0, 2])), "some.csv", config)

    assert "all.csv: " not in caplog.text
    assert "some.csv: 1 series of the training is missing, first 'b': the joint model forecasts the" in caplog.text


def test_joint_series_see_one_another(saved: Saved) -> None:
    model, panel = saved.model(("joint", "gru")), DATA["joint"]
    other = panel.values.copy()
    other[20:40] *= np.exp(np.random.default_rng(3).normal(size=20))

    forecast = continued(model, replace(panel, values=other))

    assert (forecast[1:] != continued(model, panel)[1:]).any()


@pytest.mark.parametrize("name", NETWORKS)
def test_future_values_matter_at_their_step(name: str, saved: Saved) -> None:
    model, panel = saved.model(("covariates", name)), DATA["covariates"]
    known = known_of(panel)
    ahead = known.ahead.copy()
    ahead[known.start + panel.lengths + 2, 0] += 2

    changed = continued(model, replace(panel, covariates=replace(known, ahead=ahead))) != continued(model, panel)

    assert changed[:, 2].all()
    assert not changed[:, :2].any()
