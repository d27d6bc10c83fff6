"""A worker: a process that grades one submission after the other, with everything imported once.

Started as `python -I -m grader.batch.worker [SCRATCH]`, with a folder for what it writes. Standard input: a
`Setup`, then `Task`s; standard output: `Ready`, then for each task `Beat`s and an `Outcome`. For each submission a
test session is forked from here, so that none starts cold and none sees what another has left.
"""

from __future__ import annotations

import contextlib
import gc
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import IO

from grader import jail
from grader.batch.digests import grader_digest
from grader.batch.forked import start_forked
from grader.batch.messages import Beat, Outcome, Ready, Setup, Task, found_in, receive, send
from grader.batch.taking import NO_ROOM
from grader.course import Course, CourseError, load_course
from grader.grading import grade_copy, workspace
from grader.intake import Intake
from grader.intake_copy import write_copy
from grader.plugins import plugin_manager
from grader.results import TestResult
from grader.session import run_alone
from grader.settings import Settings

_OF_A_SESSION = ("clients", "plugin", "schedule", "session", "site", "story", "student", "world")


class Worker:
    """Grades tasks, each in a folder of its own."""

    def __init__(self, setup: Setup, course: Course) -> None:
        """Args: setup: as the batch sent it. course: the pack, on this machine."""
        self._course = course
        self._settings = Settings(setup.tier, tuple(setup.without), have_run=partial(run_alone, start=start_forked))

    def grade(self, task: Task, out: IO[bytes]) -> Outcome:
        """Grades one submission, telling `out` of each verdict; a fault of ours is told, never raised."""
        try:
            with workspace() as folder:
                write_copy(task.files, folder / "submission")
                intake = Intake(task.name, folder / "submission", found_in(task, folder / "submission"), task.digest)
                result = grade_copy(intake, self._course, folder, self._settings, _Beats(out))
            plugin_manager().hook.grader_graded(course=self._course, result=result)
        except Exception as error:  # whatever it is, it is one submission's row and not the end of the batch
            is_full = isinstance(error, OSError) and error.errno in NO_ROOM
            return Outcome(task.number, [], {}, f"{type(error).__name__}: {error}"[:300], is_full)
        return Outcome(task.number, result.exercises, result.environment)


class _Beats:
    """Progress of a grading, as messages."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out = out

    def started(self, total: int) -> None: ...

    def finished(self, exercise: str, test: TestResult) -> None:
        try:
            send(self._out, Beat(exercise, test.name))
        except BrokenPipeError:  # the batch has gone: nobody wants the rest; this is not the main thread
            os.kill(os.getpid(), signal.SIGTERM)


@contextlib.contextmanager
def course_of(setup: Setup) -> Iterator[Course]:
    """The course that a setup tells of, unpacked into a folder of its own if it comes by content.

    Raises:
        CourseError: it cannot be used.
    """
    if not setup.files:
        yield load_course(Path(setup.course))
        return
    with tempfile.TemporaryDirectory(prefix="threadlab-course-") as name:
        root = Path(name)
        root.chmod(0o755)
        write_copy(setup.files, root / "course")
        yield load_course(root / "course")


def _warm_up(own: Path) -> None:
    """Imports and copies what a session needs, so that forks have it."""
    for name in _OF_A_SESSION:
        import_module(f"grader.testing.{name}")
    jail.warm_up(own)

    gc.collect()
    gc.freeze()


def _unconfined(tier: str) -> str:
    """Why a tier of confinement cannot be had on this machine; empty if it can."""
    from grader.batch.attempts import BatchError
    from grader.batch.tier import tier_in_force

    try:
        found = tier_in_force(tier)
    except BatchError as error:
        return str(error)
    return "" if found == tier else f"it confines with tier {found}, and the batch with {tier}"


def _serve(source: IO[bytes], out: IO[bytes]) -> None:
    setup = receive(source, Setup)
    if setup is None:
        return
    if setup.cpu is not None:
        os.sched_setaffinity(0, {setup.cpu})  # what a session and its student say to each other stays on one CPU
    if setup.grader != grader_digest():
        send(out, Ready("its grader or its Python is another one than the batch's; install the same version there"))
        return
    try:
        with course_of(setup) as course:
            _warm_up(Path(tempfile.gettempdir()))
            if setup.files and (problem := _unconfined(setup.tier)):
                send(out, Ready(problem))
                return
            worker = Worker(setup, course)
            send(out, Ready())
            while (task := receive(source, Task)) is not None:
                send(out, worker.grade(task, out))
    except CourseError as error:
        send(out, Ready(f"the course cannot be used there: {error}"))
    except BrokenPipeError:
        return  # the batch has gone


def main() -> None:
    """Serves until standard input ends; whatever has been written is gone then."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the batch's affair
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    source, out = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    with open(os.devnull) as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)  # whatever else prints, the frames stay clean
    own = tempfile.mkdtemp(prefix="threadlab-worker-", dir=sys.argv[1] if len(sys.argv) > 1 else None)
    os.chmod(own, 0o711)
    tempfile.tempdir = own
    try:
        _serve(source, out)
    finally:
        shutil.rmtree(own, ignore_errors=True)


if __name__ == "__main__":
    main()
