"""The controlled world as a test sees it: a script, run under many schedules, and each run judged.

The student's process runs the script (`grader.student.world`) and reports every different thing that was seen. The
assertions stay here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from grader import wire
from grader.testing.interleaving import interleaving
from grader.testing.outcomes import Inconclusive, RuleBroken
from grader.testing.playing import Playing
from grader.testing.ran import Ran
from grader.testing.script import Script
from grader.testing.shrinking import shrink
from grader.testing.story import tell

if TYPE_CHECKING:
    from grader.testing.student import Student

SCHEDULES = 240
"""How many schedules are tried, if the test does not say."""

_SLICE = 40
_STORY_WIDTH = 78
"""Columns, of the eighty that a terminal has at least."""
_SHRINK_RUNS = 60
_CORES = (1, 2, 4, 8, 16)
"""Of the machines for which a speed-up is drawn."""
_LONGEST_SCHEDULE = wire.MAX_FRAME // 2


class World(Script):
    """The script of one test, and what is seen when it is run.

    The calls of `Script` only write it down; `every_schedule` and `speedup` run it.
    """

    def __init__(
        self,
        student: Student,
        evidence: Callable[[str, Any], None],
        stories: bool = True,
        illustrated: bool = False,
        schedule: str = "",
    ) -> None:
        """For one test.

        Args:
            student: whose code.
            evidence: attaches data to the result of the test.
            stories: whether the shortest schedule is looked for, where one fails.
            illustrated: whether to gather what only pictures need, too.
            schedule: the only one to run under; empty: as many as the test asks for.
        """
        super().__init__(student.codec)
        self._schedule = schedule
        self._illustrated = illustrated
        self._student = student
        self._stories = stories
        self._evidence = evidence

    # --- running it --------------------------------------------------------------------------------------

    def every_schedule(
        self, check: Callable[[Ran], None] | None = None, *, schedules: int = SCHEDULES, steps: int = 20_000
    ) -> Any:
        """Runs the script under many schedules and judges each with `check`; to be used as a decorator.

        Args:
            check: asserts in plain Python on what was seen in one run.
            schedules: how many at most.
            steps: of one run at most; more is a program that goes on for ever.

        Raises:
            RuleBroken: a schedule was found under which a check fails, or threads wait for ever.
            Inconclusive: the program uses what the world does not model.
            ValueError: a budget below 1: nothing would be judged.
        """
        if schedules < 1 or steps < 1:
            raise ValueError("schedules and steps are numbers of at least 1")
        if check is None:
            return lambda function: self.every_schedule(function, schedules=schedules, steps=steps)
        self._open({"schedules": schedules, "steps": steps, "bounded": schedules // 2, "cores": None})
        if self._schedule:
            self._replay(check)
            return check
        seen = 0
        while True:
            before, explored = self._tried, self._run(_SLICE)
            self._student.check_slice(schedules, before, explored.tried, explored.over)
            seen += len(explored.observed)
            for observed in explored.observed:
                self._judge(observed, check)
            if explored.over:
                break
        self._student.check_search(schedules, explored.tried, seen, explored.complete)
        ending = "complete" if explored.complete else "not found"
        self._evidence("world", {"verdict": ending, "schedules": explored.tried})
        return check

    def speedup(self, cores: int | None = None) -> Ran:
        """Runs the script once, on a machine of so many cores (None: as many as it wants), and gives what was seen.

        Raises:
            RuleBroken: its threads wait for ever.
            Inconclusive: the program uses what the world does not model.
        """
        ran = self._on(cores)
        self._evidence("timeline", ran.timeline())
        if self._illustrated and cores is not None:
            self._evidence("curve", self._curve())
        return ran

    def _curve(self) -> dict[str, Any]:
        """How many times as fast on P cores as on one: of this program, and at best for the same pieces of work."""
        try:
            free, *machines = [self._on(cores) for cores in (None, *_CORES)]
        except (RuleBroken, Inconclusive):  # on another machine it is not what the test is about
            return {}
        found, best = [ran.makespan for ran in machines], [free.best_makespan(cores) for cores in _CORES]
        if min(*found, *best) <= 0:  # no work, or no honest account of it
            return {}
        return {
            "points": [[cores, found[0] / each] for cores, each in zip(_CORES, found, strict=True)],
            "best": [[cores, best[0] / each] for cores, each in zip(_CORES, best, strict=True)],
        }

    def _on(self, cores: int | None) -> Ran:
        self._open({"schedules": 1, "steps": 400_000, "bounded": 1, "cores": cores})
        explored = self._run(1)
        if not explored.observed:
            raise _no_account()
        ran = self._ran(explored.observed[0])
        ran.check_ending()
        return ran

    # --- what the student's process tells ----------------------------------------------------------------

    def _open(self, options: dict[str, Any]) -> None:
        script = {**self.as_data(), "seed": 0, **options}
        self._tried = 0
        self._student.explore(lambda number: wire.OpenWorld(number, script))

    def _run(self, count: int, schedule: str = "", recorded: bool = False) -> wire.Explored:
        answer = self._student.explore(lambda number: wire.RunWorld(number, count, schedule, recorded))
        if not isinstance(answer, wire.Explored) or not _is_due(answer, count, schedule):
            raise _no_account()
        if not schedule:
            self._student.check_runs(answer.tried - self._tried)
            self._tried = answer.tried
        return answer

    def _ran(self, observed: wire.Observed) -> Ran:
        return Ran(observed, self._decode, self.probe_names)

    def _decode(self, data: Any) -> Any:
        try:
            return self._codec.decode(data)
        except wire.WireError as error:
            why = f"the student process sent what is no frame of the protocol ({error})"
            raise RuleBroken(why, {"kind": "forged frame"}) from None

    # --- judging it --------------------------------------------------------------------------------------

    def _judge(self, observed: wire.Observed, check: Callable[[Ran], None]) -> None:
        try:
            self._check(observed, check)
        except (AssertionError, RuleBroken) as failure:
            if not self._stories:
                raise
            if isinstance(failure, RuleBroken) and failure.evidence.get("kind") == "forged frame":
                raise
            told = self._told(*self._shortest(observed, check))
            if self._illustrated and told["story"]:
                told["play"] = self._play(check)
            raise _broken(failure, told) from None

    def _check(self, observed: wire.Observed, check: Callable[[Ran], None]) -> None:
        ran = self._ran(observed)
        ran.check_ending()
        check(ran)
        ran.check_errors()

    def _told(self, schedule: str, story: Any) -> dict[str, Any]:
        """The evidence that a schedule is: its name, and its story for readers and for those who draw it."""
        source = self._student.source.quote_in
        lines = tell(story, source, _STORY_WIDTH) if story else []
        return {"schedule": schedule, "story": lines, "interleaving": interleaving(story, source)}

    def _replay(self, check: Callable[[Ran], None]) -> None:
        """Judges the one schedule that was asked for, and tells its story whatever comes of it."""
        explored = self._run(0, self._schedule, recorded=True)
        told = self._told(self._schedule, explored.story)
        try:
            self._check(explored.observed[0], check)
        except (AssertionError, RuleBroken) as failure:
            raise _broken(failure, told) from None
        for key, value in told.items():
            self._evidence(key, value)

    def _play(self, check: Callable[[Ran], None]) -> dict[str, Any]:
        """What a player of the schedule just recorded can choose, and what comes of it."""

        def judge(observed: wire.Observed) -> tuple[str, str]:
            try:
                self._check(observed, check)
            except (AssertionError, RuleBroken) as failure:
                return "failed", _reason(failure)
            except Inconclusive as unknown:
                return "unknown", unknown.reason
            return "passed", ""

        try:
            return Playing(lambda name: self._run(0, name, True), judge, self._student.source.quote_in).as_evidence()
        except (RuleBroken, Inconclusive):  # the verdict has been given before
            return {}

    def _shortest(self, observed: wire.Observed, check: Callable[[Ran], None]) -> tuple[str, Any]:
        """A shorter schedule that fails, too, and its story as it was recorded."""
        best = observed.switches
        if observed.ending == "livelock" or not self._fails(best, check):
            best = observed.schedule
        else:
            best = shrink(best, lambda shorter: self._fails(shorter, check), _SHRINK_RUNS)
        return best, self._run(0, best, recorded=True).story

    def _fails(self, schedule: str, check: Callable[[Ran], None]) -> bool:
        try:
            self._check(self._run(0, schedule).observed[0], check)
        except (AssertionError, RuleBroken):
            return True
        except Inconclusive:
            return False
        return False


def _broken(failure: AssertionError | RuleBroken, told: dict[str, Any]) -> RuleBroken:
    """The failure with the story of the schedule that brought it about."""
    evidence = failure.evidence if isinstance(failure, RuleBroken) else {"kind": "schedule"}
    return RuleBroken(_reason(failure), evidence | told)


def _reason(failure: AssertionError | RuleBroken) -> str:
    """The author's message, without what pytest's assertion rewriting added to it."""
    return failure.reason if isinstance(failure, RuleBroken) else str(failure).partition("\nassert ")[0]


def _no_account() -> RuleBroken:
    return RuleBroken("the student process gave no account of its runs", {"kind": "forged frame"})


def _is_due(answer: wire.Explored, count: int, schedule: str) -> bool:
    """Whether it tells of the one run that was asked for again, or of no more runs than were asked for."""
    if any(max(len(seen.schedule), len(seen.switches)) > _LONGEST_SCHEDULE for seen in answer.observed):
        return False  # it is sent back, to be run again
    return len(answer.observed) == 1 if schedule else len(answer.observed) <= count
