"""Check that enough memory is free before a call of a library that crashes when it gets none."""

from __future__ import annotations

import contextlib

import numpy as np


def check_free(size: int) -> None:
    """Raise MemoryError if the process cannot allocate `size` bytes more under its limit (`ulimit -v`).

    Without a limit nothing is checked, because the system then grants any request, even for more memory than it has.
    """
    with contextlib.suppress(ImportError):  # Windows has no such limits
        import resource

        if resource.getrlimit(resource.RLIMIT_AS)[0] != resource.RLIM_INFINITY:
            np.empty(size, dtype=np.uint8)  # raises MemoryError above the limit; the bytes are freed at once
