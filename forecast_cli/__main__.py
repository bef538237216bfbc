"""The `forecast` program, also as `python -m forecast_cli`."""

from __future__ import annotations

import signal
from typing import NoReturn


def start() -> NoReturn:
    """Run the program. Until it has been imported, a signal ends it at once and without a word."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # otherwise it is ignored, as after nohup
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from forecast_cli.cli import main

    main()


if __name__ == "__main__":
    start()
