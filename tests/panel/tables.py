"""Sample tables as text, with their values."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np

from forecast_cli.panel.panel import Panel

VALUES = (112.0, 118.0, 132.0, 129.0, 121.0, 135.0, 148.0, 148.0, 136.0, 119.0, 104.0, 118.0, 115.0, 126.0)
MONTHS = tuple(date(1949 + i // 12, i % 12 + 1, 1) for i in range(14))
MONTH_STARTS = np.array(MONTHS, dtype="datetime64[D]")

Read = Callable[..., Panel]


def days(panel: Panel) -> list[date]:
    return [day.astype(object) for day in panel.times.astype("datetime64[D]")]


def table(dates: list[str], header: str = "Month,Passengers", delimiter: str = ",") -> str:
    rows = [f"{day}{delimiter}{value:g}" for day, value in zip(dates, VALUES, strict=False)]
    return "\n".join([header, *rows]) + "\n"


def months_as(form: str) -> list[str]:
    return [day.strftime(form) for day in MONTHS]


ISO = table(months_as("%Y-%m"))


def csv_rows(*columns: list[object]) -> str:
    return "\n".join(",".join(map(str, row)) for row in zip(*columns, strict=True)) + "\n"


def wave(number: int) -> list[object]:
    """A slow wave: a value is close to the next one."""
    return [f"{100 + abs(i % 24 - 12)}.5" for i in range(number)]


ISO_DAYS = ["2024-01-01", "2024-01-02", "2024-01-03"]
