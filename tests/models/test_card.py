"""The model card: written and read in one place; bundles of earlier versions still load, damaged ones are refused."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from forecast_cli import bundle
from forecast_cli.errors import ModelError
from forecast_cli.models.card import ModelCard
from forecast_cli.models.files import COMPARISON_FILES, load
from forecast_cli.models.saved import SavedModel, read_network
from tests.run_here import run_here
from tests.sample_panels import AIRLINE
from tests.trained_model import TrainedModel

FIXTURES = Path(__file__).parents[1] / "fixtures"


@pytest.fixture(params=["lstm", "blend"])
def earlier(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A copy of a bundle that an earlier version wrote."""
    return Path(shutil.copytree(FIXTURES / str(request.param), tmp_path / str(request.param)))


@pytest.fixture(scope="module")
def card(airline_model: TrainedModel) -> ModelCard:
    return ModelCard.of(bundle.load(airline_model.directory, ()))


def test_a_bundle_of_an_earlier_version_forecasts_as_it_did(earlier: Path) -> None:
    output = earlier.parent / "forecast.csv"

    done = run_here("predict", "-m", earlier, "-n", 6, "-o", output)

    assert done.returncode == 0
    now, then = (pd.read_csv(path) for path in (output, FIXTURES / f"{earlier.name}.csv"))
    assert now["date"].tolist() == then["date"].tolist()
    np.testing.assert_allclose(now["forecast"], then["forecast"], rtol=1e-6)


@pytest.mark.slow
def test_a_bundle_of_an_earlier_version_has_a_name_and_allows_a_warm_start(earlier: Path) -> None:
    saved = SavedModel.of(load(earlier, COMPARISON_FILES))

    names = {"lstm": "lstm+smoothing", "blend": "blend"}
    assert saved.name == saved.forecaster.name == names[earlier.name]
    assert read_network(earlier).spec.topology == "lstm"
    assert saved.as_scored()[1] == "1960-06-01"
    assert run_here("info", "-m", earlier, "--format", "json").returncode == 0


def test_the_models_of_an_earlier_version_have_their_present_names() -> None:
    alone, blend = (ModelCard.of(bundle.load(FIXTURES / name, ())) for name in ("lstm", "blend"))

    assert (alone.name, blend.name) == ("lstm+smoothing", "blend")
    assert list(blend.description.weights or {}) == ["lstm+smoothing", "theta", "ets", "arima", "ces"]
    assert [*SavedModel.of(bundle.load(FIXTURES / "blend")).forecaster.members] == [*(blend.description.weights or {})]
    assert alone.description.parts == {"network (LSTM)": 0.5, "exponential smoothing": 0.5}
    assert blend.description.parts == pytest.approx(
        {
            "network (LSTM)": 0.3003,
            "exponential smoothing": 0.3003,
            "theta": 0.0733,
            "ets": 0.0383,
            "arima": 0.1157,
            "ces": 0.1721,
        }
    )
    assert alone.mase("lstm+smoothing") is not None
    assert alone.mase("lstm") is None


def test_a_bundle_of_an_earlier_version_keeps_the_version_that_ledgers_know() -> None:
    for name in ("lstm", "blend"):
        loaded = bundle.load(FIXTURES / name, ())
        digests = sorted(entry["sha256"] for entry in loaded.section("files", dict).values())
        assert ModelCard.of(loaded).version == hashlib.sha256("".join(digests).encode()).hexdigest()[:12]


def test_info_of_a_bundle_of_an_earlier_version_has_the_present_names() -> None:
    facts = json.loads(run_here("info", "-m", FIXTURES / "lstm", "--format", "json").stdout)

    assert facts["model"]["name"] == "lstm+smoothing"
    assert facts["model"]["parts"] == {"network (LSTM)": 0.5, "exponential smoothing": 0.5}
    scored = {score["model"] for score in facts["training"]["summary"]["scores"]}
    assert scored == {"lstm+smoothing", "theta", "seasonal-naive"}


@pytest.mark.slow
def test_models_of_the_same_data_have_different_versions(tmp_path: Path) -> None:
    def version(directory: str, name: str) -> str | None:
        done = run_here("train", AIRLINE, "-m", tmp_path / directory, "--model", name, "--preset", "fast")
        assert done.returncode == 0, done.stderr
        return ModelCard.of(bundle.load(tmp_path / directory, ())).version

    versions = [version(name, name) for name in ("naive", "seasonal-naive", "drift")]
    assert len({*versions}) == 3
    assert version("again", "naive") == versions[0]


@pytest.mark.parametrize("missing", ["network", "windows", "smoothing"])
def test_a_card_without_a_part_of_its_model_is_refused(missing: str) -> None:
    loaded = bundle.load(FIXTURES / "lstm")
    metadata = json.loads(json.dumps({**loaded.metadata, **ModelCard.of(loaded).sections()}))
    metadata["model"].pop(missing)
    model = SavedModel.of(replace(loaded, metadata=metadata))

    with pytest.raises(ModelError, match="the parts of the model do not fit together"):
        _ = model.forecaster


@pytest.mark.parametrize(("before", "now"), [(None, ()), ("shop", ("shop",))])
def test_the_id_column_of_an_earlier_version_is_kept(before: str | None, now: tuple[str, ...]) -> None:
    loaded = bundle.load(FIXTURES / "lstm", ())
    metadata = json.loads(json.dumps(loaded.metadata))
    metadata["data"]["read"]["id_column"] = before

    assert ModelCard.of(replace(loaded, metadata=metadata)).data.read.id_columns == now


def test_a_card_is_restored_from_its_bundle(card: ModelCard, airline_model: TrainedModel) -> None:
    loaded = bundle.load(airline_model.directory, ())

    again = ModelCard.of(replace(loaded, metadata={**loaded.metadata, **json.loads(json.dumps(card.sections()))}))

    assert again == card
    assert card.name == "lstm+smoothing"
    assert card.description.network is not None
    assert card.description.network.topology == "lstm"
    assert (card.horizon, card.data.series, card.data.freq) == (12, 1, "MS")
    assert card.mase("lstm+smoothing") is not None
    assert card.mase("lstm") is not None
    assert card.mase("no such model") is None


def wrong(section: str, *place: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(metadata: dict[str, Any]) -> None:
        found = metadata[section]
        for name in place[:-1]:
            found = found[name]
        found[place[-1]] = value

    return change


@pytest.mark.parametrize(
    "change",
    [
        wrong("model", "network", "units", value=["four"]),
        wrong("model", "network", "input_size", value=None),
        wrong("model", "windows", value={}),
        wrong("model", "horizon", value="12"),
        wrong("model", "smoothing", "share", value=[0.5]),
        wrong("data", "season_length", value=12.5),
        wrong("data", "read", value=[]),
        wrong("data", "read", "season_length", value=0),
        wrong("training", "epochs", value={}),
        wrong("training", "summary", value="none"),
        lambda metadata: metadata["model"].pop("context_size"),
    ],
)
def test_a_card_with_a_wrong_field_is_refused(airline_model: TrainedModel, change: Callable[[Any], None]) -> None:
    loaded = bundle.load(airline_model.directory, ())
    metadata = json.loads(json.dumps(loaded.metadata))
    change(metadata)

    with pytest.raises(ModelError, match="the description of the model is not valid") as refused:
        ModelCard.of(replace(loaded, metadata=metadata))

    assert refused.value.exit_code == 4


@pytest.mark.parametrize(("place", "accepted"), [("US", True), ("DE-BY", True), ("ZZ", False), ("", False)])
def test_a_card_with_holidays_is_read_if_they_are_known(place: str, accepted: bool) -> None:
    loaded = bundle.load(FIXTURES / "lstm", ())
    metadata = json.loads(json.dumps(loaded.metadata))
    metadata["data"]["freq"] = "D"
    metadata["model"]["windows"]["calendar"] = ["weekday", f"holidays {place}"]
    changed = replace(loaded, metadata=metadata)

    if accepted:
        assert ModelCard.of(changed).description.windows.calendar == ("weekday", f"holidays {place}")
    else:
        with pytest.raises(ModelError, match="no holidays are known for it"):
            ModelCard.of(changed)


def test_a_model_that_this_version_does_not_have_is_refused(airline_model: TrainedModel) -> None:
    loaded = bundle.load(airline_model.directory)
    metadata = json.loads(json.dumps(loaded.metadata))
    metadata["model"]["name"] = "oracle"

    with pytest.raises(ModelError, match="no model 'oracle' in this version"):
        SavedModel.of(replace(loaded, metadata=metadata))
