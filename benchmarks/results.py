"""Scores of the runs, and the table of results."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import astuple, dataclass

import numpy as np
from processes import Cost

from forecast_cli.evaluation.folds import Fold
from forecast_cli.evaluation.metrics import Floats, mase, mean_known, naive_scale, rmse, smape
from forecast_cli.panel.arrays import mean_size


@dataclass(frozen=True)
class Scores:
    """One run: mean errors over the series that were forecast, its time and memory, and how many series failed."""

    smape: float
    mase: float
    rmse: float
    seconds: float
    megabytes: float
    failed: float

    def __str__(self) -> str:
        return f"sMAPE {self.smape:.2f} %, MASE {self.mase:.3f}, {self.seconds:.1f} s, {self.megabytes:.0f} MB"


@dataclass(frozen=True)
class Result:
    """The runs of one contender; if a run failed, the reason."""

    label: str
    runs: list[Scores]
    failure: str | None = None

    @property
    def median(self) -> Scores | None:
        """The median of each figure over the runs; None without runs."""
        if not self.runs:
            return None
        return Scores(*(statistics.median(column) for column in zip(*map(astuple, self.runs), strict=True)))


def score(fold: Fold, point: Floats, costs: Sequence[Cost]) -> Scores:
    """Score forecasts (k, h) of the series that `fold` scores; rows with NaN count as failed."""
    done = np.isfinite(point).all(axis=1)
    actual, forecast, scale = fold.actual[done], point[done], naive_scale(fold.known)[done]
    return Scores(
        smape=float(mean_known(smape(actual, forecast, mean_size(fold.known)[done]))),
        mase=float(mean_known(mase(actual, forecast, scale))),
        rmse=float(mean_known(rmse(actual, forecast))),
        seconds=sum(cost.seconds for cost in costs),
        megabytes=max((cost.megabytes for cost in costs), default=0.0),
        failed=float((~done).sum()),
    )


def table(results: Sequence[Result]) -> str:
    """A Markdown table, lowest MASE first; times also as ratios to that of the first result."""
    first = results[0]
    header = ["model", "sMAPE %", "MASE", "RMSE", "time, s", f"x {first.label}", "memory, MB", "runs", "notes"]
    ranked = sorted(results, key=_rank)
    return markdown([header, *(_cells(result, first.median) for result in ranked)])


def _rank(result: Result) -> float:
    """Sort key: the MASE; results without one come last."""
    return math.inf if result.median is None or math.isnan(result.median.mase) else result.median.mase


def _cells(result: Result, first: Scores | None) -> list[str]:
    median, notes = result.median, [result.failure] if result.failure else []
    if median is None:
        return [result.label, *[""] * 6, "0", *notes]
    if median.failed:
        notes.insert(0, f"failed on {median.failed:.0f} series")
    return [
        result.label,
        f"{median.smape:.2f}",
        f"{median.mase:.3f}",
        f"{median.rmse:.5g}",
        f"{median.seconds:.1f}",
        f"{median.seconds / first.seconds:.2f}" if first else "",
        f"{median.megabytes:.0f}",
        str(len(result.runs)),
        "; ".join(notes).replace("|", "/"),
    ]


def markdown(rows: list[list[str]]) -> str:
    """A Markdown table with padded columns, numbers aligned to the right."""
    widths = [max(3, *map(len, column)) for column in zip(*rows, strict=True)]
    left = (0, len(widths) - 1)
    rule = ["-" * width if at in left else "-" * (width - 1) + ":" for at, width in enumerate(widths)]
    return "\n".join(
        "| "
        + " | ".join(
            cell.ljust(width) if at in left else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        + " |"
        for row in (rows[0], rule, *rows[1:])
    )
