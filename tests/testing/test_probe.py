"""Rendezvous, gates, answers and threads held at their end, seen through real student processes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from grader.testing import fault
from grader.testing.outcomes import RuleBroken
from grader.testing.values import Opaque, Raised

if TYPE_CHECKING:
    from tests.conftest import Lab, Labs

TOGETHER = """
import threading

def run(work, count):
    threads = [threading.Thread(target=work, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

def one_by_one(work, count):
    for number in range(count):
        thread = threading.Thread(target=work, args=(number,))
        thread.start()
        thread.join()

def call(work, *args, **kwargs):
    return work(*args, **kwargs)
"""


@pytest.fixture
def program(lab: Labs) -> Lab:
    return lab(TOGETHER)


# --- rendezvous and gates ----------------------------------------------------------------------


def test_a_rendezvous_holds_until_all_have_come(program: Lab) -> None:
    work = program.gate("work")
    call = program.student.begin("run", work, 5)
    work.wait(5)
    assert sorted(arrival.args[0] for arrival in work.waiting) == [0, 1, 2, 3, 4]
    assert not call.done
    work.release()
    call.result()
    assert work.most_at_once == 5
    assert work.waiting == []


def test_a_rendezvous_that_fails_says_how_many_came(program: Lab) -> None:
    work = program.gate("work")
    program.student.begin("one_by_one", work, 3)
    with pytest.raises(RuleBroken, match=r"waited for 3 calls of `work`; only 1 came. Your program is stuck") as broken:
        work.wait(3)
    assert "`thread.join()` - waits for a thread to end (join)" in broken.value.reason


def test_a_rendezvous_to_which_nobody_comes_says_so(program: Lab) -> None:
    work = program.gate("work")
    program.student.begin("run", work, 0)
    with pytest.raises(RuleBroken, match=r"waited for 1 call of `work`; none came. But `run` had returned"):
        work.wait(1)


def test_a_rendezvous_with_a_call_that_raises_gives_the_exception(program: Lab) -> None:
    work = program.gate("work")
    program.student.begin("run", work, "three")
    with pytest.raises(RuleBroken, match=r"none came. But `run` raised TypeError: .* \(program.py line 5"):
        work.wait(1)


def test_waiting_at_once_differs_from_coming_in_all(program: Lab) -> None:
    work = program.gate("work")
    call = program.student.begin("one_by_one", work, 2)
    work.wait_waiting(1)
    work.release()
    work.wait(2)
    with pytest.raises(RuleBroken, match="2 calls of `work` under way at once; only 1 came"):
        work.wait_waiting(2)
    work.open()
    call.result()
    assert (len(work.calls), work.most_at_once) == (2, 1)


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 1, 0], [1, 2, 0]])
def test_calls_are_released_in_any_order(lab: Labs, order: list[int]) -> None:
    program = lab("""
        import threading

        def run(work, done):
            threads = [threading.Thread(target=lambda n=n: done(work(n))) for n in range(3)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
    """)
    work, done = program.gate("work", answer=lambda arrival: arrival.args[0]), program.probe("done")
    call = program.student.begin("run", work, done)
    work.wait(3)
    by_number = {arrival.args[0]: arrival for arrival in work.calls}
    for count, number in enumerate(order, 1):
        work.release(by_number[number])
        done.wait(count)
    call.result()
    assert [arrival.args[0] for arrival in done.calls] == order


def test_an_opened_gate_holds_nobody(program: Lab) -> None:
    work = program.gate("work")
    call = program.student.begin("one_by_one", work, 3)
    work.wait(1)
    work.open()
    call.result()
    assert len(work.calls) == 3


def test_a_held_call_says_so_until_it_is_released(program: Lab) -> None:
    work = program.gate("work")
    call = program.student.begin("call", work)
    work.wait(1)
    arrival = work.calls[0]
    assert arrival.held and not arrival.finished
    work.release(arrival)
    assert arrival.finished and not arrival.held
    call.result()


def test_a_call_that_is_not_held_cannot_be_released_again(program: Lab) -> None:
    work = program.gate("work")
    call = program.student.begin("call", work)
    work.wait(1)
    work.release(work.calls[0])
    with pytest.raises(ValueError, match="not held"):
        work.release(work.calls[0])
    call.result()


# --- answers -----------------------------------------------------------------------------------


def test_answers_are_given_as_the_probe_was_made(program: Lab) -> None:
    student = program.student
    assert student.call(program.probe("work")) is None
    assert student.call(program.probe("work", returns=(1, "two"))) == (1, "two")
    assert student.call(program.probe("work", answer=lambda arrival: sum(arrival.args)), 2, 3) == 5
    assert student.call(program.probe("work", answer=lambda arrival: arrival.kwargs), key=b"v") == {"key": b"v"}


def test_a_release_may_decide_what_comes_back(program: Lab) -> None:
    work = program.gate("work", returns=1)
    for decided, expected in ((None, None), (0, 0), ([], [])):
        call = program.student.begin("call", work)
        work.wait_waiting(1)
        work.release(returns=decided)
        assert call.result() == expected
    call = program.student.begin("call", work)
    work.wait_waiting(1)
    work.release(raises=fault(KeyError, "gone"))
    assert call.error().is_a(KeyError)


def test_the_very_exception_comes_back_as_such(program: Lab) -> None:
    boom, other = fault(ValueError, "boom"), fault(ValueError, "boom")
    raised = program.student.error("call", program.probe("work", raises=boom))
    assert raised.origin is boom and raised.origin is not other
    assert (raised.type_name, raised.message) == ("ValueError", "boom")
    assert raised.is_a(Exception) and not raised.is_a(KeyError)


def test_an_equal_exception_is_not_the_very_one(lab: Labs) -> None:
    program = lab("""
        def run(work):
            try:
                work()
            except ValueError as error:
                raise ValueError(str(error)) from error

        def caught(work):
            found = []
            for _ in range(2):
                try:
                    work()
                except ValueError as error:
                    found.append(error)
            return found
    """)
    boom = fault(ValueError, "boom")
    assert program.student.error("run", program.probe("work", raises=boom)).origin is None
    found = program.student.caught(program.probe("work", raises=boom))
    assert all(isinstance(error, Raised) and error.origin is boom for error in found) and len(found) == 2


@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt, StopIteration, OSError, GeneratorExit])
def test_any_exception_may_be_raised(program: Lab, kind: type[BaseException]) -> None:
    raised = program.student.error("call", program.probe("work", raises=fault(kind, "now")))
    assert raised.is_a(kind)


def test_arguments_that_the_answer_cannot_take_are_the_students_fault(program: Lab) -> None:
    double = program.probe("work", answer=lambda arrival: arrival.args[0] * 2)
    with pytest.raises(RuleBroken, match="`work` was called with arguments it cannot take: IndexError"):
        program.student.call(double)


def test_an_argument_that_does_not_travel_is_opaque(lab: Labs) -> None:
    program = lab("def run(work):\n    return work(object())\n")
    work = program.probe("work", returns=1)
    assert program.student.run(work) == 1
    assert isinstance(work.calls[0].args[0], Opaque)
    with pytest.raises(RuleBroken, match="a value of type `object`, which cannot be handed on"):
        program.student.run(program.probe("echo", answer=lambda arrival: arrival.args[0]))


def test_a_value_that_cannot_be_sent_is_the_authors_fault(program: Lab) -> None:
    with pytest.raises(Exception, match="cannot be sent") as raised:
        program.student.call(program.gate("work"), object())
    assert not isinstance(raised.value, RuleBroken)


# --- threads -----------------------------------------------------------------------------------


def test_each_thread_is_told_apart_and_the_callers_are_known(program: Lab) -> None:
    work = program.gate("work")
    call = program.student.begin("run", work, 3)
    work.wait(3)
    assert len({arrival.thread for arrival in work.calls}) == 3
    assert not any(arrival.is_caller for arrival in work.calls)
    work.open()
    call.result()
    program.student.call(work)
    assert work.calls[-1].is_caller and work.calls[-1].thread == call.thread


def test_calls_of_several_probes_come_in_one_order(lab: Labs) -> None:
    program = lab("def run(a, b):\n    a(1); b(2); a(3)\n")
    first, second = program.probe("a"), program.probe("b")
    program.student.run(first, second)
    assert sorted((*first.calls, *second.calls), key=lambda arrival: arrival.ask) == [
        first.calls[0],
        second.calls[0],
        first.calls[1],
    ]


WAYS = {
    "plain threads": """
        import threading

        def run(work, count, join):
            threads = [threading.Thread(target=work) for _ in range(count)]
            for thread in threads:
                thread.start()
            for thread in threads if join else []:
                thread.join()
    """,
    "a subclass of Thread": """
        from threading import Thread

        class Worker(Thread):
            def __init__(self, work):
                super().__init__()
                self.work = work

            def run(self):
                self.work()

        def run(work, count, join):
            threads = [Worker(work) for _ in range(count)]
            for thread in threads:
                thread.start()
            for thread in threads if join else []:
                thread.join()
    """,
    "a pool": """
        from concurrent.futures import ThreadPoolExecutor, wait

        def run(work, count, join):
            pool = ThreadPoolExecutor(count)
            futures = [pool.submit(work) for _ in range(count)]
            wait(futures)
            pool.shutdown(wait=join)
    """,
    "polling is_alive": """
        import threading, time

        def run(work, count, join):
            threads = [threading.Thread(target=work) for _ in range(count)]
            for thread in threads:
                thread.start()
            while join and any(thread.is_alive() for thread in threads):
                time.sleep(0.001)
    """,
}


@pytest.mark.parametrize("source", WAYS.values(), ids=[name.replace(" ", "-") for name in WAYS])
def test_a_thread_held_at_its_end_holds_whoever_joins_it(lab: Labs, source: str) -> None:
    program = lab(source)
    work = program.gate("work", exit_held=True)
    call = program.student.begin("run", work, 3, True)
    work.wait(3)
    work.open()
    work.wait_exiting(3)
    program.student.settle()
    assert not call.done
    work.release_exit(work.exiting[0])
    program.student.settle()
    assert not call.done and len(work.exiting) == 2
    work.release_exits()
    call.result()
    program.student.wait_threads(0)


@pytest.mark.parametrize("source", WAYS.values(), ids=[name.replace(" ", "-") for name in WAYS])
def test_a_thread_held_at_its_end_shows_who_does_not_join(lab: Labs, source: str) -> None:
    program = lab(source)
    work = program.gate("work", exit_held=True)
    call = program.student.begin("run", work, 2, False)
    work.wait(2)
    work.open()
    work.wait_exiting(2)
    call.result()
    assert len(work.exiting) == 2


def test_a_thread_that_calls_several_probes_is_held_for_each(lab: Labs) -> None:
    program = lab("""
        import threading

        def run(a, b):
            thread = threading.Thread(target=lambda: (a(1), a(2), b(3)))
            thread.start()
            thread.join()
    """)
    first, second = program.probe("a", exit_held=True), program.probe("b", exit_held=True)
    call = program.student.begin("run", first, second)
    first.wait_exiting(1)
    second.wait_exiting(1)
    assert first.exiting == [first.calls[0]] and second.exiting == [second.calls[0]]
    first.release_exits()
    program.student.settle()
    assert not call.done
    second.release_exits()
    call.result()


def test_the_callers_own_thread_is_not_held(program: Lab) -> None:
    work = program.probe("work", exit_held=True)
    program.student.call(work)
    program.student.settle()
    assert work.exiting == []


def test_ends_that_never_come_are_told(program: Lab) -> None:
    work = program.gate("work", exit_held=True)
    program.student.begin("run", work, 1)
    work.wait(1)
    with pytest.raises(RuleBroken, match="1 thread that called `work` to come to the end; none did"):
        work.wait_exiting(1)


def test_an_end_that_is_not_held_cannot_be_released(program: Lab) -> None:
    work = program.gate("work", exit_held=True)
    call = program.student.begin("run", work, 1)
    work.wait(1)
    with pytest.raises(ValueError, match="not held at its end"):
        work.release_exit(work.calls[0])
    work.open()
    work.release_exits()
    call.result()


def test_calls_without_end_are_stopped(lab: Labs) -> None:
    program = lab("def run(work):\n    while True:\n        work()\n")
    with pytest.raises(RuleBroken, match="without end"):
        program.student.run(program.probe("work"))
