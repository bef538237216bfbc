"""The description of a forecaster for the model card: its settings, and the parts of its forecast."""

from __future__ import annotations

from dataclasses import dataclass

from forecast_cli.evaluation.choice import Choice
from forecast_cli.features.windows import WindowShape
from forecast_cli.model_names import SMOOTHED, TREES
from forecast_cli.models.network.plan import TrainingPlan
from forecast_cli.networks import TOPOLOGIES
from forecast_cli.networks.spec import NetworkSpec
from forecast_cli.words import and_joined


@dataclass(frozen=True)
class Smoothing:
    """How smoothing and other simple methods are combined with a network.

    share:     the fraction of the forecast that comes from the simple methods, 0 to 1
    trust:     a factor on share / (1 - share) for series without season; above 1 if smoothing was more accurate than
               the network on the validation steps
    repeated:  the lengths, in steps, of the last values that are repeated as a forecast: (24, 168) repeats the last
               day and the last week of hourly values. If it is not empty, the simple forecast is the median of the
               network, these repetitions and, if the season is subtracted, Theta.
    """

    share: float
    trust: float = 1.0
    repeated: tuple[int, ...] = ()


@dataclass(frozen=True)
class TreePart:
    """How trees correct a network.

    kind:     a name in `model_names.TREES`
    share:    fraction of their correction that is added, 0 to 1; 0 if no trees are used
    longest:  largest number of steps ahead that the trees were trained on; 0 if no trees are used
    errors:   share, as text -> mean absolute error with this share, divided by that of the network. It is measured on
              steps that neither network nor trees were trained on. Empty if it is unknown
    reason:   why the trees have this share, in a sentence
    """

    kind: str
    share: float
    longest: int
    errors: dict[str, float]
    reason: str


@dataclass(frozen=True)
class Description:
    """The description of a forecaster. A field that does not apply to the forecaster is None.

    name:          the name of the model
    context_size:  the number of last points of each series that a forecast depends on
    network:       the settings of its network
    windows:       the size of the network's windows
    covariate_scaling:  name of a covariate -> (mean, standard deviation) of its numbers, by which they are scaled
    plan:          how long and how fast the network was trained
    smoothing:     how smoothing is combined with the network
    trees:         how trees are combined with the network
    weights:       for a mean of several models: name of a model -> its share, averaged over series
    choice:        how the models in `weights` were chosen
    fitted_to:     the last time of the data that `fit` trained the network on, as text
    scored_to:     the last time of the data that the network was trained on when it was scored, as text
    """

    name: str
    context_size: int
    network: NetworkSpec | None = None
    windows: WindowShape | None = None
    covariate_scaling: dict[str, tuple[float, float]] | None = None
    plan: TrainingPlan | None = None
    smoothing: Smoothing | None = None
    trees: TreePart | None = None
    weights: dict[str, float] | None = None
    choice: Choice | None = None
    fitted_to: str | None = None
    scored_to: str | None = None

    @property
    def parts(self) -> dict[str, float]:
        """The parts of a forecast, as {name of the part: share}. All shares add up to 1."""
        parts: dict[str, float] = {}
        for member, weight in (self.weights or {self.name: 1.0}).items():
            for part, share in self._parts_of(member).items():
                parts[part] = parts.get(part, 0.0) + weight * share
        return parts

    @property
    def reason(self) -> str | None:
        """Why the forecast has these parts, in a sentence: the reason of `choice` or of `trees`. None without both."""
        chosen = self.choice or self.trees
        return chosen.reason if chosen else None

    def _parts_of(self, member: str) -> dict[str, float]:
        if self.network is None or member.partition("+")[0] != self.network.topology:
            return {member: 1.0}
        network = f"network ({TOPOLOGIES[self.network.topology].label})"
        if self.trees is not None:
            shares = {
                network: 1 - self.trees.share,
                f"{network} corrected by {TREES[self.trees.kind]}": self.trees.share,
            }
            return {part: share for part, share in shares.items() if share}
        smoothing = self.smoothing if member.endswith(SMOOTHED) else None
        if smoothing is None or smoothing.share == 0:
            return {network: 1.0}
        simpler = "exponential smoothing"
        if smoothing.repeated:
            theta = ["Theta"] if self.windows and self.windows.deseasonalise else []
            repeated = [f"the last {steps} steps" for steps in smoothing.repeated]
            simpler = f"median of {and_joined([network, *theta, *repeated])}"
        odds = smoothing.trust * smoothing.share
        share = odds / (odds + 1 - smoothing.share)
        return {network: 1 - share, simpler: share} if share < 1 else {simpler: 1.0}


def in_words(parts: dict[str, float]) -> str:
    """The parts of a forecast as one line of text, the largest part first. `parts` maps names to shares.

    >>> in_words({"exponential smoothing": 0.45, "network (LSTM)": 0.55})
    '55 % network (LSTM), 45 % exponential smoothing'
    >>> in_words({"theta": 1.0})
    'theta'
    """
    if len(parts) == 1:
        return next(iter(parts))
    largest_first = sorted(parts.items(), key=lambda part: -part[1])
    return ", ".join(f"{100 * share:.0f} % {part}" for part, share in largest_first)
