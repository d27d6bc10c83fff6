"""Strategies: what each chooses, and that it can be made again from its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from grader.student.world.strategies import Lockstep, Priorities, Random, Sticky, named, written

if TYPE_CHECKING:
    from tests.student.world.conftest import Programs

STEPS = """
import threading

class Box:
    value = 0

def work(box, name):
    for _ in range(STEPS):
        box.value = name

def scenario():
    box = Box()
    threads = [threading.Thread(target=work, args=(box, name)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    see(box.value)
""".replace("STEPS", "10")


def test_schedules_are_written_and_read_again() -> None:
    for switches in ((), ((12, 1),), ((12, 1), (30, 2), (31, 0))):
        assert named(written(switches)).name == written(switches)
    assert written(()) == "-" and written(((12, 1), (30, 2))) == "12.1-30.2"


@pytest.mark.parametrize("strategy", [Random(5), Sticky(6), Priorities(7, 3, 100), Lockstep(2, 9)])
def test_a_drawn_schedule_is_made_again_from_its_name(programs: Programs, strategy: object) -> None:
    again = named(strategy.name)  # type: ignore[attr-defined]
    assert type(again) is type(strategy)
    assert programs.run(STEPS, again).account == programs.run(STEPS, strategy.name).account  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "name", ["", "x", "1", "1.2.3", "1.x", "random", "random:", "random:1:2:3", "sticky:a", "12.1-"]
)
def test_what_is_no_schedule_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no schedule"):
        named(name)


def test_by_default_a_thread_goes_on_as_long_as_it_can(programs: Programs) -> None:
    run = programs.run(STEPS).run
    assert [task for _, task in run.switches] == [1, 2, 3, 0] or [task for _, task in run.switches] == [
        1,
        0,
        2,
        0,
        3,
        0,
    ]
    assert {step for step, _ in run.switches} <= run.forced | {step for step, _ in run.switches if step in run.forced}


def test_replay_switches_where_it_is_told_to(programs: Programs) -> None:
    plain = programs.run(STEPS).run
    at = plain.switches[0][0] + 4  # in the midst of the first thread
    run = programs.run(STEPS, f"{at}.2").run
    assert (at, 2) in run.switches and run.ending == "done"
    assert named(written(tuple(run.switches))).name == written(tuple(run.switches))


def test_replay_passes_over_what_cannot_be(programs: Programs) -> None:
    plain = programs.run(STEPS).account
    assert programs.run(STEPS, "3.77").account == plain, "there is no such thread"
    assert programs.run(STEPS, "100000.1").account == plain, "there is no such step"


def test_random_gives_each_thread_its_chance(programs: Programs) -> None:
    runs = programs.under(STEPS, [f"random:{seed}" for seed in range(40)])
    assert {seen.values[0] for seen in runs} == set("abc")
    assert len({tuple(seen.run.switches) for seen in runs}) == 40
    assert min(len(seen.run.switches) for seen in runs) > 10


def test_sticky_switches_seldom(programs: Programs) -> None:
    schedules = range(20)
    of_random, of_sticky = (
        sum(len(seen.run.switches) for seen in programs.under(STEPS, [f"{kind}:{seed}" for seed in schedules]))
        for kind in ("random", "sticky")
    )
    assert of_sticky < of_random / 2


def test_priorities_switch_as_often_as_their_depth(programs: Programs) -> None:
    for depth in (1, 2, 3):
        for seen in programs.under(STEPS, [f"priorities:{seed}:{depth}:50" for seed in range(20)]):
            unforced = [step for step, _ in seen.run.switches if step not in seen.run.forced]
            # A start may put a thread of higher priority beside the one that runs.
            assert len(unforced) <= depth - 1 + 3


def test_deeper_priorities_switch_more(programs: Programs) -> None:
    counts = []
    for depth in (1, 8):
        runs = programs.under(STEPS, [f"priorities:{seed}:{depth}:50" for seed in range(20)])
        counts.append(sum(step not in seen.run.forced for seen in runs for step, _ in seen.run.switches))
    assert counts[1] > 2 * counts[0]


def test_lockstep_takes_turns(programs: Programs) -> None:
    run = programs.run(STEPS, "lockstep:1:0").run
    at_work = [task for step, task in run.switches if task]
    assert len(run.switches) > 20 and {1, 2, 3} <= set(at_work)


def test_other_seeds_give_other_runs(programs: Programs) -> None:
    for kind in ("random:{}", "sticky:{}", "priorities:{}:3:50"):
        runs = programs.under(STEPS, [kind.format(seed) for seed in range(10)])
        assert len({tuple(seen.run.switches) for seen in runs}) > 3, kind
