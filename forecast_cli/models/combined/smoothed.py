"""Models such as `lstm+smoothing`: a network whose forecast is combined with exponential smoothing of the series."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from forecast_cli.features.scaling import Scaling
from forecast_cli.forecasting import Forecast, Forecaster, Progress, Saved, no_progress
from forecast_cli.model_names import SMOOTHED
from forecast_cli.models.combined.smoothing import combine, trust_in_smoothing
from forecast_cli.models.description import Description, Smoothing
from forecast_cli.models.network.model import NetworkForecaster, NetworkModel
from forecast_cli.models.training import Training
from forecast_cli.panel.arrays import Ints
from forecast_cli.panel.panel import Panel


@dataclass(frozen=True)
class SmoothedForecaster:
    """A trained network whose forecast is combined with exponential smoothing.

    network:   the trained network
    smoothing: how the two are combined
    """

    network: NetworkForecaster
    smoothing: Smoothing

    @property
    def name(self) -> str:
        return self.network.name + SMOOTHED

    @property
    def members(self) -> Mapping[str, Forecaster]:
        return {self.network.name: self.network}

    def predict(self, panel: Panel, horizon: int) -> Forecast:
        """Forecast `horizon` steps after the last point of every series; no series may be empty."""
        features, origins, path = self.network.path(panel, horizon)
        context_size = self.network.network.context_size
        return self.network.around(combine(path, features, origins, self.smoothing, context_size), panel)

    def update(self, panel: Panel, cutoff: str | None = None) -> None:
        self.network.update(panel, cutoff)

    def for_calibration(self, panel: Panel, steps: int) -> tuple[Forecaster, Ints]:
        network, unlearned = self.network.for_calibration(panel, steps)
        return replace(self, network=network), unlearned

    def save(self) -> Saved:
        saved = self.network.save()
        return replace(saved, description=replace(saved.description, name=self.name, smoothing=self.smoothing))

    @classmethod
    def load(
        cls, description: Description, files: Mapping[str, bytes], scaling: Scaling | None = None
    ) -> SmoothedForecaster:
        """Load the forecaster from a bundle. Its network is run by ONNX Runtime.

        description: what the bundle says of the model
        files:       logical name -> content of the files in the bundle
        scaling:     how each series is scaled; None: it is computed from each panel that is forecast

        Raises ModelError, KeyError or ValueError if it cannot be loaded.
        """
        return cls(NetworkForecaster.load(description, files, scaling), _described(description))

    @classmethod
    def load_as_scored(cls, description: Description, files: Mapping[str, bytes]) -> SmoothedForecaster:
        """Load the forecaster in the state in which it was scored. Its network is run by Keras."""
        return cls(NetworkForecaster.load_as_scored(description, files), _described(description))


def _described(description: Description) -> Smoothing:
    if description.smoothing is None:
        raise ValueError("no smoothing is described")
    return description.smoothing


@dataclass(frozen=True)
class SmoothedModel:
    """The unfitted model of a network with smoothing.

    network:   the unfitted network
    smoothing: how the two will be combined; None until `for_data` chooses it
    """

    network: NetworkModel
    smoothing: Smoothing | None = None

    @property
    def name(self) -> str:
        return self.network.name + SMOOTHED

    def for_data(self, panel: Panel) -> Self:
        return replace(self, network=self.network.for_data(panel), smoothing=self._smoothing(panel))

    def _smoothing(self, panel: Panel) -> Smoothing:
        from forecast_cli.models.network.regimes import Traits

        earlier = self.network.options.earlier
        if earlier is not None and earlier.smoothing is not None:
            return earlier.smoothing
        traits = Traits.of(panel)
        return Smoothing(traits.share, repeated=traits.repeated)

    def fit(self, panel: Panel, progress: Progress = no_progress, cutoff: str | None = None) -> SmoothedForecaster:
        if self.smoothing is None:
            return self.for_data(panel).fit(panel, progress, cutoff)
        return self.around(self.network.fit(panel, progress, cutoff), panel)

    def around(self, network: NetworkForecaster, panel: Panel) -> SmoothedForecaster:
        """The forecaster that combines smoothing with a network. The network was fitted to `panel`."""
        smoothing = self.smoothing or self._smoothing(panel)
        has_season = panel.season_length > 1 or network.network.shape.long_seasons
        if smoothing.share and not has_season:
            smoothing = replace(smoothing, trust=_measured_trust(network, panel))
        return SmoothedForecaster(network, smoothing)


FORECASTER = SmoothedForecaster


def create(name: str, training: Training) -> SmoothedModel:
    """The unfitted model with this name, such as "lstm+smoothing"."""
    return SmoothedModel(NetworkModel(name.removesuffix(SMOOTHED), training))


def _measured_trust(network: NetworkForecaster, panel: Panel) -> float:
    """The trust (see `trust_in_smoothing`), from the errors of network and smoothing on the validation steps.

    The validation steps are the last steps of each series; the network was not trained on them. The trust is above 1 if
    smoothing is more accurate there. It is 1 if no error is known.
    """
    held_back = network.in_training().held_back(panel)
    steps = np.arange(held_back.max())
    hidden = steps < held_back[:, None]
    at = (panel.indptr[1:] - held_back)[:, None] + steps
    actual = np.where(hidden, panel.values[np.where(hidden, at, 0)], np.nan)
    if not np.isfinite(actual).any():
        return 1.0
    from forecast_cli.evaluation.metrics import mae

    features, origins, path = network.path(panel.drop_last(held_back), len(steps))
    context_size = network.network.context_size
    plain, smoothed = (combine(path, features, origins, Smoothing(share), context_size) for share in (0.0, 1.0))
    return trust_in_smoothing(mae(actual, plain), mae(actual, smoothed))
