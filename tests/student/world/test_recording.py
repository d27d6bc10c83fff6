"""What is recorded of a replay: the accesses and calls that matter, values, and who holds and who waits for what."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest

from grader.student.world.exploring import Budget, explore
from grader.student.world.recording import Recorded, recorder
from grader.student.world.strategies import Replay, named
from grader.student.world.world import World

if TYPE_CHECKING:
    from tests.student.world.conftest import Programs

Story = dict[str, Any]
START = """
    threads = [threading.Thread(target=target, name=name) for name, target in {targets}]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
"""

LOST = """
import threading

class Counter:
    def __init__(self):
        self.total = 0

    def add(self):
        self.total += 1

def scenario():
    counter = Counter()
{start}
    assert counter.total == 2
""".replace("{start}", START.replace("{targets}", "[('A', counter.add), ('B', counter.add)]"))

CROSSED = """
import threading

left, right = threading.Lock(), threading.Lock()

def rightwards():
    with left:
        with right:
            pass

def leftwards():
    with right:
        with left:
            pass

def scenario():
{start}
""".replace("{start}", START.replace("{targets}", "[('A', rightwards), ('B', leftwards)]"))

EMPTIED = """
import queue
import threading

jobs = queue.Queue()

def work():
    if not jobs.empty():
        jobs.get()

def scenario():
    jobs.put("tea")
{start}
""".replace("{start}", START.replace("{targets}", "[('A', work), ('B', work)]"))

MISSED = """
import threading

class Box:
    def __init__(self):
        self.filled = threading.Condition()

    def take(self):
        with self.filled:
            self.filled.wait()

    def fill(self):
        with self.filled:
            self.filled.notify()

def scenario():
    box = Box()
{start}
""".replace("{start}", START.replace("{targets}", "[('A', box.take), ('B', box.fill)]"))


def record(path: Path, source: str, schedule: str | None = None) -> Story:
    """The story of the shortest failing schedule, or of a given one."""
    file = path / "program.py"
    file.write_text(dedent(source))
    world = World()
    world.rebuild("program", file)
    with world.opened():

        def body() -> None:
            world.module("program").scenario()

        if schedule is None:
            found = explore(world, body, Budget(schedules=400))
            assert found.failed, found
            schedule = found.schedule
        run = world.run(body, named(schedule), 20_000, None, recorder(world.points))
    assert isinstance(run, Recorded)
    story = run.story
    assert json.loads(json.dumps(story)) == story
    return story


def told(story: Story) -> list[tuple[str, str]]:
    """Who did what, in order, without the main thread."""
    names = story["tasks"]
    rows = [row for row in story["rows"] if "elided" not in row and row["task"] != 0]
    return [(names[row["task"]], did) for row in rows for did in row["did"]]


def waits(story: Story) -> dict[str, tuple[str, list[str]]]:
    return {story["tasks"][wait["task"]]: (wait["for"], wait["holds"]) for wait in story["waits"]}


def test_lost_update_shows_both_reads_before_both_writes(tmp_path: Path):
    story = record(tmp_path, LOST)
    did = told(story)
    assert sorted(did) == [(name, text) for name in "AB" for text in ("reads self.total: 0", "writes self.total: 1")]
    assert [text.split()[0] for _, text in did].index("writes") == 2
    line = 1 + dedent(LOST).splitlines().index("        self.total += 1")
    rows = [row for row in story["rows"] if row["task"] != 0]
    assert {row["line"] for row in rows} == {line}
    assert {row["file"] for row in rows} == {str(tmp_path / "program.py")}
    # The thread that was held up between its two halves has two rows, the other one.
    assert sorted(len(row["did"]) for row in rows) == [1, 1, 2]
    assert story["error"] == [0, "AssertionError"]
    assert story["rows"][-1]["did"] == ["reads counter.total: 1", "raises AssertionError"]


def test_main_thread_starts_and_joins(tmp_path: Path):
    story = record(tmp_path, LOST)
    did = [text for row in story["rows"] if row["task"] == 0 for text in row["did"]]
    for text in ("starts A", "starts B", "sees the end of A", "sees the end of B"):
        assert did.count(text) == 1


def test_deadlock_shows_who_holds_and_who_waits(tmp_path: Path):
    story = record(tmp_path, CROSSED)
    found = waits(story)
    assert found["A"] == ("lock `right`, held by B", ["`left`"])
    assert found["B"] == ("lock `left`, held by A", ["`right`"])
    assert found["MainThread"] == ("the end of A", [])
    assert ("A", "takes left") in told(story)
    assert ("B", "takes right") in told(story)
    assert story["error"] is None


def test_check_and_act_on_queue(tmp_path: Path):
    story = record(tmp_path, EMPTIED)
    did = told(story)
    asked = [name for name, text in did if text == "asks jobs.empty(): False"]
    assert sorted(asked) == ["A", "B"]
    got = [name for name, text in did if text == "gets 'tea' from jobs"]
    assert len(got) == 1
    left = next(name for name in "AB" if name != got[0])
    assert waits(story)[left] == ("an item in `jobs`: it is empty", [])
    assert did.index((left, "asks jobs.empty(): False")) < did.index((got[0], "gets 'tea' from jobs"))


def test_missed_notify(tmp_path: Path):
    story = record(tmp_path, MISSED)
    did = told(story)
    notified = did.index(("B", "notifies one on self.filled: nobody waits there"))
    assert notified < did.index(("A", "waits on self.filled and gives back its lock"))
    assert waits(story)["A"] == ("somebody to notify it on `self.filled`", [])


def test_notify_that_is_heard(tmp_path: Path):
    did = told(record(tmp_path, MISSED, "-"))
    notified = did.index(("B", "notifies one on self.filled: 1 waits there"))
    woken = did.index(("A", "is notified on self.filled"))
    assert did.index(("A", "waits on self.filled and gives back its lock")) < notified < woken


def test_schedule_in_which_nothing_is_lost(tmp_path: Path):
    did = told(record(tmp_path, LOST, "-"))
    assert [text for _, text in did] == [
        "reads self.total: 0", "writes self.total: 1", "reads self.total: 1", "writes self.total: 2",
    ]  # fmt: skip


def scenario_of(lines: str, setup: str = "", after: str = "") -> str:
    """A program whose two threads run `lines`."""
    return (
        f"import threading, queue, collections\n{dedent(setup)}\ndef work():\n"
        + "".join(f"    {line}\n" for line in dedent(lines).strip().splitlines())
        + "\ndef scenario():\n"
        + START.replace("{targets}", "[('A', work), ('B', work)]")
        + "".join(f"    {line}\n" for line in dedent(after).strip().splitlines())
    )


def first(story: Story, start: str) -> str:
    return next(text for _, text in told(story) if text.startswith(start))


@pytest.mark.parametrize(
    "value, shown",
    [
        ("'tea'", "'tea'"),
        ("[1, (2, 'x'), {3: None}]", "[1, (2, 'x'), {3: None}]"),
        ("'x' * 100", "'" + "x" * 36 + "..."),
        ("Odd()", "<Odd>"),
        ("[Odd()]", "[<Odd>]"),
        ("threading.Lock()", "lock 4"),
        ("10 ** 5000", "<int>"),
    ],
)
def test_values_are_shown_without_running_code(tmp_path: Path, value: str, shown: str):
    setup = """
        ran = []
        class Odd:
            def __repr__(self):
                ran.append(1)
                return "odd"
            __str__ = __repr__
        class Box:
            item = None
        box = Box()
    """
    story = record(tmp_path, scenario_of(f"box.item = {value}", setup, "assert not ran"), "-")
    assert first(story, "writes box.item") == f"writes box.item: {shown}"
    assert story["error"] is None


TRAPS = """
    ran = []
    class Trap:
        def __init__(self):
            self.inner = 0
        @property
        def part(self):
            ran.append("property")
            return self
        @part.setter
        def part(self, value):
            ran.append("setter")
        def __getattr__(self, name):
            ran.append("getattr")
            return 7
        def __eq__(self, other):
            ran.append("eq")
            return self is other
        def __hash__(self):
            return 5
        def __getitem__(self, key):
            ran.append("getitem")
            return 1
        def __setitem__(self, key, value):
            ran.append("setitem")
    trap = Trap()
    table = {trap: 1}
    count = 0
"""


def test_recording_runs_no_code_of_the_program(tmp_path: Path):
    lines = """
        global count
        trap.part = trap.part.inner
        trap.inner += 1
        trap[0] += trap.missing
        table[5] = table.get(6)
        count += len(ran)
    """
    source = scenario_of(lines, TRAPS, "counted = len(ran), count")
    source += "    raise ValueError(len(ran), count)\n"
    file = tmp_path / "program.py"
    file.write_text(source)
    world = World()
    world.rebuild("program", file)
    with world.opened():

        def body() -> None:
            world.module("program").scenario()

        plain = world.run(body, Replay(), 20_000)
        recorded = world.run(body, Replay(), 20_000, None, recorder(world.points))
    ends = [[(task.name, str(error)) for task, error in run.errors] for run in (plain, recorded)]
    assert ends[0] == ends[1]
    assert ends[0][0][1] != "(0, 0)"
    assert (plain.steps, plain.switches) == (recorded.steps, recorded.switches)
    assert isinstance(recorded, Recorded)
    texts = [text for _, text in told(recorded.story)]
    assert any("trap.inner" in text for text in texts)
    assert not any(text.startswith("writes trap.part") for text in texts)


def test_what_one_thread_has_to_itself_is_left_out(tmp_path: Path):
    lines = """
        mine = Box()
        mine.item = 1
        mine.item += 1
        box.item = mine.item
    """
    story = record(tmp_path, scenario_of(lines, "class Box:\n    item = 0\nbox = Box()"), "-")
    texts = {text for _, text in told(story)}
    assert texts == {"writes box.item: 2"}


def test_what_is_ordered_by_start_and_join_is_left_out(tmp_path: Path):
    setup = "class Box:\n    pass\nbox = Box()\nbox.ready = 1"
    source = scenario_of("box.ready\nbox.ready", setup, "box.ready = 2\nbox.ready = 3")
    assert told(record(tmp_path, source, "-")) == []


def test_containers_and_items(tmp_path: Path):
    setup = "counts = {}\nitems = collections.deque()"
    lines = "counts['a'] = counts.get('a', 0) + 1\nitems.append(counts['a'])"
    story = record(tmp_path, scenario_of(lines, setup), "-")
    assert [text for name, text in told(story) if name == "B"] == [
        "calls counts.get on {'a': 1}", "writes counts['a']: 2", "reads items: deque([1])",
        "reads counts['a']: 2", "calls items.append on deque([1])",
    ]  # fmt: skip


def test_container_that_is_replaced_is_told_by_what_is_done_with_it(tmp_path: Path):
    setup = "class Box:\n    def __init__(self):\n        self.items = []\nbox = Box()"
    lines = "box.items = []\nbox.items.append(1)"
    texts = [text for name, text in told(record(tmp_path, scenario_of(lines, setup), "-")) if name == "B"]
    assert texts == ["writes box.items: []", "calls box.items.append on []"]


def test_closure_is_told_apart_from_one_of_another_call(tmp_path: Path):
    source = """
        import threading

        def work():
            mine = 0
            def count():
                nonlocal mine
                mine += 1
            count()
            count()

        def scenario():
            shared = 0
            def add():
                nonlocal shared
                shared += 1
                work()
    """
    source = dedent(source) + START.replace("{targets}", "[('A', add), ('B', add)]")
    texts = [text for _, text in told(record(tmp_path, source + "    assert shared == 3\n", "-"))]
    assert texts == ["reads shared: 0", "writes shared: 1", "reads shared: 1", "writes shared: 2"]


def test_one_name_for_two_locks_is_numbered(tmp_path: Path):
    source = """
        import threading

        class Account:
            def __init__(self):
                self.lock = threading.Lock()

        def move(source, target):
            with source.lock, target.lock:
                pass

        def scenario():
            a, b = Account(), Account()
    """
    targets = "[('A', lambda: move(a, b)), ('B', lambda: move(b, a))]"
    found = waits(record(tmp_path, dedent(source) + START.replace("{targets}", targets)))
    assert found["A"] == ("lock `target.lock` (lock 2), held by B", ["`source.lock` (lock 1)"])
    assert found["B"] == ("lock `target.lock` (lock 1), held by A", ["`source.lock` (lock 2)"])


def test_exception_is_told_before_the_release_that_follows(tmp_path: Path):
    setup = "lock = threading.Lock()\nitems = [1]"
    story = record(tmp_path, scenario_of("with lock:\n    items.pop()", setup), "-")
    assert [text for name, text in told(story) if name == "B"] == [
        "takes lock", "calls items.pop on []", "raises IndexError: pop from empty list", "gives back lock",
    ]  # fmt: skip
    assert story["error"] == [2, "IndexError: pop from empty list"]


def test_wrong_lock_is_told_though_one_thread_has_it_to_itself(tmp_path: Path):
    source = """
        import threading

        one, other = threading.Lock(), threading.Lock()
        total = 0

        def add():
            global total
            with one:
                total += 1

        def subtract():
            global total
            with other:
                total -= 1

        def scenario():
    """
    source = dedent(source) + START.replace("{targets}", "[('A', add), ('B', subtract)]") + "    assert total == 0\n"
    did = told(record(tmp_path, source))
    assert ("A", "takes one") in did
    assert ("B", "takes other") in did


def test_long_story_is_shortened_in_the_middle(tmp_path: Path):
    lines = "global total\nfor _ in range(60):\n    with lock:\n        total += 1"
    story = record(tmp_path, scenario_of(lines, "lock = threading.Lock()\ntotal = 0", "assert total == 0"), "-")
    rows = story["rows"]
    assert len(rows) <= 40
    assert sum(row.get("elided", 0) for row in rows) > 100
    assert "elided" not in rows[0]
    assert rows[-1]["did"] == ["reads total: 120", "raises AssertionError"]


def test_livelock_says_so(tmp_path: Path):
    story = record(
        tmp_path,
        scenario_of("while not stop:\n    pass", "stop = False\ndef end():\n    global stop\n    stop = True"),
        "-",
    )
    assert {wait["for"] for wait in story["waits"]} >= {"nothing: it goes on and on"}


def test_no_object_of_the_programs_is_kept_alive(programs: Programs) -> None:
    source = """
        import weakref

        class Box:
            def __init__(self):
                self.items = []

        def scenario():
            box, thing = Box(), Box()
            seen = weakref.ref(thing)
            box.items.append(1)
            see(seen() is None)
            thing = None
            see(seen() is None)
    """
    with programs.opened(source, {}) as (world, body, values):
        for _ in range(2):
            assert world.run(body, Replay(), 1_000, None, recorder(world.points)).errors == []
        assert list(values) == [False, True] * 2
