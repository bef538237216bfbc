"""Property: a panel whose dates are written in any understood way is read back equal, or refused; never otherwise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast_cli.errors import DataError
from forecast_cli.options import ReadConfig
from forecast_cli.panel.panel import Panel
from forecast_cli.panel.reading import read_panel

Columns = Mapping[str, object]
Writer = Callable[[pd.DatetimeIndex], Columns]

FRENCH = [
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
]  # fmt: skip
GERMAN = ["Jan", "Feb", "Mär", "Apr", "Mai", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov", "Dez"]


def text(name: str, form: str) -> Writer:
    return lambda times: {name: times.strftime(form)}


def month_words(words: list[str], form: str) -> Writer:
    return lambda times: {"Mois": [form.format(words[t.month - 1], t.year, t.day) for t in times]}


def iso(name: str, form: str) -> Writer:
    return lambda times: {name: [form.format(*t.isocalendar()) for t in times]}


def quarter(name: str, form: str) -> Writer:
    return lambda times: {name: [form.format(y=t.year, s=f"{t.year % 100:02d}", q=t.quarter) for t in times]}


def span(days: int) -> Writer:
    return lambda times: {"week": [f"{t:%Y-%m-%d}/{t + pd.Timedelta(days=days):%Y-%m-%d}" for t in times]}


def year_week(year: str, week: str) -> Writer:
    return lambda times: {year: times.isocalendar().year.to_numpy(), week: times.isocalendar().week.to_numpy()}


def with_calendar(writer: Writer) -> Writer:
    return lambda times: {**writer(times), "month": times.month, "day_of_week": times.dayofweek, "Year": times.year}


def from_to(times: pd.DatetimeIndex) -> Columns:
    return {"from": times, "to": times + (times[1] - times[0])}


DAY: dict[str, Writer] = {
    "ISO": text("date", "%Y-%m-%d"),
    "digits": text("date", "%Y%m%d"),
    "points": text("Datum", "%d.%m.%Y"),
    "words": month_words(FRENCH, "{2} {0} {1}"),
    "abbreviations": month_words(GERMAN, "{2}. {0} {1}"),
    "three columns": lambda times: {"year": times.year, "month": times.month, "date_of_month": times.day},
    "month and day": lambda times: {"month": times.strftime("%Y-%m"), "day": times.day},
    "day of the year": lambda times: {"Year": times.year, "DOY": times.dayofyear},
    "calendar": with_calendar(text("date", "%Y-%m-%d")),
}
WRITERS: dict[str, dict[str, Writer]] = {
    "D": DAY,
    "W-MON": {
        **DAY,
        "number": iso("week", "{0}{1:02d}"),
        "one digit": iso("week", "{0}-W{1}"),
        "yearweek": iso("yearweek", "{0}{1:02d}"),
        "with a stroke": iso("Week", "{0}/{1}"),
        "calendar week": year_week("Year", "Calendar Week"),
        "KW": year_week("Jahr", "KW"),
        "span": span(6),
    },
    "MS": {
        "digits": text("month", "%Y%m"),
        "short": text("month", "%y-%m"),
        "point": text("date", "%Y.%m"),
        "words": month_words(FRENCH, "{0} {1}"),
        "abbreviations": month_words(GERMAN, "{0}-{1}"),
        "two columns": lambda times: {"Year": times.year, "Month No": times.month},
        "names": lambda times: {"Year": times.year, "Month": times.month_name()},
        "calendar": with_calendar(text("date", "%Y-%m-%d")),
    },
    "QS-JAN": {
        "number": quarter("quarter", "{y}0{q}"),
        "1Q15": quarter("date", "{q}Q{s}"),
        "Q1 '15": quarter("date", "Q{q} '{s}"),
        "two columns": lambda times: {"Year": times.year, "QTR": times.quarter},
        "three columns": lambda times: {"Year": times.year, "quarter": times.quarter, "month": times.month},
    },
    "h": {
        "ISO": text("date", "%Y-%m-%d %H:%M"),
        "zone": text("date", "%Y-%m-%d %H:%M CET"),
        "hour": lambda times: {"Date": times.date, "hour": times.hour},
        "digits": lambda times: {"Date": times.strftime("%Y%m%d"), "hour": times.hour},
        "hundreds": lambda times: {"Date": times.date, "time": times.hour * 100},
        "four columns": lambda times: {"yr": times.year, "mo": times.month, "dy": times.day, "hr": times.hour},
        "from and to": from_to,
        "clock": lambda times: {"Datum": times.strftime("%d.%m.%Y"), "Uhrzeit": times.strftime("%H:%M")},
    },
    "30min": {
        "settlement periods": lambda times: {"Date": times.date, "SP": times.hour * 2 + times.minute // 30 + 1},
        "start and end": lambda times: {
            "Date": times.date,
            "Start": times.strftime("%H:%M"),
            "End": (times + pd.Timedelta("30min")).strftime("%H:%M"),
        },
        "minutes": lambda times: {"Date": times.date, "hour": times.hour, "minute": times.minute},
    },
}
LENGTHS = {"D": 150, "W-MON": 120, "MS": 30, "QS-JAN": 14, "h": 120, "30min": 240}


@settings(max_examples=250, deadline=None)
@given(data=st.data(), freq=st.sampled_from(list(WRITERS)), series=st.integers(1, 3), wide=st.booleans())
def test_dates_written_in_any_way_are_read_or_refused(data: st.DataObject, freq: str, series: int, wide: bool) -> None:
    writer = WRITERS[freq][data.draw(st.sampled_from(list(WRITERS[freq])))]
    begin = pd.Timestamp("1987-01-01") + pd.Timedelta(days=data.draw(st.integers(0, 14000)))
    length = LENGTHS[freq] + data.draw(st.integers(0, LENGTHS[freq]))
    times = pd.date_range(begin, periods=length, freq=freq)
    values = np.random.default_rng(data.draw(st.integers(0, 99))).normal(50, 9, (series, length)).round(2)
    ids = [f"series {chr(97 + i)}" for i in range(series)]
    columns = pd.DataFrame({name: np.asarray(cells) for name, cells in writer(times).items()})
    if wide:
        frame = columns.assign(**dict(zip(ids, values, strict=True)))
    else:
        frame = pd.concat([columns.assign(region=id_, y=row) for id_, row in zip(ids, values, strict=True)])
    if data.draw(st.booleans(), label="descending"):
        frame = frame.iloc[::-1]
    delimiter, decimal = data.draw(st.sampled_from([(",", "."), (";", ","), ("\t", ".")]))
    try:
        panel = _read(frame.to_csv(index=False, sep=delimiter, decimal=decimal))
    except DataError:
        return
    assert (panel.freq, sorted(panel.ids)) == (freq, ids)
    in_order = panel.select(np.argsort(panel.ids))
    np.testing.assert_array_equal(in_order.times, np.tile(times.to_numpy("datetime64[ns]"), series))
    np.testing.assert_array_equal(in_order.values, values.ravel())


def _read(content: str) -> Panel:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "data.csv"
        path.write_text(content)
        return read_panel(str(path), ReadConfig())
