"""The number of decimals with which tables show the figures (values) of a metric."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from forecast_cli.report.tables.table import decimals_for

if TYPE_CHECKING:
    from forecast_cli.evaluation.metrics import Metric

FIGURE_DIGITS = 4
"""The number of significant digits of a figure whose decimals depend on its size, such as MAE."""


def metric_decimals(metric: Metric, figures: Sequence[float]) -> int:
    """The number of decimals for a column with these figures of a metric."""
    return decimals_for(figures, FIGURE_DIGITS) if metric.decimals is None else metric.decimals
