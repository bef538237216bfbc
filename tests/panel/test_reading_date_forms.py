"""Less common forms of dates, languages, zones by name, spans; one form for a column."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecast_cli.errors import DataError
from tests.panel.tables import Read, csv_rows, days

QUARTERS = pd.period_range("2009Q1", periods=24, freq="Q")
MONTHS = pd.date_range("2015-01-01", periods=30, freq="MS")
DAYS = pd.date_range("2022-01-01", periods=60)
WEEKS = pd.date_range("2020-01-06", periods=60, freq="7D")
HOURS = pd.date_range("2024-01-01", periods=100, freq="h")


def file(cells: Sequence[object], name: str = "date") -> str:
    quoted = [f'"{cell}"' for cell in cells]
    return f"{name},y\n" + csv_rows(quoted, [f"{100 + i % 12}.5" for i in range(len(quoted))])


@pytest.mark.parametrize(
    "form",
    [
        "{q}Q{short}", "{q}Q{year}", "{q}Q {year}", "Q{q} '{short}", "Q{q}'{short}", "Q{q}/{short}", "{short}Q{q}",
        "{year}-{q}Q", "Qtr {q} {year}", "T{q} {year}", "{year}-T{q}", "{year}:{q}", "{year}Q0{q}", "FY{year} Q{q}",
        "Q{q} FY{short}", "FY{short}Q{q}",
    ],
)  # fmt: skip
def test_quarters_in_further_forms(read: Read, form: str) -> None:
    cells = [form.format(q=p.quarter, year=p.year, short=f"{p.year % 100:02d}") for p in QUARTERS]
    panel = read(file(cells))
    assert (panel.freq, panel.season_length, len(panel.values)) == ("QS-JAN", 4, 24)
    assert days(panel)[0] == date(2009, 1, 1)


@pytest.mark.parametrize("form", ["FY{year}", "FY {year}", "FY{short}", "FY{year}/{next}", "FY{short}-{next}"])
def test_fiscal_years_have_a_warning(read: Read, form: str, caplog: pytest.LogCaptureFixture) -> None:
    years = range(2001, 2024)
    panel = read(file([form.format(year=y, short=f"{y % 100:02d}", next=f"{(y + 1) % 100:02d}") for y in years]))
    assert (panel.freq, days(panel)[0], len(panel.values)) == ("YS-JAN", date(2001, 1, 1), 23)
    assert "fiscal years are taken for the calendar years with their number" in caplog.text


@pytest.mark.parametrize("form", ["%y-%m", "%m-%y", "%m/%y", "%y/%m", "%b'%y", "%Y.%m", "%m.%Y", "%Y %m", "%Y:%m"])
def test_months_in_further_forms(read: Read, form: str) -> None:
    panel = read(file(MONTHS.strftime(form)))
    assert (panel.freq, panel.ids.tolist(), days(panel)[0]) == ("MS", ["y"], date(2015, 1, 1))


@pytest.mark.parametrize(("first", "last"), [("2023-01", "2034-12"), ("1985-01", "2012-12"), ("1930-01", "1960-12")])
@pytest.mark.parametrize("form", ["%y-%m", "%b-%y", "%m/%y"])
def test_years_of_two_digits_follow_one_another(read: Read, first: str, last: str, form: str) -> None:
    months = pd.date_range(first, last, freq="MS")
    panel = read(file(months.strftime(form)))
    assert (days(panel)[0], days(panel)[-1]) == (months[0].date(), months[-1].date())


@pytest.mark.parametrize("form", ["%d/%m", "%m/%d", "%d-%m", "%m-%d"])
def test_days_without_a_year_are_no_months(read: Read, form: str, caplog: pytest.LogCaptureFixture) -> None:
    assert read(file(DAYS.strftime(form))).freq == "step"
    assert "row 2, column 'date': '01" in caplog.text


@pytest.mark.parametrize(
    "form",
    [
        "{:%Y-%m-%d}/{:%Y-%m-%d}", "{:%d.%m.%Y} - {:%d.%m.%Y}", "{:%d.%m.%Y}-{:%d.%m.%Y}", "{:%Y%m%d}/{:%Y%m%d}",
        "{:%b %d, %Y} – {:%b %d, %Y}", "{:%Y-%m-%d} to {:%Y-%m-%d}", "{:%m/%d/%Y} - {:%m/%d/%Y}",
        "{:%d.%m.%Y %H:%M} - {:%d.%m.%Y %H:%M}",
    ],
)  # fmt: skip
def test_spans_are_taken_for_their_start(read: Read, form: str) -> None:
    panel = read(file([form.format(day, day + pd.Timedelta(days=6)) for day in WEEKS], "week"))
    assert (panel.freq, days(panel)[0], days(panel)[-1]) == ("W-MON", WEEKS[0].date(), WEEKS[-1].date())


@pytest.mark.parametrize(
    "form",
    [
        "%d%b%Y:%H:%M:%S", "%Y%m%d:%H%M", "%Y-%m-%d_%H:%M:%S", "%d.%m.%Y %H Uhr", "%d/%m/%Y %Hh%M", "%a %d/%m/%Y %H:%M",
        "%A, %d %B %Y %H:%M", "%Y.%m.%d %H:%M:%S",
    ],
)  # fmt: skip
def test_times_in_further_forms(read: Read, form: str) -> None:
    panel = read(file(HOURS.strftime(form)))
    assert (panel.freq, panel.tz, len(panel.values)) == ("h", None, 100)
    assert (panel.times[0], panel.times[-1]) == (np.datetime64("2024-01-01T00"), np.datetime64("2024-01-05T03"))


@pytest.mark.parametrize("form", ["S%V %Y", "%Y-S%V", "%V. KW %Y", "KW %V/%Y", "Week %V, %Y", "%Y wk%V"])
def test_weeks_in_further_forms(read: Read, form: str) -> None:
    panel = read(file(pd.date_range("2023-01-02", periods=52, freq="7D").strftime(form)))
    assert (panel.freq, days(panel)[0], len(panel.values)) == ("W-MON", date(2023, 1, 2), 52)


@pytest.mark.parametrize("zone", ["CET", " CET", " (CET)", " EST", " Europe/Berlin", " America/New_York"])
def test_times_in_one_named_zone_stay_local(read: Read, zone: str) -> None:
    panel = read(file([f"{hour:%Y-%m-%d %H:%M}{zone}" for hour in HOURS]))
    assert (panel.freq, panel.tz, panel.times[0]) == ("h", None, np.datetime64("2024-01-01T00"))


@pytest.mark.parametrize(
    ("zone", "first"), [("UTC", "2024-01-01T00"), ("UTC+1", "2023-12-31T23"), ("GMT-05:00", "2024-01-01T05")]
)
def test_times_with_an_offset_become_utc(read: Read, zone: str, first: str) -> None:
    panel = read(file([f"{hour:%Y-%m-%d %H:%M} {zone}" for hour in HOURS]))
    assert (panel.freq, panel.tz, panel.times[0]) == ("h", "UTC", np.datetime64(first))


def test_winter_and_summer_time_by_name_become_utc(read: Read) -> None:
    hours = pd.date_range("2024-10-26", periods=72, freq="h", tz="Europe/Berlin")
    panel = read(file([f"{hour:%Y-%m-%d %H:%M} {hour.tzname()}" for hour in hours]))
    assert (panel.freq, panel.tz, len(panel.values)) == ("h", "UTC", 72)
    assert not np.isnan(panel.values).any()


@pytest.mark.parametrize(
    ("names", "form"),
    [
        ("janvier février mars avril mai juin juillet août septembre octobre novembre décembre", "{} {}"),
        ("janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.", "{} {}"),
        ("enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre", "{} de {}"),
        ("ene feb mar abr may jun jul ago sep oct nov dic", "{}-{}"),
        ("gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre", "{} {}"),
        ("Jan Fev Mar Abr Mai Jun Jul Ago Set Out Nov Dez", "{}/{}"),
        ("Januar Februar März April Mai Juni Juli August September Oktober November Dezember", "{} {}"),
        ("JAN FEB MRZ APR MAI JUN JUL AUG SEP OKT NOV DEZ", "{} {}"),
        ("januari februari maart april mei juni juli augustus september oktober november december", "{} {}"),
        ("styczeń luty marzec kwiecień maj czerwiec lipiec sierpień wrzesień październik listopad grudzień", "{} {}"),
        ("leden únor březen duben květen červen červenec srpen září říjen listopad prosinec", "{} {}"),
        ("Январь Февраль Март Апрель Май Июнь Июль Август Сентябрь Октябрь Ноябрь Декабрь", "{} {} г."),
        ("Ocak Şubat Mart Nisan Mayıs Haziran Temmuz Ağustos Eylül Ekim Kasım Aralık", "{} {}"),
    ],
    ids=lambda value: value[:12],
)
def test_months_in_other_languages(read: Read, names: str, form: str) -> None:
    words = names.split()
    panel = read(file([form.format(words[month.month - 1], month.year) for month in MONTHS]))
    assert (panel.freq, panel.ids.tolist(), days(panel)) == ("MS", ["y"], [month.date() for month in MONTHS])
    wide = "\n".join([",".join(["x", *words]), *(",".join(map(str, [y, *range(1, 13)])) for y in (2019, 2020))])
    assert (read(wide).freq, read(wide).values.tolist()) == ("MS", [*range(1, 13)] * 2)


@pytest.mark.parametrize("form", ["{0.year}年{0.month}月{0.day}日", "{0.year}년 {0.month}월 {0.day}일"])
def test_days_in_chinese_japanese_and_korean(read: Read, form: str) -> None:
    assert days(read(file([form.format(day) for day in DAYS]))) == [day.date() for day in DAYS]


@pytest.mark.parametrize(
    "form", ["{}. März 2022", "Dienstag, {}. März 2022", "{} de marzo de 2022", "{}er mars 2022", "{}th March 2022"]
)
def test_days_of_one_month_in_words(read: Read, form: str) -> None:
    assert days(read(file([form.format(day) for day in range(1, 32)])))[-1] == date(2022, 3, 31)


@pytest.mark.parametrize("ids", ["store {}", "T1{:02d}", "Q1{:02d}", "H1{:02d}", "S1{:03d}", "item 2{:03d}", "{0}-{0}"])
def test_ids_that_look_like_dates_are_ids(read: Read, ids: str) -> None:
    names = [ids.format(i) for i in range(11, 31)]
    rows = [(name, day.date(), i) for i, name in enumerate(names) for day in DAYS[:10]]
    panel = read("shelf,date,y\n" + csv_rows(*zip(*rows, strict=True)))
    assert (panel.ids.tolist(), panel.freq) == (names, "D")


SECOND_HALF: list[tuple[str, Callable[[pd.Timestamp], str]]] = [
    ("%Y-%m-%d", lambda day: f"{day:%d/%m/%Y}"),
    ("%d-%m-%Y", lambda day: f"{day:%m/%d/%Y}"),
    ("%d/%m/%Y", lambda day: f"{day:%d.%m.%Y}"),
    ("%d/%m/%Y", lambda day: f"{day:%m/%d/%Y}"),
    ("%Y-%m-%d", lambda day: f"{day:%d %b %Y}"),
    ("%Y-%m-%d", lambda day: f"{day:%Y-%m}"),
]


@pytest.mark.parametrize(("first", "second"), SECOND_HALF, ids=[f"{i}" for i in range(len(SECOND_HALF))])
@pytest.mark.parametrize("split", [20, 30, 40])
def test_a_column_of_two_forms_is_refused_at_a_row_that_differs(
    read: Read, first: str, second: Callable[[pd.Timestamp], str], split: int
) -> None:
    cells = [f"{day:{first}}" for day in DAYS[:split]] + [second(day) for day in DAYS[split:]]
    with pytest.raises(
        DataError, match=r"row \d+, column 'date': '.*' is not a date like the others, such as '"
    ) as error:
        read(file(cells))
    row = int(error.value.message.split("row ")[1].split(",")[0])
    assert row in (2, 14) or row - 2 >= split  # the first of the second form, or of the first one if that is the rarer


@pytest.mark.parametrize("every", [2, 3])
@pytest.mark.parametrize("numbers", [range(44562, 44622), [f"{day:%Y%m%d}" for day in DAYS]], ids=["serial", "digits"])
def test_numbers_among_dates_are_refused(read: Read, every: int, numbers: Sequence[object]) -> None:
    cells = [numbers[i] if i % every else f"{day:%d/%m/%Y}" for i, day in enumerate(DAYS)]
    with pytest.raises(DataError, match=r"row 3, column 'date': '\d+' is not a date like the others, such as '01/01"):
        read(file(cells))


def test_a_stray_date_among_values_is_no_number(read: Read) -> None:
    with pytest.raises(DataError, match="row 4, column 'y': '05-Jan' is not a number"):
        read("date,y\n" + csv_rows(DAYS.date, [i if i != 2 else "05-Jan" for i in range(60)]))


def test_midnight_without_its_time_of_day_is_the_same_form(read: Read) -> None:
    assert read(file([f"{hour:%Y-%m-%d %H:%M}".removesuffix(" 00:00") for hour in HOURS])).freq == "h"


def test_english_dates_need_no_other_language(tmp_path: Path) -> None:
    """Babel takes a noticeable time to import. Ids and remarks do not bring it in either."""
    stores = [f"store {i % 3 + 10}" for i in range(60)]
    table = "date,store,note,y\n" + csv_rows(DAYS.strftime("%d %B %Y"), stores, ["as usual"] * 60, range(60))
    (tmp_path / "a.csv").write_text(table)
    program = "import sys; from forecast_cli.panel.reading import read_panel; read_panel(sys.argv[1]); "
    program += "assert 'babel' not in sys.modules"
    subprocess.run([sys.executable, "-c", program, str(tmp_path / "a.csv")], check=True)


@pytest.mark.slow
@pytest.mark.parametrize("form", ["%y%m%d", "%d%m%y", "%m%d%y", "%Y%j"])
@pytest.mark.parametrize("start", ["2023-01-01", "1999-11-15", "2019-10-01", "2011-12-20"])
@pytest.mark.parametrize("step", ["D", "W-MON", "B"])
@pytest.mark.parametrize("layout", ["date,y\n{0},{1}\n", "date,a,b\n{0},{1},5\n", "shop,date,y\nA,{0},{1}\nB,{0},7\n"])
def test_days_in_six_or_seven_digits(read: Read, form: str, start: str, step: str, layout: str) -> None:
    times = pd.date_range(start, periods=70, freq=step)
    header, row = layout.split("\n", 1)
    panel = read(f"{header}\n" + "".join(row.format(time.strftime(form), i % 9) for i, time in enumerate(times)))
    assert panel.freq == step
    assert panel.times[:70].tolist() == times.to_numpy("datetime64[ns]").tolist()


@pytest.mark.parametrize(
    ("numbers", "freq"),
    [
        ([200101 + 100 * (i // 12) + i % 12 for i in range(60)], "MS"),  # months that could be days of 2020 to 2024
        ([202101 + i for i in range(52)], "W-MON"),
        ([230101 + 13 * i for i in range(30)], "13step"),
    ],
)
def test_other_numbers_of_six_digits_are_no_days(read: Read, numbers: list[int], freq: str) -> None:
    assert read("date,y\n" + "".join(f"{number},{i % 9}\n" for i, number in enumerate(numbers))).freq == freq


def test_a_series_of_numbers_of_six_digits_is_no_date(read: Read) -> None:
    rows = [f"{day:%Y-%m-%d},{230101 + i}" for i, day in enumerate(pd.date_range("2023-01-01", periods=28))]
    panel = read("\n".join(["date,sold", *rows]) + "\n")
    assert (panel.freq, panel.values.tolist()) == ("D", list(range(230101, 230129)))


@pytest.mark.parametrize("form", ["FW{1:02d} {0}", "{0} FW{1:02d}", "{0}-FW{1}", "FY{0} FW{1}"])
@pytest.mark.parametrize("row", ["{0},{1}", "A,{0},{1}\nB,{0},{1}"])
def test_weeks_of_fiscal_years_are_refused(read: Read, form: str, row: str) -> None:
    weeks = [form.format(2023 + i // 52, i % 52 + 1) for i in range(60)]
    content = "\n".join(row.format(week, i % 9) for i, week in enumerate(weeks))
    with pytest.raises(DataError, match="is a week of a fiscal year, whose first day is not known"):
        read(f"{'shop,' if 'A' in row else ''}week,y\n{content}\n")


def test_weeks_of_fiscal_years_beside_dates_are_left_out(read: Read) -> None:
    mondays = pd.date_range("2023-01-02", periods=20, freq="W-MON")
    rows = [f"{day:%Y-%m-%d},FW{i + 1:02d} 2023,{i % 9}" for i, day in enumerate(mondays)]
    panel = read("\n".join(["date,week,y", *rows]) + "\n")
    assert (panel.freq, panel.ids.tolist()) == ("W-MON", ["y"])
