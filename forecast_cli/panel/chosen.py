"""Choose the series that a command shows."""

from __future__ import annotations

from collections.abc import Sequence

from forecast_cli.errors import UsageError, did_you_mean


def chosen_ids(series: Sequence[str], ids: Sequence[str]) -> list[str]:
    """The ids of the series to show: those in `series`, without repetitions; all `ids` if `series` is empty.

    series:  the ids that the user named
    ids:     the ids of all series

    Raises UsageError for an element of `series` that is not in `ids`.
    """
    known = set(ids)
    for id_ in series:
        if id_ not in known:
            raise UsageError(f"{id_}: there is no such series.{did_you_mean(id_, ids)}", option="series")
    return list(dict.fromkeys(series or ids))
