"""Sessions that share the tests of a submission out among themselves: one for each CPU, and more while these idle.

The tests of a program that looks up only now and then wait most of the time: they overlap as far as CPUs are to spare.
No verdict hangs on how many sessions there are: each test has a process of its own, and how patient it is hangs on the
first test of its exercise (and, within a session, on tests that took minutes: see `grader.testing.bench`). Where the
tier has no network of its own, an exercise has one session.
"""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from functools import partial
from types import TracebackType

import msgspec

from grader.idle import SPARE, IdleCPUs, free_memory, our_cpus
from grader.jail.shield import shield
from grader.results import STUDENT_TESTS
from grader.session import Listener, RunningSession, SessionOutcome, run_alone, start_cold
from grader.testing.plan import Event, Plan, PlannedExercise
from grader.testing.shares import Dealer

_AT_FIRST, _AT_MOST = 4, 12
_LOOK_SECONDS = 0.25
"""Between two looks at the CPUs; no part of any verdict."""
_FREE_MEMORY = 2 << 30
"""Bytes that must be free for one more session: a program may take much of it while it waits."""


def run_shared(plan: Plan, listener: Listener) -> SessionOutcome:
    """Has the tests of a plan run by several sessions.

    What they say until they end is kept, however they end; Ctrl-C ends them and keeps the verdicts that have come in.

    Args:
        plan: what to run.
        listener: told of each verdict, one at a time.
    """
    shield()
    outcome = SessionOutcome()
    with suppress(KeyboardInterrupt), _Crew(plan, listener, outcome) as crew:
        crew.work()
        left = crew.left_over()
        if left.exercises:
            alone = run_alone(left, listener)
            outcome.tests |= alone.tests
            outcome.faults += [fault for fault in alone.faults if fault not in outcome.faults]
            outcome.environment = outcome.environment or alone.environment
            outcome.interrupted = alone.interrupted
    if _is_whole(outcome, plan):
        outcome.faults.clear()  # of one more session, which could not be started: nobody missed it
    return outcome


def _is_whole(outcome: SessionOutcome, plan: Plan) -> bool:
    due = [(exercise.name, test.name) for exercise in plan.exercises for test in exercise.tests]
    due += [(exercise.name, STUDENT_TESTS) for exercise in plan.exercises if exercise.student_tests is not None]
    return outcome.tests.keys() >= set(due)


class _Crew:
    """The sessions, and what they share. Leaving it ends them, with all that they have started."""

    def __init__(self, plan: Plan, listener: Listener, outcome: SessionOutcome) -> None:
        self._dealers = {exercise.name: Dealer(len(exercise.tests)) for exercise in plan.exercises}
        shares = {name: dealer.share.descriptors for name, dealer in self._dealers.items()}
        self._plan = msgspec.structs.replace(plan, shares=shares)
        self._listener = listener
        self._outcome = outcome
        self._begun_with: Counter[str] = Counter()
        self._sessions: list[RunningSession] = []

    def __enter__(self) -> _Crew:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if kind is KeyboardInterrupt:
            self._outcome.interrupted = True  # before they are ended, which would be a fault
        for session in self._sessions:
            session.end()
        for dealer in self._dealers.values():
            dealer.close()

    def work(self) -> None:
        """Returns when no session is left."""
        tests = sum(len(exercise.tests) for exercise in self._plan.exercises)
        for _ in range(min(len(our_cpus()), _AT_FIRST, tests)):
            self._join_in()
        cpus = IdleCPUs()
        while working := [session for session in self._sessions if session.thread.is_alive()]:
            working[0].thread.join(_LOOK_SECONDS)
            self._deal_for_the_dead()
            spare = cpus.idle() >= SPARE  # asked each time: it tells of the time since it was asked
            if spare and self._is_wanted(working) and free_memory() >= _FREE_MEMORY:
                self._join_in()

    def _is_wanted(self, working: list[RunningSession]) -> bool:
        """Whether one more session has something to do, and can be expected to do it."""
        room = len(self._sessions) < _AT_MOST and len(working) < sum(one.left for one in self._dealers.values())
        return room and not self._outcome.faults and all(session.begun for session in working)

    def _join_in(self) -> None:
        """Starts one more session, which begins where there is the most to do for each."""
        exercises = sorted(self._plan.exercises, key=self._work_for_one_more, reverse=True)
        tier = self._outcome.environment.get("tier", self._plan.tier)  # all of them are confined alike
        plan = msgspec.structs.replace(self._plan, exercises=exercises, tier=tier)
        inherited = tuple(descriptor for pair in self._plan.shares.values() for descriptor in pair)
        try:
            start = partial(start_cold, inherited=inherited)
            session = RunningSession(plan, self._listener, self._outcome, start)
        except OSError as error:
            if not self._sessions:
                raise
            self._outcome.faults.append(f"a test session could not be started: {error.strerror}")
            return
        session.heard = self._hear
        self._sessions.append(session)
        self._begun_with[exercises[0].name] += 1
        session.thread.start()

    def _work_for_one_more(self, exercise: PlannedExercise) -> float:
        return self._dealers[exercise.name].left / (1 + self._begun_with[exercise.name])

    def _hear(self, event: Event) -> None:
        if event.first is not None:
            self._dealers[event.exercise].deal(event.first)

    def _deal_for_the_dead(self) -> None:
        """Where a session has ended early, perhaps in the first test of an exercise, others wait for its word."""
        if any(not session.done and not session.thread.is_alive() for session in self._sessions):
            for dealer in self._dealers.values():
                if dealer.is_begun:
                    dealer.deal("")

    def left_over(self) -> Plan:
        """What no session has taken, be it that they all ended early."""
        numbers = {exercise.name: list(self._dealers[exercise.name].rest()) for exercise in self._plan.exercises}
        exercises = [_part(exercise, numbers[exercise.name]) for exercise in self._plan.exercises]
        return msgspec.structs.replace(
            self._plan, shares={}, exercises=[one for one in exercises if one.tests or one.student_tests is not None]
        )


def _part(exercise: PlannedExercise, numbers: list[int]) -> PlannedExercise:
    """The exercise with these of its tests, and with what it has besides if that is among them."""
    tests = [test for number, test in enumerate(exercise.tests) if number in numbers]
    rest = exercise.student_tests if len(exercise.tests) in numbers else None
    return msgspec.structs.replace(exercise, tests=tests, student_tests=rest)
