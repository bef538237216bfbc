"""The `forecast` program, also as `python -m forecast_cli`."""

from __future__ import annotations

import signal


def start() -> None:
    """Run the program, and end the process.

    While the modules of the program are imported, Ctrl-C ends the process at once, without a message. Before this
    function is called, Ctrl-C shows Python's own traceback. So this module imports as little as possible.
    """
    # A background command of a shell script ignores SIGINT: this stays so.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from forecast_cli.cli import main

    main()


if __name__ == "__main__":
    start()
