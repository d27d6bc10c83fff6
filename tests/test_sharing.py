"""Several sessions share the tests of a submission: each is run once, whoever runs it."""

from __future__ import annotations

import io
import os
import sys
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import IO, TYPE_CHECKING, Any, cast

import msgspec
import pytest

from grader import session, sharing
from grader.course import load_course
from grader.grading import grade
from grader.results import STUDENT_TESTS
from grader.session import SessionOutcome
from grader.sharing import run_shared
from grader.testing.plan import Event, Plan, PlannedExercise, PlannedStudentTests, PlannedTest
from tests.test_session import GOOD

if TYPE_CHECKING:
    from tests.conftest import Course


@pytest.fixture
def cpus(monkeypatch: pytest.MonkeyPatch) -> None:
    """Enough of them for three sessions."""
    monkeypatch.setattr(sharing, "our_cpus", lambda: [0, 1, 2])


def shared(
    course: Course, told: Callable[[str, str], object] = lambda *_: None, beside: dict[str, str] | None = None
) -> tuple[Any, SessionOutcome]:
    """The result of a course's reference solutions, and what the sessions came to."""
    outcomes = []

    def sessions(plan: Plan, listener: session.Listener) -> SessionOutcome:
        def tell(exercise: str, test: Any) -> Any:
            told(exercise, test.name)
            return listener(exercise, test)

        outcomes.append(run_shared(plan, tell))
        return outcomes[0]

    files = {
        f"{name}/{name}.py": (course.root / "solutions" / name / f"{name}.py").read_text() for name in course.names
    }
    return grade(course.submit(files | (beside or {})), load_course(course.root), sessions=sessions), outcomes[0]


@pytest.mark.usefixtures("cpus")
def test_each_test_is_run_once(make_course: Callable[..., Course], tmp_path: Path) -> None:
    course = make_course(tmp_path / "lab", ("first", "second"))
    hidden = course.root / "solutions" / "first" / "test_hidden.py"
    text = hidden.read_text().replace("def test_", "@pytest.mark.parametrize('case', range(3))\ndef test_", 1)
    hidden.write_text(f"import pytest\n{text.replace('(student', '(case, student', 1)}")
    seen: Counter[tuple[str, str]] = Counter()
    result, _ = shared(course, lambda *key: seen.update([key]))
    assert result.score == result.max_score
    assert set(seen.values()) == {1} and len(seen) == sum(len(exercise.tests) for exercise in result.exercises)


DIES = """
import json, os, subprocess, sys
data = sys.stdin.buffer.read()
first, others = next(iter(json.loads(data)["shares"].values()))
try:
    os.close(os.open({mark!r}, os.O_CREAT | os.O_EXCL))
except FileExistsError:
    sys.exit(subprocess.run({command!r}, input=data, pass_fds=[first, others]).returncode)
TAKES
print("no memory", file=sys.stderr)
os._exit(1)
"""


@pytest.mark.usefixtures("cpus")
@pytest.mark.parametrize("taken", ["others, 3", "first, 1"])
def test_a_session_that_dies_costs_the_test_that_it_had_taken(
    course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, taken: str
) -> None:
    script = tmp_path / "dies.py"
    text = DIES.format(mark=str(tmp_path / "mark"), command=session._COMMAND)
    script.write_text(text.replace("TAKES", f"while not os.read({taken}): pass"))
    monkeypatch.setattr(session, "_COMMAND", [sys.executable, str(script)])
    result, outcome = shared(course)
    assert [test.verdict for test in result.exercises[0].tests].count("passed") == 2
    (lost,) = [test for test in result.exercises[0].tests if test.verdict == "inconclusive"]
    assert "the test session ended early: no memory" in lost.reason and outcome.faults


@pytest.mark.usefixtures("cpus")
def test_a_session_that_could_not_be_started_and_was_not_missed_is_not_told(
    course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "dies.py"
    script.write_text(DIES.format(mark=str(tmp_path / "mark"), command=session._COMMAND).replace("TAKES\n", ""))
    monkeypatch.setattr(session, "_COMMAND", [sys.executable, str(script)])
    result, outcome = shared(course)
    assert result.score == result.max_score and (tmp_path / "mark").exists()
    assert outcome.faults == [] and result.notes == []


class Kept(io.BytesIO):
    """A file that knows what was written to it when it is closed."""

    written = b""

    def close(self) -> None:
        self.written = self.written or self.getvalue()
        super().close()


class Waiting:
    """A session that begins and then waits for the test to end it."""

    def __init__(self, environment: dict[str, Any] | None) -> None:
        reading, self.writing = os.pipe()
        self.stdin: IO[bytes] | None = Kept()
        self.stdout: IO[bytes] | None = open(reading, "rb")  # noqa: SIM115 - closed by who reads it
        if environment is not None:
            os.write(self.writing, msgspec.json.encode(Event(environment=environment)) + b"\n")

    def end(self) -> None:
        os.write(self.writing, msgspec.json.encode(Event(done=True)) + b"\n")
        os.close(self.writing)

    def kill(self) -> None: ...

    def wait(self) -> int:
        return 0


def planned(tests: int, name: str = "e", own: PlannedStudentTests | None = None) -> PlannedExercise:
    named = [PlannedTest(f"test_{n}", "g", "public", 1.0, "") for n in range(tests)]
    return PlannedExercise(name, "", [], {}, {}, {}, named, own)


def plan_of(*exercises: PlannedExercise) -> Plan:
    return Plan(submission="", scratch="", rootdir="", masked=[], tier=None, exercises=list(exercises))


Join = Callable[..., list[Waiting]]


@pytest.fixture
def join(monkeypatch: pytest.MonkeyPatch) -> Join:
    """The sessions that are there after many looks, none of which has taken a test."""

    def run(tests: int = 100, idle: float = 2.0, environment: dict[str, Any] | None = {}) -> list[Waiting]:  # noqa: B006
        crew: list[sharing._Crew] = []
        begin = sharing._Crew.__enter__
        monkeypatch.setattr(sharing._Crew, "__enter__", lambda self: crew.append(self) or begin(self))
        started: list[Waiting] = []

        def start(_: IO[bytes], inherited: tuple[int, ...]) -> Waiting:
            assert len(inherited) == 2
            started.append(Waiting(environment))
            return started[-1]

        looks = iter(range(50))

        def seen(_: object) -> float:
            while environment is not None and not all(one.begun for one in crew[0]._sessions):
                pass
            if next(looks, None) is None:
                ended.extend(started)
                while started:
                    started.pop().end()
                return 0.0
            return idle

        ended: list[Waiting] = []
        monkeypatch.setattr(sharing, "start_cold", start)
        monkeypatch.setattr(sharing, "run_alone", lambda *_: SessionOutcome())  # of what these have left
        monkeypatch.setattr(sharing, "_LOOK_SECONDS", 0.001)
        monkeypatch.setattr(sharing.IdleCPUs, "idle", seen)
        run_shared(plan_of(planned(tests)), lambda _, test: test)
        return ended

    return run


@pytest.mark.usefixtures("cpus")
@pytest.mark.parametrize(
    ("given", "sessions"),
    [
        ({}, 12),
        ({"idle": 0.0}, 3),
        ({"idle": 0.7}, 3),
        ({"tests": 6}, 7),
        ({"tests": 1}, 2),
        ({"environment": None}, 3),
    ],
    ids=["much to do", "nothing idle", "less than it takes to start", "little to do", "one test", "some still start"],
)
def test_where_cpus_idle_more_sessions_join_in(join: Join, given: dict[str, Any], sessions: int) -> None:
    assert len(join(**given)) == sessions


@pytest.mark.usefixtures("cpus")
def test_where_memory_is_short_none_joins_in(join: Join, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "free_memory", lambda: 2_000_000_000)
    assert len(join()) == 3


@pytest.mark.usefixtures("cpus")
def test_one_that_joins_in_is_confined_as_the_others_are(join: Join) -> None:
    tiers = [msgspec.json.decode(cast(Kept, one.stdin).written)["tier"] for one in join(environment={"tier": "limits"})]
    assert set(tiers[3:]) == {"limits"} and len(tiers) == 12


def test_sessions_begin_where_there_is_the_most_to_do_for_each(monkeypatch: pytest.MonkeyPatch) -> None:
    began: list[str] = []

    class Session(SimpleNamespace):
        def __init__(self, plan: Plan, *_: object) -> None:
            began.append(plan.exercises[0].name)
            super().__init__(thread=threading.Thread(target=list), end=lambda: None)

    monkeypatch.setattr(sharing, "RunningSession", Session)
    with sharing._Crew(plan_of(planned(9, "a"), planned(6, "b")), lambda _, test: test, SessionOutcome()) as crew:
        for _ in range(5):
            crew._join_in()
    assert began == ["a", "b", "a", "b", "a"]


@pytest.mark.parametrize("order", [1, -1])
def test_of_several_ways_to_be_confined_the_result_tells_the_weakest(order: int) -> None:
    outcome = SessionOutcome()
    for guarantees in [["files", "network"], ["files"]][::order]:
        outcome.take(Event(environment={"guarantees": guarantees}), lambda _, test: test)
    assert outcome.environment == {"guarantees": ["files"]}


def test_a_fault_of_all_sessions_is_told_once() -> None:
    outcome = SessionOutcome()
    for _ in range(3):
        outcome.take(Event(fault="it is not there"), lambda _, test: test)
    assert outcome.faults == ["it is not there"]


OWN = PlannedStudentTests("", [], [], 1.0, 1.0, "")


def test_what_no_session_has_taken_is_left_over() -> None:
    plan = plan_of(planned(3, "a", OWN), planned(2, "b", OWN), planned(1, "c"))
    with sharing._Crew(plan, lambda _, test: test, SessionOutcome()) as crew:
        for name, numbers in (("a", 1), ("b", 2), ("c", 2)):
            share = crew._dealers[name].share
            share.take_first()
            crew._dealers[name].deal("")
            for _ in range(numbers - 1):
                share.take()
        left = crew.left_over()
    told = [(one.name, [test.name for test in one.tests], one.student_tests) for one in left.exercises]
    assert told == [("a", ["test_1", "test_2"], OWN), ("b", [], OWN)] and left.shares == {}


def test_without_the_verdict_on_tests_of_the_students_own_a_fault_is_told() -> None:
    plan, outcome = plan_of(planned(1, own=OWN)), SessionOutcome()
    outcome.tests["e", "test_0"] = GOOD
    assert not sharing._is_whole(outcome, plan)
    outcome.tests["e", STUDENT_TESTS] = GOOD
    assert sharing._is_whole(outcome, plan)


@pytest.mark.usefixtures("cpus")
def test_tests_of_the_students_own_are_marked_once(course: Course) -> None:
    course.rubric += "tests_by_student: {points: 1, enough: 1}\n"
    course.write()
    faulty = course.root / "solutions" / "double" / "faulty" / "one.py"
    faulty.parent.mkdir()
    faulty.write_text("# wrong: it\n# fails: test_twice\ndef double(number, work):\n    return 0\n")
    own = "from double import double\n\ndef test_it():\n    assert double(4, float) == 8\n"
    seen: Counter[str] = Counter()
    result, outcome = shared(course, lambda _, name: seen.update([name]), {"double/test_double.py": own})
    assert seen[STUDENT_TESTS] == 1 and outcome.faults == []
    assert "your tests catch 1 of 1" in " ".join(result.exercises[0].notes)


def test_where_one_cannot_be_started_no_more_are(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[int] = []
    first = session.start_cold

    def start(errors: IO[bytes], inherited: tuple[int, ...]) -> Any:
        started.append(len(started))
        if len(started) > 1:
            raise OSError(11, "Resource temporarily unavailable")
        return first(errors, inherited)

    monkeypatch.setattr(sharing, "our_cpus", lambda: [0])
    monkeypatch.setattr(sharing, "start_cold", start)
    monkeypatch.setattr(sharing, "_LOOK_SECONDS", 0.0)
    monkeypatch.setattr(sharing.IdleCPUs, "idle", lambda _: 1.0)
    result, _ = shared(course)
    assert result.score == result.max_score and len(started) == 2  # the first that fails is the last


LOOPS = """
import threading, time

def double(number, work):
    if number != int(number):
        while True:
            pass
    ends = time.thread_time() + 0.6
    while time.thread_time() < ends:
        pass
    found = []
    thread = threading.Thread(target=lambda: found.append(work(number)))
    thread.start()
    thread.join()
    return 2 * found[0]
"""
"""It answers after 0.6 s of CPU; or, to what is no test's first question, never."""


@pytest.mark.usefixtures("cpus")
@pytest.mark.parametrize("run", [session.run_alone, run_shared], ids=["alone", "shared"])
@pytest.mark.parametrize("loops", ["in another test", "in the first test"])
def test_how_patient_a_test_is_hangs_on_the_first_one_alone(course: Course, run: Any, loops: str) -> None:
    def sessions(plan: Plan, listener: session.Listener) -> SessionOutcome:
        (exercise,) = plan.exercises
        tests = exercise.tests if loops == "in another test" else [exercise.tests[1], exercise.tests[0]]
        exercise = msgspec.structs.replace(exercise, tests=tests, limits={"cpu_seconds": 1.0})
        outcome: SessionOutcome = run(msgspec.structs.replace(plan, exercises=[exercise]), listener)
        return outcome

    result = grade(course.submit({"double.py": LOOPS}), load_course(course.root), sessions=sessions)
    verdicts = {test.name: test.verdict for test in result.exercises[0].tests}
    assert verdicts["test_twice_of_a_fraction"] == "failed"
    assert verdicts["test_twice"] == ("passed" if loops == "in another test" else "failed")


@pytest.mark.usefixtures("cpus")
def test_where_programs_share_a_network_an_exercise_has_one_session(course: Course) -> None:
    program = (course.root / "solutions" / "double" / "double.py").read_text()
    program += "\nimport os\nprint(os.getppid())\n"  # of the session's own zygote
    submission = course.submit({"double.py": program})
    for tier, most in (("limits", 1), ("jail", 3)):
        tests = grade(submission, load_course(course.root), tier=tier).exercises[0].tests
        assert {test.verdict for test in tests} == {"passed"}
        assert len({test.evidence["output"] for test in tests}) <= most


@pytest.mark.usefixtures("cpus")
def test_a_session_that_cannot_import_the_tests_takes_none(course: Course, tmp_path: Path) -> None:
    """As one may not, for want of memory: the others can."""
    hidden = course.root / "solutions" / "double" / "test_hidden.py"
    once = f"import os\nos.close(os.open({str(tmp_path / 'mark')!r}, os.O_CREAT | os.O_EXCL))\n"
    hidden.write_text(once + hidden.read_text())
    result, outcome = shared(course)
    assert result.score == result.max_score and outcome.faults == []


def test_ctrl_c_is_no_fault(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(sharing._Crew, "_deal_for_the_dead", interrupt)
    result, outcome = shared(course)
    assert outcome.interrupted and outcome.faults == []
    assert result.environment["interrupted"]
