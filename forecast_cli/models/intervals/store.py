"""Errors for intervals, as a file of a bundle."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from forecast_cli.bundle import pack_arrays, unpack_arrays
from forecast_cli.models.files import ERRORS_FILE
from forecast_cli.models.intervals.calibration import Calibration
from forecast_cli.models.intervals.inflation import CHECKED_LEVELS

TINY = 1e-300


def pack(calibration: Calibration) -> bytes:
    """The content of ERRORS_FILE. The errors are float16, divided by the largest absolute error of their series."""
    largest = np.nanmax(np.abs(calibration.scaled), axis=(0, 2), initial=TINY)
    usual = {} if calibration.usual is None else {"usual": calibration.usual}
    return pack_arrays(
        {
            **usual,
            "ids": calibration.ids,
            "relative": (calibration.scaled / largest[:, None]).astype(np.float16),
            "largest": largest,
            "weight": calibration.weight,
            "offsets": calibration.offsets,
            "phase": calibration.phase,
            "season_length": np.array(calibration.season_length),
            "size": calibration.size,
            "inflation": calibration.inflation,
        }
    )


def unpack(files: Mapping[str, bytes]) -> Calibration | None:
    """The errors for intervals in a bundle; None if the bundle has none.

    files: logical name -> content

    Raises ModelError, KeyError or ValueError if the file is not valid.
    """
    if ERRORS_FILE not in files:
        return None
    arrays = unpack_arrays(files[ERRORS_FILE])
    scaled = arrays["relative"].astype(np.float64) * arrays["largest"][:, None]
    found = Calibration(
        ids=arrays["ids"],
        scaled=scaled,
        weight=arrays["weight"],
        offsets=arrays["offsets"],
        phase=arrays["phase"],
        season_length=int(arrays["season_length"]),
        size=arrays["size"],
        inflation=arrays["inflation"],
        usual=arrays.get("usual"),
    )
    origins, series, horizon = scaled.shape
    wanted = {
        "ids": (series,),
        "weight": (origins,),
        "offsets": (origins, series),
        "phase": (series,),
        "size": (series,),
        "inflation": CHECKED_LEVELS.shape,
    }
    if found.usual is not None:
        wanted["usual"] = (series, horizon)
    wrong = [name for name, shape in wanted.items() if getattr(found, name).shape != shape]
    positive = all(np.all(np.isfinite(each) & (each > 0)) for each in (found.size, found.inflation, found.weight))
    if wrong or not positive or found.season_length < 1 or np.isinf(scaled).any():
        raise ValueError(f"errors for intervals with wrong {', '.join(wrong) or 'numbers'}")
    return found
