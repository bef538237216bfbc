"""Properties of every file: damage never crashes the reader, and a regular panel is read back unchanged."""

from __future__ import annotations

import gzip
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast_cli.errors import DataError
from forecast_cli.options import ReadConfig
from forecast_cli.panel.panel import Panel
from forecast_cli.panel.reading import read_panel
from forecast_cli.panel.reading.outliers import MAX_OUTLIERS

LONG = "unique_id;ds;y\n" + "".join(
    f"{series};{day:%d.%m.%Y};{i}.250,5\n"
    for series in ("Île", "b")
    for i, day in enumerate(pd.date_range("2023-11-20", periods=15, freq="D"))
)
WIDE = "date,a,b\n" + "".join(
    f'"{stamp.isoformat()}",{i},{"NA" if i == 4 else i * 0.5}\n'
    for i, stamp in enumerate(pd.date_range("2024-03-30", periods=20, freq="h", tz="Europe/Rome"))
)
QUARTERS = "t,y\n" + "".join(f"{1970 + i // 4} Q{i % 4 + 1},{i}\n" for i in range(12))
STEPS = "5\n6.5\n\n7\n8\n1e3\n"
ROWS = "Title\n\nshop,Lat,1/30/20,1/31/20,2/1/20\nA,47.5,$1,$2,$3\nB,51.2,($4),5%,6K\n\nSource: shops\n"
FILES = [
    LONG.encode(),
    LONG.encode("latin-1"),
    WIDE.encode(),
    WIDE.encode("utf-16"),
    QUARTERS.encode(),
    STEPS.encode(),
    ROWS.encode(),
    gzip.compress(WIDE.encode()),
]


def read(content: bytes) -> Panel:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "data"
        path.write_bytes(content)
        return read_panel(str(path), ReadConfig())


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A valid file with bytes deleted, inserted or cut off."""
    content = bytearray(draw(st.sampled_from(FILES)))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(content)))
        match draw(st.sampled_from(["delete", "insert", "cut"])):
            case "delete":
                del content[at : at + draw(st.integers(1, 12))]
            case "insert":
                piece = st.binary(min_size=1, max_size=8) | st.sampled_from(
                    [b",", b";", b'"', b"\n", b"\r", b"-", b"\0", b"NA", b"inf", b"2024-01-01", b"1e308", b"99999999"]
                )
                content[at:at] = draw(piece)
            case "cut":
                del content[at + len(content) // 4 :]
    return bytes(content)


@pytest.mark.slow
@settings(max_examples=400)
@given(damaged())
def test_damage_is_read_or_refused(content: bytes) -> None:
    try:
        panel = read(content)
    except DataError:
        return
    assert (panel.lengths > 0).all()
    assert np.isfinite(panel.values[panel.indptr[:-1]]).all()
    assert all(np.isfinite(values[-MAX_OUTLIERS - 1 :]).any() for values in panel.series())
    assert not np.isinf(panel.values).any()


@settings(max_examples=150)
@given(st.text(alphabet="0123456789-/:.,; \t\"'\nabQTZ+%é", max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        read(text.encode())
    except DataError:
        return


FREQUENCIES = ["h", "15min", "D", "W-SUN", "W-WED", "MS", "ME", "QS-JAN", "QE-NOV", "YS-JAN", "YE-DEC"]
DATE_FORMS = {"iso": "%Y-%m-%d %H:%M:%S", "day first": "%d/%m/%Y %H:%M", "words": "%d %b %Y %H:%M:%S"}


@st.composite
def regular_panel(draw: st.DrawFn) -> Panel:
    """One to four series of 14 to 40 points on one calendar, each with at most one missing value, not at an end."""
    freq = draw(st.sampled_from(FREQUENCIES))
    lengths = draw(st.lists(st.integers(14, 40), min_size=1, max_size=4))
    begin = pd.Timestamp("1987-01-01") + pd.Timedelta(days=draw(st.integers(0, 3000)))
    grid = pd.date_range(begin, periods=80, freq=freq)
    starts = [draw(st.integers(0, 30)) for _ in lengths]
    number = st.floats(-1e6, 1e6).map(lambda x: round(x, 3))
    values = [draw(st.lists(number, min_size=n, max_size=n)) for n in lengths]
    for series in values:
        if draw(st.booleans()):
            series[draw(st.integers(1, len(series) - 2))] = float("nan")
    return Panel(
        ids=np.array([f"series {i}" for i in range(len(lengths))]),
        freq=freq,
        season_length=1,
        indptr=np.concatenate([[0], np.cumsum(lengths)]),
        times=np.concatenate(
            [grid[s : s + n].to_numpy("datetime64[ns]") for s, n in zip(starts, lengths, strict=True)]
        ),
        values=np.concatenate(values),
    )


def as_frame(panel: Panel) -> pd.DataFrame:
    return pd.DataFrame(
        {"id": np.repeat(panel.ids, panel.lengths), "date": pd.to_datetime(panel.times), "value": panel.values}
    )


@pytest.mark.slow
@settings(max_examples=120)
@given(
    panel=regular_panel(),
    layout=st.sampled_from(["long", "wide", "rows"]),
    form=st.sampled_from(list(DATE_FORMS.values())),
    dialect=st.sampled_from([(",", "."), (";", ","), ("\t", "."), ("|", ",")]),
    shuffled=st.booleans(),
)
def test_a_regular_panel_comes_back_equal(
    panel: Panel, layout: str, form: str, dialect: tuple[str, str], shuffled: bool
) -> None:
    frame = as_frame(panel)
    if panel.freq in ("h", "15min") and form == DATE_FORMS["day first"]:
        form = DATE_FORMS["words"]  # in one or two days of hours, day and month may be ambiguous
    if layout == "wide":
        frame = frame.pivot(index="date", columns="id", values="value").reset_index()
    elif layout == "rows":
        frame = frame.pivot(index="id", columns="date", values="value")
        frame = frame.iloc[:, :: -1 if shuffled else 1].rename(columns=lambda date: date.strftime(form)).reset_index()
    if shuffled:
        order = (
            np.random.default_rng(0).permutation(len(frame)) if layout == "wide" else np.argsort(-np.arange(len(frame)))
        )
        frame = frame.iloc[order]
    sep, decimal = dialect
    text = frame.to_csv(index=False, sep=sep, decimal=decimal, date_format=form, na_rep="")
    again = read(text.encode())
    assert again.freq == panel.freq
    assert sorted(again.ids) == sorted(panel.ids)
    in_order = again.select(np.argsort(again.ids))
    np.testing.assert_array_equal(in_order.indptr, panel.indptr)
    np.testing.assert_array_equal(in_order.times, panel.times)
    np.testing.assert_array_equal(in_order.values, panel.values)
