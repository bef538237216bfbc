"""Dates in several columns, in time zones, and mixed with other columns."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from forecast_cli.errors import DataError
from forecast_cli.options import ReadConfig
from tests.panel.tables import ISO_DAYS, Read, csv_rows, days


def test_year_and_quarter_in_two_columns(read: Read) -> None:
    panel = read("year,quarter,gdp\n" + csv_rows(["1959.0"] * 4, ["1.0", "2.0", "3.0", "4.0"], [1, 2, 3, 4]))
    assert panel.freq == "QS-JAN"
    assert days(panel)[-1] == date(1959, 10, 1)


def test_year_and_named_quarter_in_two_columns(read: Read) -> None:
    panel = read("year,quarter,gdp\n2021,Q3,1\n2021,q4,2\n2022,Q1,3\n2022,Q2,4\n")
    assert (panel.freq, panel.values.tolist()) == ("QS-JAN", [1, 2, 3, 4])
    assert days(panel)[-1] == date(2022, 4, 1)


def test_year_and_week_are_iso_weeks(read: Read) -> None:
    weeks = [day.isocalendar() for day in (date(2020, 12, 14) + timedelta(7 * i) for i in range(60))]
    panel = read("Year,Week,Sold\n" + "".join(f"{w.year},{w.week},{i}\n" for i, w in enumerate(weeks)))
    assert (panel.freq, len(panel)) == ("W-MON", 1)
    assert days(panel) == [date.fromisocalendar(w.year, w.week, 1) for w in weeks]


def test_parts_of_a_date_in_another_language(read: Read) -> None:
    panel = read("Jahr;Monat;y\n2023;11;1\n2023;12;2\n2024;1;3\n")
    assert (panel.freq, panel.values.tolist(), days(panel)[0]) == ("MS", [1, 2, 3], date(2023, 11, 1))


def test_line_breaks_in_names_become_blanks(read: Read) -> None:
    assert read('date,"sold\n(kg)"\n' + csv_rows(ISO_DAYS, [1, 2, 3])).ids.tolist() == ["sold (kg)"]
    assert read("date,y,shop\n" + csv_rows(ISO_DAYS, [1, 2, 3], ['"a\nb"'] * 3)).ids.tolist() == ["a b"]


def test_year_month_and_day_in_three_columns(read: Read) -> None:
    panel = read("year,month,day,rain\n" + csv_rows([2024] * 3, ["Feb", "Feb", "Mar"], [28, 29, 1], [1, 2, 3]))
    assert panel.freq == "D"
    assert days(panel)[0] == date(2024, 2, 28)


def test_date_and_time_of_day_in_two_columns(read: Read) -> None:
    panel = read("Date;Time;kW\n16/12/2006;17:24:00;4,5\n16/12/2006;17:25:00;5,5\n16/12/2006;17:26:00;6\n")
    assert (panel.freq, panel.values.tolist()) == ("min", [4.5, 5.5, 6])
    dotted = read(
        "Date;Time;CO\n10/03/2004;22.00.00;1\n10/03/2004;23.00.00;2\n11/03/2004;00.00.00;3\n11/03/2004;01.00.00;3\n13/03/2004;01.00.00;3\n",
        ReadConfig(day_first=True),
    )
    assert (dotted.freq, dotted.times[2]) == ("h", np.datetime64("2004-03-11T00"))


def test_date_and_hour_in_several_columns(read: Read) -> None:
    panel = read("date,hour,load\n" + csv_rows(["2024-01-01"] * 24 + ["2024-01-02"], [*range(24), 0], list(range(25))))
    assert (panel.freq, len(panel), panel.values.tolist()) == ("h", 1, list(range(25)))
    parts = read("No,year,month,day,hour,pm\n" + csv_rows([1, 2], [2010] * 2, [1] * 2, [1] * 2, [22, 23], [5, 6]))
    assert (parts.ids.tolist(), parts.times[1]) == (["pm"], np.datetime64("2010-01-01T23"))


def test_one_row_per_year_one_column_per_month(read: Read) -> None:
    header = "YEAR,JAN,FEB,MAR,APR,MAY,JUN,JUL,AUG,SEP,OCT,NOV,DEC\n"
    panel = read(header + csv_rows([1950, 1951], *[[m, m + 12] for m in range(1, 13)]))
    assert panel.freq == "MS"
    assert panel.values.tolist() == list(range(1, 25))
    assert days(panel)[0] == date(1950, 1, 1)


def hourly(zone: str, start: str, hours: int) -> pd.DatetimeIndex:
    return pd.date_range(start, periods=hours, freq="h", tz=zone)


def test_a_column_of_totals_after_the_months_is_left_out(read: Read) -> None:
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    rows = [",".join(map(str, [year, *range(1, 13), 78])) for year in (2020, 2021)]
    panel = read("\n".join([",".join(["Year", *months, "Total"]), *rows]))
    assert (len(panel), panel.freq, panel.values.tolist()) == (1, "MS", [*range(1, 13)] * 2)


def test_hours_with_time_zone_across_a_clock_change_become_utc(read: Read) -> None:
    stamps = hourly("Europe/Berlin", "2024-03-30", 72)
    panel = read("t,v\n" + csv_rows([stamp.isoformat() for stamp in stamps], list(range(72))))
    assert (panel.freq, panel.tz, len(panel.values)) == ("h", "UTC", 72)
    assert panel.times[0] == np.datetime64("2024-03-29T23:00")
    assert not np.isnan(panel.values).any()


def test_days_with_time_zone_keep_their_date(read: Read) -> None:
    stamps = pd.date_range("2024-03-28", periods=8, freq="D", tz="Europe/Berlin")
    panel = read("t,v\n" + csv_rows([stamp.isoformat() for stamp in stamps], list(range(8))))
    assert (panel.freq, panel.tz) == ("D", None)
    assert days(panel) == [date(2024, 3, 28) + timedelta(days=i) for i in range(8)]


def test_local_hours_have_a_gap_in_spring_and_a_duplicate_in_autumn(
    read: Read, caplog: pytest.LogCaptureFixture
) -> None:
    stamps = hourly("Europe/Berlin", "2024-01-01", 366 * 24).tz_localize(None)
    panel = read("t,v\n" + csv_rows(list(stamps), list(range(len(stamps)))))
    assert (panel.freq, panel.season_length, len(panel.values)) == ("h", 24, 366 * 24)
    assert [str(t)[:13] for t in panel.times[np.isnan(panel.values)]] == ["2024-03-31T02"]
    assert "2024-10-27T02:00:00" in caplog.text


def test_a_frequency_is_inferred_despite_missing_dates(read: Read) -> None:
    business = [day for day in pd.bdate_range("2024-01-01", periods=40) if day != pd.Timestamp("2024-01-15")]
    panel = read("d,v\n" + csv_rows([f"{day:%Y-%m-%d}" for day in business], list(range(39))))
    assert (panel.freq, panel.season_length, len(panel.values)) == ("B", 5, 40)
    weekly = [date(2024, 1, 7) + timedelta(days=7 * i) for i in range(20) if i not in (3, 4, 9)]
    assert read("d,v\n" + csv_rows(weekly, list(range(17)))).freq == "W-SUN"
    differing = "id,d,v\n" + "".join(f"{'ab'[k]},{1990 + k * 7 + i},{i}\n" for k in (0, 1) for i in range(5 + k))
    panel = read(differing)
    assert panel.lengths.tolist() == [5, 6]
    assert panel.freq == "YS-JAN"


@pytest.mark.parametrize(
    ("row", "shown"), [("1500,1,4,10:00", "1500-1-4"), ("2024,1,4,25:00", "2024-1-4 25:00")], ids=["year", "clock"]
)
def test_an_impossible_date_in_several_columns_is_an_error_that_names_its_row(read: Read, row: str, shown: str) -> None:
    lines = [f"2024,1,{day},10:00,{day}\n" for day in range(1, 31)]
    with pytest.raises(DataError, match=f"row 5, column 'year': '{shown}' is not a date like the others"):
        read("year,month,day,time,y\n" + "".join([*lines[:3], f"{row},4\n", *lines[4:]]))
