"""Locks, conditions, semaphores, events, barriers: the same as the real ones, and what waits where."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.student.world.conftest import Programs

LOCK = """
import threading

def scenario():
    lock = threading.LOCK()
    see(lock.acquire())
    see(lambda: lock.release())
    see(lambda: lock.release())
    see(lambda: lock.acquire(False, 1))
    see(lambda: lock.acquire(blocking=False, timeout=0))
    see(lambda: lock.acquire(True, -2))
    see(lambda: lock.acquire(timeout=-1))
    see(lambda: lock.release())
    see(lambda: lock.acquire(timeout=1e300))
    see(lambda: lock.acquire(timeout=0))
    see(lambda: lock.release())
    see(lambda: lock.acquire(timeout="1"))
    see(lambda: lock.acquire(timeout=None))
    see(lambda: lock.acquire(False, None))
    see(lambda: lock.acquire(True, float("nan")))
    see(lambda: lock.acquire(1, 2, 3))
    see(lambda: lock.acquire(0))
    see(lambda: lock.release(1))
    see(lambda: lock.release())
    with lock as entered:
        see(entered)
    try:
        with lock:
            raise KeyError("inside")
    except KeyError as error:
        see(str(error))
    see(lock.acquire(True, 0.5))
    see(bool(lock))
    see(lock == lock)
    see(lock == threading.LOCK())
    see({lock: 1}[lock])
    see(isinstance(lock, type(threading.LOCK())))
"""


@pytest.mark.parametrize("kind", ["Lock", "RLock"])
def test_lock_is_like_the_real_one(programs: Programs, kind: str) -> None:
    programs.same(LOCK.replace("LOCK", kind))


def test_lock_is_not_for_one_thread_only(programs: Programs) -> None:
    programs.same("""
        import threading, _thread

        def scenario():
            lock = threading.Lock()
            see(lock.locked())
            see(lock.acquire())
            see(lock.locked())
            see(lock.acquire(False))
            see(lock.acquire(timeout=0.01))
            see(lock.acquire(timeout=0))
            other = threading.Thread(target=lock.release)
            other.start()
            other.join()
            see(lock.locked())
            see(lock.acquire_lock())
            see(lock.locked_lock())
            see(lock.release_lock())
            low = _thread.allocate_lock()
            with low:
                see(low.locked())
            see(isinstance(low, _thread.LockType))
            see(isinstance(threading.Lock(), _thread.LockType))
            see(_thread.LockType is type(low))
    """)


def test_rlock_is_counted_and_owned(programs: Programs) -> None:
    programs.same("""
        import threading

        def scenario():
            lock = threading.RLock()
            seen = []

            def other():
                seen.append(lock.acquire(False))
                seen.append(lock.acquire(timeout=0.01))
                try:
                    lock.release()
                except RuntimeError as error:
                    seen.append(str(error))

            see(lock.acquire())
            see(lock.acquire())
            lock.release()
            thread = threading.Thread(target=other)
            thread.start()
            thread.join()
            see(seen)
            lock.release()
            see(lambda: lock.release())
            see(hasattr(lock, "locked"))
            thread = threading.Thread(target=lambda: seen.append(lock.acquire()))
            thread.start()
            thread.join()
            see(seen[-1])
            see(lock.acquire(False))
    """)


def test_condition_is_like_the_real_one(programs: Programs) -> None:
    programs.same("""
        import threading

        def scenario():
            condition = threading.Condition()
            see(lambda: condition.wait())
            see(lambda: condition.notify())
            see(lambda: condition.notify_all())
            see(lambda: condition.release())
            with condition as entered:
                see(entered)
                see(condition.wait(0.01))
                see(condition.wait(0))
                see(condition.wait(-1))
                see(condition.wait_for(lambda: 7))
                see(condition.wait_for(lambda: 0, timeout=0.01))
                see(condition.wait_for(lambda: [], timeout=0))
                see(condition.wait_for(lambda: 5, timeout=-1))
                see(condition.notify())
                see(condition.notify(5))
                see(condition.notify_all())
                with condition:
                    see(condition.wait(timeout=0.01))
            see(condition.acquire(False))
            see(condition.acquire(blocking=True, timeout=1))
            see(condition.release())
            see(condition.release())
            see(lambda: condition.release())
            plain = threading.Condition(threading.Lock())
            see(lambda: plain.wait(0))
            see(lambda: plain.notify())
            with plain as entered:
                see(entered)
                see(plain.wait(0.01))
                see(plain.acquire(False))
                see(plain.wait_for(lambda: False, 0.01))
            see(lambda: plain.release())
            shared = threading.RLock()
            one, two = threading.Condition(shared), threading.Condition(lock=shared)
            with one:
                see(two.notify())
                see(two.wait(0.01))
            see(lambda: one.wait_for(1))
            see(lambda: threading.Condition(1))
            see(lambda: threading.Condition(threading.Event()))
    """)


def test_condition_wakes_those_who_wait(programs: Programs) -> None:
    programs.same("""
        import threading

        def scenario():
            condition = threading.Condition()
            waiting, woken = [], []

            def wait():
                with condition:
                    waiting.append(1)
                    condition.notify_all() if False else None
                    ready.release()
                    condition.wait()
                    woken.append(1)
                    out.release()

            ready, out = threading.Semaphore(0), threading.Semaphore(0)
            threads = [threading.Thread(target=wait) for _ in range(3)]
            for thread in threads:
                thread.start()
            for _ in threads:
                ready.acquire()
            with condition:
                see(len(waiting))
                condition.notify()
            out.acquire()
            with condition:
                see(len(woken))
                condition.notify(2)
            for thread in threads:
                thread.join()
            see(len(woken))
    """)


def test_semaphores_are_like_the_real_ones(programs: Programs) -> None:
    programs.same("""
        import threading

        def scenario():
            for kind in (threading.Semaphore, threading.BoundedSemaphore):
                see(lambda: kind(-1))
                see(lambda: kind("1"))
                semaphore = kind(2)
                see(semaphore.acquire())
                with semaphore as entered:
                    see(entered)
                    see(semaphore.acquire(False))
                    see(semaphore.acquire(blocking=False))
                    see(semaphore.acquire(timeout=0.01))
                    see(semaphore.acquire(timeout=0))
                    see(semaphore.acquire(timeout=-1))
                    see(lambda: semaphore.acquire(False, 1))
                    see(lambda: semaphore.acquire(False, None))
                see(semaphore.release())
                see(lambda: semaphore.release())
                see(lambda: semaphore.release(0))
                see(lambda: semaphore.release(-1))
                see(lambda: semaphore.release(2))
                see(lambda: semaphore.release(n=1))
                empty = kind(0)
                see(empty.acquire(timeout=0.01))
                see(lambda: empty.release())
                one = kind()
                see(one.acquire())
                see(one.acquire(blocking=False))
                see(one.release())
                see(lambda: one.release())
                see(one._value)
            see(issubclass(threading.BoundedSemaphore, threading.Semaphore))
    """)


def test_event_is_like_the_real_one(programs: Programs) -> None:
    programs.same("""
        import threading, warnings

        def scenario():
            event = threading.Event()
            see(event.is_set())
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                see(event.isSet())
            see(event.wait(0.01))
            see(event.wait(timeout=0))
            see(event.wait(-1))
            see(event.set())
            see(event.is_set())
            see(event.wait())
            see(event.wait(0))
            see(event.set())
            see(event.clear())
            see(event.is_set())
            see(lambda: threading.Event(1))
            threads = [threading.Thread(target=event.wait) for _ in range(3)]
            for thread in threads:
                thread.start()
            event.set()
            for thread in threads:
                thread.join()
            see([thread.is_alive() for thread in threads])
    """)


def test_barrier_is_like_the_real_one(programs: Programs) -> None:
    programs.same("""
        import sys, threading

        def scenario():
            see("Barrier" in repr(threading.Barrier(0)) if sys.version_info < (3, 13) else None)
            see(lambda: threading.Barrier(-1) and 1)
            see(lambda: threading.Barrier())
            alone = threading.Barrier(1)
            see([alone.wait(), alone.wait()])
            see([alone.parties, alone.n_waiting, alone.broken])
            see(lambda: setattr(alone, "parties", 3))
            calls = []
            barrier = threading.Barrier(2, action=lambda: calls.append(1))
            indices = []
            for _ in range(3):
                thread = threading.Thread(target=lambda: indices.append(barrier.wait()))
                thread.start()
                indices.append(barrier.wait())
                thread.join()
            see(len(calls))
            see(sorted(indices))
            see(lambda: barrier.wait(0.01))
            see(barrier.broken)
            see(lambda: barrier.wait())
            see(barrier.reset())
            see(barrier.broken)
            see(barrier.abort())
            see(barrier.broken)
            see(lambda: barrier.wait(1))
            short = threading.Barrier(2, timeout=0.01)
            see(lambda: short.wait())
            failing = threading.Barrier(1, lambda: {}["no"])
            see(lambda: failing.wait())
            see(failing.broken)
            see(lambda: failing.wait())
            see(issubclass(threading.BrokenBarrierError, RuntimeError))
    """)


def test_barrier_that_is_reset_or_aborted_breaks_for_those_who_wait(programs: Programs) -> None:
    programs.same("""
        import threading

        def scenario():
            for how in ("reset", "abort"):
                barrier = threading.Barrier(3)
                seen = []

                def wait():
                    try:
                        barrier.wait()
                    except threading.BrokenBarrierError:
                        seen.append("broken")

                threads = [threading.Thread(target=wait) for _ in range(2)]
                for thread in threads:
                    thread.start()
                while barrier.n_waiting < 2:
                    pass
                getattr(barrier, how)()
                for thread in threads:
                    thread.join()
                see(seen)
                see([barrier.broken, barrier.n_waiting])
    """)


def test_what_can_be_subclassed(programs: Programs) -> None:
    programs.same("""
        import threading

        def subclass(base):
            class Own(base):
                def extra(self):
                    return "extra"
            return Own().extra() if base is not threading.Barrier else Own(2).extra()

        def scenario():
            see(subclass(threading.Condition))
            see(subclass(threading.Semaphore))
            see(subclass(threading.BoundedSemaphore))
            see(subclass(threading.Event))
            see(subclass(threading.Barrier))
            see(subclass(threading.local))

            class Counted(threading.Semaphore):
                def __init__(self):
                    super().__init__(0)
                    self.calls = 0

                def release(self, n=1):
                    self.calls += 1
                    super().release(n)

            counted = Counted()
            counted.release()
            see(counted.calls)
            see(counted.acquire())
    """)


def test_nobody_comes_into_a_barrier_while_its_action_runs(programs: Programs) -> None:
    found = programs.explore("""
        import threading

        def scenario():
            lock = threading.Lock()

            def act():
                with lock:
                    pass

            barrier = threading.Barrier(2, action=act)
            threads = [threading.Thread(target=barrier.wait, daemon=True) for _ in range(3)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(1)
            assert sum(thread.is_alive() for thread in threads) == 1, "three went through, two by two"
    """)
    assert not found.failed and found.kind != "inconclusive", found


def test_one_that_waits_is_woken_by_an_event_that_is_cleared_at_once(programs: Programs) -> None:
    found = programs.explore("""
        import threading, time

        def scenario():
            event, woken = threading.Event(), []
            threads = [threading.Thread(target=lambda: woken.append(event.wait())) for _ in range(2)]
            for thread in threads:
                thread.start()
            time.sleep(1)  # now both wait
            event.set()
            event.clear()
            for thread in threads:
                thread.join()
            assert woken == [True, True]
    """)
    assert found.kind in ("complete", "not found"), found


def test_a_notification_that_comes_before_the_wait_is_lost(programs: Programs) -> None:
    found = programs.explore("""
        import threading

        def scenario():
            condition = threading.Condition()

            def tell():
                with condition:
                    condition.notify()

            threading.Thread(target=tell).start()
            with condition:
                condition.wait()
    """)
    assert found.kind == "deadlock", found


def test_a_condition_takes_a_lock_of_the_programs_own(programs: Programs) -> None:
    source = """
        import threading

        class Turnstile:
            def __init__(self):
                self.gate, self.taken = threading.Semaphore(1), 0

            def acquire(self, blocking=True):
                got = self.gate.acquire(blocking)
                self.taken += got
                return got

            def release(self):
                self.gate.release()

            def __enter__(self):
                return self.acquire()

            def __exit__(self, *_):
                self.release()

        def scenario():
            lock = Turnstile()
            over = threading.Condition(lock)
            left = [2]

            def work():
                with over:
                    left[0] -= 1
                    over.notify()

            threads = [threading.Thread(target=work) for _ in range(2)]
            for thread in threads:
                thread.start()
            with over:
                while left[0]:
                    over.wait()
            for thread in threads:
                thread.join()
            see(left)
            see(lambda: over.notify())
            see(lambda: over.wait())
            see(lock.gate._value)
    """
    programs.same(source)
    assert programs.explore(source.replace("see(", "str(")).kind in ("complete", "not found")
