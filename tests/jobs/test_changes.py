"""Changes in the data since the last run, and the reactions to them."""

from __future__ import annotations

import numpy as np
import pytest

from forecast_cli.errors import DataError
from forecast_cli.jobs.file.job import Policy
from forecast_cli.jobs.run.changes import Change, changes, judge
from forecast_cli.panel.panel import UNDATED, Panel

DAYS = np.arange("2024-01-01", "2024-02-10", dtype="datetime64[D]").astype("datetime64[ns]")


def panel(series: dict[str, list[float]], freq: str = "D") -> Panel:
    """Daily series from 2024-01-01 on."""
    lengths = [len(values) for values in series.values()]
    times = [np.arange(1, n + 1) if freq == UNDATED else DAYS[:n] for n in lengths]
    indptr = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return Panel(np.array(list(series)), freq, 7, indptr, np.concatenate(times), np.concatenate(list(series.values())))


TEN = [float(day) for day in range(10, 20)]


def test_new_points_at_the_end_are_no_change() -> None:
    assert changes(panel({"a": TEN}), panel({"a": [*TEN, 99.0]})) == []


def test_the_last_points_of_each_series_are_enough_to_compare() -> None:
    assert changes(panel({"a": TEN}).tail(3), panel({"a": [*TEN, 99.0]})) == []


def test_a_missing_value_that_arrives_later_is_not_restated() -> None:
    assert changes(panel({"a": [1.0, np.nan, 3.0]}), panel({"a": [1.0, 2.0, 3.0]})) == []


def test_restated_values_are_reported_with_number_date_and_size() -> None:
    restated = TEN.copy()
    restated[3], restated[7] = 13 * 1.1, 17 * 0.95
    (change,) = changes(panel({"a": TEN}), panel({"a": restated}))
    message = "2 of 10 known values have changed, from 2024-01-04 on, by up to 10%."
    assert change == Change("restated", message, since=DAYS[3])


def test_a_known_value_that_is_missing_now_counts_as_restated() -> None:
    (change,) = changes(panel({"a": TEN}), panel({"a": [*TEN[:4], np.nan, *TEN[5:]]}))
    assert (change.kind, "1 of them is missing now" in change.message) == ("restated", True)


def test_a_small_revision_of_all_values_is_a_warning() -> None:
    (change,) = changes(panel({"a": TEN}), panel({"a": [value * 1.01 for value in TEN]}))
    assert judge([change], Policy()) == [change.message]


@pytest.mark.parametrize(
    "other",
    [[value * 1000 for value in TEN], [np.nan] * 6 + TEN[6:], [9.0, *TEN[:9]]],
    ids=["another unit", "emptied", "a day late"],
)
def test_large_changes_of_most_values_are_a_failure(other: list[float]) -> None:
    found = changes(panel({"a": TEN}), panel({"a": other}))
    with pytest.raises(DataError, match="have changed"):
        judge(found, Policy())
    assert judge(found, Policy(restated="ignore")) == []


def test_a_lost_beginning_is_reported_and_a_moving_window_is_not() -> None:
    before = panel({"a": [float(day) for day in range(40)]})
    moved, rest = before.tail(38), before.tail(8)
    assert changes(before, moved) == []
    (change,) = changes(before, rest)
    assert change == Change("shrunk", "1 series has lost its beginning (a: 8 points, before 40).")
    assert changes(before.tail(8), moved, before.lengths) == []


def test_missing_series_are_a_warning_and_most_of_them_missing_a_failure() -> None:
    before = panel(dict.fromkeys("abcdef", TEN))
    (few,) = changes(before, panel(dict.fromkeys("abcde", TEN)))
    (most,) = changes(before, panel(dict.fromkeys("ab", TEN)))
    assert judge([few], Policy()) == ["1 series is gone: f."]
    with pytest.raises(DataError, match="4 series are gone: c, d, e and 1 more"):
        judge([most], Policy())


def test_a_series_that_ended_is_reported_once() -> None:
    long = [float(day) for day in range(40)]
    nights = [panel({"a": long[:20], "b": long[:end]}) for end in (26, 28, 30)]
    assert changes(nights[0], nights[0]) == []
    (change,) = changes(nights[0], nights[1])
    assert change.message == "1 series has ended (a: 2024-01-20, others 2024-01-28)."
    assert changes(nights[1], nights[2]) == []


def test_a_wrong_date_far_ahead_is_a_failure() -> None:
    (change,) = changes(panel({"a": TEN}), panel({"a": [*TEN, *[np.nan] * 20, 5.0]}))
    assert (change.kind, change.reaction(Policy())) == ("jump", "fail")
    assert "a: 20 of 21 new steps, up to 2024-01-31" in change.message


def test_missing_new_and_shrunk_series_are_named() -> None:
    before = panel({"a": TEN, "b": TEN, "c": TEN})
    found = changes(before, panel({"b": TEN[:6], "c": TEN, "d": TEN}))
    assert [change.message for change in found] == [
        "1 series is gone: a.",
        "1 series is new: d.",
        "1 series ends earlier than before (b: 2024-01-06, before 2024-01-10).",
    ]
    with pytest.raises(DataError, match="ends earlier") as refused:
        judge(found, Policy())
    assert refused.value.hint is not None
    assert "on-shrunk" in refused.value.hint
    assert judge(found, Policy(shrunk="ignore", series_new="ignore")) == ["1 series is gone: a."]


def test_undated_steps_are_compared_by_their_number() -> None:
    restated = [*TEN[:9], 0.5]
    (change,) = changes(panel({"a": TEN}, UNDATED), panel({"a": restated}, UNDATED))
    assert "from 10 on" in change.message


def test_another_frequency_or_only_other_series_are_refused() -> None:
    with pytest.raises(DataError, match="changed from D to h"):
        changes(panel({"a": TEN}), panel({"a": TEN}, "h"))
    with pytest.raises(DataError, match=r"All known series are gone \(a\); the data now have b\."):
        changes(panel({"a": TEN}), panel({"b": TEN}))
