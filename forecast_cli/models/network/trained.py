"""A trained network together with the size of its windows and of its context."""

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
    """The state of a network at one moment of its training.

    weights:    its Keras weights, as the bytes of an HDF5 file
    learned_to: the last time of the data that it was trained on by then, as text
    """

    weights: bytes
    learned_to: str


@dataclass(frozen=True)
class TrainedNetwork:
    """A trained network, with everything that is needed to forecast a panel.

    run:           a function that runs the network: with Keras during training, with ONNX Runtime afterwards
    shape:         the size of its windows
    context_size:  the number of last points of each series that a forecast depends on
    scaling:       how each series is scaled. It is needed if the panels to forecast have only the last points of the
                   series. None: the scaling is computed from the panel to forecast
    """

    run: Network
    shape: WindowShape
    context_size: int
    scaling: Scaling | None = None

    def features(self, panel: Panel) -> Features:
        """The features of the last `context_size` points of each series. The scaling is that of the whole series."""
        return Features.fit(panel.context(self.context_size), self.shape, self.scaling or Scaling.of(panel))

    def paths(self, features: Features, origins: Ints, horizon: int) -> Floats:
        """(k, horizon) the adjusted values after each of the origins (k,), as the network predicts them."""
        return rollout(self.run, features, origins, horizon)
