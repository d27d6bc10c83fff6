"""Locks as `threading` has them.

Each method is one point, and atomic after it. Semantics: the library reference, "threading", and Lib/threading.py.
"""

from __future__ import annotations

import _thread
from typing import Any

from grader.student.world.active import active
from grader.student.world.scheduler import Task
from grader.student.world.waitable import Waitable, check_wait


def _timeout(blocking: bool, timeout: float) -> float | None:
    if timeout == -1 and type(timeout) is int and (blocking is True or blocking is False):
        return None
    check_wait(blocking, timeout)
    return None if timeout < 0 else timeout


class Lock(Waitable):
    """`threading.Lock`."""

    def __init__(self) -> None:
        super().__init__()
        self.owner: Task | None = None
        self._locked = False

    def to_first_state(self) -> None:
        self.owner, self._locked = None, False

    def _is_free(self) -> bool:
        return not self._locked

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        limit = _timeout(blocking, timeout)
        run = active.run
        if not blocking:
            run.point()
            if self._locked:
                return False
        elif not run.wait(self._is_free, "acquire", self, limit):
            return False
        self._locked, self.owner = True, run.current
        run.current.holds.append(self)
        run.changed()
        return True

    def release(self) -> None:
        run = active.run
        run.point()
        if not self._locked:
            raise RuntimeError("release unlocked lock")
        self._free()

    def _free(self) -> None:
        if self.owner is not None and self in self.owner.holds:
            self.owner.holds.remove(self)
        self._locked, self.owner = False, None
        active.run.changed()

    def locked(self) -> bool:
        active.run.point()
        return self._locked

    acquire_lock, release_lock, locked_lock = acquire, release, locked

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()

    def _at_fork_reinit(self) -> None:
        self.to_first_state()

    # --- for Condition ---

    def _is_owned(self) -> bool:
        return self._locked

    def _release_save(self) -> Any:
        self._free()
        return None

    def _acquire_restore(self, _: Any) -> None:
        self.acquire()


class RLock(Waitable):
    """`threading.RLock`."""

    def __init__(self) -> None:
        super().__init__()
        self.owner: Task | None = None
        self._count = 0

    def to_first_state(self) -> None:
        self.owner, self._count = None, 0

    def _is_free(self) -> bool:
        return self.owner is None or self.owner is active.run.current

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        limit = _timeout(blocking, timeout)
        run = active.run
        me = run.current
        if not blocking:
            run.point()
            if self.owner not in (None, me):
                return False
        elif not run.wait(lambda: self.owner is None or self.owner is me, "acquire", self, limit):
            return False
        if self.owner is None:
            me.holds.append(self)
        self.owner = me
        self._count += 1
        run.changed()
        return True

    def release(self) -> None:
        run = active.run
        run.point()
        if self.owner is not run.current:
            raise RuntimeError("cannot release un-acquired lock")
        self._count -= 1
        if not self._count:
            self._free()

    def _free(self) -> None:
        if self.owner is not None and self in self.owner.holds:
            self.owner.holds.remove(self)
        self.owner, self._count = None, 0
        active.run.changed()

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()

    if hasattr(_thread.RLock, "locked"):  # from 3.14 on

        def locked(self) -> bool:
            active.run.point()
            return self.owner is not None

    def _is_owned(self) -> bool:
        return self.owner is active.run.current

    def _release_save(self) -> Any:
        count = self._count
        self._free()
        return count

    def _acquire_restore(self, count: Any) -> None:
        self.acquire()
        self._count = count
