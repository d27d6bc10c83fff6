"""Sum a large sequence by giving each thread a chunk of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any


def threaded_sum(
    values: Sequence[Any],
    n_threads: int,
    sum_chunk: Callable[[Any], Any] = sum,
) -> Any:
    """Cuts `values` into chunks, sums each in a thread of its own and adds up the sums.

    The chunks are `min(n_threads, len(values))` contiguous slices, in order, none empty, whose
    lengths differ by at most one. All threads are started before any is waited for, so that the
    chunks are summed at the same time; all are joined before the call returns or raises.

    No thread that the call starts outlives it, `values` is not changed, and there is no
    module-level state: two calls may run at the same time in two threads.

    Args:
        values: a sequence with `len()` and slicing: list, tuple, range, array, 1-D NumPy array.
            Nothing else may be asked of it.
        n_threads: an `int` of at least 1.
        sum_chunk: called exactly once on each chunk, with the slice as its only argument, in that
            chunk's own new thread, never in the caller's thread.

    Returns:
        The sum of the chunk sums; 0 for an empty sequence, for which no thread is started.

    Raises:
        ValueError: `n_threads` is below 1.
        TypeError: `n_threads` is not an `int` (`bool` included), `values` has no length, or
            `sum_chunk` cannot be called. (`ValueError` will do for the last two.)
        BaseException: what `sum_chunk` raised, of whatever class: that very exception, after every
            thread has been joined. With several, the one of the earliest chunk.

    A bad argument raises before any thread is started, and for an empty sequence too.
    """
    raise NotImplementedError
