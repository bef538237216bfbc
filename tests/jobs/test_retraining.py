"""When a job's model is trained: its options, a model that is damaged, and one that cannot be continued."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from forecast_cli import bundle
from forecast_cli.jobs.file.job import Job
from forecast_cli.jobs.ledger.ledger import Ledger
from forecast_cli.jobs.run.retraining import CurrentModel, asked, reason_to_train
from forecast_cli.options import ModelConfig, ReadConfig, TrainConfig
from forecast_cli.panel.panel import Panel
from tests.jobs.job_folder import DEFAULTS, Folder
from tests.jobs.ledger_samples import enter, job_run
from tests.trained_model import TrainedModel

NOW = datetime(2026, 1, 1, tzinfo=UTC)
JOB = Job("sales", "sales.csv", Path("model"), horizon=3, retrain=timedelta(days=7))


def of(job: Job) -> CurrentModel:
    """The model that this job has trained."""
    return CurrentModel("version", NOW, "data", "2025-12-01", None, None, 3, asked(job))


def why(job: Job, model: CurrentModel) -> str:
    return reason_to_train(job, model, "data", None, NOW)


@pytest.mark.parametrize(
    "edited",
    [
        replace(JOB, kind="blend"),
        replace(JOB, model=ModelConfig(units=(9,))),
        replace(JOB, training=TrainConfig(epochs=9)),
        replace(JOB, training=TrainConfig(preset="fast")),
        replace(JOB, horizon=4),
        replace(JOB, read=ReadConfig(on_gap="zero")),
        replace(JOB, read=ReadConfig(value_columns=("visits",))),
    ],
)
@pytest.mark.parametrize("retrain", ["always", "when-degraded", timedelta(days=7)])
def test_other_options_ask_for_another_model(edited: Job, retrain: str | timedelta) -> None:
    assert why(replace(edited, retrain=retrain), of(JOB)) == "its options changed"
    assert why(replace(JOB, retrain=retrain), of(edited)) == "its options changed"


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
def test_options_that_ask_for_the_same_model_change_nothing(edited: Job) -> None:
    assert why(edited, of(JOB)) == ""


def test_a_model_that_is_never_retrained_is_no_longer_what_the_job_asks_for(caplog: pytest.LogCaptureFixture) -> None:
    assert why(replace(JOB, retrain="never", kind="blend"), of(JOB)) == ""
    assert caplog.messages == ["The options of the job are not those of its model, which is never retrained."]


def test_a_model_trained_by_hand_is_not_judged_by_its_options(airline_model: TrainedModel) -> None:
    by_hand = CurrentModel.of(bundle.load(airline_model.directory, ()))

    assert by_hand.asked is None
    assert reason_to_train(replace(JOB, kind="blend"), by_hand, by_hand.fingerprint, None, NOW) == ""


def test_an_edited_job_gets_another_model_once(folder: Folder) -> None:
    """A new one replaces the old one whether it is better or not, and does not continue it."""
    folder.describe("sales", defaults=DEFAULTS.replace("never", "when-degraded"))
    folder.data("sales", 120)
    folder.outcomes()
    edited = DEFAULTS.replace("never", "when-degraded").replace('units = "4"', 'units = "5"\nwarm-start = true')
    folder.describe("sales", defaults=edited)

    outcome = folder.outcomes()["sales"]

    assert (outcome["outcome"], outcome["training"]) == ("forecast", "trained")
    assert outcome["message"].endswith("its options changed.")
    model = bundle.load(folder.path / "forecast-state" / "models" / "sales", ()).section("model", dict)
    assert model["network"]["units"] == [5]
    assert folder.outcomes()["sales"]["outcome"] == "unchanged"


def test_a_warm_start_that_is_not_possible_is_none(folder: Folder) -> None:
    """The model that is there has 8 units, and was trained by hand."""
    folder.ready("sales")
    folder.describe("sales", defaults=DEFAULTS.replace("never", "always"), more="warm-start = true\n")

    done = folder.run("--verbose")

    assert done.returncode == 0, done.stderr
    assert "Training starts from nothing. --units 4: the network of" in done.stderr
    model = bundle.load(folder.path / "forecast-state" / "models" / "sales", ()).section("model", dict)
    assert model["network"]["units"] == [4]


def test_force_replaces_a_model_that_is_damaged(folder: Folder) -> None:
    folder.ready("sales")
    described = folder.path / "forecast-state" / "models" / "sales" / "metadata.json"
    described.write_text(described.read_text()[:-100])

    failed = folder.outcomes(code=3)["sales"]
    forced = folder.outcomes("--only", "sales", "--force")["sales"]

    assert "is damaged" in failed["message"]
    assert failed["hint"] == "forecast run --only sales --force trains a new model."
    assert (forced["outcome"], forced["training"]) == ("forecast", "trained")
    assert folder.outcomes()["sales"]["outcome"] == "unchanged"


@pytest.mark.parametrize(
    ("error", "mase", "said"),
    [
        (1.5, 0.5, "the naive forecast was better"),
        (0.7, 0.5, "it has become worse: 0.70 times the error of the naive forecast, 0.50 when it was trained"),
        (0.6, 0.5, ""),
        (0.7, None, ""),
    ],
)
def test_a_degraded_model_is_told_by_its_errors_beside_the_naive_forecast(
    tmp_path: Path, error: float, mase: float | None, said: str
) -> None:
    """The naive forecast is wrong by 10 at every step, the model by a share of that."""
    job = replace(JOB, retrain="when-degraded")
    model = replace(of(job), mase=mase, naive_mase=mase and 1.0)
    days = np.arange("2026-01-01", "2026-03-01", dtype="datetime64[D]").astype("datetime64[ns]")
    values = np.where(np.arange(len(days)) < 40, np.arange(len(days)) % 2.0, 11.0)
    whole = Panel(np.array(["a"]), "D", 1, np.array([0, len(days)]), days, values)
    with Ledger.open(tmp_path / "ledger.sqlite") as ledger:
        enter(ledger, whole.drop_last(19), error=10 * (1 - error), horizon=12, model=model.version, at=NOW)
        assert reason_to_train(job, model, "more data", ledger, NOW) == ""
        ledger.score(job.name, whole)
        reason = reason_to_train(job, model, "more data", ledger, NOW)
        assert reason.startswith(said) if said else reason == ""
        trained = replace(job_run("later", at=NOW), training="kept")
        ledger.start_run("later", Path("jobs.toml"), NOW)
        ledger.record(trained)
        assert reason_to_train(job, model, "more data", ledger, NOW + timedelta(days=6)) == ""
        assert reason_to_train(job, model, "more data", ledger, NOW + timedelta(days=8)) == reason
