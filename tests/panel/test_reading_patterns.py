"""Whatever a cell or a name holds, no pattern of the reader takes long."""

from __future__ import annotations

import importlib
import pkgutil
import re
import time
from collections.abc import Callable, Iterator, Mapping
from itertools import product

import pytest

from forecast_cli.panel import reading
from forecast_cli.panel.reading import forms
from forecast_cli.panel.reading.column_names import ColumnName
from forecast_cli.panel.reading.decorated import undecorate
from forecast_cli.panel.reading.header import dates_in, is_value
from forecast_cli.panel.reading.month_names import with_words
from forecast_cli.panel.reading.naming import in_one_line
from forecast_cli.panel.reading.numbers import is_decorated, parse_number
from forecast_cli.panel.reading.part_names import part_of

CHARACTERS = 20_000
MAX_SECONDS = 0.2
REPEATED = (
    "1",
    " ",
    "-",
    ".",
    ",",
    "a",
    "_",
    "'",
    "/",
    ":",
    "(",
    "1 ",
    "1,",
    "234,",
    "1-",
    " -",
    "a1",
    "no",
    "\n ",
    "–",
)
STARTS = ("", "1", "(", "$", "a", "2024-01-01", "1 Jan ")
ENDS = ("", "x", "!")
SLOW_BUT_FOR_SHORT_TEXTS = {"part_names._NAME"}
"""Patterns that only ever see texts of at most 100 characters."""


def patterns() -> Iterator[tuple[str, re.Pattern[str]]]:
    for module in pkgutil.iter_modules(reading.__path__):
        for name, value in vars(importlib.import_module(f"{reading.__name__}.{module.name}")).items():
            for number, pattern in enumerate(_patterns_in(value)):
                if (where := f"{module.name}.{name}") not in SLOW_BUT_FOR_SHORT_TEXTS:
                    yield f"{where}-{number}", pattern
    for number, form in enumerate((*forms.FORMS, *forms.NAMED_FORMS.values())):
        yield f"form-{number}", re.compile(form, re.IGNORECASE)


def _patterns_in(value: object) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
        yield value
    elif isinstance(value, (tuple, list)):
        for each in value:
            yield from _patterns_in(each)
    elif isinstance(value, Mapping):
        yield from _patterns_in(list(value.values()))


def long_texts() -> list[str]:
    return [
        start + repeated * (CHARACTERS // len(repeated)) + end
        for start, repeated, end in product(STARTS, REPEATED, ENDS)
    ]


def slowest(match: Callable[[str], object]) -> float:
    seconds = []
    for text in long_texts():
        start = time.process_time()
        match(text)
        seconds.append(time.process_time() - start)
        if seconds[-1] > MAX_SECONDS:
            break
    return max(seconds)


@pytest.mark.parametrize("pattern", [pytest.param(pattern, id=name) for name, pattern in patterns()])
def test_a_pattern_is_linear(pattern: re.Pattern[str]) -> None:
    assert slowest(pattern.fullmatch) < MAX_SECONDS


@pytest.mark.slow
@pytest.mark.parametrize(
    "match",
    [
        lambda text: parse_number(text, "."),
        lambda text: parse_number(text, ","),
        undecorate,
        is_decorated,
        is_value,
        part_of,
        in_one_line,
        forms.looks_like_date,
        forms.looks_like_clock,
        forms.start_of_span,
        lambda text: with_words(text, str.upper),
        lambda text: dates_in([text, text]),
        lambda text: ColumnName(text).may_be_id or ColumnName(text).last_word,
    ],
)
def test_a_long_text_is_read_quickly(match: Callable[[str], object]) -> None:
    assert slowest(match) < MAX_SECONDS
