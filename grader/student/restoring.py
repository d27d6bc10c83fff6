"""Puts back what a program has replaced of the library on which the controlled world rests.

To execute the student's module is to execute it for real: whatever it puts in the place of `builtins.min` or of
`Path.read_bytes` would be there when the world reads and runs the module afresh. A program that patches a library on
purpose does so again there, in each run.
"""

from __future__ import annotations

import builtins
import sys
import types
from pathlib import Path
from typing import Any

_WORLD = "grader.student."
_NOT_KEPT = ("grader.", "_thread", "threading")
"""Where our own code has put something in a function's place, to count threads."""
_CODE = (types.FunctionType, types.BuiltinFunctionType, types.ModuleType, type, staticmethod, classmethod, property)


class Kept:
    """Functions, classes and methods of the library, as they were when this was made."""

    def __init__(self) -> None:
        self._spaces: list[tuple[Any, dict[str, Any]]] = []
        for space in (builtins, *_used(), *type(Path()).__mro__[:-1]):
            code = {name: value for name, value in vars(space).items() if isinstance(value, _CODE)}
            self._spaces.append((space, code))

    def put_back(self) -> None:
        """Makes them what they were."""
        for space, code in self._spaces:
            now = vars(space)
            for name, value in code.items():
                if now.get(name) is not value:
                    setattr(space, name, value)


def _used() -> list[types.ModuleType]:
    """The modules of the library that our own use, and what is in those as a module."""
    ours = [module for name, module in list(sys.modules.items()) if name.startswith(_WORLD)]
    direct = [value for module in ours for value in vars(module).values() if isinstance(value, types.ModuleType)]
    within = [getattr(sys, "monitoring", None), sys.modules["os.path"], sys.modules["importlib.util"]]
    found = {id(module): module for module in (*direct, *within) if isinstance(module, types.ModuleType)}
    return [module for module in found.values() if not module.__name__.startswith(_NOT_KEPT)]
