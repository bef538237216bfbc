"""Forecast a file with one statistical method, in a process of its own.

python benchmarks/statistical_peer.py METHOD TRAIN HORIZON OUTPUT
"""

from __future__ import annotations

import sys

import pandas as pd

from forecast_cli.models.statistical.model import StatisticalForecaster
from forecast_cli.panel.reading import read_panel


def main(method: str, train: str, horizon: str, output: str) -> None:
    point = StatisticalForecaster(method).predict(read_panel(train), int(horizon)).point
    pd.DataFrame({"forecast": point.ravel()}).to_csv(output, index=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
