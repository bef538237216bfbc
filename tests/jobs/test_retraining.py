"""When a job's model is trained: changed options, damaged models, degraded models, warm starts."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from forecast_cli import bundle
from forecast_cli.jobs.file.job import Job
from forecast_cli.jobs.ledger.ledger import Ledger
from forecast_cli.jobs.run.retraining import CurrentModel, name_to_train, options_digest, reason_to_train
from forecast_cli.models.card import ModelCard
from forecast_cli.options import ModelConfig, ReadConfig, TrainConfig
from forecast_cli.panel.panel import Panel
from tests.jobs.job_folder import DEFAULTS, STATISTICAL, Folder
from tests.jobs.ledger_samples import job_run, record_forecast
from tests.trained_model import TrainedModel

NOW = datetime(2026, 1, 1, tzinfo=UTC)
JOB = Job("sales", "sales.csv", Path("model"), horizon=3, retrain=timedelta(days=7))


def model_of(job: Job, series: int = 51) -> CurrentModel:
    """A model that the job has trained, on this number of series."""
    name = name_to_train(job, None, series)
    return CurrentModel("version", NOW, "data", "2025-12-01", None, None, 3, options_digest(job, name), name)


def why(job: Job, model: CurrentModel) -> str:
    return reason_to_train(job, model, "data", None, NOW)


@pytest.mark.parametrize(
    "edited",
    [
        replace(JOB, model=ModelConfig(units=(9,))),
        replace(JOB, training=TrainConfig(epochs=9)),
        replace(JOB, training=TrainConfig(preset="fast")),
        replace(JOB, horizon=4),
        replace(JOB, read=ReadConfig(on_gap="zero")),
        replace(JOB, read=ReadConfig(value_columns=("visits",))),
    ],
)
@pytest.mark.parametrize("retrain", ["always", "when-degraded", timedelta(days=7)])
def test_changed_options_are_a_reason_to_train(edited: Job, retrain: str | timedelta) -> None:
    assert why(replace(edited, retrain=retrain), model_of(JOB)) == "its options changed"
    assert why(replace(JOB, retrain=retrain), model_of(edited)) == "its options changed"


@pytest.mark.parametrize("name", ["blend", "lstm", "gru+smoothing"])
def test_another_model_is_a_reason_to_train(name: str) -> None:
    edited, smoothed = (replace(JOB, model_name=each) for each in (name, "lstm+smoothing"))

    assert why(edited, model_of(smoothed)) == why(smoothed, model_of(edited)) == "its options changed"


@pytest.mark.parametrize(
    "edited",
    [
        JOB,
        replace(JOB, training=TrainConfig(horizon=3)),
        replace(JOB, training=TrainConfig(preset="standard", seed=0)),
        replace(JOB, read=ReadConfig(delimiter=";", decimal=",", encoding="latin-1")),
        replace(JOB, data="other.csv", outputs=("forecast.csv",), warm_start=True, retries=9),
    ],
)
def test_options_without_influence_on_the_model_are_no_reason_to_train(edited: Job) -> None:
    assert why(edited, model_of(JOB)) == ""


def test_a_network_with_smoothing_keeps_the_digest_of_its_former_name() -> None:
    """It had the name of its topology, which is now the name of the network alone."""

    def digest(kind: str) -> str:
        parts = {"kind": kind, "model": {}, "read": {}, "training": {"horizon": 3}}
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    assert options_digest(JOB, "lstm+smoothing") == digest("lstm")
    assert options_digest(JOB, "gru+smoothing") == digest("gru")
    assert options_digest(JOB, "blend") == digest("blend")
    assert options_digest(JOB, "lstm") != digest("lstm")


@pytest.mark.parametrize(("series", "name"), [(1, "blend"), (50, "blend"), (51, "lstm+smoothing")])
def test_a_job_that_names_no_model_keeps_the_one_it_has(series: int, name: str) -> None:
    """Whatever the default for its data becomes: with more series, or in another version of the program."""
    model = model_of(JOB, series)

    assert model.name == name
    assert {name_to_train(JOB, model, now) for now in (1, 50, 51, 5000)} == {name}
    assert why(JOB, model) == ""
    assert why(replace(JOB, model_name=name), model) == ""
    assert why(replace(JOB, model_name="gru"), model) == "its options changed"
    assert name_to_train(replace(JOB, model_name="gru"), model, series) == "gru"


def test_changed_options_of_a_model_that_is_never_retrained_are_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    assert why(replace(JOB, retrain="never", model_name="blend"), model_of(JOB)) == ""
    assert caplog.messages == [
        'The options of the job have changed, but its model is not trained again, because of retrain = "never".'
    ]


def test_a_model_dated_in_the_future_is_trained_again_when_the_data_change(caplog: pytest.LogCaptureFixture) -> None:
    ahead = replace(model_of(JOB), created=NOW + timedelta(days=730), fingerprint="earlier data")
    assert why(JOB, ahead) == "the model is dated in the future"
    assert caplog.messages == ["The model is dated 2028-01-01, in the future: it is trained again."]
    assert why(JOB, replace(ahead, fingerprint="data")) == ""
    assert why(JOB, replace(ahead, created=NOW + timedelta(minutes=1))) == ""


def test_options_of_a_model_trained_by_hand_are_not_compared(airline_model: TrainedModel) -> None:
    by_hand = CurrentModel.of(ModelCard.of(bundle.load(airline_model.directory, ())))

    assert by_hand.options is None
    assert reason_to_train(replace(JOB, model_name="blend"), by_hand, by_hand.fingerprint, None, NOW) == ""


WITHOUT_A_NAME = DEFAULTS.replace('model = "lstm+smoothing"\n', "warm-start = true\n").replace("never", "always")


def saved_by(folder: Folder) -> dict[str, Any]:
    """What the model of the job "sales" says about itself."""
    return bundle.load(folder.path / "forecast-state" / "models" / "sales", ()).section("model", dict)


@pytest.fixture(scope="module")
def trained_over(
    tmp_path_factory: pytest.TempPathFactory, airline_model: TrainedModel
) -> tuple[Folder, subprocess.CompletedProcess[str]]:
    """A job without a model key, which has trained over a model trained by hand; what it said. For reading only."""
    folder = Folder(tmp_path_factory.mktemp("trained_over"), airline_model)
    folder.ready("sales")
    folder.describe("sales", defaults=WITHOUT_A_NAME)
    return folder, folder.run("--verbose")


@pytest.fixture
def retrained(trained_over: tuple[Folder, object], tmp_path: Path) -> Folder:
    """A copy of that job's folder."""
    folder, _ = trained_over
    shutil.copytree(folder.path, tmp_path, dirs_exist_ok=True)
    return replace(folder, path=tmp_path)


def test_a_job_with_changed_options_trains_once(retrained: Folder) -> None:
    """The new model replaces the old one without a comparison, and does not start from it."""
    edited = WITHOUT_A_NAME.replace("always", "when-degraded").replace('units = "4"', 'units = "5"')
    retrained.describe("sales", defaults=edited)

    outcome = retrained.outcomes()["sales"]

    assert (outcome["outcome"], outcome["training"]) == ("forecast", "trained")
    assert outcome["message"].endswith("its options changed.")
    assert saved_by(retrained)["network"]["units"] == [5]
    assert retrained.outcomes()["sales"]["outcome"] == "unchanged"


def test_a_job_without_a_model_key_trains_the_kind_of_model_that_it_has(retrained: Folder) -> None:
    assert retrained.query("SELECT outcome, training FROM job_runs") == [("forecast", "trained")]
    assert saved_by(retrained)["name"] == "lstm+smoothing"
    assert retrained.outcomes()["sales"]["outcome"] == "unchanged"


def test_a_job_without_a_model_key_and_a_model_trains_the_default_for_one_series(folder: Folder) -> None:
    folder.describe("sales", defaults=WITHOUT_A_NAME)
    folder.data("sales", 48)

    outcome = folder.outcomes()["sales"]

    assert (outcome["outcome"], outcome["training"]) == ("forecast", "trained")
    assert saved_by(folder)["name"] == "blend"
    assert folder.outcomes()["sales"]["outcome"] == "unchanged"


def test_without_a_possible_warm_start_training_starts_from_scratch(
    trained_over: tuple[Folder, subprocess.CompletedProcess[str]],
) -> None:
    """The current model has 8 units and was trained by hand."""
    folder, done = trained_over

    assert done.returncode == 0, done.stderr
    assert re.search(r"Training does not start from the current model\. .*units 4: the network .* has 8", done.stderr)
    assert saved_by(folder)["network"]["units"] == [4]


def test_a_job_may_have_a_model_without_a_network(folder: Folder) -> None:
    """There is no network to start from, so it is trained as a new one."""
    defaults = '[defaults]\nhorizon = 3\nretrain = "always"\nmodel = "theta"\nwarm-start = true\n'
    folder.describe("sales", defaults=defaults)
    folder.data("sales", 120)

    first = folder.outcomes()["sales"]
    folder.data("sales", 123)
    second = folder.outcomes()["sales"]

    assert (first["outcome"], first["training"]) == (second["outcome"], second["training"]) == ("forecast", "trained")
    assert (first["scored"], second["scored"]) == (0, 3)
    model = bundle.load(folder.path / "forecast-state" / "models" / "sales", ()).section("model", dict)
    assert model["name"] == "theta"


def test_force_replaces_a_damaged_model(folder: Folder) -> None:
    folder.describe("sales", defaults=STATISTICAL)
    folder.data("sales", 120)
    folder.run()
    described = folder.path / "forecast-state" / "models" / "sales" / "metadata.json"
    described.write_text(described.read_text()[:-100])

    failed = folder.outcomes(code=3)["sales"]
    forced = folder.outcomes("--only", "sales", "--force")["sales"]

    assert "is damaged" in failed["message"]
    assert failed["hint"] == "forecast run --only sales --force trains a new model."
    assert (forced["outcome"], forced["training"]) == ("forecast", "trained")
    assert folder.outcomes()["sales"]["outcome"] == "unchanged"


@pytest.mark.parametrize(
    ("error", "mase", "reason"),
    [
        (1.5, 0.5, "the seasonal naive forecast was better"),
        (0.7, 0.5, "its error grew to 0.70 times that of the seasonal naive forecast, from 0.50 at training"),
        (0.6, 0.5, ""),
        (0.7, None, ""),
    ],
)
def test_a_model_is_degraded_if_its_error_grows_relative_to_the_naive_forecast(
    tmp_path: Path, error: float, mase: float | None, reason: str
) -> None:
    """The naive forecast has an error of 10 at every step, the model `error` times that."""
    job = replace(JOB, retrain="when-degraded")
    model = replace(model_of(job), mase=mase, naive_mase=mase and 1.0)
    days = np.arange("2026-01-01", "2026-03-01", dtype="datetime64[D]").astype("datetime64[ns]")
    values = np.where(np.arange(len(days)) < 40, np.arange(len(days)) % 2.0, 11.0)
    whole = Panel(np.array(["a"]), "D", 1, np.array([0, len(days)]), days, values)
    with Ledger.open(tmp_path / "ledger.sqlite") as ledger:
        record_forecast(ledger, whole.drop_last(19), error=10 * (1 - error), horizon=12, model=model.version, at=NOW)
        assert reason_to_train(job, model, "more data", ledger, NOW) == ""
        ledger.score(job.name, whole)
        found = reason_to_train(job, model, "more data", ledger, NOW)
        assert found.startswith(reason) if reason else found == ""
        ledger.start_run("later", Path("jobs.toml"), NOW)
        ledger.record(replace(job_run("later", at=NOW), training="kept"))
        assert reason_to_train(job, model, "more data", ledger, NOW + timedelta(days=6)) == ""
        assert reason_to_train(job, model, "more data", ledger, NOW + timedelta(days=8)) == found
