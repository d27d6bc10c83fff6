"""The world: puts a program's modules, its yield points and the real threads together, and runs it under a schedule."""

from __future__ import annotations

import builtins
import contextlib
import gc
import os
import random
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from grader.student.world import clock, queues, selecting, sockets, threads
from grader.student.world.active import active
from grader.student.world.executing import Executing
from grader.student.world.generated import compiled_once
from grader.student.world.modules import Library
from grader.student.world.points import Points
from grader.student.world.scheduler import Run, Strategy
from grader.student.world.workers import Workers

# Bound before the student's code is there, which might put others in their places.
_collect, _disable, _enable, _freeze, _is_enabled = gc.collect, gc.disable, gc.enable, gc.freeze, gc.isenabled
_unfreeze, _seed, _ModuleType = gc.unfreeze, random.seed, types.ModuleType

_COLLECT_EVERY = 50
"""Runs between two collections of garbage: within a run none comes, or it would run finalisers at any place.

Only of what has come since the last one: the search remembers more and more, and that is no garbage."""


class World:
    """Runs programs under schedules. Only one may be open in a process at a time.

    A program's own modules are executed afresh in each run, over modelled modules.
    """

    __slots__ = ("_codes", "_fresh", "_own", "_replaced", "_runs", "_workers", "library", "points", "working")

    def __init__(self, own: Callable[[str], Path | None] = lambda _: None) -> None:
        """Args: own: the source of the program's own module of a name; None if that is not one of its own."""
        self._own = own
        self._codes: dict[str, tuple[types.CodeType, Path] | None] = {}
        self._fresh: dict[str, types.ModuleType] = {}
        self._replaced: dict[str, types.ModuleType | None] = {}
        self._runs = 0
        self.working: Callable[[], Any] | None = None
        """Called each time when a run has made some thousands of steps more."""
        self.library = Library(_makers())
        self.library.builtins["print"] = _print
        self.library.find_own = self._find_own
        self.points = Points(_hit, _turn)
        executing = Executing(self.points, self.library.builtins)
        self.library.builtins.update(executing.functions())
        self._workers = Workers()

    def module(self, name: str) -> types.ModuleType:
        """The program's module `name`, executed afresh in this run; called within a run.

        Raises:
            ImportError: there is no such file.
            BaseException: what the module raises.
        """
        found = self._find_own(name)
        if found is None:
            raise ImportError(f"No module named {name!r}")
        return found

    def rebuild(self, name: str, path: Path, text: str | bytes | None = None) -> None:
        """Takes `path` for the source of the program's module `name`, wherever it lies.

        Raises:
            SyntaxError: it is none.
        """
        if text is None and path.is_dir():
            text = ""  # a package without a module of its own
        elif text is None:
            with open(path, "rb") as file:
                text = file.read()
        code = compile(text, str(path), "exec", dont_inherit=True)
        self._codes[name] = (self.points.watch(code), path)

    def run(
        self,
        body: Callable[[], Any],
        strategy: Strategy,
        most_steps: int,
        cores: int | None = None,
        kind: type[Run] = Run,
    ) -> Run:
        """Runs `body` as the main thread of the world, under the schedule that `strategy` chooses.

        Args:
            body: what to run; it may call `module`.
            strategy: see `strategies`.
            most_steps: after so many it is ended.
            cores: of the virtual machine; None: as many as it wants.
            kind: of the run; another one may record it.
        """
        run = kind(strategy, most_steps, self._workers, cores)
        run.modules, run.working, run.watched = self.library.modules, self.working, self.points.owners
        for thing in active.setup.made:
            thing.to_first_state()
        self._fresh.clear()
        self.library.restore()
        _seed(0)
        active.run = run
        try:
            run.execute(body)
        finally:
            active.run = active.setup
        self._runs += 1
        if self._runs % _COLLECT_EVERY == 0:
            _collect(0)
        return run

    @contextlib.contextmanager
    def opened(self) -> Iterator[World]:
        """While it is open no garbage is collected within a run, and all threads share one CPU."""
        collects, cpus = _is_enabled(), _pin()
        hook, sys.unraisablehook = sys.unraisablehook, _unraisable
        _disable()
        _collect()
        _freeze()
        try:
            with compiled_once():
                yield self
        finally:
            _collect()  # what is left of the programs is finalised now, and not in the midst of something else
            _unfreeze()
            sys.unraisablehook = hook
            if collects:
                _enable()
            if cpus is not None:
                os.sched_setaffinity(0, cpus)
            for name, module in self._replaced.items():
                if module is None:
                    sys.modules.pop(name, None)
                else:
                    sys.modules[name] = module
            self._workers.close()
            self.points.close()

    def _find_own(self, name: str) -> types.ModuleType | None:
        parent = name.rpartition(".")[0]
        if parent and name not in self._fresh:
            self.library.find(parent)  # a package comes before what is in it, and may import that
        if name in self._fresh:
            return self._fresh[name]
        if name not in self._codes:
            self._codes[name] = None
            path = self._own(name)
            if path is not None:
                self.rebuild(name, path)
        found = self._codes[name]
        if found is None:
            return None
        code, path = found
        module = _ModuleType(name)
        folder = path.parent if path.name == "__init__.py" else path
        is_package = folder is not path or path.is_dir()
        package = name if is_package else parent
        module.__dict__.update(__file__=str(path), __builtins__=self.library.builtins, __package__=package)
        if is_package:
            module.__dict__["__path__"] = [str(folder)]
        self._fresh[name] = module
        if name not in self._replaced:
            self._replaced[name] = sys.modules.get(name)
        sys.modules[name] = module  # dataclasses look there for the module of a class
        try:
            exec(code, module.__dict__)
        except BaseException:
            self._fresh.pop(name, None)
            raise
        return module


def beside(folder: Path) -> Callable[[str], Path | None]:
    """Takes the files in a folder for the program's own modules, and the folders in it for its packages."""

    def own(name: str) -> Path | None:
        parts = name.split(".")
        if parts[0] in sys.stdlib_module_names or not all(part.isidentifier() for part in parts):
            return None
        path = folder.joinpath(*parts)
        found = (path / "__init__.py", path.with_name(f"{parts[-1]}.py"))
        return next((each for each in found if each.is_file()), path if path.is_dir() else None)

    return own


def _makers() -> dict[str, Callable[[], types.ModuleType]]:
    return {
        "threading": threads.threading_module,
        "_thread": threads.thread_module,
        "queue": queues.queue_module,
        "_queue": queues.queue_module,
        "time": clock.time_module,
        "socket": sockets.socket_module,
        "select": selecting.select_module,
        "selectors": selecting.selectors_module,
    }


def _hit(code: types.CodeType, offset: int) -> None:
    run = active.run
    run.point()
    if run.observer is not None:
        run.observer(run, code, offset)


def _turn() -> None:
    active.run.turn()


def _unraisable(_: Any) -> None:
    """Finalisers and callbacks are unwound like everything else, and would say so each time."""


def _print(*args: Any, file: Any = None, **kwargs: Any) -> None:
    """What a program prints in one of thousands of runs is of no use to anybody."""
    if file is not None and file not in (sys.stdout, sys.stderr):
        builtins.print(*args, file=file, **kwargs)


def _pin() -> set[int] | None:
    """Puts this process on one CPU: to pass the baton there is several times as fast."""
    try:
        cpus = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {sorted(cpus)[os.getpid() % len(cpus)]})
    except (AttributeError, OSError):
        return None
    return cpus
