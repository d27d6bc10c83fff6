"""Runs threads one step at a time: the baton, the choice of who goes next, virtual time.

A *task* is a thread of the world. It runs on a real thread of its own, but only while it holds the baton; it can
lose the baton only at a *point*. At each point the schedule says who goes on. Nothing else decides anything, so the
same schedule gives the same run, on every machine.
"""

from __future__ import annotations

import _thread
import contextvars
import os
import sys
import types
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from grader.student.world.workers import Workers

_Context = contextvars.Context  # bound before the student's code is there, which might put another in its place

NEVER = 1 << 60
"""A step that no run reaches."""

FAIR_STEPS = 400
"""After so many steps in a row a task must let another one go on, if there is one: it may be spinning."""

EMPTY_TURNS, EMPTY_STEPS = 1_000, 20
"""So many turns of a loop without a point count as so many steps."""

SPIN_TICK = 0.001
"""Seconds by which virtual time moves for one that spins alone; twice as much each further time."""

WORKING_STEPS = 5_000

TICK = 1.0
"""Seconds of virtual time that one unit of work takes."""

_HERE = os.path.dirname(__file__)
_MOST_TASKS = 1_000


class Abandoned(BaseException):
    """Raised in a task whose run is over, to unwind it."""


class NotModelled(BaseException):
    """The program uses something that the world does not model: no verdict can be given."""


class Task:
    """One thread of the world."""

    __slots__ = (
        "at_end", "baton", "daemon", "deadline", "done", "function", "holds", "name", "number", "raised", "ready",
        "run", "thread", "waits_for", "worker",
    )  # fmt: skip

    def __init__(self, run: Run, number: int, name: str, function: Callable[[], Any], daemon: bool) -> None:
        """Args: run: to which it belongs. number: counts from 0. function: what it runs."""
        self.run = run
        self.number = number
        self.name = name
        self.function = function
        self.daemon = daemon
        self.worker: Any = None
        self.baton: Any = None
        self.ready: Callable[[], Any] | None = None
        self.deadline: float | None = None
        self.waits_for: tuple[str, Any] | None = None
        self.holds: list[Any] = []
        self.at_end: list[Callable[[], None]] = []
        """What is done before anybody who waits for its end can know of it."""
        self.thread: Any = None
        self.done = False
        self.raised = 0

    def __repr__(self) -> str:
        return self.name


class Strategy(Protocol):
    """Says who goes on; see `strategies`."""

    name: str
    """From which `strategies.named` makes it again."""

    def begin(self, run: Run) -> None:
        """A run starts."""

    def joined(self, task: Task) -> None:
        """A task has been added to the run."""

    def choose(self, run: Run, enabled: list[Task], stays: bool) -> Task:
        """The task that goes on: one of `enabled`; `stays` tells whether the current one is among them."""

    def next_stop(self, run: Run) -> int:
        """The step at which to ask again, if nothing has changed until then who can run."""

    def exhausted(self, task: Task) -> None:
        """`task` has run for long, and another one goes on instead."""


class Run:
    """One run of a scenario under one schedule."""

    __slots__ = (
        "_aborting", "_enabled", "_gives_way", "_over", "_since", "_spins", "_told", "_turned_at", "_turns",
        "_workers", "began", "busy", "choices", "clock_read", "cores", "current", "ended", "ending", "errors",
        "forced", "modules", "most_steps", "names", "network", "now", "objects", "observer", "problem", "steps",
        "stop_at", "strategy", "stuck", "switches", "tasks", "watched", "worked", "working",
    )  # fmt: skip

    def __init__(self, strategy: Strategy, most_steps: int, workers: Workers, cores: int | None = None) -> None:
        """Args: strategy: chooses. most_steps: the budget. workers: real threads. cores: of the machine; None: many."""
        self.strategy = strategy
        self.most_steps = most_steps
        self.cores = cores
        self.steps = 0
        self.stop_at = 0
        self.now = 0.0
        self.tasks: list[Task] = []
        self.current: Task = None  # type: ignore[assignment]
        self.switches: list[tuple[int, int]] = []
        """At which step which task went on instead of the one before."""
        self.forced: set[int] = set()
        """The steps at which the one before could not go on."""
        self.choices: list[tuple[int, tuple[int, ...]]] = []
        """From which step on which tasks could run."""
        self.ending = ""
        """Why it is over: "done", "deadlock", "left behind", "livelock", "not modelled"; empty while it runs."""
        self.stuck: list[tuple[Task, str, Any]] = []
        """The tasks that could not go on, or went on for ever: the call that they wait in, and the object."""
        self.modules: dict[str, Any] = {}
        """The modelled modules of the world."""
        self.watched: dict[int, list[int]] = {}
        """The program's own code objects: see `Points.owners`."""
        self.problem = ""
        self.errors: list[tuple[Task, BaseException]] = []
        self.objects = 0
        self.names = 0
        """How many threads have got a name by their number."""
        self.network: Any = None
        """What sockets are connected by, once there are any."""
        self.observer: Any = None
        self.working: Callable[[], Any] | None = None
        """Called each time when `WORKING_STEPS` more have been made."""
        self._told = 0
        self.clock_read = False
        self.busy = 0
        """How many cores are in use."""
        self.worked = 0.0
        """Units of work done so far, by all tasks."""
        self.began: float | None = None
        self.ended = 0.0
        """Between which moments, in seconds of virtual time."""
        self._enabled: list[Task] | None = None
        self._since = 0
        self._gives_way = False
        self._turned_at = self._turns = 0
        self._spins = 0
        self._workers = workers
        self._over = _thread.allocate_lock()
        self._over.acquire()
        self._aborting = False

    # --- for the modelled modules --------------------------------------------------------------

    def point(self) -> None:
        """A place at which another task may go on instead of the current one.

        Raises:
            Abandoned: the run is over.
        """
        self.steps = step = self.steps + 1
        if step >= self.stop_at:
            self._decide()

    def wait(self, ready: Callable[[], Any], kind: str, of: Any, timeout: float | None = None) -> bool:
        """A point from which the current task goes on only once `ready()` holds.

        Args:
            ready: what it waits for; without side effects.
            kind: the call, for people: "acquire", "join", ...
            of: the object it is called on.
            timeout: seconds of virtual time after which it goes on anyway; None: never.

        Returns:
            whether `ready()` holds.

        Raises:
            Abandoned: the run is over.
        """
        self.steps = step = self.steps + 1
        if step < self.stop_at and ready():
            return True
        me = self.current
        me.ready, me.waits_for = ready, (kind, of)
        if timeout is not None:
            me.deadline = self.now + max(0.0, timeout)
        while True:
            self._enabled = None
            self._decide()
            found = bool(ready())
            if found or (me.deadline is not None and me.deadline <= self.now):
                break  # or another one has taken what this one was let go for, and had not said so
        me.ready = me.deadline = me.waits_for = None
        self._enabled = None
        return found

    def turn(self) -> None:
        """A turn of a loop: no point, but a loop that has none would never let anybody else go on."""
        if self.steps != self._turned_at:
            self._turned_at, self._turns = self.steps, 0
        self._turns += 1
        if self._turns >= EMPTY_TURNS:
            self.steps += EMPTY_STEPS - 1
            self.point()

    def give_way(self) -> None:
        """A point at which the current task says that it has nothing to do: another one goes on if there is one."""
        self._gives_way = True
        self.stop_at = 0
        self.point()

    def changed(self) -> None:
        """Something has changed on which tasks may wait."""
        self._enabled = None
        self.stop_at = 0

    def compute(self, units: float, on_core: bool = True) -> None:
        """Takes virtual time, and one of the machine's cores while it does; a point in any case.

        Args:
            units: how much; see `TICK`.
            on_core: False: it only waits, as for a network.
        """
        if not units:
            self.point()
            return
        limited = on_core and self.cores is not None
        if limited:
            self.wait(self._has_core, "compute", None)
            self.busy += 1
        self.began = self.now if self.began is None else self.began
        try:
            self.wait(_never, "work", None, units * TICK)
        finally:
            if limited:
                self.busy -= 1
                self.changed()
        self.worked += units
        self.ended = self.now

    def _has_core(self) -> bool:
        return self.busy < (self.cores or 0)

    def spawn(self, function: Callable[[], Any], name: str = "", daemon: bool = False) -> Task:
        """Adds a task that can run from now on."""
        if len(self.tasks) >= _MOST_TASKS:
            raise RuntimeError("can't start new thread")
        task = Task(self, len(self.tasks), name or f"task {len(self.tasks)}", function, daemon)
        self.tasks.append(task)
        self._workers.lend(task)
        self.strategy.joined(task)
        self.changed()
        return task

    def number(self) -> int:
        """A number for a new object: the same one in each run of the same schedule."""
        self.objects += 1
        return self.objects

    def read_clock(self) -> float:
        """Seconds of virtual time."""
        self.clock_read = True
        return self.now

    # --- the run -------------------------------------------------------------------------------

    def execute(self, function: Callable[[], Any]) -> None:
        """Runs `function` as the first task, until the run is over; then unwinds what is left."""
        main = self.spawn(function, "MainThread")
        self.strategy.begin(self)
        self.current = main
        main.baton.release()
        self._over.acquire()
        self._aborting = True
        self.stop_at = 0
        for task in self.tasks:
            if not task.done:
                self.current = task
                task.baton.release()
                self._over.acquire()

    def perform(self, task: Task) -> None:
        """Runs one task from start to end; called on its real thread, which holds the baton."""
        if not self._aborting:
            self._live(task)
        if task.raised:
            sys.settrace(None)
        task.done = True
        task.function = _nothing
        self._workers.take_back(task)
        if self._aborting:
            self._over.release()
            return
        self._enabled = None
        if self.ending:
            self._over.release()
            return
        self.steps += 1
        target = self._next(stays=False)
        if target is None:
            self._over.release()
        else:
            self._since = self.steps
            self.current = target
            self.stop_at = 0
            target.baton.release()

    def _live(self, task: Task) -> None:
        try:
            _Context().run(task.function)  # real threads are lent again, and keep theirs
            if task.number:
                self.point()  # a thread is still there for a while when its last line has been executed
                for leave in task.at_end:
                    leave()
        except (Abandoned, SystemExit):
            pass
        except NotModelled as error:
            self.give_up(str(error))
        except BaseException as error:
            self.errors.append((task, error))

    def give_up(self, problem: str) -> None:
        """Ends the run: the world cannot tell."""
        if not self.ending or self.ending == "done":
            self.ending, self.problem = "not modelled", problem
            self.stop_at = 0

    def enabled(self) -> list[Task]:
        """The tasks that can go on now, by number."""
        if self._enabled is None:
            now = self.now
            self._enabled = [
                task
                for task in self.tasks
                if not task.done
                and (task.ready is None or (task.deadline is not None and task.deadline <= now) or task.ready())
            ]
            numbers = tuple([task.number for task in self._enabled])
            self.choices.append((self.steps, numbers))
        return self._enabled

    def _decide(self) -> None:
        me = self.current
        if self._aborting:
            self._unwind(me)
        if self.steps - self._told >= WORKING_STEPS:
            self._told = self.steps
            if self.working is not None:
                self.working()
        target = self._next(stays=True)
        if target is me:
            return
        if target is None:
            self._over.release()
        else:
            self._since = self.steps
            self.current = target
            target.baton.release()
        me.baton.acquire()
        if self._aborting:
            self._unwind(me)

    def _next(self, stays: bool) -> Task | None:
        """Who goes on; None: the run is over."""
        me = self.current
        enabled = self.enabled()
        if not enabled:
            enabled = self._let_time_pass()
            if not enabled:
                return None
        if self.ending or self._is_over(enabled):
            return None
        here = stays and me in enabled
        tired = self.steps - self._since >= FAIR_STEPS
        if here and (tired or self._gives_way):
            target = self._other(me, enabled, tired)
        elif len(enabled) == 1:
            target = enabled[0]
        else:
            target = self.strategy.choose(self, enabled, here)
        if target is not me:
            self.switches.append((self.steps, target.number))
            self._since = self.steps
        if not here:
            self.forced.add(self.steps)
        self.stop_at = min(self.strategy.next_stop(self), self._since + FAIR_STEPS, self.most_steps)
        return target

    def _is_over(self, enabled: list[Task]) -> bool:
        if self.tasks[0].done and all(task.daemon for task in self.tasks if not task.done):
            self.ending = "done"
        elif self.steps >= self.most_steps:
            self.ending = "livelock"
            self.stuck = [(task, *(task.waits_for or ("", None))) for task in enabled]
        return bool(self.ending)

    def _other(self, me: Task, enabled: list[Task], tired: bool) -> Task:
        """Whose turn it is after `me`, which gives way, or has had a long one and is `tired`."""
        self._gives_way = False
        self.strategy.exhausted(me)
        if len(enabled) > 1:
            return next((task for task in enabled if task.number > me.number), enabled[0])
        if not tired:
            return me
        self._since = self.steps
        waits = [task.deadline for task in self.tasks if task.deadline is not None and not task.done]
        deadlines = [deadline for deadline in waits if deadline > self.now]
        if deadlines:
            self.now = max(self.now, min(deadlines))
            self._enabled = None
        elif self.clock_read:
            self._spins += 1
            self.now += SPIN_TICK * (1 << min(self._spins, 30))
        self.clock_read = False
        return me

    def _let_time_pass(self) -> list[Task]:
        """Moves virtual time on to where somebody can run; ends the run if that is never."""
        left = [task for task in self.tasks if not task.done]
        deadlines = [task.deadline for task in left if task.deadline is not None]
        if deadlines and not (self.tasks[0].done and all(task.daemon for task in left)):
            self.now = max(self.now, min(deadlines))
            self._enabled = None
            return self.enabled()
        self.stuck = [(task, *(task.waits_for or ("", None))) for task in left]
        if not self.tasks[0].done:
            self.ending = "deadlock"
        elif all(task.daemon for task in left):
            self.ending = "done"
        else:
            self.ending = "left behind"
        return []

    def _unwind(self, me: Task) -> None:
        """Ends a task of a run that is over; one that catches all exceptions for ever is left where it is."""
        me.raised += 1
        if me.raised > 2:
            _leave_handlers(sys._getframe(1))
        if me.raised > 200:
            me.done = True
            self._over.release()
            me.baton.acquire()
            _thread.exit()
        raise Abandoned


def _leave_handlers(frame: types.FrameType | None) -> None:
    """Lets each further instruction of a program raise that catches what unwinds it, its handlers' instructions too."""
    while frame is not None:
        if not frame.f_code.co_filename.startswith(_HERE):
            frame.f_trace, frame.f_trace_opcodes = _abandon, True
        frame = frame.f_back
    sys.settrace(lambda *_: None)


def _abandon(_: types.FrameType, event: str, __: Any) -> Any:
    if event == "opcode":
        raise Abandoned
    return _abandon


def _nothing() -> None:
    pass


def _never() -> bool:
    return False
