"""Plant anomalies in seasonal series and count which are found; count false alarms without them. Prints Markdown.

    python benchmarks/planted.py FILE [--series 60] [--alarm-rate 0.001] [--piece 1000]

FILE is read as by `forecast detect`; series are cut into pieces of at most `--piece` points. Pieces count whose
season explains at least half of the variance. In each, one anomaly of each kind is planted in turn at a random place
of its second half. Sizes are in usual changes: the mean absolute difference from the value one season before.

    spike       10 usual changes, at one point
    shift       8 usual changes, from one point on
    dropout     a quarter of a season falls below the minimum so far, by half of the range so far
    variance    noise of 6 usual changes, for one season
    shape       one season stays at its mean, or runs backwards

An anomaly is found if there is an alarm between its start and half a season after its end. False alarms are counted
in the series as they are, which may have anomalies of their own, and in clean ones: the season of each series, and
its remainders in blocks of a season, shuffled.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import numpy as np
from results import markdown

from forecast_cli.evaluation.anomalies.alarms import gap_of
from forecast_cli.evaluation.anomalies.detection import anomalies, judge
from forecast_cli.options import ReadConfig
from forecast_cli.panel.panel import Panel
from forecast_cli.panel.reading import read_panel

Values = np.ndarray
MIN_SEASONS, MIN_STRENGTH = 10, 0.5
SIZES = {"spike": 10.0, "shift": 8.0, "variance": 6.0}


def main() -> None:
    arguments = _arguments()
    panel = _pieces(read_panel(arguments.file, ReadConfig()), arguments.piece, arguments.series)
    season, rate = panel.season_length, arguments.alarm_rate
    print(f"{len(panel)} series of {panel.lengths.min()} to {panel.lengths.max()} points, season {season}.\n")
    table = [["planted", "found", "recall"]]
    shares = []
    for kind, plant in PLANTED.items():
        values, ranges = panel.values.copy(), []
        for row, (start, end) in enumerate(zip(panel.indptr[:-1], panel.indptr[1:], strict=True)):
            chance = np.random.default_rng([row, *kind.encode()])
            at = int(chance.integers((end - start) // 2, end - start - 2 * season))
            last = plant(values[start:end], at, season, chance)
            ranges.append((start + at, min(start + last + gap_of(season), end - 1)))
        p = _p_values(panel, values)
        found = [bool((p[first : last + 1] <= rate).any()) for first, last in ranges]
        shares.append(float(np.mean(found)))
        table.append([kind, f"{sum(found)} of {len(found)}", f"{shares[-1]:.2f}"])
    table.append(["all", "", f"{np.mean(shares):.3f}"])
    print(markdown(table) + "\n")
    table = [["without planted anomalies", "points", "asked for", "anomalies found", "ratio", "points with alarm"]]
    for name, values in (("clean", _clean(panel)), ("as they are", panel.values)):
        changed = _with(panel, values)
        judged = judge(changed, np.full(len(values), np.nan))
        points = int(np.isfinite(judged.p).sum())
        count, flagged = len(anomalies(changed, judged, rate)), int((judged.p <= rate).sum())
        asked = rate * points
        table.append([name, str(points), f"{asked:.0f}", str(count), f"{count / asked:.2f}", str(flagged)])
    print(markdown(table))


def _p_values(panel: Panel, values: Values) -> Values:
    return judge(_with(panel, values), np.full(len(values), np.nan)).p


def _with(panel: Panel, values: Values) -> Panel:
    return Panel(panel.ids, panel.freq, panel.season_length, panel.indptr, panel.times, values, panel.tz)


# --- anomalies


def usual_change(values: Values, season: int) -> float:
    return float(np.nanmean(np.abs(values[season:] - values[:-season]))) or 1.0


def _spike(values: Values, at: int, season: int, chance: np.random.Generator) -> int:
    values[at] += chance.choice([-1, 1]) * SIZES["spike"] * usual_change(values, season)
    return at


def _shift(values: Values, at: int, season: int, chance: np.random.Generator) -> int:
    values[at:] += chance.choice([-1, 1]) * SIZES["shift"] * usual_change(values, season)
    return at + season


def _dropout(values: Values, at: int, season: int, _chance: np.random.Generator) -> int:
    last = at + max(2, season // 4)
    values[at:last] = np.nanmin(values[:at]) - np.ptp(values[:at]) / 2
    return last


def _variance(values: Values, at: int, season: int, chance: np.random.Generator) -> int:
    values[at : at + season] += chance.normal(0, SIZES["variance"] * usual_change(values, season), season)
    return at + season


def _shape(values: Values, at: int, season: int, chance: np.random.Generator) -> int:
    usual = values[at : at + season].copy()
    values[at : at + season] = np.nanmean(usual) if chance.random() < 0.5 else usual[::-1]
    return at + season


PLANTED: dict[str, Callable[[Values, int, int, np.random.Generator], int]] = {
    "spike": _spike,
    "shift": _shift,
    "dropout": _dropout,
    "variance": _variance,
    "shape": _shape,
}
"""Each changes the values from the point `at` on, and returns the last point that it changed."""


# --- series


def _profile(values: Values, season: int) -> Values:
    """The mean of each phase of the season, at each point, around a running mean over a season."""
    padded = np.r_[values[: season // 2], values, values[-(season - season // 2) :]]
    level = np.convolve(padded, np.ones(season) / season)[season : season + len(values)]
    phase = np.arange(len(values)) % season
    means = np.array([np.nanmean((values - level)[phase == each]) for each in range(season)])
    return np.asarray(means[phase])


def _clean(panel: Panel) -> Values:
    """Series with the mean, the season and the remainders of each series, the latter in shuffled blocks of a season."""
    result, season = panel.values.copy(), panel.season_length
    for row, (start, end) in enumerate(zip(panel.indptr[:-1], panel.indptr[1:], strict=True)):
        values = panel.values[start:end]
        profile = _profile(values, season)
        blocks = -(-len(values) // season)
        level = np.array([np.nanmean(values[block * season : (block + 1) * season]) for block in range(blocks)])
        rest = values - profile - np.repeat(level, season)[: len(values)]
        whole = rest[: len(values) // season * season].reshape(-1, season)
        shuffled = whole[np.random.default_rng(row).integers(0, len(whole), blocks)].ravel()[: len(values)]
        result[start:end] = np.nanmean(values) + profile + shuffled
    return result


def _pieces(panel: Panel, piece: int, most: int) -> Panel:
    """At most `most` pieces of a panel with a season, evenly spaced."""
    season, starts = panel.season_length, []
    for start, end in zip(panel.indptr[:-1], panel.indptr[1:], strict=True):
        for first in range(int(start), int(end), piece):
            last = min(first + piece, int(end))
            values = panel.values[first:last]
            if last - first < MIN_SEASONS * season or np.isnan(values).any():
                continue
            if np.var(_profile(values, season)) >= MIN_STRENGTH * np.var(values):
                starts.append((first, last))
    if not starts:
        raise SystemExit(f"There is no series with a season and at least {MIN_SEASONS * season} points.")
    chosen = [starts[at] for at in np.unique(np.linspace(0, len(starts) - 1, most).round().astype(int))]
    points = np.concatenate([np.arange(first, last) for first, last in chosen])
    indptr = np.r_[0, np.cumsum([last - first for first, last in chosen])]
    ids = np.array([str(number) for number in range(len(chosen))])
    return Panel(ids, panel.freq, season, indptr, panel.times[points], panel.values[points], panel.tz)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file")
    parser.add_argument("--series", type=int, default=60, help="the largest number of series, or pieces of series")
    parser.add_argument("--alarm-rate", type=float, default=0.001)
    parser.add_argument("--piece", type=int, default=1000, help="the largest number of points in a series")
    return parser.parse_args()


if __name__ == "__main__":
    main()
