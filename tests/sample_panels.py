"""Small panels for tests, and the file of the airline passengers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from forecast_cli.panel.calendar import future_times
from forecast_cli.panel.panel import UNDATED, Panel

Floats = NDArray[np.float64]

AIRLINE = Path(__file__).parents[1] / "sample_data" / "airline_passengers.csv"
"""One monthly series, January 1949 to December 1960, with a trend and a season of 12."""


def panel_of(*series: Sequence[float] | Floats, freq: str = "MS", season_length: int = 12) -> Panel:
    """The series "a", "b", ..., each of which begins in January 2000, or at step 1."""
    lengths = [len(values) for values in series]
    before = np.array([0]) if freq == UNDATED else np.array(["1999-12-01"], dtype="datetime64[ns]")
    times = np.concatenate([future_times(freq, before, length)[0] for length in lengths])
    return Panel(
        ids=np.array([chr(ord("a") + row) for row in range(len(series))]),
        freq=freq,
        season_length=season_length,
        indptr=np.r_[0, np.cumsum(lengths)].astype(np.int64),
        times=times,
        values=np.concatenate([np.asarray(values, dtype=np.float64) for values in series]),
    )


def undated(*series: Sequence[float] | Floats, season_length: int = 1) -> Panel:
    return panel_of(*series, freq=UNDATED, season_length=season_length)


def seasonal(length: int, seed: int = 0, season_length: int = 12, noise: float = 0.02) -> Floats:
    """A positive series with a trend, a multiplicative season and some noise."""
    step = np.arange(length)
    season = 1 + 0.3 * np.sin(2 * np.pi * step / season_length)
    return 100 * 1.005**step * season * np.exp(noise * np.random.default_rng(seed).normal(size=length))


def random_walk(length: int, seed: int = 0) -> Floats:
    """A series that crosses zero."""
    return np.random.default_rng(seed).normal(size=length).cumsum()
