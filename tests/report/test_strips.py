"""Covariates that are drawn under the series of a picture."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from forecast_cli.errors import UsageError
from forecast_cli.panel.covariates import FUTURE, PAST, STATIC, Covariate, Covariates
from forecast_cli.panel.panel import Panel
from forecast_cli.report.pictures import style
from forecast_cli.report.pictures.forecasts import compose, draw_forecast
from forecast_cli.report.pictures.views import positions
from forecast_cli.workflows import Prediction
from tests.report.report_samples import ahead, monthly, words_in

NAN = np.nan
HORIZON, COMING = 4, 6
COLUMNS = (
    Covariate("visitors", PAST),
    Covariate("price", FUTURE),
    Covariate("promo", FUTURE, ("none", "tv", "web")),
    Covariate("region", STATIC, ("east",)),
)


def panel(count: int = 1) -> Panel:
    """Series of 60 and more months; prices are the number of the month, and promotions change each month."""
    plain = monthly({f"s{i}": np.arange(60.0 + i) for i in range(count)})
    lengths = plain.lengths + COMING
    ends = np.cumsum(lengths)
    months = np.concatenate([np.arange(length) for length in lengths])
    ahead = np.stack([months, months % 2, 0 * months], axis=1).astype(float)
    return replace(plain, covariates=Covariates(COLUMNS, 2 * plain.values[:, None], ahead, ends - lengths, ends))


def figure_of(data: Panel, *names: str, horizon: int = HORIZON) -> Figure:
    with style.applied():
        figure = compose(data, {"lstm": ahead(data, horizon)}, covariates=names)
        figure.draw_without_rendering()
        return figure


def line(axes: Axes) -> tuple[np.ndarray, np.ndarray]:
    """The positions and the values of a strip."""
    (drawn,) = [each for each in axes.lines if len(each.get_xdata()) > 2]
    return np.asarray(drawn.get_xdata()), np.asarray(drawn.get_ydata())


def labels(axes: Axes) -> list[str]:
    return [label.get_text() for label in axes.get_yticklabels()]


def test_a_strip_has_the_time_of_the_chart_above() -> None:
    data = panel()
    chart, price, visitors = figure_of(data, "price", "visitors").axes

    end = positions(np.array(["2019-12-01", "2020-04-01"], "datetime64[ns]"), "MS")
    assert [axes.get_title(loc="left") for axes in (price, visitors)] == ["price", "visitors"]
    assert price.get_xlim() == visitors.get_xlim() == chart.get_xlim()
    x, values = line(price)
    assert (x[0], values[0]) == (chart.lines[1].get_xdata()[0], 24)  # type: ignore[index]
    assert (x[-1], values[-1]) == (end[1], 63)
    assert [line(visitors)[0][-1], line(visitors)[1][-1]] == [end[0], 118]


def test_only_the_lowest_strip_has_dates() -> None:
    figure = figure_of(panel(), "price", "promo")

    shown = [any(label.get_visible() for label in axes.get_xticklabels()) for axes in figure.axes]
    assert shown == [False, False, True]


def test_categories_are_levels_with_names() -> None:
    promo = figure_of(panel(), "promo").axes[1]

    assert labels(promo) == ["none", "tv"]
    assert set(line(promo)[1].tolist()) == {0, 1}


def test_of_many_categories_some_are_named() -> None:
    data = panel()
    known = data.covariates
    assert known is not None
    columns = tuple(
        replace(c, categories=tuple(map(str, range(100, 166)))) if c.name == "promo" else c for c in COLUMNS
    )
    numbers = known.ahead.copy()
    numbers[:, 1] = np.arange(len(numbers))

    promo = figure_of(replace(data, covariates=replace(known, columns=columns, ahead=numbers)), "promo").axes[1]

    assert 3 <= len(labels(promo)) <= 5
    assert labels(promo)[0] == "124"


def test_what_is_not_known_is_not_drawn() -> None:
    data = panel()
    known = data.covariates
    assert known is not None
    numbers = known.ahead.copy()
    numbers[30, 0] = numbers[61:, 0] = NAN

    x, values = line(figure_of(replace(data, covariates=replace(known, ahead=numbers)), "price").axes[1])

    assert np.isnan(values[x == positions(np.array(["2017-07-01"], "datetime64[ns]"), "MS")[0]]).all()
    assert np.isnan(values[-3:]).all()


@pytest.mark.slow
@pytest.mark.parametrize("count", [1, 2, 4, 6])
def test_charts_and_strips_do_not_overlap(count: int) -> None:
    figure = figure_of(panel(count), "price", "promo", "visitors")

    boxes = [axes.get_tightbbox() for axes in figure.axes]
    assert len(boxes) == 4 * count
    for at, one in enumerate(boxes):
        for other in boxes[:at]:
            apart = one.y1 <= other.y0 + 1 or other.y1 <= one.y0 + 1 or one.x1 <= other.x0 + 1 or other.x1 <= one.x0 + 1
            assert apart
        assert one.height > 0


def test_a_strip_is_part_of_the_file(tmp_path: Path) -> None:
    data = panel()
    for names in ((), ("price",)):
        path = tmp_path / f"{len(names)}.svg"
        draw_forecast(Prediction("data.csv", data, {"lstm": ahead(data, HORIZON)}), path, covariates=names)

        assert ("price" in words_in(path)) == bool(names)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["prise"], r"prise: .* it has visitors, price, promo, region\. Did you mean 'price'\?"),
        (["region"], "region: a static covariate is the same at all times"),
        (["price"] * 5, "5 covariates are too many"),
    ],
)
def test_what_cannot_be_drawn(names: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=message) as error:
        figure_of(panel(), *names)
    assert error.value.option == "draw"


def test_a_model_without_covariates() -> None:
    with pytest.raises(UsageError, match="price: this is no covariate of the model; it has none"):
        figure_of(replace(panel(), covariates=None), "price")
