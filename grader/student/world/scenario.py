"""Runs a test's script in the world: callers of the student's code, clients, and probes that note who came when.

The script is data that the trusted side has written; what comes out of each run is data, too, and judged over there.
"""

from __future__ import annotations

import hashlib
import marshal
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from grader.student.world.active import active
from grader.student.world.scheduler import Abandoned, NotModelled, Run, Strategy, Task
from grader.student.world.search import Budget, Search
from grader.student.world.strategies import named
from grader.student.world.world import World

_digest_of = hashlib.blake2b  # bound before the student's code is there, which might put others in their places
_dumps = marshal.dumps

_WITHOUT_REFERENCES = 2
"""A version of `marshal` that writes equal data alike, whichever of them are one object."""
_MOST_ENTRIES = 4_000
_BETWEEN_PIECES = 0.02
"""Units of time: less than a server waits for bytes before it looks at anything else."""
_MOST_PIECES = 2_000
"""That is far longer than it may take a server to notice that it is to stop."""
_SLICE_STEPS = 40_000
"""So many steps are made before something is told: that takes a fraction of a second."""


@dataclass
class Codec:
    """How values travel."""

    decode: Callable[[Any], Any]
    encode: Callable[[Any], Any]
    encode_error: Callable[[BaseException], Any]
    forget: Callable[[], None]
    """Forgets the exceptions that were decoded: called after each run."""


@dataclass
class Outcome:
    """What was seen in one run."""

    schedule: str
    ending: str = ""
    problem: str = ""
    results: dict[str, Any] = field(default_factory=dict)
    """By the number of the call: ["value", data], ["error", data]."""
    left: dict[str, int] = field(default_factory=dict)
    """By the number of the call: how many threads were there at its end that were not before."""
    there: dict[str, int] = field(default_factory=dict)
    """By the number of the call: how many threads of the program's were there at its end, whoever started them."""
    entries: list[list[Any]] = field(default_factory=list)
    """Each call of a probe: [probe, task, args, began, ended or None, order of its begin, order of its end or None]."""
    stuck: list[list[str]] = field(default_factory=list)
    errors: list[list[Any]] = field(default_factory=list)
    threads: int = 0
    """How many threads the student's code started."""
    switches: str = ""

    def as_bytes(self) -> bytes:
        """The same for two runs in which the same was seen."""
        left = [self.left, self.there]
        seen = [self.ending, self.problem, self.results, left, self.entries, self.stuck, self.errors, self.threads]
        return _dumps(seen, _WITHOUT_REFERENCES)


class Exploration:
    """Explores one script; asked for some runs at a time."""

    __slots__ = (
        "_answers", "_budget", "_codec", "_module", "_script", "_search", "_seen", "_strategies", "_world", "over",
        "play", "tried",
    )  # fmt: skip

    def __init__(self, world: World, module: str, script: dict[str, Any], codec: Codec) -> None:
        """Args: world: open. module: the submission's. script: see `grader.testing.script`. codec: for values."""
        self._world = world
        self._module = module
        self._script = script
        self._codec = codec
        self._budget = Budget(schedules=script["schedules"], steps=script["steps"], bounded=script["bounded"])
        self._search = Search(self._budget, script["seed"])
        self._strategies = iter(self._search)
        self._seen: set[bytes] = set()
        self.tried = 0
        self.over = False
        self.play: Play | None = None
        self._answers: dict[int, Any] = {}

    @property
    def complete(self) -> bool:
        """Whether every schedule with at most one pre-emption has been run."""
        return self._search.complete

    def explore(self, count: int, most_bytes: int) -> list[Outcome]:
        """Runs up to `count` more schedules; what was seen in those that differ from all before."""
        new: list[Outcome] = []
        size = steps = 0
        for _ in range(count):
            strategy = next(self._strategies, None)
            if strategy is None:
                self.over = True
                break
            run, outcome = self._run(strategy, self._search.kind)
            self.tried += 1
            steps += run.steps
            self._search.learn(run)
            seen = outcome.as_bytes()
            digest = _digest_of(seen, digest_size=12).digest()
            if digest not in self._seen:
                self._seen.add(digest)
                new.append(outcome)
                size += len(seen)
            if outcome.ending == "not modelled" or size > most_bytes or steps > _SLICE_STEPS:
                break
        return new

    def replay(self, schedule: str, kind: type[Run] = Run) -> tuple[Run, Outcome]:
        """Runs one schedule again.

        Raises:
            ValueError: it is none.
        """
        return self._run(named(schedule), kind)

    def perform(self, strategy: Strategy, kind: type[Run] = Run) -> tuple[Run, Outcome]:
        """Runs the script once more, under a schedule that has no name."""
        return self._run(strategy, kind)

    def _run(self, strategy: Any, kind: type[Run] = Run) -> tuple[Run, Outcome]:
        outcome = Outcome(strategy.name)
        play = Play(self._world, self._module, self._script, self._codec, outcome, self._answers)
        self.play = play
        run = self._world.run(play.perform, strategy, self._budget.steps, self._script["cores"], kind)
        outcome.ending, outcome.problem = run.ending, run.problem
        outcome.stuck = [[task.name, call, "" if of is None else repr(of)] for task, call, of in run.stuck]
        outcome.errors = [[task.name, self._codec.encode_error(error)] for task, error in run.errors]
        outcome.threads = len(run.tasks) - play.actors
        outcome.switches = "-".join(f"{step}.{task}" for step, task in run.switches[:400]) or "-"
        self._codec.forget()
        self.play = None
        return run, outcome


class Play:
    """One run of a script."""

    __slots__ = (
        "_answers", "_codec", "_module", "_name", "_order", "_outcome", "_script", "_tasks", "_under_way", "_values",
        "_world", "actors",
    )  # fmt: skip

    def __init__(
        self,
        world: World,
        module: str,
        script: dict[str, Any],
        codec: Codec,
        outcome: Outcome,
        answers: dict[int, Any],
    ) -> None:
        """Args: world, module, script, codec: as of the exploration. outcome: takes what is seen.
        answers: those of the script that never change, by the id of their data; kept from run to run.
        """
        self._world = world
        self._name = module
        self._script = script
        self._codec = codec
        self._outcome = outcome
        self._answers = answers
        self._module: Any = None
        self._values: dict[int, Any] = {}
        self._tasks: dict[int, Task] = {}
        self._order = 0
        self._under_way = 0
        self.actors = 1

    def perform(self) -> None:
        """The main thread of the run."""
        self._module = self._world.module(self._name)
        self._act(0)
        self._do_join()

    def _act(self, actor: int) -> None:
        for step in self._script["actors"][actor]:
            getattr(self, f"_do_{step['do']}")(step)

    # --- steps of a script ---------------------------------------------------------------------------

    def _do_call(self, step: dict[str, Any]) -> None:
        target = self._module if step["on"] is None else self._values.get(step["on"])
        number = step["out"]
        if target is None:
            return  # what it is called on was never made; the test sees why
        run = active.run
        before = len(run.tasks)
        self._under_way += 1
        alone = self._under_way == 1
        try:
            # In the world's terms: the caller can be held up anywhere from here on.
            args = [self._codec.decode(item) for item in self._later(step["args"])]
            kwargs = {name: self._codec.decode(item) for name, item in self._later(step["kwargs"]).items()}
            value = getattr(target, step["name"])(*args, **kwargs)
            self._values[number] = value
            shown = ["kept", type(value).__name__] if step["keep"] else ["value", self._codec.encode(value)]
        except (Abandoned, NotModelled):
            raise
        except BaseException as error:
            shown = ["error", self._codec.encode_error(error)]
        self._outcome.results[str(number)] = shown
        if alone and self._under_way == 1 and step["joins"]:
            self._outcome.left[str(number)] = sum(not task.done for task in run.tasks[before:])
            actors = [run.tasks[0], *self._tasks.values()]
            self._outcome.there[str(number)] = sum(not task.done for task in run.tasks if task not in actors)
        self._under_way -= 1

    def _later(self, data: Any) -> Any:
        """What a script gives as the result of an earlier step, as data."""
        if isinstance(data, dict) and data.get("t") == "later":
            return self._codec.encode(self._values.get(data["v"]))
        if isinstance(data, dict):
            return {key: self._later(item) for key, item in data.items()}
        if isinstance(data, list):
            return [self._later(item) for item in data]
        return data

    def _do_start(self, step: dict[str, Any]) -> None:
        run = active.run
        run.point()
        actor = step["actor"]
        self.actors += 1
        self._tasks[actor] = run.spawn(lambda: self._act(actor), step["name"])

    def _do_join(self, _: dict[str, Any] | None = None) -> None:
        for task in list(self._tasks.values()):
            active.run.wait(lambda task=task: task.done, "join", None)

    def _do_client(self, step: dict[str, Any]) -> None:
        """Connects to a server of the student's, sends, and reads until the server closes."""
        library = self._world.library.find("socket")
        assert library is not None
        address = self._values.get(step["address"])
        reply = b""
        ending = "closed"
        if not isinstance(address, tuple):
            return
        connection = library.socket()
        try:
            connection.connect(address)
            for number, piece in enumerate(step["sends"]):
                if number and step["pause"]:
                    active.run.compute(step["pause"], False)
                connection.sendall(piece.encode("latin-1"))
            if step["pause"]:
                active.run.compute(step["pause"], False)
            if step["goes_on"] and not _go_on(connection, step["goes_on"].encode("latin-1")):
                ending = "outlasted"
            elif step["hangs_up"]:
                ending = "hung up"
            else:
                while data := connection.recv(65_536):
                    reply += data
        except ConnectionRefusedError:
            ending = "refused"
        except OSError:
            ending = "reset"
        finally:
            connection.close()
        self._outcome.results[str(step["out"])] = ["client", [ending, reply.decode("latin-1")]]

    # --- probes ----------------------------------------------------------------------------------------

    def probe(self, spec: dict[str, Any]) -> Callable[..., Any]:
        """The callable that stands for a probe of the script."""
        number = spec["id"]
        asked = self._script["probes"][number]

        def probe(*args: Any, **kwargs: Any) -> Any:
            return self._called(number, asked, args, kwargs)

        probe.__name__ = probe.__qualname__ = asked["name"]
        return probe

    def _called(self, number: int, asked: dict[str, Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        run = active.run
        run.point()
        encode = self._codec.encode
        key: Any = args[0] if args else next(iter(kwargs.values()), None)
        given = [encode(item) for item in args] + [encode(item) for item in kwargs.values()]
        entry = [number, run.current.number, given, run.now, None, self._next(), None]
        if len(self._outcome.entries) >= _MOST_ENTRIES:
            raise RuntimeError("the test's function was called without end")
        self._outcome.entries.append(entry)
        takes = asked["takes"]
        units = (
            len(key) if takes == "each" else takes if not isinstance(takes, list) else _of_table(takes, given[:1], 0)
        )
        run.compute(units, asked["cores"])
        entry[4], entry[6] = run.now, self._next()
        return self._answer(asked, key, given)

    def _answer(self, asked: dict[str, Any], key: Any, given: list[Any]) -> Any:
        how = asked["how"]
        if how == "sum":
            total: Any = 0
            for item in key:
                total += item
            answer = _of_table(asked["answers"], given[:1], None)
            if answer is None:
                return total
        elif how == "tag":
            answer = _of_table(asked["answers"], given[:1], None)
            if answer is None:
                return b"<" + bytes(key) + b">"
        else:
            answer = _of_table(asked["answers"], given[:1], asked["returns"])
        if id(answer) in self._answers:
            return self._answers[id(answer)]
        value = self._codec.decode(answer)
        if isinstance(answer, dict) and answer.get("t") == "fault":
            raise value
        if type(value) in (bytes, str):
            self._answers[id(answer)] = value
        return value

    def _next(self) -> int:
        self._order += 1
        return self._order


def _go_on(connection: Any, piece: bytes) -> bool:
    """Sends a piece again and again; whether the server has put an end to that, before the last of them."""
    for _ in range(_MOST_PIECES):
        active.run.compute(_BETWEEN_PIECES, False)
        try:
            connection.sendall(piece)
        except OSError:
            return True
    return False


def _of_table(table: list[list[Any]], key: list[Any], otherwise: Any) -> Any:
    """What a table of pairs says for the first argument, compared as data."""
    for item, value in table:
        if [item] == key:
            return value
    return otherwise
