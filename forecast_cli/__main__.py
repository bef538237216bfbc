"""The `forecast` program, also as `python -m forecast_cli`."""

from __future__ import annotations

import signal


def start() -> None:
    """Run the program, and end the process. Until it has been imported, a signal ends it at once and without a word.

    Before this function is called, Ctrl-C shows Python's own traceback. So this module imports as little as possible.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # otherwise it is ignored, as after nohup
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from forecast_cli.cli import main

    main()


if __name__ == "__main__":
    start()
