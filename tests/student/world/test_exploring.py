"""What comes out of exploring a program: each verdict, its message, and a schedule that shows it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from grader.student.world.exploring import FAULTS, explore, fault_of, record
from grader.student.world.search import Budget
from grader.student.world.strategies import named

if TYPE_CHECKING:
    from tests.student.world.conftest import Programs

VERDICTS = {
    "property": """
        import threading

        def scenario():
            n = [0]

            def add():
                n[0] += 1

            threads = [threading.Thread(target=add) for _ in range(2)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert n[0] == 2, "one was lost"
    """,
    "deadlock": """
        import threading

        def scenario():
            a, b = threading.Lock(), threading.Lock()

            def take(first, second):
                with first, second:
                    pass

            thread = threading.Thread(target=take, args=(b, a), name="Second")
            thread.start()
            take(a, b)
            thread.join()
    """,
    "livelock": """
        import threading

        def scenario():
            flag = threading.Event()
            while not flag.is_set():
                pass
    """,
    "left behind": """
        import queue, threading

        def scenario():
            threading.Thread(target=queue.Queue().get, name="Worker").start()
    """,
    "exception": """
        import queue, threading

        def scenario():
            items = queue.Queue()
            items.put(1)

            def take():
                if not items.empty():
                    items.get_nowait()

            thread = threading.Thread(target=take, name="Taker")
            thread.start()
            take()
            thread.join()
    """,
    "complete": """
        import threading

        def scenario():
            lock, n = threading.Lock(), [0]

            def add():
                with lock:
                    n[0] += 1

            thread = threading.Thread(target=add)
            thread.start()
            add()
            thread.join()
            assert n[0] == 2
    """,
    "inconclusive": "def scenario():\n    import subprocess\n    subprocess.run([])\n",
}
SAYS = {
    "property": "MainThread: AssertionError: one was lost",
    "deadlock": "MainThread waits in acquire of <Lock 2>; Second waits in acquire of <Lock 1>",
    "livelock": "MainThread goes on and on",
    "left behind": "Worker waits in get of <Queue ",
    "exception": "Empty",
    "complete": "",
    "inconclusive": "subprocess.run",
}


@pytest.mark.parametrize("kind", VERDICTS)
def test_each_verdict(programs: Programs, kind: str) -> None:
    found = programs.explore(VERDICTS[kind], 1_000)
    assert found.kind == kind and SAYS[kind] in found.message, found
    assert found.failed == (kind in FAULTS)
    assert found.schedules >= 1 and found.steps >= found.schedules


@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_is_seen_again_with_its_schedule(programs: Programs, kind: str) -> None:
    with programs.opened(VERDICTS[kind], {}) as (world, body, _):
        budget = Budget(500, 5_000, 300)
        found = explore(world, body, budget)
        for _ in range(2):
            again = world.run(body, named(found.schedule), budget.steps)
            assert fault_of(again) == (kind, found.message)
        only = explore(world, body, Budget(1, 5_000, 1), first=named(found.schedule))
        assert (only.kind, only.schedules) == (kind, 1)
        assert record(world, body, found.schedule, budget)


def test_exploring_is_the_same_each_time(programs: Programs) -> None:
    for kind in ("property", "deadlock", "exception", "complete"):
        assert programs.explore(VERDICTS[kind], 60) == programs.explore(VERDICTS[kind], 60)


def test_a_schedule_is_shrunk(programs: Programs) -> None:
    found = programs.explore(VERDICTS["property"], 500, bounded=1)
    assert found.kind == "property" and 1 <= len(found.schedule.split("-")) <= 5, found


def test_not_found_if_the_budget_is_too_small(programs: Programs) -> None:
    found = programs.explore(VERDICTS["complete"], 3)
    assert (found.kind, found.schedules) == ("not found", 3)


def test_a_fault_that_needs_many_preemptions_is_found_by_the_portfolio(programs: Programs) -> None:
    found = programs.explore(
        """
        import threading

        def scenario():
            state = [0]

            def up():
                for want in (0, 2, 4):
                    if state[0] == want:
                        state[0] = want + 1

            def down():
                for want in (1, 3):
                    if state[0] == want:
                        state[0] = want + 1

            threads = [threading.Thread(target=each) for each in (up, down)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert state[0] != 5
        """,
        2_000,
        bounded=200,
    )
    assert found.kind == "property", found


def test_steps_of_the_budget_are_kept(programs: Programs) -> None:
    found = programs.explore(VERDICTS["livelock"], 1, steps=777)
    assert found.kind == "livelock" and 777 <= found.steps < 1_000


def test_the_first_error_is_told(programs: Programs) -> None:
    found = programs.explore("""
        import threading

        def scenario():
            thread = threading.Thread(target=lambda: 1 / 0, name="First")
            thread.start()
            thread.join()
            assert False, "second"
    """)
    assert (found.kind, found.message) == ("exception", "First: ZeroDivisionError: division by zero")


def test_an_error_matters_more_than_what_waits_for_it(programs: Programs) -> None:
    """A worker that has died is why the others wait for ever."""
    found = programs.explore("""
        import queue, threading

        def work():
            while True:
                1 / items.get()
                items.task_done()

        def scenario():
            global items
            items = queue.Queue()
            threading.Thread(target=work, daemon=True, name="Worker").start()
            items.put(0)
            items.join()
    """)
    assert (found.kind, found.message) == ("exception", "Worker: ZeroDivisionError: division by zero")


def test_an_error_of_the_module_is_told(programs: Programs) -> None:
    found = programs.explore("raise ImportError('broken')\n")
    assert (found.kind, found.message) == ("exception", "MainThread: ImportError: broken")


def test_cores_are_passed_on(programs: Programs) -> None:
    source = """
        import threading, time

        def scenario():
            threads = [threading.Thread(target=work, args=(5,)) for _ in range(2)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert time.monotonic() == 1_005
    """
    assert programs.explore(source, 20, cores=2).kind != "property"
    assert programs.explore(source, 20, cores=1).kind == "property"


def test_a_thread_is_still_there_after_its_last_line(programs: Programs) -> None:
    found = programs.explore("""
        import queue, threading

        def scenario():
            done = queue.SimpleQueue()
            thread = threading.Thread(target=done.put, args=(1,))
            thread.start()
            done.get()
            assert not thread.is_alive()
    """)
    assert found.kind == "property", found


@pytest.mark.parametrize("step", ["items.append(len(items))", "setattr(box, 'n', box.n + 1)"])
def test_another_thread_comes_between_the_arguments_and_the_call(programs: Programs, step: str) -> None:
    found = programs.explore(f"""
        import threading

        class Box:
            n = 0

        def scenario():
            items, box = [], Box()
            def work():
                {step}
            threads = [threading.Thread(target=work) for _ in range(2)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert items == [0, 1] or box.n == 2
    """)
    assert found.kind == "property", found
