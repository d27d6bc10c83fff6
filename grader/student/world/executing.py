"""`exec`, `eval` and `compile` of the world: what a program makes of text is the program's own, and watched as that."""

from __future__ import annotations
import __future__

import builtins
import inspect
import sys
import types
from collections.abc import Callable
from typing import Any

from grader.student.world.points import Points

_compile, _exec, _eval, _getframe = builtins.compile, builtins.exec, builtins.eval, sys._getframe
_CodeType = types.CodeType
_OWN_LOCALS = inspect.CO_OPTIMIZED
_FUTURE = sum({getattr(__future__, name).compiler_flag for name in __future__.all_feature_names})
_MOST = 200
"""Texts of one program that are watched: one that makes ever new ones would have us hold them all."""


class Executing:
    """The three functions, for one world."""

    def __init__(self, points: Points, names: dict[str, Any]) -> None:
        """Args: points: of the world. names: its builtins."""
        self._points = points
        self._names = names
        self._made: dict[Any, types.CodeType] = {}
        self._count = 0

    def functions(self) -> dict[str, Callable[..., Any]]:
        """By name."""
        return {"compile": self.compile, "exec": self.exec, "eval": self.eval}

    def compile(
        self, source: Any, filename: Any, mode: str, flags: int = 0, dont_inherit: bool = False, optimize: int = -1,
        **options: Any,
    ) -> Any:  # fmt: skip
        """As the real one."""
        if not dont_inherit:
            flags |= _getframe(1).f_code.co_flags & _FUTURE
        return self._compiled(source, filename, mode, flags, optimize, options)

    def exec(self, source: Any, /, globals: Any = None, locals: Any = None, **options: Any) -> None:
        """As the real one."""
        frame = _getframe(1)
        code = self._code(source, "exec", frame)
        _exec(code, *self._spaces(frame, globals, locals), **options)

    def eval(self, source: Any, /, globals: Any = None, locals: Any = None) -> Any:
        """As the real one."""
        frame = _getframe(1)
        code = self._code(source.lstrip(" \t") if isinstance(source, str) else source, "eval", frame)
        return _eval(code, *self._spaces(frame, globals, locals))

    def _spaces(self, frame: types.FrameType, world: Any, local: Any) -> tuple[Any, Any]:
        """Where names are looked up: where the caller's are, if nothing else is said."""
        if world is None and local is None:
            local = frame.f_locals
            if sys.version_info >= (3, 13) and frame.f_code.co_flags & _OWN_LOCALS:
                local = dict(local)
        if world is None:
            world = frame.f_globals
        elif isinstance(world, dict):
            world.setdefault("__builtins__", self._names)
        return world, world if local is None else local

    def _code(self, source: Any, mode: str, frame: types.FrameType) -> Any:
        if type(source) is _CodeType:
            return self._watched(source, None)
        if not isinstance(source, (str, bytes, bytearray)):
            return source  # whatever it is, the real function says what is wrong with it
        return self._compiled(source, "<string>", mode, frame.f_code.co_flags & _FUTURE, -1, {})

    def _compiled(self, source: Any, filename: Any, mode: str, flags: int, optimize: int, options: Any) -> Any:
        key: Any = None
        if type(source) in (str, bytes) and type(filename) is str and type(mode) is str and not options:
            key = (source, filename, mode, flags, optimize)
            if key in self._made:
                return self._made[key]
        code = _compile(source, filename, mode, flags, True, optimize, **options)
        return self._watched(code, key) if type(code) is _CodeType else code

    def _watched(self, code: types.CodeType, key: Any) -> types.CodeType:
        if self._points.watches(code):
            return code
        if self._count >= _MOST:
            return code
        watched = self._points.watch(code, by_name=True)
        if key is not None:
            self._made[key] = watched
        self._count += 1
        return watched
