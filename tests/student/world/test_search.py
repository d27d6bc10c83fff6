"""The search: complete up to one pre-emption, within its budget, and shrinking to the fewest switches."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from grader.student.world.search import Budget, Search, shrink
from grader.student.world.strategies import Events, Lockstep, Priorities, Random, Replay, Sticky, named

if TYPE_CHECKING:
    from grader.student.world.scheduler import Run
    from tests.student.world.conftest import Programs

TINY = """
import threading

class Box:
    value = 0

def work(box, n):
    box.value = n
    box.value = n

def scenario():
    box = Box()
    threads = [threading.Thread(target=work, args=(box, n)) for n in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
"""


def key(run: Run) -> tuple[tuple[int, int], ...]:
    return tuple(run.switches)


def preemptions(run: Run) -> int:
    """How often a thread was held up that could have gone on."""
    return sum(step not in run.forced for step, _ in run.switches)


def every_run(programs: Programs, source: str) -> set[tuple[tuple[int, int], ...]]:
    """By brute force: each run with at most one pre-emption that there is, by its switches.

    At each step of each run every thread is tried that there is.
    """
    found = set()
    with programs.opened(source, {}) as (world, body, _):
        todo: list[tuple[tuple[int, int], ...]] = [()]
        while todo:
            wanted = todo.pop()
            run = world.run(body, Replay(wanted), 1_000)
            taken = all(switch in run.switches for switch in wanted)
            if not taken or preemptions(run) > 1 or (key(run) in found and wanted):
                continue
            found.add(key(run))
            first = wanted[-1][0] + 1 if wanted else 1
            todo += [(*wanted, each) for each in itertools.product(range(first, run.steps + 1), range(len(run.tasks)))]
    return found


def searched(programs: Programs, source: str, budget: Budget, seed: int = 0) -> tuple[list[Run], Search]:
    """The runs of a search."""
    search = Search(budget, seed)
    runs = []
    with programs.opened(source, {}) as (world, body, _):
        for strategy in search:
            run = world.run(body, strategy, budget.steps, None, search.kind)
            search.learn(run)
            runs.append(run)
    return runs, search


def is_given(run: Run) -> bool:
    """Whether its schedule was found by changing another one, not drawn."""
    return isinstance(run.strategy, Replay) and not isinstance(run.strategy, Lockstep)


@pytest.mark.parametrize("threads", [1, 2])
def test_complete_means_every_schedule_with_at_most_one_preemption(programs: Programs, threads: int) -> None:
    source = TINY.replace("THREADS", str(threads))
    runs, search = searched(programs, source, Budget(1_500, 1_000, 1_500))
    given = {key(run) for run in itertools.takewhile(is_given, runs)}
    assert search.complete
    assert given == every_run(programs, source)


def test_complete_counted_by_hand(programs: Programs) -> None:
    """Main: one step after the start of a thread that has one step, too."""
    source = """
        import threading

        def scenario():
            items = [0]
            thread = threading.Thread(target=items.__setitem__, args=(0, 1))
            thread.start()
            items[0] = 2
            thread.join()
    """
    runs, search = searched(programs, source, Budget(50, 1_000, 50))
    # The thread has one point, at its end. It goes on before main writes the item (one pre-emption, so that it cannot
    # be held up), or when main waits in join.
    given = {key(run) for run in itertools.takewhile(is_given, runs)}
    assert search.complete
    assert given == every_run(programs, source)
    assert len(given) == 2


@pytest.mark.parametrize(("schedules", "bounded"), [(1, 1), (7, 7), (20, 5), (20, 0), (3, 100)])
def test_budget_of_schedules_is_kept(programs: Programs, schedules: int, bounded: int) -> None:
    runs, search = searched(programs, TINY.replace("THREADS", "3"), Budget(schedules, 1_000, bounded))
    assert len(runs) == schedules
    assert sum(is_given(run) for run in runs[:bounded]) <= min(bounded, schedules)
    assert not search.complete


def test_the_default_schedule_comes_first(programs: Programs) -> None:
    runs, _ = searched(programs, TINY.replace("THREADS", "2"), Budget(10, 1_000, 10))
    assert runs[0].strategy.name == "-" and preemptions(runs[0]) == 0


def test_the_portfolio_has_all_kinds(programs: Programs) -> None:
    runs, _ = searched(programs, TINY.replace("THREADS", "3"), Budget(40, 1_000, 2))
    kinds = {type(run.strategy) for run in runs}
    assert kinds == {Replay, Random, Sticky, Priorities, Events, Lockstep}


def test_a_seed_gives_the_same_search_and_another_one_another(programs: Programs) -> None:
    source = TINY.replace("THREADS", "3")
    names = [
        [run.strategy.name for run in searched(programs, source, Budget(30, 1_000, 5), seed)[0]] for seed in (1, 1, 2)
    ]
    assert names[0] == names[1] != names[2]


def test_drawn_schedules_are_not_the_same_again(programs: Programs) -> None:
    runs, _ = searched(programs, TINY.replace("THREADS", "3"), Budget(100, 1_000, 0))
    assert len({run.strategy.name for run in runs if not is_given(run)}) == sum(not is_given(run) for run in runs) > 50
    assert all(named(run.strategy.name).name == run.strategy.name for run in runs)


def test_shrink_finds_the_few_that_matter() -> None:
    switches = tuple((step, step % 3) for step in range(40))
    needed = {switches[3], switches[17], switches[30]}
    asked = 0

    def fails(candidate: tuple[tuple[int, int], ...]) -> bool:
        nonlocal asked
        asked += 1
        return needed <= set(candidate)

    assert set(shrink(switches, fails, 1_000)) == needed
    asked = 0
    shorter = shrink(switches, fails, 10)
    assert asked == 10 and needed <= set(shorter) and len(shorter) < 40


def test_shrink_of_what_cannot_be_shorter() -> None:
    switches = ((1, 1), (2, 0))
    assert shrink(switches, lambda _: False, 100) == switches
    assert shrink((), lambda _: True, 100) == ()
    assert shrink(switches, lambda _: True, 100) == ()
