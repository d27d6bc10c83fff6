"""Which modules a program in the world gets for its imports.

Modelled modules take the place of the real ones. Modules of the standard library that are written in Python on top
of these are executed once more, from their own source, over the modelled ones. What cannot be modelled is refused
when it is used. Everything else is the real module.
"""

from __future__ import annotations

import builtins
import contextlib
import importlib
import importlib.util
import itertools
import sys
import types
from collections.abc import Callable
from typing import Any

from grader.student.world import stand_ins
from grader.student.world.active import active, not_modelled
from grader.student.world.refused import refusal, refused_module
from grader.student.world.stand_ins import os_module, sys_module

__all__ = ["OVER_MODELLED", "REFUSED", "Library", "os_module", "sys_module"]

Maker = Callable[[], types.ModuleType]

OVER_MODELLED = frozenset({
    "concurrent.futures", "concurrent.futures._base", "concurrent.futures.thread", "functools", "http.client",
    "http.server", "logging", "logging.handlers", "pathlib", "pathlib._abc", "pathlib._local", "sched",
    "socketserver", "timeit", "urllib.request", "uuid",
})  # fmt: skip
"""Executed once more over the modelled modules."""

REFUSED = frozenset({
    "_asyncio", "_ctypes", "_interpqueues", "_interpreters", "_multiprocessing", "_posixshmem", "_posixsubprocess",
    "_pyio", "_select", "_signal", "_socket", "_ssl", "_threading_local", "_xxsubinterpreters", "asyncio", "bdb",
    "cProfile", "code", "concurrent.futures.interpreter", "concurrent.futures.process", "concurrent.interpreters",
    "ctypes", "curses", "dbm", "faulthandler", "fcntl", "fileinput", "ftplib", "imaplib", "imp", "logging.config",
    "mmap", "multiprocessing", "nntplib", "pdb", "poplib", "posix", "profile", "pty", "runpy", "shelve", "shutil",
    "signal", "smtplib", "sqlite3", "ssl", "subprocess", "telnetlib", "tempfile", "termios", "trace", "tracemalloc",
    "webbrowser", "wsgiref", "xmlrpc",
})  # fmt: skip
"""Not modelled: any use of them leaves no verdict."""


class Library:
    """The modules of the world, made once for a process."""

    def __init__(self, makers: dict[str, Maker]) -> None:
        """Args: makers: for each modelled module its name and what makes it."""
        self._import = builtins.__import__
        self.builtins: dict[str, Any] = {
            **vars(builtins),
            "__import__": self.import_module,
            "open": stand_ins.open_file,
            "input": refusal("input"),
            "breakpoint": refusal("breakpoint"),
        }
        self._makers: dict[str, Maker] = {
            "sys": lambda: sys_module(self.find),
            "importlib": lambda: stand_ins.importlib_module(self.import_module),
            "builtins": lambda: stand_ins.builtins_module(self.builtins),
            "atexit": stand_ins.atexit_module,
            "datetime": stand_ins.datetime_module,
            "io": stand_ins.io_module,
            "os": os_module,
            **makers,
        }
        self._packages = {name.rpartition(".")[0] for name in OVER_MODELLED} - {""} - OVER_MODELLED
        self.modules: dict[str, types.ModuleType] = {}
        self._as_made: dict[str, dict[str, Any]] = {}
        self._executing = 0
        self.find_own: Callable[[str], types.ModuleType | None] = lambda name: None

    def import_module(
        self, name: str, globals: Any = None, locals: Any = None, fromlist: Any = (), level: int = 0
    ) -> Any:
        """What `import` does in the world; takes the place of `builtins.__import__`."""
        if level:
            package = (globals or {}).get("__package__") or ""
            name = importlib.util.resolve_name("." * level + name, package)
        module = self.find(name)
        if module is None:
            found = self._import(name, globals, locals, fromlist, 0)
            self._put_into_parent(name, sys.modules.get(name, found))
            return found if fromlist else self.find(name.partition(".")[0]) or found
        for item in fromlist or ():
            if item not in vars(module) and "__path__" in vars(module):
                self._find_or_import(f"{name}.{item}")
        if fromlist:
            return module
        top = name.partition(".")[0]
        return self.find(top) or self._import(top)

    def find(self, name: str) -> types.ModuleType | None:
        """The world's module of this name; None: the real one will do."""
        if name in self.modules:
            return self.modules[name]
        own = self.find_own(name)
        if own is not None:
            self._put_into_parent(name, own)
            return own
        if not self._is_ours(name):
            return None
        parent = name.rpartition(".")[0]
        if parent and self.find(parent) is not None and name in self.modules:
            return self.modules[name]  # its package has imported it
        before, active.run = active.run, active.setup
        try:
            self.modules[name] = module = self._make(name)
            self._put_into_parent(name, module)
        finally:
            active.run = before
        return module

    def _find_or_import(self, name: str) -> None:
        if self.find(name) is None:
            with contextlib.suppress(ModuleNotFoundError):
                self._put_into_parent(name, importlib.import_module(name))

    def _make(self, name: str) -> types.ModuleType:
        if name in self._makers:
            module = self._makers[name]()
            _bind_nothing(module, importlib.import_module(name))
            self._as_made[name] = dict(vars(module))
            return module
        if name in OVER_MODELLED:
            return self._execute(name)
        if name in self._packages:
            return self._package(name)
        if name == "ssl" and self._executing:
            raise ImportError(f"No module named {name!r}", name=name)  # who asks for it can do without
        return refused_module(name)

    def _put_into_parent(self, name: str, module: types.ModuleType) -> None:
        parent, _, last = name.rpartition(".")
        above = self.find(parent) if parent else None
        if above is not None:
            setattr(above, last, module)

    def restore(self) -> None:
        """Undoes what a program has changed in the modelled modules: a hook, a class put in another's place."""
        if "sys" in self.modules and "sys" not in self._as_made:
            self.modules["sys"].__dict__["modules"] = stand_ins.Loaded(self.find)
            self._as_made["sys"] = dict(vars(self.modules["sys"]))
        for name, made in self._as_made.items():
            names = vars(self.modules[name])
            if names != made:
                names.clear()
                names.update(made)
        if "logging" in self.modules:
            _forget_loggers(self.modules["logging"])
        if "concurrent.futures.thread" in self.modules:  # pools are numbered, and their threads named after them
            self.modules["concurrent.futures.thread"].ThreadPoolExecutor._counter = itertools.count().__next__

    def _is_ours(self, name: str) -> bool:
        ours = name in self._makers or name in OVER_MODELLED or name in self._packages
        return ours or name in REFUSED or name.partition(".")[0] in REFUSED

    def _execute(self, name: str) -> types.ModuleType:
        """Executes a module of the standard library from its source, over the world's modules."""
        spec = importlib.util.find_spec(name)
        if spec is None or spec.loader is None:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        module = importlib.util.module_from_spec(spec)
        code = spec.loader.get_code(name)  # type: ignore[attr-defined]
        module.__dict__["__builtins__"] = self.builtins
        self.modules[name] = module
        self._executing += 1
        try:
            exec(code, module.__dict__)
        except BaseException:
            del self.modules[name]
            raise
        finally:
            self._executing -= 1
        if name == "logging":
            module.__dict__["Logger"].isEnabledFor = lambda *_: False
            _refuse_to_tell(module)
        if name == "concurrent.futures._base":
            module.__dict__["Future"].__hash__ = module.__dict__["id"] = _hash_of_future
        if "LOGGER" in vars(module):
            module.__dict__["LOGGER"] = _Silent()
        return module

    def _package(self, name: str) -> types.ModuleType:
        """A package that is the real one, but for those of its modules that are not."""
        real = importlib.import_module(name)
        module = types.ModuleType(name, real.__doc__)
        kept = {key: value for key, value in vars(real).items() if not self._is_ours(f"{name}.{key}")}
        module.__dict__.update(kept)
        return module


class _Silent:
    """A logger for what the world itself brings about: threads that end because their run is over."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_, **__: None


def _refuse_to_tell(logging: types.ModuleType) -> None:
    """Nothing is logged in the world; by what a program would learn that, there is no verdict."""
    add: Callable[[Any, Any], None] = logging.Logger.addHandler

    def add_handler(self: Any, hdlr: Any) -> None:
        shows = type(hdlr) is logging.StreamHandler and hdlr.stream in (logging.sys.stderr, logging.sys.stdout)
        if not (shows or type(hdlr) is logging.NullHandler):
            raise not_modelled("a handler of logging's that keeps what it gets")
        add(self, hdlr)

    def subclassed(*_: Any, **__: Any) -> None:
        raise not_modelled("a logger of a class of its own")

    logging.Logger.addHandler = add_handler
    logging.Filterer.addFilter = refusal("logging.Filterer.addFilter")
    logging.Logger.__init_subclass__ = classmethod(subclassed)
    for name in ("setLoggerClass", "setLogRecordFactory"):
        vars(logging)[name] = refusal(f"logging.{name}")


def _hash_of_future(future: Any) -> int:
    """As `Waitable.__hash__`: futures are kept in sets and sorted by `id`, in the same order in each run."""
    space: dict[str, Any] = vars(future)
    if "_world_number" not in space:
        space["_world_number"] = active.run.number()
    return int(space["_world_number"])


def _forget_loggers(logging: types.ModuleType) -> None:
    """Loggers and handlers are kept by the module: those of one run are nothing to the next."""
    space = vars(logging)
    space["root"].handlers.clear()
    space["root"].manager.loggerDict.clear()
    for kept in ("_handlers", "_handlerList"):
        space[kept].clear()


def _bind_nothing(module: types.ModuleType, real: types.ModuleType) -> None:
    """Functions that stand in for builtin ones become no methods when they are put into a class, as those do not."""
    for name, value in vars(module).items():
        is_builtin = isinstance(vars(real).get(name), types.BuiltinFunctionType)
        if is_builtin and isinstance(value, types.FunctionType) and "hook" not in name:  # hooks are compared
            vars(module)[name] = staticmethod(value)
