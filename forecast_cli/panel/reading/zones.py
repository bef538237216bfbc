"""Read time zones in timestamps: offsets from UTC such as +01:00, and names such as CET or Europe/Berlin."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.panel.reading.distinct import factorize

OFFSETS = {
    "Z": 0, "UTC": 0, "GMT": 0, "WET": 0, "WEST": 60, "BST": 60, "CET": 60, "MEZ": 60, "CEST": 120, "MESZ": 120,
    "EET": 120, "EEST": 180, "MSK": 180, "SAST": 120, "JST": 540, "KST": 540, "HKT": 480, "SGT": 480,
    "AEST": 600, "AEDT": 660, "ACST": 570, "ACDT": 630, "AWST": 480, "NZST": 720, "NZDT": 780,
    "AST": -240, "ADT": -180, "EST": -300, "EDT": -240, "CST": -360, "CDT": -300, "MST": -420, "MDT": -360,
    "PST": -480, "PDT": -420, "AKST": -540, "AKDT": -480, "HST": -600, "BRT": -180, "IST": None,
}  # fmt: skip
"""Name of a time zone -> minutes ahead of UTC; None for a name that several zones with different offsets have."""
UNIVERSAL = ("Z", "UTC", "GMT")
_OFFSET = re.compile(r"(?:UTC|GMT)?(?P<sign>[+-])(?P<hours>\d\d?):?(?P<minutes>\d\d)?", re.IGNORECASE)
ZONE = r"(?:UTC|GMT)?[+-]\d\d?(?::?\d\d)?|[A-Z]{1,5}|[A-Z]+/[A-Z_/]+"
"""Regular expression for the text of a time zone; to be used with re.IGNORECASE."""


def offsets_from_utc(zones: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.bool_]]:
    """Return three arrays (rows,): the minutes ahead of UTC, True for rows with a zone, and True for unknown zones.

    zones: (rows,) the text of each row's zone; "" without a zone

    If all rows have the same name of a local zone, such as CET or Europe/Berlin, the times stay local times: no row
    counts as one with a zone.
    """
    codes, names = factorize(zones)
    if len(names) == 1 and _is_local(names[0]):
        nowhere = np.zeros(len(zones), dtype=bool)
        return np.zeros(len(zones), dtype=np.int64), nowhere, nowhere
    minutes = [_minutes(name) for name in names]
    unknown = np.array([each is None for each in minutes], dtype=bool)
    offsets = np.array([each or 0 for each in minutes], dtype=np.int64)
    return offsets[codes], np.array([bool(name) for name in names], dtype=bool)[codes], unknown[codes]


def _is_local(zone: str) -> bool:
    return bool(zone) and zone.upper() not in UNIVERSAL and _OFFSET.fullmatch(zone) is None


def _minutes(zone: str) -> int | None:
    """How many minutes a time zone is ahead of UTC; 0 for "", None if the zone is unknown.

    >>> _minutes("+05:30"), _minutes("-08"), _minutes("Z"), _minutes("UTC+1"), _minutes("cest"), _minutes("Asia/Tokyo")
    (330, -480, 0, 60, 120, None)
    """
    if not zone:
        return 0
    written = _OFFSET.fullmatch(zone)
    if written is None:
        return OFFSETS.get(zone.upper())
    minutes = int(written["hours"]) * 60 + int(written["minutes"] or 0)
    return -minutes if written["sign"] == "-" else minutes
