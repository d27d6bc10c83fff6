"""Executes the submission's module and says what is wrong with what it defines."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import inspect
import marshal
import os
import sys
import types
from typing import Any

from grader.student.compiled import Compiled


class _CompiledLoader(importlib.machinery.SourceFileLoader):
    """Loads a module that has been compiled already."""

    def __init__(self, name: str, path: str, compiled: Compiled) -> None:
        super().__init__(name, path)
        self._compiled = compiled

    def get_code(self, fullname: str) -> types.CodeType:  # noqa: ARG002 - as importlib calls it
        code: types.CodeType = marshal.loads(self._compiled.made(self.path))
        return code


def load(path: str, compiled: Compiled | None = None) -> types.ModuleType:
    """Executes the module at `path` afresh.

    The folder of the submission goes to the end of `sys.path`: files of its own can be imported,
    but none stands in for a module of the standard library.

    Args:
        path: of the source, or of a `.pyc`.
        compiled: has its code, perhaps; else it is compiled now.

    Raises:
        BaseException: whatever the module raises.
    """
    folder, file = os.path.split(path)
    if folder not in sys.path:
        sys.path.append(folder)
    name, form = os.path.splitext(file)
    kind = importlib.machinery.SourcelessFileLoader if form == ".pyc" else importlib.machinery.SourceFileLoader
    loader = _CompiledLoader(name, path, compiled) if compiled is not None and compiled.made(path) else kind(name, path)
    spec = importlib.util.spec_from_file_location(name, path, loader=loader)
    if spec is None:
        raise ImportError(f"{file} cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    loader.exec_module(module)
    return module


def faults_of(module: types.ModuleType, defines: dict[str, str]) -> list[dict[str, str]]:
    """What is wrong with the names that the exercise asks for.

    Args:
        module: the submission's module.
        defines: name -> "function" or "class".

    Returns:
        one dict for each fault: `name`, `fault` (missing, not callable, not a class, async,
        generator) and `seen` (its type, or the other public names there are).
    """
    found = []
    names = vars(module)
    for name, kind in defines.items():
        if name not in names:
            public = [n for n in names if isinstance(n, str) and not n.startswith("_")]
            found.append({"name": name, "fault": "missing", "seen": " ".join(public[:50])})
            continue
        fault = _fault_of(names[name], kind)
        if fault:
            found.append({"name": name, "fault": fault, "seen": type(names[name]).__name__})
    return found


def _fault_of(value: Any, kind: str) -> str | None:
    if kind == "class":
        return None if isinstance(value, type) else "not a class"
    if isinstance(value, type) or not callable(value):
        return "not callable" if not isinstance(value, type) else "a class"
    if inspect.iscoroutinefunction(value) or inspect.isasyncgenfunction(value):
        return "async"
    if inspect.isgeneratorfunction(value):
        return "generator"
    return None
