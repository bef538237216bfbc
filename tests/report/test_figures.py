"""The picture of a forecast as the user sees it."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from PIL import Image

from forecast_cli.errors import UsageError
from forecast_cli.panel.panel import Panel
from forecast_cli.report.pictures import style
from forecast_cli.report.pictures.forecasts import compose
from tests.report.report_samples import MODELS, ahead, airline, draw, five_models, monthly, undated, words_in

MAIN_BLUE = (0x00, 0x72, 0xB2)


def pixels(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path).convert("RGB"))


@contextmanager
def composed(*args: object, **kwargs: object) -> Iterator[Figure]:
    """The finished figure, laid out, in its style."""
    with style.applied():
        figure = compose(*args, **kwargs)  # type: ignore[arg-type]
        figure.draw_without_rendering()
        yield figure


# Files


def many(count: int, length: int = 60) -> Panel:
    rng = np.random.default_rng(5)
    return monthly({f"T{i:04d}": (i + 1) * 100 + rng.normal(0, 9, length) for i in range(count)})


@pytest.mark.slow
@pytest.mark.parametrize("count", [1, 2, 4, 6, 13])
def test_legend_and_titles_do_not_overlap_charts(count: int) -> None:
    panel = monthly({f"{i} {'a very long name ' * 9}": np.arange(60.0) for i in range(count)})
    with composed(panel, five_models(panel, 12), series=list(panel.ids)) as figure:
        (legend,) = figure.legends
        box = legend.get_window_extent()
        page = figure.bbox
        texts = [text.get_window_extent() for text in figure.texts]
        assert page.x0 <= box.x0
        assert box.x1 <= page.x1
        for heading in texts:
            assert not box.overlaps(heading)
            assert heading.x1 <= page.x1
        assert len(figure.axes) == count
        for axes in figure.axes:
            around = axes.get_tightbbox()
            assert around is not None
            assert not box.overlaps(around)
            assert not any(around.overlaps(heading) for heading in texts)
            assert page.x0 <= around.x0
            assert page.y0 <= around.y0
            assert around.x1 <= page.x1


def test_charts_of_a_grid_do_not_touch() -> None:
    panel = many(6)
    with composed(panel, five_models(panel, 12)) as figure:
        boxes = [axes.get_tightbbox() for axes in figure.axes]
        for i, one in enumerate(boxes):
            assert one is not None
            assert not any(one.overlaps(other) for other in boxes[:i] if other is not None)


def test_lines_differ_without_colour() -> None:
    panel = airline()
    names = ["lstm", *(f"model-{i}" for i in range(6))]
    with composed(panel, dict.fromkeys(names, ahead(panel, 12))) as figure:
        (legend,) = figure.legends
        lines = legend.get_lines()
        seen = {(str(line.get_linestyle()), str(line._dash_pattern), line.get_marker()) for line in lines}
        assert len(lines) == len(seen) == 8


def relative_luminance(colour: str) -> float:
    """As WCAG 2 defines it."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_every_line_has_contrast_with_the_background() -> None:
    looks = [style.HISTORY, style.OUTCOME, style.MAIN, *(style.baseline(i) for i in range(6))]
    for look in looks:
        contrast = (relative_luminance(style.PAPER) + 0.05) / (relative_luminance(look.colour) + 0.05)
        assert contrast >= 3, look


def test_intervals_differ_in_lightness(tmp_path: Path) -> None:
    panel = airline()
    draw(panel, five_models(panel, 12), tmp_path / "forecast.png")
    for shade in (style.tint(0, 2), style.tint(1, 2)):
        rgb = [round(255 * c) for c in to_rgb(shade)]
        assert (pixels(tmp_path / "forecast.png") == rgb).all(axis=2).sum() > 1000
    assert relative_luminance(style.tint(0, 2)) - relative_luminance(style.tint(1, 2)) > 0.1


def test_a_forecast_starts_at_the_last_known_value() -> None:
    panel = airline()
    with composed(panel, five_models(panel, 12)) as figure:
        ends = {
            (line.get_xdata()[0], line.get_ydata()[0]) for line in figure.axes[0].lines if len(line.get_xdata()) == 13
        }
        december = (np.datetime64("1960-12-01") - np.datetime64("1970-01-01")).astype(int)
        assert ends == {(december, 432.0)}


def test_the_history_is_not_too_long_for_the_forecast() -> None:
    panel = monthly({"long": np.sin(np.arange(3000))}, first="1750-01")
    with composed(panel, {"lstm": ahead(panel, 12)}) as figure:
        (axes,) = figure.axes
        left, right = axes.get_xlim()
        assert 12 / 70 < 365 / (right - left) < 12 / 40


@pytest.mark.slow
@pytest.mark.parametrize("values", [[5.0] * 40, [5.0] * 39 + [np.nan], [5.0]])
def test_a_horizon_of_one_is_seen(tmp_path: Path, values: list[float]) -> None:
    panel = monthly({"x": values})
    draw(panel, {"lstm": ahead(panel, 1, [[6.0]])}, tmp_path / "one.png")
    chart = pixels(tmp_path / "one.png")[200:]
    blue = np.argwhere((chart == MAIN_BLUE).all(axis=2))
    assert len(blue) > 80
    assert blue[:, 1].max() > 1700


def test_an_interval_of_one_step_after_a_gap_is_seen(tmp_path: Path) -> None:
    panel = monthly({"x": [5.0, 7.0, 6.0, np.nan]})
    draw(panel, {"lstm": ahead(panel, 1, [[6.0]], levels=(0.49, 0.51))}, tmp_path / "one.png")
    shade = [round(255 * c) for c in to_rgb(style.tint(0, 1))]
    assert (pixels(tmp_path / "one.png")[200:] == shade).all(axis=2).sum() > 1000


def test_missing_values_are_gaps_and_lone_points_are_dots() -> None:
    values = np.arange(40.0)
    values[[10, 11, 13, 14]] = np.nan
    panel = monthly({"x": values})
    with composed(panel, {"lstm": ahead(panel, 3)}) as figure:
        lines = figure.axes[0].lines
        history = next(line for line in lines if len(line.get_xdata()) >= 30)
        assert np.isnan(history.get_ydata()).sum() == 4
        dots = [line.get_ydata().tolist() for line in lines if line.get_linestyle() == "None"]
        assert dots == [[12.0]]


def test_an_interval_that_explodes_does_not_flatten_the_picture() -> None:
    panel = airline()
    wide = ahead(panel, 12, levels=(0.1, 0.9))
    assert wide.quantiles is not None
    forecast = replace(wide, quantiles=wide.quantiles * np.array([-1e6, 1e6]))
    with composed(panel, {"lstm": forecast}) as figure:
        low, high = figure.axes[0].get_ylim()
        assert high - low < 4 * (622 - 300)


def test_ends_of_months_sit_at_the_tick_that_names_them() -> None:
    def at_ends(times: np.ndarray) -> np.ndarray:
        return ((times.astype("datetime64[M]") + 1).astype("datetime64[D]") - 1).astype("datetime64[ns]")

    starts = airline()
    forecast = ahead(starts, 12)
    ends = replace(starts, freq="ME", times=at_ends(starts.times))
    moved = replace(forecast, cutoff=at_ends(forecast.cutoff), times=at_ends(forecast.times))
    with composed(starts, {"lstm": forecast}) as one, composed(ends, {"lstm": moved}) as two:
        for line, same in zip(one.axes[0].lines, two.axes[0].lines, strict=True):
            assert np.array_equal(line.get_xdata(), same.get_xdata())


def test_undated_series_are_drawn_over_step_numbers(tmp_path: Path) -> None:
    panel = undated(np.arange(1500.0))
    draw(panel, {"lstm": ahead(panel, 20)}, tmp_path / "steps.svg")
    words = words_in(tmp_path / "steps.svg").splitlines()
    assert "sensor: forecast of 20 steps" in words
    assert "Data to step 1,500, forecast to step 1,520" in words
    assert "1,500" in words


# Several series


def test_six_of_many_series_are_drawn(tmp_path: Path) -> None:
    panel = many(1428, length=30)
    draw(panel, {"lstm": ahead(panel, 6)}, tmp_path / "many.svg")
    words = words_in(tmp_path / "many.svg")
    assert "6 of 1,428 series, spread from small to large. Data to Jun 2017" in words
    shown = [line for line in words.splitlines() if line.startswith("T")]
    assert shown == ["T0119", "T0357", "T0595", "T0833", "T1071", "T1309"]


def test_series_that_every_model_forecasts_are_preferred(tmp_path: Path) -> None:
    panel = many(100)
    sampled = panel.select(np.arange(0, 100, 10))
    draw(panel, {"lstm": ahead(panel, 6), "arima": ahead(sampled, 6)}, tmp_path / "many.svg")
    shown = [line for line in words_in(tmp_path / "many.svg").splitlines() if line.startswith("T0")]
    assert len(shown) == 6
    assert set(shown) <= set(sampled.ids.tolist())


def test_named_series_are_drawn_in_that_order(tmp_path: Path) -> None:
    panel = many(20)
    draw(panel, five_models(panel, 6), tmp_path / "two.svg", series=["T0017", "T0003"])
    words = words_in(tmp_path / "two.svg").splitlines()
    assert [line for line in words if line.startswith("T00")] == ["T0017", "T0003"]
    assert "2 of 20 series. Data to Dec 2019, forecast to Jun 2020" in words


def test_the_error_for_an_unknown_series_names_the_nearest_one(tmp_path: Path) -> None:
    panel = monthly({"oxford": [1.0, 2.0], "cambridge": [1.0, 2.0], "durham": [1.0, 2.0]})
    with pytest.raises(UsageError, match=r"Camebridge.* Did you mean 'cambridge'"):
        draw(panel, {"lstm": ahead(panel, 2)}, tmp_path / "x.png", series=["oxford", "Camebridge"])


def test_too_many_series_are_refused(tmp_path: Path) -> None:
    panel = many(60)
    with pytest.raises(UsageError, match="60 series"):
        draw(panel, {"lstm": ahead(panel, 2)}, tmp_path / "x.png", series=list(panel.ids))


@pytest.mark.slow
@pytest.mark.parametrize("id_", ["$a_b$ 5\\%", "北京 €", "Zürich 🚉", "a\x00b\nc <&>", "x" * 400])
@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
def test_any_id_can_be_drawn(tmp_path: Path, id_: str, suffix: str) -> None:
    panel = monthly({id_: np.arange(20.0), "other": np.arange(20.0)})
    path = tmp_path / f"id.{suffix}"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        draw(panel, {"lstm": ahead(panel, 2)}, path)
    if suffix == "svg" and id_.isprintable() and len(id_) < 40:
        assert id_ in words_in(path).splitlines()


@pytest.mark.slow
@pytest.mark.parametrize(("suffix", "warned"), [("png", True), ("pdf", True), ("svg", False)])
def test_a_warning_says_that_no_font_has_a_letter(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, suffix: str, warned: bool
) -> None:
    panel = monthly({"𓀀": np.arange(20.0)})
    draw(panel, {"lstm": ahead(panel, 2)}, tmp_path / f"id.{suffix}")
    assert ("no font on this machine has some of the letters" in caplog.text) is warned


# Any data


@pytest.mark.slow
@settings(max_examples=30)
@given(
    values=arrays(float, st.integers(1, 50), elements=st.floats(width=64)),
    point=arrays(float, st.integers(1, 6), elements=st.floats(width=64)),
)
def test_no_value_breaks_the_picture(
    tmp_path_factory: pytest.TempPathFactory, values: np.ndarray, point: np.ndarray
) -> None:
    path = tmp_path_factory.mktemp("any") / "any.svg"
    panel = monthly({"x": values})
    forecast = ahead(panel, len(point), point[None, :], levels=(0.1, 0.9))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        draw(panel, {"lstm": forecast, "naive": ahead(panel, len(point))}, path)
    assert "x: forecast of" in words_in(path)


@pytest.mark.slow
@pytest.mark.parametrize("constant", [0.0, 5.0, -1e-300, 1e308])
def test_a_constant_series_is_a_level_line(tmp_path: Path, constant: float) -> None:
    panel = monthly({"x": [constant] * 30})
    draw(panel, {"lstm": ahead(panel, 5)}, tmp_path / "constant.png")
    blue = np.argwhere((pixels(tmp_path / "constant.png")[200:] == MAIN_BLUE).all(axis=2))
    assert np.ptp(blue[:, 1]) > 150
    assert np.ptp(blue[:, 0]) < 25


def test_all_models_share_one_legend() -> None:
    panel = many(3)
    with composed(panel, five_models(panel, 4)) as figure:
        (legend,) = figure.legends
        labels = [text.get_text() for text in legend.get_texts()]
        assert len(labels) == len(set(labels)) == len(MODELS) + 2
