"""All common forms of tables: each case is a file and the panel that it should give."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import zstandard

from forecast_cli.errors import mention
from forecast_cli.options import ReadConfig
from forecast_cli.panel.reading import read_panel
from tests.panel.tables import ISO, ISO_DAYS, MONTHS, VALUES, Read, days, rows_of, table, written


@pytest.mark.parametrize(
    "dates",
    [
        written("%Y-%m-%d"),
        written("%Y-%m"),
        written("%Y/%m/%d"),
        written("%Y%m%d"),
        written("%Y%m"),
        written("%Y %b"),
        written("%b %Y"),
        written("%b-%y"),
        written('"%B %d, %Y"'),
        written("%d %B %Y"),
        written("%d-%b-%Y"),
        written("%YM%m"),
        written("%m/%Y"),
        written("%d/%m/%Y"),
        written("%m/%d/%Y"),
        written("%d.%m.%Y"),
        written("%d.%m.%y"),
        written("%Y-%m-%d 00:00:00"),
        written("%Y-%m-%dT00:00:00Z"),
        [f"{1949 + i / 12:.9g}" for i in range(14)],
    ],
    ids=lambda dates: dates[1],
)
def test_months_in_all_their_forms(read: Read, dates: list[str]) -> None:
    panel = read(table(dates))
    assert days(panel) == list(MONTHS)
    assert (panel.freq, panel.season_length, panel.tz) == ("MS", 12, None)
    assert panel.values.tolist() == list(VALUES)
    assert panel.ids.tolist() == ["Passengers"]


@pytest.mark.parametrize(
    ("dates", "freq", "season", "first", "last"),
    [
        ([f"{1970 + i // 4} Q{i % 4 + 1}" for i in range(6)], "QS-JAN", 4, "1970-01-01", "1971-04-01"),
        ([f"Q{i % 4 + 1}-{1970 + i // 4}" for i in range(6)], "QS-JAN", 4, "1970-01-01", "1971-04-01"),
        ([str(1949 + i) for i in range(6)], "YS-JAN", 1, "1949-01-01", "1954-01-01"),
        ([f"{1949 + i}.0" for i in range(6)], "YS-JAN", 1, "1949-01-01", "1954-01-01"),
        ([f"2020-W{i + 50:02d}" for i in range(4)], "W-MON", 52, "2020-12-07", "2020-12-28"),
        ([f"{i // 12 + 1}-{i % 12 + 1:02d}" for i in range(14)], "MS", 12, "1901-01-01", "1902-02-01"),
        ([str(86400 * (19000 + i)) for i in range(6)], "D", 7, "2022-01-08", "2022-01-13"),
        ([str(86400_000 * (19000 + i)) for i in range(6)], "D", 7, "2022-01-08", "2022-01-13"),
        (["2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30"], "ME", 12, "2024-01-31", "2024-04-30"),
        (["2024-01-15", "2024-02-15", "2024-03-15", "2024-04-15"], "MS", 12, "2024-01-01", "2024-04-01"),
        (["31/12/2023", "01/01/2024", "02/01/2024"], "D", 7, "2023-12-31", "2024-01-02"),
        (["12/31/2023", "01/01/2024", "01/02/2024"], "D", 7, "2023-12-31", "2024-01-02"),
    ],
)
def test_other_calendars(read: Read, dates: list[str], freq: str, season: int, first: str, last: str) -> None:
    panel = read(table(dates, header="date,value"))
    assert (panel.freq, panel.season_length) == (freq, season)
    assert days(panel)[0] == date.fromisoformat(first)
    assert days(panel)[-1] == date.fromisoformat(last)


@pytest.mark.parametrize(
    ("stamps", "freq", "season"),
    [
        (["2024-01-01 00:00", "2024-01-01 00:15", "2024-01-01 00:30"], "15min", 96),
        (["2024-01-01 00:00:10", "2024-01-01 00:00:11", "2024-01-01 00:00:12"], "s", 60),
        (["1/20/2024 11:00 AM", "1/20/2024 12:00 PM", "1/20/2024 1:00 PM"], "h", 24),
        (["20240101T0000", "20240101T0030", "20240101T0100"], "30min", 48),
    ],
)
def test_stamps_within_the_day(read: Read, stamps: list[str], freq: str, season: int) -> None:
    panel = read(table(stamps, header="when,value"))
    assert (panel.freq, panel.season_length, len(panel.values)) == (freq, season, 3)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(ISO.replace(",", ";"), id="semicolon"),
        pytest.param(ISO.replace(",", "\t"), id="tab"),
        pytest.param(ISO.replace(",", "|"), id="bar"),
        pytest.param(ISO.replace(",", "   "), id="blanks"),
        pytest.param(ISO.replace(",", " , "), id="blanks around"),
        pytest.param(ISO.replace("\n", "\r\n"), id="CR LF"),
        pytest.param(ISO.replace("\n", "\r"), id="CR only"),
        pytest.param(ISO.rstrip(), id="no last line end"),
        pytest.param("\n\n" + ISO + "\n\n", id="empty lines around"),
        pytest.param("# from the archive\n" + ISO, id="comment"),
        pytest.param("Airline totals\n\n" + ISO, id="title"),
        pytest.param("Airline totals\n" + ISO, id="title without an empty line"),
        pytest.param("Airline totals\nby month\n" + ISO.replace(",", ";"), id="two titles, semicolon"),
        pytest.param("sep=;\n" + ISO.replace(",", ";"), id="announced delimiter"),
        pytest.param("\ufeff" + ISO, id="byte-order mark"),
        pytest.param(ISO.encode("utf-16"), id="UTF-16"),
        pytest.param(ISO.encode("utf-16-le"), id="UTF-16 without mark"),
        pytest.param("\n".join(f'"{line}"'.replace(",", '","') for line in ISO.split()), id="quotes"),
        pytest.param(ISO.replace("\n", ",\n"), id="trailing delimiter"),
        pytest.param(ISO.replace("\n", ",\n").replace("gers,", "gers"), id="trailing delimiter but in header"),
        pytest.param("\n".join(f"{i - 1 if i else ''},{x}" for i, x in enumerate(ISO.split())), id="index"),
        pytest.param("\n".join(f'"{i}",{x}'[0 if i else 4 :] for i, x in enumerate(ISO.split())), id="row names"),
        pytest.param(gzip.compress(ISO.encode()), id="gzip"),
        pytest.param(bz2.compress(ISO.encode()), id="bzip2"),
        pytest.param(lzma.compress(ISO.encode()), id="xz"),
        pytest.param(zstandard.compress(ISO.encode()), id="zstd"),
        pytest.param(
            zstandard.compress(ISO[:40].encode()) + zstandard.compress(ISO[40:].encode()), id="zstd in two frames"
        ),
    ],
)
def test_the_same_table_in_other_formats(read: Read, content: str | bytes) -> None:
    panel = read(content)
    assert panel.ids.tolist() == ["Passengers"]
    assert days(panel) == list(MONTHS)
    assert panel.values.tolist() == list(VALUES)


def test_zip_with_one_file(read: Read) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("folder/air.csv", ISO)
        archive.writestr("__MACOSX/air.csv", "rubbish")
    assert read(packed.getvalue()).values.tolist() == list(VALUES)


def test_parquet_by_content(tmp_path: Path) -> None:
    frame = pd.DataFrame({"ds": pd.to_datetime(list(MONTHS)), "y": VALUES, "unique_id": "air"})
    frame.loc[3, "y"] = np.nan
    for name, stored in (("plain", frame), ("index.csv", frame.set_index("ds"))):
        stored.to_parquet(tmp_path / name)
        panel = read_panel(str(tmp_path / name))
        assert panel.ids.tolist() == ["air"]
        assert days(panel) == list(MONTHS)
        assert np.flatnonzero(np.isnan(panel.values)).tolist() == [3]


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(gzip.compress(ISO.encode()))))
    assert read_panel("-").values.tolist() == list(VALUES)


def test_western_encoding_is_recognised(read: Read) -> None:
    panel = read(table(written("%Y-%m"), header="Mois,Débit énergétique à Orléans").encode("latin-1"))
    assert panel.ids.tolist() == ["Débit énergétique à Orléans"]
    named = read(table(written("%Y-%m"), header="Mois,Průtok řeky").encode("cp1250"), ReadConfig(encoding="cp1250"))
    assert named.ids.tolist() == ["Průtok řeky"]


@pytest.mark.parametrize(
    ("cells", "delimiter", "values"),
    [
        (["112,5", "98"], ";", [112.5, 98]),
        (["1.112,5", "98"], ";", [1112.5, 98]),
        (["1.112", "98,25"], ";", [1112, 98.25]),
        (["1 112,5", "98,0"], ";", [1112.5, 98]),
        (["1\u202f112,5", "98,0"], ";", [1112.5, 98]),
        (["1'112.5", "98"], ";", [1112.5, 98]),
        (['"1,112.5"', "98"], ",", [1112.5, 98]),
        (['"1,112"', '"12,998,000"'], ",", [1112, 12998000]),
        (['"0,112"', '"12,998"'], ",", [0.112, 12.998]),
        (["1.112", "2.998"], ";", [1.112, 2.998]),
        (["1.112.000", "2.998.123"], ";", [1112000, 2998123]),
        (["1.5e3", "-2E-1"], ",", [1500, -0.2]),
        (["\u22125", "+7"], ",", [-5, 7]),
    ],
)
def test_numbers_as_people_write_them(read: Read, cells: list[str], delimiter: str, values: list[float]) -> None:
    rows = [f"2024-01-0{i + 1}{delimiter}{cell}" for i, cell in enumerate(cells)]
    assert read("\n".join([f"d{delimiter}v", *rows])).values.tolist() == values


def test_a_warning_names_an_ambiguous_comma(read: Read, caplog: pytest.LogCaptureFixture) -> None:
    content = "d;v\n2024-01-01;1,234\n2024-01-02;2,345\n"
    assert read(content).values.tolist() == [1.234, 2.345]
    assert "'1,234'" in caplog.text
    assert mention("decimal") in caplog.text
    assert read(content, ReadConfig(decimal=".")).values.tolist() == [1234, 2345]


@pytest.mark.parametrize("word", ["", "NA", "N/A", "nan", "NULL", "\\N", "None", "-", "?", ".", "#N/A", " "])
def test_words_for_missing(read: Read, word: str) -> None:
    panel = read(ISO.replace(",132", f",{word}"))
    assert np.flatnonzero(np.isnan(panel.values)).tolist() == [2]
    assert len(panel.values) == 14


def test_no_header(read: Read) -> None:
    panel = read(ISO.split("\n", 1)[1])
    assert days(panel) == list(MONTHS)
    assert panel.values.tolist() == list(VALUES)


@pytest.mark.parametrize("header", ["", "y\n"])
def test_one_column_of_values(read: Read, header: str) -> None:
    panel = read(header + "5\n7\n\n8\n")
    assert panel.freq == "step"
    assert panel.times.tolist() == [1, 2, 3, 4]
    np.testing.assert_array_equal(panel.values, [5, 7, np.nan, 8])


def test_decimal_commas_in_one_column(read: Read) -> None:
    assert read("y\n1,5\n2,75\n3,0\n").values.tolist() == [1.5, 2.75, 3]


@pytest.mark.parametrize("name", ["ds", "t", "step", ""])
def test_counted_steps_are_sorted_and_their_gaps_found(read: Read, name: str) -> None:
    panel = read(f"{name},y\n3,30\n1,10\n2,20\n5,50\n")
    assert panel.freq == "step"
    assert panel.times.tolist() == [1, 2, 3, 4, 5]
    np.testing.assert_array_equal(panel.values, [10, 20, 30, np.nan, 50])


def test_steps_count_afresh_in_each_series(read: Read) -> None:
    panel = read("unique_id,ds,y\na,1,5\na,2,6\nb,1,7\nb,2,8\nb,3,9\n")
    assert panel.ids.tolist() == ["a", "b"]
    assert panel.times.tolist() == [1, 2, 1, 2, 3]


def test_wide(read: Read) -> None:
    panel = read("date,a,b\n" + rows_of(ISO_DAYS, [1, 2, 3], [4, "", 6]))
    assert panel.ids.tolist() == ["a", "b"]
    assert panel.indptr.tolist() == [0, 3, 6]
    np.testing.assert_array_equal(panel.values, [1, 2, 3, 4, np.nan, 6])


def test_wide_with_numbers_for_names(read: Read) -> None:
    panel = read("date,1,2\n" + rows_of(ISO_DAYS, [1, 2, 3], [4, 5, 6]))
    assert panel.ids.tolist() == ["1", "2"]


def test_wide_without_dates(read: Read) -> None:
    panel = read("a,b\n" + rows_of([1.5, 2, 3], [4, 5, 6]))
    assert panel.ids.tolist() == ["a", "b"]
    assert panel.freq == "step"


@pytest.mark.parametrize(
    ("header", "ids"),
    [
        ("unique_id,ds,y", ["a"] * 3 + ["b"] * 3),
        ("thing,when,amount", ["a"] * 3 + ["b"] * 3),
        ("store,when,sold", [1] * 3 + [2] * 3),
        ("nr,when,sold", [1] * 3 + [2] * 3),
        ("unique_id,ds,y", ["001"] * 3 + ["002"] * 3),
    ],
)
def test_long(read: Read, header: str, ids: list[object]) -> None:
    panel = read(header + "\n" + rows_of(ids, ISO_DAYS * 2, [1, 2, 3, 40, 50, 60]))
    assert panel.ids.tolist() == [str(ids[0]), str(ids[-1])]
    assert panel.values.tolist() == [1, 2, 3, 40, 50, 60]


@pytest.mark.parametrize("header", ["unique_id,ds,y", "state|kind,ds,y"])
@pytest.mark.parametrize("mark", ["|", ";", "\t", " "])
def test_an_id_may_hold_what_delimits_other_files(read: Read, header: str, mark: str) -> None:
    ids = [f"{state}{mark}sales" for state in ("Ohio", "Utah")]
    panel = read(
        header.replace("|", mark) + "\n" + rows_of(np.repeat(ids, 3).tolist(), ISO_DAYS * 2, [1, 2, 3, 40, 50, 60])
    )
    assert panel.ids.tolist() == ids
    assert panel.values.tolist() == [1, 2, 3, 40, 50, 60]


def test_a_constant_id_is_an_id(read: Read) -> None:
    assert read("name,day,x\n" + rows_of(["kg"] * 3, ISO_DAYS, [1, 2, 3])).ids.tolist() == ["kg"]


def test_two_columns_are_the_id_together(read: Read) -> None:
    stores, items = [1] * 6 + [2] * 6, ([1] * 3 + [2] * 3) * 2
    panel = read("date,store,item,sales\n" + rows_of(ISO_DAYS * 4, stores, items, list(range(12))))
    assert panel.ids.tolist() == ["1/1", "1/2", "2/1", "2/2"]
    assert panel.values.tolist() == list(range(12))


def test_a_column_equivalent_to_the_id_is_left_out(read: Read) -> None:
    panel = read(
        "code,country,year,gdp\n"
        + rows_of(["FR"] * 3 + ["DE"] * 3, ["France"] * 3 + ["Germany"] * 3, [2001, 2002, 2003] * 2, range(6))
    )
    assert len(panel) == 2
    assert panel.freq == "YS-JAN"


def test_notes_are_no_ids(read: Read) -> None:
    panel = read("date,y,note\n" + rows_of(ISO_DAYS, [1, 2, 3], ["", "holiday", ""]))
    assert panel.ids.tolist() == ["y"]


def test_long_without_dates(read: Read) -> None:
    panel = read("who,y\n" + rows_of(["a", "a", "a", "b", "b", "b"], [1, 2, 3, 4, 5, 6]))
    assert panel.ids.tolist() == ["a", "b"]
    assert panel.times.tolist() == [1, 2, 3, 1, 2, 3]


def test_options_override(read: Read) -> None:
    content = "id,start,end,x,y\n" + rows_of(
        ["a"] * 3, ISO_DAYS, ["2025-01-01", "2025-02-01", "2025-03-01"], [1, 2, 3], [4, 5, 6]
    )
    panel = read(content, ReadConfig(date_column="end", value_columns=("x",)))
    assert (panel.freq, panel.values.tolist()) == ("MS", [1, 2, 3])
    both = read(content, ReadConfig(date_column="start", value_columns=("x", "y")))
    assert both.ids.tolist() == ["a/x", "a/y"]
    wide = read(content, ReadConfig(date_column="start", layout="wide"))
    assert wide.ids.tolist() == ["x", "y"]
    assert read(ISO, ReadConfig(season_length=6)).season_length == 6
    assert read(ISO, ReadConfig(delimiter=",", freq="monthly")).freq == "MS"


def test_year_and_quarter_in_columns_of_their_own(read: Read) -> None:
    panel = read("year,quarter,gdp\n" + rows_of(["1959.0"] * 4, ["1.0", "2.0", "3.0", "4.0"], [1, 2, 3, 4]))
    assert panel.freq == "QS-JAN"
    assert days(panel)[-1] == date(1959, 10, 1)


def test_year_and_a_quarter_by_its_name(read: Read) -> None:
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


def test_names_are_kept_in_one_line(read: Read) -> None:
    assert read('date,"sold\n(kg)"\n' + rows_of(ISO_DAYS, [1, 2, 3])).ids.tolist() == ["sold (kg)"]
    assert read("date,y,shop\n" + rows_of(ISO_DAYS, [1, 2, 3], ['"a\nb"'] * 3)).ids.tolist() == ["a b"]


def test_year_month_and_day_in_columns_of_their_own(read: Read) -> None:
    panel = read("year,month,day,rain\n" + rows_of([2024] * 3, ["Feb", "Feb", "Mar"], [28, 29, 1], [1, 2, 3]))
    assert panel.freq == "D"
    assert days(panel)[0] == date(2024, 2, 28)


def test_date_and_clock_in_columns_of_their_own(read: Read) -> None:
    panel = read("Date;Time;kW\n16/12/2006;17:24:00;4,5\n16/12/2006;17:25:00;5,5\n16/12/2006;17:26:00;6\n")
    assert (panel.freq, panel.values.tolist()) == ("min", [4.5, 5.5, 6])
    dotted = read(
        "Date;Time;CO\n10/03/2004;22.00.00;1\n10/03/2004;23.00.00;2\n11/03/2004;00.00.00;3\n11/03/2004;01.00.00;3\n13/03/2004;01.00.00;3\n",
        ReadConfig(day_first=True),
    )
    assert (dotted.freq, dotted.times[2]) == ("h", np.datetime64("2004-03-11T00"))


def test_date_and_hour_in_columns_of_their_own(read: Read) -> None:
    panel = read("date,hour,load\n" + rows_of(["2024-01-01"] * 24 + ["2024-01-02"], [*range(24), 0], list(range(25))))
    assert (panel.freq, len(panel), panel.values.tolist()) == ("h", 1, list(range(25)))
    parts = read("No,year,month,day,hour,pm\n" + rows_of([1, 2], [2010] * 2, [1] * 2, [1] * 2, [22, 23], [5, 6]))
    assert (parts.ids.tolist(), parts.times[1]) == (["pm"], np.datetime64("2010-01-01T23"))


def test_a_row_a_year_a_column_a_month(read: Read) -> None:
    header = "YEAR,JAN,FEB,MAR,APR,MAY,JUN,JUL,AUG,SEP,OCT,NOV,DEC\n"
    panel = read(header + rows_of([1950, 1951], *[[m, m + 12] for m in range(1, 13)]))
    assert panel.freq == "MS"
    assert panel.values.tolist() == list(range(1, 25))
    assert days(panel)[0] == date(1950, 1, 1)


def hourly(zone: str, start: str, hours: int) -> pd.DatetimeIndex:
    return pd.date_range(start, periods=hours, freq="h", tz=zone)


def test_a_column_of_totals_beside_the_months_is_left_out(read: Read) -> None:
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    rows = [",".join(map(str, [year, *range(1, 13), 78])) for year in (2020, 2021)]
    panel = read("\n".join([",".join(["Year", *months, "Total"]), *rows]))
    assert (len(panel), panel.freq, panel.values.tolist()) == (1, "MS", [*range(1, 13)] * 2)


def test_zoned_hours_across_the_change_of_clocks_are_utc(read: Read) -> None:
    stamps = hourly("Europe/Berlin", "2024-03-30", 72)
    panel = read("t,v\n" + rows_of([stamp.isoformat() for stamp in stamps], list(range(72))))
    assert (panel.freq, panel.tz, len(panel.values)) == ("h", "UTC", 72)
    assert panel.times[0] == np.datetime64("2024-03-29T23:00")
    assert not np.isnan(panel.values).any()


def test_zoned_days_keep_their_date(read: Read) -> None:
    stamps = pd.date_range("2024-03-28", periods=8, freq="D", tz="Europe/Berlin")
    panel = read("t,v\n" + rows_of([stamp.isoformat() for stamp in stamps], list(range(8))))
    assert (panel.freq, panel.tz) == ("D", None)
    assert days(panel) == [date(2024, 3, 28) + timedelta(days=i) for i in range(8)]


def test_local_hours_with_one_left_out_and_one_doubled(read: Read, caplog: pytest.LogCaptureFixture) -> None:
    stamps = hourly("Europe/Berlin", "2024-01-01", 366 * 24).tz_localize(None)
    panel = read("t,v\n" + rows_of(list(stamps), list(range(len(stamps)))))
    assert (panel.freq, panel.season_length, len(panel.values)) == ("h", 24, 366 * 24)
    assert [str(t)[:13] for t in panel.times[np.isnan(panel.values)]] == ["2024-03-31T02"]
    assert "2024-10-27T02:00:00" in caplog.text


def test_dates_are_recognised_in_spite_of(read: Read) -> None:
    business = [day for day in pd.bdate_range("2024-01-01", periods=40) if day != pd.Timestamp("2024-01-15")]
    panel = read("d,v\n" + rows_of([f"{day:%Y-%m-%d}" for day in business], list(range(39))))
    assert (panel.freq, panel.season_length, len(panel.values)) == ("B", 5, 40)
    weekly = [date(2024, 1, 7) + timedelta(days=7 * i) for i in range(20) if i not in (3, 4, 9)]
    assert read("d,v\n" + rows_of(weekly, list(range(17)))).freq == "W-SUN"
    differing = "id,d,v\n" + "".join(f"{'ab'[k]},{1990 + k * 7 + i},{i}\n" for k in (0, 1) for i in range(5 + k))
    panel = read(differing)
    assert panel.lengths.tolist() == [5, 6]
    assert panel.freq == "YS-JAN"
