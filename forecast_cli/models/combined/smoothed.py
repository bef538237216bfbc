"""A network combined with exponential smoothing: the model behind the name of each topology."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

import numpy as np

from forecast_cli.features.scaling import Scaling
from forecast_cli.forecasting import Forecast, Progress, Saved, no_progress
from forecast_cli.models.card import Description
from forecast_cli.models.combined.smoothing import Smoothing, combine, trust_in_smoothing
from forecast_cli.models.files import FITTED_FILE, ONNX_FILE, SCORED_FILE
from forecast_cli.models.network.onnx_runtime import load_onnx
from forecast_cli.models.network.trained import TrainedNetwork
from forecast_cli.models.training import Training
from forecast_cli.options import ModelConfig, TrainConfig
from forecast_cli.panel.arrays import Ints
from forecast_cli.panel.panel import Panel

if TYPE_CHECKING:
    from forecast_cli.models.network.checkpoint import Checkpoints
    from forecast_cli.models.network.defaults import Recipe
    from forecast_cli.models.network.training import NetworkTraining
    from forecast_cli.models.warm_start import EarlierNetwork


@dataclass(frozen=True)
class SmoothedForecaster:
    """A trained network and its combination with smoothing.

    training:  None if the network was loaded from a bundle; such a forecaster can only predict
    """

    name: str
    network: TrainedNetwork
    smoothing: Smoothing
    training: NetworkTraining | None = None

    def predict(self, panel: Panel, horizon: int) -> Forecast:
        """Forecast `horizon` steps after the last point of every series; no series may be empty."""
        features = self.network.features(panel)
        origins = features.last_origins()
        path = self.network.paths(features, origins, horizon)
        return Forecast.after(panel, combine(path, features, origins, self.smoothing, self.network.context_size))

    def update(self, panel: Panel, cutoff: str | None = None) -> None:
        self._in_training().update(panel, cutoff)

    def save(self) -> Saved:
        training = self._in_training()
        fitted, scored = training.states()
        description = Description(
            name=self.name,
            context_size=self.network.context_size,
            network=training.recipe.spec,
            windows=training.recipe.shape,
            smoothing=self.smoothing,
            plan=training.recipe.plan,
            fitted_to=fitted.learned_to,
            scored_to=scored.learned_to,
        )
        return Saved(description, training.files())

    @classmethod
    def load(
        cls, description: Description, files: Mapping[str, bytes], scaling: Scaling | None = None
    ) -> SmoothedForecaster:
        """The forecaster of a bundle, run by ONNX Runtime. Raises ModelError if its network cannot be loaded.

        scaling:  of the whole series, if the panels to forecast contain only their ends
        """
        network = TrainedNetwork(load_onnx(files[ONNX_FILE]), description.windows, description.context_size, scaling)
        return cls(description.network.topology, network, description.smoothing)

    @classmethod
    def load_as_scored(cls, description: Description, files: Mapping[str, bytes]) -> SmoothedForecaster:
        """The forecaster with the weights that were scored, run by Keras.

        Raises ModelError for weights of another network, KeyError if the bundle has none.
        """
        from forecast_cli.models.network.trainer import load_keras

        weights = files[SCORED_FILE] if SCORED_FILE in files else files[FITTED_FILE]
        run = load_keras(description.network, weights)
        network = TrainedNetwork(run, description.windows, description.context_size)
        return cls(description.network.topology, network, description.smoothing)

    def _in_training(self) -> NetworkTraining:
        if self.training is None:
            raise ValueError("a network that was loaded for prediction is trained by a new fit with a warm start")
        return self.training


@dataclass(frozen=True)
class SmoothedModel:
    """An unfitted network of one topology, to be combined with exponential smoothing.

    earlier:            the network that a warm start continues
    recipe, smoothing:  chosen by `for_data`
    """

    topology: str
    options: ModelConfig
    training: TrainConfig
    earlier: EarlierNetwork | None = None
    checkpoints: Checkpoints | None = None
    recipe: Recipe | None = None
    smoothing: Smoothing | None = None

    @property
    def name(self) -> str:
        return self.topology

    def for_data(self, panel: Panel) -> Self:
        from forecast_cli.models.network.defaults import choose
        from forecast_cli.models.network.regimes import Traits

        if self.earlier is not None:
            recipe = self.earlier.recipe(self.topology, panel, self.options, self.training)
            return replace(self, recipe=recipe, smoothing=self.earlier.description.smoothing)
        traits = Traits.of(panel)
        recipe = choose(self.topology, panel, self.options, self.training)
        return replace(self, recipe=recipe, smoothing=Smoothing(traits.share, repeated=traits.repeated))

    def fit(self, panel: Panel, progress: Progress = no_progress, cutoff: str | None = None) -> SmoothedForecaster:
        if self.recipe is None or self.smoothing is None:
            return self.for_data(panel).fit(panel, progress, cutoff)
        from forecast_cli.models.network.training import NetworkTraining

        training = NetworkTraining(self.recipe, self.checkpoints, self.earlier.state if self.earlier else None)
        training.fit(panel, progress, cutoff)
        smoothing = self.smoothing
        if smoothing.share and panel.season_length == 1:
            trust = _measured_trust(training.network, panel, training.held_back(panel))
            smoothing = replace(smoothing, trust=trust)
        return SmoothedForecaster(self.name, training.network, smoothing, training)


FORECASTER = SmoothedForecaster


def create(topology: str, training: Training) -> SmoothedModel:
    """The unfitted network of a topology, with smoothing."""
    return SmoothedModel(topology, training.model, training.training, training.earlier, training.checkpoints)


def _measured_trust(network: TrainedNetwork, panel: Panel, held_back: Ints) -> float:
    """The trust in smoothing, from the errors of the network and of smoothing on the validation block."""
    steps = np.arange(held_back.max())
    hidden = steps < held_back[:, None]
    at = (panel.indptr[1:] - held_back)[:, None] + steps
    actual = np.where(hidden, panel.values[np.where(hidden, at, 0)], np.nan)
    if not np.isfinite(actual).any():
        return 1.0
    from forecast_cli.evaluation.metrics import mae

    features = network.features(panel.drop_last(held_back))
    origins = features.last_origins()
    path = network.paths(features, origins, len(steps))
    plain, smoothed = (combine(path, features, origins, Smoothing(share), network.context_size) for share in (0.0, 1.0))
    return trust_in_smoothing(mae(actual, plain), mae(actual, smoothed))
