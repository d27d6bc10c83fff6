"""Where in a submission a verdict points to: the line that its evidence names."""

from __future__ import annotations

from typing import Any

from grader.results import ExerciseResult, TestResult

_LAST_LINE = 1_000_000


def file_of(exercise: ExerciseResult) -> str:
    """The file of an exercise, as a submission of several holds it."""
    return f"{exercise.name}/{exercise.name}.py"


def line_of(test: TestResult, exercise: ExerciseResult) -> int | None:
    """The line of the exercise's file that a failure is about; None where the evidence names none.

    For a failure of the whole program, the innermost line of its first thread.
    """
    if (line := _line(test.evidence.get("line"))) is not None:
        return line
    threads = test.evidence.get("threads")
    for thread in threads if isinstance(threads, list) else []:
        frames = thread.get("frames") if isinstance(thread, dict) else None
        for frame in reversed(frames if isinstance(frames, list) else []):
            if isinstance(frame, dict) and frame.get("file") == f"{exercise.name}.py":
                return _line(frame.get("line"))
    return None


def _line(value: Any) -> int | None:
    return value if type(value) is int and 1 <= value <= _LAST_LINE else None
