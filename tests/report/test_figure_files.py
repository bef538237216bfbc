"""The file of a picture: its format, its folder, and an earlier picture at its path."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import matplotlib
import pytest
from PIL import Image

from forecast_cli.errors import OutputError, UsageError
from tests.report.report_samples import ahead, airline, draw, five_models, words_in


def test_a_png_is_a_slide(tmp_path: Path) -> None:
    panel = airline()
    draw(panel, five_models(panel, 12), tmp_path / "forecast.png")
    with Image.open(tmp_path / "forecast.png") as image:
        assert image.format == "PNG"
        assert image.size == (1920, 1080)
    assert [file.name for file in tmp_path.iterdir()] == ["forecast.png"]


def test_an_svg_says_what_it_shows(tmp_path: Path) -> None:
    panel = airline()
    draw(panel, five_models(panel, 12), tmp_path / "forecast.svg")
    words = words_in(tmp_path / "forecast.svg").splitlines()
    for expected in (
        "passengers: forecast of 12 months",
        "Data to Dec 1960, forecast to Dec 1961",
        *("History", "LSTM", "ARIMA", "ETS", "Theta", "Seasonal naive", "80% and 95% interval"),
        *("1958", "1959", "1960", "1961"),
    ):
        assert expected in words


def test_a_pdf_is_whole(tmp_path: Path) -> None:
    panel = airline()
    draw(panel, five_models(panel, 12), tmp_path / "forecast.PDF")
    content = (tmp_path / "forecast.PDF").read_bytes()
    assert content.startswith(b"%PDF-")
    assert content.rstrip().endswith(b"%%EOF")
    assert b"CreationDate" not in content


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
def test_the_same_input_gives_the_same_bytes_whatever_the_users_settings(tmp_path: Path, suffix: str) -> None:
    panel = airline()
    draw(panel, five_models(panel, 12), tmp_path / f"one.{suffix}")
    with matplotlib.rc_context({"lines.linewidth": 9, "font.size": 30, "axes.facecolor": "red"}):
        draw(panel, five_models(panel, 12), tmp_path / f"two.{suffix}")
        assert matplotlib.rcParams["lines.linewidth"] == 9
    assert (tmp_path / f"one.{suffix}").read_bytes() == (tmp_path / f"two.{suffix}").read_bytes()


@pytest.mark.parametrize("name", ["forecast.jpg", "forecast", ".png"])
def test_another_suffix_is_refused_by_name(tmp_path: Path, name: str) -> None:
    panel = airline()
    with pytest.raises(UsageError) as refused:
        draw(panel, {"lstm": ahead(panel, 12)}, tmp_path / name)
    assert all(suffix in str(refused.value.hint) for suffix in (".png", ".svg", ".pdf"))
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    panel = airline()
    path = tmp_path / "nowhere" / "forecast.png"
    with pytest.raises(OutputError, match="nowhere"):
        draw(panel, {"lstm": ahead(panel, 12)}, path)


def test_a_file_used_as_a_folder_is_named(tmp_path: Path) -> None:
    panel = airline()
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match=r"forecast\.png"):
        draw(panel, {"lstm": ahead(panel, 12)}, tmp_path / "file" / "forecast.png")


def test_nothing_is_left_beside_a_path_that_cannot_be_replaced(tmp_path: Path) -> None:
    panel = airline()
    path = tmp_path / "forecast.png"
    path.mkdir()
    with pytest.raises(OutputError):
        draw(panel, {"lstm": ahead(panel, 12)}, path)
    assert list(tmp_path.iterdir()) == [path]
    assert path.is_dir()


def test_a_failure_keeps_the_old_picture(tmp_path: Path) -> None:
    panel = airline()
    path = tmp_path / "forecast.png"
    path.write_bytes(b"old")
    with pytest.raises(UsageError):
        draw(panel, {"lstm": ahead(panel, 12)}, path, series=["unknown"])
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.slow
def test_it_is_quiet_without_a_home_or_a_screen(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from report_samples import airline, ahead, draw\n"
        "panel = airline(); draw(panel, {'lstm': ahead(panel, 12)}, Path(sys.argv[1]))\n"
        "assert 'matplotlib.pyplot' not in sys.modules and 'tkinter' not in sys.modules"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, tmp_path / "forecast.png"],
        env={"HOME": "/dev/null", "MPLCONFIGDIR": "/dev/null", "PYTHONPATH": str(Path(__file__).parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "forecast.png").exists()
