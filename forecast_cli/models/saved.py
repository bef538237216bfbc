"""A trained forecaster and the data it continues, to and from the sections and files of a bundle."""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np

from forecast_cli.bundle import JSON, Bundle, pack_arrays, unpack_arrays
from forecast_cli.errors import ModelError
from forecast_cli.features.scaling import ValueMap
from forecast_cli.features.windows import WindowShape
from forecast_cli.forecasting import Forecaster
from forecast_cli.models.combined.smoothed import Smoothing
from forecast_cli.models.combined.weights import BlendForecaster, Weights
from forecast_cli.models.network.defaults import Recipe
from forecast_cli.models.network.model import RecurrentForecaster, TrainedNetwork
from forecast_cli.models.network.onnx_runtime import load_network
from forecast_cli.models.network.trainer import run_by_keras
from forecast_cli.networks.spec import NetworkSpec
from forecast_cli.options import ReadConfig
from forecast_cli.panel.panel import Panel

log = logging.getLogger(__name__)

NETWORK, WEIGHTS, TAILS = "network.onnx", "network.weights.h5", "tails.npz"
FITTED = "fitted.weights.h5"
"""The weights after the first round of learning, before the network learned any step that it was tried on."""

SCORED = "scored.weights.h5"
"""A blend's, as they were when it was scored: its network has learned since then, after the members were weighed. Of a
network alone these are FITTED."""

BLEND = "blend.npz"
"""What the members of a blend count; in no other bundle."""

NEEDED = (NETWORK, TAILS, BLEND)
"""The files of a bundle, as far as it has them, that `unpack` reads."""

COMPARED = (*NEEDED, FITTED, SCORED)
"""Those that `unpack_as_scored` reads."""


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

    name:        of the forecaster, as in the table of models
    learned_to:  the last time that it has learned from, as text
    of_tails:    the forecaster of these ends, which knows on what scale the whole series are
    """

    forecaster: Forecaster
    of_tails: Forecaster
    tails: Panel
    origin: Origin
    name: str
    horizon: int
    learned_to: str


def pack(
    recipe: Recipe,
    panel: Panel,
    origin: Origin,
    horizon: int,
    summary: JSON,
    network: TrainedNetwork,
    weights: Weights | None = None,
    asked: str | None = None,
) -> tuple[dict[str, JSON], dict[str, bytes]]:
    """The sections and files of a bundle.

    weights:  a blend's
    asked:    a digest of the options that asked for it, where somebody will want to know
    """
    tails, value_map = panel.context(recipe.context_size), ValueMap.of(panel)
    first, last = panel.span
    sections: dict[str, JSON] = {
        "model": {
            "network": asdict(recipe.spec),
            "windows": asdict(recipe.shape),
            "context_size": recipe.context_size,
            "smoothing": asdict(network.smoothing),
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
        "training": {
            **asdict(recipe.schedule),
            "fitted_to": network.fitted.learned_to,
            "scored_to": network.scored.learned_to,
            "summary": summary,
            **({"asked": asked} if asked else {}),
        },
    }
    arrays = {"ids": tails.ids, "indptr": tails.indptr, "times": tails.times, "values": tails.values, **vars(value_map)}
    files = {
        NETWORK: network.onnx,
        WEIGHTS: network.weights,
        FITTED: network.fitted.weights,
        TAILS: pack_arrays(arrays),
    }
    if weights is not None:
        files[SCORED] = network.scored.weights
        files[BLEND] = pack_arrays({"members": np.array(weights.members), "ids": weights.ids, "each": weights.each})
    return sections, files


def _mean_weights(weights: Weights) -> dict[str, JSON]:
    return dict(zip(weights.members, weights.typical.round(4).tolist(), strict=True))


def unpack(bundle: Bundle) -> SavedModel:
    """The model in a bundle that was loaded with the files NEEDED. Raises ModelError where its parts do not fit.

    A bundle that does not name its model holds a network alone.
    """
    return _unpacked(bundle, None)


def unpack_as_scored(bundle: Bundle) -> SavedModel:
    """The model as it was when it was scored, run by Keras, from a bundle that was loaded with the files COMPARED.

    Of a bundle that does not keep that, the model as it is, which is told.

    Raises ModelError where its parts do not fit.
    """
    weights = bundle.contents.get(SCORED if BLEND in bundle.contents else FITTED)
    if weights is None:
        log.info(
            "The model in %s does not say how it was when it was scored, and is taken as it is: it may know steps that "
            "are held out.",
            bundle.directory,
        )
    return _unpacked(bundle, weights)


def _unpacked(bundle: Bundle, scored: bytes | None) -> SavedModel:
    """The model with its network as it is, or with the weights that it was `scored` with."""
    model, data, training = (bundle.section(name, dict) for name in ("model", "data", "training"))
    try:
        shape = WindowShape(**model["windows"])
        read = ReadConfig(**{**data["read"], "value_columns": tuple(data["read"]["value_columns"])})
        origin = Origin(data["source"], read, data["fingerprint"])
        arrays = unpack_arrays(bundle.read(TAILS))
        value_map = ValueMap(**{field.name: arrays.pop(field.name) for field in fields(ValueMap)})
        tails = Panel(
            **arrays,
            freq=data["freq"],
            season_length=data["season_length"],
            tz=data["tz"],
        )
        topology, context_size, horizon = model["network"]["topology"], model["context_size"], model["horizon"]
        smoothing = Smoothing(**model["smoothing"])
        name = model.get("name", topology)
        weights = _weights(bundle) if name == "blend" else None
        spec = network_spec(model["network"]) if scored else None
        learned_to = training["scored_to" if SCORED in bundle.contents else "fitted_to"] if scored else data["last"]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelError(
            f"{bundle.directory}: the parts of the model do not fit together ({error}).", "Train the model again."
        ) from error
    run = run_by_keras(spec, scored) if spec and scored else load_network(bundle.read(NETWORK))
    networks = [RecurrentForecaster(run, shape, context_size, smoothing, known) for known in (None, value_map)]
    forecaster, of_tails = networks if weights is None else (BlendForecaster.of(topology, n, weights) for n in networks)
    return SavedModel(forecaster, of_tails, tails, origin, name, horizon, learned_to)


def network_spec(described: dict[str, Any]) -> NetworkSpec:
    """The network that a bundle describes. Raises KeyError, TypeError or ValueError where it does not."""
    return NetworkSpec(**{**described, "units": tuple(described["units"])})


def _weights(bundle: Bundle) -> Weights:
    """Raises KeyError or ValueError where the arrays are not a blend's."""
    arrays = unpack_arrays(bundle.read(BLEND))
    members = tuple(arrays["members"].tolist())
    weights = Weights(members, arrays["ids"], arrays["each"])
    if weights.each.shape != (len(weights.ids), len(members)):
        raise ValueError(f"weights of shape {weights.each.shape} for {len(weights.ids)} series")
    return weights
