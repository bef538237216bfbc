"""Read a Parquet file as a data frame. A pandas index in the file becomes an ordinary column."""

from __future__ import annotations

import io
import json
import logging
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from forecast_cli.errors import DataError
from forecast_cli.panel.reading.compression import most_unpacked
from forecast_cli.panel.reading.confined import confined
from forecast_cli.panel.reading.table import check_width

if TYPE_CHECKING:
    import pandas as pd

log = logging.getLogger(__name__)

MAX_NAMES_SHOWN = 6
_UNNAMED_INDEX = re.compile(r"__index_level_(\d+)__")
"""The column name that pandas writes into a Parquet file for an index without a name: "__index_level_0__"."""


def read_parquet(name: str, data: bytes) -> pd.DataFrame:
    """The data frame in a Parquet file. The columns of a pandas index come first.

    Columns with lists, structs or binary data are left out, and this is logged.

    name: the file's name in messages
    data: the bytes of the file

    Raises DataError if the file is damaged, has too many columns, or several of the same name.
    """
    content = confined(name, lambda: _as_stream(name, data), most_unpacked(len(data)))
    import pyarrow as pa

    try:
        with pa.ipc.open_stream(content) as stream:
            frame: pd.DataFrame = stream.read_pandas()
            return frame
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _damaged(name, error) from error


def _as_stream(name: str, data: bytes) -> bytes:
    """The columns of numbers, dates and text in a Parquet file, as a stream of Arrow."""
    import pyarrow as pa
    from pyarrow.parquet import ParquetFile

    try:
        file = ParquetFile(io.BytesIO(data))
        check_width(name, file.metadata.num_columns)
        table = file.read(use_threads=False)
        _refuse_repeated(name, table.column_names)
        index = _index_columns(table.schema)
        names = [*index, *(each for each in table.column_names if each not in index)]
        columns = {each: column for each in names if (column := _plain(table[each])) is not None}
        unread = [f"'{each}'" for each in names if each not in columns]
        if unread:
            log.info("%s: left out, not numbers, dates or text: %s", name, ", ".join(unread[:MAX_NAMES_SHOWN]))
        readable = _readable(index, list(columns))
        plain = pa.table({readable.get(each, each): column for each, column in columns.items()})
        content = io.BytesIO()
        with pa.ipc.new_stream(content, plain.schema) as stream:
            stream.write_table(plain)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _damaged(name, error) from error
    return content.getvalue()


def _damaged(name: str, error: Exception) -> DataError:
    first_line = str(error).splitlines()[0] if str(error) else "unreadable"
    return DataError(f"{name}: the Parquet file is damaged ({first_line}).", "Fetch the file again.")


def _refuse_repeated(name: str, names: list[str]) -> None:
    repeated = [each for each, count in Counter(names).items() if count > 1]
    if repeated:
        raise DataError(f"{name}: has several columns called '{repeated[0]}'.", "Rename all but one of them.")


def _index_columns(schema: Any) -> list[str]:
    """The names of the columns that were the index of a pandas data frame; [] if the file does not say."""
    try:
        index = json.loads(schema.metadata[b"pandas"])["index_columns"]
        return [each for each in index if isinstance(each, str) and each in schema.names]
    except (KeyError, TypeError, ValueError, RecursionError):
        return []


def _plain(column: Any) -> Any:
    """The Arrow column without dictionary, bytes as text; None for lists, structs and bytes that are no text."""
    import pyarrow as pa

    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_nested(column.type):
        return None
    if pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type):
        try:
            return column.cast(pa.large_string())
        except pa.ArrowInvalid:
            return None
    return column


def _readable(index: list[str], names: list[str]) -> dict[str, str]:
    """New names for index columns that have no name, as {name in the file: new name}.

    The new name is "index". If the index has several columns, or another column is called "index", new names are
    "level_0", "level_1", ...
    """
    several = len(index) > 1 or "index" in names
    unnamed = [match for each in index if (match := _UNNAMED_INDEX.fullmatch(each))]
    return {match[0]: f"level_{match[1]}" if several else "index" for match in unnamed}
