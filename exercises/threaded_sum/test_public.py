"""What a call of `threaded_sum` has to do. There are hidden tests for the rest of the contract.

The tests hand your function a `probe` as `sum_chunk`: it tells the test of every call, with its
argument and its thread, and it can be held, so that a call of it takes as long as the test likes.
"""

from __future__ import annotations

from itertools import chain
from typing import Any

from grader.testing import fault, rule


def items(arrival: Any) -> list[int]:
    """The chunk that one call of `sum_chunk` was given, as a list of integers."""
    chunk = arrival.args[0] if len(arrival.args) == 1 else None
    if not isinstance(chunk, (list, tuple, range)) or len(chunk) > 1000:
        return []
    return [item for item in chunk if type(item) is int]


@rule("sum-of-chunk-sums", "values-are-a-sequence")
def test_returns_the_sum(student):
    for values, n_threads in (([3, 1, 4, 1, 5, 9, 2, 6], 3), ((2, 7, 1, 8), 2), (range(1, 101), 4)):
        result = student.threaded_sum(values, n_threads)
        assert result == sum(values), f"the sum of {values} with {n_threads} threads was {result!r}"


@rule("empty-is-zero")
def test_empty_sequence_gives_zero(student, probe):
    sum_chunk = probe("sum_chunk", returns=1)
    result = student.threaded_sum([], 4, sum_chunk)
    assert result == 0, f"the sum of no values was {result!r}"
    assert not sum_chunk.calls, "an empty sequence has no chunks"


@rule("contiguous-in-order", "lengths-differ-by-one", "number-of-chunks", "once-a-chunk")
def test_chunks_are_contiguous_and_of_nearly_equal_length(student, probe):
    sum_chunk = probe("sum_chunk", returns=1)
    student.threaded_sum(list(range(10)), 4, sum_chunk)
    chunks = sorted(items(call) for call in sum_chunk.calls)
    assert list(chain.from_iterable(chunks)) == list(range(10)), f"the chunks were {chunks}"
    assert sorted(map(len, chunks)) == [2, 2, 3, 3], f"the chunks were {chunks}"


@rule("own-new-thread", "never-in-the-caller")
def test_each_chunk_has_a_thread_of_its_own(student, probe):
    sum_chunk = probe("sum_chunk", returns=1, held=True)
    call = student.begin("threaded_sum", [1, 2, 3], 3, sum_chunk)
    for _ in range(3):
        student.settle()  # until nothing moves any more ...
        sum_chunk.release()  # ... and only then do the held calls go on
    assert call.result() == 3, "the result is not the sum of the three chunk sums"
    assert not any(c.is_caller for c in sum_chunk.calls), "a chunk was summed by the caller"
    threads = {c.thread for c in sum_chunk.calls}
    assert len(threads) == 3, f"3 chunks were summed in {len(threads)} different threads"


@rule("all-started-first")
def test_all_threads_start_before_any_is_waited_for(student, probe):
    sum_chunk = probe("sum_chunk", returns=1, held=True)
    call = student.begin("threaded_sum", [1, 2, 3, 4], 4, sum_chunk)
    sum_chunk.wait(4)  # nobody gets past this point before all four are there
    sum_chunk.open()
    assert call.result() == 4, "the result is not the sum of the four chunk sums"


@rule("joined-before-return")
def test_threads_are_over_when_the_call_returns(student, probe):
    sum_chunk = probe("sum_chunk", returns=1, exit_held=True)  # the threads are held at their end
    call = student.begin("threaded_sum", [1, 2, 3], 3, sum_chunk)
    sum_chunk.wait_exiting(1)
    student.settle()
    assert not call.done, "the call returned while a thread that it had started was still there"
    for _ in range(3):
        sum_chunk.release_exits()
        student.settle()
    assert call.result() == 3, "the result is not the sum of the three chunk sums"


@rule("raises-what-was-raised")
def test_exception_reaches_the_caller(student, probe):
    boom = fault(ValueError, "boom")
    error = student.error("threaded_sum", [1, 2, 3], 2, probe("sum_chunk", raises=boom))
    assert error.origin is boom, f"the call raised {error.type_name}, but not what sum_chunk raised"


@rule("n-threads-at-least-one", "n-threads-is-an-int")
def test_bad_n_threads_is_refused(student):
    for bad, kind in ((0, ValueError), (-1, ValueError), (2.0, TypeError)):
        error = student.error("threaded_sum", [1, 2, 3], bad)
        assert error.is_a(kind), f"n_threads={bad} raised {error.type_name}, not {kind.__name__}"


@rule("all-started-first", "lengths-differ-by-one")
def test_twice_as_fast_on_2_cores(student, probe, schedule):
    sum_chunk = probe("sum_chunk", returns=1, held=True)
    call = student.begin("threaded_sum", list(range(100)), 2, sum_chunk)
    run = schedule(call, sum_chunk, cost=lambda arrival: len(items(arrival)), cores=2)
    call.result()
    assert run.speedup >= 2, f"{run.work} values took {run.makespan} ticks, one tick a value"
