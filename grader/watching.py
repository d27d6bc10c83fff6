"""`grade watch`: grades again what has changed, on each save; first the tests that had not passed, then all.

Files are looked at a few times a second: a look costs microseconds, works on every file system, and needs no library.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from grader.results import ExerciseResult, Result

PAUSE = 0.15
"""Seconds between two looks; part of no verdict."""
Grade = Callable[[Sequence[str], Sequence[str]], Result]
"""Grades these exercises, and of their tests only these, or all."""
State = tuple[int, int, int] | None


class Files:
    """The files of a submission, and how they were when they were looked at last."""

    def __init__(self, files: dict[str, list[Path]]) -> None:
        """Args: files: by exercise, where its file may lie."""
        self._files = files
        self._seen = {name: _states(paths) for name, paths in files.items()}

    def changed(self) -> list[str]:
        """The exercises whose files are others than at the last look."""
        now = {name: _states(paths) for name, paths in self._files.items()}
        found = [name for name, states in now.items() if states != self._seen[name]]
        self._seen = now
        return found


class Watching:
    """What has been seen of each exercise so far."""

    def __init__(self, grade: Grade, show: Callable[[Result, float | None, bool], None]) -> None:
        """Args: grade: see `Grade`. show: a result, the points it had before, and whether it is of all the tests."""
        self._grade = grade
        self._show = show
        self._last: dict[str, ExerciseResult] = {}

    def grade(self, exercises: Iterable[str]) -> None:
        """Grades these exercises: what had not passed at first, and the rest once that has."""
        for name in exercises:
            before = self._last.get(name)
            open_ones = [test.name for test in before.tests if test.verdict != "passed"] if before else []
            if before is not None and open_ones and len(open_ones) < len(before.tests):
                first = self._grade([name], open_ones)
                if any(test.verdict != "passed" for test in first.exercises[0].tests):
                    self._show(first, None, False)
                    continue
            result = self._grade([name], ())
            self._show(result, before.score if before else None, True)
            self._last[name] = result.exercises[0]


def saves(files: Files, look: Callable[[float], None] = time.sleep) -> Iterator[list[str]]:
    """The exercises that have changed, each time when some have; never ends."""
    while True:
        look(PAUSE)
        names = files.changed()
        if names:
            look(PAUSE)  # an editor may write a file in several goes
            files.changed()
            yield names


def places(path: Path, exercises: Iterable[str]) -> dict[str, list[Path]]:
    """Where the file of each exercise may lie in a submission."""
    return {
        name: [path] if path.name == f"{name}.py" else [path / name / f"{name}.py", path / f"{name}.py"]
        for name in exercises
        if not path.is_file() or path.name == f"{name}.py"
    }


def _states(paths: Iterable[Path]) -> list[State]:
    return [_state(path) for path in paths]


def _state(path: Path) -> State:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
