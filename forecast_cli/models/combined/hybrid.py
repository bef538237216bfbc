"""The model of a network and trees that correct its forecast, where evidence shows that this improves it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

from forecast_cli.features.scaling import Scaling
from forecast_cli.forecasting import Forecast, Forecaster, Progress, Saved, half_progress, no_progress
from forecast_cli.models.combined.out_of_fold import out_of_fold
from forecast_cli.models.combined.tree_kinds import check
from forecast_cli.models.combined.trees import FittedTrees, learn
from forecast_cli.models.description import Description, TreePart
from forecast_cli.models.files import TREES_FILE
from forecast_cli.models.network.model import NetworkForecaster, NetworkModel
from forecast_cli.models.training import Training
from forecast_cli.panel.arrays import Ints
from forecast_cli.panel.panel import Panel

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class HybridForecaster:
    """A trained network, and trees that correct its forecast.

    network: the trained network
    part:    the kind of trees, their share in the forecast, and the reason for it
    trees:   the fitted trees; None if the network forecasts alone
    """

    network: NetworkForecaster
    part: TreePart
    trees: FittedTrees | None

    @property
    def name(self) -> str:
        return f"{self.network.name}+{self.part.kind}"

    @property
    def members(self) -> Mapping[str, Forecaster]:
        return {self.network.name: self.network}

    def predict(self, panel: Panel, horizon: int) -> Forecast:
        """Forecast `horizon` steps after the last point of every series; no series may be empty."""
        features, origins, path = self.network.path(panel, horizon)
        if self.trees is not None:
            path = path + self.part.share * (self.trees.path(features, origins, path) - path)
        return self.network.around(features.values(path, origins), panel)

    def update(self, panel: Panel, cutoff: str | None = None) -> None:
        """Update the network. The trees and their share stay the same, because the model was scored with them."""
        self.network.update(panel, cutoff)

    def for_calibration(self, panel: Panel, steps: int) -> tuple[Forecaster, Ints]:
        """The forecaster with its network as it was after `fit`.

        Returns it, and (n,) the number of last points of each series that neither network nor trees were trained on.
        With trees, the validation steps of the network are not counted, because the trees were trained on them.
        """
        network, unlearned = self.network.for_calibration(panel, steps)
        if self.trees is not None:
            _, unlearned = self.network.in_training().as_fitted(panel, validated=False)
        return replace(self, network=network), unlearned

    def save(self) -> Saved:
        saved = self.network.save()
        files = {TREES_FILE: self.trees.content} if self.trees else {}
        return Saved(replace(saved.description, name=self.name, trees=self.part), {**saved.files, **files})

    @classmethod
    def load(
        cls, description: Description, files: Mapping[str, bytes], scaling: Scaling | None = None
    ) -> HybridForecaster:
        """Load the forecaster from a bundle. Its network is run by ONNX Runtime.

        description: what the bundle says of the model
        files:       logical name -> content of the files in the bundle
        scaling:     how each series is scaled; None: it is computed from each panel that is forecast

        Raises ModelError, KeyError or ValueError if the network or the trees cannot be loaded.
        """
        return cls(NetworkForecaster.load(description, files, scaling), *_described(description, files))

    @classmethod
    def load_as_scored(cls, description: Description, files: Mapping[str, bytes]) -> HybridForecaster:
        """Load the forecaster with its network in the state in which it was scored on the holdout, run by Keras."""
        return cls(NetworkForecaster.load_as_scored(description, files), *_described(description, files))


def _described(description: Description, files: Mapping[str, bytes]) -> tuple[TreePart, FittedTrees | None]:
    part = description.trees
    if part is None:
        raise ValueError("no trees are described")
    return part, _fitted(part, files.get(TREES_FILE))


def _fitted(part: TreePart, content: bytes | None) -> FittedTrees | None:
    """The trees from the bytes of their ONNX file; None if their share is 0.

    Raises ValueError if the file is missing, or if the trees have learned no step.
    """
    if not part.share:
        return None
    if content is None:
        raise ValueError("its trees are missing")
    if part.longest < 1:
        raise ValueError("its trees have learned no step")
    return FittedTrees(content, part.longest)


@dataclass(frozen=True)
class HybridModel:
    """An unfitted network, to be combined with trees of a kind."""

    network: NetworkModel
    kind: str

    @property
    def name(self) -> str:
        return f"{self.network.name}+{self.kind}"

    def for_data(self, panel: Panel) -> Self:
        return replace(self, network=self.network.for_data(panel))

    def fit(self, panel: Panel, progress: Progress = no_progress, cutoff: str | None = None) -> HybridForecaster:
        """Train the network without trees. Train a second network on fewer points, and fit trees to its errors:

                 first two thirds   last third              whole panel
        network                                             fit
        second   fit                forecast
        trees                       fit, forecast on folds  fit to the last third, if they improve the forecast

        A warm start from a model with trees of this kind uses the trees of that model and their share.
        """
        if self.network.recipe is None:
            return self.for_data(panel).fit(panel, progress, cutoff)
        from forecast_cli.models.network.defaults import default_horizon

        earlier, training = self.network.options.earlier, self.network.options.training
        if earlier is not None and earlier.trees is not None and earlier.trees.kind == self.kind:
            network = self.network.fit(panel, progress, cutoff)
            return HybridForecaster(network, earlier.trees, _fitted(earlier.trees, earlier.tree_file))
        network = self.network.fit(panel, half_progress(progress, 0), cutoff)
        horizon = training.horizon or default_horizon(panel)
        rows = out_of_fold(self.network, panel, horizon, training.seed, half_progress(progress, 1))
        part, trees = learn(self.kind, rows, training.seed)
        log.info("%s: %s", self.name, part.reason)
        return HybridForecaster(network, part, trees)


FORECASTER = HybridForecaster


def create(name: str, training: Training) -> HybridModel:
    """The unfitted model of a network and trees.

    name: the topology, "+" and a name in `model_names.TREES`, such as "lstm+forest"

    Raises UsageError if the package that fits such trees is not installed.
    """
    topology, _, kind = name.partition("+")
    check(kind)
    return HybridModel(NetworkModel(topology, training), kind)
