"""Queues of the world, as `queue` has them: each method is one point, and atomic after it.

The methods that a subclass may replace (`_init`, `_qsize`, `_put`, `_get`) are those of Lib/queue.py.
"""

from __future__ import annotations

import queue
import types
from collections import deque
from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any

from grader.student.world import clock
from grader.student.world.active import active
from grader.student.world.conditions import Condition
from grader.student.world.locks import Lock
from grader.student.world.refused import refusing
from grader.student.world.waitable import Waitable, check_wait

Empty, Full = queue.Empty, queue.Full
ShutDown: type[Exception] = getattr(queue, "ShutDown", type("ShutDown", (Exception,), {}))

_SHUTS_DOWN = hasattr(queue, "ShutDown")  # from 3.13 on
_REPLACEABLE = ("_init", "_qsize", "_put", "_get")
_BY_HAND = {**vars(queue), "time": clock.monotonic}
"""The names that the methods of the real class use."""


def _as_real(method: str, queue_of: Queue, *args: Any) -> Any:
    """Runs a method of the real class on a modelled queue: over its mutex and its conditions."""
    real = getattr(queue.Queue, method)
    return types.FunctionType(real.__code__, _BY_HAND, method, real.__defaults__)(queue_of, *args)


def _as_made_here(cls: type) -> bool:
    return all(getattr(cls, name).__module__ == __name__ for name in _REPLACEABLE)


class Queue(Waitable):
    """`queue.Queue`."""

    _world_replaced = False
    """Whether a subclass of the program's replaces what puts and gets: its code can be held up anywhere."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.__module__ != __name__ and not _as_made_here(cls):
            cls._world_replaced = True

    def __init__(self, maxsize: int = 0) -> None:
        super().__init__()
        self.maxsize = maxsize
        self._init(maxsize)
        self.mutex = Lock()
        self.unfinished_tasks = 0
        if _SHUTS_DOWN:
            self.is_shutdown = False
        self._world_conditions: dict[str, Condition] = {}

    __class_getitem__: Any = classmethod(types.GenericAlias)

    # --- what a subclass may replace ---

    def _init(self, maxsize: int) -> None:
        self.queue: Any = deque()

    def _qsize(self) -> int:
        return len(self.queue)

    def _put(self, item: Any) -> None:
        self.queue.append(item)

    def _get(self) -> Any:
        return self.queue.popleft()

    # --- what a program calls ---

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
        if self._world_replaced:
            _as_real("put", self, item, block, timeout)
            return
        self._world_wait(lambda: not 0 < self.maxsize <= self._qsize(), block, timeout, "put", Full)
        if self._world_is_shut():
            raise ShutDown
        self._world_do(self._put, item)
        self.unfinished_tasks += 1
        self._world_tell("not_empty")

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        if self._world_replaced:
            return _as_real("get", self, block, timeout)
        self._world_wait(self._qsize, block, timeout, "get", Empty)
        if self._world_is_shut() and not self._qsize():
            raise ShutDown
        item = self._world_do(self._get)
        self._world_tell("not_full")
        return item

    def put_nowait(self, item: Any) -> None:
        self.put(item, block=False)

    def get_nowait(self) -> Any:
        return self.get(block=False)

    def task_done(self) -> None:
        self._world_enter()
        if self.unfinished_tasks <= 0:
            raise ValueError("task_done() called too many times")
        self.unfinished_tasks -= 1
        if not self.unfinished_tasks:
            self._world_tell("all_tasks_done")

    def join(self) -> None:
        active.run.wait(lambda: not self.unfinished_tasks and not self.mutex._locked, "join", self)

    def qsize(self) -> int:
        if self._world_replaced:
            return int(_as_real("qsize", self))
        self._world_enter()
        return self._qsize()

    def empty(self) -> bool:
        if self._world_replaced:
            return bool(_as_real("empty", self))
        self._world_enter()
        return not self._qsize()

    def full(self) -> bool:
        if self._world_replaced:
            return bool(_as_real("full", self))
        self._world_enter()
        return 0 < self.maxsize <= self._qsize()

    if _SHUTS_DOWN:

        def shutdown(self, immediate: bool = False) -> None:
            if self._world_replaced:
                _as_real("shutdown", self, immediate)
                active.run.changed()
                return
            self._world_enter()
            self.is_shutdown = True
            while immediate and self._qsize():
                self._get()
                self.unfinished_tasks -= self.unfinished_tasks > 0
            for condition in self._world_conditions.values():
                condition._world_wake(None)
            active.run.changed()

    # The conditions of the real class, for programs that wait on them by themselves.

    @property
    def not_empty(self) -> Condition:
        return self._world_condition("not_empty")

    @property
    def not_full(self) -> Condition:
        return self._world_condition("not_full")

    @property
    def all_tasks_done(self) -> Condition:
        return self._world_condition("all_tasks_done")

    def _world_condition(self, name: str) -> Condition:
        if name not in self._world_conditions:
            self._world_conditions[name] = Condition(self.mutex)
        return self._world_conditions[name]

    def _world_tell(self, name: str) -> None:
        if name in self._world_conditions:
            self._world_conditions[name]._world_wake(1 if name != "all_tasks_done" else None)
        active.run.changed()

    def _world_is_shut(self) -> bool:
        return _SHUTS_DOWN and self.is_shutdown

    def _world_do(self, act: Callable[..., Any], *args: Any) -> Any:
        return act(*args)

    def _world_enter(self) -> None:
        mutex = self.mutex
        active.run.wait(lambda: not mutex._locked, "acquire", mutex)

    def _world_wait(
        self, ready: Any, block: bool, timeout: float | None, kind: str, otherwise: type[Exception]
    ) -> None:
        if not block:
            self._world_enter()
            if not ready() and not self._world_is_shut():
                raise otherwise
            return
        if timeout is not None and timeout < 0:
            raise ValueError("'timeout' must be a non-negative number")
        mutex = self.mutex
        free = active.run.wait(lambda: not mutex._locked and (ready() or self._world_is_shut()), kind, self, timeout)
        if not free:
            raise otherwise


class PriorityQueue(Queue):
    """`queue.PriorityQueue`."""

    def _init(self, maxsize: int) -> None:
        self.queue = []

    def _put(self, item: Any) -> None:
        heappush(self.queue, item)

    def _get(self) -> Any:
        return heappop(self.queue)

    def _world_do(self, act: Callable[..., Any], *args: Any) -> Any:
        # Items may be compared by code of the program's, which can be held up.
        mutex = self.mutex
        mutex._locked, mutex.owner = True, active.run.current
        active.run.changed()
        try:
            return act(*args)
        finally:
            mutex._free()


class LifoQueue(Queue):
    """`queue.LifoQueue`."""

    def _init(self, maxsize: int) -> None:
        self.queue = []

    def _get(self) -> Any:
        return self.queue.pop()


class SimpleQueue(Waitable):
    """`queue.SimpleQueue`."""

    def __init__(self) -> None:
        super().__init__()
        self._items: deque[Any] = deque()

    def to_first_state(self) -> None:
        self._items.clear()

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
        active.run.point()
        self._items.append(item)
        active.run.changed()

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        if not block:
            active.run.point()
        else:
            if timeout is not None:
                if timeout < 0:
                    raise ValueError("'timeout' must be a non-negative number")
                check_wait(True, timeout)
            active.run.wait(lambda: self._items, "get", self, timeout)
        if not self._items:
            raise Empty
        item = self._items.popleft()
        active.run.changed()
        return item

    def put_nowait(self, item: Any) -> None:
        self.put(item)

    def get_nowait(self) -> Any:
        return self.get(block=False)

    def empty(self) -> bool:
        active.run.point()
        return not self._items

    def qsize(self) -> int:
        active.run.point()
        return len(self._items)

    __class_getitem__: Any = classmethod(types.GenericAlias)


def queue_module() -> types.ModuleType:
    """A module to stand in for `queue`."""
    module = types.ModuleType("queue", queue.__doc__)
    module.__dict__.update(
        Queue=Queue, PriorityQueue=PriorityQueue, LifoQueue=LifoQueue, SimpleQueue=SimpleQueue, Empty=Empty, Full=Full,
        __all__=list(queue.__all__),
    )  # fmt: skip
    if hasattr(queue, "ShutDown"):
        module.__dict__["ShutDown"] = ShutDown
    return refusing(module, queue)
