"""Forecast series with a model of neuralforecast and its default options, in a process of its own.

    python benchmarks/neural_peer.py MODEL SERIES HORIZON SEASON SEED OUTPUT

MODEL is a class of neuralforecast.models or neuralforecast.auto. An automatic model, such as AutoLSTM, searches its
default space with its default number of samples, on the last horizon of each series. optuna draws the samples,
because ray would start processes of its own. A model without a default input size gets two horizons, or two seasons
if they are longer.
"""

from __future__ import annotations

import sys
from inspect import Parameter, signature
from typing import Any

import optuna
import pandas as pd
from neuralforecast import NeuralForecast, auto, models
from peer_files import read_series, write_forecast

DEFAULT_INPUT_HORIZONS = 3
"""Default input size of neuralforecast's recurrent models, in horizons."""

QUIET: dict[str, Any] = {"enable_progress_bar": False, "enable_checkpointing": False, "logger": False}


def main(name: str, series: str, horizon: str, season: str, seed: str, output: str) -> None:
    frame = read_series(series)
    model = (
        _automatic(name, int(horizon), int(seed))
        if name in auto.__all__
        else _model(name, frame, int(horizon), int(season), int(seed))
    )
    nf = NeuralForecast([model], freq=1)
    nf.fit(frame)
    write_forecast(nf.predict(), output)


def _model(name: str, frame: pd.DataFrame, horizon: int, season: int, seed: int) -> Any:
    create = getattr(models, name)
    options: dict[str, Any] = {}
    input_size = DEFAULT_INPUT_HORIZONS * horizon
    if signature(create).parameters["input_size"].default is Parameter.empty:
        options["input_size"] = input_size = 2 * max(horizon, season)
    # Padding is not the default of the models, so it is used only for series that are too short without it.
    if frame.groupby("unique_id").size().min() < input_size + horizon:
        options["start_padding_enabled"] = True
    return create(h=horizon, random_seed=seed, **options, **QUIET)


def _automatic(name: str, horizon: int, seed: int) -> Any:
    create = getattr(auto, name)
    default = create.get_default_config(h=horizon, backend="optuna")

    def config(trial: Any) -> dict[str, Any]:
        return {**default(trial), "start_padding_enabled": True, **QUIET}

    sampler = optuna.samplers.TPESampler(seed=seed)
    return create(h=horizon, config=config, backend="optuna", search_alg=sampler)


if __name__ == "__main__":
    main(*sys.argv[1:])
