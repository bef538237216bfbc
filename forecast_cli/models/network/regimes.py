"""Default options of networks for each kind of data, as two tables.

REGIMES has a row for each kind of season, SIZES a row for each range of the number of training windows. The numbers
come from the measurements in docs/experiments.md.
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
"""If steps are shorter than a day, a season of at least this many steps is read as one patch, such as 24 hours: the
recurrent layers read all its steps at once."""

MIN_SEASONS = 8
"""Patches are used only if the longest series has at least this many seasons. If the season is a day, the whole last
week is then known."""

WEEKS_PER_YEAR = 52


@dataclass(frozen=True)
class Data:
    """The properties of a panel that decide which row of REGIMES applies.

    season:         the season length, in steps
    longest:        the number of points of the longest series
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
    """The number of steps in one to seven seasons: as many as fit into half of the longest series, at least one."""
    return data.season * max(1, min(7, data.longest // data.season // 2))


def _season_and_quarter(data: Data) -> int:
    """The number of steps in 1.25 seasons, plus 3. Seasons above 52 steps count as 52: longer windows are no better."""
    shown = min(data.season, WEEKS_PER_YEAR)
    return shown + shown // 4 + 3


@dataclass(frozen=True)
class Regime:
    """The default options for one kind of season: one row of REGIMES.

    name:         the kind of season, in words
    applies:      a function that returns whether data are of this kind; the first row for which it is true is used
    input_size:   a function that returns the number of steps in a window
    min_history:  a function that returns the smallest number of points from the start of a series to a training origin
    units:        the recurrent units of a layer
    layers:       the number of recurrent layers, if neither the topology nor the row of SIZES sets it
    members:      the number of networks trained in parallel, with the preset standard
    patched:      whether one season is read as one patch; the season is then not subtracted from the values
    highway:      whether the window's values are also connected to the output directly, by a linear layer
    min_steps:    the smallest number of training steps in an epoch
    low_rate:     whether the learning rate is always LOW_RATE
    shares:       pairs (minimum, fraction), ascending. `fraction` of the forecast comes from smoothing or repeated
                  seasons if there are at least `minimum` training windows. The last pair for which this is true is
                  used. Without pairs, `Size.smoothing_share` is used
    repeated:     how many last seasons are repeated as a forecast; each number gives one forecast. With a season of a
                  day, (1, 7) repeats the last day and the last week; () repeats nothing
    """

    name: str
    applies: Callable[[Data], bool]
    input_size: Callable[[Data], int]
    min_history: Callable[[Data], int]
    units: int
    layers: int = 1
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
        units=64,
        layers=2,
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
        units=64,
        layers=2,
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
        units=32,
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
        units=32,
        layers=2,
    ),
    Regime(
        "no season",
        applies=lambda _data: True,
        input_size=lambda _data: 16,
        min_history=lambda _data: 3,
        units=64,
        layers=2,
    ),
)


@dataclass(frozen=True)
class Size:
    """The default options for one range of the number of training windows: one row of SIZES.

    With few windows, a large network would overfit. If a field is None, the regime or the horizon decides.

    max_windows:      the row is used for fewer training windows than this; the first such row is used
    smoothing_share:  the fraction of the forecast that comes from exponential smoothing, if `Regime.shares` is empty
    units:            the recurrent units of a layer
    layers:           the number of recurrent layers, if the topology does not set it
    input_size_without_season:  the number of steps in a window if the season length is 1
    output_size:      the number of steps that the network predicts at once
    dropout:          the fraction of each layer's output that is dropped during training
    long_run:         whether windows have a long run: a summary of the whole past (features/long_run.py)
    low_rate:         whether the learning rate is always LOW_RATE
    batch_size:       the number of windows in a batch
    epochs:           the largest number of epochs
    """

    max_windows: float
    smoothing_share: float
    units: int | None = None
    layers: int | None = None
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
        units=16,
        layers=1,
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
    """The rows of REGIMES and SIZES that apply to a panel, and the numbers that decide which rows apply.

    data:         the properties of the panel
    regime:       the row of REGIMES that applies
    size:         the row of SIZES that applies
    min_history:  the number of points up to the first origin of training
    windows:      the number of training windows, if no value is missing
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
        """Whether there are too many training windows for the first row of SIZES, which is for few windows."""
        return self.size is not SIZES[0]

    @property
    def share(self) -> float:
        """The fraction of the combined forecast that comes from smoothing or repeated seasons, 0 to 1."""
        shares = [share for first, share in self.regime.shares if self.windows >= first]
        return shares[-1] if shares else self.size.smoothing_share

    @property
    def repeated(self) -> tuple[int, ...]:
        """How many last values are repeated as a forecast: (24, 168) for the last day and the last week of hours."""
        return tuple(multiple * self.data.season for multiple in self.regime.repeated)
