"""Show the anomalies of a panel as a table, or every point with its p-values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.report.tables.result import Result
from forecast_cli.report.tables.table import Column, Table, as_text, decimals_for
from forecast_cli.report.tables.times import time_cells, time_column

if TYPE_CHECKING:
    from forecast_cli.workflows import Detection

P_VALUE_DECIMALS = 11
"""The decimals of a column of p-values: above 10, so that a table shows few significant digits, such as 1.2e-05."""


def result_of(detection: Detection, scores: bool, for_people: bool) -> Result:
    """The result of the command `detect`.

    scores:      True for one row for each point; False for one row for each anomaly
    for_people:  whether the table is shown as text: numbers then have few digits
    """
    if scores:
        return Result(score_table(detection, for_people))
    table = anomaly_table(detection, for_people)
    return Result(table, as_text(table) if table[0].cells else "No anomalies.\n")


def anomaly_table(detection: Detection, for_people: bool = False) -> Table:
    """The anomalies of a detection, one row for each.

    The columns are the start, the end, the peak (the time of the point with the lowest p-value) and the kind. The
    value, the forecast one step ahead and the p-values are those of the point at the peak.

    for_people:  whether the table is shown as text: numbers then have few digits
    """
    panel, judged = detection.panel, detection.judged
    shown = detection.anomalies
    at = np.array([each.index for each in shown], dtype=np.int64)
    when = [np.array([getattr(each, name) for each in shown], panel.times.dtype) for name in ("start", "end", "peak")]
    times = [
        Column(name, time_cells(each, panel), dated=panel.dated)
        for name, each in zip(("start", "end", "peak"), when, strict=True)
    ]
    return [
        *([Column("id", [each.id for each in shown])] if len(panel) > 1 else []),
        *times,
        Column("kind", [each.kind for each in shown]),
        *_numbers({"value": panel.values[at], "expected": judged.expected[at]}, for_people),
        *_probabilities({name: getattr(judged, name)[at] for name in ("p_error", "p_shape", "p")}, for_people),
    ]


def score_table(detection: Detection, for_people: bool = False) -> Table:
    """The selected points of a detection, one row for each.

    The columns are the time, the value, the forecast one step ahead, the p-values, and "alarm": 1 for an alarm, else 0.

    for_people:  whether the table is shown as text: numbers then have few digits
    """
    panel, judged = detection.panel, detection.judged
    at = np.flatnonzero(detection.selected)
    return [
        *([Column("id", panel.ids[panel.rows[at]].tolist())] if len(panel) > 1 else []),
        time_column(panel.times[at], panel),
        *_numbers({"value": panel.values[at], "expected": judged.expected[at]}, for_people),
        *_probabilities({name: getattr(judged, name)[at] for name in ("p_error", "p_shape", "p")}, for_people),
        Column("alarm", (judged.p[at] <= detection.rate).astype(int).tolist()),
    ]


def _numbers(columns: dict[str, np.ndarray], for_people: bool) -> list[Column]:
    every = [float(number) for values in columns.values() for number in values]
    decimals = decimals_for(every) if for_people else 0
    return [Column(name, [float(number) for number in values], decimals) for name, values in columns.items()]


def _probabilities(columns: dict[str, np.ndarray], for_people: bool) -> list[Column]:
    return [
        Column(
            name,
            [float(f"{number:.2g}") if for_people else float(number) for number in values],
            P_VALUE_DECIMALS,
            heading=name.replace("_", " "),
            drop_order=0 if name == "p" else 2,
        )
        for name, values in columns.items()
    ]
