"""The level at which a change to the data is logged."""

from __future__ import annotations

import logging


def level_of_change(choice: str | None) -> int:
    """Information for a change that the user asked for with an option, a warning for one made by default.

    choice: the value of the option; None if it was not given
    """
    return logging.WARNING if choice is None else logging.INFO
