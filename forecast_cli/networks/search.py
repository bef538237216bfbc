"""The search space of tuning: for each option that is searched, the values to choose from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Range:
    """All numbers from `low` to `high`, sampled uniformly on a logarithmic scale."""

    low: float
    high: float


@dataclass(frozen=True)
class Multiples:
    """Multiples of the option's default, rounded to whole numbers. The default depends on the data.

    factors:  one number for each candidate. For an option with one number per layer, such as `units`, a candidate is a
              tuple with one factor per layer; each factor multiplies the default of the first layer
    """

    factors: tuple[float, ...] | tuple[tuple[float, ...], ...]


Value = int | float | str | tuple[int, ...]
Candidates = tuple[Value, ...] | Range | Multiples
Search = Mapping[str, Candidates]
"""Name of an option of the network or of its training -> its candidates. Tuning adds the option's default to them."""

SHARED: Search = MappingProxyType(
    {
        "units": Multiples(((0.5,), (1,), (2,), (4,), (1, 1), (2, 2))),
        "dropout": (0.0, 0.1, 0.2, 0.3, 0.4),
        "input-size": Multiples((0.5, 1, 1.5, 2)),
        "learning-rate": Range(0.0005, 0.02),
        "batch-size": Multiples((0.5, 1, 2, 4)),
        "epochs": Multiples((0.5, 1, 1.5, 2)),
        "loss": ("mae", "huber", "mse"),
    }
)
"""The search space of every topology that does not define another one."""


def shared_but(**own: Candidates) -> Search:
    """The shared search space, with other candidates for some options: `shared_but(learning_rate=Range(...))`."""
    return MappingProxyType({**SHARED, **{name.replace("_", "-"): candidates for name, candidates in own.items()}})
