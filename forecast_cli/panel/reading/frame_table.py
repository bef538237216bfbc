"""Convert a data frame to a table of text cells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.errors import DataError
from forecast_cli.panel.reading.distinct import factorize
from forecast_cli.panel.reading.naming import check_name, in_one_line, unique_names
from forecast_cli.panel.reading.table import RawTable

if TYPE_CHECKING:
    import pandas as pd


def read_frame(name: str, frame: pd.DataFrame) -> RawTable:
    """The table of a Parquet file's data frame. Values become text, so that the same rules apply to all file formats.

    name: the file's name in messages

    Raises DataError if the frame has no columns or no rows, or if the name of a column is too long.
    """
    if frame.shape[1] == 0:
        raise DataError(f"{name}: has no column of numbers, dates or text.", "Check the program that wrote it.")
    if len(frame) == 0:
        raise DataError(f"{name}: has columns and no rows.", "Check the program that wrote it.")
    columns = [_texts(frame.iloc[:, i]) for i in range(frame.shape[1])]
    cells = np.stack(columns, axis=1)
    for column in frame.columns:
        check_name(name, str(column))
    names = unique_names([in_one_line(str(column)) for column in frame.columns])
    return RawTable(name, tuple(names), cells, np.arange(len(frame)) + 1, ".")


def _texts(column: pd.Series[Any]) -> NDArray[Any]:
    """(rows,) object: the values of a column as text, "" for missing values. Each distinct value is converted once."""
    codes, values = factorize(column)
    texts = np.array([_text(value) for value in values] + [""], dtype=object)
    out: NDArray[Any] = texts[codes]
    return out


def _text(value: object) -> str:
    return repr(float(value)) if isinstance(value, float) else str(value).strip()
