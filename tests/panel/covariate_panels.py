"""Sample tables with covariates, and the covariates of a panel as lists."""

from __future__ import annotations

import numpy as np

from forecast_cli.panel.panel import Panel

SALES = """\
date,sales,price,promo
2024-01-01,10,1.5,none
2024-01-02,11,1.5,flyer
2024-01-03,12,2,none
2024-01-04,13,2,tv
2024-01-05,,3,
2024-01-06,,3.5,
2024-01-07,,4,
"""

STORES = """\
store,date,sales,price,region,open
n,2024-01-01,1,5,north,True
n,2024-01-02,2,5,north,True
n,2024-01-03,3,6,north,False
n,2024-01-04,,6,north,True
s,2024-01-02,7,9,south,True
s,2024-01-03,8,9,south,False
"""


def columns_of(panel: Panel) -> list[tuple[str, str]]:
    assert panel.covariates is not None
    return [(column.name, column.kind) for column in panel.covariates.columns]


def past_of(panel: Panel, place: int = 0) -> list[float | None]:
    assert panel.covariates is not None
    return as_list(panel.covariates.past[:, place])


def ahead_of(panel: Panel, row: int = 0, place: int = 0) -> list[float | None]:
    known = panel.covariates
    assert known is not None
    return as_list(known.ahead[known.start[row] : known.end[row], place])


def as_list(values: np.ndarray) -> list[float | None]:
    return [None if np.isnan(value) else float(value) for value in values]
