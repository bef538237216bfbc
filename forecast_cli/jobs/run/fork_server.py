"""The fork server of multiprocessing: a process that has done the imports. The process of each job is a copy of it."""

from __future__ import annotations

import atexit
import multiprocessing
import os
import shutil
import signal
import tempfile
from functools import cache
from multiprocessing import forkserver
from multiprocessing.util import Finalize
from typing import Any

from forecast_cli.errors import OutputError
from forecast_cli.files import remove_stale_folders
from forecast_cli.signals import sigint_blocked_in_children
from forecast_cli.telemetry import disable_telemetry

PRELOADED = ("forecast_cli.cli", "forecast_cli.jobs.run.work", "pandas", "onnxruntime")
"""Modules that the fork server imports."""

SERVER_PREFIX = "forecast-fs-"
"""The beginning of the name of the folder with the fork server's socket; the id of the run's process follows."""

MAX_SOCKET_FOLDER_BYTES = 45
"""The longest path of the folder for temporary files, in bytes; if it is longer, /tmp is used. The path of the fork
server's socket is about 60 bytes longer, and the system allows about 100."""

AFTER_SOCKETS = -101
"""The exit priority (see multiprocessing.util.Finalize) with which the folder is removed. It is below that of the
sockets (-100), so multiprocessing removes the sockets first."""


@cache
def prepare() -> Any:
    """Start the fork server, and return the context of multiprocessing that uses it. A second call starts no other.

    If this is called early, the imports of the server and those of the caller take place at the same time.

    Raises OutputError if the server cannot be started.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(PRELOADED))
    disable_telemetry()  # no thread of ONNX Runtime: a process with threads must not fork
    _start_server()
    atexit.register(_end_server)
    return context


def _start_server() -> None:
    """Start the fork server. Its socket gets a new folder, which is removed when the program ends.

    This folder is in the folder for temporary files, or in /tmp if the path of that is too long. If the run is killed,
    the next run removes the new folder.

    Raises OutputError if the server cannot be started.
    """
    usual = tempfile.tempdir
    try:
        if len(os.fsencode(tempfile.gettempdir())) > MAX_SOCKET_FOLDER_BYTES:
            tempfile.tempdir = "/tmp"
        remove_stale_folders(SERVER_PREFIX)
        tempfile.tempdir = folder = tempfile.mkdtemp(prefix=f"{SERVER_PREFIX}{os.getpid()}-")
        Finalize(None, shutil.rmtree, (folder, True), exitpriority=AFTER_SOCKETS)
        with sigint_blocked_in_children():
            forkserver.ensure_running()
    except OSError as error:
        raise OutputError(
            f"The processes of the jobs cannot be started: {error}.",
            "Set the environment variable TMPDIR to a writable folder with a short path.",
        ) from error
    finally:
        tempfile.tempdir = usual


def _end_server() -> None:
    """Kill the fork server. If it were asked to end, it would finish its imports first."""
    server: Any = forkserver._forkserver  # the module has no function for this
    if server._forkserver_pid is not None:
        os.kill(server._forkserver_pid, signal.SIGKILL)
        server._stop()
