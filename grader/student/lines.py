"""Notes which lines of the submission are executed, one after which other, in all threads.

What is noted are the arcs of coverage.py: from line to line of one function; a negative number is the first line of
the function that is entered or left.
"""

from __future__ import annotations

import _thread
import dis
import sys
import threading
import types
from collections.abc import Callable
from typing import Any

_RESUME, _YIELD = dis.opmap["RESUME"], dis.opmap["YIELD_VALUE"]

Arc = tuple[int, int]


class Lines:
    """Traces the calling thread, and every thread that is started from now on."""

    def __init__(self, path: str) -> None:
        """Args: path: of the file whose lines are noted, as its code objects name it."""
        self.arcs: set[Arc] = set()
        self._path = path
        for module in (_thread, threading):
            for name in ("start_new_thread", "start_new", "start_joinable_thread"):
                for given in (name, f"_{name}"):
                    if hasattr(module, given):
                        setattr(module, given, self._traced(getattr(module, given)))
        sys.settrace(self._enter)

    def _traced(self, start: Callable[..., Any]) -> Callable[..., Any]:
        def traced(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
            def run(*given: Any, **named: Any) -> Any:
                sys.settrace(self._enter)
                return function(*given, **named)

            return start(run, *args, **kwargs)

        return traced

    def _enter(self, frame: types.FrameType, _event: str, _arg: Any) -> Any:
        """A function is entered, or a generator goes on."""
        code = frame.f_code
        if code.co_filename != self._path:
            return None
        add, first = self.arcs.add, -code.co_firstlineno
        at = frame.f_lasti
        resumed = at >= 0 and code.co_code[at] == _RESUME and code.co_code[at + 1] & 3 != 0
        last = frame.f_lineno if resumed else first

        def local(frame: types.FrameType, event: str, _: Any) -> Any:
            nonlocal last
            if event == "line":
                add((last, frame.f_lineno))
                last = frame.f_lineno
            elif event == "return" and not _only_yields(code, frame.f_lasti):
                add((last, first))
            return local

        return local


def _only_yields(code: types.CodeType, at: int) -> bool:
    """Whether a frame that returns will go on: it has come to a `yield`."""
    return code.co_code[at] == _YIELD or code.co_code[at + 2 : at + 3] == bytes([_RESUME])
