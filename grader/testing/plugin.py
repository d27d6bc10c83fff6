"""The pytest plug-in: fixtures for test authors, and a verdict for each test.

Loaded by the grader for its own session, and by pytest itself (entry point `pytest11`) when a
student runs `pytest exercises/threaded_sum`. It does nothing to tests that use none of its fixtures.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from grader.testing.verdicts import EVIDENCE, FLAGS, NO_FLAGS, WITNESSED, judge

if TYPE_CHECKING:
    from grader.testing.bench import Bench
    from grader.testing.calls import Call
    from grader.testing.connecting import Connect
    from grader.testing.probe import Probe
    from grader.testing.schedule import Run
    from grader.testing.schedules import EverySchedule
    from grader.testing.site import Site
    from grader.testing.student import Student
    from grader.testing.world import World

BENCHES = pytest.StashKey[dict[Path, "Bench"]]()
"""The benches of a session, by the path of the test file; filled by the grader, or as files are met."""

_CLOSERS = pytest.StashKey[list[Callable[[], None]]]()


class Benches:
    """Hands the benches of a session to the fixtures; a pytest plug-in of its own."""

    def __init__(self, benches: dict[Path, Bench]) -> None:
        """Args: benches: by the path of the test file."""
        self._benches = benches

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        """Puts them where the fixtures look."""
        config.stash[BENCHES] = self._benches


def pytest_configure(config: pytest.Config) -> None:
    """Declares the marker `rule`."""
    config.addinivalue_line("markers", "rule(*ids): the sentences of the contract that a test checks")
    config.stash[_CLOSERS] = []
    config.stash.setdefault(BENCHES, {})


def pytest_unconfigure(config: pytest.Config) -> None:
    """Ends the jails that were started for tests run by hand."""
    for close in config.stash[_CLOSERS]:
        close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Adds the verdict to each report, and the rule that was broken to what pytest prints."""
    report = yield
    bench = item.config.stash[BENCHES].get(item.path)
    if bench is not None and (call.excinfo is not None or report.when == "call"):
        verdict = judge(item, call.excinfo)
        report.threadlab = verdict  # type: ignore[attr-defined]
        rules = [bench.rules[key] for key in rules_of(item) if key in bench.rules]
        if report.failed and rules:
            report.sections.append(("the rule", "\n".join(rules)))
    report.threadlab_flags = [*item.stash.get(FLAGS, NO_FLAGS)]  # type: ignore[attr-defined]
    return report


def rules_of(item: pytest.Item) -> list[str]:
    """The ids of the rules that a test is marked with."""
    return [str(key) for mark in item.iter_markers("rule") for key in mark.args]


# --- fixtures ----------------------------------------------------------------------------------


@pytest.fixture
def student(request: pytest.FixtureRequest) -> Iterator[Student]:
    """The student's module in a process of its own, forked afresh for this test."""
    with _bench_for(request).student() as process:
        request.node.stash[EVIDENCE] = {}
        request.node.stash[WITNESSED] = process.witnessed
        request.node.stash[FLAGS] = process.flags
        yield process
        process.check_alive()
        if process.output:
            request.node.stash[EVIDENCE]["output"] = process.output.decode("utf-8", "replace")


@pytest.fixture
def probe(student: Student) -> Callable[..., Probe]:
    """Makes a callable to hand to the student's code: `probe(name, returns=..., held=...)`.

    Every call of it waits over there until the test has decided about it. Options: `returns` a
    value; `raises` a `fault`; `answer` a function of the `Arrival` that gives the value or a `fault`;
    `held` nobody gets on until released; `exit_held` the calling thread is held once more at its end.
    """

    def make(name: str = "probe", **options: Any) -> Probe:
        return student.add_probe(name, options)

    return make


@pytest.fixture
def gate(probe: Callable[..., Probe]) -> Callable[..., Probe]:
    """Makes a probe at which every call is held until the test releases it."""

    def make(name: str = "gate", **options: Any) -> Probe:
        return probe(name, held=True, **options)

    return make


@pytest.fixture
def connect(student: Student, request: pytest.FixtureRequest) -> Iterator[Connect]:
    """Connects to a server of the student's over real TCP: `connect(address)`, `connect(address, 200)`."""
    from grader.testing.connecting import Connect

    connect = Connect(_bench_for(request).cell, student.loop, student.history)
    student.afterwards.callback(connect.close)
    yield connect


@pytest.fixture
def free_port(connect: Connect) -> int:
    """A port that nobody uses in the student's network."""
    return connect.free_port()


@pytest.fixture
def site(student: Student, request: pytest.FixtureRequest) -> Iterator[Site]:
    """A real HTTP site, reachable by the student's code, whose responses the test holds and releases."""
    from grader.testing.site import Site

    site = Site(_bench_for(request).cell, student.loop, student.history)
    yield site
    site.close()


@pytest.fixture
def schedule(student: Student, evidence: Callable[[str, Any], None]) -> Callable[..., Run]:
    """Runs a call in virtual time: `schedule(call, probe_or_site, cost=function, cores=4)`."""
    from grader.testing.schedule import play

    def run(call: Call | None, source: Any, cost: Callable[[Any], int] = lambda _: 1, cores: int | None = None) -> Run:
        done = play(student, call, source, cost, cores)
        evidence("timeline", done.as_evidence())
        return done

    return run


@pytest.fixture
def world(student: Student, evidence: Callable[[str, Any], None], request: pytest.FixtureRequest) -> World:
    """Runs the student's code in the controlled world, under many schedules: see `grader.testing.world.World`."""
    from grader.testing.world import World

    bench = _bench_for(request)
    return World(student, evidence, bench.stories, bench.illustrated, bench.schedule)


@pytest.fixture
def every_schedule(request: pytest.FixtureRequest) -> EverySchedule:
    """Runs code of your own in the controlled world, under many schedules: see `EverySchedule`."""
    from grader.testing.schedules import EverySchedule

    return EverySchedule(request.module)


@pytest.fixture
def evidence(request: pytest.FixtureRequest) -> Callable[[str, Any], None]:
    """Attaches data to the result of the test: `evidence(key, value)`."""

    def attach(key: str, value: Any) -> None:
        request.node.stash.setdefault(EVIDENCE, {})[key] = value

    return attach


# --- tests run by hand ---------------------------------------------------------------------------


def _bench_for(request: pytest.FixtureRequest) -> Bench:
    benches = request.config.stash[BENCHES]
    path = request.node.path
    if path not in benches:
        benches[path] = _bench_by_hand(path, request.config.stash[_CLOSERS])
    return benches[path]


def _bench_by_hand(test_file: Path, closers: list[Callable[[], None]]) -> Bench:
    """A bench for `pytest FILE`: the submission is the exercise's file beside the test file."""
    from grader.course import CourseError, load_exercise
    from grader.intake import take_in
    from grader.jail import open_cell
    from grader.testing.bench import Bench, limits_from, rlimits
    from grader.testing.quiet import LoopbackFlush

    folder = test_file.parent
    home = folder if (folder / "exercise.yaml").exists() else folder.parents[1] / "exercises" / folder.name
    try:
        exercise = load_exercise(home)
    except CourseError as error:
        raise pytest.UsageError(f"{test_file} is not in the folder of an exercise:\n{error}") from None
    copies = tempfile.TemporaryDirectory(prefix="threadlab-")
    closers.append(copies.cleanup)
    top = Path(copies.name)
    top.chmod(0o755)
    found = take_in(folder, [exercise.name], top).found[0]
    if found.file is None:
        pytest.fail(found.problem, pytrace=False)
    limits = limits_from(exercise.limits)
    cell = open_cell(top, rlimits(limits), (), None)
    flush = LoopbackFlush()
    closers[:0] = [flush.close, cell.close]
    return Bench(cell, flush, found.file, top, exercise.defines, limits, exercise.rules)
