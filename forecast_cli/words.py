"""Convert numbers, plurals, times, frequencies and ids to text for messages, tables and pictures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from datetime import time as clock_time
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_UNITS = (
    ("year", r"Y|YS|YE|A|AS|BY|BYS|BYE|BA|BAS"),
    ("quarter", r"Q|QS|QE|BQ|BQS|BQE"),
    ("month", r"M|MS|ME|BM|BMS|BME|CBMS|CBME"),
    ("week", r"W"),
    ("business day", r"B|C"),
    ("day", r"D"),
    ("hour", r"h|H"),
    ("minute", r"min|T"),
    ("second", r"s|S"),
    ("millisecond", r"ms|L"),
    ("microsecond", r"us|U"),
    ("nanosecond", r"ns|N"),
)
_CLOCK_UNITS = (("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1000), ("ns", 1))
_ACRONYMS = frozenset({"arima", "ces", "ets"})
_SCALES = ((1e12, " tn"), (1e9, " bn"), (1e6, " M"))
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def unit_of(freq: str) -> tuple[int, str]:
    """The length of one step of a frequency, as a number and a unit: "15min" -> (15, "minute").

    Returns (1, "step") for an unknown frequency.
    """
    match = re.fullmatch(r"(\d*)([A-Za-z]+)(?:-[A-Z]+|@.+)?", freq)
    if match:
        for unit, aliases in _UNITS:
            if re.fullmatch(aliases, match[2]):
                return int(match[1] or 1), unit
    return 1, "step"


def span(steps: int, freq: str) -> str:
    """A number of steps as a length of time, in words. `freq` is the frequency of the steps.

    >>> span(12, "MS"), span(1, "W-SUN"), span(96, "15min"), span(6, "step")
    ('12 months', '1 week', '96 steps of 15 minutes', '6 steps')
    >>> span(6, "D@MON-SAT")
    '6 steps'
    """
    multiple, unit = (1, "step") if "@" in freq else unit_of(freq)
    if multiple > 1:
        return f"{counted(steps, 'step')} of {counted(multiple, unit)}"
    return counted(steps, unit)


def counted(number: int, one: str, several: str | None = None) -> str:
    """A number and its noun, in the singular or the plural. The plural is `several`, by default `one` with an s.

    >>> counted(1, "step"), counted(1200, "step"), counted(3, "series is", "series are")
    ('1 step', '1,200 steps', '3 series are')
    """
    return f"{number:,} {one if number == 1 else several or f'{one}s'}"


def article(number: int) -> str:
    """The indefinite article before a number below 1,000.

    >>> article(12), article(8), article(85), article(11), article(18)
    ('a', 'an', 'an', 'an', 'an')
    """
    return "an" if number in (11, 18) or str(number).startswith("8") else "a"


def rough_duration(seconds: float) -> str:
    """A duration in words, in whole minutes or hours. It should be at least a minute.

    >>> rough_duration(70), rough_duration(307), rough_duration(6154), rough_duration(9000)
    ('1 minute', '5 minutes', '103 minutes', '2 hours')
    """
    if seconds < 2 * 3600:
        return counted(round(seconds / 60), "minute")
    return counted(round(seconds / 3600), "hour")


def and_joined(texts: Sequence[str]) -> str:
    """One or more texts as a list in a sentence.

    >>> and_joined(["ets"]), and_joined(["theta", "arima", "ets"])
    ('ets', 'theta, arima and ets')
    """
    *first, last = texts
    return f"{', '.join(first)} and {last}" if first else last


def listed(texts: Sequence[str], at_most: int = 3) -> str:
    """The first texts, and how many more there are.

    >>> listed(["a", "b", "c"]), listed(["a", "b", "c", "d", "e"])
    ('a, b, c', 'a, b, c and 2 more')
    """
    more = f" and {len(texts) - at_most:,} more" if len(texts) > at_most else ""
    return ", ".join(texts[:at_most]) + more


def seasons_text(lengths: Sequence[float]) -> str:
    """The lengths of the seasons of a series as text, in steps.

    >>> seasons_text((1,)), seasons_text((7,)), seasons_text((7, 365.2425))
    ('no season', 'a season of 7', 'seasons of 7 and 365.2425')
    """
    seasons = [f"{length:.10g}" for length in lengths if length > 1]
    if len(seasons) > 1:
        return f"seasons of {and_joined(seasons)}"
    return f"a season of {seasons[0]}" if seasons else "no season"


def time_text(time: np.generic | int) -> str:
    """A time of a panel as text: an ISO 8601 date, with the time of day unless it is midnight; or a step number.

    Fractions of a second are written if there are any.

    >>> import numpy as np
    >>> time_text(np.datetime64("2024-03-05", "ns")), time_text(np.datetime64("2024-03-05T14:30", "ns")), time_text(7)
    ('2024-03-05', '2024-03-05T14:30:00', '7')
    """
    import numpy as np

    if not isinstance(time, np.datetime64):
        return str(time)
    return str(time.astype(f"datetime64[{clock_unit(time)}]")).removesuffix("T00:00:00")


def clock_unit(times: NDArray[Any] | np.generic) -> str:
    """The longest unit in which all of these times or durations are whole numbers: "s", "ms", "us" or "ns".

    >>> import numpy as np
    >>> clock_unit(np.datetime64("2024-03-05T14:30:00.250", "ns")), clock_unit(np.datetime64("2024-03-05", "ns"))
    ('ms', 's')
    """
    import numpy as np

    nanoseconds = np.asarray(times)[~np.isnat(times)].astype(f"{times.dtype.kind}8[ns]").astype(np.int64)
    return next(unit for unit, size in _CLOCK_UNITS if not (nanoseconds % size).any())


def utc_text(moment: datetime) -> str:
    """A moment as ISO 8601 text in UTC. All texts have the same length, so sorting them sorts by time.

    >>> utc_text(datetime(2026, 1, 1, 12, tzinfo=UTC))
    '2026-01-01T12:00:00.000000Z'
    """
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def time_label(time: np.datetime64 | np.int64, freq: str) -> str:
    """A time as a label for tables and pictures. Parts that the frequency does not need are left out.

    >>> import numpy as np
    >>> time_label(np.datetime64("1960-12-01", "ns"), "MS"), time_label(np.datetime64("2024-03-05T14:00", "ns"), "h")
    ('Dec 1960', '5 Mar 2024 14:00')
    """
    import numpy as np

    if not isinstance(time, np.datetime64):
        return f"step {time:,}"
    moment: datetime = time.astype("datetime64[s]").item()
    unit = unit_of(freq)[1]
    if unit == "year":
        return str(moment.year)
    month = f"{_MONTHS[moment.month - 1]} {moment.year}"
    if unit == "quarter" and moment.month % 3 == (1 if "QS" in freq else 0):
        return f"{moment.year} Q{(moment.month + 2) // 3}"
    if unit in ("quarter", "month"):
        return month
    day = f"{moment.day} {month}"
    if unit in ("week", "day", "business day", "step"):
        return day
    clock = str(time.astype(f"datetime64[{clock_unit(time)}]")).partition("T")[2]
    return f"{day} {clock.removesuffix(':00')}"


def date_labels(moments: Sequence[datetime]) -> list[str]:
    """Short labels for the dates on an axis, one for each.

    A label is only the year if all dates are at the start of a year. Otherwise it has two lines: the month, or the day
    and the month, above the year; or the time of day above the date. A second line that is the same as in the label
    before is replaced by a space.

    >>> date_labels([datetime(1960, 7, 1), datetime(1960, 10, 1), datetime(1961, 1, 1)])
    ['Jul\\n1960', 'Oct\\n ', 'Jan\\n1961']
    """
    midnight = clock_time()
    if all((m.month, m.day, m.time()) == (1, 1, midnight) for m in moments):
        return [str(m.year) for m in moments]
    if all(m.time() == midnight for m in moments):
        days = any(m.day != 1 for m in moments)
        heads = [f"{m.day} {_MONTHS[m.month - 1]}" if days else _MONTHS[m.month - 1] for m in moments]
        below = [str(m.year) for m in moments]
    else:
        seconds = "seconds" if any(m.second for m in moments) else "minutes"
        exactness = "milliseconds" if any(m.microsecond for m in moments) else seconds
        heads = [m.time().isoformat(exactness) for m in moments]
        below = [f"{m.day} {_MONTHS[m.month - 1]} {m.year}" for m in moments]
    changed = [True, *(a != b for a, b in pairwise(below))]
    return [f"{head}\n{line if new else ' '}" for head, line, new in zip(heads, below, changed, strict=True)]


_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Characters that are unsafe to print: control characters other than tab and line feed, characters that change the
direction of a text, and surrogates, which cannot be encoded."""


def safe(text: str) -> str:
    r"""Escape the characters in _UNSAFE, such as those that control a terminal. Tabs and line feeds are kept.

    >>> safe("a\x1b[31mb"), safe("été, 東京\n")
    ('a\\x1b[31mb', 'été, 東京\n')
    """
    return _UNSAFE.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def short(text: str, width: int) -> str:
    """The text on one line of at most `width` characters. If it is too long, its middle is replaced by "…".

    The end is kept, because ids often differ only there.

    >>> short("department_of_home_and_garden/store_0017", 24)
    'department_of…store_0017'
    """
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if len(line) <= width:
        return line
    tail = (width - 1) * 2 // 5 + 1
    return f"{line[: width - 1 - tail]}…{line[-tail:]}"


def model_label(name: str) -> str:
    """The name of a model as legends of pictures show it. It is used for statistical methods, `blend` and `auto`.

    >>> model_label("seasonal-naive"), model_label("arima")
    ('Seasonal naive', 'ARIMA')
    """
    words = [word.upper() if word in _ACRONYMS else word for word in name.split("-")]
    return " ".join([words[0][:1].upper() + words[0][1:], *words[1:]])


def tick_labels(values: Sequence[float]) -> list[str]:
    """Labels for the numbers on an axis, one for each: with thousands separators, and with as many decimals as needed.

    Millions, billions and trillions have the unit "M", "bn" or "tn".

    >>> tick_labels([0.0, 500.0, 1000.0]), tick_labels([-0.25, 0.0, 0.25])
    (['0', '500', '1,000'], ['−0.25', '0.00', '0.25'])
    >>> tick_labels([0.0, 5e5, 1e6, 1.5e6])
    ['0', '0.5 M', '1.0 M', '1.5 M']
    """
    largest = max((abs(v) for v in values), default=0.0)
    if largest >= 1e15 or 0 < largest < 1e-4:
        return [_signed(f"{v:.3g}".replace("e+", "e")) for v in values]
    step = min((abs(b - a) for a, b in pairwise(values)), default=largest)
    scale, unit = next(((s, u) for s, u in _SCALES if largest >= s), (1.0, ""))
    if unit and _decimals(values, step, scale) > 2:
        scale, unit = 1.0, ""
    decimals = _decimals(values, step, scale)
    return ["0" if unit and v == 0 else _signed(f"{v / scale:,.{decimals}f}{unit}") for v in values]


def _decimals(values: Sequence[float], step: float, scale: float) -> int:
    """The smallest number of decimals that is exact enough: no value is wrong by more than a hundredth of a step.

    step:  the smallest distance between two values
    scale: what the values are divided by before they are written, such as 1e6 for "M"
    """
    scaled = [v / scale for v in values]
    tolerance = 0.01 * step / scale
    return next((d for d in range(12) if all(abs(round(v, d) - v) <= tolerance for v in scaled)), 12)


def _signed(text: str) -> str:
    return text.replace("-", "−", 1) if text.startswith("-") else text
