"""The choice between models, as a model card keeps it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Choice:
    """Which models are kept, and the evidence.

    weights:  kept model -> its weight in their mean; the weights sum to 1
    errors:   candidate -> its MASE at the cutoffs, lowest first; None if it has none
    cutoffs:  number of earlier cutoffs at which the candidates were compared
    reason:   why these models are kept, in a sentence
    """

    weights: dict[str, float]
    errors: dict[str, float | None]
    cutoffs: int
    reason: str
