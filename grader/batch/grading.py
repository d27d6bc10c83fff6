"""A folder of submissions -> a gradebook: the story of a batch.

Find the attempts; take each in; have graded what the store does not know yet, and keep each result at once;
make the gradebook from the store. Stopped at any moment, the same call goes on where it was.
"""

from __future__ import annotations

import shutil
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from grader.batch.attempts import Attempt, BatchError
from grader.batch.digests import course_files, exercise_digest, grader_digest
from grader.batch.executors import Executor, Plan, Running
from grader.batch.handed_in import Doubts
from grader.batch.messages import Outcome, Setup, task_from
from grader.batch.store import Kept, Key, Store
from grader.batch.taking import Taken, take
from grader.course import Course, Exercise
from grader.planning import check_groups
from grader.putting_together import at_fault, ungraded


class Progress(Protocol):
    """Told how a batch goes on."""

    def found(self, total: int) -> None:
        """So many attempts are to be looked at."""

    def began(self, student: str) -> None:
        """A student's submission has been handed to an executor."""

    def finished(self, student: str, score: float | None, max_score: float, problem: str, again: bool) -> None:
        """A submission is done; `again`: its result was known."""


@dataclass(frozen=True)
class Orders:
    """What is to be graded, and how."""

    exercises: tuple[Exercise, ...]
    tier: str
    executor: Executor
    jobs: int
    without: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    """Students; empty: all."""
    since: datetime | None = None
    """Only what was handed in at that time or later."""
    regrade: bool = False
    """What is known already, too."""
    scheduler: str = ""
    most_jobs: int = 0
    """As for an executor."""


@dataclass
class Seen:
    """One attempt as this run has seen it; its results are in the store."""

    attempt: Attempt
    digest: str
    refused: str
    fault: str
    doubts: Doubts = field(default_factory=Doubts)


@dataclass
class _Waiting:
    """A submission some of whose results are still being made, for it or for another with the same files."""

    taken: Taken
    due: set[Key]
    again: bool
    """Nothing of it is graded for its own sake."""


@dataclass
class Batch:
    """One run over the attempts of a course."""

    course: Course
    store: Store
    orders: Orders
    progress: Progress
    seen: list[Seen] = field(default_factory=list)

    def __post_init__(self) -> None:
        check_groups(self.orders.without, self.course)
        self._grader = grader_digest()
        self._packs = {one.name: exercise_digest(one, self.orders.without) for one in self.orders.exercises}
        self._before = self.store.last_number()
        self._parts: dict[str, dict[str, str]] = {}
        self._running: dict[int, tuple[Taken, list[Key]]] = {}
        self._waiting: list[_Waiting] = []

    def run(self, attempts: Sequence[Attempt], scratch: Path) -> None:
        """Looks at every attempt, and has graded what is asked for and not known.

        Args:
            attempts: of all students.
            scratch: a folder to write in meanwhile.

        Raises:
            BatchError: it cannot go on.
            KeyboardInterrupt: what has come in until then is kept.
        """
        self.progress.found(len(attempts))
        names = [exercise.name for exercise in self.course.exercises]
        executor: Running | None = None
        try:
            for number, attempt in enumerate(attempts):
                taken = take(attempt, names, scratch, list(self._packs))
                self.seen.append(Seen(attempt, taken.digest, taken.refused, taken.fault, taken.doubts))
                self._parts[taken.digest] = taken.parts
                due = self._due(taken)
                under_way = {key for _, keys in self._running.values() for key in keys}
                fresh = [key for key in due if key not in under_way]
                self._waiting.append(_Waiting(taken, set(due), again=not fresh))
                if fresh:
                    executor = executor or self.orders.executor.start(self._plan(scratch))
                    self._begin(executor, number, taken, fresh)
                self._settle()
            while executor is not None and self._running:
                self._take(executor.next())
        finally:
            if executor is not None:
                executor.close()

    def kept(self, digest: str) -> dict[str, Kept]:
        """The results of a submission that this run has seen, by exercise, as far as there are any."""
        parts = self._parts.get(digest, {})
        found = {name: self.store.get(self._key(name, parts[name])) for name in self._packs if name in parts}
        return {name: kept for name, kept in found.items() if kept is not None}

    # --- what is to be graded ---

    def _due(self, taken: Taken) -> list[Key]:
        """What of a submission is to be graded now."""
        if taken.intake is None or not self._is_asked_for(taken.attempt):
            return []
        return [key for name in self._packs if self._is_due(key := self._key(name, taken.parts[name]))]

    def _is_asked_for(self, attempt: Attempt) -> bool:
        since, only = self.orders.since, self.orders.only
        return (not only or attempt.student in only) and (
            since is None or (attempt.when is not None and attempt.when >= since)
        )

    def _is_due(self, key: Key) -> bool:
        kept = self.store.get(key)
        if kept is None:
            return True
        return (kept.at_fault or self.orders.regrade) and not self.store.is_newer(key, self._before)

    def _key(self, exercise: str, part: str) -> Key:
        return Key(part, exercise, self._packs[exercise], self._grader)

    # --- having it graded ---

    def _plan(self, scratch: Path) -> Plan:
        orders = self.orders
        setup = Setup(str(self.course.root), {}, self._grader, orders.tier, list(orders.without))
        return Plan(setup, self.course, orders.jobs, scratch, orders.scheduler, orders.most_jobs)

    def _begin(self, executor: Running, number: int, taken: Taken, keys: list[Key]) -> None:
        while executor.room() <= 0:
            self._take(executor.next())
        assert taken.intake is not None
        self._running[number] = taken, keys
        self.progress.began(taken.attempt.student)
        executor.submit(task_from(number, taken.intake, taken.files, [key.exercise for key in keys]))

    def _take(self, outcome: Outcome) -> None:
        """Keeps what came of a task, before anything else is done about it."""
        if outcome.is_full:
            raise BatchError(f"no room for temporary files ({outcome.fault}); free the disk, then run the same command")
        taken, keys = self._running.pop(outcome.number)
        exercises = outcome.exercises
        if outcome.fault:
            assert taken.intake is not None
            wanted = [one for one in taken.intake.found if one.exercise in [key.exercise for key in keys]]
            exercises = ungraded(wanted, self.course, outcome.fault, self.orders.without)
        own = {key.exercise: key for key in keys}
        self.store.put(
            [(own[one.name], Kept(one, outcome.environment, bool(outcome.fault) or at_fault(one))) for one in exercises]
        )
        for waiting in self._waiting:
            waiting.due.difference_update(keys)
        self._settle()

    def _settle(self) -> None:
        """Tells of the submissions that have all their results."""
        settled = [waiting for waiting in self._waiting if not waiting.due]
        self._waiting = [waiting for waiting in self._waiting if waiting.due]
        for waiting in settled:
            self._done(waiting.taken.attempt, waiting.taken, waiting.again)

    def _done(self, attempt: Attempt, taken: Taken, again: bool) -> None:
        kept = list(self.kept(taken.digest).values()) if taken.digest else []
        problem = taken.refused or taken.fault
        if any(one.at_fault for one in kept):
            problem = "the grader itself failed"
        score = sum(one.result.score for one in kept) if kept else None
        self.progress.finished(attempt.student, score, sum(one.result.max_score for one in kept), problem, again)


@contextmanager
def scratch_folder(out: Path) -> Iterator[Path]:
    """A folder for all that is written meanwhile, reachable for the student's user; what a killed run left is removed.

    Args:
        out: holds the results; where the folder is, is noted there.
    """
    note, before = out / ".scratch", tempfile.tempdir
    _remove_left(note)
    place = Path(tempfile.gettempdir(), f"threadlab-batch-{uuid.uuid4().hex}")
    try:
        note.write_text(str(place), encoding="utf-8")  # before it is there, or a kill in between would leave it
        place.mkdir()
        place.chmod(0o711)
    except OSError as error:
        raise BatchError(f"{error.filename}: {error.strerror}; free the disk, then run the same command") from None
    tempfile.tempdir = str(place)
    try:
        yield place
    finally:
        tempfile.tempdir = before
        shutil.rmtree(place, ignore_errors=True)
        note.unlink(missing_ok=True)


def _remove_left(note: Path) -> None:
    """Removes the folder that an earlier run noted, if it is one of ours."""
    try:
        place = Path(note.read_text(encoding="utf-8"))
        note.unlink()
    except OSError:
        return
    ours = place.name.startswith("threadlab-batch-") and place.parent == Path(tempfile.gettempdir())
    if ours and place.is_dir() and not place.is_symlink():
        shutil.rmtree(place, ignore_errors=True)


def setup_elsewhere(plan: Plan) -> Setup:
    """The setup for a worker on another machine: the course by content."""
    setup = plan.setup
    assert plan.course is not None
    return Setup("", course_files(plan.course), setup.grader, setup.tier, setup.without)
