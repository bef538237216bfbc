"""Kinds of data, as two tables: by the kind of season (`REGIMES`) and by the number of training windows (`SIZES`).

docs/experiments.md has the measurements behind the numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from forecast_cli.features.features import history_needed
from forecast_cli.panel.calendar import calendar_of
from forecast_cli.panel.durations import DAY
from forecast_cli.panel.panel import Panel

MIN_PATCHED_SEASON = 24
"""If steps are shorter than a day, a season of at least this many steps becomes one patch (24 hours, 48 half hours)."""

MIN_SEASONS = 8
"""The longest series needs this many seasons for this: where a season is a day, the last week is known then."""

WEEKS_PER_YEAR = 52


@dataclass(frozen=True)
class Data:
    """The properties of a panel that select a regime.

    season:         season length, in steps
    longest:        number of points of the longest series
    has_clock:      whether a step is shorter than a day
    season_is_day:  whether a step is shorter than a day and the season is one day
    """

    season: int
    longest: int
    has_clock: bool
    season_is_day: bool

    @property
    def is_patched(self) -> bool:
        return self.has_clock and self.season >= MIN_PATCHED_SEASON and self.longest >= MIN_SEASONS * self.season

    @property
    def is_weekly(self) -> bool:
        return self.season == WEEKS_PER_YEAR and not self.has_clock


def _whole_seasons(data: Data) -> int:
    """Number of steps of one to seven seasons, at most half of the longest series."""
    return data.season * max(1, min(7, data.longest // data.season // 2))


def _season_and_quarter(data: Data) -> int:
    """Number of steps of 1.25 seasons, plus 3. A season above 52 steps counts as 52: longer windows only cost time."""
    shown = min(data.season, WEEKS_PER_YEAR)
    return shown + shown // 4 + 3


@dataclass(frozen=True)
class Regime:
    """Defaults for one kind of season; one row of `REGIMES`.

    applies:      whether data are of this kind; the first row that applies is used
    input_size:   number of steps in a window
    min_history:  number of points up to the first training origin
    units:        recurrent units of each layer
    members:      number of networks trained in parallel, in the standard preset
    patched:      whether one season is one patch, and the season is not subtracted from the values
    highway:      whether the window's values are also connected to the output directly
    min_steps:    minimum number of training steps in an epoch
    low_rate:     whether the learning rate is always LOW_RATE
    shares:       pairs: minimum number of training windows, fraction of the forecast that comes from smoothing or
                  repeated seasons. The last pair whose minimum is reached is used; if empty, `Size.smoothing_share`
    repeated:     lengths of the seasons that are repeated, as multiples of the season length
    """

    name: str
    applies: Callable[[Data], bool]
    input_size: Callable[[Data], int]
    min_history: Callable[[Data], int]
    units: tuple[int, ...]
    members: int = 3
    patched: bool = False
    highway: bool = False
    min_steps: int = 50
    low_rate: bool = False
    shares: tuple[tuple[int, float], ...] = ()
    repeated: tuple[int, ...] = ()


REGIMES = (
    Regime(
        "daily season of shorter steps",
        applies=lambda data: data.is_patched and data.season_is_day,
        input_size=_whole_seasons,
        min_history=_whole_seasons,
        units=(64,),
        members=2,
        patched=True,
        highway=True,
        min_steps=150,
        shares=((0, 1.0), (300, 0.5), (50_000, 0.2)),
        repeated=(1, 7),
    ),
    Regime(
        "other season of shorter steps",
        applies=lambda data: data.is_patched,
        input_size=_whole_seasons,
        min_history=_whole_seasons,
        units=(64,),
        members=2,
        patched=True,
        highway=True,
        min_steps=150,
        shares=((0, 0.0),),
    ),
    # Weekly values resemble those of a year ago. The highway connects these, at the start of the window, to the output.
    # Few series are longer than two or three years, so the first training origin is before the end of the second year.
    Regime(
        "yearly season of weeks",
        applies=lambda data: data.is_weekly,
        input_size=_season_and_quarter,
        min_history=_season_and_quarter,
        units=(32,),
        highway=True,
        min_steps=150,
        low_rate=True,
        shares=((0, 1.0),),
        repeated=(1,),
    ),
    Regime(
        "season",
        applies=lambda data: data.season > 1,
        input_size=_season_and_quarter,
        min_history=lambda data: 2 * data.season + 1,
        units=(32,),
    ),
    Regime(
        "no season",
        applies=lambda _data: True,
        input_size=lambda _data: 16,
        min_history=lambda _data: 3,
        units=(64,),
    ),
)


@dataclass(frozen=True)
class Size:
    """Defaults for one range of the number of training windows; one row of `SIZES`.

    With few windows, a larger network or more steps per pass would overfit. A field that is None leaves the default to
    the regime or the horizon.

    max_windows:      the row is for fewer training windows than this, but at least as many as in the row before
    smoothing_share:  fraction of the forecast that comes from exponential smoothing
    """

    max_windows: float
    smoothing_share: float
    units: tuple[int, ...] | None = None
    input_size_without_season: int | None = None
    output_size: int | None = None
    dropout: float = 0.0
    long_run: bool = True
    low_rate: bool = False
    batch_size: int = 32
    epochs: int = 6


SIZES = (
    Size(
        1000,
        smoothing_share=0.5,
        units=(16,),
        input_size_without_season=8,
        output_size=1,
        dropout=0.3,
        long_run=False,
        low_rate=True,
    ),
    Size(4096, smoothing_share=0.3),
    Size(math.inf, smoothing_share=0.3, batch_size=128, epochs=4),
)


@dataclass(frozen=True)
class Traits:
    """The rows of the tables that apply to a panel, and the numbers that select them.

    min_history:  number of points up to the first training origin
    windows:      number of training windows, if no value is missing
    """

    data: Data
    regime: Regime
    size: Size
    min_history: int
    windows: int

    @classmethod
    def of(cls, panel: Panel) -> Traits:
        season, calendar = panel.season_length, calendar_of(panel.freq)
        whole_day = calendar.unit == "ns" and calendar.has_clock and season * calendar.step == DAY
        data = Data(season, int(panel.lengths.max()), calendar.has_clock, whole_day)
        regime = next(row for row in REGIMES if row.applies(data))
        min_history = regime.min_history(data)
        windows = int((panel.lengths - history_needed(panel.lengths, min_history)).sum())
        size = next(row for row in SIZES if windows < row.max_windows)
        return cls(data, regime, size, min_history, windows)

    @property
    def many_windows(self) -> bool:
        """Whether there are too many training windows for the first row of `SIZES`."""
        return self.size is not SIZES[0]

    @property
    def share(self) -> float:
        """Fraction of the combined forecast that comes from smoothing or repeated seasons, 0 to 1."""
        shares = [share for first, share in self.regime.shares if self.windows >= first]
        return shares[-1] if shares else self.size.smoothing_share

    @property
    def repeated(self) -> tuple[int, ...]:
        """Lengths of the seasons that are repeated, in steps."""
        return tuple(multiple * self.data.season for multiple in self.regime.repeated)
