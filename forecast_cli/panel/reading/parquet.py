"""From a Parquet file to a data frame."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from forecast_cli.errors import DataError

if TYPE_CHECKING:
    import pandas as pd


def read_parquet(name: str, data: bytes) -> pd.DataFrame:
    """The data frame in the Parquet file `data`. Raises DataError if it is damaged."""
    import pandas as pd
    import pyarrow

    try:
        return pd.read_parquet(io.BytesIO(data))
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        first_line = str(error).splitlines()[0] if str(error) else "unreadable"
        raise DataError(f"{name}: the Parquet file is damaged ({first_line}).", "Fetch the file again.") from error
