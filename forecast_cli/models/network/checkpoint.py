"""How far a training has come, kept in the model directory so that one that is cut short can be continued."""

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

COST = 0.02
"""The most of a training's time that may go into writing checkpoints."""


@dataclass(frozen=True)
class Best:
    """The best epoch so far, counted from 0, and how many have passed since."""

    epoch: int
    loss: float
    waited: int
    weights: list[NDArray[Any]]


@dataclass(frozen=True)
class Checkpoint:
    """A training as it stood at the end of an epoch.

    losses:     one an epoch, of those that are done
    ended:      whether that was the last
    variables:  of the network, its dropout and its optimizer, in Keras's order
    best:       None where nothing is held back to validate on
    """

    losses: list[float]
    ended: bool
    variables: list[NDArray[Any]]
    best: Best | None

    def pack(self, key: str) -> bytes:
        """One .npz under a key that tells which training it is of."""
        head = {"key": key, "losses": self.losses, "ended": self.ended}
        arrays = {f"variable{at}": array for at, array in enumerate(self.variables)}
        if self.best:
            head["best"] = [self.best.epoch, self.best.loss, self.best.waited]
            arrays |= {f"best{at}": array for at, array in enumerate(self.best.weights)}
        return bundle.pack_arrays({"head": np.array(json.dumps(head)), **arrays})

    @classmethod
    def unpack(cls, content: bytes, key: str) -> Checkpoint | None:
        """What was packed under that key; None if it was another. Raises ModelError where it is damaged."""
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
    """The checkpoint of a model directory, which whoever trains there has locked.

    resume:  whether to continue from one that is there; otherwise it is ignored and in time replaced
    """

    def __init__(self, directory: Path, resume: bool) -> None:
        self.directory, self.resume = directory, resume
        self.next_at = 0.0

    def find(self, key: str) -> Checkpoint | None:
        """The checkpoint to continue from, if it is of the training with that key."""
        if not self.resume:
            return None
        content = bundle.read_checkpoint(self.directory)
        if content is None:
            log.info("Nothing to continue in %s: the training begins anew.", self.directory)
            return None
        try:
            found = Checkpoint.unpack(content, key)
        except ModelError:
            log.warning("The checkpoint in %s is damaged: the training begins anew.", self.directory)
            return None
        if found is None:
            log.info("The checkpoint in %s is of other data or options: the training begins anew.", self.directory)
        else:
            log.info("Continuing the training in %s after epoch %d.", self.directory, len(found.losses))
        return found

    def keep(self, key: str, checkpoint: Checkpoint) -> None:
        """Write it in place of the one before: always where it has ended, otherwise as far as time allows.

        Where it cannot be written, the training goes on without, and says so.
        """
        started = time.monotonic()
        if started < self.next_at and not checkpoint.ended:
            return
        try:
            bundle.write_checkpoint(self.directory, checkpoint.pack(key))
        except OutputError as error:
            log.warning("No checkpoint was written, the training goes on without. %s", error.message)
        ended = time.monotonic()
        self.next_at = ended + (ended - started) / COST
