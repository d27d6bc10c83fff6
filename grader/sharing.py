"""Sessions that share the tests of a submission out among themselves: as many as CPUs, and more while these idle.

The tests of a program that looks up only now and then wait most of the time: they overlap as far as CPUs are to spare.
No verdict hangs on how many sessions there are.
"""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from functools import partial
from types import TracebackType

import msgspec

from grader.idle import SPARE, IdleCPUs, our_cpus
from grader.jail.shield import shield
from grader.session import Listener, RunningSession, SessionOutcome, start_cold
from grader.testing.plan import Plan, PlannedExercise
from grader.testing.shares import Share

_AT_FIRST, _AT_MOST = 4, 12
_LOOK_SECONDS = 0.25
"""Between two looks at the CPUs; no part of any verdict."""


def run_shared(plan: Plan, listener: Listener) -> SessionOutcome:
    """Has the tests of a plan run by several sessions.

    What they say until they end is kept, however they end; Ctrl-C ends them and keeps the verdicts that have come in.

    Args:
        plan: what to run.
        listener: told of each verdict, one at a time.
    """
    shield()
    outcome = SessionOutcome()
    try:
        with _Crew(plan, listener, outcome) as crew:
            crew.work()
    except KeyboardInterrupt:
        outcome.interrupted = True
    if _is_whole(outcome, plan):
        outcome.faults.clear()  # of one more session, which could not be started: nobody missed it
    return outcome


def _is_whole(outcome: SessionOutcome, plan: Plan) -> bool:
    return all((one.name, test.name) in outcome.tests for one in plan.exercises for test in one.tests)


class _Crew:
    """The sessions, and what they share. Leaving it ends them, with all that they have started."""

    def __init__(self, plan: Plan, listener: Listener, outcome: SessionOutcome) -> None:
        self._shares = {exercise.name: Share.of(len(exercise.tests) + 1) for exercise in plan.exercises}
        descriptors = {name: share.descriptor for name, share in self._shares.items()}
        self._plan = msgspec.structs.replace(plan, shares=descriptors)
        self._listener = listener
        self._outcome = outcome
        self._begun_with: Counter[str] = Counter()
        self._sessions: list[RunningSession] = []

    def __enter__(self) -> _Crew:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for session in self._sessions:
            session.end()
        for share in self._shares.values():
            share.close()

    def work(self) -> None:
        """Returns when nothing is left to do."""
        tests = sum(len(exercise.tests) for exercise in self._plan.exercises)
        for _ in range(min(len(our_cpus()), _AT_FIRST, tests)):
            self._join_in()
        cpus = IdleCPUs()
        while working := [session for session in self._sessions if session.thread.is_alive()]:
            working[0].thread.join(_LOOK_SECONDS)
            spare = cpus.idle() >= SPARE  # asked each time: it tells of the time since it was asked
            wanted = len(self._sessions) < _AT_MOST and len(working) < self._left
            if spare and wanted and all(session.begun for session in working):
                with suppress(OSError):  # the others go on without it
                    self._join_in()

    @property
    def _left(self) -> int:
        return sum(share.left for share in self._shares.values())

    def _join_in(self) -> None:
        """Starts one more session, which begins where there is the most to do for each."""
        exercises = sorted(self._plan.exercises, key=self._work_for_one_more, reverse=True)
        self._begun_with[exercises[0].name] += 1
        plan = msgspec.structs.replace(self._plan, exercises=exercises)
        start = partial(start_cold, inherited=tuple(self._plan.shares.values()))
        session = RunningSession(plan, self._listener, self._outcome, start)
        self._sessions.append(session)
        session.thread.start()

    def _work_for_one_more(self, exercise: PlannedExercise) -> float:
        return self._shares[exercise.name].left / (1 + self._begun_with[exercise.name])
