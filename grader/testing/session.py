"""The trusted pytest process: runs tests of one submission, all or its share, and writes each verdict as a line.

Started as `python -I -m grader.testing.session`. Standard input: a `Plan` as JSON. Standard output:
one JSON `Event` a line. Nothing of the submission is ever imported or executed here.
"""

from __future__ import annotations

import contextlib
import ctypes
import itertools
import os
import platform
import signal
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from grader.jail import JailError, TierUnavailable
from grader.jail.cell import Cell
from grader.jail.shield import shield
from grader.results import TestResult
from grader.testing import plugin
from grader.testing.bench import Bench, limits_from
from grader.testing.cells import Cells
from grader.testing.plan import Event, Plan, PlannedExercise, PlannedTest
from grader.testing.quiet import LoopbackFlush
from grader.testing.shares import Share
from grader.testing.taking import Turns, name_of
from grader.testing.verdicts import Judgement

_PR_SET_PDEATHSIG = 1
_HIDDEN_REASON = "the rule is broken"
_LONGEST_TEXT = 80_000  # more than `output_kib` keeps by default
_MOST_EVIDENCE, _DEEPEST_EVIDENCE = 1 << 19, 40
"""Characters of all evidence for one verdict, each item counted as some; and how deeply it may be nested."""

_ITEM = 8


class Verdicts:
    """Collects what pytest reports and sends one event for each test."""

    def __init__(self, plan: Plan, send: Callable[[Event], None]) -> None:
        """Args: plan: of the session. send: takes each `Event`."""
        self._send = send
        self._secret = plan.secret
        self._planned = {
            (file, test.name): (exercise.name, test)
            for exercise in plan.exercises
            for test in exercise.tests
            for file in exercise.test_files
        }
        self._world = plan.world
        self._until_failure = plan.until_failure
        self._judged = Judgement("passed")
        self._seconds = 0.0
        self._flags: dict[str, None] = {}

    def pytest_collection(self, session: pytest.Session) -> bool:
        """Collects from the files of tests alone: pytest lists every folder on the way to them, which takes longer."""
        for file in session.config.args:
            session.items.extend(session.genitems(pytest.Module.from_parent(session, path=Path(file))))
        session.config.hook.pytest_collection_modifyitems(session=session, config=session.config, items=session.items)
        return True

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keeps the tests of the rubric, in its order."""
        order = {key: number for number, key in enumerate(self._planned)}
        known = [item for item in items if _key(item) in order and (self._world or not _uses_world(item))]
        items[:] = sorted(known, key=lambda item: order[_key(item)])

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A test file that cannot be imported is a fault of the pack."""
        if report.failed:
            said = str(report.longrepr)
            # The traceback quotes the tests.
            self._send(Event(fault=f"{report.nodeid}: {said.splitlines()[-1] if self._secret else said[-2000:]}"))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Takes what each phase of a test came to; the first that did not pass decides."""
        judged: Judgement | None = getattr(report, "threadlab", None)
        self._seconds += report.duration
        self._flags |= dict.fromkeys(getattr(report, "threadlab_flags", []))
        if judged is not None and self._judged.verdict == "passed":
            self._judged = judged

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(
        self, item: pytest.Item, nextitem: pytest.Item | None
    ) -> Generator[None, object, object]:
        """Sends the verdict on a test after its last case."""
        handled = yield
        if nextitem is None or _key(nextitem) != _key(item):
            exercise, test = self._planned[_key(item)]
            evidence = self._judged.evidence | ({"flags": list(self._flags)} if self._flags else {})
            judged = replace(self._judged, evidence=evidence)
            self._send(Event(exercise=exercise, test=_result(test, judged, self._seconds)))
            if self._until_failure and judged.verdict == "failed":
                item.session.shouldstop = "a test has failed"
            self._judged, self._seconds, self._flags = Judgement("passed"), 0.0, {}
        return handled


def _uses_world(item: pytest.Item) -> bool:
    return "world" in getattr(item, "fixturenames", ())


def _key(item: pytest.Item) -> tuple[str, str]:
    return str(item.path), name_of(item)


def _result(test: PlannedTest, judged: Judgement, seconds: float) -> TestResult:
    reason = judged.reason
    if judged.verdict == "failed" and not reason:
        reason = judged.details if test.visibility == "public" and judged.details else _HIDDEN_REASON
    return TestResult(
        name=test.name,
        group=test.group,
        visibility=test.visibility,
        verdict=judged.verdict,
        score=0.0,
        max_score=test.points,
        reason=_Plain().of(reason),
        rule=test.rule,
        evidence=_Plain().of(judged.evidence),
        duration=round(seconds, 4),
    )


class _Plain:
    """Makes data that JSON can hold, and a reader bear, of whatever of the student's has come into it."""

    def __init__(self) -> None:
        self._left = _MOST_EVIDENCE

    def of(self, value: Any, depth: int = 0) -> Any:
        """`value`, cut where it is too long, too deep or too much, and without halves of characters."""
        self._left -= _ITEM
        if isinstance(value, str):
            return self._text(value)
        if value is None or isinstance(value, (bool, float)) or (isinstance(value, int) and abs(value) < 1 << 63):
            return value
        if depth >= _DEEPEST_EVIDENCE:
            return "..."
        if isinstance(value, dict):
            return {self._text(str(key)): self.of(item, depth + 1) for key, item in self._some(value.items())}
        if isinstance(value, (list, tuple)):
            return [self.of(item, depth + 1) for item in self._some(value)]
        return self._text(hex(value) if isinstance(value, int) else repr(value))

    def _some(self, items: Iterable[Any]) -> Iterator[Any]:
        return itertools.takewhile(lambda _: self._left > 0, items)

    def _text(self, text: str) -> str:
        most = max(0, min(_LONGEST_TEXT, self._left))
        self._left -= min(most, len(text))
        text = text if len(text) <= most else text[:most] + "..."
        return text.encode("utf-8", "backslashreplace").decode()


def run(plan: Plan, send: Callable[[Event], None]) -> None:
    """Runs the tests of a plan and sends what comes of it.

    Args:
        plan: what to run, on what.
        send: takes each event, in order.
    """
    with tempfile.TemporaryDirectory(prefix="threadlab-", dir=plan.scratch) as name:
        folder = Path(name)
        folder.chmod(0o711)
        with Cells(folder) as cells:
            run_with(cells, plan, send)


def run_with(cells: Cells, plan: Plan, send: Callable[[Event], None]) -> None:
    """As `run`, in jails that may be there already."""
    shares = {name: Share(*descriptors) for name, descriptors in plan.shares.items()}
    for exercise in plan.exercises:
        share = shares.get(exercise.name)
        try:
            with cells.showing(plan, exercise, send) as (cell, one, told):
                if not run_in(cell, one, told, share):
                    break
        except (JailError, TierUnavailable) as error:
            send(Event(fault=f"no student process can be started: {error}"))
            return
    send(Event(done=True))


def run_in(cell: Cell, plan: Plan, send: Callable[[Event], None], share: Share | None = None) -> bool:
    """Runs the tests of one exercise in a jail that shows the folder of the plan's submission.

    Args:
        cell: the jail.
        plan: for this exercise alone.
        send: takes each event.
        share: gives out the tests; None: all of them are run.

    Returns:
        whether to go on with more: nobody has interrupted it, nor has a test failed that was to be the last then.
    """
    (exercise,) = plan.exercises
    arcs: set[tuple[int, int]] = set()
    with contextlib.closing(LoopbackFlush()) as flush:
        send(Event(environment=environment(cell)))
        bench = _bench(cell, flush, plan, exercise, arcs)
        benches = plugin.Benches({Path(file): bench for file in exercise.test_files})
        turns = Turns(exercise, bench, share, send)
        plugins = [benches, plugin, Verdicts(plan, send), turns]
        ended = pytest.main([*_options(plan.rootdir), *exercise.test_files], plugins=plugins)
        if exercise.student_tests is not None and not plan.lines and turns.rest:
            from grader.testing.student_tests import mark  # few submissions bring tests

            send(Event(exercise=exercise.name, test=mark(cell, flush, Path(plan.submission), exercise)))
    if plan.lines:
        send(Event(exercise=exercise.name, arcs=sorted(arcs)))
    return ended != pytest.ExitCode.INTERRUPTED


def _bench(
    cell: Cell, flush: LoopbackFlush, plan: Plan, exercise: PlannedExercise, arcs: set[tuple[int, int]]
) -> Bench:
    """One for all files of tests of an exercise: what kept its module from being loaded is found out once."""
    return Bench(
        cell=cell,
        flush=flush,
        file=Path(exercise.file),
        top=Path(plan.submission),
        defines=exercise.defines,
        limits=limits_from(exercise.limits),
        rules=exercise.rules,
        stories=plan.stories,
        arcs=arcs if plan.lines else None,
        illustrated=plan.illustrated,
        schedule=plan.schedule,
    )


def _options(rootdir: str) -> list[str]:
    """Our own settings, whatever lies about: no ini file, no conftest, no plug-ins of anybody's."""
    off = ["cacheprovider", "terminal", "junitxml", "doctest", "unittest", "logging", "warnings", "faulthandler"]
    off += ["unraisableexception", "threadexception", "stepwise", "pastebin"]  # of no use here, and not for nothing
    return [
        "-c", os.devnull, f"--rootdir={rootdir}", "--noconftest", "--import-mode=importlib", "--capture=no",
        "--continue-on-collection-errors",
        *(word for name in off for word in ("-p", f"no:{name}")),
    ]  # fmt: skip


def environment(cell: Cell) -> dict[str, Any]:
    """What a result says of the machine: Python, GIL, cores, tier and its guarantees."""
    gil = getattr(sys, "_is_gil_enabled", lambda: True)()
    return {
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "gil": bool(gil),
        "free_threaded_build": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
        "cores": os.cpu_count() or 1,
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "tier": cell.tier.name,
        "guarantees": list(cell.guarantees),
        "filter": cell.filter,
    }


def become_trusted() -> None:
    """Nobody traces this process, nothing steers its pytest, and it ends with the process that started it."""
    for name in [name for name in os.environ if name.startswith("PYTEST_")]:
        del os.environ[name]
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)  # nothing outlives a grader that was killed
    shield()


def open_events() -> Callable[[Event], None]:
    """Takes standard output for events, and for nothing else; what sends one."""
    out = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # whatever else prints, the events stay clean

    def send(event: Event) -> None:
        out.write(msgspec.json.encode(event) + b"\n")

    return send


def main() -> None:
    """Runs the plan on standard input."""
    plan = msgspec.json.decode(sys.stdin.buffer.read(), type=Plan)
    tempfile.tempdir = plan.scratch
    sys.dont_write_bytecode = plan.secret
    become_trusted()
    run(plan, open_events())


if __name__ == "__main__":
    main()
