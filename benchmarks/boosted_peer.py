"""Forecast series with LightGBM through mlforecast, in a process of its own.

    python benchmarks/boosted_peer.py MODEL SERIES HORIZON SEASON SEED OUTPUT

MODEL is LGBMRegressor or AutoLightGBM. LGBMRegressor has its default options. mlforecast has no default features: it
gets the first differences of each series, as in the introduction of mlforecast, and as many lags as the season or the
horizon, whichever is longer. AutoLightGBM searches the default space of AutoMLForecast, with its features, on the
last horizon of each series, with SAMPLES samples.
"""

from __future__ import annotations

import sys

import optuna
import pandas as pd
from lightgbm import LGBMRegressor
from mlforecast import MLForecast
from mlforecast.auto import AutoLightGBM, AutoMLForecast
from mlforecast.target_transforms import Differences
from peer_files import read_series, write_forecast

SAMPLES = 10
"""mlforecast has no default; this is the one of neuralforecast's automatic models."""


def main(name: str, series: str, horizon: str, season: str, seed: str, output: str) -> None:
    forecast = {"LGBMRegressor": _plain, "AutoLightGBM": _automatic}[name]
    write_forecast(forecast(read_series(series), int(horizon), int(season), int(seed)), output)


def _plain(frame: pd.DataFrame, horizon: int, season: int, seed: int) -> pd.DataFrame:
    lags = range(1, max(season, horizon) + 1)
    model = LGBMRegressor(random_state=seed, verbosity=-1)
    return MLForecast(model, freq=1, lags=list(lags), target_transforms=[Differences([1])]).fit(frame).predict(horizon)


def _automatic(frame: pd.DataFrame, horizon: int, season: int, seed: int) -> pd.DataFrame:
    sampler = optuna.samplers.TPESampler(seed=seed)
    search = AutoMLForecast([AutoLightGBM()], freq=1, season_length=season)
    search.fit(frame, n_windows=1, h=horizon, num_samples=SAMPLES, study_kwargs={"sampler": sampler})
    return search.predict(horizon)


if __name__ == "__main__":
    main(*sys.argv[1:])
