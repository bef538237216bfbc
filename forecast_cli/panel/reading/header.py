"""The header of a table: whether the first row is a header, the column names in it, and dates among these names."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.panel.reading.column_names import ColumnName
from forecast_cli.panel.reading.columns import RawColumn
from forecast_cli.panel.reading.dates import read_dates
from forecast_cli.panel.reading.decorated import undecorate
from forecast_cli.panel.reading.forms import follows, looks_like_date
from forecast_cli.panel.reading.naming import check_name, in_one_line, unique_names
from forecast_cli.panel.reading.numbers import is_missing, parse_number, read_numbers
from forecast_cli.panel.reading.numeric_dates import are_calendar_days, read_numeric_dates
from forecast_cli.panel.reading.patterns import full_match
from forecast_cli.panel.reading.table import RawTable

log = logging.getLogger(__name__)

HEADER_SAMPLE_ROWS, HEADER_SAMPLE_COLUMNS = 30, 50
"""How many of the first rows and columns are looked at, to decide whether a table has a header."""
MAX_NAMES_SHOWN = 5
MIN_DATES, MIN_NUMBERS = 2, 3
"""Column names are the times of a table with one series per row if at least MIN_DATES of them are dates, or if at least
MIN_NUMBERS of them are numbers. Two years in sequence also suffice."""
MIN_EVEN_STEPS = 4
"""The first row is a header if its numbers have at least this many steps, all equal."""
SPREADSHEET_DAYS, MIN_SPREADSHEET_DAYS = (25_569, 54_788), 5
"""The lowest and the highest number that is read as days since 1899-12-30, as in spreadsheets: 1970 to 2049. And how
many such numbers a header must have, so that they are not there by chance."""
_ADDED = (
    (
        (re.compile(r"(\d{4}) \[YR\1\]"), r"\1"),  # World Bank: 2019 [YR2019]
        (re.compile(r"[XY](\d{4,8})"), r"\1"),  # R: X2019, X43831; FAO: Y2019
        (re.compile(r"X(\d{4})\.(\d{1,2})"), r"\1-\2"),
        (re.compile(r"X(\d{1,4})\.(\d{1,2})\.(\d{1,4})"), r"\1/\2/\3"),
    ),
    (
        (re.compile(r"[^\W\d]{2,}+[\W_]*+((?:19|20)\d\d)"), r"\1"),  # population_2019
        (re.compile(r"[^\W\d]{2,}+[\W_]*+((?:19|20)\d\d)[\W_]?(\d\d)"), r"\1-\2"),  # sales_2019_01
    ),
)
"""Column names that contain a date and other text, such as X2019: (regular expression, replacement to get the date).

The first group has names that programs write, the second names that people write. The first group is tried first.
"""
_RECENT_YEAR = re.compile(r"(?:19|20)\d\d")
_YEAR_AND_NUMBER = re.compile(r"((?:19|20)\d\d)[-/. ](\d\d?)")
MONTHS = 12
_DIGIT, _DIGITS = re.compile(r"\d"), re.compile("[0-9]++")
_RANGE = re.compile(r"\d-\d{1,2}|\d\d-\d")
"""5-9 is a range of ages here, not month 9 of year 5."""


def dates_in(names: Sequence[str]) -> dict[int, str]:
    """The dates among the column names of a header, as {column index: date text}, earliest first.

    All dates must have one form, and each must be later than the one before, or each earlier. Whole numbers count as
    dates if they are years, months such as 202001, days such as 20200131, or days as spreadsheets count them. Returns
    {} for other headers.

    >>> dates_in(["country", "2019", "2020", "2021", "total"])
    {1: '2019', 2: '2020', 3: '2021'}
    >>> dates_in(["country", "2020-Q2", "2020-Q1"])
    {2: '2020-Q1', 1: '2020-Q2'}
    >>> dates_in(["country", "pop_2019", "pop_2020", "pop_2021"])
    {1: '2019', 2: '2020', 3: '2021'}
    >>> dates_in(["country", "0-04", "5-09", "10-14"])
    {}
    """
    texts = {i: name for i, name in enumerate(names) if _DIGIT.search(name)}
    return next((dates for added in _ADDED if (dates := _dates_among(texts, added))), {})


def step_numbers_in(names: Sequence[str]) -> dict[int, str]:
    """The column names that are step numbers, as {column index: name}; {} if there are none.

    Step numbers are whole numbers, at least MIN_NUMBERS, that only rise or only fall, mostly by the same amount, and
    that are not dates.

    >>> step_numbers_in(["series", "1", "2", "3"])
    {1: '1', 2: '2', 3: '3'}
    """
    numbers = _whole_numbers(dict(enumerate(names)))
    return numbers if (times := _even_times(numbers)) is not None and times.dtype.kind != "M" else {}


def is_value(text: str) -> bool:
    """Whether a text is a number or a date, in any form, such as "1.234,5" or "31/12/2024"."""
    if is_missing(text):
        return False
    return any(parse_number(text, mark) is not None for mark in ".,") or looks_like_date(text)


def _dates_among(names: dict[int, str], added: Sequence[tuple[re.Pattern[str], str]]) -> dict[int, str]:
    """The dates among column names, as {column index: date text}, earliest first. Added text is removed from the names.

    names: {column index: name} of the names with a digit
    added: the patterns for added text: one of the two groups in _ADDED
    """
    texts = {i: _without(added, name) for i, name in names.items()}
    numbers = _whole_numbers(texts)
    written = {i: text for i, text in texts.items() if i not in numbers and not full_match(_RANGE, text)}
    if weeks := _weeks_in(written):
        return weeks
    for reading in read_dates(_cells(written)) if len(written) >= MIN_DATES else ():
        valid = ~(reading.bad | reading.missing)
        direction = _direction(reading.local[valid]) if valid.sum() >= MIN_DATES else 0
        if direction and not _resembles_a_date(written.values(), valid):
            return dict([each for each, date in zip(written.items(), valid, strict=True) if date][::direction])
    if days := _spreadsheet_days(numbers):
        return days
    times = _even_times(numbers)
    return numbers if times is not None and times.dtype.kind == "M" else {}


def _resembles_a_date(texts: Iterable[str], valid: NDArray[np.bool_]) -> bool:
    """Whether a text that is not a date looks like one that is: digits at the same places, and otherwise equal.

    2024-12-32 looks like 2024-12-31, for example. The texts are then not taken as dates.

    valid: (texts,) whether each text is a date
    """
    shapes: tuple[set[str], set[str]] = (set(), set())
    for text, good in zip(texts, valid, strict=True):
        shapes[int(good)].add(_DIGIT.sub("0", text))
    return not shapes[0].isdisjoint(shapes[1])


def _weeks_in(texts: dict[int, str]) -> dict[int, str]:
    """Rewrite texts such as 2024-01 to 2024-52 as weeks: {column index: "2024-W01"}, earliest first.

    Returns {} if no number is above 12 (they may be months), if all texts are pairs of years such as 2023/24, or if the
    weeks do not exist or are not in order.
    """
    parts = {i: match for i, text in texts.items() if (match := full_match(_YEAR_AND_NUMBER, text))}
    numbers = [(int(match[1]), int(match[2])) for match in parts.values()]
    if max((number for _, number in numbers), default=0) <= MONTHS or all(follows(*each) for each in numbers):
        return {}
    weeks = {i: f"{match[1]}-W{match[2]:0>2}" for i, match in parts.items()}
    reading = read_dates(_cells(weeks))[0]
    direction = 0 if reading.bad.any() else _direction(reading.local)
    return dict(list(weeks.items())[::direction]) if direction else {}


def _spreadsheet_days(numbers: dict[int, str]) -> dict[int, str]:
    """The dates of ascending whole numbers that are days since 1899-12-30, as spreadsheets count: 43831 -> 2020-01-01.

    Their steps are days, with or without weekends, weeks, months, quarters or years. Returns {} for other numbers.
    """
    days = np.array(list(numbers.values()), dtype=np.int64)
    if len(days) < MIN_SPREADSHEET_DAYS or days[0] < SPREADSHEET_DAYS[0] or days[-1] > SPREADSHEET_DAYS[1]:
        return {}
    steps = np.diff(days)
    if (steps <= 0).any() or ((steps != 1).any() and not are_calendar_days(days)):
        return {}
    dates = (np.datetime64("1899-12-30") + days).astype(str)
    return dict(zip(numbers, dates.tolist(), strict=True))


def _without(added: Sequence[tuple[re.Pattern[str], str]], name: str) -> str:
    return next((match.expand(time) for form, time in added if (match := form.fullmatch(name))), name)


def _cells(texts: dict[int, str]) -> NDArray[Any]:
    return np.array(list(texts.values()), dtype=object)


def _direction(times: NDArray[Any]) -> int:
    """1 if each time is later than the previous one, -1 if each is earlier; otherwise 0."""
    signs = np.unique(np.sign(np.diff(times.astype(np.int64))))
    return int(signs[0]) if len(signs) == 1 else 0


def _whole_numbers(texts: dict[int, str]) -> dict[int, str]:
    """The texts that are whole numbers, as {index: text}. The order is reversed if the first is above the last."""
    numbers = {i: text for i, text in texts.items() if full_match(_DIGITS, text) and int(text) < 2**63}
    values = [int(text) for text in numbers.values()]
    return dict(reversed(numbers.items())) if values[:1] > values[-1:] else numbers


def _even_times(numbers: dict[int, str]) -> NDArray[Any] | None:
    """The times that ascending whole numbers stand for: datetime64[ns] for dates, int64 for step numbers.

    Returns None if the numbers are no times: fewer than MIN_NUMBERS, or without regular steps. Two years in sequence,
    such as 2019 and 2020, suffice.
    """
    cells = _cells(numbers)
    if (
        len(numbers) == 2
        and all(full_match(_RECENT_YEAR, cell) for cell in cells)
        and int(cells[1]) == int(cells[0]) + 1
    ):
        return cells.astype("datetime64[Y]").astype("datetime64[ns]")
    if len(numbers) < MIN_NUMBERS:
        return None
    are_days = all(len(cell) == len("20240131") for cell in cells)
    times = read_numeric_dates(RawColumn("date", "number", cells, read_numbers(cells, ".")), trusted=are_days)
    return times.local if times is not None and _direction(times.local) == 1 else None


def _even_numbers(names: Sequence[str]) -> dict[int, str]:
    """The names that are whole numbers, as {index: name}, if all steps between them are equal; otherwise {}.

    There must be at least MIN_EVEN_STEPS steps.
    """
    numbers = _whole_numbers(dict(enumerate(names)))
    steps = np.diff(np.array(list(numbers.values()), dtype=np.float64))
    return numbers if len(steps) >= MIN_EVEN_STEPS and steps[0] != 0 and (steps == steps[0]).all() else {}


def with_names(name: str, cells: NDArray[Any], lines: NDArray[np.int64]) -> RawTable:
    """The table of the rows below the header.

    Without a header, all rows are kept. A column without a name is called "column 1" etc., or "value" if it is the only
    one. Raises DataError if a name is too long.

    name:  the file's name in messages
    cells: (rows, columns) object, the cells as text, header included
    lines: (rows,) the line number of each row in the file
    """
    width = cells.shape[1]
    has_header = _has_header(cells[:HEADER_SAMPLE_ROWS])
    header = [str(cell) for cell in cells[0]] if has_header else [""] * width
    for text in header:
        check_name(f"{name}: row {lines[0]}", text)
    names = unique_names(
        [in_one_line(text) or (f"column {i + 1}" if width > 1 else "value") for i, text in enumerate(header)]
    )
    unnamed = frozenset(column for column, text in zip(names, header, strict=True) if not text)
    if not has_header:
        log.info("%s: no header; columns: %s", name, ", ".join(names[:MAX_NAMES_SHOWN]))
    start = 1 if has_header else 0
    return RawTable(name, tuple(names), cells[start:], lines[start:], ".", unnamed)


def _has_header(cells: NDArray[Any]) -> bool:
    """Whether the first row is a header.

    It is one if it holds times (see `_has_times`) or the name of a column of times, such as "date". It is also one if a
    column has a text in the first row, and mostly numbers or dates below it. In the first column, an empty cell above
    numbers or dates suffices. If there is only one row, it is a header if it has no number and no date.

    cells: (rows, columns) object, the first rows of the table as text
    """
    if len(cells) == 1:
        return not any(is_value(cell) for cell in cells[0])
    if _has_times(cells) or any(map(_is_name_of_times, cells.T)):
        return True
    for i, column in enumerate(cells.T[:HEADER_SAMPLE_COLUMNS]):
        body = [cell for cell in column[1:] if not is_missing(cell)]
        if not body or 2 * sum(is_value(cell) or undecorate(cell) is not None for cell in body) <= len(body):
            continue
        first = column[0]
        if first == "" and i == 0:
            return True
        if not is_missing(first) and not is_value(first):
            return True
    return False


def _is_name_of_times(column: NDArray[Any]) -> bool:
    """Whether the first cell is the name of a column of times, such as "date", and no other cell is the same."""
    label = ColumnName(column[0])
    is_name = label.may_be_time and not label.is_date_part and len(label.plain) > len("t")
    return is_name and column[0] not in column[1:]


def _has_times(cells: NDArray[Any]) -> bool:
    """Whether the first row has dates or regular numbers, like the header of a table with one row per series.

    The second row must have no such dates or numbers. The other cells of the first row must be neither numbers nor
    dates.
    """
    first, second = ([str(cell) for cell in row] for row in cells[:2])
    for times_in in (dates_in, step_numbers_in, _even_numbers):
        times = times_in(first)
        if times and not times_in(second):
            others = [name for i, name in enumerate(first) if i not in times]
            if others:
                return not any(map(is_value, others))
            many_dates = times_in is dates_in and len(times) > MIN_EVEN_STEPS
            return many_dates or not any(map(str.isdigit, times.values()))
    return False
