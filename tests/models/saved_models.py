"""Models trained in seconds, saved and loaded, for the tests that every model must pass."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from forecast_cli import bundle, workflows
from forecast_cli.evaluation.folds import last_fold
from forecast_cli.forecasting import Forecaster, no_progress
from forecast_cli.models import intervals
from forecast_cli.models.saved import SavedModel
from forecast_cli.models.table import model_of
from forecast_cli.models.training import Training
from forecast_cli.options import ModelConfig, ReadConfig, TrainConfig, TrainingRequest
from forecast_cli.panel.panel import Panel
from forecast_cli.panel.reading import read_panel
from tests.sample_panels import AIRLINE, Floats, panel_of, seasonal
from tests.tried_models import WITH_NETWORK

SMALL = ModelConfig(units=(8,))
HORIZON = 12
SHORT = TrainConfig(horizon=HORIZON, epochs=1, preset="fast")
WITHOUT_NETWORK = TrainConfig(horizon=HORIZON, preset="fast")

POSITIVE = panel_of(seasonal(60), seasonal(48, seed=1), seasonal(72, seed=2))


def options(name: str) -> tuple[ModelConfig, TrainConfig]:
    """Options for a short training. A model without a network gets no options of networks."""
    return (SMALL, SHORT) if name in WITH_NETWORK else (ModelConfig(), WITHOUT_NETWORK)


def trained_again(name: str, panel: Panel) -> Forecaster:
    """The model, trained on a panel as `train` does, but neither saved nor loaded."""
    fold = last_fold(panel, HORIZON)
    forecaster = model_of(name, Training(*options(name))).fit(fold.past, no_progress, fold.end)
    forecaster.update(panel)
    return forecaster


@contextmanager
def trained_forecasters() -> Iterator[list[Forecaster]]:
    """Each forecaster that `train` has trained, as it saves it: intervals are computed from it in between."""
    seen: list[Forecaster] = []

    def calibrate_and_keep(forecaster: Forecaster, *args: Any) -> intervals.Calibration | None:
        seen.append(forecaster)
        return calibrate(forecaster, *args)

    calibrate = intervals.calibrate
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(intervals, "calibrate", calibrate_and_keep)
        yield seen


@dataclass
class Saved:
    """Models that were trained on a file of POSITIVE, saved and loaded, each when it is first asked for.

    The model `auto` was trained on the airline passengers, because it keeps no network for POSITIVE. Each model is then
    trained once more, while its network is still compiled.

    unsaved:    name -> the first training as it was when it was saved, so that Keras runs its network; for reading only
    again:      name -> the second training, neither saved nor loaded; for reading only
    forecasts:  name -> the forecast of POSITIVE, 6 steps; for reading only
    """

    home: Path
    loaded: dict[str, SavedModel] = field(default_factory=dict)
    unsaved: dict[str, Forecaster] = field(default_factory=dict)
    again: dict[str, Forecaster] = field(default_factory=dict)
    forecasts: dict[str, Floats] = field(default_factory=dict)

    def source(self, name: str) -> str:
        return str(AIRLINE if name == "auto" else self.home / "positive.csv")

    def panel(self, name: str) -> Panel:
        return read_panel(self.source(name), ReadConfig())

    def model(self, name: str) -> SavedModel:
        if name not in self.loaded:
            model, training = options(name)
            request = TrainingRequest(self.home / name, ReadConfig(), model, training, name)
            with trained_forecasters() as trained:
                workflows.train(self.source(name), request, no_progress)
            (self.unsaved[name],) = trained
            self.loaded[name] = SavedModel.of(bundle.load(self.home / name))
            self.again[name] = trained_again(name, self.panel(name))
            self.forecasts[name] = self.loaded[name].forecaster.predict(POSITIVE, 6).point
        return self.loaded[name]
