"""A course's own formats, executors and steps of marking, as plug-ins, in a whole `grade batch`."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from grader.batch.attempts import Attempt, Collection
from grader.batch.command import DONE, grade_batch
from grader.batch.executors import Executor, Plan
from grader.batch.marking import Draft, Step
from grader.batch.messages import Outcome, Task
from grader.commands import BatchOptions
from grader.course import load_course
from grader.gradebook import from_json
from grader.hooks import hookimpl
from grader.plugins import plugin_manager
from grader.results import ExerciseResult

if TYPE_CHECKING:
    from tests.conftest import Course


@pytest.fixture
def plug_in() -> Iterator[Callable[..., None]]:
    """Registers functions as a plug-in for one test."""
    made: list[types.SimpleNamespace] = []

    def register(**functions: Any) -> None:
        made.append(types.SimpleNamespace(**{name: hookimpl(function) for name, function in functions.items()}))
        plugin_manager().register(made[-1])

    yield register
    for plugin in made:
        plugin_manager().unregister(plugin)


class Inbox:
    """Letters: `inbox/<student>.letter`."""

    name = "inbox"
    description = "letters"

    def recognise(self, folder: Path) -> str:
        return "there are letters" if list(folder.glob("*.letter")) else ""

    def find(self, folder: Path, exercises: Sequence[str]) -> Collection:
        letters = sorted(folder.glob("*.letter"))
        return Collection(tuple(Attempt(one.stem, one.name, files=(("double.py", one),)) for one in letters))


class Guessing:
    """Gives everybody half the points, without looking."""

    def __init__(self, plan: Plan) -> None:
        self._tasks: list[Task] = []

    def room(self) -> int:
        return 1 - len(self._tasks)

    def submit(self, task: Task) -> None:
        self._tasks.append(task)

    def next(self) -> Outcome:
        task = self._tasks.pop()
        done = [ExerciseResult(part.exercise, "Twice", 2.0, 4.0, 0.0, "graded", "", []) for part in task.parts]
        return Outcome(task.number, done, {"tier": "jail"})

    def close(self) -> None: ...


def test_plug_ins_have_their_say(
    course: Course, plug_in: Callable[..., None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def curve(draft: Draft) -> None:
        draft.change(draft.max_score - draft.score, "everybody gets full marks")

    plug_in(
        grader_intake_formats=lambda: [Inbox()],
        grader_executors=lambda: [Executor("guessing", "fast", Guessing)],
        grader_marking_steps=lambda course: [Step("curve", 60, curve)],
    )
    folder = course.submit({"alice.letter": "x = 1\n", "bob.letter": "x = 2\n"})
    options = BatchOptions(folder, tmp_path / "out", executor="guessing", jobs=1)
    assert grade_batch(options, load_course(course.root)) == DONE
    assert "Format inbox (recognised, because there are letters)" in capsys.readouterr().out
    rows = from_json((tmp_path / "out" / "gradebook.json").read_bytes()).rows
    assert [(row.student, row.raw_score, row.score) for row in rows] == [("alice", 2.0, 4.0), ("bob", 2.0, 4.0)]
    assert rows[0].adjustments[0].reason == "everybody gets full marks"
