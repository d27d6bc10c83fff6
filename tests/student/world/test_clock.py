"""Virtual time: it moves only when nobody can run, by exactly what is slept, waited or worked."""

from __future__ import annotations

import heapq
import time
from typing import TYPE_CHECKING

import pytest

from grader.student.world.scheduler import Run
from grader.student.world.strategies import Lockstep, Random, Sticky

if TYPE_CHECKING:
    from tests.student.world.conftest import Programs


def test_time_is_like_the_real_one(programs: Programs) -> None:
    programs.same("""
        import time

        def scenario():
            see(time.sleep(0))
            see(time.sleep(0.001))
            see(lambda: time.sleep(-1))
            see(lambda: time.sleep(-0.5))
            see(lambda: time.sleep("1"))
            see(lambda: time.sleep(None))
            see(lambda: time.sleep())
            see(lambda: time.sleep(float("nan")))
            see(lambda: time.sleep(1e300))
            for name in ("time", "monotonic", "perf_counter", "process_time", "thread_time"):
                see([type(getattr(time, name)()), type(getattr(time, name + "_ns")())])
                see(lambda: getattr(time, name)(1))
                before = getattr(time, name)()
                see(getattr(time, name)() >= before)
            see(time.gmtime(0).tm_year)
            see(time.strftime("%Y", time.gmtime(0)))
            see(time.asctime(time.gmtime(0)))
            see(type(time.localtime()))
            see([type(time.ctime()), time.ctime(0) == time.ctime(0.5)])
            see(time.strptime("2000", "%Y").tm_year)
            see(time.mktime(time.localtime(1e9)))
            see(time.get_clock_info("monotonic").monotonic)
            see([time.timezone == time.timezone, time.struct_time is type(time.gmtime())])
    """)


def test_all_clocks_show_what_was_slept(programs: Programs) -> None:
    values = programs.values("""
        import time

        CLOCKS = ("time", "monotonic", "perf_counter")

        def scenario():
            before = [getattr(time, name)() for name in CLOCKS]
            before_ns = [getattr(time, name + "_ns")() for name in CLOCKS]
            time.sleep(0.25)
            time.sleep(3_600)
            see([getattr(time, name)() - start for name, start in zip(CLOCKS, before)])
            see([getattr(time, name + "_ns")() - start for name, start in zip(CLOCKS, before_ns)])
            see(time.gmtime(time.time())[:4] == time.gmtime()[:4])
    """)
    assert values == [[3600.25] * 3, [3_600_250_000_000] * 3, True]


def test_nothing_waits_for_real(programs: Programs) -> None:
    before = time.monotonic()
    seen = programs.run("import time\n\ndef scenario():\n    time.sleep(1_000_000)\n")
    assert seen.run.now == 1_000_000 and time.monotonic() - before < 60


SLEEPERS = """
import threading, time

def scenario():
    order = []

    def rest(seconds):
        time.sleep(seconds)
        order.append((seconds, time.monotonic() - began))

    began = time.monotonic()
    threads = [threading.Thread(target=rest, args=(seconds,)) for seconds in (3, 1, 2, 0.5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    see(order)
"""


@pytest.mark.parametrize("strategy", [Random(1), Sticky(2), Lockstep(1), Lockstep(3)], ids=lambda one: one.name)
def test_sleepers_wake_in_the_order_of_their_times(programs: Programs, strategy: object) -> None:
    seen = programs.run(SLEEPERS, strategy)  # type: ignore[arg-type]
    assert seen.values == [[(0.5, 0.5), (1, 1), (2, 2), (3, 3)]] and seen.run.now == 3


WAITS = {
    "lock.acquire(timeout=2.5)": False,
    "lock.acquire(True, 2.5)": False,
    "rlock.acquire(timeout=2.5)": False,
    "semaphore.acquire(timeout=2.5)": False,
    "event.wait(2.5)": False,
    "notify(condition.wait, 2.5)": False,
    "notify(condition.wait_for, lambda: False, 2.5)": False,
    "thread.join(2.5)": None,
    "tried(barrier.wait, 2.5)": "BrokenBarrierError",
    "tried(queue.Queue().get, True, 2.5)": "Empty",
    "tried(queue.Queue().get, timeout=2.5)": "Empty",
    "tried(queue.SimpleQueue().get, timeout=2.5)": "Empty",
    "tried(queue.PriorityQueue().get, timeout=2.5)": "Empty",
    "tried(full.put, 1, timeout=2.5)": "Full",
    "tried(future.result, 2.5)": "TimeoutError",
    "tried(future.exception, timeout=2.5)": "TimeoutError",
    "len(futures.wait([future], timeout=2.5).not_done)": 1,
    "tried(list, futures.as_completed([future], timeout=2.5))": "TimeoutError",
    "tried(list, pool.map(slow, [1], timeout=2.5))": "TimeoutError",
    "time.sleep(2.5)": None,
}

WAITING = """
import queue, threading, time
from concurrent import futures

def tried(function, *args, **kwargs):
    try:
        return function(*args, **kwargs)
    except Exception as error:
        return type(error).__name__

def scenario():
    lock, rlock, semaphore, event = threading.Lock(), threading.RLock(), threading.Semaphore(0), threading.Event()
    condition, barrier, full, future = threading.Condition(), threading.Barrier(2), queue.Queue(1), futures.Future()
    full.put(1)
    lock.acquire()
    release = threading.Event()

    def hold():
        with rlock:
            held.set()
            release.wait()

    held = threading.Event()
    thread = threading.Thread(target=hold, daemon=True)
    thread.start()
    held.wait()
    pool = futures.ThreadPoolExecutor(1)
    slow = lambda _: release.wait()

    def notify(function, *args):
        with condition:
            return function(*args)

    began = time.monotonic()
    see(WAIT)
    see(round(time.monotonic() - began, 2))
    release.set()
    pool.shutdown()
"""


def test_every_wait_ends_when_its_time_is_out(programs: Programs) -> None:
    runs = programs.each(WAITING.replace("WAIT)", f"{wait})") for wait in WAITS)
    seen = {wait: (run.fault, list(run.values)) for wait, run in zip(WAITS, runs, strict=True)}
    expected = {wait: (("", ""), [result, 2.5]) for wait, result in WAITS.items()}
    assert seen == expected


def test_what_comes_in_time_does_not_wait_longer(programs: Programs) -> None:
    values = programs.values("""
        import queue, threading, time

        def scenario():
            items, event, lock, condition = queue.Queue(), threading.Event(), threading.Lock(), threading.Condition()
            lock.acquire()

            def give():
                time.sleep(1)
                items.put(5)
                event.set()
                lock.release()
                with condition:
                    condition.notify()

            threading.Thread(target=give).start()
            with condition:
                began = time.monotonic()
                see(condition.wait(10))
            see([items.get(timeout=10), event.wait(10), lock.acquire(timeout=10)])
            see(time.monotonic() - began)
    """)
    assert values == [True, [5, True, True], 1]


def test_timers_come_when_they_should(programs: Programs) -> None:
    values = programs.values("""
        import sched, threading, time

        def scenario():
            came = []
            for seconds in (5, 2, 9):
                threading.Timer(seconds, lambda s=seconds: came.append((s, time.monotonic() - began))).start()
            began = time.monotonic()
            time.sleep(6)
            see(list(came))
            time.sleep(0)
            see(time.monotonic() - began)
            plan = sched.scheduler(time.monotonic, time.sleep)
            plan.enter(2, 1, came.append, ("later",))
            plan.enter(1, 1, came.append, ("sooner",))
            plan.run()
            see(came[2:])
            see(time.monotonic() - began)
    """)
    assert values == [[(2, 2), (5, 5)], 6, ["sooner", "later"], 8]


POLLS = {
    "while not done: time.sleep(0.01)": "rest(5)",
    "while not done: time.sleep(0)": "rest(5)",
    "while not done: pass": "rest(5)",
    "while not event.is_set(): pass": "rest(5)",
    "while thread.is_alive(): pass": "rest(5)",
    "while thread.is_alive(): time.sleep(0.001)": "rest(5)",
    "while not event.wait(0.1): pass": "rest(5)",
    "while time.monotonic() < began + 5: pass": "pass",
    "while time.time() < start + 5: pass": "pass",
    "while time.perf_counter_ns() < started + 5e9: pass": "pass",
    "while moment.now() < first + timedelta(seconds=5): pass": "pass",
    "while lock.locked(): pass": "with lock: rest(5)",
    "while not lock.acquire(False): pass\n    lock.release()": "with lock: rest(5)",
    "while threading.active_count() > 1: pass": "rest(5)",
    "while items.empty(): pass": "rest(5); items.put(1)",
    "while not items.qsize(): time.sleep(0.5)": "rest(5); items.put(1)",
    "while not future.done(): pass": "rest(5); future.set_result(1)",
    "while True:\n        try: items.get_nowait(); break\n        except queue.Empty: pass": "rest(5); items.put(1)",
}

POLLING = """
import queue, threading, time
from concurrent.futures import Future
from datetime import datetime as moment, timedelta

def scenario():
    done, event, lock, items, future = [], threading.Event(), threading.Lock(), queue.Queue(), Future()

    def rest(seconds):
        time.sleep(seconds)
        done.append(1)
        event.set()

    def work():
        WORK

    began, start, started, first = time.monotonic(), time.time(), time.perf_counter_ns(), moment.now()
    thread = threading.Thread(target=work)
    thread.start()
    POLL
    see(1)
    thread.join()
"""


@pytest.mark.parametrize("strategy", ["-", "random:1", "priorities:1:3:100", "lockstep:2:0"])
def test_loops_that_poll_come_to_their_end(programs: Programs, strategy: str) -> None:
    sources = [POLLING.replace("POLL\n", f"{poll}\n").replace("WORK", work) for poll, work in POLLS.items()]
    runs = programs.each(sources, strategy)
    seen = {poll: (run.fault, list(run.values)) for poll, run in zip(POLLS, runs, strict=True)}
    assert seen == {poll: (("", ""), [1]) for poll in POLLS}


def test_a_loop_that_polls_for_ever_is_a_livelock(programs: Programs) -> None:
    for rest in ("pass", "time.sleep(1)", "time.monotonic()", "event.is_set()", "event.wait(1)"):
        source = f"import threading, time\n\ndef scenario():\n    event = threading.Event()\n    while True: {rest}\n"
        if rest == "pass":
            source = source.replace("pass", "event.x = 1")
        found = programs.explore(source, 2, steps=2_000)
        assert found.kind == "livelock", (rest, found)


WORK = """
import threading

def scenario():
    threads = [threading.Thread(target=work, args=(units,)) for units in UNITS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
"""


UNEVEN = [7, 1, 1, 5, 3, 2, 2, 9, 4, 1]


def in_turn(units: list[float], cores: int) -> float:
    """The makespan if each core takes the next piece as soon as it is free."""
    free = [0.0] * cores
    for amount in units:
        heapq.heapreplace(free, free[0] + amount)
    return max(free)


def run_work(programs: Programs, units: list[float], cores: int | None, schedule: str = "-") -> Run:
    """A run in which each thread does so many units of work."""
    seen = programs.run(WORK.replace("UNITS", repr(units)), schedule, cores=cores)
    assert seen.fault == ("", "")
    return seen.run


@pytest.mark.parametrize("cores", [1, 2, 4, 8])
def test_even_work_takes_exactly_its_share_of_the_cores(programs: Programs, cores: int) -> None:
    for schedule in ("-", "random:3", "priorities:3:3:100", "lockstep:1:0"):
        run = run_work(programs, [3] * 16, cores, schedule)
        assert (run.ended - (run.began or 0), run.worked, run.busy) == (48 / cores, 48, 0)


@pytest.mark.parametrize("cores", [1, 2, 4, 8])
def test_uneven_work_is_taken_in_turn(programs: Programs, cores: int) -> None:
    run = run_work(programs, UNEVEN, cores)
    assert run.ended == in_turn(UNEVEN, cores)
    for seed in range(5):
        run = run_work(programs, UNEVEN, cores, f"random:{seed}")
        least = max(sum(UNEVEN) / cores, max(UNEVEN))
        assert least <= run.ended <= sum(UNEVEN) / cores + max(UNEVEN)
        assert cores > 1 or run.ended == sum(UNEVEN)


def test_fewer_threads_than_cores_leave_cores_idle(programs: Programs) -> None:
    assert [run_work(programs, [4, 4], cores).ended for cores in (1, 2, 8)] == [8, 4, 4]


def test_with_as_many_cores_as_wanted_the_longest_counts(programs: Programs) -> None:
    assert run_work(programs, UNEVEN, None).ended == 9


def test_what_does_not_need_a_core_goes_on_at_once(programs: Programs) -> None:
    source = WORK.replace("target=work", "target=lambda units: work(units, False)").replace("UNITS", "[5] * 20")
    assert programs.run(source, cores=1).run.ended == 5


def test_work_under_a_lock_is_done_one_after_the_other(programs: Programs) -> None:
    source = (
        WORK.replace("target=work", "target=held").replace("UNITS", "[2] * 6")
        + """
LOCK = threading.Lock()

def held(units):
    with LOCK:
        work(units)
"""
    )
    assert programs.run(source, cores=4).run.ended == 12


def test_start_and_join_in_one_loop_is_no_faster_than_one_core(programs: Programs) -> None:
    source = "import threading\n\ndef scenario():\n    for _ in range(6):\n        thread = threading.Thread"
    source += "(target=work, args=(2,))\n        thread.start()\n        thread.join()\n"
    assert programs.run(source, cores=4).run.ended == 12


def test_work_of_nothing_takes_no_time(programs: Programs) -> None:
    run = run_work(programs, [0, 0], 1)
    assert (run.now, run.began, run.worked) == (0, None, 0)


def test_a_pool_has_the_makespan_of_its_workers(programs: Programs) -> None:
    source = f"""
        from concurrent.futures import ThreadPoolExecutor

        def scenario():
            with ThreadPoolExecutor(4) as pool:
                list(pool.map(work, {UNEVEN}))
    """
    assert programs.run(source, cores=8).run.ended == in_turn(UNEVEN, 4)
    assert programs.run(source, cores=2).run.ended == in_turn(UNEVEN, 2)


def test_time_of_work_and_of_sleep_is_one_time(programs: Programs) -> None:
    values = programs.values("""
        import threading, time

        def scenario():
            thread = threading.Thread(target=work, args=(3,))
            thread.start()
            time.sleep(1)
            see(thread.is_alive())
            thread.join()
            see(math.isclose(time.monotonic(), 1003))
        import math
    """)
    assert values == [True, True]
