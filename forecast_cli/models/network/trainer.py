"""Train a network on windows of a panel with Keras.

Each error is divided by the scale of its window, so all series have the same weight in the loss. A missing target has
weight 0. The optimizer is Adam, and the norm of the gradient is limited. The learning rate falls to zero along a
cosine. A long training is compiled with XLA.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.features.features import Features
from forecast_cli.features.windows import Inputs
from forecast_cli.forecasting import Progress
from forecast_cli.models.network.checkpoint import Best, Checkpoint
from forecast_cli.models.network.compiled import compiled_network
from forecast_cli.models.network.keras_runtime import (
    import_keras,
    prefetched,
    quiet_export,
    restore_allocation,
    temporary,
)
from forecast_cli.models.network.plan import TrainingPlan
from forecast_cli.models.network.rollout import Network
from forecast_cli.models.network.weights import load_weights, pack_weights
from forecast_cli.networks.build import build
from forecast_cli.networks.spec import NetworkSpec
from forecast_cli.panel.arrays import Ints

Targets = NDArray[np.float32]

MAX_STEPS_UNCOMPILED = 300
"""A training is compiled with XLA if it has more steps than this. In fewer, compiling takes longer than it saves."""

MAX_VALIDATION_WINDOWS = 2048
"""The largest number of windows for which the validation loss of an epoch is computed."""


class Trainer:
    """One Keras network with its optimizer. Each call of `fit` or `continue_on` starts from the current weights.

    spec:  the settings of the network
    plan:  how long and how fast it is trained
    start: Keras weights to start from, as bytes; None starts from random weights

    Raises ModelError if the weights `start` are those of another network.
    """

    def __init__(self, spec: NetworkSpec, plan: TrainingPlan, start: bytes | None = None) -> None:
        self.plan = plan
        is_long = plan.epochs * plan.steps_per_epoch > MAX_STEPS_UNCOMPILED
        self._network = compiled_network(spec, plan.loss, plan.clip_norm, is_long)
        self._values = self._network.first_values(plan.seed)
        self.keras = self._network.keras
        if start is not None:
            load_weights(self.model, start)

    @property
    def model(self) -> Any:
        """The Keras model, with the weights of this training."""
        return self._network.with_values(self._values)

    def fit(
        self,
        features: Features,
        origins: Ints,
        validation: tuple[Features, Ints] | None,
        progress: Progress,
        resumed: Checkpoint | None = None,
        keep: Callable[[Checkpoint], None] = lambda _: None,
    ) -> list[float]:
        """Train on windows. Returns the validation loss of each epoch, or the training loss if there is no validation.

        features:    of the panel to train on
        origins:     the origins of the windows to train on
        validation:  features and origins of the windows for the validation loss. The training stops when this loss no
                     longer falls, and the weights of the best epoch are kept. None: all epochs are trained
        progress:    is called after each batch
        resumed:     a checkpoint to continue from, or None; the result is the same as without the interruption
        keep:        is called with a checkpoint after each epoch
        """
        plan = self.plan
        total = plan.epochs * plan.steps_per_epoch
        done = len(resumed.losses) if resumed else 0
        steps_done = done * plan.steps_per_epoch
        callbacks = [self._reporting(total, progress, steps_done)]
        held_out = stopping = None
        if validation is not None:
            held_out = self._validation(*validation)
            patience = max(2, plan.epochs // 3)
            stopping = self.keras.callbacks.EarlyStopping("val_loss", patience=patience, restore_best_weights=True)
            callbacks.append(stopping)
        losses: list[float] = []
        callbacks.append(self._bookkeeping(losses, stopping, resumed, keep))
        self.model.optimizer.begin(plan.learning_rate, total, steps_done)
        self.model.fit(
            self._batches(features, origins, done),
            initial_epoch=plan.epochs if resumed and resumed.ended else done,
            epochs=plan.epochs,
            steps_per_epoch=plan.steps_per_epoch,
            validation_data=held_out,
            validation_batch_size=plan.batch_size,
            callbacks=callbacks,
            shuffle=False,
            verbose=0,
        )
        restore_allocation()
        return losses

    def continue_on(self, features: Features, origins: Ints, steps: int, learning_rate: float) -> None:
        """Train on the windows at the origins for `steps` more batches.

        learning_rate: the learning rate of the first batch; it falls to zero
        """
        self.model.optimizer.begin(learning_rate, steps)
        self.model.fit(
            self._batches(features, origins, self.plan.epochs),
            steps_per_epoch=steps,
            shuffle=False,
            verbose=0,
        )
        restore_allocation()

    def predict(self, inputs: Inputs) -> NDArray[np.float64]:
        """(b, members, output_size, outputs) the outputs of the network for b windows, computed by Keras."""
        return _prediction(self.model)(inputs)

    def frozen(self) -> Network:
        """A function that runs the network with a copy of its present weights. Further training does not change it."""
        values = self._network.copied(self._values)

        def predict(inputs: Inputs) -> NDArray[np.float64]:
            return _prediction(self._network.with_values(values))(inputs)

        return predict

    def export(self) -> tuple[bytes, bytes]:
        """The network as the bytes of an ONNX file, and its Keras weights as bytes."""
        with temporary("network.onnx") as onnx, quiet_export():
            self.model.export(onnx, format="onnx", verbose=False)
            return onnx.read_bytes(), self.weights()

    def weights(self) -> bytes:
        """The network's Keras weights, as bytes."""
        return pack_weights(self.model)

    def _batches(self, features: Features, origins: Ints, epoch: int) -> Any:
        """An endless sequence of training batches, as `prefetched` returns it. It starts with those of epoch `epoch`.

        The order within an epoch depends only on the seed and the number of the epoch. So a training can continue from
        any epoch with the same result.
        """
        plan, size = self.plan, self.plan.batch_size
        rounds = -(-plan.steps_per_epoch * size // len(origins))

        def endless() -> Iterator[tuple[Inputs, Targets]]:
            for number in count(epoch):
                chance = np.random.default_rng([plan.seed, number])
                order = np.concatenate([chance.permutation(origins) for _ in range(rounds)])
                for step in range(plan.steps_per_epoch):
                    yield training_batch(features, order[step * size : (step + 1) * size])

        return prefetched(endless)

    def _validation(self, features: Features, origins: Ints) -> tuple[Inputs, Targets]:
        size = self.plan.batch_size
        batches = min(-(-len(origins) // size), max(MAX_VALIDATION_WINDOWS // size, 1))
        chosen = np.resize(np.random.default_rng(self.plan.seed).permutation(origins), batches * size)
        return training_batch(features, chosen)

    def _bookkeeping(
        self,
        losses: list[float],
        stopping: Any,
        resumed: Checkpoint | None,
        keep: Callable[[Checkpoint], None],
    ) -> Any:
        model, network, epochs = self.model, self._network, self.plan.epochs

        class Bookkeeping(self.keras.callbacks.Callback):  # type: ignore[misc, name-defined]
            """Records the loss of each epoch, and passes a checkpoint to `keep` after it.

            When the training begins, it restores the losses, the variables and the state of `stopping` from the
            checkpoint `resumed`, unless that is None. It must run after the early stopping `stopping`, which resets its
            state when the training begins, and updates it after each epoch.
            """

            def on_train_begin(self, logs: object = None) -> None:  # noqa: ARG002
                if resumed is None:
                    return
                losses.extend(resumed.losses)
                for variable, value in zip(network.variables, resumed.variables, strict=True):
                    variable.assign(value)
                if stopping and resumed.best:
                    stopping.best_epoch, stopping.best = resumed.best.epoch, resumed.best.loss
                    stopping.wait, stopping.best_weights = resumed.best.waited, resumed.best.weights

            def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
                losses.append(float(logs.get("val_loss", logs["loss"])))
                best = None
                if stopping and stopping.best_weights is not None:
                    best = Best(stopping.best_epoch, stopping.best, stopping.wait, stopping.best_weights)
                values = [np.asarray(variable) for variable in network.variables]
                ended = epoch + 1 == epochs or model.stop_training
                keep(Checkpoint(list(losses), ended, values, best))

        return Bookkeeping()

    def _reporting(self, total: int, progress: Progress, done: int) -> Any:
        class Reporting(self.keras.callbacks.Callback):  # type: ignore[misc, name-defined]
            """Reports progress after each step."""

            step = done

            def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:  # noqa: ARG002
                self.step += 1
                progress(self.step, total, float((logs or {}).get("loss", np.nan)))

        return Reporting()


def load_keras(spec: NetworkSpec, weights: bytes) -> Network:
    """The network with these settings and Keras weights, as a function that Keras runs.

    weights: as bytes, see models/network/weights.py

    Raises ModelError if they are the weights of another network.
    """
    import_keras()
    model = build(spec)
    load_weights(model, weights)
    return _prediction(model)


def _prediction(model: Any) -> Network:
    """A function that runs a Keras model. It is faster than `Model.predict`, which builds a data pipeline each time."""

    def predict(inputs: Inputs) -> NDArray[np.float64]:
        return np.asarray(model.predict_on_batch(inputs)).astype(np.float64)

    return predict


def training_batch(features: Features, origins: Ints) -> tuple[Inputs, Targets]:
    """The inputs of the windows at the origins (b,), and their targets (b, 1, output_size, 1): NaN where missing."""
    windows = features.windows(origins)
    return windows.inputs(), features.targets(origins, windows)[:, None, :, None]
