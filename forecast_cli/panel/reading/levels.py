"""The level at which a change to the data is logged."""

from __future__ import annotations

import logging


def level_of_change(choice: str | None) -> int:
    """The logging level of a change: INFO if the user asked for it with an option, WARNING if it was made by default.

    choice: the value of the option; None if it was not given
    """
    return logging.WARNING if choice is None else logging.INFO
