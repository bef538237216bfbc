"""Show the content of a data file: facts about the file, and a table with one row for each series."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecast_cli.report.tables.result import Result
from forecast_cli.report.tables.table import Cell, Column, Table, as_text, decimals_for, listing, records
from forecast_cli.report.tables.times import frequency_text, time_column
from forecast_cli.words import listed

if TYPE_CHECKING:
    from forecast_cli.workflows import Inspection

RANGE_DIGITS = 4
MAX_NAMES = 6


def result_of(inspection: Inspection) -> Result:
    """The result of the command `inspect`: facts about the file, and a table with one row for each series.

    The text has the facts, then the table. If there is only one series, the text has no table: the cells of the only
    row are listed with the facts.
    """
    from forecast_cli.panel.calendar import calendar_of

    panel = inspection.panel
    facts: dict[str, Cell] = {
        "source": inspection.source,
        "series": len(panel),
        "frequency": panel.freq if panel.dated else None,
        "season_length": panel.season_length,
        "long_seasons": ", ".join(f"{length:.10g}" for length in inspection.long_seasons) or None,
    }
    if panel.dated:
        frequency = frequency_text(panel.freq)
    else:
        multiple = calendar_of(panel.freq).step
        frequency = f"none, step numbers{f' in steps of {multiple}' if multiple > 1 else ''}"
    shown = {**facts, "frequency": frequency}
    if not inspection.long_seasons:
        del shown["long_seasons"]
    if panel.covariates is not None:
        shown["covariates"] = panel.covariates.text(panel.lengths)
    if inspection.unused:
        shown["possible_covariates"] = listed(inspection.unused, MAX_NAMES)
    table = series_table(inspection)
    if len(panel) == 1:
        shown |= {column.name: column.texts[-1] for column in table}
    text = listing((name.replace("_", " "), fact) for name, fact in shown.items())
    if len(panel) > 1:
        text += "\n" + as_text(table)
    columns = panel.covariates.columns if panel.covariates else ()
    covariates = {
        "covariates": [{"name": column.name, "kind": column.kind} for column in columns],
        "possible_covariates": list(inspection.unused),
    }
    return Result(table, text, document={**facts, **covariates, "series": records(table)})


def series_table(inspection: Inspection) -> Table:
    """The table of series, one row for each.

    Its columns are the id, the first and the last time, the number of steps between these times ("points"), how many of
    them have no value, minimum, mean and maximum, and the strengths of trend and season, 0 to 1.
    """
    import numpy as np

    series = inspection.series
    first, last = np.array([one.first for one in series]), np.array([one.last for one in series])
    decimals = [decimals_for((one.minimum, one.mean, one.maximum), RANGE_DIGITS) for one in series]
    return [
        Column("id", [one.id for one in series], short=True),
        time_column(first, inspection.panel, "first", drop_order=3),
        time_column(last, inspection.panel, "last"),
        Column("points", [one.points for one in series]),
        Column("missing", [one.missing for one in series], heading="gaps"),
        Column("minimum", [one.minimum for one in series], decimals, "min", drop_order=1),
        Column("mean", [one.mean for one in series], decimals, drop_order=2),
        Column("maximum", [one.maximum for one in series], decimals, "max", drop_order=1),
        Column("trend_strength", [one.trend_strength for one in series], 2, "trend"),
        Column("seasonal_strength", [one.seasonal_strength for one in series], 2, "season"),
    ]
