"""Summary statistics and fingerprint of a panel."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from forecast_cli.panel.describe import describe, fingerprint
from forecast_cli.panel.panel import Panel


def monthly(*series: list[float] | np.ndarray, season_length: int = 12) -> Panel:
    lengths = [len(values) for values in series]
    months = [np.arange(n).astype("datetime64[M]").astype("datetime64[ns]") for n in lengths]
    return Panel(
        ids=np.array([f"s{i}" for i in range(len(series))]),
        freq="MS",
        season_length=season_length,
        indptr=np.concatenate([[0], np.cumsum(lengths)]),
        times=np.concatenate(months),
        values=np.concatenate([np.asarray(values, dtype=np.float64) for values in series]),
    )


def test_a_summary_calculated_by_hand() -> None:
    first, second = describe(monthly([1, np.nan, 4, 7], [5, 5]))
    assert (first.id, first.points, first.missing) == ("s0", 4, 1)
    assert (first.minimum, first.mean, first.maximum) == (1, 4, 7)
    assert (first.first, first.last) == (np.datetime64("1970-01-01"), np.datetime64("1970-04-01"))
    assert (second.minimum, second.maximum) == (5, 5)


def test_step_numbers_are_integers() -> None:
    panel = Panel(np.array(["a"]), "step", 1, np.array([0, 3]), np.array([4, 5, 6]), np.array([1.0, 2.0, 3.0]))
    (summary,) = describe(panel)
    assert (summary.first, summary.last) == (4, 6)


def test_strengths_of_known_trends_and_seasons() -> None:
    at = np.arange(120)
    noise = np.random.default_rng(1).normal(size=120)
    season = 10 * np.sin(2 * np.pi * at / 12)
    trend, seasonal, both, neither = describe(monthly(at + noise, season + noise, at + season + noise, noise))
    for summary, has_trend, has_season in ((trend, 1, 0), (seasonal, 0, 1), (both, 1, 1), (neither, 0, 0)):
        assert summary.trend_strength is not None
        assert summary.seasonal_strength is not None
        assert (summary.trend_strength > 0.95) == bool(has_trend)
        assert (summary.seasonal_strength > 0.95) == bool(has_season)
        assert min(summary.trend_strength, summary.seasonal_strength) >= 0


def test_the_trend_of_a_long_series_is_that_of_a_curve_through_all_points() -> None:
    from statsmodels.nonparametric.smoothers_lowess import lowess

    values = np.cumsum(np.random.default_rng(0).normal(size=800))
    rest = values - lowess(values, np.arange(800), frac=2 / 3, return_sorted=False)
    (summary,) = describe(monthly(values, season_length=1))
    assert summary.trend_strength == pytest.approx(1 - rest.var() / values.var(), abs=0.002)


def test_missing_values_hardly_change_the_strengths() -> None:
    at = np.arange(120)
    whole = at + 10 * np.sin(2 * np.pi * at / 12)
    holed = whole.copy()
    holed[[20, 21, 70]] = np.nan
    a, b = describe(monthly(whole, holed))
    assert a.seasonal_strength == pytest.approx(b.seasonal_strength, abs=0.02)


def test_no_strengths_of_short_or_constant_series() -> None:
    short, flat = describe(monthly([1, 2, 3], [5.0] * 60))
    assert (short.trend_strength, short.seasonal_strength) == (None, None)
    assert (flat.trend_strength, flat.seasonal_strength) == (None, None)
    (yearly,) = describe(monthly(np.arange(30.0), season_length=1))
    assert yearly.trend_strength == pytest.approx(1)
    assert yearly.seasonal_strength is None


def test_the_fingerprint_depends_on_the_data_only() -> None:
    panel = monthly([1, np.nan, 4], [5, 6])
    other_nan = np.array([0x7FF8000000000001], dtype=np.uint64).view(np.float64)[0]
    assert fingerprint(panel) == fingerprint(monthly([1, other_nan, 4], [5, 6], season_length=4))
    assert len(fingerprint(panel)) == 64
    changed = [
        monthly([1, np.nan, 4], [5, 6.0000001]),
        monthly([1, np.nan], [4, 5, 6]),
        monthly([1, 2, 4], [5, 6]),
        replace(panel, freq="ME"),
        replace(panel, ids=np.array(["s0", "s2"])),
        replace(panel, times=panel.times + np.timedelta64(1, "D")),
        replace(panel, tz="UTC"),
    ]
    assert len({fingerprint(p) for p in [panel, *changed]}) == len(changed) + 1
