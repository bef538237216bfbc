"""Numbers with signs around them: currencies, percent, brackets, multipliers."""

from __future__ import annotations

import pytest

from forecast_cli.errors import DataError
from forecast_cli.options import ReadConfig
from tests.panel.tables import Read


def daily(cells: list[str], delimiter: str = ";") -> str:
    rows = [f"2024-01-{day:02d}{delimiter}{cell}" for day, cell in enumerate(cells, start=1)]
    return "\n".join([f"date{delimiter}sales", *rows]) + "\n"


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["$1,234", "$987", "$1,002.50"], [1234, 987, 1002.5]),
        (["$ 5", "-$7", "$-8", "($9)", "$(10)"], [5, -7, -8, -9, -10]),
        (["1.234,50 €", "987,00 €", "12,00 €"], [1234.5, 987, 12]),
        (["EUR 5", "EUR 7,5", "EUR 8"], [5, 7.5, 8]),
        (["R$ 5", "R$ 7", "8"], [5, 7, 8]),
        (["$5", "$ -", "$7"], [5, 0, 7]),
        (["12 %", "13%", "0"], [12, 13, 0]),
        (["12,5 %", "13,5 %"], [12.5, 13.5]),
        (["(5)", "7", "(1,234.5)"], [-5, 7, -1234.5]),
        (["5-", "7", "8"], [-5, 7, 8]),
        (["(5%)", "7%", "8%"], [-5, 7, 8]),
        (["950", "1.2K", "1.25M", "2B"], [950, 1200, 1.25e6, 2e9]),
        (["$1.2k", "$950", "$1.5bn"], [1200, 950, 1.5e9]),
        (["1,5 Mio", "2 Mio", "2,5 Mio."], [1.5e6, 2e6, 2.5e6]),
        (["CHF 5.-", "CHF 7.50", "CHF 1'008.-"], [5, 7.5, 1008]),
        (["5,- €", "7,50 €", "8,-- €"], [5, 7.5, 8]),
        (["12,34,567", "1,00,000.5", "-45,678"], [1234567, 100000.5, -45678]),
        (["₹12,34,567", "₹45,678", "₹999"], [1234567, 45678, 999]),
        (["$5", "n/a", "", "$7"], [5, float("nan"), float("nan"), 7]),
    ],
)
def test_signs_around_numbers(read: Read, cells: list[str], values: list[float]) -> None:
    panel = read(daily(cells))
    assert panel.ids.tolist() == ["sales"]
    assert panel.values.tolist() == pytest.approx(values, nan_ok=True)


def test_thousands_of_dollars_in_a_file_of_commas(read: Read) -> None:
    assert read(daily(['"$1,234"', '"$987"', '"$12,345"'], ",")).values.tolist() == [1234, 987, 12345]


def test_how_signs_are_read_is_said(read: Read, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    read(daily(["1.2K", "950", "1.1K"]))
    assert "'1.2K' in column 'sales' is read as 1200" in caplog.text


@pytest.mark.parametrize(
    ("cells", "row"),
    [
        (["$5"] * 12 + ["€7"] + ["$8"] * 7, 14),
        (["5%"] * 12 + ["0.07"] + ["8%"] * 7, 14),
        (["5"] * 12 + ["7 kWh"] + ["8"] * 7, 14),
        (["(5)"] * 12 + ["(7"] + ["8"] * 7, 14),
        (["5"] * 12 + ["--7-"] + ["8"] * 7, 14),
    ],
)
def test_a_cell_in_another_unit_is_refused(read: Read, cells: list[str], row: int) -> None:
    with pytest.raises(DataError, match=f"row {row}, column 'sales'.* is not a number"):
        read(daily(cells))


@pytest.mark.parametrize(
    "labels", [("10%", "50%", "90%"), ("1M", "3M", "6M"), ("1M", "1Y", "10Y"), ("$5", "$10", "$20")]
)
def test_labels_with_signs_are_ids(read: Read, labels: tuple[str, ...]) -> None:
    rows = [f"{label},2024-01-{day:02d},{day}" for label in labels for day in range(1, 9)]
    panel = read("\n".join(["kind,date,price", *rows]) + "\n")
    assert panel.ids.tolist() == list(labels)
    assert panel.values.tolist() == list(range(1, 9)) * 3


@pytest.mark.parametrize("names", ["Q1 Q2 Q3", "S1 S2 S3", "5kg 10kg 20kg", "A-1 A-2 A-3"])
def test_names_with_digits_are_no_numbers(read: Read, names: str) -> None:
    rows = [f"{name},2024-01-{day:02d},{day}" for name in names.split() for day in range(1, 9)]
    assert read("\n".join(["kind,date,price", *rows]) + "\n").ids.tolist() == names.split()


def test_dates_are_no_numbers(read: Read) -> None:
    panel = read("when,y\n1 Jan 2024,5\n2 Jan 2024,6\n3 Jan 2024,7\n", ReadConfig())
    assert panel.freq == "D"


def test_a_few_words_among_numbers_are_not_said_to_be_numbers(read: Read, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    with pytest.raises(DataError, match="row 2, column 'sales': 'units' is not a number"):
        read(daily(["units", *map(str, range(20))]))
    assert "is read as" not in caplog.text
