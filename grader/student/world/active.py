"""Which run is going on: the one to which everything that the modelled modules do belongs."""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any

from grader.student.world.scheduler import NotModelled, Run


class Setup:
    """Stands in for a run while modules of the standard library are executed: nobody else is there."""

    now = 0.0
    observer = None
    cores = None

    def __init__(self) -> None:
        self.made: list[Any] = []
        """Objects that outlive runs, to be put into their first state before each."""
        self.current = types.SimpleNamespace(number=0, holds=[], daemon=False)

    def point(self) -> None:
        """Nobody else could go on."""

    def turn(self) -> None:
        """Nobody else could go on."""

    def changed(self) -> None:
        """Nobody waits."""

    def wait(self, ready: Callable[[], Any], kind: str, of: Any, timeout: float | None = None) -> bool:
        """Goes on at once, or never could."""
        if not ready() and timeout is None:
            raise NotModelled(f"{kind} while a module of the standard library is imported")
        return bool(ready())

    def number(self) -> int:
        """A number for a new object."""
        return -1 - len(self.made)

    def __getattr__(self, name: str) -> Any:
        raise NotModelled(f"{name} while a module of the standard library is imported")


class Active:
    """Holds the run that is going on."""

    def __init__(self) -> None:
        self.setup = Setup()
        self.run: Any = self.setup


active = Active()


def run() -> Run:
    """The run that is going on."""
    found: Run = active.run
    return found


def not_modelled(what: str) -> NotModelled:
    """To be raised: the run ends without a verdict, whatever the program catches."""
    if isinstance(active.run, Run):
        active.run.give_up(what)
    return NotModelled(what)


def refuse(module: types.ModuleType, real: types.ModuleType, name: str) -> NotModelled | AttributeError:
    """What to raise for a name that a modelled module lacks."""
    if hasattr(real, name) and not (name.startswith("__") and name.endswith("__")):
        return not_modelled(f"{real.__name__}.{name}")
    return AttributeError(f"module {module.__name__!r} has no attribute {name!r}")
