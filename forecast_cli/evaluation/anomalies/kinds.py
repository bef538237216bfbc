"""Classify an anomaly by the forecast errors at its first steps."""

from __future__ import annotations

import numpy as np

from forecast_cli.panel.arrays import Floats

SPIKE, LEVEL_SHIFT, VARIANCE, SHAPE = "spike", "level shift", "change of variance", "shape"

LARGE = 3.0
"""An error is large if its absolute value is more than this multiple of the mean absolute error of the steps before."""

MIN_SHARE, ONE_SIDE = 0.4, 0.85
"""Of the first steps of a level shift or a change of variance, at least MIN_SHARE have large errors. In a level
shift, at least ONE_SIDE of these errors are on the same side."""

SURPRISING = 0.01
"""If no p-value of the errors is below this, the kind is SHAPE."""


def kind_of(errors: Floats, p_error: Floats) -> str:
    """Return the kind of an anomaly: SPIKE, LEVEL_SHIFT, VARIANCE or SHAPE.

    errors:   (k,) `Judged.ahead` at k steps, from the first alarm on; NaN where missing
    p_error:  (k,) `Judged.p_error` at these steps
    """
    known = errors[~np.isnan(errors)]
    large = known[np.abs(known) > LARGE]
    if len(large) == 0 or not np.nanmin(np.r_[p_error, 1.0]) < SURPRISING:
        return SHAPE
    if len(large) < max(2, MIN_SHARE * len(known)):
        return SPIKE
    one_side = max((large > 0).mean(), (large < 0).mean())
    return LEVEL_SHIFT if one_side >= ONE_SIDE else VARIANCE
