"""Conditions, semaphores, events and barriers as `threading` has them.

Each method is one point, and atomic after it. Semantics: the library reference, "threading", and Lib/threading.py.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from grader.student.world.active import active
from grader.student.world.locks import RLock
from grader.student.world.waitable import Waitable


class _Waiter:
    __slots__ = ("notified",)

    def __init__(self) -> None:
        self.notified = False


class Condition(Waitable):
    """`threading.Condition`."""

    def __init__(self, lock: Any = None) -> None:
        super().__init__()
        self._lock = RLock() if lock is None else lock
        self._waiters: list[_Waiter] = []
        self.acquire = self._lock.acquire
        self.release = self._lock.release
        for name in ("_release_save", "_acquire_restore", "_is_owned"):
            if hasattr(self._lock, name):  # a lock of the program's own has none of these
                setattr(self, name, getattr(self._lock, name))

    def to_first_state(self) -> None:
        self._waiters.clear()

    def __enter__(self) -> bool:
        return bool(self._lock.__enter__())

    def __exit__(self, *args: object) -> None:
        self._lock.__exit__(*args)

    def _release_save(self) -> Any:
        self._lock.release()

    def _acquire_restore(self, _: Any) -> None:
        self._lock.acquire()

    def _is_owned(self) -> bool:
        if self._lock.acquire(False):
            self._lock.release()
            return False
        return True

    def wait(self, timeout: float | None = None) -> bool:
        run = active.run
        run.point()
        if not self._is_owned():
            raise RuntimeError("cannot wait on un-acquired lock")
        waiter = _Waiter()
        self._waiters.append(waiter)
        saved = self._release_save()
        try:
            notified: bool = run.wait(lambda: waiter.notified, "wait", self, timeout)
        finally:
            if waiter in self._waiters:
                self._waiters.remove(waiter)
            self._acquire_restore(saved)
        return notified

    def wait_for(self, predicate: Callable[[], Any], timeout: float | None = None) -> Any:
        end = None if timeout is None else active.run.now + timeout
        result = predicate()
        while not result:
            left = None if end is None else end - active.run.now
            if left is not None and left <= 0:
                break
            self.wait(left)
            result = predicate()
        return result

    def notify(self, n: int = 1) -> None:
        run = active.run
        run.point()
        if not self._is_owned():
            raise RuntimeError("cannot notify on un-acquired lock")
        self._world_wake(n)

    def notify_all(self) -> None:
        run = active.run
        run.point()
        if not self._is_owned():
            raise RuntimeError("cannot notify on un-acquired lock")
        self._world_wake(None)

    def _world_wake(self, n: int | None) -> None:
        """Notifies the first `n` that wait, or all; no point."""
        for waiter in self._waiters[:n]:
            waiter.notified = True
        del self._waiters[:n]
        active.run.changed()

    notifyAll = notify_all  # noqa: N815


class Semaphore(Waitable):
    """`threading.Semaphore`."""

    def __init__(self, value: int = 1) -> None:
        if value < 0:
            raise ValueError("semaphore initial value must be >= 0")
        super().__init__()
        self._value = self._initial_value = value

    def to_first_state(self) -> None:
        self._value = self._initial_value

    def acquire(self, blocking: bool = True, timeout: float | None = None) -> bool:
        if not blocking and timeout is not None:
            raise ValueError("can't specify timeout for non-blocking acquire")
        run = active.run
        if not blocking:
            run.point()
            if not self._value:
                return False
        elif not run.wait(lambda: self._value, "acquire", self, timeout):
            return False
        self._value -= 1
        run.changed()
        return True

    __enter__ = acquire

    def __exit__(self, *_: object) -> None:
        self.release()

    def release(self, n: int = 1) -> None:
        if n < 1:
            raise ValueError("n must be one or more")
        run = active.run
        run.point()
        self._world_check(n)
        self._value += n
        run.changed()

    def _world_check(self, n: int) -> None:
        pass


class BoundedSemaphore(Semaphore):
    """`threading.BoundedSemaphore`."""

    def _world_check(self, n: int) -> None:
        if self._value + n > self._initial_value:
            raise ValueError("Semaphore released too many times")


class Event(Waitable):
    """`threading.Event`."""

    def __init__(self) -> None:
        super().__init__()
        self._flag = False

    def to_first_state(self) -> None:
        self._flag = False

    def is_set(self) -> bool:
        active.run.point()
        return self._flag

    isSet = is_set  # noqa: N815

    def set(self) -> None:
        run = active.run
        run.point()
        self._flag = True
        run.changed()

    def clear(self) -> None:
        run = active.run
        run.point()
        self._flag = False
        run.changed()

    def wait(self, timeout: float | None = None) -> bool:
        # One that has been woken goes on even if the flag has been cleared since.
        waiting = self._world_waiting()
        return bool(active.run.wait(waiting, "wait", self, timeout))

    def _world_waiting(self) -> Callable[[], bool]:
        seen = False

        def ready() -> bool:
            nonlocal seen
            seen = seen or self._flag
            return seen

        return ready


class Barrier(Waitable):
    """`threading.Barrier`."""

    def __init__(self, parties: int, action: Callable[[], Any] | None = None, timeout: float | None = None) -> None:
        if parties < 1:
            threading.Barrier(parties)  # says so, from 3.13 on
        super().__init__()
        self._parties, self._action, self._timeout = parties, action, timeout
        self._count = 0
        self._world_broken = False
        self._world_acts = False
        """Whether the action is under way: nobody else comes in then."""
        self._world_round: dict[str, Any] = {"open": False, "broken": False}

    def to_first_state(self) -> None:
        self._world_broken = self._world_acts = False
        self._world_new_round()

    def _enter(self) -> None:
        active.run.point()
        if self._world_acts:
            active.run.wait(lambda: not self._world_acts, "wait", self)

    @property
    def parties(self) -> int:
        return self._parties

    @property
    def n_waiting(self) -> int:
        active.run.point()
        return self._count

    @property
    def broken(self) -> bool:
        active.run.point()
        return self._world_broken

    def wait(self, timeout: float | None = None) -> int:
        run = active.run
        self._enter()
        if self._world_broken:
            raise threading.BrokenBarrierError
        here = self._world_round
        index = self._count
        self._count += 1
        run.changed()
        if self._count == self._parties:
            try:
                if self._action:
                    self._world_acts = True
                    self._action()
            except BaseException:
                self._break()
                raise
            finally:
                self._world_acts = False
            here["open"] = True
            self._world_new_round()
            return index
        limit = self._timeout if timeout is None else timeout
        if not run.wait(lambda: here["open"] or here["broken"], "wait", self, limit):
            self._break()
            raise threading.BrokenBarrierError
        if here["broken"]:
            raise threading.BrokenBarrierError
        return index

    def reset(self) -> None:
        self._enter()
        if self._count:
            self._world_round["broken"] = True
        self._world_broken = False
        self._world_new_round()

    def abort(self) -> None:
        self._enter()
        self._break()

    def _break(self) -> None:
        self._world_broken = True
        self._count = 0
        self._world_round["broken"] = True
        active.run.changed()

    def _world_new_round(self) -> None:
        self._count = 0
        self._world_round = {"open": False, "broken": False}
        active.run.changed()
