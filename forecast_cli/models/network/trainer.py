"""Training a network on windows of a panel; the only module that runs Keras.

The loss is measured in units of each window's own scale, so every series counts alike; targets that are missing
carry none. Adam with a cosine decay to zero and a clipped gradient norm; the steps of a long training are compiled with
XLA.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.errors import ModelError
from forecast_cli.features.windows import Inputs, Prepared, WindowShape, gather, gather_targets
from forecast_cli.forecasting import Progress
from forecast_cli.models.network.checkpoint import Best, Checkpoint
from forecast_cli.models.network.keras_runtime import import_keras, prefetched, quiet_export, temporary
from forecast_cli.models.network.rollout import Network, in_batches
from forecast_cli.networks import NetworkSpec, build_network
from forecast_cli.panel.series import Ints

Targets = NDArray[np.float32]

SHORT_TRAINING = 300
"""Up to so many steps in all, compiling with XLA takes longer than it saves."""

VALIDATION_WINDOWS = 2048
"""At most this many windows decide which epoch was best."""


@dataclass(frozen=True)
class Schedule:
    """How long and how fast to learn; the fields of TrainConfig once they are all chosen."""

    epochs: int
    steps_per_epoch: int
    batch_size: int
    learning_rate: float
    clip_norm: float
    loss: str
    seed: int


class Trainer:
    """One Keras network and its optimizer, through as many rounds of learning as are asked for.

    Begins with the Keras weights in `start`, or with random ones. Raises ModelError where they are of another network.
    """

    def __init__(self, spec: NetworkSpec, shape: WindowShape, schedule: Schedule, start: bytes | None = None) -> None:
        self.shape, self.schedule = shape, schedule
        self.keras = import_keras()
        self.keras.utils.set_random_seed(schedule.seed)
        self.model = build_network(spec)
        if start is not None:
            _load_weights(self.model, start)
        optimizer = self.keras.optimizers.Adam(schedule.learning_rate, global_clipnorm=schedule.clip_norm)
        optimizer.build(self.model.trainable_variables)  # now, or the first step would be traced twice
        compiled = schedule.epochs * schedule.steps_per_epoch > SHORT_TRAINING
        self.model.compile(optimizer, masked_loss(schedule.loss), jit_compile=compiled)
        self.model.make_train_function()
        self.model.jit_compile = False  # validation and prediction take less time than compiling them would

    def fit(
        self,
        prepared: Prepared,
        origins: Ints,
        validation: tuple[Prepared, Ints] | None,
        progress: Progress,
        resumed: Checkpoint | None = None,
        keep: Callable[[Checkpoint], None] = lambda _: None,
    ) -> list[float]:
        """Learn the windows at `origins`; with `validation`, stop early and keep the best epoch's weights.

        `keep` is given a checkpoint after each epoch. From the one in `resumed` it all goes on as if never interrupted.

        Returns the validation loss of each epoch, or the training loss where there is no validation.
        """
        schedule = self.schedule
        total = schedule.epochs * schedule.steps_per_epoch
        done = len(resumed.losses) if resumed else 0
        callbacks = [self._cosine(schedule.learning_rate, total, progress, done * schedule.steps_per_epoch)]
        held_out = stopping = None
        if validation is not None:
            held_out = self._validation(*validation)
            patience = max(2, schedule.epochs // 3)
            stopping = self.keras.callbacks.EarlyStopping("val_loss", patience=patience, restore_best_weights=True)
            callbacks.append(stopping)
        losses: list[float] = []
        callbacks.append(self._bookkeeping(losses, stopping, resumed, keep))
        self.model.fit(
            self._batches(prepared, origins, done),
            initial_epoch=schedule.epochs if resumed and resumed.ended else done,
            epochs=schedule.epochs,
            steps_per_epoch=schedule.steps_per_epoch,
            validation_data=held_out,
            validation_batch_size=schedule.batch_size,
            callbacks=callbacks,
            shuffle=False,
            verbose=0,
        )
        return losses

    def learn_on(self, prepared: Prepared, origins: Ints, steps: int, learning_rate: float) -> None:
        """Go on learning for `steps` batches at a low rate: the last steps that validation had held back."""
        self.model.fit(
            self._batches(prepared, origins, self.schedule.epochs),
            steps_per_epoch=steps,
            callbacks=[self._cosine(learning_rate, steps, lambda *_: None)],
            shuffle=False,
            verbose=0,
        )

    def predict(self, inputs: Inputs) -> NDArray[np.float64]:
        """(b, members, output_size, outputs) Keras's own prediction."""
        return _prediction(self.model)(inputs)

    def export(self) -> tuple[bytes, bytes]:
        """The network as ONNX and as Keras weights."""
        with temporary("network.onnx") as onnx, quiet_export():
            self.model.export(onnx, format="onnx", verbose=False)
            return onnx.read_bytes(), self.weights()

    def weights(self) -> bytes:
        """The network's Keras weights, to start another from."""
        with temporary("network.weights.h5") as path:
            self.model.save_weights(path)
            return path.read_bytes()

    def _batches(self, prepared: Prepared, origins: Ints, epoch: int) -> Any:
        """Full batches without end, from those of `epoch` on; each epoch's order depends on the seed and its number
        alone, so that training can go on from any."""
        schedule, size = self.schedule, self.schedule.batch_size
        rounds = -(-schedule.steps_per_epoch * size // len(origins))

        def without_end() -> Iterator[tuple[Inputs, Targets]]:
            for number in count(epoch):
                chance = np.random.default_rng([schedule.seed, number])
                order = np.concatenate([chance.permutation(origins) for _ in range(rounds)])
                for step in range(schedule.steps_per_epoch):
                    yield window_batch(prepared, order[step * size : (step + 1) * size], self.shape)

        return prefetched(without_end)

    def _validation(self, prepared: Prepared, origins: Ints) -> tuple[Inputs, Targets]:
        size = self.schedule.batch_size
        batches = min(-(-len(origins) // size), max(VALIDATION_WINDOWS // size, 1))
        chosen = np.resize(np.random.default_rng(self.schedule.seed).permutation(origins), batches * size)
        return window_batch(prepared, chosen, self.shape)

    def _bookkeeping(
        self,
        losses: list[float],
        stopping: Any,
        resumed: Checkpoint | None,
        keep: Callable[[Checkpoint], None],
    ) -> Any:
        model, epochs = self.model, self.schedule.epochs

        class Bookkeeping(self.keras.callbacks.Callback):  # type: ignore[misc, name-defined]
            """Notes the loss of each epoch and all that continuing needs; comes after the others, whose state it
            keeps and restores."""

            def variables(self) -> list[Any]:
                return [*model.variables, *model.optimizer.variables]

            def on_train_begin(self, logs: object = None) -> None:  # noqa: ARG002
                if resumed is None:
                    return
                losses.extend(resumed.losses)
                for variable, value in zip(self.variables(), resumed.variables, strict=True):
                    variable.assign(value)
                if stopping and resumed.best:
                    stopping.best_epoch, stopping.best = resumed.best.epoch, resumed.best.loss
                    stopping.wait, stopping.best_weights = resumed.best.waited, resumed.best.weights

            def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
                losses.append(float(logs.get("val_loss", logs["loss"])))
                best = None
                if stopping and stopping.best_weights is not None:
                    best = Best(stopping.best_epoch, stopping.best, stopping.wait, stopping.best_weights)
                values = [np.asarray(variable) for variable in self.variables()]
                ended = epoch + 1 == epochs or model.stop_training
                keep(Checkpoint(list(losses), ended, values, best))

        return Bookkeeping()

    def _cosine(self, peak: float, total: int, progress: Progress, done: int = 0) -> Any:
        class CosineDecay(self.keras.callbacks.Callback):  # type: ignore[misc, name-defined]
            """Sets the learning rate of every step and tells how far training has come."""

            step = done

            def on_train_batch_begin(self, batch: int, logs: object = None) -> None:  # noqa: ARG002
                rate = peak * (1 + np.cos(np.pi * self.step / total)) / 2
                self.model.optimizer.learning_rate.assign(rate)

            def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:  # noqa: ARG002
                self.step += 1
                progress(self.step, total, float((logs or {}).get("loss", np.nan)))

        return CosineDecay()


def run_by_keras(spec: NetworkSpec, weights: bytes) -> Network:
    """A network with these Keras weights, to predict with. Raises ModelError where they are of another network."""
    import_keras()
    model = build_network(spec)
    _load_weights(model, weights)
    return _prediction(model)


def _prediction(model: Any) -> Network:
    """Without the data pipeline that `Model.predict` sets up at every call: a recursion calls often."""
    return in_batches(model.predict_on_batch)


def _load_weights(model: Any, weights: bytes) -> None:
    with temporary("network.weights.h5") as path:
        path.write_bytes(weights)
        try:
            model.load_weights(path)
        except (ValueError, OSError, KeyError) as error:
            raise ModelError("The weights in the model do not fit its network.", "Train the model anew.") from error


def window_batch(prepared: Prepared, origins: Ints, shape: WindowShape) -> tuple[Inputs, Targets]:
    """Inputs and targets (b, 1, output_size, 1) of the windows at `origins`."""
    batch = gather(prepared, origins, shape)
    targets = gather_targets(prepared, origins, batch, shape.output_size)
    return batch.inputs(prepared.panel.season_length), targets[:, None, :, None]


def masked_loss(name: str) -> Callable[[Any, Any], Any]:
    """A Keras loss, the mean over all targets; those that are NaN count as met, and have no gradient."""
    from keras import ops

    error_of: dict[str, Callable[[Any], Any]] = {
        "mae": ops.abs,
        "mse": ops.square,
        "huber": lambda error: ops.where(ops.abs(error) < 1, ops.square(error) / 2, ops.abs(error) - 0.5),
    }

    def loss(target: Any, output: Any) -> Any:
        known = ops.logical_not(ops.isnan(target))
        error = ops.where(known, target, 0.0) - ops.where(known, output, 0.0)
        return ops.mean(error_of[name](error), axis=(-3, -2, -1))

    return loss
