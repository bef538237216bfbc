"""Forecasts of statistical methods that a bundle keeps, so that a prediction need not fit the methods again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from forecast_cli.bundle import pack_arrays, unpack_arrays
from forecast_cli.models.files import FORECASTS_FILE
from forecast_cli.panel.arrays import Floats
from forecast_cli.panel.describe import fingerprint
from forecast_cli.panel.panel import Panel


@dataclass(frozen=True)
class KeptForecast:
    """The forecast of one method after the last points of one panel.

    data:   identifies the panel: the SHA-256 of its data, and its season length
    point:  (n, h) float64; the row of a series that the method could not be fitted to is NaN
    """

    data: str
    point: Floats

    def of(self, panel: Panel, horizon: int) -> Floats | None:
        """(n, horizon) the forecast of `panel`. None if it is another panel, or if the horizon is longer than h."""
        series, longest = self.point.shape
        if series != len(panel) or longest < horizon or self.data != _identity(panel):
            return None
        return self.point[:, :horizon]


def _identity(panel: Panel) -> str:
    return f"{fingerprint(panel)} {panel.season_length}"


def pack_forecasts(forecasts: Mapping[str, Floats], panel: Panel, tails: Panel) -> bytes:
    """The content of FORECASTS_FILE, a file of the bundle (the saved model).

    forecasts:  name of a method -> its forecast of `panel`, (n, h)
    panel:      the training data
    tails:      the last points of each series of `panel`, which the bundle also has. The forecasts are valid for both
                panels, and the file identifies both: a prediction without a data file forecasts `tails`
    """
    return pack_arrays(
        {
            "methods": np.array(list(forecasts)),
            "points": np.stack(list(forecasts.values())),
            "data": np.array([_identity(panel), _identity(tails)]),
        }
    )


def unpack_forecast(name: str, files: Mapping[str, bytes], *, of_tails: bool) -> KeptForecast | None:
    """The forecast of the method `name` in the files of a bundle. None if there is none, as in an old bundle.

    of_tails:  True if it will be used for the tails (the last points of each series, as the bundle keeps them), False
               for the whole series. The forecast is the same, because the method was fitted to whole series

    Raises ModelError, KeyError or ValueError if the file is not valid.
    """
    if FORECASTS_FILE not in files:
        return None
    arrays = unpack_arrays(files[FORECASTS_FILE])
    methods, points, data = arrays["methods"].tolist(), arrays["points"], arrays["data"]
    if points.dtype != np.float64 or points.ndim != 3 or len(points) != len(methods) or data.shape != (2,):
        raise ValueError(f"forecasts of shape {points.shape} of {len(methods)} methods")
    if not (np.isfinite(points).all(axis=2) | np.isnan(points).all(axis=2)).all():
        raise ValueError("a forecast with some values missing")
    whole, last_points = data.tolist()
    return KeptForecast(last_points if of_tails else whole, points[methods.index(name)]) if name in methods else None
