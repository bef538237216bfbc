"""Parquet files that pandas did not write, or wrote with an index."""

from __future__ import annotations

import io
import json
from datetime import date, timedelta
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from forecast_cli.errors import DataError
from forecast_cli.panel.panel import Panel
from tests.panel.tables import Read

DAYS = pa.array([date(2024, 1, 1) + timedelta(days=i) for i in range(6)])
VALUES = pa.array([5.0, 6.0, 7.0, 8.0, 9.0, 10.0])


def stored(table: pa.Table) -> bytes:
    file = io.BytesIO()
    parquet.write_table(table, file)
    return file.getvalue()


def assert_is_the_series(panel: Panel) -> None:
    assert panel.freq == "D"
    assert panel.ids.tolist() == ["y"]
    assert panel.values.tolist() == VALUES.to_pylist()


def test_lists_and_structs_are_left_out(read: Read, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    others = {"tags": [["a", "b"]] * 6, "place": [{"x": 1}] * 6, "photo": [b"\xff\x00"] * 6}
    assert_is_the_series(read(stored(pa.table({"ds": DAYS, "y": VALUES, **others}))))
    assert "left out, not numbers, dates or text: 'tags', 'place', 'photo'" in caplog.text


def test_a_file_of_lists_alone_is_refused(read: Read) -> None:
    with pytest.raises(DataError, match="has no column of numbers, dates or text"):
        read(stored(pa.table({"tags": [["a", "b"]] * 6})))


def test_columns_of_one_name_are_refused(read: Read) -> None:
    with pytest.raises(DataError, match="has several columns called 'y'"):
        read(stored(pa.Table.from_arrays([DAYS, VALUES, VALUES], names=["ds", "y", "y"])))


def test_ids_stored_as_bytes_are_text(read: Read) -> None:
    ids = pa.array([b"north"] * 3 + ["süd".encode()] * 3)
    days = pa.concat_arrays([DAYS[:3], DAYS[:3]])
    assert read(stored(pa.table({"unique_id": ids, "ds": days, "y": VALUES}))).ids.tolist() == ["north", "süd"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "metadata",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"null",
        b"[]",
        b"{}",
        json.dumps({"index_columns": ["gone"], "columns": [{}], "column_indexes": []}).encode(),
        json.dumps({"index_columns": 5, "columns": 7}).encode(),
        json.dumps({"index_columns": ["ds"], "columns": [{"name": "ds", "numpy_type": "nonsense"}]}).encode(),
    ],
)
def test_damaged_metadata_of_pandas_do_no_harm(read: Read, metadata: bytes) -> None:
    assert_is_the_series(
        read(stored(pa.table({"ds": DAYS, "y": VALUES}).replace_schema_metadata({"pandas": metadata})))
    )


@pytest.mark.parametrize(
    "index",
    [
        pd.date_range("2024-01-01", periods=6),
        pd.date_range("2024-01-01", periods=6, name="when"),
        pd.period_range("2024-01-01", periods=6, freq="D"),
        pd.MultiIndex.from_product([["y"], pd.date_range("2024-01-01", periods=6)]),
    ],
)
def test_an_index_of_pandas_is_a_column(read: Read, index: Any) -> None:
    file = io.BytesIO()
    pd.DataFrame({"y": VALUES.to_pylist()}, index=index).to_parquet(file)
    assert_is_the_series(read(file.getvalue()))


def test_one_row_per_series(read: Read) -> None:
    frame = pd.DataFrame(
        [[5.0, 6.0, 7.0], [1.0, 2.0, 3.0]], columns=["2024-01", "2024-02", "2024-03"], index=["A", "B"]
    )
    file = io.BytesIO()
    frame.to_parquet(file)
    panel = read(file.getvalue())
    assert (panel.freq, panel.ids.tolist()) == ("MS", ["A", "B"])
