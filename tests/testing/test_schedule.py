"""Makespans in virtual time, worked by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from grader.testing.outcomes import RuleBroken

if TYPE_CHECKING:
    from tests.conftest import Lab, Labs

POOL = """
import concurrent.futures
import threading
import urllib.request

def all_at_once(work, costs):
    threads = [threading.Thread(target=work, args=(number, cost)) for number, cost in enumerate(costs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

def at_most(work, costs, workers):
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        list(pool.map(work, range(len(costs)), costs))

def one_by_one(work, costs):
    for number, cost in enumerate(costs):
        work(number, cost)

def waves(work, costs, width):
    for start in range(0, len(costs), width):
        all_at_once(work, costs[start : start + width])

def fetch(urls):
    with concurrent.futures.ThreadPoolExecutor(len(urls)) as pool:
        return list(pool.map(lambda url: urllib.request.urlopen(url).read(), urls))

def forgets(work, costs):
    thread = threading.Thread(target=work, args=(0, costs[0]))
    thread.start()
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()

def nothing(work, costs):
    return "nothing"

def leaves(work, costs):
    for number, cost in enumerate(costs):
        threading.Thread(target=work, args=(number, cost)).start()

def raises(work, costs):
    work(0, costs[0])
    raise ValueError("after the first")
"""


@pytest.fixture
def program(lab: Labs) -> Lab:
    return lab(POOL)


def played(program: Lab, name: str, costs: list[int], *args: Any, cores: int | None = None) -> Any:
    work = program.gate("work")
    call = program.student.begin(name, work, costs, *args)
    return program.schedule(call, work, cost=lambda arrival: arrival.args[1], cores=cores)


@pytest.mark.parametrize(
    ("name", "args", "costs", "cores", "makespan", "rounds", "most"),
    [
        # Everybody at once, as many cores as one likes: the longest piece.
        ("all_at_once", (), [3, 5, 2], None, 5, 3, 3),
        ("all_at_once", (), [4, 4, 4, 4], None, 4, 1, 4),
        # One core: the sum, whatever is under way.
        ("all_at_once", (), [4, 4, 4, 4], 1, 16, 4, 4),
        # Two cores: two rounds of two.
        ("all_at_once", (), [4, 4, 4, 4], 2, 8, 2, 4),
        ("all_at_once", (), [4, 4, 4, 4], 4, 4, 1, 4),
        # One after the other: the sum, on any machine.
        ("one_by_one", (), [3, 5, 2], None, 10, 3, 1),
        ("one_by_one", (), [3, 5, 2], 4, 10, 3, 1),
        # A pool of two: 6 and 2; at 2 comes 2, at 4 comes 3 and ends at 7.
        ("at_most", (2,), [6, 2, 2, 3], None, 7, 4, 2),
        ("at_most", (2,), [6, 2, 2, 3], 2, 7, 4, 2),
        ("at_most", (2,), [6, 2, 2, 3], 1, 13, 4, 2),
        # Waves of two wait for the longer one: 6, then 3.
        ("waves", (2,), [6, 2, 2, 3], None, 9, 4, 2),
        # A piece takes one tick at least.
        ("all_at_once", (), [0, 0], None, 1, 1, 2),
    ],
)
def test_makespan(
    program: Lab,
    name: str,
    args: tuple[Any, ...],
    costs: list[int],
    cores: int | None,
    makespan: int,
    rounds: int,
    most: int,
) -> None:
    run = played(program, name, costs, *args, cores=cores)
    assert (run.makespan, run.rounds, run.most_at_once) == (makespan, rounds, most)
    assert run.work == sum(max(1, cost) for cost in costs)
    assert run.speedup == run.work / makespan


def test_pieces_are_taken_in_order_of_arrival_and_not_put_off(program: Lab) -> None:
    work = program.gate("work")
    for number, cost in enumerate([5, 1, 1, 1]):
        program.student.begin("one_by_one", work, [cost])
        work.wait(number + 1)
    run = program.schedule(None, work, cost=lambda arrival: arrival.args[1], cores=2)
    assert {piece.index: (start, end) for piece, start, end in run.spans} == {
        0: (0, 5),
        1: (0, 1),
        2: (1, 2),
        3: (2, 3),
    }


def test_no_work_takes_no_time(program: Lab) -> None:
    run = played(program, "nothing", [1])
    assert (run.makespan, run.work, run.speedup, run.rounds, run.spans) == (0, 0, 1.0, 0, [])


def test_a_call_that_raises_ends_the_schedule(program: Lab) -> None:
    work = program.gate("work")
    call = program.student.begin("raises", work, [3])
    run = program.schedule(call, work, cost=lambda arrival: arrival.args[1])
    assert run.makespan == 3 and call.error().is_a(ValueError)


def test_a_call_that_is_stuck_with_no_work_left_is_told(program: Lab) -> None:
    with pytest.raises(RuleBroken, match=r"waited for `forgets` to return. Your program is stuck"):
        played(program, "forgets", [3])


def test_without_a_call_it_is_over_when_no_work_is_left(program: Lab) -> None:
    work = program.gate("work")
    program.student.begin("leaves", work, [2, 2, 2]).result()
    assert program.schedule(None, work, cost=lambda arrival: arrival.args[1], cores=2).makespan == 4


def test_a_site_is_work_too(program: Lab) -> None:
    site = program.site()
    urls = [site.page(f"/{ticks}", body=str(ticks).encode()) for ticks in (3, 1, 2)]
    site.hold_all()
    call = program.student.begin("fetch", urls)
    run = program.schedule(call, site, cost=lambda request: int(request.path[1:]))
    assert (run.makespan, run.rounds, run.most_at_once) == (3, 3, 3)
    assert call.result() == [b"3", b"1", b"2"]


def test_the_timeline_is_plain_data(program: Lab) -> None:
    run = played(program, "all_at_once", [1, 2])
    told = run.as_evidence()
    assert told["kind"] == "timeline" and told["makespan"] == 2 and told["speedup"] == 1.5
    assert sorted((span["start"], span["end"]) for span in told["spans"]) == [(0, 1), (0, 2)]
