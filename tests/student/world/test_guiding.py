"""Runs that a player guides: a stop wherever the story tells of something, and each order of those can be had."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from grader.student.world.exploring import fault_of
from grader.student.world.guiding import Guide, guided
from grader.student.world.recording import Recorded, recorder
from grader.student.world.strategies import named

if TYPE_CHECKING:
    from tests.student.world.conftest import Programs

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
LOCKED = LOST.replace("self.total = 0", "self.total, self.lock = 0, threading.Lock()").replace(
    "        self.total += 1", "        with self.lock:\n            self.total += 1"
)
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


def every_way(programs: Programs, source: str, schedule: str, most: int = 300) -> dict[tuple[int, ...], str]:
    """How each sequence of choices ends, stopping where the story of `schedule` tells something."""
    ways: dict[tuple[int, ...], str] = {}
    with programs.opened(source, {}) as (world, body, _):
        told = world.run(body, named(schedule), 20_000, None, recorder(world.points))
        assert isinstance(told, Recorded)
        todo: list[list[int]] = [[]]
        while todo:
            given = todo.pop()
            guide = Guide(told.visible, given)
            run = world.run(body, guide, 20_000, None, guided(world.points, guide))
            assert isinstance(run, Recorded)
            made = run.story["choices"]
            ways[tuple(chosen for _, chosen, _ in made)] = fault_of(run)[0]
            for at in range(len(given), len(made)):
                can, chosen, _ = made[at]
                before = [one for _, one, _ in made[:at]]
                todo += [[*before, other] for other in can if other != chosen]
            assert len(ways) <= most
    return ways


def test_an_update_is_lost_just_where_both_read_first(programs: Programs) -> None:
    ends = Counter(every_way(programs, LOST, "6.2").values())
    assert ends == {"": 10, "property": 9}


def test_with_a_lock_every_way_holds(programs: Programs) -> None:
    assert set(every_way(programs, LOCKED, "-").values()) == {""}


def test_a_deadlock_is_reached_in_either_order(programs: Programs) -> None:
    ways = every_way(programs, CROSSED, "5.2")
    stuck = [way for way, ending in ways.items() if ending == "deadlock"]
    first = {next(task for task in way if task) for way in stuck}
    assert first == {1, 2}, "one of the two threads can only be the second"
    assert "" in ways.values()


def test_a_way_is_told_choice_by_choice(programs: Programs) -> None:
    with programs.opened(LOST, {}) as (world, body, _):
        told = world.run(body, named("6.2"), 20_000, None, recorder(world.points))
        assert isinstance(told, Recorded)
        guide = Guide(told.visible, [])
        run = world.run(body, guide, 20_000, None, guided(world.points, guide))
        assert isinstance(run, Recorded)
        story: dict[str, Any] = run.story
    assert len(story["did"]) == len(story["choices"]) + 1
    for (can, chosen, _), did in zip(story["choices"], story["did"][1:], strict=True):
        assert chosen in can and did[0][0] == chosen, "who was chosen does the next thing that is told"


def test_a_choice_that_is_none_is_passed_over(programs: Programs) -> None:
    with programs.opened(LOST, {}) as (world, body, _):
        guide = Guide(set(), [77, 78])
        assert fault_of(world.run(body, guide, 20_000, None, guided(world.points, guide))) == ("", "")
