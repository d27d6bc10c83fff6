"""The controlled world as a test sees it: write a script, then judge what was seen under each schedule.

The script is data; the student's process runs it under many schedules (`grader.student.world`) and reports every
different thing that was seen. The assertions stay here.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from grader import wire
from grader.testing.interleaving import interleaving
from grader.testing.outcomes import Inconclusive, RuleBroken
from grader.testing.playing import Playing
from grader.testing.ran import ProbeCall, Ran
from grader.testing.story import tell
from grader.testing.values import Fault

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
_WORDS = {
    "deadlock": "Your program is in a deadlock: every thread waits, and nothing can wake one.",
    "left behind": "A thread of your program waits for ever, after the call is over.",
    "livelock": "Your program goes on and on without getting anywhere.",
}


class Later:
    """What a step of the script will give, once it is run."""

    def __init__(self, world: World, number: int, name: str) -> None:
        self._world = world
        self.number = number
        self.name = name

    def __getattr__(self, method: str) -> Callable[..., Later]:
        if method.startswith("_") or method == "probe_spec":
            raise AttributeError(method)
        return lambda *args, **kwargs: self._world.step(method, args, kwargs, on=self)

    def __repr__(self) -> str:
        return self.name


class WorldProbe:
    """A callable of the script, which the student's code calls; see `World.probe`."""

    def __init__(self, number: int, name: str) -> None:
        self.number = number
        self.name = name

    def probe_spec(self) -> dict[str, Any]:
        """What stands for it on the wire."""
        return {"t": "probe", "id": self.number, "name": self.name, "world": True, "exit_held": False}

    def __repr__(self) -> str:
        return self.name


class World:
    """The script of one test, and what is seen when it is run.

    The calls below only write the script down; `every_schedule` and `speedup` run it.
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
        self._schedule = schedule
        self._illustrated = illustrated
        self._student = student
        self._stories = stories
        self._evidence = evidence
        self._actors: list[list[dict[str, Any]]] = [[]]
        self._here = self._actors[0]
        self._probes: list[dict[str, Any]] = []
        self._steps: list[Later] = []

    # --- the script ------------------------------------------------------------------------------------

    def probe(
        self,
        name: str = "probe",
        returns: Any = None,
        answers: list[tuple[Any, Any]] | None = None,
        how: str = "",
        takes: float | str | list[tuple[Any, float]] = 0,
        cores: bool = True,
    ) -> WorldProbe:
        """A callable to hand to the student's code.

        Args:
            name: for messages.
            returns: what it returns; a `fault` is raised.
            answers: pairs of a first argument and what is returned (or raised) for it.
            how: "sum" returns the sum of its argument, "tag" returns b"<...>" around it; `answers` come first.
            takes: units of virtual time; a number, "each" for one unit per item of its argument, or pairs of a
                first argument and units. In that time it uses one core of the machine.
            cores: False: it waits without using a core, as a fetch over the network does.
        """
        encode = self._student.codec.encode
        self._probes.append({
            "name": name,
            "returns": encode(returns),
            "answers": [[encode(key), encode(value)] for key, value in answers or []],
            "how": how,
            "takes": [[encode(key), units] for key, units in takes] if isinstance(takes, list) else takes,
            "cores": cores,
        })  # fmt: skip
        return WorldProbe(len(self._probes) - 1, name)

    def call(self, name: str, *args: Any, **kwargs: Any) -> Later:
        """The module's `name` is called and waited for."""
        return self.step(name, args, kwargs)

    def make(self, name: str, *args: Any, **kwargs: Any) -> Later:
        """An instance of the module's class `name` is made; its methods can be called: `server.start()`."""
        return self.step(name, args, kwargs, keep=True)

    @contextlib.contextmanager
    def thread(self, name: str = "") -> Iterator[None]:
        """What is written inside happens in a thread of its own, beside all that comes after it."""
        actor = len(self._actors)
        self._actors.append([])
        self._here.append({"do": "start", "actor": actor, "name": name or f"caller {actor}"})
        before, self._here = self._here, self._actors[actor]
        yield
        self._here = before

    def join(self) -> None:
        """Waits until all threads of the script that have been written down so far have come to their end."""
        self._here.append({"do": "join"})

    def client(self, address: Later, *sends: bytes, hangs_up: bool = False) -> Later:
        """A client connects to `address`, sends each piece, and reads until the server closes (or hangs up at once).

        Use it inside `world.thread()`, or the script waits for it. `Ran.client` tells what became of it.
        """
        later = self._later("client")
        self._here.append({
            "do": "client",
            "out": later.number,
            "address": address.number,
            "sends": [piece.decode("latin-1") for piece in sends],
            "hangs_up": hangs_up,
        })  # fmt: skip
        return later

    def step(self, name: str, args: Any, kwargs: Any, on: Later | None = None, keep: bool = False) -> Later:
        """Writes down a call of `name`, or of a method of what `on` will be."""
        later = self._later(name)
        self._here.append({
            "do": "call",
            "out": later.number,
            "name": name,
            "on": None if on is None else on.number,
            "args": [self._given(item) for item in args],
            "kwargs": {key: self._given(item) for key, item in kwargs.items()},
            "keep": keep,
            "joins": not keep,
        })  # fmt: skip
        return later

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
            explored = self._run(_SLICE)
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
        self._judge_ending(ran)
        return ran

    # --- in between ------------------------------------------------------------------------------------------

    def _later(self, name: str) -> Later:
        later = Later(self, len(self._steps), name)
        self._steps.append(later)
        return later

    def _given(self, value: Any) -> Any:
        if isinstance(value, Later):
            return {"t": "later", "v": value.number}
        return self._student.codec.encode(value)

    def _open(self, options: dict[str, Any]) -> None:
        script = {"actors": self._actors, "probes": self._probes, "seed": 0, **options}
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
        return Ran(observed, self._decode, [probe["name"] for probe in self._probes])

    def _decode(self, data: Any) -> Any:
        try:
            return self._student.codec.decode(data)
        except wire.WireError as error:
            why = f"the student process sent what is no frame of the protocol ({error})"
            raise RuleBroken(why, {"kind": "forged frame"}) from None

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
        self._judge_ending(ran)
        check(ran)
        ran.check_errors()

    def _judge_ending(self, ran: Ran) -> None:
        if ran.ending == "not modelled":
            raise Inconclusive(
                f"your program uses {ran.problem}, which the controlled world does not have: no verdict",
                {"kind": "not modelled", "name": ran.problem},
            )
        if ran.ending in _WORDS:
            waits = [f"  {name} {_waits(call)}" for name, call, _ in ran.stuck[:6]]
            raise RuleBroken("\n".join([_WORDS[ran.ending], *waits]), {"kind": ran.ending})

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
            best = self._shrink(best, check)
        return best, self._run(0, best, recorded=True).story

    def _shrink(self, schedule: str, check: Callable[[Ran], None]) -> str:
        parts = [] if schedule == "-" else schedule.split("-")
        runs, size = _SHRINK_RUNS, max(1, len(parts) // 2)
        while runs > 0 and parts:
            at, shorter = 0, False
            while at < len(parts) and runs > 0:
                runs -= 1
                candidate = parts[:at] + parts[at + size :]
                if self._fails("-".join(candidate) or "-", check):
                    parts, shorter = candidate, True
                else:
                    at += size
            if size == 1 and not shorter:
                break
            size = max(1, size // 2)
        return "-".join(parts) or "-"

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


def _waits(call: str) -> str:
    return {
        "": "goes on and on",
        "acquire": "waits for a lock",
        "join": "waits for a thread to end (join)",
        "get": "waits for a queue to hold something (get)",
        "put": "waits for room in a queue (put)",
        "wait": "waits to be notified (wait)",
        "accept": "waits for a connection (accept)",
        "recv": "waits for bytes (recv)",
    }.get(call, f"waits in {call[:40]}")


__all__ = ["Fault", "Later", "ProbeCall", "Ran", "World", "WorldProbe"]
