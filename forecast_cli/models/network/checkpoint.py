"""Checkpoints: files in the model directory from which an interrupted training can continue."""

from __future__ import annotations

import json
import logging
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli import bundle
from forecast_cli.errors import ModelError, OutputError

log = logging.getLogger(__name__)

MAX_TIME_FRACTION = 0.02
"""At most this fraction of a training's time is spent on writing checkpoints."""


@dataclass(frozen=True)
class Best:
    """The best epoch of a training so far.

    epoch:    its number, from 0
    loss:     its validation loss
    waited:   the number of epochs since then, none of which was better
    weights:  the weights of the network after this epoch, in the order of Keras
    """

    epoch: int
    loss: float
    waited: int
    weights: list[NDArray[Any]]


@dataclass(frozen=True)
class Checkpoint:
    """Everything that is needed to continue a training after an epoch.

    losses:     the validation loss of each epoch so far; the training loss if there is no validation
    ended:      whether this was the last epoch
    variables:  the variables of the network, its dropout and its optimizer, in the order of Keras
    best:       the best epoch so far; None without validation
    """

    losses: list[float]
    ended: bool
    variables: list[NDArray[Any]]
    best: Best | None

    def pack(self, key: str) -> bytes:
        """The checkpoint as the bytes of an .npz file.

        key: a text that identifies the training by its data and options
        """
        head = {"key": key, "losses": self.losses, "ended": self.ended}
        arrays = {f"variable{at}": array for at, array in enumerate(self.variables)}
        if self.best:
            head["best"] = [self.best.epoch, self.best.loss, self.best.waited]
            arrays |= {f"best{at}": array for at, array in enumerate(self.best.weights)}
        return bundle.pack_arrays({"head": np.array(json.dumps(head)), **arrays})

    @classmethod
    def unpack(cls, content: bytes, key: str) -> Checkpoint | None:
        """The checkpoint in the bytes from `pack`; None if it is of a training with another key.

        Raises ModelError if the content is damaged.
        """
        arrays = bundle.unpack_arrays(content)
        try:
            head = json.loads(str(arrays.pop("head")))
            if head["key"] != key:
                return None
            weights = [array for name, array in arrays.items() if name.startswith("best")]
            variables = [array for name, array in arrays.items() if name.startswith("variable")]
            best = None
            if "best" in head:
                epoch, loss, waited = head["best"]
                best = Best(epoch, loss, waited, weights)
            return cls(head["losses"], head["ended"], variables, best)
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError(f"The checkpoint cannot be read: {error}.") from error


class Checkpoints:
    """Find and write the checkpoint in a model directory. The caller must hold the lock of the directory.

    resume:  True continues from an existing checkpoint; False ignores it, and replaces it later
    """

    def __init__(self, directory: Path, resume: bool) -> None:
        self.directory, self.resume = directory, resume
        self.next_at = 0.0

    def find(self, key: str) -> Checkpoint | None:
        """The checkpoint from which the training with this key continues.

        None if `resume` is False, or if the directory has no checkpoint of this training, or only a damaged one.
        """
        if not self.resume:
            return None
        content = bundle.read_checkpoint(self.directory)
        if content is None:
            log.info("%s has no checkpoint: training starts from the beginning.", self.directory)
            return None
        try:
            found = Checkpoint.unpack(content, key)
        except ModelError:
            log.warning("The checkpoint in %s is damaged: training starts from the beginning.", self.directory)
            return None
        if found is None:
            log.info(
                "The checkpoint in %s belongs to other data or options: training starts from the beginning.",
                self.directory,
            )
        else:
            log.info("Continuing the training in %s after epoch %d.", self.directory, len(found.losses))
        return found

    def keep(self, key: str, checkpoint: Checkpoint) -> None:
        """Write the checkpoint of the training with this key, in place of the previous one.

        After the last epoch it is always written; after other epochs only if MAX_TIME_FRACTION allows it. If it cannot
        be written, a warning is logged and the training continues.
        """
        started = time.monotonic()
        if started < self.next_at and not checkpoint.ended:
            return
        try:
            bundle.write_checkpoint(self.directory, checkpoint.pack(key))
        except OutputError as error:
            log.warning("No checkpoint was written; training continues without. %s", error.message)
        ended = time.monotonic()
        self.next_at = ended + (ended - started) / MAX_TIME_FRACTION
