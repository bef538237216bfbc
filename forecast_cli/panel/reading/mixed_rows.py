"""Clean tables of statistical offices: remove metadata below the header, and keep the rows of one frequency.

Such tables can have rows of years, quarters and months together.
"""

from __future__ import annotations

import logging
import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.panel.reading.distinct import factorize
from forecast_cli.panel.reading.month_names import month_number
from forecast_cli.panel.reading.numbers import is_missing
from forecast_cli.panel.reading.patterns import full_match
from forecast_cli.panel.reading.table import RawTable
from forecast_cli.words import and_joined

log = logging.getLogger(__name__)

HEADER_LABEL, METADATA_LABEL = "Title", "CDID"
"""The first cells of the header and of the row below it in files of the British statistics office."""
MAX_METADATA_ROWS = 20
MAX_DATE_COLUMNS = 3
"""Dates of several frequencies are searched in this many first columns."""
FREQUENCIES = {
    "month": re.compile(
        r"\d{4}(?:[-/ ]M?|M)(?:0[1-9]|1[0-2])|\d{4}[- ]?(?P<name>[A-Za-z]{3,9})|(?P<first>[A-Za-z]{3,9})[- ]?\d{4}"
    ),
    "quarter": re.compile(r"\d{4}[- ]?Q[1-4]|Q[1-4][- ]?\d{4}"),
    "year": re.compile(r"\d{4}"),
}
"""Frequency -> the form of its dates, the shortest steps first."""


def without_metadata(
    name: str, cells: NDArray[Any], lines: NDArray[np.int64]
) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Remove the rows between the header and the first date that describe the series, such as their unit.

    Files of the British statistics office have such rows. Their first column begins with "Title", "CDID"; "Title" is
    then replaced by "date". Other files are returned unchanged.

    name:    the file's name in messages
    cells:   (rows, columns) text, with the header
    lines:   (rows,) the line number of each row in the file
    returns: `cells` and `lines` without these rows
    """
    if cells.shape[1] < 2 or len(cells) < 3 or tuple(cells[:2, 0]) != (HEADER_LABEL, METADATA_LABEL):
        return cells, lines
    first = next((row for row in range(1, min(len(cells), MAX_METADATA_ROWS)) if _frequency_of(cells[row, 0])), 1)
    labels = [f"'{label}'" for label in cells[1:first, 0]]
    if labels:
        log.info("%s: left out: the rows %s below the header", name, and_joined(labels))
    cells = np.delete(cells, range(1, first), axis=0)
    cells[0, 0] = "date"
    return cells, np.delete(lines, range(1, first))


def finest_rows(table: RawTable) -> RawTable:
    """Keep only the rows of the shortest steps, if a column has dates of several kinds: years, quarters and months.

    Other tables are returned unchanged.
    """
    for name, cells in zip(table.names[:MAX_DATE_COLUMNS], table.cells.T, strict=False):
        if not any(map(_frequency_of, cells[:1])):
            continue
        codes, texts = factorize(cells)
        frequencies = [_frequency_of(text) for text in texts]
        present = [frequency for frequency in FREQUENCIES if frequency in frequencies]
        complete = all(frequency or is_missing(text) for frequency, text in zip(frequencies, texts, strict=True))
        if len(present) > 1 and complete:
            rows = [f"{frequency}s" for frequency in present]
            log.info("%s: '%s' has rows of %s: only those of %s are read", table.name, name, and_joined(rows), rows[0])
            return table.take(np.flatnonzero(np.array(frequencies)[codes] == present[0]))
    return table


def _frequency_of(text: str) -> str:
    """The frequency of a date, such as "month": a key of FREQUENCIES; "" for other texts.

    >>> [_frequency_of(text) for text in ("1988", "1988 Q1", "1988 JAN", "1988-01", "1988-01-05", "1988 ABC")]
    ['year', 'quarter', 'month', 'month', '', '']
    """
    for frequency, form in FREQUENCIES.items():
        match = full_match(form, text)
        words = [word for word in match.groupdict().values() if word] if match else []
        if match and all(month_number(word) for word in words):
            return frequency
    return ""
