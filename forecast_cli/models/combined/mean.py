"""A forecaster that is the weighted mean of several forecasters, used by `blend` and `auto`."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.bundle import pack_arrays, unpack_arrays
from forecast_cli.evaluation.choice import Choice
from forecast_cli.features.idle import idle_values
from forecast_cli.features.scaling import Scaling
from forecast_cli.forecasting import Forecast, Forecaster, Saved
from forecast_cli.models.combined.far_ahead import FarAhead
from forecast_cli.models.combined.weights import Weights, weighted_mean
from forecast_cli.models.description import Description
from forecast_cli.models.files import BLEND_FILE
from forecast_cli.models.table import row_of
from forecast_cli.panel.arrays import Floats, Ints, fill_missing
from forecast_cli.panel.panel import Panel

log = logging.getLogger(__name__)


@dataclass
class MeanForecaster:
    """A forecaster whose forecast is the weighted mean of the forecasts of its members.

    name:     the name of the model, "blend" or "auto"
    members:  name -> forecaster, m of them, in the order of `weights.members`
    weights:  (n, m) the weights of the members for the n series of the training, between 0 and 1
    scaling:  how the n whole series are scaled, if the panels to forecast have only their last points; otherwise None
    choice:   how the members were chosen; None if they are always the same
    scored:   the weights with which the model was scored on the holdout; None if they are `weights`
    knows_idle:  whether a forecast is the lowest value of its series at idle places of the season: those where the
                 series has had this value in each of the last seasons (features/idle.py)
    far_ahead:  how the weights of members that ignore the long season change beyond the horizon; None if they stay the
                same
    """

    name: str
    members: Mapping[str, Forecaster]
    weights: Weights
    scaling: Scaling | None = None
    choice: Choice | None = None
    scored: Weights | None = None
    knows_idle: bool = False
    far_ahead: FarAhead | None = None

    def predict(self, panel: Panel, horizon: int) -> Forecast:
        """Forecast `horizon` steps after the last point of each series of `panel`, in the unit of its values.

        If a member cannot forecast a series, the mean is taken over the other members, and this is logged. If no member
        can forecast it, its forecast is NaN. No forecast is below the lower bound of its series (`Scaling.lowest`).
        """
        forecasts = [member.predict(panel, horizon) for member in self.members.values()]
        points = np.stack([forecast.point for forecast in forecasts])
        _report_failures(self.name, list(self.members), np.asarray(np.isfinite(points).all(axis=2)))
        mean = weighted_mean(points, self._weights_for(panel, horizon))
        if self.knows_idle:
            values, starts, ends = fill_missing(panel)[0], panel.indptr[:-1], panel.indptr[1:]
            idle = idle_values(values, starts, ends - 1, panel.season_length, horizon)
            mean = np.where(np.isnan(idle) | np.isnan(mean), mean, idle)
        lowest = (self.scaling or Scaling.of(panel)).lowest
        spread = next((forecast.spread for forecast in forecasts if forecast.spread is not None), None)
        return Forecast.after(panel, np.maximum(mean, lowest[:, None]), spread)

    def _weights_for(self, panel: Panel, horizon: int) -> Floats:
        """The weights (n, m) for the series of a panel, or (n, m, horizon) where they depend on the step."""
        weights = self.weights.of(panel.ids)
        if self.far_ahead is None:
            return weights
        lasting = np.array([row_of(name).knows_long_season for name in self.members])
        return self.far_ahead.weights(weights, lasting, panel.lengths, horizon)

    def update(self, panel: Panel, cutoff: str | None = None) -> None:
        """Train each member on all values of `panel`. The weights stay the same.

        cutoff:  the time that is recorded as the end of the training data, as text; None takes the last of the panel
        """
        for member in self.members.values():
            member.update(panel, cutoff)

    def for_calibration(self, panel: Panel, steps: int) -> tuple[Forecaster, Ints]:
        """The mean of the members in an earlier state, with the weights with which the model was scored.

        Returns it, and (n,) the number of last points of each series that no member was trained on.
        """
        found = {name: member.for_calibration(panel, steps) for name, member in self.members.items()}
        members = {name: earlier for name, (earlier, _) in found.items()}
        unlearned = np.min([points for _, points in found.values()], axis=0)
        return replace(self, members=members, weights=self._as_scored), unlearned

    @property
    def _as_scored(self) -> Weights:
        return self.scored or self.weights

    def save(self) -> Saved:
        """What to save in a bundle: one description, the files of all members, and a file with their weights.

        The context size is that of the network, because only a network's forecast depends on it.
        """
        saved = [member.save() for member in self.members.values()]
        known: dict[str, Any] = {}
        for one in saved:
            values = {field.name: getattr(one.description, field.name) for field in fields(Description)}
            known |= {name: value for name, value in values.items() if value is not None}
        weights = self.weights
        mean = dict(zip(weights.members, weights.mean.round(4).tolist(), strict=True))
        network = [one.description.context_size for one in saved if one.description.network]
        context_size = max(network or [one.description.context_size for one in saved])
        known |= {"name": self.name, "context_size": context_size, "weights": mean, "choice": self.choice}
        scored = self._as_scored
        arrays = {"members": np.array(weights.members), "ids": weights.ids, "each": weights.each}
        arrays |= {"knows_idle": np.array(self.knows_idle)}
        arrays |= {"far_ahead": self.far_ahead.array()} if self.far_ahead else {}
        arrays |= {"scored_ids": scored.ids, "scored_each": scored.each}
        files = {name: content for one in saved for name, content in one.files.items()}
        return Saved(Description(**known), {**files, BLEND_FILE: pack_arrays(arrays)})

    @classmethod
    def load(
        cls, description: Description, files: Mapping[str, bytes], scaling: Scaling | None = None
    ) -> MeanForecaster:
        """The forecaster and its members in a bundle, for predictions.

        description:  from the model card; its `weights` have the names of the m members
        files:        logical name -> content. The file of the weights has their names (m,), the ids (n,) of the series
                      and the weights (n, m)
        scaling:      how each of the n series is scaled. It is needed if the panels to forecast have only the last
                      points of the series. None: the scaling is computed from the panel to forecast

        Raises ModelError if the network cannot be loaded, KeyError or ValueError if the weights are not valid.
        """
        weights = _load_weights(description, files)
        members = {
            name: row_of(name).forecaster().load(replace(description, name=name), files, scaling)
            for name in weights.members
        }
        return cls(description.name, members, weights, scaling, description.choice, **_options(files))

    @classmethod
    def load_as_scored(cls, description: Description, files: Mapping[str, bytes]) -> MeanForecaster:
        """The forecaster and its members in a bundle, in the state in which they were scored on the holdout.

        description:  from the model card; its `weights` have the names of the m members
        files:        logical name -> content, with the weights (n, m) of the members for the n series

        Raises ModelError if the network cannot be loaded, KeyError or ValueError if the weights are not valid.
        """
        weights = _load_weights(description, files, "scored_")
        members = {
            name: row_of(name).forecaster().load_as_scored(replace(description, name=name), files)
            for name in weights.members
        }
        return cls(description.name, members, weights, choice=description.choice, **_options(files))


def _load_weights(description: Description, files: Mapping[str, bytes], kind: str = "") -> Weights:
    """The weights in a bundle. Raises KeyError or ValueError if they are not valid.

    kind: "" for the weights for predictions, "scored_" for the weights with which the model was scored. An old bundle
          has only the first, which are then used for both
    """
    arrays = unpack_arrays(files[BLEND_FILE])
    members = tuple(description.weights or {})
    prefix = kind if f"{kind}ids" in arrays else ""
    weights = Weights(members, arrays[f"{prefix}ids"], arrays[f"{prefix}each"])
    if weights.each.shape != (len(weights.ids), len(members)):
        raise ValueError(f"weights of shape {weights.each.shape} for {len(weights.ids)} series")
    if weights.each.dtype != np.float64 or not (np.isfinite(weights.each) & (weights.each >= 0)).all():
        raise ValueError("a weight is not a positive number")
    return weights


def _options(files: Mapping[str, bytes]) -> dict[str, Any]:
    """`knows_idle` and `far_ahead` of the forecaster in a bundle; in an old bundle they are False and None.

    Raises ValueError if they are not valid.
    """
    arrays = unpack_arrays(files[BLEND_FILE])
    far_ahead = FarAhead.of(arrays["far_ahead"]) if "far_ahead" in arrays else None
    return {"knows_idle": bool(arrays.get("knows_idle", False)), "far_ahead": far_ahead}


def _report_failures(mean: str, names: list[str], done: NDArray[np.bool_]) -> None:
    """Log which members failed, and on how many series. Warn if only one member can forecast a series.

    mean:  the name of the model, whose forecast is the mean
    names: the names of its m members
    done:  (m, n) whether each member has forecast each of the n series
    """
    series = done.shape[1]
    for name, failed in zip(names, (~done).sum(axis=1).tolist(), strict=True):
        if failed:
            log.info(
                "%s cannot forecast %d of %d series: the model %s leaves it out there.", name, failed, series, mean
            )
    has_one = done.sum(axis=0) == 1
    for name, count in zip(names, (done & has_one).sum(axis=1).tolist(), strict=True):
        if count and len(names) > 1:
            log.warning(
                "The model %s has only the member %s on %d of %d series: no other member can forecast them.",
                mean,
                name,
                count,
                series,
            )
