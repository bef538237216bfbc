"""What a covariate is worth: MASEs of a model whose errors with and without each covariate are known beforehand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from forecast_cli.evaluation.folds import rolling_folds
from forecast_cli.evaluation.worth import Worth, covariate_worth
from forecast_cli.forecasting import Forecast, Forecaster, Progress
from forecast_cli.panel.calendar import future_times
from forecast_cli.panel.covariates import FUTURE, Covariate, Covariates
from forecast_cli.panel.panel import Panel
from tests.evaluation.simple_models import Raising
from tests.sample_panels import Floats, undated

HORIZON = 2
PRICE = np.array([3.0, 5, 4, 8, 2, 6, 7, 1, 9, 2, 4, 6])
NOISE = np.array([1.0, -1, 1, 1, -1, 1, -1, -1, 1, -1, 1, 1])


@dataclass
class Shop:
    """Forecasts the price, or 0 if it was fitted without prices; adds half of the noise if it knows that; ignores the
    weather.

    knows:      the covariates of the panel that it was fitted to
    fitted_to:  the covariates of each panel that a shop was fitted to
    """

    knows: tuple[str, ...] = ()
    fitted_to: list[tuple[str, ...]] = field(default_factory=list)
    name: str = "network"

    @property
    def members(self) -> Mapping[str, Forecaster]:
        return {}

    def fit(self, panel: Panel, _progress: Progress, _cutoff: str | None = None) -> Forecaster:
        names = names_of(panel)
        self.fitted_to.append(names)
        return Shop(names)

    def update(self, panel: Panel, cutoff: str | None = None) -> None:
        """Nothing is held back."""

    def predict(self, panel: Panel, horizon: int) -> Forecast:
        known = panel.covariates
        assert known is not None
        ahead = known.ahead[known.start[0] + len(panel.values) :][:horizon]
        shown = {name: ahead[:, column] for column, name in enumerate(names_of(panel))}
        point = np.zeros(horizon)
        if "price" in self.knows:
            point = point + shown["price"]
        if "noise" in self.knows:
            point = point + 0.5 * shown["noise"]
        times = future_times(panel.freq, panel.ends, horizon)
        return Forecast(panel.ids, panel.ends, times, point[None, :])


def names_of(panel: Panel) -> tuple[str, ...]:
    return tuple(column.name for column in panel.covariates.columns) if panel.covariates else ()


def panel_with(**columns: Floats) -> Panel:
    """A series whose values are the prices, with these covariates."""
    known = Covariates(
        tuple(Covariate(name, FUTURE) for name in columns),
        np.empty((len(PRICE), 0)),
        np.stack(list(columns.values()), axis=1),
        np.array([0]),
        np.array([len(PRICE)]),
    )
    return replace(undated(PRICE), covariates=known)


def worth_of(panel: Panel, model: Shop | Raising) -> list[Worth]:
    folds = rolling_folds(panel, HORIZON, 2, HORIZON)
    return covariate_worth(model, folds, HORIZON, lambda *_: None)  # type: ignore[arg-type]


def mase(missed: list[Floats]) -> float:
    """The mean over two cutoffs, after 8 and 10 values, of the mean error by the mean change of the values before."""
    scales = [np.abs(np.diff(PRICE[:cutoff])).mean() for cutoff in (8, 10)]
    return float(np.mean([np.abs(error).mean() / scale for error, scale in zip(missed, scales, strict=True)]))


def test_the_worth_is_by_how_much_the_error_is_higher_without_the_covariate() -> None:
    shop = Shop()
    noise, price = [NOISE[8:10] / 2, NOISE[10:12] / 2], [PRICE[8:10], PRICE[10:12]]
    base, without = mase(noise), mase([n - p for n, p in zip(noise, price, strict=True)])

    found = worth_of(panel_with(noise=NOISE, weather=PRICE[::-1].copy(), price=PRICE), shop)

    assert [worth.name for worth in found] == ["price", "weather", "noise"]
    assert [worth.without for worth in found] == pytest.approx([without, base, 0])
    assert [worth.change for worth in found] == pytest.approx([without / base - 1, 0, -1])
    assert [worth.is_useful for worth in found] == [True, False, False]


def test_each_network_is_trained_once_at_the_first_cutoff() -> None:
    shop = Shop()

    worth_of(panel_with(noise=NOISE, price=PRICE), shop)

    assert shop.fitted_to == [("noise", "price"), ("price",), ("noise",)]


def test_a_perfect_forecast_has_no_percentages() -> None:
    (price,) = worth_of(panel_with(price=PRICE), Shop())

    assert (price.change, price.is_useful) == (0, False)


def test_a_model_that_fails_tells_nothing_about_covariates() -> None:
    assert worth_of(panel_with(noise=NOISE, price=PRICE), Raising()) == []
