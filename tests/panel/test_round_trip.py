"""A panel written in any understood layout and spelling is read back equal, or refused; never as something else.

`pytest --hypothesis-profile many --hypothesis-show-statistics` tries thousands, and counts what was refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pytest
from hypothesis import event, given

from forecast_cli.errors import DataError
from forecast_cli.panel.panel import Panel
from forecast_cli.panel.reading import read_panel
from forecast_cli.panel.reading.naming import in_one_line, series_ids, unique_names
from forecast_cli.panel.reading.numbers import is_missing
from tests.panel.layouts import Ids
from tests.panel.written_panels import WrittenPanel, written_panels


@pytest.mark.slow
@given(written=written_panels())
def test_a_written_panel_is_read_back_equal_or_refused(written: WrittenPanel) -> None:
    panel = read_or_refused(written)
    event(f"{written.layout}: {'refused' if panel is None else 'read'}")
    if panel is not None:
        assert_equal(panel, written)


def read_or_refused(written: WrittenPanel) -> Panel | None:
    """None if the file is refused."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "data.csv"
        path.write_bytes(written.content)
        try:
            return read_panel(str(path), written.config)
        except DataError:
            return None


def assert_equal(panel: Panel, written: WrittenPanel) -> None:
    """Fail if frequency, ids, times or values of the panel are not those that were written."""
    assert panel.freq == written.freq
    found = {
        id_: pd.Series(panel.values[panel.rows == row], index=pd.DatetimeIndex(panel.times[panel.rows == row]))
        for row, id_ in enumerate(panel.ids.tolist())
    }
    expected = written.series
    for ids in possible_ids(list(expected), list(found)):
        if all(id_ in found and found[id_].equals(one) for id_, one in zip(ids, expected.values(), strict=True)):
            assert len(found) == len(expected)
            return
    raise AssertionError(f"read as {found}, written as {expected}")


def possible_ids(series: Sequence[Ids], found: Sequence[str]) -> Iterator[Sequence[str]]:
    """The ids that the series may have: their texts joined. Texts that are not needed may be left out.

    A series without an id may have any, and so may one with a word for a missing value.
    """
    width = len(series[0])
    for size in range(width, 0, -1):
        for columns in combinations(range(width), size):
            texts = [tuple(each[i] for i in columns) for each in series]
            yield series_ids(texts).tolist()
            yield [in_one_line("/".join(each)) for each in texts]
    if width == 1:
        yield unique_names([in_one_line(text) for (text,) in series])
    if width == 0 or (len(series) == 1 and any(map(is_missing, series[0]))):
        yield found[:1]
