"""Work on many series, spread over the processor's cores."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures.process import BrokenProcessPool
from itertools import chain
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

log = logging.getLogger(__name__)

CHUNKS_PER_CORE = 8
"""So many that no core waits long for the others at the end, so few that passing them on costs nothing."""


def spread(function: Callable[[Sequence[Item]], list[Result]], items: Sequence[Item]) -> list[Result]:
    """`function(items)`, computed chunk by chunk in processes of their own, one a core.

    The processes begin afresh instead of as copies of this one, whose TensorFlow threads would not survive that; they
    are kept for the next call, and end with this one. Where they cannot be started, or one is killed, all the work is
    done here. LOKY_MAX_CPU_COUNT in the environment limits the cores.
    """
    from joblib import Parallel, cpu_count, delayed

    cores = cpu_count()
    if cores == 1 or len(items) == 1:
        return function(items)
    size = -(-len(items) // (CHUNKS_PER_CORE * cores))
    chunks = [items[at : at + size] for at in range(0, len(items), size)]
    try:
        parts = Parallel(n_jobs=cores, max_nbytes=None)(delayed(function)(chunk) for chunk in chunks)
    except (OSError, BrokenProcessPool) as error:
        log.info("Going on in one process, because others failed: %s", str(error).partition("\n")[0])
        return function(items)
    return list(chain.from_iterable(parts))
