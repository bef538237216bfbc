"""A trained forecaster and the data it continues, to and from the sections and files of a bundle."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from forecast_cli.bundle import JSON, Bundle, pack_arrays, unpack_arrays
from forecast_cli.config import ReadConfig
from forecast_cli.errors import ModelError
from forecast_cli.models.onnx_network import load_network
from forecast_cli.models.recipe import Recipe
from forecast_cli.models.recurrent import RecurrentForecaster
from forecast_cli.panel.panel import Panel
from forecast_cli.panel.windows import WindowShape

NETWORK, WEIGHTS, TAILS = "network.onnx", "network.weights.h5", "tails.npz"


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
    """What `predict` needs: the forecaster, the ends of the series it was trained on, and where they came from."""

    forecaster: RecurrentForecaster
    tails: Panel
    origin: Origin
    topology: str
    horizon: int


def pack(
    recipe: Recipe, panel: Panel, origin: Origin, horizon: int, summary: JSON, network: tuple[bytes, bytes]
) -> tuple[dict[str, JSON], dict[str, bytes]]:
    """The sections and files of a bundle; `network` is (ONNX, Keras weights)."""
    tails = panel.tail(recipe.context_size)
    first, last = panel.span
    sections: dict[str, JSON] = {
        "model": {
            "network": asdict(recipe.spec),
            "windows": asdict(recipe.shape),
            "context_size": recipe.context_size,
            "horizon": horizon,
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
        "training": {**asdict(recipe.schedule), "summary": summary},
    }
    onnx, weights = network
    arrays = {"ids": tails.ids, "indptr": tails.indptr, "times": tails.times, "values": tails.values}
    return sections, {NETWORK: onnx, WEIGHTS: weights, TAILS: pack_arrays(arrays)}


def unpack(bundle: Bundle) -> SavedModel:
    """The model in a bundle that was loaded with NETWORK and TAILS. Raises ModelError where its parts do not fit."""
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
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelError(
            f"{bundle.directory}: the parts of the model do not fit together ({error}).", "Train the model again."
        ) from error
    forecaster = RecurrentForecaster(load_network(bundle.read(NETWORK)), shape, context_size)
    return SavedModel(forecaster, tails, origin, topology, horizon)
