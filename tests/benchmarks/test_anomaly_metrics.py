"""The metrics of anomaly detection, worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from affiliation import affiliation
from nab import FALSE_POSITIVE, Labelled, nab_score, score_of_alarms
from vus import range_auc_pr, vus_pr

LENGTH, WINDOWS = 100, [(40, 49), (80, 89)]


def scores_at(*points: int) -> np.ndarray:
    scores = np.zeros(LENGTH)
    scores[list(points)] = 1.0
    return scores


def sigmoid(position: float) -> float:
    return float(2 / (1 + np.exp(5 * position)) - 1)


# --- NAB


def test_the_first_point_of_each_window_gives_100() -> None:
    assert nab_score([Labelled(scores_at(40, 80), WINDOWS)])[0] == pytest.approx(100)


def test_no_alarm_and_alarms_everywhere_give_0() -> None:
    assert nab_score([Labelled(np.zeros(LENGTH), [(40, 49)]), Labelled(np.zeros(10_000), [])])[0] == 0


def test_a_late_alarm_gives_less() -> None:
    # The last point of a window of 10: y = -1 / 10. The window is found (+1), and its points are added.
    late = sigmoid(-0.1) / sigmoid(-1.0)

    score, threshold = nab_score([Labelled(scores_at(49, 80), WINDOWS)])

    assert threshold == 1.0
    assert score == pytest.approx(100 * (1 + late + 2) / 4)


def test_only_the_earliest_alarm_of_a_window_counts() -> None:
    assert nab_score([Labelled(scores_at(40, 45, 49, 80), WINDOWS)])[0] == pytest.approx(100)


def test_false_alarms_cost_by_their_distance_from_the_last_window() -> None:
    before = FALSE_POSITIVE
    just_after = FALSE_POSITIVE * -sigmoid(1 / 9)  # one step after a window of 10
    far_after = FALSE_POSITIVE  # 27 steps or more after it: y = 3

    score, _ = nab_score([Labelled(scores_at(20, 40, 50, 77, 80), WINDOWS)])

    assert score == pytest.approx(100 * (4 - before - just_after - far_after) / 4)


def test_alarms_in_the_first_15_percent_do_not_count() -> None:
    assert nab_score([Labelled(scores_at(0, 14, 40, 80), WINDOWS)])[0] == pytest.approx(100)


@pytest.mark.parametrize("points", [(40, 80), (49, 80), (20, 40, 50, 77, 80), (0, 14, 40, 45, 80)])
def test_alarms_have_the_score_of_their_threshold(points: tuple[int, ...]) -> None:
    file = Labelled(scores_at(*points), WINDOWS)

    assert score_of_alarms([file, file]) == pytest.approx(nab_score([file])[0])


def test_false_alarms_alone_have_a_negative_score() -> None:
    assert score_of_alarms([Labelled(scores_at(20, 30), WINDOWS)]) == pytest.approx(100 * -2 * FALSE_POSITIVE / 4)


def test_one_threshold_holds_for_all_files() -> None:
    quiet = Labelled(0.5 * scores_at(40, 80), WINDOWS)
    loud = Labelled(np.where(np.arange(LENGTH) >= 15, 0.8, 0.0), [])  # 85 false alarms at the threshold 0.5

    assert nab_score([quiet])[0] == pytest.approx(100)
    assert nab_score([quiet, loud])[0] == 0


def test_scores_that_are_missing_are_the_lowest() -> None:
    scores = scores_at(40, 80)
    scores[20:30] = np.nan

    assert nab_score([Labelled(scores, WINDOWS)])[0] == pytest.approx(100)


# --- VUS-PR


def test_perfect_scores_have_a_volume_of_nearly_1() -> None:
    labels = np.zeros(LENGTH)
    labels[40:50] = labels[80:90] = 1.0

    assert range_auc_pr(labels, WINDOWS, 0) == pytest.approx(1)


def test_random_scores_have_about_the_share_of_anomalous_points() -> None:
    chance = np.random.default_rng(0)

    assert vus_pr(chance.random(10_000), [(2000, 2999)], 20) == pytest.approx(0.1, abs=0.03)


def test_the_area_is_that_of_the_curve() -> None:
    # Points in order of score: 4 (anomalous), 0 (normal), 5 (anomalous), then all others at once.
    scores = np.array([0.8, 0, 0, 0, 0.9, 0.7, 0, 0, 0, 0])

    # recall 1/2 at precision 1, 1/2 at 1/2, 1 at 2/3, 1 at 2/10
    assert range_auc_pr(scores, [(4, 5)], 0) == pytest.approx(0.5 * 1 + 0.5 * 2 / 3)


def test_a_range_that_is_not_found_lowers_recall() -> None:
    # All of the first range, nothing of the second: recall 1/2 by points, times 1/2 by ranges. Then all points at once.
    scores = np.array([0, 1.0, 0, 0, 0, 0, 0, 0, 0, 0])

    assert range_auc_pr(scores, [(1, 1), (8, 8)], 0) == pytest.approx(0.25 * 1 + 0.75 * 2 / 10)


def test_a_near_miss_counts_in_part_with_a_buffer() -> None:
    near, far = (np.eye(100)[point] for point in (38, 5))

    assert range_auc_pr(near, [(40, 49)], 0) == pytest.approx(range_auc_pr(far, [(40, 49)], 0))
    assert vus_pr(near, [(40, 49)], 20) > vus_pr(far, [(40, 49)], 20)


# --- affiliation


def test_alarms_on_the_ranges_have_precision_and_recall_1() -> None:
    alarms = np.zeros(LENGTH, dtype=bool)
    alarms[40:50] = alarms[80:90] = True

    assert affiliation(alarms, WINDOWS) == (1.0, 1.0)


def test_precision_is_the_probability_that_chance_is_further_away() -> None:
    # One range from 40 to 50 in 0..100. The alarm in 30..31 has the middle 30.5, 9.5 before the range. A random time is
    # further away before 30.5 and after 59.5: 30.5 + 40.5 of 100.
    precision, recall = affiliation(scores_at(30) > 0, [(40, 49)])

    assert precision == pytest.approx(0.71)
    # Of the middle k + 0.5 of point k = 40..49, the alarm is k + 0.5 - 31 away. Further are 31 before, and what remains
    # after twice that distance.
    assert recall == pytest.approx(np.mean([(31 + max(100 - (2 * (k + 0.5) - 31), 0)) / 100 for k in range(40, 50)]))


def test_a_zone_without_alarm_has_recall_0_and_no_precision() -> None:
    precision, recall = affiliation(scores_at(*range(40, 50)) > 0, WINDOWS)

    assert (precision, recall) == (1.0, 0.5)


def test_without_alarms_both_are_0() -> None:
    assert affiliation(np.zeros(LENGTH, dtype=bool), WINDOWS) == (0.0, 0.0)
