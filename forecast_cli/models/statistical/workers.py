"""Work on many series in parallel, with one process for each core."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from itertools import chain
from typing import TypeVar

from forecast_cli.signals import sigint_blocked_in_children

Item = TypeVar("Item")
Result = TypeVar("Result")

log = logging.getLogger(__name__)

MIN_SECONDS_IN_PARALLEL = 5
"""Several cores are used if one would need more seconds than this. Starting their processes takes about 3 seconds."""

CHUNKS_PER_CORE = 8
"""The items are sent to the processes in chunks, this many for each core. With fewer, some cores would be idle at the
end; with more, sending takes longer."""


def spread(function: Callable[[Sequence[Item]], list[Result]], items: Sequence[Item]) -> list[Result]:
    """The result of `function(items)`, computed in several processes, one for each core.

    `function` must return one result for each item. The result must not depend on the other items. The processes are
    new ones, not forks, because a fork of a process with TensorFlow's threads can hang. They are kept for the next call
    and end with this process. If they cannot be started, or one is killed, this process does all the work. The
    environment variable LOKY_MAX_CPU_COUNT limits the number of cores.
    """
    from concurrent.futures.process import BrokenProcessPool

    from joblib import Parallel, cpu_count, delayed
    from joblib.externals.loky.backend import resource_tracker

    cores = cpu_count()
    if cores == 1 or len(items) == 1:
        return function(items)
    size = -(-len(items) // (CHUNKS_PER_CORE * cores))
    chunks = [items[at : at + size] for at in range(0, len(items), size)]
    try:
        resource_tracker.ensure_running()  # if joblib started it below, the processes would receive SIGINT again
        with sigint_blocked_in_children():
            parts = Parallel(n_jobs=cores, max_nbytes=None)(delayed(function)(chunk) for chunk in chunks)
    except (OSError, BrokenProcessPool) as error:
        log.info("Continuing in one process, because the worker processes failed: %s", str(error).partition("\n")[0])
        return function(items)
    return list(chain.from_iterable(parts))
