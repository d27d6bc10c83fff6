"""The student's own file, for naming and quoting its lines."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

from grader import wire

_QUIET_FILES = ("threading.py", "queue.py", "socket.py", "selectors.py", "thread.py", "_base.py")


class Source:
    """A submission's file: where it lies here, and how the student process knows it."""

    def __init__(self, path: Path, inner: str) -> None:
        """Args: path: the copy on this side. inner: its path inside the jail."""
        self.path = path
        self.inner = inner
        self._inner_folder = inner.rpartition("/")[0] + "/"

    @cached_property
    def lines(self) -> list[str]:
        """The file's lines; empty if it cannot be read as text."""
        try:
            return self.path.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return []

    def is_own(self, frame: wire.Frame) -> bool:
        """Whether a line of a stack belongs to the submission."""
        return frame.file.startswith(self._inner_folder)

    def quote(self, line: int) -> str:
        """The text of a line, stripped; empty if there is none."""
        return self.lines[line - 1].strip()[:120] if 0 < line <= len(self.lines) else ""

    def quote_in(self, file: str, line: int) -> str:
        """The text of a line of a file, as the student process names it; empty if it is not this one."""
        return self.quote(line) if file in (self.inner, self.path.name) else ""

    def name_line(self, line: int) -> str:
        """A line for a reader: file, number and text."""
        text = self.quote(line)
        return f"{self.path.name} line {line}" + (f": `{text}`" if text else "")

    def own_frames(self, frames: list[wire.Frame]) -> list[wire.Frame]:
        """Only the submission's own lines of a stack."""
        return [frame for frame in frames if self.is_own(frame)]

    def last_line(self, frames: list[wire.Frame]) -> int | None:
        """The innermost line of the submission's own file in a stack."""
        own = [frame for frame in frames if frame.file == self.inner]
        return own[-1].line if own else None

    def describe(self, stack: wire.ThreadStack) -> dict[str, Any] | None:
        """One thread's stack as evidence, cut to the submission's lines; None if it has none."""
        own = self.own_frames(stack.frames)
        if not own:
            return None
        last = stack.frames.index(own[-1])
        inner = [frame.function for frame in stack.frames[last + 1 : last + 2]]
        return {
            "thread": stack.name,
            "waits_in": inner[0] if inner else "",
            "frames": [
                {
                    "file": frame.file.rpartition("/")[2],
                    "line": frame.line,
                    "function": frame.function,
                    "source": self.quote(frame.line) if frame.file == self.inner else "",
                }
                for frame in own
            ],
        }
