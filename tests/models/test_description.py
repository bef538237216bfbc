"""Which parts a forecast consists of, computed by hand."""

from __future__ import annotations

import pytest

from forecast_cli.features.windows import WindowShape
from forecast_cli.models.description import Description, Smoothing, TreePart, in_words
from forecast_cli.networks.spec import NetworkSpec

SPEC = NetworkSpec("lstm", input_size=8, channels=5, output_size=3, units=(4,))
ADJUSTED = WindowShape(8, 3, 4, deseasonalise=True)
UNADJUSTED = WindowShape(8, 3, 4, deseasonalise=False)


def parts(
    name: str,
    smoothing: Smoothing | None = None,
    windows: WindowShape = ADJUSTED,
    weights: dict[str, float] | None = None,
) -> dict[str, float]:
    return Description(name, 100, SPEC, windows, smoothing=smoothing, weights=weights).parts


@pytest.mark.parametrize(
    ("smoothing", "expected"),
    [
        (Smoothing(0.3), {"network (LSTM)": 0.7, "exponential smoothing": 0.3}),
        (Smoothing(0.25, trust=2.0), {"network (LSTM)": 0.6, "exponential smoothing": 0.4}),  # odds 2 * 1/3 = 2/3
        (Smoothing(0.5, trust=0.25), {"network (LSTM)": 0.8, "exponential smoothing": 0.2}),  # odds 1/4
        (Smoothing(0.0), {"network (LSTM)": 1.0}),
        (Smoothing(1.0), {"exponential smoothing": 1.0}),
    ],
)
def test_a_network_with_smoothing(smoothing: Smoothing, expected: dict[str, float]) -> None:
    assert parts("lstm+smoothing", smoothing) == pytest.approx(expected)


def test_a_network_alone_has_no_other_part() -> None:
    assert parts("lstm") == {"network (LSTM)": 1.0}


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        (0.0, {"network (LSTM)": 1.0}),
        (0.5, {"network (LSTM)": 0.5, "network (LSTM) corrected by a random forest": 0.5}),
        (1.0, {"network (LSTM) corrected by a random forest": 1.0}),
    ],
)
def test_a_hybrid_has_the_network_alone_and_corrected(share: float, expected: dict[str, float]) -> None:
    description = Description("lstm+forest", 100, SPEC, ADJUSTED, trees=TreePart("forest", share, 3, {}, "Why."))

    assert (description.parts, description.reason) == (expected, "Why.")


def test_weeks_have_the_median_with_the_last_year() -> None:
    assert parts("lstm+smoothing", Smoothing(1.0, repeated=(52,))) == {
        "median of network (LSTM), Theta and the last 52 steps": 1.0
    }


def test_hours_without_seasonal_adjustment_have_the_median_without_theta() -> None:
    assert parts("lstm+smoothing", Smoothing(0.2, repeated=(24, 168)), UNADJUSTED) == {
        "network (LSTM)": 0.8,
        "median of network (LSTM), the last 24 steps and the last 168 steps": 0.2,
    }


def test_a_blend_has_the_parts_of_its_members_by_weight() -> None:
    weights = {"lstm+smoothing": 0.6, "theta": 0.3, "ets": 0.1}

    found = parts("blend", Smoothing(0.25), weights=weights)

    expected = {"network (LSTM)": 0.45, "exponential smoothing": 0.15, "theta": 0.3, "ets": 0.1}
    assert found == pytest.approx(expected)
    assert in_words(found) == "45 % network (LSTM), 30 % theta, 15 % exponential smoothing, 10 % ets"


def test_a_part_of_several_members_is_counted_once() -> None:
    found = parts("mean", Smoothing(0.5), weights={"lstm+smoothing": 0.5, "lstm": 0.5})

    assert found == pytest.approx({"network (LSTM)": 0.75, "exponential smoothing": 0.25})


def test_a_statistical_method_is_its_own_part() -> None:
    assert Description("theta", 2000).parts == {"theta": 1.0}
    assert in_words(Description("theta", 2000).parts) == "theta"
