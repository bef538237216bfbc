"""Tables of results as Parquet files and workbooks."""

from __future__ import annotations

import io
import math

import numpy as np
import pandas as pd
import pytest

from forecast_cli.errors import OutputError
from forecast_cli.report.tables import binary
from forecast_cli.report.tables.binary import as_parquet, as_xlsx
from forecast_cli.report.tables.table import Column, Table


def table_of(dates: list[str | None]) -> Table:
    rows = len(dates)
    return [
        Column("id", [f"=A{row}" for row in range(rows)]),
        Column("date", dates, dated=True),
        Column("step", list(range(rows))),
        Column("forecast", [0.1 + 0.2, math.nan, *[5.0] * (rows - 2)]),
        Column("actual", [None] * rows),
    ]


def read_xlsx(table: Table) -> pd.DataFrame:
    return pd.read_excel(io.BytesIO(as_xlsx(table)), engine="calamine")


def read_parquet(table: Table) -> pd.DataFrame:
    return pd.read_parquet(io.BytesIO(as_parquet(table)))


@pytest.mark.parametrize("read", [read_xlsx, read_parquet])
@pytest.mark.parametrize(
    "dates",
    [
        ["2024-01-31", "2024-02-29", None],
        ["2024-01-31T05:00:00", "2024-01-31T06:00:00", "2024-01-31T07:30:15"],
        ["2024-01-31T05:00:00.010", "2024-01-31T05:00:00.020", "2024-01-31T05:00:00.030"],
    ],
)
def test_a_table_is_read_back_by_pandas(read: object, dates: list[str | None]) -> None:
    assert callable(read)
    frame = read(table_of(dates))
    assert frame.columns.tolist() == ["id", "date", "step", "forecast", "actual"]
    assert frame["id"].tolist() == ["=A0", "=A1", "=A2"]
    assert pd.DatetimeIndex(frame["date"]).tolist() == pd.DatetimeIndex(dates).tolist()
    assert frame["step"].tolist() == [0, 1, 2]
    np.testing.assert_allclose(frame["forecast"], [0.1 + 0.2, np.nan, 5], rtol=1e-15)
    assert frame["actual"].isna().all()


def test_times_in_utc() -> None:
    table = table_of(["2024-01-31T05:00:00Z", "2024-01-31T06:00:00Z", "2024-01-31T07:00:00Z"])
    assert str(read_parquet(table)["date"].dtype) == "datetime64[ns, UTC]"
    assert read_xlsx(table)["date"].iloc[0] == pd.Timestamp("2024-01-31 05:00")


def test_a_sheet_has_dates_before_1900_as_text() -> None:
    frame = read_xlsx(table_of(["1899-12-01", "1900-01-01", "1900-02-01"]))
    assert frame["date"].astype(str).tolist()[0] == "1899-12-01"
    assert pd.Timestamp(frame["date"].tolist()[2]) == pd.Timestamp("1900-02-01")


def test_a_table_that_no_sheet_can_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binary, "MAX_SHEET_ROWS", 3)
    with pytest.raises(OutputError, match="has 3 rows, and a sheet of a workbook at most 2"):
        as_xlsx(table_of(["2024-01-31"] * 3))
