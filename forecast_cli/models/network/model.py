"""Models such as `lstm`: one recurrent network that is trained on all series of a panel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self

from forecast_cli.features.features import Features
from forecast_cli.features.scaling import Scaling
from forecast_cli.features.windows import WindowShape
from forecast_cli.forecasting import Forecast, Forecaster, Progress, Saved, no_progress
from forecast_cli.models.description import Description
from forecast_cli.models.files import FITTED_FILE, ONNX_FILE, SCORED_FILE
from forecast_cli.models.network.onnx_runtime import load_network
from forecast_cli.models.network.rollout import Paths
from forecast_cli.models.network.trained import TrainedNetwork
from forecast_cli.models.training import Training
from forecast_cli.networks.spec import NetworkSpec
from forecast_cli.panel.arrays import Floats, Ints
from forecast_cli.panel.panel import Panel

if TYPE_CHECKING:
    from forecast_cli.models.network.defaults import Recipe
    from forecast_cli.models.network.training import NetworkTraining


Path = tuple[Features, Ints, Floats]


@dataclass(frozen=True)
class NetworkForecaster:
    """A trained network that forecasts panels.

    name:      the name of its topology, such as "lstm"
    network:   the trained network
    training:  its training; None if the network was loaded from a bundle: it can then only predict
    """

    name: str
    network: TrainedNetwork
    training: NetworkTraining | None = None
    _latest: list[tuple[Panel, int, tuple[Features, Ints, Paths]]] = field(
        default_factory=list, repr=False, compare=False
    )

    @property
    def members(self) -> Mapping[str, Forecaster]:
        return {}

    def predict(self, panel: Panel, horizon: int) -> Forecast:
        """Forecast `horizon` steps after the last point of every series; no series may be empty."""
        features, origins, path = self.path(panel, horizon)
        return self.around(features.values(path, origins), panel)

    def around(self, point: Floats, panel: Panel) -> Forecast:
        """A forecast with the given point forecasts (n, horizon), and with the spread that the network expects."""
        features, origins, paths = self._paths(panel, point.shape[1])
        if paths.spread is None:
            return Forecast.after(panel, point)
        own, rows = features.values(paths.point, origins), features.rows[origins][:, None]
        return Forecast.after(panel, point, paths.spread * features.scaling.slope(own, rows))

    def path(self, panel: Panel, horizon: int) -> Path:
        """The network's forecast of a panel as adjusted values: scaled (log or linear), and without the seasons.

        `Features.values` converts adjusted values to the units of the data. Returns the features of the panel; the
        origins (n,), the indices of the last point of each series in these features; and the adjusted values (n,
        horizon) after the origins.
        """
        features, origins, paths = self._paths(panel, horizon)
        return features, origins, paths.point

    def _paths(self, panel: Panel, horizon: int) -> tuple[Features, Ints, Paths]:
        """As `path`, but the third result is `Paths`: the adjusted values, and their spread (None without quantiles).

        The latest result is cached, because one forecast asks for it several times.
        """
        for known, steps, found in self._latest:
            if known is panel and steps == horizon:
                return found
        features = self.network.features(panel, horizon)
        origins = features.last_origins()
        found = features, origins, self.network.paths(features, origins, horizon)
        self._latest[:] = [(panel, horizon, found)]
        return found

    def update(self, panel: Panel, cutoff: str | None = None) -> None:
        self._latest.clear()
        self.in_training().update(panel, cutoff)

    def for_calibration(self, panel: Panel, steps: int) -> tuple[NetworkForecaster, Ints]:  # noqa: ARG002
        network, unlearned = self.in_training().as_fitted(panel)
        return replace(self, network=network, _latest=[]), unlearned

    def save(self) -> Saved:
        training = self.in_training()
        fitted, scored = training.states()
        description = Description(
            name=self.name,
            context_size=self.network.context_size,
            network=training.recipe.spec,
            windows=training.recipe.shape,
            covariate_scaling=dict(self.network.covariate_scaling),
            plan=training.recipe.plan,
            fitted_to=fitted.learned_to,
            scored_to=scored.learned_to,
        )
        return Saved(description, training.files())

    @classmethod
    def load(
        cls, description: Description, files: Mapping[str, bytes], scaling: Scaling | None = None
    ) -> NetworkForecaster:
        """The network in a bundle, run by ONNX Runtime.

        description: what the bundle says of the model
        files:       logical name -> content of the files in the bundle
        scaling:     how each series is scaled; None: it is computed from each panel that is forecast

        Raises ModelError if the network cannot be loaded, KeyError if the bundle has no file of it, and ValueError if
        the bundle describes no network.
        """
        spec, windows = _described(description)
        covariates = description.covariate_scaling or {}
        network = TrainedNetwork(
            load_network(files[ONNX_FILE], spec), windows, description.context_size, scaling, covariates
        )
        return cls(spec.topology, network)

    @classmethod
    def load_as_scored(cls, description: Description, files: Mapping[str, bytes]) -> NetworkForecaster:
        """The network in a bundle, in the state in which it was scored, run by Keras.

        Raises ModelError if the weights are those of another network, KeyError if the bundle has no weights, and
        ValueError if it describes no network.
        """
        from forecast_cli.models.network.trainer import load_keras

        spec, windows = _described(description)
        weights = files[SCORED_FILE] if SCORED_FILE in files else files[FITTED_FILE]
        network = TrainedNetwork(load_keras(spec, weights), windows, description.context_size)
        return cls(spec.topology, replace(network, covariate_scaling=description.covariate_scaling or {}))

    def in_training(self) -> NetworkTraining:
        if self.training is None:
            raise ValueError("a network that was loaded for prediction is trained by a new fit with a warm start")
        return self.training


def _described(description: Description) -> tuple[NetworkSpec, WindowShape]:
    if description.network is None or description.windows is None:
        raise ValueError("no network is described")
    return description.network, description.windows


@dataclass(frozen=True)
class NetworkModel:
    """The unfitted model of a network.

    topology: the name of its topology, such as "lstm"
    options:  the options of the training
    recipe:   all settings of network and training; None until `for_data` chooses them
    """

    topology: str
    options: Training
    recipe: Recipe | None = None

    @property
    def name(self) -> str:
        return self.topology

    def for_data(self, panel: Panel) -> Self:
        from forecast_cli.models.network.defaults import choose

        earlier, network, training = self.options.earlier, self.options.model, self.options.training
        choice = earlier.recipe if earlier else choose
        return replace(self, recipe=choice(self.topology, panel, network, training))

    def fit(self, panel: Panel, progress: Progress = no_progress, cutoff: str | None = None) -> NetworkForecaster:
        if self.recipe is None:
            return self.for_data(panel).fit(panel, progress, cutoff)
        from forecast_cli.models.network.training import NetworkTraining

        earlier = self.options.earlier
        training = NetworkTraining(self.recipe, self.options.checkpoints, earlier.state if earlier else None)
        training.fit(panel, progress, cutoff)
        return NetworkForecaster(self.name, training.network, training)


FORECASTER = NetworkForecaster


def create(topology: str, training: Training) -> NetworkModel:
    """The unfitted model of a network with this topology and these options."""
    return NetworkModel(topology, training)
