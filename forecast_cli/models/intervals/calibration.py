"""Prediction intervals around the forecasts of any model, from errors at earlier origins (conformal prediction).

Each error is divided by the square root of the series' size (sizes.py) at its origin. The half width of an interval is
the product of these factors:

- a quantile of the absolute errors: that of the series, combined with that of the whole panel (quantiles.py)
- the square root of the size of the series at the origin of the forecast
- the factor of the step ahead, and that of the place in the season: how much larger errors are there than on average
- the inflation: a correction that is measured at earlier cutoffs (inflation.py)
- if the model estimates its errors (`Forecast.spread`): the factor of this spread, above 1 where the spread is larger
  than usual (expected.py). Past errors of the model are divided by this factor before their quantiles are computed

Vovk, Gammerman and Shafer, Algorithmic Learning in a Random World, 2005; for forecasts at several steps: Stankeviciute,
Alaa and van der Schaar, NeurIPS 2021; with an expected spread: Romano, Patterson and Candes, NeurIPS 2019.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from forecast_cli.features.features import season_phase
from forecast_cli.features.windows import WindowShape
from forecast_cli.forecasting import Forecaster
from forecast_cli.models.intervals.errors import (
    MODEL_WEIGHT,
    model_errors,
    past_offsets,
    smoothing_errors,
)
from forecast_cli.models.intervals.expected import usual_spread, width_factors
from forecast_cli.models.intervals.inflation import CHECKED_LEVELS, DEFAULT_INFLATION, inflation
from forecast_cli.models.intervals.quantiles import ErrorDistribution
from forecast_cli.models.intervals.sizes import sizes_at
from forecast_cli.panel.arrays import Floats, Ints, mean_size
from forecast_cli.panel.panel import Panel, row_by_id

MIN_ERRORS = 10
"""With fewer known errors in the whole panel there are no intervals."""


@dataclass(frozen=True)
class Calibration:
    """The errors from which intervals are computed: of n series, at k earlier origins, for h steps after each origin.

    The first origins have errors of the model. The other origins have errors of exponential smoothing, multiplied by
    one number that makes them as large as the model's.

    ids:            (n,) the ids of the series
    scaled:         (k, n, h) forecast minus actual value, divided by the square root of the recent size (sizes.py) at
                    the origin, and for the model by the factor of its expected spread; NaN where unknown
    weight:         (k,) the weight of the errors at each origin: MODEL_WEIGHT for the model, 1 for smoothing
    offsets:        (k, n) the number of points after each origin; 0 where a series has no such origin
    phase:          (n,) the place in the season of the last point, 0 to season_length - 1
    season_length:  in steps
    size:           (n,) the mean absolute value of each whole series, above 0
    inflation:      (levels,) the factor on the width of an interval, for each of CHECKED_LEVELS
    usual:          (n, h) the usual spread of the model: `Forecast.spread` divided by the square root of the recent
                    size, as the geometric mean over the model's origins; None if its forecasts have no spread
    """

    ids: NDArray[np.object_]
    scaled: Floats
    weight: Floats
    offsets: Ints
    phase: Ints
    season_length: int
    size: Floats
    inflation: Floats
    usual: Floats | None = None

    @property
    def horizon(self) -> int:
        """The number of steps for which errors are known. Later intervals widen with the square root of the step."""
        return int(self.scaled.shape[2])

    @cached_property
    def spread(self) -> ErrorDistribution:
        return ErrorDistribution.of(np.abs(self.scaled), self.weight, self._phases(), self.season_length)

    @property
    def own_origins(self) -> int:
        """The number of origins of the model's own errors."""
        return int((self.weight == MODEL_WEIGHT).sum())

    @property
    def smoothing_origins(self) -> int:
        """At how many earlier origins the errors are those of exponential smoothing, and not of the model."""
        return len(self.weight) - self.own_origins

    def half_widths(self, panel: Panel, horizon: int, shares: Floats, spread: Floats | None = None) -> Floats:
        """(m, horizon, levels) the half width of the interval of each level at each step, in units of the values.

        panel:   the m series, up to the origin of the forecast
        shares:  (levels,) the levels of the intervals, ascending, between 0 and 1
        spread:  (m, horizon) the spread that the model expects at each step, `Forecast.spread`; None if it has none
        """
        rows, known = self._rows(panel)
        factors = self.spread.factors(self._phases_after(panel, horizon), rows)
        factors = factors * self._expected(panel, rows, known, horizon, spread)
        wide = self._at(rows, known, panel, self.spread.half_widths(shares))
        return np.asarray(wide[:, None, :] * factors[:, :, None] * self._inflation(shares))

    def half_widths_of_sums(
        self, panel: Panel, groups: Sequence[Ints], horizon: int, shares: Floats, spread: Floats | None = None
    ) -> Floats:
        """(m, groups, levels) the half width of the interval of the sum of the values in each group of steps.

        It is computed from the sums of the past errors in the group. If the group has a step after `self.horizon`, or
        too few of these sums are known, the half widths of its steps are added. The result is then wide enough even if
        the errors of all steps are fully correlated.

        groups:                 the steps of each group, as indices 0 to horizon - 1
        panel, shares, spread:  as in `half_widths`
        """
        rows, known = self._rows(panel)
        each = self.half_widths(panel, horizon, shares, spread)
        expected = self._expected(panel, rows, known, horizon, spread)
        found = []
        for steps in groups:
            if steps.max() >= self.horizon:
                found.append(each[:, steps].sum(axis=1))
                continue
            sums = np.abs(self.scaled[:, :, steps].sum(axis=2, keepdims=True))
            if np.isfinite(sums).sum() < MIN_ERRORS:
                found.append(each[:, steps].sum(axis=1))
                continue
            of_sums = ErrorDistribution.of(sums, self.weight, np.zeros(sums.shape, dtype=np.int64), 1)
            wide = self._at(rows, known, panel, of_sums.half_widths(shares)) * self._inflation(shares)
            wide = wide * expected[:, steps].mean(axis=1, keepdims=True)
            found.append(np.where(np.isfinite(wide), wide, each[:, steps].sum(axis=1)))
        return np.stack(found, axis=1)

    def _rows(self, panel: Panel) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        """Find the m series of a panel in `ids`.

        Returns two arrays (m,): the index of each series in `ids`, or 0 if it is not there; and whether errors of this
        series are known.
        """
        row_of = row_by_id(self.ids)
        rows = np.array([row_of.get(name, -1) for name in panel.ids.tolist()], dtype=np.intp)
        has_errors = np.asarray(np.isfinite(self.scaled).any(axis=(0, 2)))
        return np.maximum(rows, 0), (rows >= 0) & has_errors[rows]

    def _at(self, rows: NDArray[np.intp], known: NDArray[np.bool_], panel: Panel, wide: Floats) -> Floats:
        """(m, levels) the half widths for the m series of a panel, in units of their values.

        A series without known errors gets the median half width of the series in `ids`, in proportion to its size.

        rows, known:  as `_rows` returns them
        wide:         (n, levels) the half widths of the series in `ids`, divided by the square root of the recent size
        """
        usual = np.nanmedian(wide / np.sqrt(self.size)[:, None], axis=0)
        unknown = np.sqrt(_usual_sizes(panel))[:, None] * usual
        now = np.sqrt(sizes_at(panel, np.zeros(len(panel), dtype=np.int64)))[:, None]
        return np.asarray(np.where(known[:, None], wide[rows], unknown) * now)

    def _expected(
        self, panel: Panel, rows: NDArray[np.intp], known: NDArray[np.bool_], horizon: int, spread: Floats | None
    ) -> Floats:
        """(m, horizon) the factors on widths: above 1 where the model expects a larger spread than usual.

        The factor is 1 for a series without known errors, and for all series if the model expects no spread. After step
        `self.horizon`, the usual spread is assumed to grow with the square root of the step.

        rows, known:  as `_rows` returns them
        spread:       (m, horizon) as in `half_widths`
        """
        if self.usual is None or spread is None:
            return np.ones((len(panel), horizon))
        steps = np.arange(1, horizon + 1)
        growth = np.sqrt(np.maximum(steps / self.horizon, 1))
        size = np.sqrt(sizes_at(panel, np.zeros(len(panel), dtype=np.int64)))[:, None]
        usual = self.usual[rows][:, np.minimum(steps, self.horizon) - 1] * growth * size
        return np.where(known[:, None], width_factors(spread, usual), 1.0)

    def _inflation(self, shares: Floats) -> Floats:
        return np.interp(shares, CHECKED_LEVELS, self.inflation)

    def _phases(self) -> Ints:
        steps = np.arange(1, self.horizon + 1)
        return (self.phase[:, None] - self.offsets[:, :, None] + steps) % self.season_length

    def _phases_after(self, panel: Panel, horizon: int) -> Ints:
        last = season_phase(panel)[panel.indptr[1:] - 1]
        return (last[:, None] + np.arange(1, horizon + 1)) % self.season_length


def calibrate(forecaster: Forecaster, panel: Panel, horizon: int, origins: int = 24) -> Calibration | None:
    """The errors of a forecaster and of exponential smoothing at earlier origins of a panel, with the inflation.

    Returns None if fewer than MIN_ERRORS errors are known.

    forecaster: was fitted to the panel without its last steps; it may have been updated since
    horizon:    the number of steps ahead for which errors are computed
    origins:    about how many earlier origins the forecaster forecasts from
    """
    shape = WindowShape(panel.season_length, horizon, 1, deseasonalise=True, long_seasons=panel.long_seasons)
    own = model_errors(forecaster, panel, horizon, origins)
    offsets = past_offsets(panel, horizon)
    past = smoothing_errors(panel, horizon, shape, offsets)
    same = smoothing_errors(panel, horizon, shape, own.offsets)
    past_scaled = past.scaled * _ratio(own.scaled, same.scaled)
    usual = usual_spread(own.spread)
    relative = own.scaled if usual is None else own.scaled / width_factors(own.spread, usual)
    scaled = np.concatenate([relative, past_scaled])
    if np.isfinite(scaled).sum() < MIN_ERRORS:
        return None
    calibration = Calibration(
        ids=panel.ids,
        scaled=scaled,
        weight=np.repeat([MODEL_WEIGHT, 1.0], [len(own.scaled), len(past_scaled)]),
        offsets=np.concatenate([own.offsets, past.offsets]),
        phase=season_phase(panel)[panel.indptr[1:] - 1],
        season_length=panel.season_length,
        size=_usual_sizes(panel),
        inflation=DEFAULT_INFLATION,
        usual=usual,
    )
    phases = calibration._phases()[len(own.scaled) :]
    return replace(calibration, inflation=inflation(past, phases, panel.season_length))


def _ratio(own: Floats, same: Floats) -> float:
    """The model's mean absolute error, divided by that of smoothing at the same origins and steps; 1 if unknown.

    All series have the same weight. The ratio is limited to 0.05 to 20.

    own:   (k, n, h) the scaled errors of the model
    same:  (k, n, h) the scaled errors of smoothing
    """
    both = np.isfinite(own) & np.isfinite(same)
    if not both.any():
        return 1.0
    means = [np.where(both, np.abs(each), 0.0).sum(axis=(0, 2)) for each in (own, same)]
    usual = sum(means)
    usable = usual > 0
    if not usable.any() or not (means[1][usable] > 0).any():
        return 1.0
    ratio = (means[0][usable] / usual[usable]).sum() / (means[1][usable] / usual[usable]).sum()
    return float(np.clip(ratio, 0.05, 20.0))


def _usual_sizes(panel: Panel) -> Floats:
    size = mean_size(panel)
    return np.where(size > 0, size, 1.0)
