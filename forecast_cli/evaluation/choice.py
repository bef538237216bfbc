"""The result of a selection between models. It is saved with the model in a bundle."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Choice:
    """The models that the model `auto` has kept after comparing several at earlier cutoffs.

    weights:  name of a kept model -> its weight in the mean of the kept models; all weights add up to 1
    errors:   name of a compared model -> its MASE; None if the MASE is unknown. The model with the lowest error in
              `selection.select` comes first. Empty if the series were too short for a comparison
    cutoffs:  number of earlier cutoffs at which the models were compared; 0 without a comparison
    reason:   why these models are kept, in a sentence
    """

    weights: dict[str, float]
    errors: dict[str, float | None]
    cutoffs: int
    reason: str
