"""Files of statistical offices: rows of metadata below the header; rows of years, quarters and months together."""

from __future__ import annotations

import logging

import numpy as np
import pytest

from forecast_cli.errors import DataError
from tests.panel.tables import Read

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
YEARS = range(1988, 1993)
ROWS = {
    "years": [f"{year}" for year in YEARS],
    "quarters": [f"{year} Q{quarter}" for year in YEARS for quarter in range(1, 5)],
    "months": [f"{year} {month}" for year in YEARS for month in MONTHS],
}
METADATA = """\
"Title","CPI INDEX 00: ALL ITEMS 2015=100"{0}
"CDID","D7BT"{1}
"Source dataset ID","MM23"{1}
"PreUnit",""{1}
"Unit","Index, base year = 100"{1}
"Release date","17-01-2024"{1}
"Next release","14 February 2024"{1}
"Important notes",""{1}
"""


def statistics(kinds: list[str], series: int = 1) -> str:
    """A file of the British statistics office; its values are 1000, 2000, ... by kind, plus the number of the row."""
    rows = [
        f'"{date}"' + "".join(f',"{1000 * (1 + list(ROWS).index(kind)) + i + s}"' for s in range(series))
        for kind in kinds
        for i, date in enumerate(ROWS[kind])
    ]
    return METADATA.format(',"RPI"' * (series - 1), ',"CHAW"' * (series - 1)) + "\n".join(rows) + "\n"


@pytest.mark.parametrize("series", [1, 2])
@pytest.mark.parametrize(
    ("kinds", "freq", "first"),
    [
        (["years", "quarters", "months"], "MS", 3000),
        (["years", "quarters"], "QS-JAN", 2000),
        (["years"], "YS-JAN", 1000),
        (["months"], "MS", 3000),
    ],
)
def test_the_shortest_steps_are_read(
    read: Read, kinds: list[str], freq: str, first: int, series: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    panel = read(statistics(kinds, series))
    assert panel.ids.tolist() == ["CPI INDEX 00: ALL ITEMS 2015=100", "RPI"][:series]
    assert (panel.freq, panel.values[0], panel.times[0]) == (freq, first, np.datetime64("1988-01-01"))
    assert panel.lengths.tolist() == [len(ROWS[kinds[-1]])] * series
    assert "left out: the rows 'CDID', 'Source dataset ID'" in caplog.text
    assert (f"only those of {kinds[-1]} are read" in caplog.text) == (len(kinds) > 1)


def test_totals_of_years_among_quarters_are_left_out(read: Read, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    quarters = [f"Q{quarter} {year},{quarter}" for year in YEARS for quarter in range(1, 5)]
    rows = [row for i, row in enumerate(quarters) for row in ([row] if i % 4 < 3 else [row, f"{1988 + i // 4},10"])]
    panel = read("\n".join(["period,sales", *rows]) + "\n")
    assert (panel.freq, panel.values.tolist()) == ("QS-JAN", [1, 2, 3, 4] * 5)
    assert "'period' has rows of quarters and years: only those of quarters are read" in caplog.text


def test_other_mixtures_are_refused(read: Read) -> None:
    with pytest.raises(DataError, match="'2001-05-07' is not a date like the others"):
        read("date,y\n" + "".join(f"2001-{month:02d},5\n" for month in range(1, 5)) + "2001-05-07,6\n")


@pytest.mark.parametrize(
    ("content", "freq"),
    [
        ("Title,y\n" + "".join(f"{year},{year % 7}\n" for year in range(2001, 2011)), "YS-JAN"),
        ("y,date\n" + "".join(f"{1990 + i},2024-01-{i + 1:02d}\n" for i in range(12)), "D"),
        ("month,y\n" + "".join(f"2001-{month:02d},{month % 5}\n" for month in range(1, 13)), "MS"),
    ],
)
def test_ordinary_files_keep_their_rows(read: Read, content: str, freq: str) -> None:
    panel = read(content)
    assert (panel.freq, len(panel.values)) == (freq, content.count("\n") - 1)
