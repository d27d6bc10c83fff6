"""The hidden tests of `threaded_sum`. Only the message of an `assert` is shown to a student."""

from __future__ import annotations

from itertools import chain
from typing import Any

import pytest

from grader.testing import fault, rule, sequences

PAIRS = [(1, 1), (1, 4), (3, 7), (5, 4), (7, 4), (10, 4), (11, 4), (10, 6), (13, 5), (17, 8)]
"""Numbers of values and of threads that uncover every usual mistake in dividing one by the other."""


def items(arrival: Any) -> list[int]:
    """The chunk that one call of `sum_chunk` was given; empty if it was given anything else."""
    chunk = arrival.args[0] if len(arrival.args) == 1 and not arrival.kwargs else None
    if not isinstance(chunk, (list, tuple, range)) or len(chunk) > 1000:
        return []
    return [item for item in chunk if type(item) is int]


def chunks_of(sum_chunk: Any) -> list[list[int]]:
    """What all calls were given, put in the order of the values (which rise in every test)."""
    return sorted(items(call) for call in sum_chunk.calls)


def joined(sum_chunk: Any) -> list[int]:
    """The values of all chunks, one chunk behind the other."""
    return list(chain.from_iterable(chunks_of(sum_chunk)))


def first_held(sum_chunk: Any, *order: int) -> Any:
    """Of the calls that are held now, the one whose chunk, a single value, comes first in `order`."""
    held = [call for value in order for call in sum_chunk.waiting if items(call) == [value]]
    assert held, "with as many threads as values, a value did not get a chunk of its own"
    return held[0]


def by_value(sums: list[Any]) -> Any:
    """An answer of a probe: for the chunk of just the value `n`, the item `n` of `sums`."""
    return lambda call: {(n,): total for n, total in enumerate(sums)}.get(tuple(items(call)), 1)


def only(value: int, boom: Any) -> Any:
    """An answer of a probe: the chunk that begins with `value` fails, every other gives 1."""
    return lambda call: boom if items(call)[:1] == [value] else 1


@pytest.fixture
def stepwise(student):
    """Ends a call whose probe is held, one step at a time: all that can start has started first.

    So no thread can be free for a second chunk by chance, and the outcome is the same every time.
    """

    def run(call: Any, sum_chunk: Any, steps: int) -> Any:
        for _ in range(steps):
            student.settle()
            sum_chunk.release()
        return call.result()

    return run


@pytest.fixture
def speedup(student, probe, schedule):
    """The speed-up, in virtual time, of a sum with `n_threads` on `cores` cores."""

    def measure(length: int, n_threads: int, cores: int, cost: Any = None) -> Any:
        sum_chunk = probe("sum_chunk", returns=1, held=True)
        call = student.begin("threaded_sum", list(range(length)), n_threads, sum_chunk)
        cost = cost or (lambda arrival: len(items(arrival)))
        run = schedule(call, sum_chunk, cost=cost, cores=cores)
        call.result()
        assert run.work > 0, "sum_chunk was never called with a chunk"
        return run

    return measure


# --- what is returned --------------------------------------------------------------------------


@rule("sum-of-chunk-sums")
def test_chunk_sums_are_added_and_not_the_values(student, probe):
    for kind, sums in (("integers", [-5, 0, 2**70]), ("floats", [0.5, -0.25, 0.0]), ("equal sums", [7, 7, 7])):
        sum_chunk = probe("sum_chunk", answer=by_value(sums))
        result = student.threaded_sum(values=[0, 1, 2], n_threads=3, sum_chunk=sum_chunk)
        assert result == sum(sums), f"sum_chunk returned {kind}, and the result is not their sum"


@rule("empty-is-zero")
def test_no_thread_is_started_for_an_empty_sequence(student, probe):
    sum_chunk = probe("sum_chunk", returns=1)
    empties = [[], (), range(0), sequences.array("q", []), sequences.vector([])]
    for empty in empties:
        result = student.threaded_sum(empty, 3, sum_chunk)
        assert result == 0, "the sum of an empty sequence is wrong"
    assert not sum_chunk.calls, "sum_chunk was called for an empty sequence"
    assert student.threads_started == 0, "a thread was started for an empty sequence"


# --- the chunks --------------------------------------------------------------------------------


@rule("number-of-chunks", "once-a-chunk")
def test_there_are_as_many_chunks_as_threads_or_values(student, probe):
    for length, n_threads in PAIRS:
        sum_chunk = probe("sum_chunk", returns=0)
        student.threaded_sum(list(range(length)), n_threads, sum_chunk)
        count = len(sum_chunk.calls)
        assert all(chunks_of(sum_chunk)), "sum_chunk was called with something other than a chunk"
        assert count == min(length, n_threads), (
            f"sum_chunk was called {count} times for {length} values and n_threads={n_threads}"
        )


@rule("contiguous-in-order", "once-a-chunk")
def test_chunks_joined_together_are_the_values(student, probe):
    for length, n_threads in PAIRS:
        sum_chunk = probe("sum_chunk", returns=1)
        student.threaded_sum(list(range(length)), n_threads, sum_chunk)
        assert joined(sum_chunk) == list(range(length)), (
            f"the chunks, one behind the other, are not the {length} values (n_threads={n_threads}):"
            " something is lost, doubled or moved"
        )


@rule("lengths-differ-by-one")
def test_chunk_lengths_differ_by_at_most_one(student, probe):
    for length, n_threads in PAIRS:
        sum_chunk = probe("sum_chunk", returns=1)
        student.threaded_sum(list(range(length)), n_threads, sum_chunk)
        lengths = [len(chunk) for chunk in chunks_of(sum_chunk)]
        assert lengths, "sum_chunk was never called"
        assert max(lengths) - min(lengths) <= 1, f"{length} values were divided among {n_threads} threads as {lengths}"


@rule("values-are-a-sequence")
def test_only_len_and_slicing_are_asked_of_the_values(student, probe):
    sum_chunk = probe("sum_chunk", returns=1)
    assert student.threaded_sum(sequences.strict(list(range(10))), 4, sum_chunk) == 4, (
        "a sequence with len() and slicing, and nothing else, gave a wrong sum"
    )
    assert joined(sum_chunk) == list(range(10)), "the chunks of a sequence with len() and slicing were not its slices"


@rule("values-are-a-sequence", "contiguous-in-order")
def test_chunks_of_an_array_are_arrays(student, probe):
    sum_chunk = probe("sum_chunk", returns=1)
    student.threaded_sum(sequences.array("q", list(range(10))), 4, sum_chunk)
    given = [call.args[0] if call.args else None for call in sum_chunk.calls]
    assert all(getattr(chunk, "type_name", None) == "array" for chunk in given), (
        "a chunk of an array was not a slice of the array, which would be an array"
    )
    assert joined(sum_chunk) == list(range(10)), "the chunks of an array are wrong"


@rule("values-are-a-sequence")
def test_values_may_be_like_a_numpy_array(student, probe):
    sum_chunk = probe("sum_chunk", returns=1)
    result = student.threaded_sum(sequences.vector(list(range(10))), 4, sum_chunk)
    assert result == 4, "a one-dimensional array like NumPy's gave a wrong sum"
    assert joined(sum_chunk) == list(range(10)), "the chunks of an array like NumPy's are wrong"


@rule("values-are-a-sequence", "contiguous-in-order")
def test_huge_range_is_never_copied(student, probe):
    huge = range(2**62 + 3)
    sum_chunk = probe("sum_chunk", returns=1)
    assert student.threaded_sum(huge, 7, sum_chunk) == 7, "a very long range gave a wrong sum"
    given = [call.args[0] if call.args else None for call in sum_chunk.calls]
    assert given, "sum_chunk was never called for a very long range"
    assert all(isinstance(chunk, range) for chunk in given), (
        "a chunk of a range was not a slice of the range, which would be a range"
    )
    bounds = sorted((chunk.start, chunk.stop) for chunk in given)
    edges = [edge for pair in bounds for edge in pair]
    assert edges[0] == 0 and edges[-1] == len(huge) and edges[1:-1:2] == edges[2:-1:2], (
        "the chunks of a very long range are not the range"
    )


@rule("values-not-changed")
def test_values_are_left_as_they_were(student, probe):
    before = [5, 3, 4, 1, 2]
    values = student.keep(before)
    student.threaded_sum(values, 3, probe("sum_chunk", returns=1))
    assert values.value() == before, "the values were not the same after the call as before"
    student.error("threaded_sum", values, 2, probe("sum_chunk", raises=fault(ValueError, "no")))
    assert values.value() == before, "the values were changed by a call that raised"


# --- the threads -------------------------------------------------------------------------------


@rule("never-in-the-caller", "own-new-thread")
def test_one_thread_is_a_thread_too(student, probe):
    for values in ([1, 2, 3], [1]):
        sum_chunk = probe("sum_chunk", returns=1)
        assert student.threaded_sum(values, 1, sum_chunk) == 1, "the sum of one chunk is wrong"
        assert len(sum_chunk.calls) == 1, "one thread was asked for, and not one chunk summed"
        assert not sum_chunk.calls[0].is_caller, "a single chunk was summed in the caller's thread"


@rule("never-in-the-caller", "once-a-chunk")
def test_no_chunk_is_summed_in_the_callers_thread(student, probe):
    sum_chunk = probe("sum_chunk", returns=1)
    student.threaded_sum(list(range(10)), 4, sum_chunk)
    in_caller = sum(call.is_caller for call in sum_chunk.calls)
    assert not in_caller, f"{in_caller} of {len(sum_chunk.calls)} chunks ran in the caller's thread"
    assert sum_chunk.calls, "sum_chunk was never called"


@rule("own-new-thread")
def test_no_thread_sums_two_chunks(student):
    # A probe is slow to answer, so a pool has no idle thread yet when the next chunk comes. The builtin sum is quick.
    assert student.threaded_sum(list(range(40)), 40) == 780, "with many threads, the sum is wrong"
    started = student.threads_started
    assert started >= 40, f"{started} threads were started for 40 chunks, so some of them summed several"


@rule("own-new-thread")
def test_second_call_has_new_threads(student, probe, stepwise):
    sum_chunk = probe("sum_chunk", returns=1, held=True)
    for _ in range(2):
        stepwise(student.begin("threaded_sum", [1, 2, 3], 3, sum_chunk), sum_chunk, 3)
    threads = {call.thread for call in sum_chunk.calls}
    assert len(sum_chunk.calls) == 6, "two calls with the same arguments, and a chunk is missing"
    assert len(threads) == 6, f"6 chunks of two calls were summed in {len(threads)} threads"


@rule("no-thread-outlives")
def test_no_thread_is_left_over(student, probe):
    call = student.begin("threaded_sum", [1, 2, 3], 3, probe("sum_chunk", returns=1))
    call.result()
    assert call.left_behind == 0, "the call returned, and a thread that it had started was still there"
    call = student.begin("threaded_sum", [1, 2, 3], 3, probe("sum_chunk", raises=fault(ValueError, "no")))
    call.error()
    assert call.left_behind == 0, "the call raised, and a thread that it had started was still there"
    student.wait_threads(0)


@rule("all-started-first")
def test_forty_threads_start_before_any_is_waited_for(student, probe):
    sum_chunk = probe("sum_chunk", returns=1, held=True)
    call = student.begin("threaded_sum", list(range(90)), 40, sum_chunk)
    sum_chunk.wait(40)
    sum_chunk.open()
    assert call.result() == 40, "with many threads, the result is not the sum of the chunk sums"


@rule("joined-before-return", "sum-of-chunk-sums")
def test_call_waits_for_its_slowest_chunk(student, probe):
    for slow in range(3):
        sum_chunk = probe("sum_chunk", returns=1, held=True)
        call = student.begin("threaded_sum", [0, 1, 2], 3, sum_chunk)
        sum_chunk.wait(1)
        for _ in range(3):
            student.settle()
            for arrival in sum_chunk.waiting:
                if items(arrival) != [slow]:
                    sum_chunk.release(arrival)
        student.settle()
        assert not call.done, "the call was over while a chunk was still being summed"
        sum_chunk.open()
        assert call.result() == 3, "the last chunk to be summed is missing from the result"


def let_all_end_but(student: Any, sum_chunk: Any, last: int) -> None:
    """Lets the threads end as far as they come, all but the one that summed the chunk of `last`."""
    sum_chunk.wait(1)
    for _ in range(3):  # a program may end its threads one after the other
        student.settle()
        stays = {call.thread for call in sum_chunk.calls if items(call) == [last]}
        for arrival in list(sum_chunk.exiting):
            if arrival.thread not in stays:
                sum_chunk.release_exit(arrival)
    student.settle()


@rule("joined-before-return")
def test_each_thread_is_joined_before_the_call_returns(student, probe):
    for last in range(3):
        sum_chunk = probe("sum_chunk", returns=1, exit_held=True)
        call = student.begin("threaded_sum", [0, 1, 2], 3, sum_chunk)
        let_all_end_but(student, sum_chunk, last)
        assert not call.done, "the call returned before all its threads were over"
        for _ in range(3):
            sum_chunk.release_exits()
            student.settle()
        assert call.result() == 3, "the threads took long to end, and the sum is wrong"


@rule("joined-before-raise", "raises-what-was-raised")
def test_each_thread_is_joined_before_the_call_raises(student, probe):
    for failing, last in ((0, 2), (2, 0), (1, 1)):
        boom = fault(RuntimeError, "one chunk cannot be summed")
        sum_chunk = probe("sum_chunk", answer=only(failing, boom), exit_held=True)
        call = student.begin("threaded_sum", [0, 1, 2], 3, sum_chunk)
        let_all_end_but(student, sum_chunk, last)
        assert not call.done, "the call raised before all its threads were over"
        for _ in range(3):
            sum_chunk.release_exits()
            student.settle()
        assert call.error().origin is boom, "the call did not raise what sum_chunk had raised"


# --- exceptions --------------------------------------------------------------------------------


@rule("raises-what-was-raised", "joined-before-raise")
def test_failure_waits_for_the_other_chunks(student, probe):
    boom = fault(RuntimeError, "this chunk cannot be summed")
    sum_chunk = probe("sum_chunk", returns=1, held=True)
    call = student.begin("threaded_sum", [0, 1, 2], 3, sum_chunk)
    sum_chunk.wait(1)
    student.settle()
    sum_chunk.release(first_held(sum_chunk, 0, 1, 2), raises=boom)
    student.settle()
    assert not call.done, "a chunk failed, and the call was over before the others were summed"
    sum_chunk.open()
    assert call.error().origin is boom, "the call did not raise what sum_chunk had raised"


@rule("earliest-chunk-wins")
def test_earliest_chunks_exception_is_raised(student, probe):
    for order in ((1, 3, 0, 2), (3, 1, 0, 2)):
        faults = {1: fault(ValueError, "of one chunk"), 3: fault(ValueError, "of another chunk")}
        sum_chunk = probe("sum_chunk", returns=1, held=True)
        call = student.begin("threaded_sum", [0, 1, 2, 3], 4, sum_chunk)
        sum_chunk.wait(1)
        for _ in order:
            student.settle()
            if call.done:
                break
            held = first_held(sum_chunk, *order)
            sum_chunk.release(held, raises=faults.get(items(held)[0]))
        sum_chunk.open()
        assert call.error().origin is faults[1], (
            "two chunks failed, and the call did not raise the exception of the earlier one of them"
        )


@rule("once-a-chunk", "raises-what-was-raised")
def test_failing_chunk_is_not_tried_again(student, probe):
    boom = fault(ValueError, "no sum today")
    sum_chunk = probe("sum_chunk", answer=only(0, boom))
    error = student.error("threaded_sum", list(range(8)), 4, sum_chunk)
    assert joined(sum_chunk) == list(range(8)), "a chunk failed, and not every chunk was summed exactly once"
    assert error.origin is boom, "the call did not raise what sum_chunk had raised"


@rule("raises-what-was-raised")
def test_even_an_exit_in_a_chunk_is_passed_on(student, probe):
    for kind in (SystemExit, KeyboardInterrupt):
        leave = fault(kind, "enough")
        sum_chunk = probe("sum_chunk", answer=only(1, leave))
        error = student.error("threaded_sum", [0, 1, 2], 3, sum_chunk)
        assert error.origin is leave, f"sum_chunk raised {kind.__name__}, and the call did not raise it"


# --- bad arguments -----------------------------------------------------------------------------


@rule("n-threads-is-an-int")
def test_bool_is_no_number_of_threads(student, probe):
    error = student.error("threaded_sum", [1, 2, 3], True, probe("sum_chunk", returns=1))
    assert error.is_a(TypeError), f"a bool as n_threads raised {error.type_name}"


@rule("bad-arguments-first", "n-threads-is-an-int", "n-threads-at-least-one")
def test_bad_arguments_start_no_thread(student, probe):
    sum_chunk = probe("sum_chunk", returns=1)
    for bad in (2.0, 2.5, "2", None, [2]):
        error = student.error("threaded_sum", [1, 2, 3], bad, sum_chunk)
        assert error.is_a(TypeError), f"an n_threads that is not an int raised {error.type_name}: {error.message}"
    for bad in (0, -1, -(2**70)):
        error = student.error("threaded_sum", [1, 2, 3], bad, sum_chunk)
        assert error.is_a(ValueError), f"an n_threads below 1 raised {error.type_name}"
    for arguments in ((5, 2, sum_chunk), (None, 2, sum_chunk), ([1, 2, 3], 2, 5)):
        error = student.error("threaded_sum", *arguments)
        assert error.is_a(TypeError) or error.is_a(ValueError), (
            f"values without a length, or a sum_chunk that is no function, raised {error.type_name}"
        )
    assert student.threads_started == 0, "a thread was started although an argument was bad"
    assert not sum_chunk.calls, "sum_chunk was called although an argument was bad"


@rule("n-threads-at-least-one", "n-threads-is-an-int", "bad-arguments-first")
def test_bad_n_threads_is_refused_without_values_too(student):
    error = student.error("threaded_sum", [], 0)
    assert error.is_a(ValueError), f"no values and an n_threads below 1: raised {error.type_name}"
    error = student.error("threaded_sum", [], "2")
    assert error.is_a(TypeError), f"no values and an n_threads that is no int: {error.type_name}"


# --- two calls ---------------------------------------------------------------------------------


@rule("no-module-state")
def test_two_calls_at_once_keep_apart(student, probe):
    one = probe("sum_chunk", returns=1, held=True)
    ten = probe("sum_chunk", returns=10, held=True)
    first = student.begin("threaded_sum", [0, 1], 2, one)
    one.wait(1)
    student.settle()
    second = student.begin("threaded_sum", [0, 1], 2, ten)
    ten.wait(1)
    student.settle()
    one.release(first_held(one, 0, 1))
    student.settle()
    ten.open()
    assert second.result() == 20, "of two calls at the same time, the second gave a wrong sum"
    one.open()
    assert first.result() == 2, "of two calls at the same time, the first gave a wrong sum"


@rule("no-module-state")
def test_calls_keep_their_exceptions_apart(student, probe):
    boom = fault(ValueError, "of the first call only")
    sum_chunk = probe("sum_chunk", returns=1, held=True)
    first = student.begin("threaded_sum", [0, 1], 2, sum_chunk)
    sum_chunk.wait(1)
    student.settle()
    sum_chunk.release(first_held(sum_chunk, 0, 1), raises=boom)
    student.settle()
    result = student.threaded_sum([0, 1], 2, probe("sum_chunk", returns=10))
    assert result == 20, "a call gave a wrong sum while another, which failed, was under way"
    sum_chunk.open()
    assert first.error().origin is boom, "the call that failed did not raise what sum_chunk raised"
    result = student.threaded_sum([0, 1], 2, probe("sum_chunk", returns=10))
    assert result == 20, "a call after one that failed gave a wrong sum"


# --- speed-up ----------------------------------------------------------------------------------


@rule("all-started-first", "lengths-differ-by-one")
def test_four_times_as_fast_on_4_cores(speedup):
    run = speedup(64, n_threads=4, cores=4)
    assert run.speedup >= 4, f"on 4 cores the sum was {run.speedup:.2f} times as fast as on one"


@rule("all-started-first", "lengths-differ-by-one")
def test_eight_times_as_fast_on_8_cores(speedup):
    run = speedup(64, n_threads=8, cores=8)
    assert run.speedup >= 8, f"on 8 cores the sum was {run.speedup:.2f} times as fast as on one"


@rule("lengths-differ-by-one", "all-started-first")
def test_left_over_values_are_shared_out(speedup):
    for length, cores in ((7, 2), (11, 4), (23, 8)):
        run = speedup(length, n_threads=cores, cores=cores)
        assert run.makespan <= -(-length // cores), (
            f"{length} values on {cores} cores took {run.makespan} ticks, one tick a value:"
            " the longest chunk is longer than it need be, or the chunks ran one after the other"
        )


@rule("all-started-first")
def test_dear_chunk_takes_no_longer_than_alone(speedup):
    for dear in range(4):
        cost = by_value([10 if value == dear else 4 for value in range(4)])
        run = speedup(4, n_threads=4, cores=4, cost=cost)
        assert run.makespan <= 10, "one chunk took longer than the others, and some waited for it"


@rule("all-started-first")
def test_more_threads_than_cores_keep_all_cores_busy(speedup):
    for cores in (2, 4):
        run = speedup(64, n_threads=8, cores=cores)
        assert run.speedup >= cores, f"8 threads on {cores} cores were {run.speedup:.2f} times as fast as on one"


@rule("all-started-first", "number-of-chunks")
def test_each_value_has_a_core(speedup):
    run = speedup(3, n_threads=8, cores=8)
    assert run.speedup >= 3, f"3 values on 8 cores were {run.speedup:.2f} times as fast as on one"
