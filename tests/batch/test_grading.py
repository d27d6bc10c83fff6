"""A batch decides what is to be graded, and what becomes of each outcome: with an executor that only answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from grader.batch.attempts import Attempt, BatchError
from grader.batch.executors import Executor, Plan
from grader.batch.grading import Batch, Orders, scratch_folder
from grader.batch.messages import Outcome, Task
from grader.batch.store import Store
from grader.course import load_course
from grader.results import ExerciseResult, TestResult

if TYPE_CHECKING:
    from tests.conftest import Course


def answer(task: Task) -> Outcome:
    done = [ExerciseResult(part.exercise, "", 1.0, 4.0, 0.0, "graded", "", []) for part in task.parts]
    return Outcome(task.number, done, {"tier": "jail"})


@dataclass
class Answering:
    """An executor that has every task answered at once, and counts."""

    answer: Callable[[Task], Outcome] = answer
    tasks: list[Task] = field(default_factory=list)
    closed: int = 0
    _answered: list[Outcome] = field(default_factory=list)

    def start(self, plan: Plan) -> Answering:
        return self

    def room(self) -> int:
        return 2 - len(self._answered)

    def submit(self, task: Task) -> None:
        self.tasks.append(task)
        self._answered.append(self.answer(task))

    def next(self) -> Outcome:
        return self._answered.pop(0)

    def close(self) -> None:
        self.closed += 1

    @property
    def graded(self) -> list[tuple[str, tuple[str, ...]]]:
        return [(task.name, tuple(part.exercise for part in task.parts)) for task in self.tasks]


class Quiet:
    def found(self, total: int) -> None: ...

    def began(self, student: str) -> None: ...

    def finished(self, student: str, score: float | None, max_score: float, problem: str, again: bool) -> None: ...


@pytest.fixture
def two(make_course: Callable[..., Course], tmp_path: Path) -> Course:
    course = make_course(tmp_path / "two", ("one", "two"))
    course.submit({f"{who}/{name}/{name}.py": f"# {who}\n" for who in ("alice", "bob") for name in ("one", "two")})
    return course


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "out") as store:
        yield store


def attempts(course: Course) -> list[Attempt]:
    folder = course.root.parent / "handed_in"
    when = datetime(2026, 11, 1, tzinfo=UTC)
    return [Attempt(path.name, path.name, path, when=when) for path in sorted(folder.iterdir())]


def run(
    course: Course,
    store: Store,
    executor: Answering,
    found: list[Attempt] | None = None,
    progress: Quiet | None = None,
    **changes: object,
) -> Batch:
    loaded = load_course(course.root)
    orders = Orders(loaded.exercises, "jail", Executor("answering", "", executor.start), 1)
    batch = Batch(loaded, store, replace(orders, **changes), progress or Quiet())  # type: ignore[arg-type]
    with scratch_folder(course.root.parent) as scratch:
        batch.run(attempts(course) if found is None else found, scratch)
    return batch


def test_only_the_exercise_that_has_changed_is_graded_anew(two: Course, store: Store) -> None:
    first, second = Answering(), Answering()
    run(two, store, first)
    assert first.graded == [("alice", ("one", "two")), ("bob", ("one", "two"))]
    assert first.closed == 1
    file = two.root / "solutions" / "two" / "test_hidden.py"
    file.write_text(file.read_text() + "# changed\n")
    run(two, store, second)
    assert second.graded == [("alice", ("two",)), ("bob", ("two",))]
    assert run(two, store, Answering()).kept(run(two, store, Answering()).seen[0].digest).keys() == {"one", "two"}


def test_only_what_has_changed_of_a_submission_is_graded_anew(two: Course, store: Store) -> None:
    run(two, store, Answering())
    two.submit({"bob/two/two.py": "# better\n", "bob/two/beside.py": "", "alice/one/beside.py": ""})
    again = Answering()
    run(two, store, again)
    assert again.graded == [("alice", ("one",)), ("bob", ("two",))]
    assert [sorted(task.files) for task in again.tasks] == [
        ["one/beside.py", "one/one.py"],
        ["two/beside.py", "two/two.py"],
    ]


def test_the_same_submission_is_graded_once(two: Course, store: Store) -> None:
    for name in ("one", "two"):
        two.submit({f"bob/{name}/{name}.py": "# alice\n"})
    executor = Answering()
    batch = run(two, store, executor)
    assert len(executor.tasks) == 1
    assert [batch.kept(seen.digest).keys() for seen in batch.seen] == [{"one", "two"}] * 2


def test_the_same_file_is_graded_once_for_all_who_hand_it_in(two: Course, store: Store) -> None:
    two.submit({"bob/one/one.py": "# alice\n"} | {f"carol/{name}/{name}.py": "# alice\n" for name in ("one", "two")})
    two.submit({"dave/one/one.py": "# dave\n", "dave/two/two.py": "# bob\n"})
    told: list[tuple[str, float | None, bool]] = []

    class Telling(Quiet):
        def finished(self, student: str, score: float | None, max_score: float, problem: str, again: bool) -> None:
            told.append((student, score, again))

    executor = Answering()
    batch = run(two, store, executor, progress=Telling())
    assert executor.graded == [("alice", ("one", "two")), ("bob", ("two",)), ("dave", ("one",))]
    assert [batch.kept(seen.digest).keys() for seen in batch.seen] == [{"one", "two"}] * 4
    # Nobody is told of before all of it is there, whoever it was graded for.
    assert sorted(told) == [("alice", 2.0, False), ("bob", 2.0, False), ("carol", 2.0, True), ("dave", 2.0, False)]


def test_what_is_asked_for_is_graded_and_no_more(two: Course, store: Store) -> None:
    later = datetime(2026, 11, 2, tzinfo=UTC)
    only, since, regrade, groups = Answering(), Answering(), Answering(), Answering()
    run(two, store, only, only=("bob",))
    assert only.graded == [("bob", ("one", "two"))]
    found = [replace(one, when=later) if one.student == "alice" else one for one in attempts(two)]
    run(two, store, since, found, since=later)
    assert since.graded == [("alice", ("one", "two"))]
    run(two, store, regrade, regrade=True)
    assert len(regrade.graded) == 2
    run(two, store, groups, without=("blocking",))
    assert len(groups.graded) == 2, "other groups are another marking"


def test_a_fault_is_a_row_and_tried_again_by_the_next_run(two: Course, store: Store) -> None:
    def fail(task: Task) -> Outcome:
        return Outcome(task.number, [], {}, "it fell over") if task.name == "alice" else answer(task)

    batch = run(two, store, Answering(fail))
    [alice, bob] = [batch.kept(seen.digest) for seen in batch.seen]
    assert alice["one"].at_fault and not bob["one"].at_fault
    assert (alice["one"].result.score, alice["one"].result.inconclusive) == (0.0, 4.0)
    assert "it fell over" in alice["one"].result.tests[0].reason
    again = Answering()
    batch = run(two, store, again)
    assert again.graded == [("alice", ("one", "two"))]
    assert not batch.kept(batch.seen[0].digest)["one"].at_fault


def test_a_full_disk_ends_the_run_and_is_no_row(two: Course, store: Store) -> None:
    def full(task: Task) -> Outcome:
        return Outcome(task.number, [], {}, "OSError: No space left on device", is_full=task.name == "bob")

    with pytest.raises(BatchError, match=r"No space left.*free the disk, then run the same command"):
        run(two, store, Answering(lambda task: answer(task) if task.name == "alice" else full(task)))
    again = Answering()
    run(two, store, again)
    assert again.graded == [("bob", ("one", "two"))]


def test_tests_that_the_grader_failed_to_decide_are_tried_again(two: Course, store: Store) -> None:
    def undecided(task: Task) -> Outcome:
        test = TestResult("test_x", "g", "hidden", "inconclusive", 0, 4, "", "", {"kind": "grader's fault"}, 0)
        done = [ExerciseResult(part.exercise, "", 0.0, 4.0, 4.0, "graded", "", [test]) for part in task.parts]
        return Outcome(task.number, done, {})

    run(two, store, Answering(undecided))
    again = Answering()
    run(two, store, again)
    assert len(again.graded) == 2


def test_results_are_kept_when_the_executor_fails(two: Course, store: Store) -> None:
    class Failing(Answering):
        def next(self) -> Outcome:
            if len(self.tasks) == 2 and len(self._answered) == 1:
                raise KeyboardInterrupt
            return super().next()

    failing, rest = Failing(), Answering()
    with pytest.raises(KeyboardInterrupt):
        run(two, store, failing)
    assert failing.closed == 1
    run(two, store, rest)
    assert rest.graded == [("bob", ("one", "two"))]


def test_whatever_lies_there_the_batch_goes_on(two: Course, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    from grader.batch import taking

    real = taking.take_in

    def take_in(path: Path, *args: object) -> object:
        if path.name == "alice":
            raise MemoryError("too much")
        return real(path, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(taking, "take_in", take_in)
    executor = Answering()
    batch = run(two, store, executor)
    assert executor.graded == [("bob", ("one", "two"))]
    assert batch.seen[0].fault == "MemoryError: too much"


def test_what_a_killed_run_has_left_is_removed_and_nothing_else(tmp_path: Path) -> None:
    with scratch_folder(tmp_path) as first:
        pass
    assert not first.exists()
    for left, goes in ((first, True), (tmp_path / "precious", False), (tmp_path / "threadlab-batch-x", False)):
        left.mkdir()
        (tmp_path / ".scratch").write_text(str(left))
        with scratch_folder(tmp_path):
            assert left.exists() is not goes
