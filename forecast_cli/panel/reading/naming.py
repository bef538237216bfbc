"""Make names of columns and ids of series unique, and remove line breaks from them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from forecast_cli.errors import DataError

SEPARATOR = "/"
"""The character between the texts that form a series id, as in "north/tea"."""
_BLANKS = re.compile(r"(?<!\s)\s++")
_ESCAPES = str.maketrans({"\\": r"\\", SEPARATOR: rf"\{SEPARATOR}", "\n": r"\n", "\r": r"\r", "\0": r"\0"})

MAX_NAME = 1000
"""The most characters of a column name or the text of an id."""


def check_name(where: str, text: str) -> None:
    """Raise DataError if a column name, or the text of an id, is longer than MAX_NAME.

    where: its place in the file, for the message
    """
    if len(text) > MAX_NAME:
        raise DataError(
            f"{where}: a name has {len(text):,} characters, from '{text[:40]}' on.",
            f"Look for a quote that is never closed; a name has at most {MAX_NAME:,} characters.",
        )


def in_one_line(text: str) -> str:
    """The text with each line break, and the blanks around it, replaced by one space."""
    return _BLANKS.sub(lambda blanks: " " if "\n" in blanks[0] or "\r" in blanks[0] else blanks[0], text)


def unique_names(names: Sequence[str]) -> list[str]:
    """The names, made unique: the second "a" becomes "a.1", the third "a.2". Names that another column has are skipped.

    >>> unique_names(["ds", "a", "a", "a.1"])
    ['ds', 'a', 'a.2', 'a.1']
    """
    taken, uses = set(names), Counter[str]()
    unique = []
    for name in names:
        uses[name] += 1
        new = name
        while uses[name] > 1 and (new := f"{name}.{uses[name] - 1}") in taken:
            uses[name] += 1
        taken.add(new)
        unique.append(new)
    return unique


def series_ids(parts: Sequence[tuple[str, ...]]) -> NDArray[np.object_]:
    r"""(n,) the ids of n series. The id of a series is its texts joined with "/".

    parts: the texts of each series, such as ("north", "tea")

    If two ids would be equal, each "/" and "\" inside a text is written with a "\" before it.

    >>> series_ids([("north", "tea"), ("south", "tea")]).tolist()
    ['north/tea', 'south/tea']
    >>> series_ids([("x/y", "z"), ("x", "y/z")]).tolist()
    ['x\\/y/z', 'x/y\\/z']
    """
    ids = np.array([SEPARATOR.join(map(in_one_line, texts)) for texts in parts], dtype=object)
    if len(set(ids.tolist())) == len(ids):
        return ids
    return np.array([SEPARATOR.join(text.translate(_ESCAPES) for text in texts) for texts in parts], dtype=object)
