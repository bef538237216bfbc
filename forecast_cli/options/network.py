"""Options for the size of a network, and for its inputs other than the values."""

from __future__ import annotations

from dataclasses import dataclass

from forecast_cli.networks.heads import DEFAULT_HEAD, HEADS
from forecast_cli.option_fields import Options, option
from forecast_cli.option_types import CalendarParts, Choice, IntegerList, Number, Places, Steps, Switch

MAX_UNITS = 2048
"""The largest number of units in one recurrent layer."""

MAX_LAYERS = 8

CALENDAR_PARTS = ("hour", "weekday", "monthday", "month", "year")
"""Parts of the calendar that a network can see: the hour, the day of the week, the day of the month, the month, and the
time of the year."""

AUTO_CALENDAR, NO_CALENDAR = "auto", "none"


@dataclass(frozen=True)
class ModelConfig(Options):
    """Options for the size of the network and of its windows, and for further inputs. None: chosen from the data."""

    units: tuple[int, ...] | None = option(
        IntegerList(1, MAX_UNITS, MAX_LAYERS), "Recurrent units of each layer, first to last, such as 64 or 64,64."
    )
    dropout: float | None = option(
        Number(0, below=1),
        "Share of each layer's outputs that is set to zero in training, such as 0.2.",
        metavar="SHARE",
    )
    input_size: int | None = option(Steps(), "Steps of history in one input window.")
    output_size: int | None = option(
        Steps(),
        "Steps that the network predicts in one pass. Longer horizons feed predictions back as input.",
    )
    head: str | None = option(
        Choice(tuple(HEADS)),
        "What the network forecasts: the point alone, or quantiles around it too, so that intervals are wider where it "
        "expects larger errors.",
        default_text=DEFAULT_HEAD,
    )
    calendar: tuple[str, ...] | None = option(
        CalendarParts((AUTO_CALENDAR, NO_CALENDAR), CALENDAR_PARTS),
        "Parts of the calendar that the network sees, separated by commas: hour, weekday, monthday (day of the month), "
        "month, year (time of the year); auto: hour, weekday and year where they suit the frequency; none: no part.",
        default_text="auto with covariates or holidays, otherwise none",
    )
    holidays: tuple[str, ...] = option(
        Places(), "Country or region whose holidays the network sees, such as US or DE-BY. Repeatable.", default=()
    )
    joint: bool = option(
        Switch(off="no-joint"),
        "Forecast the series jointly: for each series, the network sees the past of all of them.",
        default=False,
    )

    @property
    def has_drivers(self) -> bool:
        """Whether these options add inputs to the network: parts of the calendar, holidays or joint series."""
        return self.joint or bool(self.holidays) or self.calendar not in (None, (NO_CALENDAR,))
