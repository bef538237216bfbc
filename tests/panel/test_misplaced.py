"""One row with a wrong date, in a series whose rows are otherwise in order."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.panel.tables import Read

DAYS = [f"{day:%Y-%m-%d}" for day in pd.date_range("2021-01-01", periods=60)]
SWAPPED = [*DAYS[:38], "2021-02-15", *DAYS[39:]]  # 8 February


def warnings(read: Read, caplog: pytest.LogCaptureFixture, content: str) -> list[str]:
    read(content)
    return [record.message for record in caplog.records if "is out of order" in record.message]


@pytest.mark.parametrize("descending", [False, True])
def test_its_row_is_named(read: Read, caplog: pytest.LogCaptureFixture, descending: bool) -> None:
    rows = [f"{day},{i % 7}" for i, day in enumerate(SWAPPED)]
    (message,) = warnings(read, caplog, "\n".join(["date,y", *rows[:: -1 if descending else 1]]) + "\n")
    assert f"2021-02-15 (row {23 if descending else 40}) is out of order" in message
    assert all(day in message for day in ("2021-02-07", "2021-02-09"))


def test_a_mistyped_year_within_the_span(read: Read, caplog: pytest.LogCaptureFixture) -> None:
    weeks = [f"{day:%Y-%m-%d}" for day in pd.date_range("2010-01-01", periods=700, freq="7D")]
    weeks[600] = weeks[600].replace("2021", "2012")
    (message,) = warnings(read, caplog, "date,y\n" + "".join(f"{day},{i % 7}\n" for i, day in enumerate(weeks)))
    assert "(row 602) is out of order" in message


@pytest.mark.parametrize("by_date", [False, True])
def test_a_row_of_one_series_of_several(read: Read, caplog: pytest.LogCaptureFixture, by_date: bool) -> None:
    rows = [(i if by_date else 0, f"{day},{shop},{i % 7}") for shop, days in (("A", DAYS), ("B", SWAPPED))
            for i, day in enumerate(days)]  # fmt: skip
    (message,) = warnings(
        read, caplog, "\n".join(["date,shop,y", *(row for _, row in sorted(rows, key=lambda each: each[0]))]) + "\n"
    )
    assert "2021-02-15 in series 'B'" in message


def test_a_row_of_a_wide_file_is_one_row(read: Read, caplog: pytest.LogCaptureFixture) -> None:
    (message,) = warnings(read, caplog, "date,a,b\n" + "".join(f"{day},{i % 7},5\n" for i, day in enumerate(SWAPPED)))
    assert "likewise" not in message


@pytest.mark.parametrize(
    "days",
    [
        [*DAYS[:20], DAYS[21], DAYS[20], *DAYS[22:]],  # two rows exchanged
        [*DAYS[:20], *DAYS[21:], DAYS[20]],  # a row that arrived late
        [*DAYS[:40], DAYS[20], *DAYS[40:]],  # a row repeated
        [*DAYS[:20], *DAYS[30:40], *DAYS[20:30], *DAYS[40:]],  # blocks
        sorted(DAYS, key=lambda day: day[::-1]),
        DAYS[::-1],
        [*DAYS[:8], DAYS[3]],
    ],
)
def test_other_orders_are_no_mistakes(read: Read, caplog: pytest.LogCaptureFixture, days: list[str]) -> None:
    assert warnings(read, caplog, "date,y\n" + "".join(f"{day},{i % 7}\n" for i, day in enumerate(days))) == []
