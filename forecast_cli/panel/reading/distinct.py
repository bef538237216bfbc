"""Find the distinct values of an array with the hash tables of pandas."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.panel.reading.memory import check_free

BYTES_PER_VALUE = 80
"""The most memory that a hash table of pandas takes for a value, with the arrays that are returned."""


def factorize(values: Any) -> tuple[NDArray[np.intp], Any]:
    """The distinct values in the order of their first appearance, as `pandas.factorize` finds them.

    Returns for each value the index of its distinct value (-1 if it is missing), and the distinct values. Raises
    MemoryError if there may be too little memory: pandas would end the process with a segmentation fault.
    """
    import pandas as pd

    check_free(BYTES_PER_VALUE * len(values))
    codes, distinct = pd.factorize(values)
    return codes, distinct
