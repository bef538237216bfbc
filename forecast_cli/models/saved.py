"""A trained forecaster and the data it continues, to and from the sections and files of a bundle."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from forecast_cli.bundle import JSON, Bundle, pack_arrays, unpack_arrays
from forecast_cli.config import ReadConfig
from forecast_cli.errors import ModelError
from forecast_cli.models.blend import BlendForecaster, Weights
from forecast_cli.models.onnx_network import load_network
from forecast_cli.models.recipe import Recipe
from forecast_cli.models.recurrent import RecurrentForecaster, TrainedNetwork
from forecast_cli.panel.calendar import calendar_of
from forecast_cli.panel.forecaster import Forecaster
from forecast_cli.panel.panel import Panel
from forecast_cli.panel.windows import WindowShape

NETWORK, WEIGHTS, TAILS = "network.onnx", "network.weights.h5", "tails.npz"
FITTED = "fitted.weights.h5"
"""The weights as they were when the network was scored, before it learned the steps that had been held out."""

BLEND = "blend.npz"
"""What the members of a blend count; in no other bundle."""

NEEDED = (NETWORK, TAILS, BLEND)
"""The files of a bundle, as far as it has them, that `unpack` reads."""


@dataclass(frozen=True)
class Origin:
    """Where the training data came from and how it was read.

    source:       absolute path, or "-" for standard input
    fingerprint:  of the panel, see panel.describe
    """

    source: str
    read: ReadConfig
    fingerprint: str


@dataclass(frozen=True)
class SavedModel:
    """What `predict` needs: the forecaster, the ends of the series it was trained on, and where they came from.

    name:  of the forecaster, as in the table of models
    """

    forecaster: Forecaster
    tails: Panel
    origin: Origin
    name: str
    horizon: int


def pack(
    recipe: Recipe,
    panel: Panel,
    origin: Origin,
    horizon: int,
    summary: JSON,
    network: TrainedNetwork,
    weights: Weights | None = None,
) -> tuple[dict[str, JSON], dict[str, bytes]]:
    """The sections and files of a bundle; `weights` are a blend's."""
    tails = panel.tail(recipe.context_size)
    first, last = panel.span
    sections: dict[str, JSON] = {
        "model": {
            "network": asdict(recipe.spec),
            "windows": asdict(recipe.shape),
            "context_size": recipe.context_size,
            "smoothing": recipe.smoothing,
            "horizon": horizon,
            **({"name": "blend", "weights": _mean_weights(weights)} if weights is not None else {}),
        },
        "data": {
            "source": origin.source,
            "read": asdict(origin.read),
            "fingerprint": origin.fingerprint,
            "freq": panel.freq,
            "season_length": panel.season_length,
            "tz": panel.tz,
            "series": len(panel),
            "points": len(panel.values),
            "first": first,
            "last": last,
        },
        "training": {**asdict(recipe.schedule), "fitted_to": network.fitted.learned_to, "summary": summary},
    }
    arrays = {"ids": tails.ids, "indptr": tails.indptr, "times": tails.times, "values": tails.values}
    files = {
        NETWORK: network.onnx,
        WEIGHTS: network.weights,
        FITTED: network.fitted.weights,
        TAILS: pack_arrays(arrays),
    }
    if weights is not None:
        files[BLEND] = pack_arrays({"members": np.array(weights.members), "ids": weights.ids, "each": weights.each})
    return sections, files


def _mean_weights(weights: Weights) -> dict[str, JSON]:
    return dict(zip(weights.members, weights.typical.round(4).tolist(), strict=True))


def unpack(bundle: Bundle) -> SavedModel:
    """The model in a bundle that was loaded with the files NEEDED. Raises ModelError where its parts do not fit.

    A bundle that does not name its model holds a network alone.
    """
    model, data = bundle.section("model", dict), bundle.section("data", dict)
    try:
        shape = WindowShape(**model["windows"])
        read = ReadConfig(**{**data["read"], "value_columns": tuple(data["read"]["value_columns"])})
        origin = Origin(data["source"], read, data["fingerprint"])
        tails = Panel(
            **unpack_arrays(bundle.read(TAILS)),
            freq=data["freq"],
            season_length=data["season_length"],
            tz=data["tz"],
        )
        topology, context_size, horizon = model["network"]["topology"], model["context_size"], model["horizon"]
        smoothing = model.get("smoothing", 0.0)
        name = model.get("name", topology)
        weights = _weights(bundle) if name == "blend" else None
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelError(
            f"{bundle.directory}: the parts of the model do not fit together ({error}).", "Train the model again."
        ) from error
    network = RecurrentForecaster(load_network(bundle.read(NETWORK)), shape, context_size, smoothing)
    forecaster = network if weights is None else BlendForecaster.of(topology, network, weights)
    return SavedModel(forecaster, tails, origin, name, horizon)


def same_steps(one: str, other: str) -> bool:
    """Whether two frequencies are the same, but for the day that a step is named after.

    >>> same_steps("MS", "ME"), same_steps("MS", "QS")
    (True, False)
    """
    ours, theirs = calendar_of(one), calendar_of(other)
    return (ours.unit, ours.step) == (theirs.unit, theirs.step)


def _weights(bundle: Bundle) -> Weights:
    """Raises KeyError or ValueError where the arrays are not a blend's."""
    arrays = unpack_arrays(bundle.read(BLEND))
    members = tuple(arrays["members"].tolist())
    weights = Weights(members, arrays["ids"], arrays["each"])
    if weights.each.shape != (len(weights.ids), len(members)):
        raise ValueError(f"weights of shape {weights.each.shape} for {len(weights.ids)} series")
    return weights
