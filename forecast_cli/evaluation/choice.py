"""The result of a selection between models, as it is saved in a model card."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Choice:
    """The models that `auto` keeps, and their errors.

    weights:  name of a kept model -> its weight in the mean of the kept models; the weights sum to 1
    errors:   name of a compared model -> its MASE, best model first; None if the MASE is unknown
    cutoffs:  number of earlier cutoffs at which the models were compared
    reason:   why these models are kept, in a sentence
    """

    weights: dict[str, float]
    errors: dict[str, float | None]
    cutoffs: int
    reason: str
