"""What two packages from PyPI find in the programs that our own scheduler is measured with.

    python benchmarks/peers.py PEER FILE [--schedules N] [--seed S] [--seconds T] [--python P]

PEER is `frontrun` (frontrun~=0.7) or `interleave-test` (interleave-test~=0.1), each with the strategy that is its own
default, or one of the others of PEERS. It is installed in the Python that runs this file, or in the one of
`--python`, which must be 3.12 or later. Prints one JSON object, see `find`.

How a program is given to a peer. Each schedule executes the module afresh, with the peer's own primitives in place of
those of `threading` and `queue`, and calls its `scenario`. Programs see stand-ins for four modules: `threading` (whose
Thread and Timer are the peer's), `queue` (whose SimpleQueue is the standard library's in Python, as the one in C blocks
out of the peer's sight), `os` and `concurrent.futures` (whose ThreadPoolExecutor is the standard library's own code,
executed once more on those stand-ins). A pool that the program leaves open is shut down as the interpreter does at its
end. An exception in any thread counts as found.

interleave-test takes this as it is: a model is a function that starts threads. frontrun wants state and a fixed list
of workers, so that there

  - `flat`, if scenario does nothing but start threads up to its first join, and nobody starts one later: the workers
    are those threads, and what is left of scenario, from its first join on, is the invariant;
  - `whole` otherwise: one worker runs scenario, and the others are one for each thread ever started, which wait for
    being started. Joins and starts are waits for an event of the peer.
"""

from __future__ import annotations

import _thread
import argparse
import ast
import builtins
import concurrent.futures.thread
import contextlib
import importlib
import importlib.util
import json
import os
import queue
import re
import subprocess
import sys
import threading
import time
import types
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

PEERS = (
    "frontrun",  # DPOR, depth first, at most two preemptions: its default
    "frontrun:unbounded",  # DPOR with any number of preemptions
    "frontrun:bit-reversal",  # DPOR in the order its documentation advises for small budgets
    "frontrun:random",
    "interleave-test",  # uniformly random: its default
    "interleave-test:pct",
    "interleave-test:dfs",
)
DISTRIBUTIONS = {"frontrun": "frontrun~=0.7", "interleave-test": "interleave-test~=0.1"}
A_SCHEDULE = 5.0  # seconds before a schedule counts as hung

# ---------------------------------------------------------------- the program and the modules it sees


class Stand(types.ModuleType):
    """A module in place of another one, which it asks for whatever it does not have itself."""

    def __init__(self, name: str, behind: types.ModuleType, own: dict[str, object], without: str = "") -> None:
        super().__init__(name)
        self.__dict__.update(own, _behind=behind, _without=without)

    def __getattr__(self, name: str) -> object:
        if name == self.__dict__["_without"]:
            raise AttributeError(name)
        return getattr(self.__dict__["_behind"], name)


def compiled(path: Path) -> types.CodeType:
    """The code of a file."""
    return compile(path.read_text(), path, "exec")


class Program:
    """A program's file, executed afresh on a peer's threads as often as one likes."""

    def __init__(self, path: Path) -> None:
        self.code = compiled(path)
        self.pools = compiled(Path(concurrent.futures.thread.__file__))

    def load(self, thread_class: type) -> Loaded:
        """Executes the module, with `thread_class` for threading.Thread."""
        return Loaded(self, thread_class)


class Loaded:
    """One execution of a program's module."""

    def __init__(self, program: Program, thread_class: type) -> None:
        self.at_exit: list[Callable[[], None]] = []
        mains = types.SimpleNamespace(name="MainThread", daemon=False, ident=0, is_alive=lambda: True)
        here = cast(Any, thread_class).here

        def current_thread() -> object:
            return getattr(here, "thread", mains)

        self.modules: dict[str, types.ModuleType] = {}
        own = {
            "Thread": thread_class,
            "Timer": timer_class(thread_class),
            "current_thread": current_thread,
            "main_thread": lambda: mains,
            "_register_atexit": self.at_exit.append,
        }
        self.modules["threading"] = Stand("threading", threading, own)
        self.modules["queue"] = Stand("queue", queue, {"SimpleQueue": cast(Any, queue)._PySimpleQueue})
        self.modules["os"] = Stand("os", os, {}, without="register_at_fork")
        # No callback when a pool is collected: it would wake threads from wherever in a peer's scheduler that happens.
        self.modules["weakref"] = Stand("weakref", weakref, {"ref": lambda what, _=None: weakref.ref(what)})
        pools = self.execute(program.pools, "concurrent.futures.thread")
        del self.modules["weakref"]
        futures = Stand("concurrent.futures", concurrent.futures, {"ThreadPoolExecutor": pools["ThreadPoolExecutor"]})
        self.modules["concurrent.futures"] = futures
        self.modules["concurrent"] = Stand("concurrent", concurrent, {"futures": futures})
        self.names = self.execute(program.code, "program")

    def execute(self, code: types.CodeType, name: str) -> dict[str, Any]:
        """Executes code as a module of that name, and answers its names."""
        names: dict[str, Any] = {"__name__": name, "__builtins__": {**vars(builtins), "__import__": self.imported}}
        exec(code, names)
        return names

    def imported(self, name: str, names: Any = None, local: Any = None, wanted: Any = (), level: int = 0) -> object:
        """What the program's import statements call."""
        if name not in self.modules or (name == "concurrent.futures" and wanted and "_base" in wanted):
            return __import__(name, names, local, wanted, level)
        return self.modules[name if wanted else name.partition(".")[0]]

    def scenario(self) -> None:
        """Runs the program, up to where an interpreter would end."""
        self.names["scenario"]()
        for call in self.at_exit:
            call()


def timer_class(thread_class: type) -> type:
    """threading.Timer on another class of threads."""

    def begin(self: Any, interval: float, function: Any, args: Any = None, kwargs: Any = None) -> None:
        cast(Any, thread_class).__init__(self)
        self.interval, self.function, self.args, self.kwargs = interval, function, args or [], kwargs or {}
        self.finished = threading.Event()

    methods = {"__init__": begin, "run": threading.Timer.run, "cancel": threading.Timer.cancel}
    return type("Timer", (thread_class,), methods)


def kind_of(error: BaseException) -> str:
    """An exception's kind, in the words of the programs' own headers."""
    return "assertion" if isinstance(error, AssertionError) else "exception"


# ---------------------------------------------------------------- interleave-test


def interleave(path: Path, schedules: int, seed: int, strategy: str, until: float) -> dict[str, Any]:
    """Explores with interleave-test."""
    it = importlib.import_module("interleave_test")
    program = Program(path)
    last: list[list[Any]] = [[]]
    unloaded: list[Exception] = []

    peers_thread: Any = it.Thread

    class Thread(peers_thread):  # type: ignore[misc]
        """The peer's thread, which knows which one it is itself."""

        here = threading.local()

        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            self.name: str = self.name or f"Thread-{len(last[0]) + 1}"
            last[0].append(self)

        def start(self) -> None:
            inside = cast(Any, self).run

            def run() -> None:
                self.here.thread = self
                with contextlib.suppress(SystemExit):  # as threading does
                    inside()

            cast(Any, self).run = run
            super().start()

    def model() -> None:
        last[0] = []
        with it.no_interleave():
            try:
                loaded = program.load(Thread)
            except Exception as error:
                unloaded.append(error)
                return
        loaded.scenario()

    made = {"": it.RandomStrategy, "pct": it.PCTStrategy, "dfs": it.DFSStrategy}[strategy]()
    more = made.more
    made.more = lambda: more() if time.monotonic() < until else False
    # Its clock is the scheduler's while it runs: `more` is asked from outside of it, where time is as ever.
    run = 0
    while run < schedules and made.more() is not False:
        result = it.explore(
            model,
            iterations=schedules - run,
            seed=seed + run,
            strategy=made,
            timeout=A_SCHEDULE,
            include=[str(path)],
            raise_on_failure=False,
        )
        run += result.schedules_run
        if unloaded:
            raise unloaded[0]
        failure = result.failure
        if failure is None:
            break
        if failure.kind == "deadlock" and only_daemons_are_left(last[0], failure.details):
            continue  # a program may end so
        kind = kind_of(failure.exception) if failure.kind == "exception" else failure.kind
        return {"found": True, "kind": kind, "schedules": run, "said": brief(failure)}
    return {"found": False, "kind": "", "schedules": run, "exhausted": made.exhausted}


def brief(failure: Any) -> str:
    """What a failure says, in a line or a few."""
    return repr(failure.exception) if failure.exception is not None else str(failure.details)


def only_daemons_are_left(threads: list[Any], details: str) -> bool:
    """Whether a deadlock's table of blocked threads has none but daemons (its T0 is scenario itself)."""
    daemons = {thread.ident for thread in threads if thread.daemon}
    return {int(number) for number in re.findall(r"^ *T(\d+)\(", details, re.MULTILINE)} <= daemons


# ---------------------------------------------------------------- frontrun


class Slot:
    """A worker of frontrun's, which is a thread of the program's once that is started."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.done = threading.Event()
        self.over = False
        self.thread: Any = None


class Run:
    """One schedule's state."""

    def __init__(self, slots: int) -> None:
        self.slots = [Slot() for _ in range(slots)]
        self.taken = 0
        self.error: BaseException | None = None
        self.too_many = False
        self.main_over = False
        self.loaded: Loaded | None = None
        self.collecting = False  # flat: starts are recorded, and the first join is waited for
        self.joined = False
        self.at_join = _thread.allocate_lock()
        self.go_on = _thread.allocate_lock()
        self.ended = _thread.allocate_lock()

    def note(self, error: BaseException) -> None:
        """Keeps the first error; those by which the peer ends a schedule go on to it."""
        if type(error).__module__.startswith("frontrun") or not isinstance(error, Exception):
            raise error
        if self.error is None:
            self.error = error

    def main(self) -> None:
        """Runs scenario as a worker (whole)."""
        try:
            assert self.loaded
            self.loaded.scenario()
        except BaseException as error:
            self.note(error)
        self.main_over = True
        for slot in self.slots[self.taken :]:
            slot.go.set()

    def worker(self, number: int) -> None:
        """Runs the thread of that number, when it is started."""
        slot = self.slots[number]
        if not self.collecting:
            slot.go.wait()
        if slot.thread is not None:
            try:
                slot.thread.here.thread = slot.thread
                slot.thread.run()
            except SystemExit:
                pass  # as threading does
            except BaseException as error:
                self.note(error)
            slot.over = True
            if not self.collecting:
                slot.done.set()

    def aside(self) -> None:
        """Runs scenario in a thread of its own, up to its first join, and on from there when told to (flat)."""
        try:
            assert self.loaded
            self.loaded.scenario()
        except BaseException as error:
            if self.error is None:
                self.error = error
        self.main_over = True
        if not self.joined:
            self.at_join.release()
        self.ended.release()

    def to_first_join(self) -> None:
        """Starts `aside`, and returns when it is at its first join (or at its end)."""
        self.collecting = True
        for lock in (self.at_join, self.go_on, self.ended):
            lock.acquire()
        _thread.start_new_thread(self.aside, ())
        self.at_join.acquire()

    def to_the_end(self) -> None:
        """Lets `aside` go on, and waits for its end."""
        self.go_on.release()
        if not self.ended.acquire(timeout=A_SCHEDULE) and self.error is None:
            self.error = RuntimeError("scenario did not end after its first join")


current: list[Run] = []


class SlotThread:
    """threading.Thread for a program under frontrun."""

    here = threading.local()

    def __init__(
        self,
        group: None = None,
        target: Callable[..., object] | None = None,
        name: str | None = None,
        args: Any = (),
        kwargs: Any = None,
        *,
        daemon: bool | None = None,
    ) -> None:
        assert group is None
        self._target, self._args, self._kwargs = target, args, kwargs or {}
        self._slot: Slot | None = None
        self.daemon = bool(daemon)
        self.ident: int | None = None
        self.name = name or "Thread"

    def run(self) -> None:
        """What a thread does."""
        if self._target is not None:
            self._target(*self._args, **self._kwargs)

    def start(self) -> None:
        """Takes the next worker that waits."""
        run = current[0]
        if self._slot is not None:
            raise RuntimeError("threads can only be started once")
        if run.taken == len(run.slots):
            run.too_many = True
            raise RuntimeError("can't start new thread")
        self._slot = run.slots[run.taken]
        run.taken += 1
        self.ident = run.taken
        self.name = self.name if self.name != "Thread" else f"Thread-{run.taken}"
        self._slot.thread = self
        if not run.collecting:
            self._slot.go.set()

    def join(self, timeout: float | None = None) -> None:
        """Waits for the worker's end."""
        if self._slot is None:
            raise RuntimeError("cannot join thread before it is started")
        run = current[0]
        if not run.collecting:
            self._slot.done.wait(timeout)
        elif not run.joined:
            run.joined = True
            run.at_join.release()
            run.go_on.acquire()

    def is_alive(self) -> bool:
        """Whether it has begun and not ended."""
        return self._slot is not None and not self._slot.over


def unseen(*holders: type) -> None:
    """Has the peer take the methods of these classes for the threading module's own, which it does not look into."""
    for holder in holders:
        for name, what in list(vars(holder).items()):
            if isinstance(what, types.FunctionType):
                what.__code__ = what.__code__.replace(co_filename=str(threading.__file__))
                setattr(holder, name, what)


def frontrun(path: Path, schedules: int, seed: int, strategy: str, until: float) -> dict[str, Any]:
    """Explores with frontrun."""
    os.environ["FRONTRUN_ACTIVE"] = "1"  # as its command line does; the rest of which is about input and output in C
    peer = importlib.import_module("frontrun")
    unseen(Slot, Run, SlotThread, Loaded, Stand)
    program = Program(path)
    slots, flat = plan(path)
    run_so_far = 0
    while True:
        answer = frontrun_once(peer, program, slots, flat, schedules - run_so_far, seed, strategy, until)
        run_so_far += answer["schedules"]
        if not current[0].too_many:
            break
        slots, flat = slots + 2, False
    return {**answer, "schedules": run_so_far, "shape": "flat" if flat else "whole", "workers": slots + (not flat)}


def frontrun_once(
    peer: Any, program: Program, slots: int, flat: bool, schedules: int, seed: int, strategy: str, until: float
) -> dict[str, Any]:
    """One exploration, for a known number of threads."""
    count = [0]

    def setup() -> Run:
        count[0] += 1
        run = Run(slots)
        current[:] = [run]
        run.loaded = program.load(SlotThread)
        if flat:
            run.to_first_join()
        return run

    def invariant(run: Run) -> bool:
        if flat and not run.main_over:
            run.to_the_end()
        return run.error is None

    def worker(number: int) -> Callable[[Run], None]:
        return lambda run: run.worker(number)

    workers: list[Callable[[Run], None]] = [] if flat else [Run.main]
    workers += [worker(number) for number in range(slots)]
    options: dict[str, Any] = {"strategy": "dpor", "max_executions": schedules}
    if strategy == "random":
        options = {"strategy": "random", "max_attempts": schedules, "seed": seed, "max_ops": 3000}
    elif strategy == "unbounded":
        options["preemption_bound"] = None
    elif strategy == "bit-reversal":
        options["search"] = f"bit-reversal:{seed}"
    result = peer.explore(
        setup=setup,
        workers=workers,
        invariant=invariant,
        clock="virtual",  # with which it tells a deadlock of conditions, queues and joins from a time-out
        detect_io=False,
        reproduce_on_failure=0,
        timeout_per_run=A_SCHEDULE,
        deadlock_timeout=A_SCHEDULE,
        total_timeout=max(0.1, until - time.monotonic()),
        **options,
    )
    return {"schedules": count[0], **verdict(result)}


def verdict(result: Any) -> dict[str, Any]:
    """The words that the benchmark has for an answer of frontrun's."""
    run = current[0]
    said = str(result.explanation or result.inconclusive_reason or "")[:2000]
    if result.property_holds is None:
        return {"found": False, "kind": "inconclusive", "why_not": str(result.inconclusive_reason)}
    if result.property_holds:
        return {"found": False, "kind": "", "exhausted": result.exhausted}
    if run.error is not None:
        return {"found": True, "kind": kind_of(run.error), "said": repr(run.error)}
    if run.main_over and all(slot.over or slot.thread is None or slot.thread.daemon for slot in run.slots):
        return {"found": False, "kind": "", "why_not": "it takes daemons that are left for a deadlock"}
    return {"found": True, "kind": "deadlock" if "eadlock" in said else "exception", "said": said}


# ---------------------------------------------------------------- how many workers frontrun needs


def plan(path: Path) -> tuple[int, bool]:
    """How many threads a run starts, and whether the program is flat, from a run in a process of its own."""
    try:
        done = subprocess.run(
            [sys.executable, __file__, "--rehearse", str(path)], capture_output=True, timeout=5, check=False
        )
        output = done.stdout
    except subprocess.TimeoutExpired as late:
        output = late.stdout or b""
    lines = [json.loads(line) for line in output.splitlines() if line.startswith(b"[")]
    starts = [line for line in lines if line[0] == "start"]
    joins = [number for number, line in enumerate(lines) if line[0] == "join"]
    first_join = joins[0] if joins else len(lines)
    early = [line for line in lines[:first_join] if line == ["start", "main"]]
    flat = bool(joins) and 0 < len(early) == len(starts)
    return len(starts), flat and only_starts(path, [line[1] for line in lines if line[0] == "line"])


def rehearse(path: Path) -> None:
    """Runs the program on real threads and tells of each start, of the first join and of main's lines in between."""
    program = Program(path)
    speak = _thread.allocate_lock()
    main = _thread.get_ident()
    joined = [False]

    def tell(*what: object) -> None:
        with speak:
            os.write(1, (json.dumps(what) + "\n").encode())

    class Thread(threading.Thread):
        here = threading.local()

        def start(self) -> None:
            here = _thread.get_ident() == main
            tell("start", "main" if here else "other")
            self.daemon = True
            super().start()
            if here and not joined[0]:
                watch(sys._getframe(1), trace)

        def run(self) -> None:
            self.here.thread = self
            super().run()

        def join(self, timeout: float | None = None) -> None:
            if _thread.get_ident() == main and not joined[0]:
                joined[0] = True
                sys.settrace(None)
                tell("join")
            super().join(timeout)

    def trace(frame: types.FrameType, event: str, _: object) -> Any:
        if joined[0]:
            return None
        if event == "line" and frame.f_code.co_filename == str(path):
            tell("line", frame.f_lineno)
        return trace

    loaded = program.load(Thread)
    loaded.scenario()
    sys.settrace(None)
    os._exit(0)


def watch(frame: types.FrameType | None, trace: Any) -> None:
    """Traces a frame and all that it was called from, from now on."""
    sys.settrace(trace)
    while frame is not None:
        frame.f_trace = trace
        frame = frame.f_back


def only_starts(path: Path, lines: list[int]) -> bool:
    """Whether these lines do nothing but make, keep, start and join threads."""
    tree = ast.parse(path.read_text())
    by_line: dict[int, ast.stmt] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt) and not isinstance(node, ast.FunctionDef | ast.ClassDef):
            for line in range(node.lineno, (node.end_lineno or node.lineno) + 1):
                if line not in by_line or by_line[line].lineno <= node.lineno:
                    by_line[line] = node
    return all(line in by_line and harmless(by_line[line]) for line in lines)


def harmless(statement: ast.stmt) -> bool:
    """Whether a statement does nothing but make, keep, start and join threads."""
    allowed = {"start", "join", "Thread", "append", "range"}
    if isinstance(statement, ast.For):
        return calls(statement.iter) <= allowed and all(map(harmless, [*statement.body, *statement.orelse]))
    if isinstance(statement, ast.Expr | ast.Assign | ast.AnnAssign):
        called = calls(statement)
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        return called <= allowed and bool(called) and all(isinstance(target, ast.Name) for target in targets)
    return False


def calls(tree: ast.AST) -> set[str]:
    """The names of all that is called in there."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func
            found.add(called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "?"))
    return found


# ---------------------------------------------------------------- the answer


def find(peer: str, path: Path, schedules: int, seed: int, seconds: float = 3600.0) -> dict[str, Any]:
    """Explores a program with a peer, for at most so many schedules and about so many seconds.

    Answers `taken` (whether the peer can take the program at all), `why_not` (in its own words), `found`, `kind` (in
    the words of the programs' headers; or `hang`; or `inconclusive`, if the peer gave up without a verdict),
    `schedules` (how many it ran, up to and including the one that failed) and `seconds`, and what else it told.
    """
    distribution, _, strategy = peer.partition(":")
    explore = {"frontrun": frontrun, "interleave-test": interleave}[distribution]
    answer: dict[str, Any] = {"peer": peer, "taken": False, "why_not": "", "found": False, "kind": "", "schedules": 0}
    if importlib.util.find_spec(distribution.replace("-", "_")) is None:
        return {**answer, "why_not": f"{DISTRIBUTIONS[distribution]} is not installed", "seconds": 0.0}
    begun = time.monotonic()
    try:
        answer |= {"taken": True, **explore(path.resolve(), schedules, seed, strategy, begun + seconds)}
    except Exception as error:  # whatever a peer cannot do, it says so by an exception
        answer |= {"taken": False, "why_not": f"{type(error).__name__}: {error}"[:2000]}
    return {**answer, "seconds": round(time.monotonic() - begun, 4)}


def main(arguments: list[str] | None = None) -> None:
    """Prints what a peer finds in a file."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("peer", choices=PEERS)
    parser.add_argument("file", type=Path)
    parser.add_argument("--schedules", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=3600.0, help="begin no schedule after so many seconds")
    parser.add_argument("--python", help="the Python that the peers are installed in")
    given = parser.parse_args(arguments)
    if given.python:
        rest = ["--schedules", str(given.schedules), "--seed", str(given.seed), "--seconds", str(given.seconds)]
        os.execv(given.python, [given.python, __file__, given.peer, str(given.file), *rest])
    answer = find(given.peer, given.file, given.schedules, given.seed, given.seconds)
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
    os._exit(0)  # threads that a peer could not end are not waited for


if __name__ == "__main__":
    if sys.argv[1:2] == ["--rehearse"]:
        rehearse(Path(sys.argv[2]))
    else:
        main()
