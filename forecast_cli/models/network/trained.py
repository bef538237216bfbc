"""A trained network with the shape of its windows."""

from __future__ import annotations

from dataclasses import dataclass

from forecast_cli.features.features import Features
from forecast_cli.features.scaling import Scaling
from forecast_cli.features.windows import WindowShape
from forecast_cli.models.network.rollout import Network, rollout
from forecast_cli.panel.arrays import Floats, Ints
from forecast_cli.panel.panel import Panel


@dataclass(frozen=True)
class State:
    """Keras weights at one moment of the training, and the last time of the data they were trained on, as text."""

    weights: bytes
    learned_to: str


@dataclass(frozen=True)
class TrainedNetwork:
    """A network with the shape of its windows.

    run:           computes the outputs, by Keras during training, by ONNX Runtime afterwards
    context_size:  number of last points of each series that a forecast may depend on
    scaling:       fitted to the whole series, if the panels to forecast have only the last points of each series
    """

    run: Network
    shape: WindowShape
    context_size: int
    scaling: Scaling | None = None

    def features(self, panel: Panel) -> Features:
        """The features of the last `context_size` points of each series, with the scaling of the whole series."""
        return Features.fit(panel.context(self.context_size), self.shape, self.scaling or Scaling.of(panel))

    def paths(self, features: Features, origins: Ints, horizon: int) -> Floats:
        """(k, horizon) adjusted values after each of the origins (k,)."""
        return rollout(self.run, features, origins, horizon)
