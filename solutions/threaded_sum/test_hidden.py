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
def sums_on(world):
    """Plays sums, one after the other, on a machine of `cores` cores that exists in virtual time only.

    A sum is its values, its `n_threads`, and how many units of time a chunk takes: one a value, if nothing else is
    said. Gives the units that each sum took, from the first begin of a chunk to the last end.
    """

    def play(cores: int, *sums: tuple[Any, ...]) -> list[int]:
        probes = [world.probe("sum_chunk", how="sum", takes=takes[0] if takes else "each") for _, _, *takes in sums]
        calls = [world.call("threaded_sum", *sums[i][:2], probe) for i, probe in enumerate(probes)]
        ran = world.speedup(cores=cores)
        took = []
        for (values, *_), call, probe in zip(sums, calls, probes, strict=True):
            assert ran[call] == sum(values), f"with work that takes time, on {cores} cores, the sum was wrong"
            spans = [(chunk.began, chunk.ended) for chunk in ran.calls(probe)]
            assert spans and all(end is not None for _, end in spans), "a chunk was never summed to its end"
            # A program that looks now and then whether it may go on is late by a few thousandths of a unit.
            took.append(round(max(end for _, end in spans) - min(begin for begin, _ in spans)))
        return took

    return play


def check_chunks(ran: Any, sum_chunk: Any, values: list[int], count: int) -> None:
    """What holds of each sum of a run in the world: every chunk summed once, by a thread of its own."""
    calls = ran.calls(sum_chunk)
    given = sorted(call.args[0] for call in calls if len(call.args) == 1 and isinstance(call.args[0], list))
    assert len(calls) == count, f"there were {count} chunks, and sum_chunk was called {len(calls)} times"
    assert list(chain.from_iterable(given)) == values, "a chunk was left out, and another one was summed twice"
    threads = {call.thread for call in calls}
    assert len(threads) == count, f"{count} chunks were summed in {len(threads)} threads"
    assert 0 not in threads, "a chunk was summed in the caller's thread"


def check_joined(ran: Any, call: Any) -> None:
    """Of the only call of a run: its threads are over when it is."""
    left = ran.left_behind(call)
    assert left == 0, f"the call was over, and {left} of the threads that it had started were not"


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


@rule("joined-before-return", "sum-of-chunk-sums")
def test_chunk_of_a_minute_is_waited_for(world):
    sum_chunk = world.probe("sum_chunk", returns=1, takes=[([0], 60)])
    call = world.call("threaded_sum", [0, 1], 2, sum_chunk)
    ran = world.speedup()
    assert ran[call] == 2, "a chunk took a minute, and its sum is missing from the result"
    check_joined(ran, call)


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
    student.settle()  # that some chunks are still to come is another test's affair
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


# --- speed-up, in virtual time -----------------------------------------------------------------


@rule("all-started-first", "lengths-differ-by-one")
def test_four_times_as_fast_on_4_cores(sums_on):
    (took,) = sums_on(4, (list(range(64)), 4))
    assert took == 16, f"64 values with 4 threads on 4 cores took {took} units of time, one a value"


@rule("all-started-first", "lengths-differ-by-one")
def test_eight_times_as_fast_on_8_cores(sums_on):
    (took,) = sums_on(8, (list(range(64)), 8))
    assert took == 8, f"64 values with 8 threads on 8 cores took {took} units of time, one a value"


@rule("lengths-differ-by-one", "all-started-first")
def test_left_over_values_are_shared_out(sums_on):
    uneven = [(list(range(7)), 2), (list(range(11)), 4), (list(range(23)), 8)]
    for (values, n_threads), took in zip(uneven, sums_on(8, *uneven), strict=True):
        assert took == -(-len(values) // n_threads), (
            f"{len(values)} values with {n_threads} threads, a core for each, took {took} units of time, one a value:"
            " the longest chunk is longer than it need be, or the chunks ran one after the other"
        )


@rule("all-started-first")
def test_dear_chunk_takes_no_longer_than_alone(sums_on):
    dear = [([0, 1, 2, 3], 4, [([n], 10 if n == dear else 4) for n in range(4)]) for dear in range(4)]
    assert sums_on(4, *dear) == [10] * 4, "one chunk took longer than the others, and some waited for it"


@rule("all-started-first")
def test_more_threads_than_cores_keep_all_cores_busy(sums_on):
    by_two, by_eight, uneven = sums_on(2, (list(range(64)), 2), (list(range(64)), 8), (list(range(7)), 2))
    assert by_two == 32, f"64 values with 2 threads on 2 cores took {by_two} units of time, one a value"
    assert by_eight == 32, f"64 values with 8 threads on 2 cores took {by_eight} units of time, one a value"
    assert uneven == 4, f"7 values with 2 threads on 2 cores took {uneven} units of time, one a value"


@rule("all-started-first", "number-of-chunks")
def test_each_value_has_a_core(sums_on):
    (took,) = sums_on(8, ([1, 2, 3], 8))
    assert took == 1, f"3 values with 8 threads on 8 cores took {took} units of time, one a value"


# --- races: the same call, under many schedules -----------------------------------------------------


@rule("sum-of-chunk-sums", "once-a-chunk", "own-new-thread", "joined-before-return")
def test_no_sum_is_lost_when_two_threads_race(world):
    sum_chunk = world.probe("sum_chunk", how="sum")
    call = world.call("threaded_sum", [1, 2, 4], 2, sum_chunk)

    @world.every_schedule(schedules=80)
    def check(ran):
        assert ran[call] == 7, "two chunks were summed, and the result is not the sum of the two sums"
        check_chunks(ran, sum_chunk, [1, 2, 4], 2)
        check_joined(ran, call)


@rule("sum-of-chunk-sums", "once-a-chunk", "own-new-thread", "joined-before-return")
def test_no_sum_is_lost_when_three_threads_race(world):
    sum_chunk = world.probe("sum_chunk", returns=5)
    call = world.call("threaded_sum", [1, 2, 3], 3, sum_chunk)

    @world.every_schedule(schedules=400)
    def check(ran):
        assert ran[call] == 15, "three chunks with equal sums, and the result is not the sum of the three sums"
        check_chunks(ran, sum_chunk, [1, 2, 3], 3)
        check_joined(ran, call)


@rule("raises-what-was-raised", "joined-before-raise", "once-a-chunk")
def test_exception_is_passed_on_when_a_sum_races_with_it(world):
    boom = fault(ValueError, "of one chunk")
    sum_chunk = world.probe("sum_chunk", how="sum", answers=[([1], boom)])
    call = world.call("threaded_sum", [1, 2], 2, sum_chunk)

    @world.every_schedule(schedules=60)
    def check(ran):
        assert ran.error(call).origin is boom, "one of two chunks failed, and the call raised something else"
        check_chunks(ran, sum_chunk, [1, 2], 2)
        check_joined(ran, call)


@rule("earliest-chunk-wins", "joined-before-raise", "once-a-chunk")
def test_earliest_chunk_wins_when_exceptions_race(world):
    early, late = fault(ValueError, "of one chunk"), fault(ValueError, "of a later chunk")
    sum_chunk = world.probe("sum_chunk", how="sum", answers=[([2], early), ([3], late)])
    call = world.call("threaded_sum", [1, 2, 3], 3, sum_chunk)

    @world.every_schedule(schedules=300)
    def check(ran):
        assert ran.error(call).origin is early, "two of three chunks failed, and the call raised another exception"
        check_chunks(ran, sum_chunk, [1, 2, 3], 3)
        check_joined(ran, call)


@rule("no-module-state", "sum-of-chunk-sums", "once-a-chunk")
def test_two_calls_that_race_keep_their_sums_apart(world):
    ones, tens = world.probe("sum_chunk", how="sum"), world.probe("sum_chunk", how="sum")
    with world.thread():
        one = world.call("threaded_sum", [1, 2], 2, ones)
    two = world.call("threaded_sum", [10], 1, tens)

    @world.every_schedule(schedules=100)
    def check(ran):
        assert ran[one] == 3, "there were two calls at the same time, and one of them gave a wrong sum"
        assert ran[two] == 10, "there were two calls at the same time, and one of them gave a wrong sum"
        check_chunks(ran, ones, [1, 2], 2)
        check_chunks(ran, tens, [10], 1)


@rule("no-module-state", "raises-what-was-raised", "once-a-chunk")
def test_two_calls_that_race_keep_their_exceptions_apart(world):
    boom = fault(ValueError, "of one call only")
    fails, tens = world.probe("sum_chunk", returns=boom), world.probe("sum_chunk", how="sum")
    with world.thread():
        one = world.call("threaded_sum", [1], 1, fails)
    two = world.call("threaded_sum", [10], 1, tens)

    @world.every_schedule(schedules=60)
    def check(ran):
        assert ran[two] == 10, "a call gave a wrong sum while another one, which failed, was under way"
        assert ran.error(one).origin is boom, "of two calls at the same time one failed, and raised something else"
        check_chunks(ran, fails, [1], 1)
        check_chunks(ran, tens, [10], 1)
