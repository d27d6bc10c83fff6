"""The main path of a check: grade what is known, kill the mutants, do it again under load, and see what is left."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Any, Protocol

from grader.checking.conditions import Conditions, busy_loops, rounds
from grader.checking.gradings import grade_known, reach
from grader.checking.judgements import FILE, read_judgements
from grader.checking.killing import Suspect, fate, suspects
from grader.checking.known import Known, known_submissions, what_is_wrong
from grader.checking.model import Changed, CheckResult, CoverageCheck, ExerciseCheck, MutantCheck, SubmissionCheck
from grader.checking.servers import Servers
from grader.course import Course, Exercise, pack_digest
from grader.coverage import Coverage, way
from grader.results import ExerciseResult, Result


class Progress(Protocol):
    """Told how a check goes on, by one thread."""

    def started(self, total: int) -> None:
        """So many gradings are going to be made."""

    def on(self, text: str) -> None:
        """What comes next: which round, under which conditions."""

    def graded(self, exercise: str, name: str, wrong: Sequence[str]) -> None:
        """One more grading is made; `wrong` is what must not be so."""


@dataclass(frozen=True)
class CheckOptions:
    """What is to be checked, and how often."""

    exercises: tuple[str, ...] = ()
    """Empty: all of the course."""
    repeat: int = 1
    load: int = 0
    mutants: bool = True
    coverage: bool = True
    jobs: int = 0
    """Gradings at the same time; 0: two more than there are CPUs."""
    each: int = 1
    """One in so many of the correct and faulty submissions is graded."""


class _Subject:
    """One exercise while it is checked."""

    def __init__(self, exercise: Exercise, course: Course, options: CheckOptions) -> None:
        self.exercise = exercise
        self.known = known_submissions(exercise, options.each)
        folder = self.known[1].file.parent
        self.judged = read_judgements(folder, course.root) if options.mutants else {}
        self.suspects: list[Suspect] = suspects(exercise, self.known[1].file) if options.mutants else []
        self.seconds: dict[str, float] = {}
        """How long each test took with the reference."""
        self.found = ExerciseCheck(exercise.name)
        self.fates: dict[str, MutantCheck] = {}
        self.verdicts: dict[str, dict[str, str]] = {}
        """By submission and test, as they were the first time."""


Work = tuple[Callable[[], Any], Callable[[Any], None]]
"""What is done on some thread, and what takes the outcome in on the main one."""


def check(course: Course, options: CheckOptions, progress: Progress) -> CheckResult:
    """Checks a course: is it releasable?

    Ctrl-C ends it and keeps what has been found.

    Args:
        course: with its solutions.
        options: what to check.
        progress: told of each grading.

    Raises:
        CourseError: an exercise that the course does not have, or a file that cannot be used.
        HeaderError: a faulty submission does not say what it is.
        Uncheckable: an exercise has no solution here.
    """
    begun = time.monotonic()
    names = options.exercises or [exercise.name for exercise in course.exercises]
    subjects = [_Subject(course.exercise(name), course, options) for name in dict.fromkeys(names)]
    result = CheckResult(pack_digest(course), options.repeat, options.load, [subject.found for subject in subjects])
    run = _Check(course, options, progress, subjects, result)
    try:
        run.all_rounds()
    except KeyboardInterrupt:
        result.interrupted = True
    for subject in subjects:
        _sum_up(subject)
    result.settle()
    result.seconds = round(time.monotonic() - begun, 1)
    return result


class _Check:
    """One check under way."""

    def __init__(
        self, course: Course, options: CheckOptions, progress: Progress, subjects: list[_Subject], result: CheckResult
    ) -> None:
        self._course = course
        self._options = options
        self._progress = progress
        self._subjects = subjects
        self._result = result
        # Two more than there are CPUs: while a program's threads wait, its grading needs none.
        self._jobs = options.jobs or (os.cpu_count() or 1) + 2
        self._number = 0
        self._conditions = Conditions()

    def all_rounds(self) -> None:
        """Every round, each under its own conditions."""
        conditions = rounds(self._options.repeat, self._options.load)
        each = sum(len(subject.known) + len(subject.suspects) for subject in self._subjects)
        measured = len(self._subjects) if self._options.coverage else 0
        self._progress.started(each * len(conditions) + measured)
        for number, under in enumerate(conditions, 1):
            self._number, self._conditions = number, under
            self._progress.on(f"round {number}, with {under}" if len(conditions) > 1 or under.load else "")
            with busy_loops(under.load), Servers(self._jobs, under.cpus) as servers:
                self._round(servers)

    def _round(self, servers: Servers) -> None:
        # References first: how long each test takes with them decides in which order the mutants meet the tests.
        self._do([self._known(subject, subject.known[1], servers) for subject in self._subjects])
        rest = [
            self._known(subject, known, servers)
            for subject in self._subjects
            for known in subject.known
            if known.kind != "reference"
        ]
        if self._options.coverage and self._number == 1:
            rest = [self._reach(subject, servers) for subject in self._subjects] + rest
        self._do(rest + [self._mutant(subject, one, servers) for subject in self._subjects for one in subject.suspects])

    def _do(self, work: list[Work]) -> None:
        with ThreadPoolExecutor(self._jobs) as pool:
            takers = {pool.submit(function): take for function, take in work}
            try:
                for done in as_completed(takers):
                    takers[done](done.result())
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    # --- known submissions ---

    def _known(self, subject: _Subject, known: Known, servers: Servers) -> Work:
        def take(result: Result) -> None:
            self._result.gradings += 1
            self._result.environment = self._result.environment or result.environment
            self._take_known(subject, known, result.exercises[0])

        return lambda: grade_known(known, self._course, servers.run), take

    def _take_known(self, subject: _Subject, known: Known, result: ExerciseResult) -> None:
        verdicts = {test.name: str(test.verdict) for test in result.tests}
        if known.kind == "reference" and not subject.seconds:
            subject.seconds = {test.name: test.duration for test in result.tests}
        if self._number == 1:
            wrong = what_is_wrong(known, result)
            subject.verdicts[known.name] = verdicts
            subject.found.submissions.append(SubmissionCheck(known.name, known.kind, result.score, wrong))
        else:
            wrong = self._changes(subject, known.name, verdicts)
        self._progress.graded(subject.exercise.name, known.name, wrong)

    def _changes(self, subject: _Subject, name: str, verdicts: dict[str, str]) -> list[str]:
        told = []
        for test, first in subject.verdicts[name].items():
            then = verdicts.get(test, "missing")
            if then != first:
                under = str(self._conditions)
                self._result.changed.append(
                    Changed(subject.exercise.name, name, test, first, then, self._number, under)
                )
                told.append(f"{test}: {first} at first, {then} with {under}")
        return told

    # --- coverage ---

    def _reach(self, subject: _Subject, servers: Servers) -> Work:
        def take(found: Coverage) -> None:
            self._result.gradings += 1
            branches = [way(*branch) for branch in found.missed_branches]
            subject.found.coverage = CoverageCheck(found.lines, found.branches, list(found.missed_lines), branches)
            wrong = [] if found.complete else [str(found)]
            subject.found.problems += wrong
            self._progress.graded(subject.exercise.name, "coverage of the reference", wrong)

        return lambda: reach(subject.known[1], self._course, servers.run), take

    # --- mutants ---

    def _mutant(self, subject: _Subject, suspect: Suspect, servers: Servers) -> Work:
        def take(found: MutantCheck) -> None:
            self._result.gradings += 1
            survived = not (found.killed_by or found.equivalent)
            wrong = ["survives, and is not judged"] if survived else []
            if self._number == 1:
                subject.fates[found.id] = found
                subject.verdicts[f"mutant {found.id}"] = {"all tests": _fate(found)}
            else:
                wrong = self._changes(subject, f"mutant {found.id}", {"all tests": _fate(found)})
            self._progress.graded(subject.exercise.name, f"mutant {found.id}", wrong)

        judged = subject.judged.get(suspect.mutant.id, "")
        return lambda: fate(suspect, judged, subject.seconds, self._course, servers.run), take


def _fate(found: MutantCheck) -> str:
    return "failed" if found.killed_by else "passed"


def _sum_up(subject: _Subject) -> None:
    """Names every reason why the exercise must not be released."""
    found = subject.found
    order = {known.name: number for number, known in enumerate(subject.known)}
    found.submissions.sort(key=lambda one: order[one.name])
    found.problems += [f"{one.name}: {line}" for one in found.submissions for line in one.wrong]
    found.notes += _idle_tests(subject)
    if not subject.suspects:
        return
    found.mutants = [subject.fates[one.mutant.id] for one in subject.suspects if one.mutant.id in subject.fates]
    for mutant in found.mutants:
        if mutant.killed_by and mutant.equivalent:
            what = f"is judged equivalent, and {mutant.killed_by} tells it from the reference"
            found.problems.append(f"mutant {mutant.id}: {what}; take it out of {FILE}")
        elif not mutant.killed_by and not mutant.equivalent:
            found.problems.append(f"mutant {mutant.id}: survives; write a test that kills it, or judge it in {FILE}")
    unknown = subject.judged.keys() - {one.mutant.id for one in subject.suspects}
    found.notes += [f"{FILE} judges {name}, and there is no such mutant: take it out" for name in sorted(unknown)]


def _idle_tests(subject: _Subject) -> list[str]:
    """Tests that no faulty submission fails: nothing shows that they can."""
    if subject.exercise.hidden_tests is None:
        subject.found.notes.append("there are no hidden tests: the public ones were run")
    faulty = [subject.verdicts.get(known.name, {}) for known in subject.known if known.kind == "faulty"]
    if not faulty:
        return ["there is no faulty submission: nothing shows that the tests can fail"]
    failed = {test for verdicts in faulty for test, verdict in verdicts.items() if verdict == "failed"}
    names = [name for group in subject.exercise.groups for name in group.tests]
    return [f"no faulty submission fails {name}" for name in names if name not in failed]
