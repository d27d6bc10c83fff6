"""The fixture `world`: a submission under many schedules, in the miniature course."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING, Any, cast

import pytest

from grader import wire
from grader.testing.outcomes import Inconclusive, RuleBroken
from grader.testing.ran import Ran
from grader.testing.script import Later, WorldProbe
from grader.testing.values import Codec, Fault
from grader.testing.world import World

if TYPE_CHECKING:
    from grader.testing.student import Student
    from tests.conftest import Course, Labs

DOCS = Path(__file__).parents[2] / "docs" / "world.md"

RIGHT = {
    "a list": """
        import threading

        def double(number, work):
            found = []
            thread = threading.Thread(target=lambda: found.append(work(number)))
            thread.start()
            thread.join()
            return 2 * found[0]
    """,
    "a pool": """
        from concurrent.futures import ThreadPoolExecutor

        def double(number, work):
            with ThreadPoolExecutor(1) as pool:
                return 2 * pool.submit(work, number).result()
    """,
    "a queue and a daemon": """
        import queue as q
        from threading import *

        def double(number, work):
            answers = q.SimpleQueue()
            thread = Thread(target=lambda: answers.put(work(number)), daemon=True)
            thread.start()
            try:
                return 2 * answers.get(timeout=60)
            finally:
                thread.join()
    """,
    "a subclass": """
        import threading

        class Worker(threading.Thread):
            def __init__(self, task, number):
                super().__init__()
                self._task, self._number, self._result = task, number, None

            def run(self):
                self._result = self._task(self._number)

        def double(number, work):
            worker = Worker(work, number)
            worker.start()
            worker.join()
            return worker._result * 2
    """,
}
SHARED = """
    import threading

    found = None

    def double(number, work):
        global found

        def run():
            global found
            found = work(number)

        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
        return 2 * found
"""
NOT_JOINED = """
    import threading

    def double(number, work):
        found, done = [], threading.Event()

        def run():
            found.append(work(number))
            done.set()
            lingering.append(number)

        thread = threading.Thread(target=run)
        thread.start()
        done.wait()
        return 2 * found[0]

    lingering = []
"""
LOCKED = """
    import threading

    LOCK = threading.Lock()

    def double(number, work):
        found = []

        def run():
            with LOCK:
                found.append(work(number))

        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
        return 2 * found[0]
"""
STUCK = """
    import threading

    def double(number, work):
        event = threading.Event()
        threading.Thread(target=work, args=(number,)).start()
        event.wait()
"""
PROCESSES = """
    import subprocess, threading

    def double(number, work):
        found = []
        thread = threading.Thread(target=lambda: found.append(work(number)))
        thread.start()
        thread.join()
        subprocess.run(["true"])
        return 2 * found[0]
"""


LATE = """
    import threading, time

    def double(number, work):
        found = []
        threading.Thread(target=lambda: found.append(work(number))).start()
        time.sleep(4)
        return 2 * found[0]
"""
SERVER = """
    import socket, threading

    class Echo:
        def start(self):
            self.socket = socket.create_server(("127.0.0.1", 0))
            self.thread = threading.Thread(target=self.serve)
            self.thread.start()
            return self.socket.getsockname()

        def serve(self):
            try:
                while True:
                    connection, _ = self.socket.accept()
                    with connection:
                        connection.sendall(connection.recv(100).upper())
            except OSError:
                pass

        def stop(self):
            self.socket.shutdown(socket.SHUT_RDWR)
            self.thread.join()
            self.socket.close()
"""


TAKES = [(1, 3), (2, 5)]
"""Units of work for each argument."""


@dataclass
class Script:
    """A world for a submission, and the evidence that it gives."""

    world: World
    evidence: dict[str, Any]


@pytest.fixture
def script(lab: Labs) -> Callable[[str], Script]:
    """Opens a student process for a submission: `script(source)`."""

    def make(source: str) -> Script:
        evidence: dict[str, Any] = {}
        return Script(World(lab(source, idle_seconds=20.0, cpu_seconds=20.0).student, evidence.__setitem__), evidence)

    return make


def two_at_once(world: World, takes: Any = 0) -> tuple[Later, Later, WorldProbe]:
    """Two callers of `double`."""
    work = world.probe("work", answers=[(1, 10), (2, 20)], takes=takes)
    with world.thread():
        first = world.call("double", 1, work)
    return first, world.call("double", 2, work), work


def judge_two(script: Script, schedules: int = 120) -> None:
    """What is right for two callers."""
    first, second, work = two_at_once(script.world)

    @script.world.every_schedule(schedules=schedules)
    def check(ran: Ran) -> None:
        assert (ran[first], ran[second]) == (20, 40), "two callers at once got each other's results"
        assert sorted(call.args for call in ran.calls(work)) == [(1,), (2,)], "work was not called once for each"
        assert ran.threads_started == 2, "one thread was to be started for each"


@pytest.mark.parametrize("style", RIGHT)
def test_right_programs_pass_in_any_style(script: Callable[[str], Script], style: str) -> None:
    mine = script(RIGHT[style])
    judge_two(mine)
    assert mine.evidence["world"]["schedules"] == 120
    again = script(RIGHT[style])
    two_at_once(again.world, TAKES)
    assert again.world.speedup(cores=2).makespan == 5


def test_a_shared_result_is_found_and_told(script: Callable[[str], Script]) -> None:
    with pytest.raises(RuleBroken) as failure:
        judge_two(script(SHARED))
    assert failure.value.reason.startswith("two callers at once got each other's results")
    assert "found = work(number)" in str(failure.value), "the story shows no line of the program"
    evidence = failure.value.evidence
    assert evidence["schedule"] and evidence["story"]


def test_a_player_finds_the_fault_and_ways_round_it(lab: Labs) -> None:
    world = World(lab(SHARED, idle_seconds=20.0, cpu_seconds=20.0).student, lambda *_: None, illustrated=True)
    with pytest.raises(RuleBroken) as failure:
        judge_two(Script(world, {}))
    play = failure.value.evidence["play"]
    assert {node["end"] for node in play["nodes"] if "end" in node} == {"failed", "passed"}
    assert "two callers at once got each other's results" in play["reasons"]
    assert any(line[2] == "found = work(number)" for line in play["lines"])


def test_pictures_are_gathered_only_where_they_are_asked_for(script: Callable[[str], Script]) -> None:
    with pytest.raises(RuleBroken) as failure:
        judge_two(script(SHARED))
    assert "play" not in failure.value.evidence


def test_one_schedule_can_be_asked_for(lab: Labs) -> None:
    with pytest.raises(RuleBroken) as failure:
        judge_two(Script(World(lab(SHARED).student, lambda *_: None), {}))
    failing = failure.value.evidence["schedule"]
    with pytest.raises(RuleBroken) as again:
        judge_two(Script(World(lab(SHARED).student, lambda *_: None, schedule=failing), {}))
    assert again.value.evidence["story"] == failure.value.evidence["story"]
    evidence: dict[str, Any] = {}
    judge_two(Script(World(lab(RIGHT["a list"]).student, evidence.__setitem__, schedule="-"), evidence))
    assert evidence["schedule"] == "-" and evidence["interleaving"]["steps"] and evidence["story"]


def test_a_speed_up_is_drawn_over_cores(lab: Labs) -> None:
    evidence: dict[str, Any] = {}
    mine = Script(World(lab(RIGHT["a list"]).student, evidence.__setitem__, illustrated=True), evidence)
    two_at_once(mine.world, TAKES)
    mine.world.speedup(cores=2)
    assert evidence["curve"]["points"] == [[1, 1.0], [2, 1.6], [4, 1.6], [8, 1.6], [16, 1.6]]
    assert evidence["curve"]["best"] == evidence["curve"]["points"], (
        "two calls at once cannot be faster than the longer"
    )


def test_the_same_failure_is_told_each_time(script: Callable[[str], Script]) -> None:
    told = []
    for _ in range(2):
        with pytest.raises(RuleBroken) as failure:
            judge_two(script(SHARED))
        told.append((failure.value.reason, failure.value.evidence))
    assert told[0] == told[1]


def test_a_thread_that_is_left_is_counted(script: Callable[[str], Script]) -> None:
    mine = script(NOT_JOINED)
    call = mine.world.call("double", 1, mine.world.probe("work", returns=4))

    def check(ran: Ran) -> None:
        assert ran[call] == 8
        assert ran.left_behind(call) == 0, "a thread was still there"

    with pytest.raises(RuleBroken, match="a thread was still there"):
        mine.world.every_schedule(check, schedules=60)


STARTED_BEFORE = """
    import queue, threading

    over, done = threading.Event(), queue.Queue()

    def work():
        over.wait()
        done.put(1)

    thread = threading.Thread(target=work)

    def start():
        thread.start()

    def stop():
        over.set()
        done.get()
"""


@pytest.mark.parametrize(("joins", "left"), [("", {0, 1}), ("    thread.join()\n", {0})])
def test_threads_that_an_earlier_call_started_are_counted_too(
    script: Callable[[str], Script], joins: str, left: set[int]
) -> None:
    mine = script(STARTED_BEFORE + "    " + joins)
    mine.world.call("start")
    with mine.world.thread():  # which is no thread of the program's
        stop = mine.world.call("stop")
    counts = set()

    def check(ran: Ran) -> None:
        assert ran.left_behind(stop) == 0
        counts.add(ran.threads_after(stop))

    mine.world.every_schedule(check, schedules=60)
    assert counts == left


def test_a_deadlock_needs_no_check(script: Callable[[str], Script]) -> None:
    mine = script(STUCK)
    mine.world.call("double", 1, mine.world.probe("work"))
    with pytest.raises(RuleBroken, match="deadlock") as failure:
        mine.world.every_schedule(lambda ran: None, schedules=5)
    assert failure.value.evidence["kind"] == "deadlock"


def test_what_is_not_modelled_is_inconclusive(script: Callable[[str], Script]) -> None:
    mine = script(PROCESSES)
    mine.world.call("double", 1, mine.world.probe("work", returns=1))
    with pytest.raises(Inconclusive, match=r"subprocess\.run"):
        mine.world.every_schedule(lambda ran: None, schedules=5)
    again = script(PROCESSES)
    again.world.call("double", 1, again.world.probe("work", returns=1))
    with pytest.raises(Inconclusive, match=r"subprocess\.run"):
        again.world.speedup(cores=2)


def test_a_program_with_which_the_world_falls_over_is_flagged(script: Callable[[str], Script]) -> None:
    mine = script("""
        from grader.student.world.active import active

        active.setup.made.append(None)

        def double(number, work):
            return 2 * work(number)
    """)
    mine.world.call("double", 1, mine.world.probe("work", returns=1))
    with pytest.raises(Inconclusive, match="the controlled world failed"):
        mine.world.every_schedule(lambda ran: None, schedules=5)
    assert mine.world._student.flags == ["the controlled world failed while it ran this program"]


def test_one_lock_for_all_takes_the_sum_of_the_times(script: Callable[[str], Script]) -> None:
    mine = script(LOCKED)
    two_at_once(mine.world, TAKES)
    ran = mine.world.speedup(cores=8)
    assert ran.makespan == 8 and "timeline" in mine.evidence


@pytest.mark.parametrize(("cores", "makespan"), [(1, 8), (2, 5), (None, 5)])
def test_makespan_is_exact(script: Callable[[str], Script], cores: int | None, makespan: float) -> None:
    mine = script(RIGHT["a list"])
    _, _, work = two_at_once(mine.world, TAKES)
    ran = mine.world.speedup(cores)
    assert ran.makespan == makespan
    assert ran.most_at_once(work) == 2 and len({call.thread for call in ran.calls(work)}) == 2


def test_a_guess_at_the_time_is_a_race(script: Callable[[str], Script]) -> None:
    mine = script(LATE)
    call = mine.world.call("double", 1, mine.world.probe("work", returns=1, takes=5))
    with pytest.raises(RuleBroken, match="IndexError"):
        mine.world.every_schedule(lambda ran: ran[call], schedules=20)


def test_errors_of_calls_and_probes(script: Callable[[str], Script]) -> None:
    mine = script(RIGHT["a pool"])
    fault = Fault(ValueError, "planned")
    work = mine.world.probe("work", returns=fault)
    call = mine.world.call("double", 1, work)
    missing = mine.world.call("no_such_name")

    @mine.world.every_schedule(schedules=20)
    def check(ran: Ran) -> None:
        assert ran.error(call).origin is fault, "the exception of work did not come through"
        assert ran.error(missing).type_name == "AttributeError"
        with pytest.raises(RuleBroken, match="raised"):
            ran[call]


def test_an_error_of_a_thread_fails_by_itself(script: Callable[[str], Script]) -> None:
    mine = script(RIGHT["a list"].replace("found.append(work(number))", "found.append(1) or 1 / 0"))
    mine.world.call("double", 1, mine.world.probe("work"))
    with pytest.raises(RuleBroken, match=r"ended by an exception: .*ZeroDivisionError"):
        mine.world.every_schedule(lambda ran: None, schedules=5)


def test_clients_of_a_server(script: Callable[[str], Script]) -> None:
    mine = script(SERVER)
    server = mine.world.make("Echo")
    address = server.start()
    answered = mine.world.client(address, b"he", b"llo")
    gone = mine.world.client(address, b"bye", hangs_up=True)
    server.stop()
    refused = mine.world.client(address, b"late")

    @mine.world.every_schedule(schedules=60)
    def check(ran: Ran) -> None:
        ending, reply = ran.client(answered)
        assert ending in ("closed", "reset") and reply in (b"HE", b"HELLO", b"")
        assert ran.client(gone)[0] == "hung up"
        assert ran.client(refused) == ("refused", b"")


def test_an_assertion_tells_its_words_and_no_more(script: Callable[[str], Script]) -> None:
    mine = script(RIGHT["a list"])
    call = mine.world.call("double", 1, mine.world.probe("work", returns=4))

    def check(ran: Ran) -> None:
        assert ran[call] == 9, "the words"

    with pytest.raises(RuleBroken) as failure:
        mine.world.every_schedule(check, schedules=5)
    assert failure.value.reason.splitlines()[0] == "the words" and "assert" not in failure.value.reason


def test_budget_of_schedules_is_kept(script: Callable[[str], Script]) -> None:
    for schedules in (1, 41, 90):
        mine = script(RIGHT["a list"])
        judge_two(mine, schedules)
        assert mine.evidence["world"] == {"verdict": "not found", "schedules": schedules}


def test_example_of_the_documentation(course: Course) -> None:
    blocks = re.findall(r"```python\n(.*?)```", DOCS.read_text(), re.DOTALL)
    course.hidden = next(text for text in blocks if "test_hidden.py" in text)
    course.rubric = re.sub(
        r"groups:.*",
        "groups:\n  correctness: {points: 2, tests: {test_twice: 2}}\n"
        "  races: {points: 2, tests: {test_two_callers_at_once: 1, test_calls_take_their_time_side_by_side: 1}}\n",
        course.rubric,
        flags=re.DOTALL,
    )
    course.write()
    for source, verdicts in (
        (SHARED, ["failed", "passed"]),
        (LOCKED, ["passed", "failed"]),
    ):
        graded = course.grade(dedent(source))
        assert graded.status == 0, graded.errors
        tests = {test["name"]: test["verdict"] for test in graded.exercise()["tests"]}
        named = ("test_two_callers_at_once", "test_calls_take_their_time_side_by_side")
        assert [tests[name] for name in named] == verdicts, graded.output


# --- accounts that are forged -------------------------------------------------------------------------


class Forger:
    """A student whose process answers whatever is asked with the same account."""

    def __init__(self, observed: list[wire.Observed]) -> None:
        self.codec = Codec()
        self._observed = observed

    def explore(self, message: Callable[[int], wire.Message]) -> Any:
        return wire.Explored(1, self._observed, tried=1, over=True, complete=True)

    def check_runs(self, schedules: int) -> None:
        """The kernel has nothing to say here."""

    def check_slice(self, *_: object) -> None:
        """As above."""

    def check_search(self, *_: object) -> None:
        """As above; that it is not empty is seen to there."""


def seen(**fields: Any) -> wire.Observed:
    none = {"results": {}, "left": {}, "there": {}, "entries": [], "stuck": [], "errors": [], "threads": 0}
    return wire.Observed(**{"schedule": "", "ending": "done", "problem": "", "switches": "", **none, **fields})


COLLIDING = {"t": "set", "v": [number * (2**61 - 1) for number in range(9000)]}
FORGED = {
    "none at all": [],
    "more than were asked for": [seen()] * 41,
    "a schedule without end": [seen(schedule="1" * 600_000)],
    "a value that is none": [seen(results={"0": ["value", {"t": "pickle", "v": "gASV"}]})],
    "keys that collide": [seen(results={"0": ["value", COLLIDING]})],
    "an error that is none": [seen(errors=[("T", {"t": "raised"})], results={"0": ["value", None]})],
}


@pytest.mark.parametrize("observed", FORGED.values(), ids=FORGED)
@pytest.mark.parametrize("how", ["every_schedule", "speedup"])
def test_a_forged_account_is_the_students_fault(observed: list[wire.Observed], how: str) -> None:
    if not observed and how == "every_schedule":
        pytest.skip("that there was any run is held against the kernel's view")
    world = World(cast("Student", Forger(observed)), lambda *_: None)
    later = world.call("run")
    with pytest.raises(RuleBroken) as broken:
        if how == "every_schedule":
            world.every_schedule(lambda ran: ran[later] or None)
        else:
            ran = world.speedup()
            assert ran[later] is None
            ran.check_errors()
    assert broken.value.evidence["kind"] == "forged frame", broken.value.reason
