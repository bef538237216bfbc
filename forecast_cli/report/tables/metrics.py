"""The figures of a metric as the cells of a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from forecast_cli.report.tables.table import decimals_for

if TYPE_CHECKING:
    from forecast_cli.evaluation.metrics import Metric

FIGURE_DIGITS = 4
"""Significant digits of a figure whose decimals depend on its size."""


def metric_decimals(metric: Metric, figures: Sequence[float]) -> int:
    """The number of decimals of a column of figures."""
    return decimals_for(figures, FIGURE_DIGITS) if metric.decimals is None else metric.decimals
