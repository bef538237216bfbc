"""Forecast series with a model of neuralforecast and its default options, in a process of its own.

    python benchmarks/neural_peer.py MODEL SERIES HORIZON SEASON SEED MAX_STEPS OUTPUT

SERIES is a CSV with columns unique_id (0, 1, ...), ds (steps) and y, without gaps. With MAX_STEPS 0 the model keeps its
default length of training. A model without a default input size gets two horizons, or two seasons if they are longer.
"""

from __future__ import annotations

import sys
from inspect import Parameter, signature
from typing import Any

import pandas as pd
from neuralforecast import NeuralForecast, models

DEFAULT_INPUT_HORIZONS = 3
"""Default input size of neuralforecast's recurrent models, in horizons."""


def main(name: str, series: str, horizon: str, season: str, seed: str, max_steps: str, output: str) -> None:
    frame = pd.read_csv(series, dtype={"y": float})
    nf = NeuralForecast([_model(name, frame, int(horizon), int(season), int(seed), int(max_steps))], freq=1)
    nf.fit(frame)
    forecast = nf.predict().sort_values(["unique_id", "ds"])
    forecast[["unique_id", "ds", forecast.columns[-1]]].set_axis(["unique_id", "ds", "forecast"], axis=1).to_csv(
        output, index=False
    )


def _model(name: str, frame: pd.DataFrame, horizon: int, season: int, seed: int, max_steps: int) -> Any:
    create = getattr(models, name)
    options: dict[str, Any] = {"enable_progress_bar": False, "enable_checkpointing": False, "logger": False}
    input_size = DEFAULT_INPUT_HORIZONS * horizon
    if signature(create).parameters["input_size"].default is Parameter.empty:
        options["input_size"] = input_size = 2 * max(horizon, season)
    if max_steps:
        options["max_steps"] = max_steps
    # Padding is not the default of the models, so it is used only for series that are too short without it.
    if frame.groupby("unique_id").size().min() < input_size + horizon:
        options["start_padding_enabled"] = True
    return create(h=horizon, random_seed=seed, **options)


if __name__ == "__main__":
    main(*sys.argv[1:])
