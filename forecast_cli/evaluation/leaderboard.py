"""The leaderboard of a backtest: all models on the same series and cutoffs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast_cli.evaluation.backtest import Run
from forecast_cli.evaluation.metrics import Floats
from forecast_cli.evaluation.pairs import Pairs
from forecast_cli.evaluation.significance import Comparison, compare_with_best

REFERENCE = "seasonal-naive"
"""The model over which skill is measured."""

ENOUGH = 0.5
"""A model is ranked if it forecast at least this share of all pairs of a series and a cutoff."""

FAR_OFF = 20.0
"""From so much bias on, in percent, the best model is said to be off: where many values are zero the lowest absolute
error is had below their mean."""

BEST_IS_MOST = ("skill", "won")
NAN = float("nan")


@dataclass(frozen=True)
class Standing:
    """One row of the leaderboard; NaN where there is no such figure, as for a model that is not ranked.

    mase, rmsse, smape, mae, rmse:  means over series
    wape, bias:   of all points together
    skill:        percent by which the MASE is below that of seasonal naive
    won:          percent of series on which the model has the lowest MASE; a tie is shared
    seconds:      of all cutoffs together
    failed:       pairs of a series and a cutoff that the model could not forecast
    """

    model: str
    mase: float
    rmsse: float
    smape: float
    mae: float
    rmse: float
    wape: float
    bias: float
    skill: float
    won: float
    fit_seconds: float
    predict_seconds: float
    failed: int


@dataclass(frozen=True)
class Leaderboard:
    """The rows, lowest MASE first; the pairs that all ranked models forecast, on which they are scored; and which
    models are told apart from the best."""

    standings: list[Standing]
    pairs: Pairs
    asked: int
    comparison: Comparison | None

    def notes(self) -> list[str]:
        """A sentence on each model that failed, on what that means for the others, on series without a MASE, on a best
        model whose total is far off, and on chance."""
        told = []
        for standing in self.standings:
            if standing.failed:
                unranked = "" if standing.model in self.pairs.points else " and is not ranked"
                told.append(f"{standing.model} failed on {standing.failed} of {self.asked} forecasts{unranked}.")
        if len(self.pairs) < self.asked:
            told.append(f"All ranked models are compared on the {len(self.pairs)} forecasts that each could make.")
        scale = self.pairs.scale
        measured, scaled = (
            np.isfinite(self.pairs.by_series(np.where(there, 1.0, np.nan))) for there in (np.isfinite(scale), scale > 0)
        )
        told += unscaled_notes(measured, scaled, "MASE, RMSSE, skill or wins")
        first = self.standings[0]
        if abs(first.bias) > FAR_OFF and not (self.pairs.actual < 0).any():  # else the bias is no share of a total
            side = "more" if first.bias > 0 else "less"
            told.append(f"All forecasts of {first.model} add up to {abs(first.bias):.0f}% {side} than what came.")
        if self.comparison is not None:
            told.append(self.comparison.sentence())
        return told


def unscaled_notes(measured: NDArray[np.bool_], scaled: NDArray[np.bool_], missing: str) -> list[str]:
    """A sentence for each reason why some series lack the figures `missing`.

    measured:  (s,) whether there is an error of seasonal naive to scale by, see `naive_scale`
    scaled:    (s,) whether that is above 0
    """
    reasons = {
        "repeating the season makes no error before the cutoff": int((measured & ~scaled).sum()),
        "no two values that are known before the cutoff are a season apart": int((~measured).sum()),
    }
    return [
        f"{count:,} of {len(scaled):,} series {'has' if count == 1 else 'have'} no {missing}: {reason}."
        for reason, count in reasons.items()
        if count
    ]


def leaderboard(runs: Sequence[Run], step_size: int) -> Leaderboard:
    """The leaderboard of complete folds: every model on each of them; `step_size` is the distance of cutoffs."""
    every = Pairs.of(runs)
    ranked = [name for name in every.points if every.done(name).mean() >= ENOUGH]
    common = np.ones(len(every), dtype=bool)
    for name in ranked:
        common &= every.done(name)
    pairs = every.only(common, ranked)
    won = _won({name: pairs.by_series(pairs.errors(name)["mase"]) for name in ranked})
    nothing = every.only(np.zeros_like(common), list(every.points))
    means = {name: (pairs if name in ranked else nothing).means(name) for name in every.points}
    reference = means[REFERENCE]["mase"] if REFERENCE in means else NAN
    standings = []
    for name in every.points:
        own = [run for run in runs if run.model == name]
        standings.append(
            Standing(
                name,
                **means[name],
                skill=100 * (1 - means[name]["mase"] / reference) if reference > 0 else NAN,
                won=won.get(name, NAN),
                fit_seconds=sum(run.fit_seconds for run in own),
                predict_seconds=sum(run.predict_seconds for run in own),
                failed=int((~every.done(name)).sum()),
            )
        )
    return Leaderboard(by_metric(standings, "mase"), pairs, len(every), compare_with_best(pairs, step_size))


def by_metric(standings: list[Standing], metric: str) -> list[Standing]:
    """The rows in the order of a metric, the best first, those that have no such figure last."""

    def rank(standing: Standing) -> float:
        value: float = getattr(standing, metric)
        if math.isnan(value):
            return math.inf
        return -value if metric in BEST_IS_MOST else abs(value)

    return sorted(standings, key=rank)


def _won(errors: dict[str, Floats]) -> dict[str, float]:
    """Model -> percent of the series that it wins, from its errors (s,)."""
    each = np.array(list(errors.values()))
    each = each[:, np.isfinite(each).all(axis=0)]
    if not each.size:
        return {}
    best = np.isclose(each, each.min(axis=0), rtol=1e-9, atol=0)
    return dict(zip(errors, (100 * (best / best.sum(axis=0)).mean(axis=1)).tolist(), strict=True))
