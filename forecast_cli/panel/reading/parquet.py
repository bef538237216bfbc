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

_FOOTER = re.compile(rb"\x15[\x00-\x7f]\x19\xfc([\x80-\xff]{0,4}[\x00-\x7f])")
"""The first bytes of the footer of a Parquet file, in Thrift's compact protocol: the version of the format, an integer,
and the start of a list of at least 15 structures, which describe the root, the groups of columns, and the columns.
Group 1 of the match is the length of the list, a variable-length integer."""


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
    except MemoryError:  # that of Arrow is an ArrowException too
        raise
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _damaged(name, error) from error


def _as_stream(name: str, data: bytes) -> memoryview:
    """Convert the columns of numbers, dates and text in a Parquet file to the bytes of an Arrow stream.

    `read_parquet` runs this function in a process of its own, with limited memory and time; see `confined`.

    Raises DataError if the file is damaged, has too many columns, or several of the same name.
    """
    import pyarrow as pa
    from pyarrow.parquet import ParquetFile

    try:
        check_width(name, _schema_size(data))
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
        content = pa.BufferOutputStream()
        with pa.ipc.new_stream(content, plain.schema) as stream:
            stream.write_table(plain)
    except MemoryError:  # that of Arrow is an ArrowException too
        raise
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _damaged(name, error) from error
    return memoryview(content.getvalue())


def _schema_size(data: bytes) -> int:
    """Return the number of columns and groups of columns that the footer of a Parquet file states.

    Returns 0 if there are fewer than 14, or if the footer is not found. Only the beginning of the footer is read: Arrow
    takes seconds to read the description of 300,000 columns.
    """
    footer = _FOOTER.match(data, max(0, len(data) - 8 - int.from_bytes(data[-8:-4], "little")))
    if footer is None:
        return 0
    elements: int = sum((byte & 0x7F) << 7 * at for at, byte in enumerate(footer[1]))
    return elements - 1  # one element is the root


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
    """Convert an Arrow column to ordinary cells: replace dictionary codes by their values, and bytes by text.

    Returns None for a column of lists or structs, or of bytes that are not text.
    """
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

    index: the names of the index columns
    names: the names of all columns
    """
    several = len(index) > 1 or "index" in names
    unnamed = [match for each in index if (match := _UNNAMED_INDEX.fullmatch(each))]
    return {match[0]: f"level_{match[1]}" if several else "index" for match in unnamed}
