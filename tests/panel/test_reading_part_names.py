"""Columns with the names of parts of a date: weeks, quarters, parts of the year, and what follows from a date."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from forecast_cli.errors import DataError
from forecast_cli.options import ReadConfig
from tests.panel.tables import Read, csv_rows, days, wave

MONDAYS = [date(2019, 12, 2) + timedelta(7 * i) for i in range(70)]
ISO_WEEKS = [monday.isocalendar() for monday in MONDAYS]


@pytest.mark.parametrize("name", ["week", "yearweek", "Year_Week", "KW", "isoweek", "YYYYWW"])
@pytest.mark.parametrize("form", ["{0}{1:02d}", "{0}-{1:02d}", "{0}/{1}", "{0}-W{1}", "{0}W{1:02d}", "W{1:02d} {0}"])
def test_weeks_in_a_column_with_their_name(read: Read, name: str, form: str) -> None:
    panel = read(f"{name},sold\n" + csv_rows([form.format(w.year, w.week) for w in ISO_WEEKS], wave(70)))
    assert (panel.freq, panel.ids.tolist(), days(panel)) == ("W-MON", ["sold"], MONDAYS)


def test_the_first_twelve_weeks_are_no_months(read: Read) -> None:
    panel = read("week,sold\n" + csv_rows([f"2021{week:02d}" for week in range(1, 13)], wave(12)))
    assert (panel.freq, days(panel)[-1]) == ("W-MON", date(2021, 3, 22))


def test_weeks_are_recognised_without_a_name(read: Read) -> None:
    panel = read("x,sold\n" + csv_rows([f"{w.year}{w.week:02d}" for w in ISO_WEEKS], wave(70)))
    assert (panel.freq, days(panel)) == ("W-MON", MONDAYS)


def test_months_keep_their_meaning(read: Read) -> None:
    months = [f"{2019 + i // 12}{i % 12 + 1:02d}" for i in range(24)]
    for name in ("month", "date", "yearmonth", "x"):
        assert read(f"{name},sold\n" + csv_rows(months, wave(24))).freq == "MS"


@pytest.mark.parametrize("form", ["{0}0{1}", "{0}{1}", "{0}-{1}", "{0}-0{1}", "{0}.{1}"])
def test_quarters_in_a_column_with_their_name(read: Read, form: str) -> None:
    quarters = [form.format(2001 + i // 4, i % 4 + 1) for i in range(20)]
    panel = read("quarter,revenue\n" + csv_rows(quarters, wave(20)))
    assert (panel.freq, days(panel)[0], days(panel)[-1]) == ("QS-JAN", date(2001, 1, 1), date(2005, 10, 1))


def test_the_first_months_of_quarters_are_months(read: Read) -> None:
    quarters = [f"{2001 + i // 4}-{i % 4 * 3 + 1:02d}" for i in range(12)]
    assert days(read("quarter,revenue\n" + csv_rows(quarters, wave(12))))[-1] == date(2003, 10, 1)


MMWR = [(2013, w) for w in range(1, 53)] + [(2014, w) for w in range(1, 54)] + [(2015, w) for w in range(1, 20)]


@pytest.mark.parametrize("name", ["WEEK", "EPIWEEK", "mmwr_week", "Reporting Week"])
def test_epidemiological_weeks(read: Read, name: str) -> None:
    """2014 has a week 53 in the weeks of the MMWR, and none in ISO 8601."""
    panel = read(f"YEAR,{name},cases\n" + csv_rows(*zip(*MMWR, strict=True), wave(len(MMWR))))
    assert (panel.freq, panel.ids.tolist(), len(panel.values)) == ("W-SUN", ["cases"], len(MMWR))
    assert days(panel)[0] == date(2012, 12, 30)


def test_weeks_that_no_system_has_are_refused_with_their_row(read: Read) -> None:
    weeks = [(year, week) for year in (2019, 2020, 2021) for week in range(1, 54)]
    with pytest.raises(DataError, match="row 54, column 'week': 2019 has no week 53, neither in ISO 8601 nor"):
        read("year,week,y\n" + csv_rows(*zip(*weeks, strict=True), wave(len(weeks))))
    with pytest.raises(DataError, match="row 2, column 'week': 2019 has no week 0"):
        read("year,week,y\n" + csv_rows(*zip(*[(y, w - 1) for y, w in weeks], strict=True), wave(len(weeks))))


@pytest.mark.parametrize(
    ("name", "numbers", "freq"),
    [
        ("Month No", range(1, 13), "MS"),
        ("period", [f"M{month:02d}" for month in range(1, 13)], "MS"),
        ("period", range(1, 13), "MS"),
        ("monat_nr", ["Jan", "Feb", "Mär", "Apr", "Mai", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov", "Dez"], "MS"),
        ("QTR", ["Q1", "Q2", "Q3", "Q4"], "QS-JAN"),
        ("period", range(1, 5), "QS-JAN"),
        ("Half Year", ["H1", "H2"], "6MS"),
        ("day", range(1, 366), "D"),
        ("DOY", range(1, 366), "D"),
        ("week", range(1, 53), "W-MON"),
        ("Calendar Week", range(1, 53), "W-MON"),
        ("number", range(1, 13), "MS"),
    ],
)
def test_the_part_of_the_year(read: Read, name: str, numbers: Sequence[object], freq: str) -> None:
    years = [year for year in (2021, 2022, 2023) for _ in numbers]
    panel = read(f"Year,{name},y\n" + csv_rows(years, [*numbers] * 3, wave(len(years))))
    assert (panel.freq, panel.ids.tolist()) == (freq, ["y"])
    assert (panel.times[0] <= np.datetime64("2021-01-04"), len(panel.values)) == (True, len(years))


def test_an_average_among_the_months_is_refused_with_its_row(read: Read) -> None:
    periods = [f"M{month:02d}" for month in range(1, 14)] * 2
    with pytest.raises(DataError, match="row 14, column 'month': 'M13' is not a month like the others"):
        read("year,month,y\n" + csv_rows([2020] * 13 + [2021] * 13, periods, wave(26)))


def test_ids_that_count_are_no_parts_of_a_date(read: Read) -> None:
    years, stores = [year for year in range(2000, 2012) for _ in range(12)], [*range(1, 13)] * 12
    panel = read("year,store,y\n" + csv_rows(years, stores, wave(144)))
    assert (panel.freq, len(panel)) == ("YS-JAN", 12)
    dates = [day for day in pd.date_range("2024-01-01", periods=20).date for _ in range(24)]
    panel = read("date,store,y\n" + csv_rows(dates, [*range(1, 25)] * 20, wave(480)))
    assert (panel.freq, len(panel)) == ("D", 24)


def test_numbered_series_are_no_months(read: Read) -> None:
    noise = np.random.default_rng(0)
    cells = (np.tile(noise.normal(100, 30, 12), 40) + noise.normal(0, 3, 480)).round(2)
    years = np.repeat(range(1980, 2020), 12)
    assert read("year,well,y\n" + csv_rows(years, [*range(1, 13)] * 40, cells)).freq == "YS-JAN"


@pytest.mark.parametrize("header", ["station,year", "year,station", "country,station,YEAR"])
def test_a_column_for_each_month_with_ids(read: Read, header: str) -> None:
    """Of two constant or equivalent columns of ids, the first is used."""
    cells = {"station": ["a", "a", "b", "b"], "country": ["x", "x", "y", "y"], "year": [2020, 2021] * 2}
    columns = [cells[name.lower()] for name in header.split(",")]
    months = [[100 * row + month for row in range(4)] for month in range(1, 13)]
    panel = read(f"{header},Jan,Feb,Mar,Apr,May,Jun,Jul,Aug,Sep,Oct,Nov,Dec\n" + csv_rows(*columns, *months))
    assert (panel.freq, len(panel), panel.lengths.tolist()) == ("MS", 2, [24, 24])
    assert panel.values[:13].tolist() == [*range(1, 13), 101]


HOURS = pd.date_range("2024-01-01", periods=96, freq="h")


@pytest.mark.parametrize("names", ["start,end", "end,start"])
def test_start_and_end_in_two_columns_of_dates(read: Read, names: str) -> None:
    ends = HOURS + pd.Timedelta(hours=1)
    columns = [HOURS, ends] if names == "start,end" else [ends, HOURS]
    panel = read(f"{names},y\n" + csv_rows(*columns, wave(96)))
    assert (panel.freq, panel.ids.tolist(), panel.times[0]) == ("h", ["y"], np.datetime64("2024-01-01T00"))


def test_first_and_last_days_of_months(read: Read) -> None:
    months = pd.period_range("2020-01", periods=30, freq="M")
    panel = read("from,to,y\n" + csv_rows(months.start_time.date, months.end_time.date, wave(30)))
    assert (panel.freq, panel.ids.tolist(), len(panel.values)) == ("MS", ["y"], 30)


def test_unrelated_columns_of_dates_are_refused(read: Read) -> None:
    ordered = pd.date_range("2024-01-01", periods=60)
    shipped = ordered + pd.to_timedelta(np.random.default_rng(0).integers(1, 9, 60), unit="D")
    with pytest.raises(DataError, match="2 columns hold dates: 'ordered'"):
        read("ordered,shipped,y\n" + csv_rows(ordered.date, shipped.date, wave(60)))


@pytest.mark.parametrize(
    ("name", "form"), [("month", "%Y-%m"), ("yearmonth", "%Y%m"), ("period", "%b %Y"), ("Month", "%Y%m")]
)
def test_the_day_beside_a_column_of_months(read: Read, name: str, form: str) -> None:
    panel = read(f"{name},day,y\n" + csv_rows(STAMPS.strftime(form), STAMPS.day, wave(100)))
    assert (panel.freq, panel.ids.tolist(), days(panel)) == ("D", ["y"], [stamp.date() for stamp in STAMPS])


def test_fiscal_years_and_quarters(read: Read) -> None:
    years, quarters = [f"FY{2010 + i // 4}" for i in range(30)], [f"Q{i % 4 + 1}" for i in range(30)]
    panel = read("Fiscal Year,Quarter,y\n" + csv_rows(years, quarters, wave(30)))
    assert (panel.freq, panel.ids.tolist(), len(panel.values)) == ("QS-JAN", ["y"], 30)


@pytest.mark.parametrize(("part", "form"), [("Month", "%Y%m"), ("Week", "%G%V"), ("month", "%Y-%m")])
def test_a_year_beside_whole_dates_is_left_out(read: Read, part: str, form: str) -> None:
    stamps = pd.date_range("2019-01-07", periods=60, freq="MS" if "m" in form else "7D")
    panel = read(f"Year,{part},y\n" + csv_rows(stamps.year, stamps.strftime(form), wave(60)))
    assert (panel.ids.tolist(), len(panel.values)) == (["y"], 60)


STAMPS = pd.date_range("2022-11-20", periods=100)


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("month", STAMPS.month),
        ("Month", STAMPS.month_name()),
        ("day_of_week", STAMPS.dayofweek),
        ("weekday", STAMPS.dayofweek + 1),
        ("day", STAMPS.day_name()),
        ("day", STAMPS.day),
        ("doy", STAMPS.dayofyear),
        ("week", STAMPS.isocalendar().week),
        ("week_no", STAMPS.strftime("%U")),
        ("quarter", [f"Q{quarter}" for quarter in STAMPS.quarter]),
        ("yr", STAMPS.year - 2022),
        ("fiscal year", [f"FY{stamp.year + (stamp.month > 3)}" for stamp in STAMPS]),
        ("week", STAMPS.strftime("%G-W%V")),
        ("month", STAMPS.strftime("%Y-%m")),
        ("quarter", STAMPS.to_period("Q").astype(str)),
        ("is_weekend", STAMPS.dayofweek > 4),
        ("yearmonth", STAMPS.strftime("%Y%m")),
    ],
)
def test_columns_that_follow_from_the_date_are_left_out(
    read: Read, name: str, cells: Sequence[object], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    panel = read(f"date,{name},visits\n" + csv_rows(STAMPS.date, cells, wave(100)))
    assert (panel.freq, panel.ids.tolist(), len(panel.values)) == ("D", ["visits"], 100)
    assert f"left out, as they follow from 'date': '{name}'" in caplog.text


@pytest.mark.parametrize("name", ["week_sales", "month", "quarter", "q", "day", "hours"])
@pytest.mark.parametrize("freq", ["D", "MS"])
def test_values_that_do_not_follow_from_the_date_are_series(read: Read, name: str, freq: str) -> None:
    numbers = np.random.default_rng(0).integers(1, 13, 100)
    dates = pd.date_range("2015-01-01", periods=100, freq=freq).date
    assert read(f"date,{name},visits\n" + csv_rows(dates, numbers, wave(100))).ids.tolist() == [name, "visits"]


def test_a_column_that_the_user_names_stays(read: Read) -> None:
    content = "date,month,visits\n" + csv_rows(STAMPS.date, STAMPS.month, wave(100))
    assert read(content, ReadConfig(value_columns=("month",))).ids.tolist() == ["month"]


def test_the_finest_parts_of_a_date_are_used(read: Read) -> None:
    stamps = pd.date_range("2021-01-01", periods=400)
    columns = [stamps.year, stamps.quarter, stamps.month, stamps.isocalendar().week, stamps.day, stamps.dayofweek]
    panel = read("year,quarter,month,week,date_of_month,dow,y\n" + csv_rows(*columns, wave(400)))
    assert (panel.freq, panel.ids.tolist(), days(panel)[-1]) == ("D", ["y"], stamps[-1].date())


def test_a_day_that_its_month_does_not_have_is_refused(read: Read) -> None:
    with pytest.raises(DataError, match="row 3, column 'year': '2023-2-29' is not a date like the others"):
        read("year,month,day,y\n" + csv_rows([2023] * 4, [2, 2, 3, 3], [28, 29, 1, 2], [1, 2, 3, 4]))
