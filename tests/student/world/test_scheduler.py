"""Runs: the same schedule gives the same run, everywhere; every run ends, and leaves nothing for the next."""

from __future__ import annotations

import _thread
import json
import os
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from grader.student.world.active import active
from grader.student.world.exploring import explore
from grader.student.world.search import Budget
from grader.student.world.strategies import Replay, written
from grader.student.world.world import World

if TYPE_CHECKING:
    from tests.student.world.conftest import Programs, Seen

MIXED = """
import queue, random, threading, time
from concurrent.futures import ThreadPoolExecutor, as_completed

class Account:
    def __init__(self):
        self.balance = 0
        self.names = set()

def scenario():
    account, items, lock, done = Account(), queue.Queue(2), threading.RLock(), threading.Event()
    barrier, local, objects = threading.Barrier(2), threading.local(), set()

    def add(n):
        for _ in range(2):
            account.balance += n
            time.sleep(random.random())
        with lock:
            items.put((n, threading.current_thread().name))
        local.n = n
        objects.add(threading.Lock())
        barrier.wait()
        account.names |= {threading.current_thread().name, str(n)}

    threads = [threading.Thread(target=add, args=(n,)) for n in (1, 2)]
    for thread in threads:
        thread.start()
    with ThreadPoolExecutor(2) as pool:
        futures = {pool.submit(pow, n, 2): n for n in range(3)}
        see([(futures[f], f.result()) for f in as_completed(futures)])
    for thread in threads:
        thread.join()
    see([items.get(), items.get(), account.balance, round(time.monotonic(), 6)])
    see([hash(lock), [hash(thing) for thing in objects], [hash(t) for t in set(threads)]])
"""

RACY = """
import threading

total = 0

def add():
    global total
    for _ in range(3):
        total += 1

def scenario():
    threads = [threading.Thread(target=add) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    see(total)
    assert total == 9, total
"""

STUCK = """
import threading

def scenario():
    a, b = threading.Lock(), threading.Lock()

    def take(first, second):
        with first:
            with second:
                see(threading.current_thread().name)

    threads = [threading.Thread(target=take, args=pair) for pair in ((a, b), (b, a))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
"""

SOCKETS = """
import selectors, socket, threading

def scenario():
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()

        def ask(text):
            with socket.create_connection(address) as connection:
                connection.sendall(text)
                see(connection.recv(10))

        threads = [threading.Thread(target=ask, args=(text,)) for text in (b"a", b"b")]
        for thread in threads:
            thread.start()
        for _ in threads:
            connection, _ = server.accept()
            with connection:
                connection.sendall(connection.recv(10).upper())
        for thread in threads:
            thread.join()
"""

PROGRAMS = {"mixed": MIXED, "racy": RACY, "stuck": STUCK, "sockets": SOCKETS}
SCHEDULES = [
    f"{kind}:{seed}" + {"priorities": ":3:60", "lockstep": ":5"}.get(kind, "")
    for seed in range(1, 14)
    for kind in ("random", "sticky", "priorities", "lockstep")
]


def account(seen: Seen) -> list[object]:
    """All that must be the same, as JSON has it."""
    found: list[object] = json.loads(json.dumps(seen.account))
    return found


def accounts(programs: Programs, name: str) -> list[list[object]]:
    """What comes of one of the programs under each schedule, in one world."""
    return [account(seen) for seen in programs.under(PROGRAMS[name], SCHEDULES)]


ELSEWHERE = """
import json, sys
from pathlib import Path
sys.path[:0] = {path!r}
from tests.student.world.conftest import Programs
from tests.student.world.test_scheduler import accounts
print(json.dumps([accounts(Programs(Path({folder!r})), name) for name in {names!r}]))
"""


def test_same_schedule_gives_the_same_run(programs: Programs) -> None:
    for name in PROGRAMS:
        first = accounts(programs, name)
        assert first == accounts(programs, name)
        assert len({json.dumps(one) for one in first}) > 20, "the schedules differ too little to show anything"


def test_same_schedule_gives_the_same_run_in_another_process(programs: Programs) -> None:
    root = str(__file__).rpartition("/tests/")[0]
    program = ELSEWHERE.format(path=[root], folder=str(programs.folder), names=list(PROGRAMS))
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"PYTHONHASHSEED": "12345"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [accounts(programs, name) for name in PROGRAMS]


def test_switches_of_a_run_replay_it(programs: Programs) -> None:
    for source in PROGRAMS.values():
        runs = programs.under(source, SCHEDULES)
        again = programs.under(source, [written(tuple(seen.run.switches)) for seen in runs])
        assert [account(seen) for seen in runs] == [account(seen) for seen in again]


def test_one_run_does_not_depend_on_those_before(programs: Programs) -> None:
    alone = [account(programs.run(MIXED, schedule)) for schedule in SCHEDULES[:8]]
    after = [account(seen) for seen in programs.under(MIXED, SCHEDULES[:8])]
    backwards = [account(seen) for seen in programs.under(MIXED, SCHEDULES[:8][::-1])][::-1]
    assert alone == after == backwards


def test_context_variables_of_one_run_are_gone_in_the_next(programs: Programs) -> None:
    found = programs.explore("""
        import contextvars, decimal, threading

        var = contextvars.ContextVar("var", default=0)
        kept = contextvars.ContextVar("kept")

        def work():
            assert var.get() == 0 and decimal.getcontext().prec == 28, "seen from another thread, or another run"
            var.set(1)
            decimal.getcontext().prec = 5

        def scenario():
            work()
            threads = [threading.Thread(target=work) for _ in range(2)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
    """)
    # The variable itself is another one in each run; the context of decimals is not.
    assert not found.failed, found


# --- programs that do not want to end --------------------------------------------------------------

STUBBORN = {
    "catches everything for ever": """
        import threading

        def scenario():
            lock = threading.Lock()
            lock.acquire()
            while True:
                try:
                    lock.acquire()
                except BaseException:
                    pass
    """,
    "blocks in finally": """
        import threading

        def scenario():
            event = threading.Event()
            try:
                event.wait()
            finally:
                event.wait()
    """,
    "blocks in an except clause, in two threads": """
        import queue, threading

        def work():
            try:
                items.get()
            except BaseException:
                items.get()

        def scenario():
            global items
            items = queue.Queue()
            thread = threading.Thread(target=work)
            thread.start()
            work()
    """,
    "raises on its way out": """
        import threading

        class Gate:
            def __enter__(self):
                return self

            def __exit__(self, *args):
                raise ValueError("on the way out")

        def scenario():
            with Gate():
                threading.Event().wait()
    """,
    "goes on after its way out": """
        import contextlib, threading

        class Gate:
            def __enter__(self):
                return self

            def __exit__(self, *args):
                return True

        def scenario():
            while True:
                with Gate():
                    threading.Event().wait()
    """,
    "takes a lock in __del__": """
        import threading

        lock = threading.Lock()

        class Held:
            def __del__(self):
                with lock:
                    lock.acquire()

        def scenario():
            held = Held()
            del held
            lock.acquire()
    """,
    "waits in __del__ when all is over": """
        import threading

        class Held:
            def __init__(self):
                self.event = threading.Event()
                self.me = self

            def __del__(self):
                self.event.wait()

        def scenario():
            held = Held()
            Held()
            threading.Event().wait()
    """,
    "starts a thread on its way out": """
        import threading

        def scenario():
            try:
                threading.Event().wait()
            finally:
                thread = threading.Thread(target=print)
                thread.start()
                thread.join()
    """,
    "is a generator that will not be closed": """
        import threading

        def numbers():
            while True:
                try:
                    yield threading.Event().wait()
                except BaseException:
                    pass

        def scenario():
            for number in numbers():
                pass
    """,
    "swallows it in a pool": """
        from concurrent.futures import ThreadPoolExecutor
        import threading

        def scenario():
            with ThreadPoolExecutor(2) as pool:
                futures = [pool.submit(threading.Event().wait) for _ in range(3)]
                for future in futures:
                    try:
                        future.result()
                    except BaseException:
                        future.result()
    """,
    "has nested handlers": """
        import threading

        def wait(depth):
            try:
                if depth:
                    wait(depth - 1)
                threading.Event().wait()
            finally:
                threading.Event().wait()

        def scenario():
            wait(20)
    """,
}


@pytest.mark.parametrize("name", STUBBORN)
def test_a_stubborn_program_is_ended(programs: Programs, name: str) -> None:
    before = _thread._count()
    with programs.opened(STUBBORN[name], {}) as (world, body, _):
        world.rebuild("fine", programs.folder / "fine.py", FINE)
        for _ in range(3):
            run = world.run(body, Replay(), 3_000)
            assert run.ending == "deadlock", run.ending
            run = world.run(lambda: world.module("fine").scenario(), Replay(), 3_000)
            assert (run.ending, run.errors) == ("done", [])
    assert_no_thread_is_left(before)


FINE = """
import threading

def scenario():
    thread = threading.Thread(target=print)
    thread.start()
    thread.join()
"""


def assert_no_thread_is_left(before: int) -> None:
    """Those that are still on their way out have a moment."""
    gone = threading.Event()
    for _ in range(200):
        if _thread._count() <= before:
            return
        gone.wait(0.01)
    raise AssertionError(f"{_thread._count() - before} real threads are left over")


def test_no_real_thread_is_left_over(programs: Programs) -> None:
    before = _thread._count()
    for source in PROGRAMS.values():
        programs.under(source, SCHEDULES[:10])
    assert_no_thread_is_left(before)


def test_a_thread_that_is_started_at_import(programs: Programs) -> None:
    found = programs.explore("""
        import threading

        ready = threading.Event()
        thread = threading.Thread(target=ready.wait)
        thread.start()

        def scenario():
            ready.set()
            thread.join()
    """)
    assert found.kind == "complete", found


def test_daemon_threads_end_with_the_program(programs: Programs) -> None:
    for body in ("event.wait()", "while True: time.sleep(1)", "while True: event.x = 1", "items.get()"):
        found = programs.explore(
            f"""
            import queue, threading, time

            def work():
                {body}

            def scenario():
                global event, items
                event, items = threading.Event(), queue.Queue()
                threading.Thread(target=work, daemon=True).start()
            """,
            20,
        )
        assert not found.failed and found.kind != "inconclusive", (body, found)


def test_a_thread_that_is_not_a_daemon_is_left_behind(programs: Programs) -> None:
    found = programs.explore("""
        import threading

        def scenario():
            threading.Thread(target=threading.Event().wait, name="Waiter").start()
    """)
    assert found.kind == "left behind" and found.message.startswith("Waiter waits in wait of <Event"), found


def test_program_s_exit_ends_a_thread_and_no_more(programs: Programs) -> None:
    found = programs.explore("""
        import sys, threading

        def scenario():
            thread = threading.Thread(target=sys.exit)
            thread.start()
            thread.join()
            raise SystemExit(3)
    """)
    assert found.kind == "complete", found


def test_one_who_spins_lets_others_go_on(programs: Programs) -> None:
    seen = programs.run("""
        import threading

        def scenario():
            done = []
            thread = threading.Thread(target=done.append, args=(1,))
            thread.start()
            while not done:
                threading.current_thread().spun = True
            see(done)
    """)
    assert (seen.run.ending, list(seen.values)) == ("done", [[1]])


def test_loops_without_any_point_do_not_hang_the_world(programs: Programs) -> None:
    for loop in (
        "while not done: pass",
        "while len(done) < 1: pass",
        "while True:\n                    if done: break",
    ):
        seen = programs.run(
            f"""
            import threading

            def scenario():
                done = []
                threading.Thread(target=done.append, args=(1,)).start()
                {loop}
                see(done)
            """
        )
        assert (seen.run.ending, list(seen.values)) == ("done", [[1]]), loop
    assert programs.run("def scenario():\n    while True: pass\n", steps=500).run.ending == "livelock"


def test_daemons_that_catch_everything_leave_no_real_thread(programs: Programs) -> None:
    before = _thread._count()
    found = programs.explore(
        """
        import queue, threading

        def work(items):
            while True:
                try:
                    items.get()
                    items.task_done()
                except:
                    pass

        def scenario():
            items = queue.Queue()
            for _ in range(2):
                threading.Thread(target=work, args=(items,), daemon=True).start()
            items.put(1)
            items.join()
        """,
        50,
    )
    assert not found.failed
    assert_no_thread_is_left(before)


def test_steps_are_counted_against_the_budget(programs: Programs) -> None:
    source = "def scenario():\n    items = [0]\n    for _ in range(500):\n        items[0] = 1\n"
    assert programs.run(source, steps=400).run.ending == "livelock"
    run = programs.run(source, steps=600).run
    assert run.ending == "done" and 500 <= run.steps < 520


def test_garbage_of_runs_does_not_pile_up(programs: Programs) -> None:
    source = """
        import weakref

        class Node:
            pass

        def scenario():
            node = Node()
            node.me = node
            see(weakref.ref(node))
    """
    with programs.opened(source, {}) as (world, body, values):
        for _ in range(120):
            assert world.run(body, Replay(), 1_000).errors == []
        assert sum(node() is not None for node in values) < 60


def test_nobody_is_let_go_for_what_was_taken_without_a_word() -> None:
    def scenario() -> None:
        items = [0]

        def take() -> None:
            active.run.point()
            assert active.run.wait(lambda: items, "take", None)
            item = items.pop()  # and others that wait are not told
            active.run.point()
            items.append(item)
            active.run.changed()

        for _ in range(2):
            active.run.spawn(take)

    world = World()
    with world.opened():
        found = explore(world, scenario, Budget(schedules=400))
    assert found.kind in ("complete", "not found"), found
