"""Forecast one daily or hourly series with Prophet or MSTL, in a process of its own.

python benchmarks/dated_peer.py MODEL TRAIN HORIZON OUTPUT
"""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd

SEASONS = {"D": [7, 365], "h": [24, 168]}


def main(model: str, train: str, horizon: str, output: str) -> None:
    series = pd.read_csv(train)
    series = series.set_axis(["ds", "y"], axis=1).assign(ds=pd.to_datetime(series.iloc[:, 0]))
    freq = "D" if series.ds.diff().median() >= pd.Timedelta(days=1) else "h"
    forecast = FORECASTS[model](series, freq, int(horizon))
    pd.DataFrame({"forecast": forecast}).to_csv(output, index=False)


def prophet(series: pd.DataFrame, freq: str, horizon: int) -> np.ndarray:
    from prophet import Prophet

    model = Prophet().fit(series)
    future = model.make_future_dataframe(horizon, freq=freq, include_history=False)
    return model.predict(future).yhat.to_numpy()


def mstl(series: pd.DataFrame, freq: str, horizon: int) -> np.ndarray:
    from statsforecast.models import MSTL

    values = series.y.interpolate(limit_direction="both").to_numpy(dtype=float)
    return MSTL(season_length=SEASONS[freq]).forecast(y=values, h=horizon)["mean"]


FORECASTS = {"Prophet": prophet, "MSTL": mstl}

if __name__ == "__main__":
    main(*sys.argv[1:])
