"""What the program does at the moment, for those who wait for it."""

from __future__ import annotations

import logging

ACTIVITY = "activity"
"""The attribute of the log records of this module."""

log = logging.getLogger(__name__)


def doing(activity: str) -> None:
    """Log what begins now, such as "Reading sales.csv"; "" ends it without another.

    A terminal shows it until something else is shown. It is no message: without a terminal nobody sees it.
    """
    log.debug("%s", activity, extra={ACTIVITY: activity})
