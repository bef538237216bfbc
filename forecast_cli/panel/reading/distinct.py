"""Find the distinct values of an array with the hash tables of pandas."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.panel.reading.memory import check_free

BYTES_PER_VALUE = 80
"""The most memory that pandas needs for one value: its hash table and the arrays that it returns."""


def factorize(values: Any) -> tuple[NDArray[np.intp], Any]:
    """Find the distinct values, in the order of their first appearance, with `pandas.factorize`.

    Returns two arrays: for each value, its index among the distinct values (-1 if the value is missing); and the
    distinct values. Raises MemoryError if the memory may be too small. Without this check, pandas would end the process
    with a segmentation fault.
    """
    import pandas as pd

    check_free(BYTES_PER_VALUE * len(values))
    codes, distinct = pd.factorize(values)
    return codes, distinct
