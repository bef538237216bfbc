"""Check that there is memory before a library needs it that does not notice when it gets none."""

from __future__ import annotations

import contextlib

import numpy as np


def check_free(size: int) -> None:
    """Raise MemoryError if `size` bytes are not free in the address space that `ulimit -v` allows.

    Without such a limit nothing is checked: the system then grants more memory than it has.
    """
    with contextlib.suppress(ImportError):  # Windows has no such limits
        import resource

        if resource.getrlimit(resource.RLIMIT_AS)[0] != resource.RLIM_INFINITY:
            np.empty(size, dtype=np.uint8)
