"""Sum a large sequence by giving each thread a chunk of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from threading import Thread
from typing import Any


def threaded_sum(
    values: Sequence[Any],
    n_threads: int,
    sum_chunk: Callable[[Any], Any] = sum,
) -> Any:
    """Cuts `values` into chunks, sums each in a thread of its own and adds up the sums.

    Args:
        values: a sequence with `len()` and slicing; it is not changed.
        n_threads: an `int` of at least 1; no more threads are started than there are values.
        sum_chunk: called once on each chunk, in that chunk's own thread.

    Returns:
        The sum of the chunk sums; 0 for an empty sequence.

    Raises:
        TypeError: `n_threads` is not an `int`, or `sum_chunk` cannot be called.
        ValueError: `n_threads` is below 1.
        BaseException: what `sum_chunk` raised; with several, that of the earliest chunk.
    """
    # bool is a subclass of int, but True is no number of threads.
    if not isinstance(n_threads, int) or isinstance(n_threads, bool):
        raise TypeError(f"n_threads must be an int, not {type(n_threads).__name__}")
    if n_threads < 1:
        raise ValueError(f"n_threads must be at least 1, not {n_threads}")
    if not callable(sum_chunk):
        raise TypeError("sum_chunk must be callable")

    # Each thread writes to one slot of its own, so the lists need no lock, and a slot's number
    # tells which chunk is the earliest, whatever the order in which the threads end.
    chunks = list(_chunks(values, n_threads))
    sums: list[Any] = [0] * len(chunks)
    errors: list[BaseException | None] = [None] * len(chunks)

    def work(slot: int) -> None:
        # An exception does not leave its thread by itself: it has to be carried across.
        try:
            sums[slot] = sum_chunk(chunks[slot])
        except BaseException as error:
            errors[slot] = error

    threads = [Thread(target=work, args=(slot,)) for slot in range(len(chunks))]
    for thread in threads:  # two loops: start() and join() in one would run them one by one
        thread.start()
    for thread in threads:
        thread.join()

    for error in errors:
        if error is not None:
            raise error
    return sum(sums)


def _chunks(values: Sequence[Any], n_threads: int) -> Iterator[Any]:
    """Cuts `values` into contiguous slices in order, none empty, as equal in length as can be."""
    length = len(values)
    count = min(n_threads, length)
    # Neighbours share a bound, so nothing is lost and nothing is summed twice.
    for i in range(count):
        yield values[i * length // count : (i + 1) * length // count]
