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
"""The beginning of the name of the fork server's folder; the id of the process follows."""

MAX_SOCKET_FOLDER_BYTES = 45
"""The longest path of a folder for the fork server, in bytes. The path of its socket adds about 60 bytes; the system
allows about 100."""

AFTER_SOCKETS = -101
"""The priority of what multiprocessing does at the end of the program, after it has removed its sockets (-100)."""


@cache
def prepare() -> Any:
    """Start the fork server, and return the context of multiprocessing that uses it.

    If this is called early, the imports of the server and those of the caller take place at the same time.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(PRELOADED))
    disable_telemetry()  # no thread of ONNX Runtime: a process with threads must not fork
    _start_server()
    atexit.register(_end_server)
    return context


def _start_server() -> None:
    """Start the fork server. Its socket is in the temporary folder, or in /tmp if the path of this folder is long.

    The socket has a folder of its own. If the run is killed, the next one removes it.
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
