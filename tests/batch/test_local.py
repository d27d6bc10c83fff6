"""Workers on this machine: one that dies or goes silent costs a row at most, and nothing is left of it."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from grader.batch import local
from grader.batch.attempts import Attempt, BatchError
from grader.batch.digests import grader_digest
from grader.batch.executors import Plan
from grader.batch.grading import setup_elsewhere
from grader.batch.local import Local
from grader.batch.messages import Outcome, Ready, Setup, Task, task_from
from grader.batch.taking import take
from grader.course import load_course
from tests.conftest import processes_with, reachable_folder

if TYPE_CHECKING:
    from tests.conftest import Course

USUAL = 'work = probe("work", answer=lambda call: call.args[0])'
"""What the hidden tests of the miniature do first."""


@pytest.fixture
def scratch() -> Iterator[Path]:
    with reachable_folder() as folder:
        yield folder
        ends = time.monotonic() + 30
        while processes_with(str(folder)):  # what a killed worker leaves is ended by the kernel, in its own time
            assert time.monotonic() < ends, "workers are left behind"


@pytest.fixture
def tasks(course: Course, scratch: Path) -> Callable[..., list[Task]]:
    def make(*sources: str) -> list[Task]:
        course.submit({f"{n}/double.py": source for n, source in enumerate(sources)})
        folder = course.root.parent / "handed_in"
        made = []
        for number in range(len(sources)):
            taken = take(Attempt(str(number), str(number), folder / str(number)), ["double"], scratch)
            assert taken.intake is not None
            made.append(task_from(number, taken.intake, taken.files, ["double"]))
        return made

    return make


def plan(pack: Course, scratch: Path, **changes: str) -> Plan:
    loaded = load_course(pack.root)
    given = {"course": str(pack.root), "grader": grader_digest(), "tier": "jail"} | changes
    return Plan(Setup(files={}, without=[], **given), loaded, 1, scratch, "")


def reference(course: Course) -> str:
    return (course.root / "solutions" / "double" / "double.py").read_text()


def test_submissions_are_graded_one_after_the_other_by_a_worker(
    course: Course, scratch: Path, tasks: Callable[..., list[Task]]
) -> None:
    running = Local(plan(course, scratch))
    try:
        for task in tasks(reference(course), "import os\nos._exit(3)\n", reference(course) + "\n# another\n"):
            running.submit(task)
        outcomes = [running.next() for _ in range(3)]
    finally:
        running.close()
    assert [(one.number, one.exercises[0].score, one.fault) for one in outcomes] == [(0, 4, ""), (1, 0, ""), (2, 4, "")]
    assert outcomes[0].environment["tier"] == "jail"
    assert list(scratch.iterdir()) == []


def test_a_worker_that_can_read_no_course_gets_it_by_content(
    course: Course, scratch: Path, tasks: Callable[..., list[Task]]
) -> None:
    here = plan(course, scratch)
    running = Local(Plan(setup_elsewhere(here), here.course, 1, scratch, ""))
    [task] = tasks(reference(course))
    (course.root / "course.yaml").rename(course.root / "elsewhere.yaml")
    try:
        running.submit(task)
        assert running.next().exercises[0].score == 4.0
    finally:
        running.close()


def test_a_worker_that_dies_has_its_task_tried_once_more_and_then_told(
    course: Course, scratch: Path, tasks: Callable[..., list[Task]]
) -> None:
    assert course.hidden is not None
    course.hidden = course.hidden.replace(USUAL, "import os; os.kill(os.getppid(), 9)")
    course.write()
    running = Local(plan(course, scratch))
    try:
        [task] = tasks(reference(course))
        running.submit(task)
        outcome = running.next()
    finally:
        running.close()
    assert "ended early, 2 times (exit status -9)" in outcome.fault


def test_a_worker_that_is_silent_is_replaced(
    course: Course, scratch: Path, tasks: Callable[..., list[Task]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "SILENT_SECONDS", 3.0)
    assert course.hidden is not None
    course.hidden = course.hidden.replace(USUAL, "import threading; threading.Event().wait()")
    course.write()
    running = Local(plan(course, scratch))
    try:
        [task] = tasks(reference(course))
        running.submit(task)
        outcome = running.next()
    finally:
        running.close()
    assert "ended early, 2 times" in outcome.fault


def test_a_worker_with_another_grader_grades_nothing(
    course: Course, scratch: Path, tasks: Callable[..., list[Task]]
) -> None:
    running = Local(plan(course, scratch, grader="another"))
    try:
        running.submit(tasks("")[0])
        with pytest.raises(BatchError, match="install the same version there"):
            running.next()
    finally:
        running.close()


def test_a_worker_whose_course_is_gone_says_so(course: Course, scratch: Path, tasks: Callable[..., list[Task]]) -> None:
    running = Local(plan(course, scratch, course=str(course.root / "nowhere")))
    try:
        running.submit(tasks("")[0])
        with pytest.raises(BatchError, match=r"the course cannot be used there: course\.yaml"):
            running.next()
    finally:
        running.close()


class Idle:
    """A worker that is ready at once, or when it is told to be, and grades for as long as it is let."""

    at_once = True

    def __init__(self, setup: Setup, scratch: Path, into: queue.SimpleQueue[Any]) -> None:
        self.cpu, self.ready, self.task = setup.cpu, False, None
        self._into = into
        self._left: list[Task] = []
        if self.at_once:
            into.put((self, Ready()))

    def begin(self, task: Task) -> None:
        self.task, self._left = task, [task]  # type: ignore[assignment]

    def finish(self) -> None:
        if not self.ready:
            self._into.put((self, Ready()))
        while self._left:
            self._into.put((self, Outcome(self._left.pop().number, [], {})))

    def end(self) -> int:
        return 0


@pytest.mark.parametrize(
    ("idle", "most", "at_once", "workers"),
    [(1.0, 4, True, 4), (1.0, 0, True, 2), (0.5, 4, True, 2), (1.0, 9, True, 7), (1.0, 9, False, 2)],
    ids=["idle", "not wanted", "hardly idle", "for all that there is to do", "some still start"],
)
def test_while_cpus_idle_more_workers_join_in(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, idle: float, most: int, at_once: bool, workers: int
) -> None:
    looks = iter(range(20))
    monkeypatch.setattr(Idle, "at_once", at_once)
    monkeypatch.setattr(local, "WorkerProcess", Idle)
    monkeypatch.setattr(local, "_LOOK_SECONDS", 0.0)
    running = Local(Plan(Setup("", {}, "", "jail", []), None, 2, tmp_path, most_jobs=most))
    for number in range(7):
        running.submit(Task(number, "name", {}, [], "digest"))
    seen: list[int] = []

    def look(_: object) -> float:
        if next(looks, None) is None:
            seen.append(len(running._workers))
            for worker in running._workers:
                cast(Idle, worker).finish()
            return 0.0
        return idle

    monkeypatch.setattr(local.IdleCPUs, "idle", look)
    assert sorted(running.next().number for _ in range(7)) == list(range(7))
    assert seen[0] == workers
    running.close()
