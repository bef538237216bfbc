"""Options for reading a file, and for correcting defects of the data."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

from forecast_cli.errors import UsageError, mention
from forecast_cli.option_fields import Options, option
from forecast_cli.option_types import Character, Choice, ColumnList, ColumnNames, InputFile, Seasons, Switch, Text

# --- words that options allow; the first one is the default

ON_GAP = ("interpolate", "previous", "zero", "error")
ON_DUPLICATE = ("mean", "sum", "first", "last", "error")
ON_IRREGULAR = ("resample", "error")
ON_OUTLIER = ("missing", "keep", "error")
COVARIATES = ("none", "auto")

COVARIATE_OPTIONS = ("future", "past", "static", "covariates", "future-file", "static-file")
"""The names of the options for covariates. They have no effect on a model that uses no covariates."""

LAYOUTS = ("long", "wide", "rows")
"""How a table can be arranged, see `ReadConfig.layout`. Without the option, the content of the file decides."""


@dataclass(frozen=True)
class ReadConfig(Options):
    """Options for reading a file. None, or () for names of columns, means that the user did not give the option.

    Without an option for the table, its text or its times, the content of the file decides. The default of `covariates`
    and of each `on_...` option is the first word in its constant, such as ON_GAP.

    Raises UsageError if a value is not allowed, or if two options name the same column.
    """

    date_column: str | None = option(Text(), "Column of dates.")
    value_columns: tuple[str, ...] = option(
        ColumnNames(), "Column of values. Repeat it if there are several.", name="value-column", default=()
    )
    id_columns: tuple[str, ...] = option(
        ColumnNames(), "Column of series ids. Repeat it if several identify a series.", name="id-column", default=()
    )
    layout: str | None = option(
        Choice(LAYOUTS), "long: one row per series and date; wide: one column per series; rows: one row per series."
    )
    freq: str | None = option(
        Text(),
        "Frequency: D (days), B (business days), W (weeks), MS (months), QS (quarters), YS (years), h (hours), 15min, "
        "SMS (the 1st and 15th), D@MON-SAT, ...",
        metavar="CODE",
    )
    seasons: tuple[float, ...] | None = option(
        Seasons(1_000_000, 4),
        "Steps in one season, 1 for no season; or several seasons, such as 7,365.25 for week and year.",
        name="season",
    )
    delimiter: str | None = option(Character(), "Character between columns, or the word tab.")
    decimal: str | None = option(Choice((".", ","), "'.' or ','"), "Decimal mark: '.' or ','.", metavar="CHAR")
    encoding: str | None = option(Text(), "Text encoding, such as utf-8 or latin-1.")
    sheet: str | None = option(Text(), "Sheet of a workbook.", default_text="the first")
    day_first: bool | None = option(Switch(off="month-first"), "Read 03/04 as 3 April, or as 4 March.")
    on_gap: str | None = option(
        Choice(ON_GAP), "How to fill missing values; error refuses them.", default_text=ON_GAP[0]
    )
    on_duplicate: str | None = option(
        Choice(ON_DUPLICATE),
        "How to combine rows of one series with the same date; error refuses them.",
        default_text=f"{ON_DUPLICATE[0]} of a few such rows, error for many",
    )
    on_irregular: str | None = option(
        Choice(ON_IRREGULAR),
        "What to do with dates that are not regularly spaced; error refuses them.",
        default_text=ON_IRREGULAR[0],
    )
    on_outlier: str | None = option(
        Choice(ON_OUTLIER),
        "What to do with one or two values at an end of a series that are far from all others.",
        default_text=ON_OUTLIER[0],
    )
    future: tuple[str, ...] = option(
        ColumnList(),
        "Columns known ahead, such as prices: their cells continue in rows after the last value.",
        default=(),
    )
    past: tuple[str, ...] = option(
        ColumnList(), "Columns that help to forecast and are known up to the last value.", default=()
    )
    static: tuple[str, ...] = option(
        ColumnList(), "Columns with one value for each series, such as its region.", default=()
    )
    covariates: str | None = option(
        Choice(COVARIATES),
        "auto: take all columns except times, ids and values as covariates; their cells decide whether they are known "
        "ahead, past or static.",
        default_text=COVARIATES[0],
    )
    future_file: str | None = option(
        InputFile(), "Second file with dates, ids and the future values of the columns known ahead."
    )
    static_file: str | None = option(
        InputFile(), "Second file with a row for each series: its id, and columns with one value for each series."
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        roles = {
            "date-column": (self.date_column,),
            "id-column": self.id_columns,
            "value-column": self.value_columns,
            "future": self.future,
            "past": self.past,
            "static": self.static,
        }
        for (one, names), (other, other_names) in combinations(roles.items(), 2):
            if shared := next((name for name in names if name and name in other_names), None):
                raise UsageError(
                    f"column '{shared}' has two roles: {mention(one)} and {mention(other)}.",
                    "Name it in one of them only.",
                )

    @property
    def named_covariates(self) -> tuple[str, ...]:
        """The names of all columns that the user named as covariates."""
        return (*self.future, *self.past, *self.static)

    @property
    def second_files(self) -> dict[str, str]:
        """The paths of the files that are read in addition to the data, as {name of the option's field: path}."""
        files = {"future_file": self.future_file, "static_file": self.static_file}
        return {field: path for field, path in files.items() if path is not None}

    @property
    def takes_covariates(self) -> bool:
        """Whether the user named covariates, or set `covariates` to "auto", so that the program chooses them."""
        return bool(self.named_covariates) or self.covariates == "auto"

    @property
    def season_length(self) -> int | None:
        """The length of the shortest season, in steps: 1 for no season, None if the user gave no seasons."""
        return None if self.seasons is None else int(self.seasons[0])

    @property
    def gaps(self) -> str:
        """What to do with missing values, with the default applied: one of ON_GAP."""
        return self.on_gap or ON_GAP[0]

    @property
    def duplicates(self) -> str:
        """What to do with several values of one series at one time, with the default applied: one of ON_DUPLICATE.

        The default is "mean" here, however many values there are. `merge_duplicates` reads `on_duplicate` instead: if
        that is None, many duplicates are an error.
        """
        return self.on_duplicate or ON_DUPLICATE[0]

    @property
    def irregular(self) -> str:
        """What to do with times off the time grid, with the default applied: one of ON_IRREGULAR."""
        return self.on_irregular or ON_IRREGULAR[0]

    @property
    def outliers(self) -> str:
        """What to do with outliers at the ends of series, with the default applied: one of ON_OUTLIER."""
        return self.on_outlier or ON_OUTLIER[0]
