"""Threads of the world, as `threading` and `_thread` have them (library reference; Lib/threading.py)."""

from __future__ import annotations

import _thread
import sys
import threading
import types
import weakref
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from grader.student.world.active import active
from grader.student.world.conditions import Barrier, BoundedSemaphore, Condition, Event, Semaphore
from grader.student.world.locks import Lock, RLock
from grader.student.world.refused import refusal, refusing
from grader.student.world.scheduler import Abandoned, NotModelled, Run, Task
from grader.student.world.waitable import Waitable

FIRST_IDENT = 1_000
"""The ident of the main thread; the others count on from it."""


class Thread(Waitable):
    """`threading.Thread`."""

    _initialized = False
    _world_task: Task | None = None

    def __init__(
        self,
        group: None = None,
        target: Callable[..., Any] | None = None,
        name: str | None = None,
        args: Iterable[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
        *,
        daemon: bool | None = None,
        **context: Any,
    ) -> None:
        _check_arguments(group, context)
        Waitable.__init__(self)
        hash(self)
        run = active.run
        self._target, self._args, self._kwargs = target, args, {} if kwargs is None else kwargs
        self._world_context = context.get("context")
        if not name:
            run.names += 1
            called = getattr(target, "__name__", None)
            name = f"Thread-{run.names}" + (f" ({called})" if called else "")
        self._name = str(name)
        self._daemonic = current_thread().daemon if daemon is None else daemon
        self._initialized = True

    def start(self) -> None:
        if not self._initialized:
            raise RuntimeError("thread.__init__() not called")
        run = active.run
        run.point()
        if self._world_task is not None:
            raise RuntimeError("threads can only be started once")
        self._world_task = run.spawn(self._bootstrap, self._name, bool(self._daemonic))
        self._world_task.thread = self

    def run(self) -> None:
        try:
            if self._target is not None:
                self._target(*self._args, **self._kwargs)
        finally:
            del self._target, self._args, self._kwargs

    def _bootstrap(self) -> None:
        try:
            if self._world_context is None:
                self.run()
            else:
                self._world_context.run(self.run)
        except (Abandoned, NotModelled):
            raise
        except BaseException as error:
            _report(self, error)

    def join(self, timeout: float | None = None) -> None:
        if not self._initialized:
            raise RuntimeError("Thread.__init__() not called")
        if self._world_task is None:
            raise RuntimeError("cannot join thread before it is started")
        task = self._world_task
        if task is active.run.current:
            raise RuntimeError("cannot join current thread")
        active.run.wait(lambda: task.done, "join", self, None if timeout is None else max(0.0, timeout))

    def is_alive(self) -> bool:
        self._world_check()
        active.run.point()
        return self._world_task is not None and not self._world_task.done

    def _world_check(self) -> None:
        if not self._initialized:
            raise AssertionError("Thread.__init__() not called")

    @property
    def name(self) -> str:
        self._world_check()
        return self._name

    @name.setter
    def name(self, name: str) -> None:
        self._world_check()
        self._name = str(name)
        if self._world_task is not None:
            self._world_task.name = self._name

    @property
    def ident(self) -> int | None:
        self._world_check()
        return None if self._world_task is None else FIRST_IDENT + self._world_task.number

    @property
    def native_id(self) -> int | None:
        return self.ident

    @property
    def daemon(self) -> bool:
        self._world_check()
        return self._daemonic

    @daemon.setter
    def daemon(self, daemonic: bool) -> None:
        if not self._initialized:
            raise RuntimeError("Thread.__init__() not called")
        if self._world_task is not None:
            raise RuntimeError("cannot set daemon status of active thread")
        self._daemonic = daemonic

    def isDaemon(self) -> bool:  # noqa: N802
        return self.daemon

    def setDaemon(self, daemonic: bool) -> None:  # noqa: N802
        self.daemon = daemonic

    def getName(self) -> str:  # noqa: N802
        return self.name

    def setName(self, name: str) -> None:  # noqa: N802
        self.name = name

    def __repr__(self) -> str:
        state = "initial" if self._world_task is None else "stopped" if self._world_task.done else "started"
        return f"<{type(self).__name__}({self._name}, {state})>"


class Timer(Thread):
    """`threading.Timer`."""

    def __init__(self, interval: float, function: Callable[..., Any], args: Any = None, kwargs: Any = None) -> None:
        super().__init__()
        self.interval, self.function = interval, function
        self.args = [] if args is None else args
        self.kwargs = {} if kwargs is None else kwargs
        self.finished = Event()

    def cancel(self) -> None:
        self.finished.set()

    def run(self) -> None:
        self.finished.wait(self.interval)
        if not self.finished.is_set():
            self.function(*self.args, **self.kwargs)
        self.finished.set()


class _Adopted(Thread):
    """Stands for a task that was started below `threading`, or the main thread."""

    def __init__(self, task: Task) -> None:
        Waitable.__init__(self)
        self._initialized = True
        self._world_task = task
        self._name = task.name
        self._daemonic = task.daemon


class _DuringImport:
    name, daemon, ident = "MainThread", False, FIRST_IDENT


def _check_arguments(group: Any, further: dict[str, Any]) -> None:
    if group is not None:
        raise AssertionError("group argument must be None for now")
    known = {"context"} if sys.version_info >= (3, 14) else set()
    for name in further.keys() - known:
        raise TypeError(f"Thread.__init__() got an unexpected keyword argument {name!r}")


def _report(thread: Thread, error: BaseException) -> None:
    run = active.run
    hook = run.modules["threading"].excepthook
    if hook is excepthook:
        if not isinstance(error, SystemExit):
            run.errors.append((run.current, error))
    else:
        hook(threading.ExceptHookArgs((type(error), error, error.__traceback__, thread)))


def excepthook(args: Any) -> None:
    """`threading.excepthook`: the run has noted the exception already."""


def current_thread() -> Any:
    """`threading.current_thread`."""
    run = active.run
    if not isinstance(run, Run):
        return _DuringImport
    task = run.current
    if task.thread is None:
        task.thread = _Adopted(task)
    return task.thread


def get_ident() -> int:
    """`threading.get_ident`."""
    run = active.run
    return FIRST_IDENT + (run.current.number if isinstance(run, Run) else 0)


def enumerate_threads() -> list[Any]:
    """`threading.enumerate`."""
    run = active.run
    run.point()
    for task in run.tasks:
        if task.thread is None:
            task.thread = _Adopted(task)
    return [task.thread for task in run.tasks if not task.done]


class _Spaces:
    """What a `local` keeps: for each task a dictionary, of the run that goes on."""

    __slots__ = ("first", "made_with", "of_task", "run")

    def __init__(self, made_with: tuple[Any, Any]) -> None:
        self.made_with = made_with
        self.first: tuple[Any, int] = (active.run, get_ident())
        self.run: Any = active.run
        self.of_task: dict[int, dict[str, Any]] = {}


class local:  # noqa: N801
    """`threading.local`: each task sees attributes of its own."""

    __slots__ = ("__dict__", "__weakref__", "_world_spaces")

    def __new__(cls, /, *args: Any, **kwargs: Any) -> local:
        if (args or kwargs) and cls.__init__ is object.__init__:
            raise TypeError("Initialization arguments are not supported")
        self = super().__new__(cls)
        spaces = _Spaces((args, kwargs))
        spaces.of_task[get_ident()] = object.__getattribute__(self, "__dict__")
        object.__setattr__(self, "_world_spaces", spaces)
        return self

    def __getattribute__(self, name: str) -> Any:
        _enter_own_space(self)
        return object.__getattribute__(self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        _refuse_to_replace(self, name)
        _enter_own_space(self)
        object.__setattr__(self, name, value)

    def __delattr__(self, name: str) -> None:
        _refuse_to_replace(self, name)
        _enter_own_space(self)
        object.__delattr__(self, name)


def _leaving(self: local, spaces: _Spaces, me: int) -> Callable[[], None]:
    """What gives up a task's space in a `local`, as the interpreter does when a thread ends."""
    known = weakref.ref(self)

    def leave() -> None:
        space, here = spaces.of_task.pop(me, None), known()
        if here is not None and space is object.__getattribute__(here, "__dict__"):
            object.__setattr__(here, "__dict__", {})

    return leave


def _refuse_to_replace(self: local, name: str) -> None:
    if name == "__dict__":
        raise AttributeError(f"{type(self).__name__!r} object attribute '__dict__' is read-only")


def _enter_own_space(self: local) -> None:
    spaces: _Spaces = object.__getattribute__(self, "_world_spaces")
    me = get_ident()
    if spaces.run is not active.run:
        spaces.run, spaces.of_task = active.run, {}
    space = spaces.of_task.get(me)
    if space is None:
        space = spaces.of_task[me] = {}
        if isinstance(active.run, Run):
            active.run.current.at_end.append(_leaving(self, spaces, me))
        object.__setattr__(self, "__dict__", space)
        if spaces.first != (active.run, me):
            args, kwargs = spaces.made_with
            type(self).__init__(self, *args, **kwargs)
    # A switch in `__init__` may have put another space there.
    object.__setattr__(self, "__dict__", space)


def start_new_thread(function: Callable[..., Any], args: Any, kwargs: Any = None, /) -> int:
    """`_thread.start_new_thread`."""
    if not callable(function):
        raise TypeError("first arg must be callable")
    if not isinstance(args, tuple):
        raise TypeError("2nd arg must be a tuple")
    if kwargs is not None and not isinstance(kwargs, dict):
        raise TypeError("optional 3rd arg must be a dictionary")
    run = active.run
    run.point()

    def bootstrap() -> None:
        try:
            function(*args, **(kwargs or {}))
        except SystemExit:
            pass
        except Exception as error:
            run.errors.append((run.current, error))

    task: Task = run.spawn(bootstrap, f"Thread-{len(run.tasks)}", daemon=True)
    return FIRST_IDENT + task.number


def threading_module() -> types.ModuleType:
    """A module to stand in for `threading`."""
    module = refusing(types.ModuleType("threading", threading.__doc__), threading)
    module.__dict__.update(
        Thread=Thread, Timer=Timer, Lock=Lock, RLock=RLock, Condition=Condition, Semaphore=Semaphore,
        BoundedSemaphore=BoundedSemaphore, Event=Event, Barrier=Barrier, local=local,
        BrokenBarrierError=threading.BrokenBarrierError, ThreadError=RuntimeError, TIMEOUT_MAX=threading.TIMEOUT_MAX,
        ExceptHookArgs=threading.ExceptHookArgs, excepthook=excepthook, __excepthook__=excepthook,
        current_thread=current_thread, currentThread=current_thread, get_ident=get_ident, get_native_id=get_ident,
        main_thread=lambda: enumerate_main(), enumerate=enumerate_threads,
        active_count=lambda: len(enumerate_threads()), activeCount=lambda: len(enumerate_threads()),
        stack_size=lambda size=0: 0, settrace=_ignore, setprofile=_ignore, gettrace=_ignore, getprofile=_ignore,
        _register_atexit=_register_atexit, _RLock=RLock, __all__=list(threading.__all__),
    )  # fmt: skip
    for name in threading.__all__:  # what a star-import takes, whether it is used or not
        module.__dict__.setdefault(name, refusal(f"threading.{name}"))
    return module


def thread_module() -> types.ModuleType:
    """A module to stand in for `_thread`."""
    module = refusing(types.ModuleType("_thread", _thread.__doc__), _thread)
    module.__dict__.update(
        start_new_thread=start_new_thread, start_new=start_new_thread, allocate_lock=Lock, allocate=Lock,
        LockType=Lock, RLock=RLock, get_ident=get_ident, get_native_id=get_ident, error=RuntimeError,
        TIMEOUT_MAX=_thread.TIMEOUT_MAX, exit=sys.exit, exit_thread=sys.exit, stack_size=lambda size=0: 0,
        _count=lambda: len(enumerate_threads()) - 1, _local=local, _ExceptHookArgs=threading.ExceptHookArgs,
    )  # fmt: skip
    if hasattr(_thread, "lock"):  # from 3.13 on
        module.__dict__["lock"] = Lock
    return module


def enumerate_main() -> Any:
    """`threading.main_thread`."""
    task = active.run.tasks[0]
    if task.thread is None:
        task.thread = _Adopted(task)
    return task.thread


def _register_atexit(function: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
    """The executors' way to end their threads when the program ends."""


def _ignore(*_: object) -> None:
    pass
