"""The common formats of files, dates and numbers: each case is a file and its expected content."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import zstandard

from forecast_cli.errors import mention
from forecast_cli.options import ReadConfig
from forecast_cli.panel.reading import read_panel
from tests.panel.tables import ISO, MONTHS, VALUES, Read, days, months_as, table


@pytest.mark.parametrize(
    "dates",
    [
        months_as("%Y-%m-%d"),
        months_as("%Y-%m"),
        months_as("%Y/%m/%d"),
        months_as("%Y%m%d"),
        months_as("%Y%m"),
        months_as("%Y %b"),
        months_as("%b %Y"),
        months_as("%b-%y"),
        months_as('"%B %d, %Y"'),
        months_as("%d %B %Y"),
        months_as("%d-%b-%Y"),
        months_as("%YM%m"),
        months_as("%m/%Y"),
        months_as("%d/%m/%Y"),
        months_as("%m/%d/%Y"),
        months_as("%d.%m.%Y"),
        months_as("%d.%m.%y"),
        months_as("%Y-%m-%d 00:00:00"),
        months_as("%Y-%m-%dT00:00:00Z"),
        [f"{1949 + i / 12:.9g}" for i in range(14)],
    ],
    ids=lambda dates: dates[1],
)
def test_months_in_all_forms(read: Read, dates: list[str]) -> None:
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
def test_timestamps_within_a_day(read: Read, stamps: list[str], freq: str, season: int) -> None:
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


def test_parquet_is_recognised_by_its_content(tmp_path: Path) -> None:
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
    panel = read(table(months_as("%Y-%m"), header="Mois,Débit énergétique à Orléans").encode("latin-1"))
    assert panel.ids.tolist() == ["Débit énergétique à Orléans"]
    named = read(table(months_as("%Y-%m"), header="Mois,Průtok řeky").encode("cp1250"), ReadConfig(encoding="cp1250"))
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
def test_forms_of_numbers(read: Read, cells: list[str], delimiter: str, values: list[float]) -> None:
    rows = [f"2024-01-0{i + 1}{delimiter}{cell}" for i, cell in enumerate(cells)]
    assert read("\n".join([f"d{delimiter}v", *rows])).values.tolist() == values


def test_a_warning_for_an_ambiguous_comma(read: Read, caplog: pytest.LogCaptureFixture) -> None:
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
