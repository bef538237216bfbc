"""Log what the program is doing at the moment. A terminal shows it to the user who waits."""

from __future__ import annotations

import logging

ACTIVITY = "activity"
"""The name of the attribute that marks the log records of this module."""

log = logging.getLogger(__name__)


def doing(activity: str) -> None:
    """Log an activity that begins now, such as "Reading sales.csv". "" ends the previous activity.

    A terminal shows the text until the next activity or message. Without a terminal, the text is not shown at all.
    """
    log.debug("%s", activity, extra={ACTIVITY: activity})
