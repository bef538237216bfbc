"""Options of `detect`."""

from __future__ import annotations

from dataclasses import dataclass

from forecast_cli.option_fields import Options, option
from forecast_cli.option_types import AlarmRate, Number, Text, Texts


@dataclass(frozen=True)
class DetectConfig(Options):
    """Options of `detect`: how many false alarms are accepted, and which anomalies are shown."""

    alarm_rate: float | None = option(
        Number(0, below=0.5, above=True),
        "Accepted share of false alarms among points without anomaly, such as 0.01.",
        metavar="SHARE",
        default_text="0.001",
    )
    alarms_per: tuple[str, float] | None = option(
        AlarmRate(), "Accepted number of false alarms in a period, over all series, such as week=1; instead of a share."
    )
    since: str | None = option(
        Text(), "Show only anomalies from this date on (or from this step, in data without dates).", metavar="DATE"
    )
    series: tuple[str, ...] = option(Texts(), "Show only this series. Repeatable.", metavar="ID", default=())
