"""One row per series: dates in the header, or columns that are steps."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from forecast_cli.errors import DataError, mention
from forecast_cli.options import ReadConfig
from tests.panel.tables import Read, days

JOHNS_HOPKINS = """\
Province/State,Country/Region,Lat,Long,1/30/20,1/31/20,2/1/20,2/2/20
,Austria,47.5,14.5,1,1,2,3
Ontario,Canada,51.2,-85.3,2,2,3,4
Quebec,Canada,52.9,-73.5,5,6,7,8
"""
WORLD_BANK = """\
"Data Source","World Development Indicators",

"Last Updated Date","2024-06-28",

"Country Name","Country Code","Indicator Name","1960","1961","1962","1963",
"Aruba","ABW","Population, total","54922","55578","56320","57002",
"Namibia","NAM","Population, total","634138","651436","669500","",
"""
ZILLOW = """\
RegionID,SizeRank,RegionName,RegionType,StateName,2000-01-31,2000-02-29,2000-03-31
102001,0,United States,country,,121.5,122.5,123.5
394913,1,"New York, NY",msa,NY,217.0,218.0,219.0
753899,3,"Los Angeles, CA",msa,CA,220.0,221.0,222.0
"""
EUROSTAT = """\
freq,unit,geo\\TIME_PERIOD\t2022 \t2021 \t2020 \t2019\x20
A,MIO,AT\t12.5 p\t11 \t: \t9 b
A,MIO,BE\t22.5 \t21 bu\t20 \t: c
"""
M4 = """\
"V1","V2","V3","V4","V5","V6","V7","V8","V9","V10"
"Y1","5","6","7","8","9","10","11","12","13"
"Y2","1","2","3","4","5","6","7",,
"""
M5 = """\
id,item_id,store_id,d_1,d_2,d_3
HOBBIES_1_CA_1,HOBBIES_1,CA_1,0,2,4
HOBBIES_1_CA_2,HOBBIES_1,CA_2,1,3,5
"""
MONTH_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@pytest.mark.parametrize(
    ("content", "freq", "first", "series"),
    [
        (JOHNS_HOPKINS, "D", date(2020, 1, 30), {"Austria": [1, 1, 2, 3], "Ontario/Canada": [2, 2, 3, 4]}),
        (WORLD_BANK, "YS-JAN", date(1960, 1, 1), {"Aruba": [54922, 55578, 56320, 57002]}),
        (ZILLOW, "ME", date(2000, 1, 31), {"United States": [121.5, 122.5, 123.5], "New York, NY": [217, 218, 219]}),
        (EUROSTAT, "YS-JAN", date(2019, 1, 1), {"A,MIO,AT": [9, np.nan, 11, 12.5]}),
        (M4, "step", None, {"Y1": [5, 6, 7, 8, 9, 10, 11, 12, 13], "Y2": [1, 2, 3, 4, 5, 6, 7]}),
        (M5, "step", None, {"HOBBIES_1_CA_1": [0, 2, 4], "HOBBIES_1_CA_2": [1, 3, 5]}),
        ("id,1,2,3\na,5,6,7\nb,1,2,\n", "step", None, {"a": [5, 6, 7], "b": [1, 2]}),
        ("Product,Jan 2020,Feb 2020,Mar 2020\ntea,5,6,7\n", "MS", date(2020, 1, 1), {"tea": [5, 6, 7]}),
        ("2020-01,2020-02,2020-03\n5,6,7\n", "MS", date(2020, 1, 1), {"value": [5, 6, 7]}),
        (
            "shop,2020Q1,2020Q2,2020Q3,2020Q4,2021Q1\n17,5,6,7,8,9\n18,1,2,3,4,5\n",
            "QS-JAN",
            date(2020, 1, 1),
            {"17": [5, 6, 7, 8, 9]},
        ),
        ("shop,202001,202002,202003\nA,5,6,7\nB,1,2,3\n", "MS", date(2020, 1, 1), {"A": [5, 6, 7]}),
        ("shop,43861,43890,43921,43951,43982\nA,5,6,7,8,9\n", "ME", date(2020, 1, 31), {"A": [5, 6, 7, 8, 9]}),
        ("shop,43831,43832,43833,43834,43835\nA,5,6,7,8,9\n", "D", date(2020, 1, 1), {"A": [5, 6, 7, 8, 9]}),
        ("shop,pop_2019,pop_2020,pop_2021\nA,5,6,7\nB,1,2,3\n", "YS-JAN", date(2019, 1, 1), {"A": [5, 6, 7]}),
        ("shop,X2019,X2020,X2021\nA,5,6,7\nB,1,2,3\n", "YS-JAN", date(2019, 1, 1), {"A": [5, 6, 7]}),
        (
            "c,2019 [YR2019],2020 [YR2020],2021 [YR2021]\nA,5,6,7\nB,1,2,3\n",
            "YS-JAN",
            date(2019, 1, 1),
            {"A": [5, 6, 7]},
        ),
        ("shop,X1.30.20,X1.31.20,X2.1.20\nA,5,6,7\n", "D", date(2020, 1, 30), {"A": [5, 6, 7]}),
        (",2019-01-01,2019-01-02,total\nA,5,6,11\nB,1,2,3\n", "D", date(2019, 1, 1), {"A": [5, 6], "B": [1, 2]}),
    ],
)
def test_one_row_per_series(
    read: Read, content: str, freq: str, first: date | None, series: dict[str, list[float]]
) -> None:
    panel = read(content)
    ids = panel.ids.tolist()
    assert panel.freq == freq
    assert first is None or days(panel)[0] == first
    for name, values in series.items():
        row = ids.index(name)
        np.testing.assert_array_equal(panel.values[panel.indptr[row] : panel.indptr[row + 1]], values)


def test_only_the_columns_with_dates_are_values(read: Read) -> None:
    assert read(JOHNS_HOPKINS).ids.tolist() == ["Austria", "Ontario/Canada", "Quebec/Canada"]
    assert read(ZILLOW).ids.tolist() == ["United States", "New York, NY", "Los Angeles, CA"]


def test_notes_below_the_table_are_no_series(read: Read) -> None:
    content = "Country,Code,2019,2020,2021\nA,AA,5,6,7\nB,BB,1,2,3\n\nData from database: Indicators\nUpdated: May\n"
    assert read(content).ids.tolist() == ["A", "B"]


def test_the_column_of_names_can_be_chosen(read: Read) -> None:
    assert read(ZILLOW, ReadConfig(id_columns=("RegionID",))).ids.tolist() == ["102001", "394913", "753899"]
    with pytest.raises(DataError, match="has no column 'Region'"):
        read(ZILLOW, ReadConfig(id_columns=("Region",)))


@pytest.mark.parametrize(
    ("columns", "ids"),
    [
        ({"n": [1, 2, 3], "plant": ["0007", "0012", "0013"]}, ["0007", "0012", "0013"]),
        ({"": [0, 1, 2], "shop": ["NA", "DE", "FR"]}, ["NA", "DE", "FR"]),
        ({"": [0, 1, 2]}, ["0", "1", "2"]),
        ({"level": [1.5, 2.5, 3.5]}, ["1", "2", "3"]),
        ({"store_nbr": [1, 1, 2], "family": ["tea", "rice", "tea"]}, ["1/tea", "1/rice", "2/tea"]),
        ({"store": [1, 1, 2], "item": [5, 6, 5]}, ["1/5", "1/6", "2/5"]),
        ({"unit": ["kg", "kg", "kg"], "code": ["a", "b", "c"], "country": ["A", "B", "C"]}, ["A", "B", "C"]),
        ({"city": ["Springfield", "Springfield", "Reno"], "state": ["IL", "", "NV"]},
         ["Springfield/IL", "Springfield", "Reno/NV"]),
    ],
)  # fmt: skip
def test_the_columns_that_name_the_rows(read: Read, columns: dict[str, list[object]], ids: list[str]) -> None:
    rows = [[*cells, 5, 6, 7] for cells in zip(*columns.values(), strict=True)]
    content = "\n".join(",".join(map(str, row)) for row in [[*columns, "2019-01", "2019-02", "2019-03"], *rows])
    assert read(content + "\n").ids.tolist() == ids


def test_rows_with_the_same_name_are_refused(read: Read) -> None:
    with pytest.raises(DataError, match=r"rows 2 and 4 are both called 'A'"):
        read("shop,2019,2020,2021\nA,5,6,7\nB,1,2,3\nA,5,6,7\n")


def test_a_bad_cell_is_named_by_its_column_in_the_file(read: Read) -> None:
    with pytest.raises(DataError, match=r"row 3, column '2020-02': 'abc' is not a number"):
        read("shop,2020-01,2020-02,2020-03\nA,5,6,7\nB,1,abc,3\n")


def test_day_or_month_first_in_the_header(read: Read) -> None:
    content = "shop,1/2/2020,2/2/2020,3/2/2020\nA,5,6,7\nB,1,2,3\n"
    with pytest.raises(DataError, match="day or the month first"):
        read(content)
    assert days(read(content, ReadConfig(day_first=True)))[:2] == [date(2020, 2, 1), date(2020, 2, 2)]
    assert days(read(content, ReadConfig(day_first=False)))[:2] == [date(2020, 1, 1), date(2020, 2, 1)]


@pytest.mark.parametrize("month", ["month", ""])
def test_months_in_rows_and_years_in_the_header_are_one_series(read: Read, month: str) -> None:
    rows = [f"{name},{i},{12 + i}" + (f",{24 + i}" if i < 3 else ",") for i, name in enumerate(MONTH_NAMES)]
    panel = read("\n".join([f"{month},2019,2020,2021", *rows]) + "\n")
    assert panel.freq == "MS"
    assert days(panel)[0] == date(2019, 1, 1)
    assert panel.values.tolist() == list(range(27))


def test_hours_in_rows_and_days_in_the_header_are_one_series(read: Read) -> None:
    rows = [f"{hour},{hour},{24 + hour}" for hour in range(24)]
    panel = read("\n".join(["hour,2024-01-01,2024-01-02", *rows]) + "\n")
    assert panel.freq == "h"
    assert panel.values.tolist() == list(range(48))


def test_parts_of_dates_that_do_not_fit_are_refused(read: Read) -> None:
    with pytest.raises(DataError, match="each row is a day and each column a date"):
        read("day,2019,2020,2021\n1,5,6,7\n2,1,2,3\n3,1,2,3\n")


@pytest.mark.parametrize(
    ("content", "ids"),
    [
        ("date,2019,2020,2021\n2024-01-01,5,6,7\n2024-01-02,1,2,3\n2024-01-03,1,2,4\n", ["2019", "2020", "2021"]),
        ("year,2019,2020,2021\n2001,5,6,7\n2002,1,2,3\n2003,1,2,4\n", ["2019", "2020", "2021"]),
        (",0,1,2\n0,5.5,6,7\n1,1,2,3\n2,1,2,4\n", ["0", "1", "2"]),
        ("1,2,3\n5.5,6,7\n1,2,3\n", ["column 1", "column 2", "column 3"]),
        ("week,1,2,3\n1,5,6,7\n2,1,2,3\n3,1,2,4\n", ["1", "2", "3"]),
        ("year,0-04,5-09,10-14\n2001,5,6,7\n2002,1,2,3\n2003,1,2,4\n", ["0-04", "5-09", "10-14"]),
        ("x,step 1,step 2,step 3\nKW 5/2024,5,6,7\nKW 6/2024,1,2,3\n", ["step 1", "step 2", "step 3"]),
        ("d,t_1,t_2,t_3\n2024-01-01,5,6,7\n2024-01-02,1,2,3\n2024-01-03,1,2,4\n", ["t_1", "t_2", "t_3"]),
    ],
)
def test_one_row_per_time_is_not_one_row_per_series(read: Read, content: str, ids: list[str]) -> None:
    assert read(content).ids.tolist() == ids


@pytest.mark.parametrize(
    "content",
    [
        "when,store_1,store_2,store_3\n1st week,5,6,7\n2nd week,1,2,3\n",
        "V1,V2,V3\nspring a,5,6\nautumn a,1,2\n",
        "x,step 1,step 2,step 3\n5th week 2024,5,6,7\n6th week 2024,1,2,3\n",
        "respondent,q1,q2,q3,q4\nA,5,6,7,1\nB,1,2,3,2\n",
    ],
)
def test_rows_that_may_be_times_or_series_are_refused(read: Read, content: str) -> None:
    with pytest.raises(DataError, match="neither a date in a known form nor the id") as caught:
        read(content)
    assert mention("layout", "rows") in str(caught.value.hint)


def test_layout_rows_takes_each_row_as_a_series(read: Read) -> None:
    panel = read("what,first,then,last\nA,5,6,7\nB,1,2,3\n", ReadConfig(layout="rows"))
    assert panel.ids.tolist() == ["A", "B"]
    assert panel.values.tolist() == [5, 6, 7, 1, 2, 3]


def test_layout_wide_takes_each_row_as_a_step(read: Read) -> None:
    panel = read(JOHNS_HOPKINS, ReadConfig(layout="wide"))
    assert "1/30/20" in panel.ids.tolist()


def test_months_in_rows_and_years_in_the_header_of_several_series(read: Read) -> None:
    rows = [f"{shop},{name},{i},{12 + i}" for shop in "AB" for i, name in enumerate(MONTH_NAMES)]
    panel = read("\n".join(["shop,month,2019,2020", *rows]) + "\n")
    assert panel.ids.tolist() == ["A", "B"]
    assert panel.values.tolist() == list(range(24)) * 2


def test_days_in_rows_and_months_in_the_header(read: Read) -> None:
    """The cells of days that a month does not have are empty."""
    rows = [f"{day},{day},{31 + day if day < 29 else ''},{59 + day}" for day in range(1, 32)]
    panel = read("\n".join(["day,2023-01,2023-02,2023-03", *rows]) + "\n")
    assert (panel.freq, panel.ids.tolist(), panel.values.tolist()) == ("D", ["value"], list(range(1, 91)))


def test_periods_in_rows_and_days_in_the_header(read: Read) -> None:
    rows = [f"{period},{period},{48 + period}" for period in range(1, 49)]
    panel = read("\n".join(["SETTLEMENT_PERIOD,2024-01-01,2024-01-02", *rows]) + "\n")
    assert (panel.freq, panel.ids.tolist(), panel.values.tolist()) == ("30min", ["value"], list(range(1, 97)))


def test_periods_under_months_are_steps_of_a_series_each(read: Read) -> None:
    rows = [f"{period},{period},{48 + period}" for period in range(24)]
    panel = read("\n".join(["period,2024-01,2024-02", *rows]) + "\n")
    assert panel.ids.tolist() == ["2024-01", "2024-02"]


@pytest.mark.parametrize(
    ("header", "rows", "freq", "first"),
    [
        ("year,Q1,Q2,Q3,Q4", ["2001", "2002", "2003"], "QS-JAN", "2001-01-01"),
        ("year," + ",".join(map(str, range(1, 13))), ["2001", "2002"], "MS", "2001-01-01"),
        ("year,total," + ",".join(MONTH_NAMES), ["2001,7", "2002,7"], "MS", "2001-01-01"),
        (",ene,feb,mar,abr,may,jun,jul,ago,sep,oct,nov,dic", ["2001", "2002"], "MS", "2001-01-01"),
        ("Jahrgang,Jan,Feb,Mrz,Apr,Mai,Jun,Jul,Aug,Sep,Okt,Nov,Dez", ["2001", "2002"], "MS", "2001-01-01"),
        ("year," + ",".join(f"W{week}" for week in range(1, 53)), ["2001", "2002"], "W-MON", "2001-01-01"),
        ("date," + ",".join(f"H{hour}" for hour in range(1, 25)), ["2024-01-01", "2024-01-02"], "h", "2024-01-01T01"),
        (
            "date,month,weekday," + ",".join(f"HE{hour}" for hour in range(1, 25)),
            ["2024-01-31,1,Wed", "2024-02-01,2,Thu"],
            "h",
            "2024-01-31T01",
        ),
        ("date," + ",".join(map(str, range(24))), ["2024-01-01", "2024-01-02"], "h", "2024-01-01T00"),
        (
            "date," + ",".join(f"{i // 2:02d}:{30 * (i % 2):02d}" for i in range(48)),
            ["2024-01-01", "2024-01-02"],
            "30min",
            "2024-01-01T00",
        ),
    ],
)
@pytest.mark.parametrize("shops", [(), ("A", "B")])
def test_one_column_for_each_part_of_a_row(
    read: Read, header: str, rows: list[str], freq: str, first: str, shops: tuple[str, ...]
) -> None:
    width = header.count(",") - rows[0].count(",")
    cells = [f"{row}," + ",".join(str(width * i + j) for j in range(width)) for i, row in enumerate(rows)]
    content = [header, *cells]
    if shops:
        content = [f"shop,{header}", *(f"{shop},{row}" for shop in shops for row in cells)]
    panel = read("\n".join(content) + "\n")
    assert panel.freq == freq
    assert panel.times[0] == np.datetime64(first)
    assert panel.ids.tolist() == (list(shops) or ["value"])
    assert panel.values.tolist() == list(range(width * len(rows))) * max(1, len(shops))


def test_days_in_columns_and_months_in_rows(read: Read) -> None:
    lengths = (31, 29, 31, 30)
    rows = [
        f"2024,{month}," + ",".join([*map(str, range(days)), *[""] * (31 - days)])
        for month, days in enumerate(lengths, 1)
    ]
    panel = read("\n".join(["year,month," + ",".join(map(str, range(1, 32))), *rows]) + "\n")
    assert (panel.freq, len(panel.values)) == ("D", sum(lengths))
    assert panel.values.tolist() == [day for days in lengths for day in range(days)]


@pytest.mark.parametrize("header", ["date,Q1,Q2,Q3,Q4", "date,1,2,3,4", "date,jan,feb,mar", "date,h1,h2,h3"])
def test_columns_that_are_no_parts_of_their_row_are_series(read: Read, header: str) -> None:
    rows = [f"2024-01-0{day}," + ",".join(str(day + i) for i in range(header.count(","))) for day in range(1, 6)]
    assert read("\n".join([header, *rows]) + "\n").ids.tolist() == header.split(",")[1:]
