"""The files between the harness and a library: the series to learn from, and the forecast."""

from __future__ import annotations

import pandas as pd


def read_series(path: str) -> pd.DataFrame:
    """Columns unique_id (0, 1, ...), ds (steps) and y, without gaps."""
    return pd.read_csv(path, dtype={"y": float})


def write_forecast(forecast: pd.DataFrame, path: str) -> None:
    """Write a frame with unique_id, ds and one model's forecast, in the order of series and steps."""
    names = {forecast.columns[-1]: "forecast"}
    columns = forecast.rename(columns=names)[["unique_id", "ds", "forecast"]]
    columns.sort_values(["unique_id", "ds"]).to_csv(path, index=False)
