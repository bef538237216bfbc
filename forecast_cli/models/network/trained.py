"""A trained network together with the size of its windows and of its context."""

from __future__ import annotations

from dataclasses import dataclass, field

from forecast_cli.features.drivers import CovariateScaling
from forecast_cli.features.features import Features
from forecast_cli.features.scaling import Scaling
from forecast_cli.features.windows import WindowShape
from forecast_cli.models.network.rollout import Network, Paths, rollout
from forecast_cli.panel.arrays import Ints
from forecast_cli.panel.panel import Panel


@dataclass(frozen=True)
class State:
    """The state of a network at one moment of its training.

    weights:    its Keras weights, see models/network/weights.py
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
    scaling:       how the whole series are scaled, if the panels to forecast have only their last points; otherwise
                   None
    covariate_scaling:  how the covariates are scaled, as in training
    """

    run: Network
    shape: WindowShape
    context_size: int
    scaling: Scaling | None = None
    covariate_scaling: CovariateScaling = field(default_factory=dict)

    def features(self, panel: Panel, horizon: int) -> Features:
        """The features of the last `context_size` points of each series. The scaling is that of the whole series.

        horizon: the number of steps to forecast
        """
        scaling = self.scaling or Scaling.of(panel)
        return Features.fit(panel.context(self.context_size), self.shape, scaling, self.covariate_scaling, horizon)

    def paths(self, features: Features, origins: Ints, horizon: int) -> Paths:
        """The adjusted values at `horizon` steps after each of the origins (k,), as the network predicts them.

        With their spread, if the network predicts quantiles.
        """
        return rollout(self.run, features, origins, horizon)
