"""Ways to write times in a table, by frequency."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

FRENCH = [
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
]  # fmt: skip
GERMAN = ["Jan", "Feb", "Mär", "Apr", "Mai", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov", "Dez"]
DATE_NAMES = ("date", "ds", "Datum", "timestamp", "Date", "time", "fecha", "when")


@dataclass(frozen=True)
class Spelling:
    """A way to write times.

    write: from a time to one cell for each column
    names: the names that the columns may have, a tuple for each choice
    zones: whether a time zone can follow the time
    named: whether the cells are read correctly only if the column has one of these names
    """

    write: Callable[[pd.Timestamp], tuple[object, ...]]
    names: tuple[tuple[str, ...], ...]
    zones: bool = False
    named: bool = False

    @property
    def in_header(self) -> bool:
        """Whether it can be the name of a column."""
        return len(self.names[0]) == 1 and not self.named


def text(form: str, *names: str, zones: bool = False, named: bool = False) -> Spelling:
    """Times in a form of `strftime`. In the form, {q} is the quarter, {f} the French and {g} the German month."""

    def write(time: pd.Timestamp) -> tuple[str]:
        month = time.month - 1
        return (time.strftime(form).format(q=time.quarter, f=FRENCH[month], g=GERMAN[month]),)

    return Spelling(write, tuple((name,) for name in names or DATE_NAMES), zones, named)


def columns(write: Callable[[pd.Timestamp], tuple[object, ...]], *names: str) -> Spelling:
    """Times in several columns, whose names are given separated by commas."""
    return Spelling(write, tuple(tuple(each.split(",")) for each in names))


def span(length: str, form: str, join: str, *names: str) -> Spelling:
    """The start and the end of a span in one cell."""
    return Spelling(
        lambda time: (f"{time.strftime(form)}{join}{(time + pd.Timedelta(length)).strftime(form)}",),
        tuple((name,) for name in names),
    )


def since_1970(nanoseconds: int) -> Spelling:
    """Times counted in a unit of so many nanoseconds."""
    return Spelling(lambda time: (time.value // nanoseconds,), (("timestamp",), ("unix_time",), ("ts",)))


DAY = {
    **{
        form: text(form)
        for form in (
            *("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%d.%m.%Y", "%-d.%-m.%Y", "%d.%m.%y", "%d/%m/%Y"),
            *("%m/%d/%Y", "%-m/%-d/%Y", "%m/%d/%y", "%d-%m-%Y", "%d %b %Y", "%-d %B %Y", "%b %-d, %Y", "%d-%b-%y"),
            *("%A, %d %B %Y", "%d%b%Y", "%Y-%m-%d 00:00:00", "%d {f} %Y", "%-d. {g} %Y", "%Y-%j", "%G-W%V-%u"),
            *("%d. {g} %y", "%Y年%m月%d日"),
        )
    },
    "zoned": text("%Y-%m-%dT00:00:00", zones=True),
    "days of a spreadsheet": Spelling(
        lambda time: ((time - pd.Timestamp("1899-12-30")).days,), (("date",), ("Date",), ("day",))
    ),
    "year, month, day": columns(
        lambda time: (time.year, time.month, time.day), "year,month,day", "Jahr,Monat,Tag", "yr,mo,date_of_month"
    ),
    "beside parts of it": columns(
        lambda time: (time.strftime("%Y-%m-%d"), time.month, time.dayofweek, time.year), "date,month,day_of_week,Year"
    ),
    "year, name, day": columns(lambda time: (time.year, time.month_name(), time.day), "Year,Month,Day"),
    "month and day": columns(lambda time: (time.strftime("%Y-%m"), time.day), "month,day"),
    "day of the year": columns(lambda time: (time.year, time.dayofyear), "Year,DOY", "year,day_of_year"),
}
WEEK = {
    **{form: text(form, "week", "Week", "date", "Woche") for form in ("%G-W%V", "%GW%V", "W%V %G", "KW %V/%G")},
    **{form: text(form, "week", "yearweek", "Calendar Week", named=True) for form in ("%G%V", "%G/%V", "%G-%V")},
    "span": span("6D", "%Y-%m-%d", "/", "week", "Week"),
    "from - to": span("6D", "%d.%m.%Y", " - ", "week", "period"),
    "from and to": columns(lambda time: (time.date(), (time + pd.Timedelta("6D")).date()), "from,to", "start,end"),
    "year and week": columns(
        lambda time: time.isocalendar()[:2], "Year,Calendar Week", "Jahr,KW", "year,week_no", "year,week"
    ),
}
MONTH = {
    **{
        form: text(form, "month", "date", "ds", "Month", "period")
        for form in (
            *("%Y-%m", "%Y/%m", "%Y.%m", "%b %Y", "%B %Y", "%b-%y", "%b-%Y", "%m/%Y", "%YM%m", "%Y-%b", "%y-%m"),
            *("{f} %Y", "{g}-%Y"),
        )
    },
    "digits": text("%Y%m", "month", "date", "yearmonth", "YYYYMM"),
    "year and month": columns(lambda time: (time.year, time.month), "Year,Month No", "year,month", "Jahr,Monat"),
    "year and name": columns(lambda time: (time.year, time.month_name()), "Year,Month"),
    "year and short name": columns(lambda time: (time.year, time.strftime("%b")), "year,month"),
}
QUARTER = {
    **{
        form: text(form, "quarter", "date", "ds", "Quarter", "period")
        for form in (
            *("%Y Q{q}", "%YQ{q}", "%Y-Q{q}", "Q{q} %Y", "Q{q}-%Y", "{q}Q%y", "{q}Q%Y", "Q{q} '%y", "%Y:{q}"),
            *("%Y-T{q}", "FY%Y Q{q}"),
        )
    },
    "digits": text("%Y0{q}", "quarter", "yearquarter", named=True),
    "year and quarter": columns(
        lambda time: (time.year, time.quarter), "Year,Quarter", "year,QTR", "Jahr,Quartal", "year,q"
    ),
    "year and text": columns(lambda time: (time.year, f"Q{time.quarter}"), "Year,Quarter"),
}
YEAR = {
    "digits": text("%Y", "year", "Year", "date", "Jahr", "ds"),
    "fiscal": text("FY%Y", "year", "fiscal_year", "FY"),
}
CLOCK = {
    **{
        form: text(form, zones=True)
        for form in (
            *("%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S.000", "%Y/%m/%d %H:%M"),
            *("%d.%m.%Y %H:%M", "%d %b %Y %H:%M", "%Y%m%d %H:%M", "%m/%d/%Y %H:%M"),
        )
    },
    **{form: text(form) for form in ("%Y%m%d%H%M", "%m/%d/%Y %I:%M %p", "%d. {g} %Y %H:%M")},
    "seconds": since_1970(10**9),
    "milliseconds": since_1970(10**6),
    "date and time": columns(
        lambda time: (time.date(), time.strftime("%H:%M")), "date,time", "Datum,Uhrzeit", "Date,Time", "day,hour"
    ),
    "six columns": columns(
        lambda time: (time.year, time.month, time.day, time.hour, time.minute), "year,month,day,hour,minute"
    ),
}
HOUR = {
    **CLOCK,
    "hour": columns(lambda time: (time.date(), time.hour), "Date,Hour", "date,hr", "Datum,Stunde"),
    "hundreds": columns(lambda time: (time.date(), time.hour * 100), "Date,time", "date,hhmm"),
    "four columns": columns(lambda time: (time.year, time.month, time.day, time.hour), "yr,mo,dy,hr"),
    "from and to": columns(lambda time: (time, time + pd.Timedelta("1h")), "from,to", "start,end"),
}
HALF_HOUR = {
    **CLOCK,
    "hour and minute": columns(lambda time: (time.date(), time.hour, time.minute), "date,hour,minute"),
    "start and end": columns(
        lambda time: (time.date(), time.strftime("%H:%M"), (time + pd.Timedelta("30min")).strftime("%H:%M")),
        "Date,Start,End",
    ),
    "span": span("30min", "%Y-%m-%d %H:%M", " - ", "period", "date"),
}
SPELLINGS: dict[str, dict[str, Spelling]] = {
    "D": DAY,
    "B": DAY,
    "W-MON": {**DAY, **WEEK},
    "W-SAT": DAY,
    "MS": {**DAY, **MONTH},
    "ME": DAY,
    "QS-JAN": {**DAY, **QUARTER},
    "QE-DEC": DAY,
    "YS-JAN": {**DAY, **YEAR},
    "YE-JUN": DAY,
    "h": HOUR,
    "30min": HALF_HOUR,
    "15min": CLOCK,
}
"""Frequency -> name of a spelling -> the spelling. All of these are read without options."""
