"""The time of day in a column of hours, intervals or periods."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from forecast_cli.errors import mention
from forecast_cli.options import ReadConfig
from tests.panel.tables import Read, csv_rows, wave

DATES = [day for day in pd.date_range("2024-01-01", periods=20).date for _ in range(24)]


@pytest.mark.parametrize(
    ("name", "numbers", "first"),
    [
        ("Hour Ending", range(1, 25), "2024-01-01T01"),
        ("HE", range(1, 25), "2024-01-01T01"),
        ("OPR_HR", range(1, 25), "2024-01-01T01"),
        ("hour", range(24), "2024-01-01T00"),
        ("Hour Ending", [f"{hour:02d}:00" for hour in range(1, 25)], "2024-01-01T01"),
        ("hour", range(0, 2400, 100), "2024-01-01T00"),
        ("time", range(100, 2500, 100), "2024-01-01T01"),
        ("interval", range(1, 25), "2024-01-01T00"),
    ],
)
def test_hours_of_the_day(read: Read, name: str, numbers: Sequence[object], first: str) -> None:
    for dates in (DATES, [f"{day:%Y%m%d}" for day in DATES]):
        panel = read(f"Date,{name},Load\n" + csv_rows(dates, [*numbers] * 20, wave(480)))
        assert (panel.freq, panel.ids.tolist(), len(panel.values)) == ("h", ["Load"], 480)
        assert panel.times[0] == np.datetime64(first)


@pytest.mark.parametrize(("hours", "first"), [(range(1, 25), "2024-01-01T00:05"), (range(24), "2024-01-01T00:00")])
def test_intervals_of_an_hour(read: Read, hours: Sequence[int], first: str) -> None:
    hour, interval = np.repeat([*hours] * 20, 12), [*range(1, 13)] * 480
    panel = read("OPR_DT,OPR_HR,OPR_INTERVAL,MW\n" + csv_rows(np.repeat(DATES, 12), hour, interval, wave(5760)))
    assert (panel.freq, panel.ids.tolist(), len(panel.values)) == ("5min", ["MW"], 5760)
    assert panel.times[0] == np.datetime64(first)


@pytest.mark.parametrize("periods", [48, 96, 12])
@pytest.mark.parametrize("name", ["SETTLEMENT_PERIOD", "Settlement Period", "period"])
def test_periods_of_the_day_start_at_midnight(read: Read, name: str, periods: int) -> None:
    dates = [day for day in pd.date_range("2024-01-01", periods=20).date for _ in range(periods)]
    panel = read(f"Date,{name},Load\n" + csv_rows(dates, [*range(1, periods + 1)] * 20, wave(20 * periods)))
    assert (panel.freq, len(panel.values)) == (f"{1440 // periods}min" if periods > 24 else "2h", 20 * periods)
    assert panel.times[0] == np.datetime64("2024-01-01")


def test_periods_in_a_column_of_another_name_have_a_warning(read: Read, caplog: pytest.LogCaptureFixture) -> None:
    content = "date,n,load\n" + csv_rows(DATES, [*range(1, 25)] * 20, wave(480))
    assert (read(content).freq, len(read(content))) == ("h", 1)
    assert "column 'n' counts 1 to 24 on each date: taken for the time of day" in caplog.text
    assert mention("id-column", "n") in caplog.text
    assert len(read(content, ReadConfig(id_columns=("n",)))) == 24


@pytest.mark.parametrize("name", ["turbine", "shop_id", "article", "rank"])
@pytest.mark.parametrize("size", [24, 48])
def test_numbered_series_are_no_time_of_day(read: Read, name: str, size: int) -> None:
    """The values of series differ in their level; those of a time of day move little from one to the next."""
    noise = np.random.default_rng(0)
    levels = noise.normal(100, 30, size)
    dates = [day for day in pd.date_range("2024-01-01", periods=20).date for _ in range(size)]
    cells = (np.tile(levels, 20) + noise.normal(0, 3, 20 * size)).round(2)
    assert read(f"date,{name},y\n" + csv_rows(dates, [*range(1, size + 1)] * 20, cells)).freq == "D"


def test_ids_in_blocks_of_rows_are_no_time_of_day(read: Read) -> None:
    """Each number has its dates in a block, as series have; hours come one after another."""
    ids, dates = np.repeat(np.arange(1, 25), 20), [*pd.date_range("2024-01-01", periods=20).date] * 24
    assert read("turbine,date,y\n" + csv_rows(ids, dates, wave(480))).freq == "D"


def test_ranks_within_a_date_are_no_time_of_day(read: Read) -> None:
    items = [f"item {i}" for i in range(24)] * 20
    panel = read(
        "date,item,rank,y\n" + csv_rows(DATES, items, [*range(1, 25)] * 20, wave(480)),
        ReadConfig(value_columns=("y",)),
    )
    assert (panel.freq, len(panel)) == ("D", 24)


@pytest.mark.parametrize(("step", "name"), [("30min", "Settlement Period"), ("h", "Hour Ending")])
def test_days_of_clock_changes_keep_the_time_of_day(read: Read, step: str, name: str) -> None:
    """Periods are numbered 1 to 46 in spring and 1 to 50 in autumn; the other days must not move."""
    stamps = pd.date_range("2024-03-01", "2024-11-30", freq=step, tz="Europe/Paris", inclusive="left")
    frame = pd.DataFrame({"date": stamps.date, "hour": stamps.hour, "first": stamps.tz_localize(None)})
    numbers = frame.groupby("date").cumcount() + 1
    panel = read(f"Date,{name},y\n" + csv_rows(frame["date"], numbers, frame["hour"]))
    late = pd.Timedelta(hours=1) if step == "h" else pd.Timedelta(0)
    hours = (pd.DatetimeIndex(panel.times) - late).hour
    missing = np.isnan(panel.values)
    assert (panel.freq, missing.sum()) == (step, 60 // (60 if step == "h" else 30))
    np.testing.assert_array_equal(panel.values[~missing], hours[~missing])


def test_start_and_end_of_a_period_are_one_time(read: Read) -> None:
    starts = pd.date_range("2024-01-01", periods=200, freq="15min")
    ends = starts + pd.Timedelta("15min")
    clocks = [[f"{stamp:%H:%M}" for stamp in stamps] for stamps in (starts, ends)]
    panel = read("Datum;Anfang;Ende;Last\n" + csv_rows(starts.date, *clocks, wave(200)).replace(",", ";"))
    assert (panel.freq, panel.ids.tolist(), len(panel.values)) == ("15min", ["Last"], 200)
    spans = [f"{start} - {end}" for start, end in zip(*clocks, strict=True)]
    panel = read("day,time,load\n" + csv_rows(starts.date, spans, wave(200)))
    assert (panel.freq, len(panel.values)) == ("15min", 200)
