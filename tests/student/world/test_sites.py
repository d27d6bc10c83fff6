"""Where the steps of a run were: the same in each run, as often as the interpreter specialises what it executes."""

from __future__ import annotations

import contextvars
import sys
from typing import TYPE_CHECKING

import pytest

from grader.student.world import sites
from grader.student.world.recording import Recorded, recorder
from grader.student.world.sites import SitedRun
from grader.student.world.strategies import Replay
from grader.student.world.workers import Workers

if TYPE_CHECKING:
    from tests.student.world.conftest import Programs

# Calls of many kinds, by the program and by the library on its behalf, with points in what is called.
PROGRAM = """
import socket, threading
from concurrent.futures import ThreadPoolExecutor

class Box:
    def __init__(self):
        self.value = 0
        self.lock = threading.Lock()

    def __len__(self):
        self.value += 1
        return self.value

    def __getitem__(self, key):
        self.value += key
        return self.value

    def add(self, by=1):
        with self.lock:
            self.value += by

class Thread(threading.Thread):
    def __init__(self, box):
        super().__init__()
        self.box = box

    def run(self):
        for _ in range(3):
            self.box.add()
            self.box.add(by=len(self.box))
            sorted([2, 1], key=lambda key: self.box[key])

def scenario():
    box = Box()
    threads = [Thread(box) for _ in range(2)]
    for thread in threads:
        thread.start()
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(box.add, range(3)))
    for thread in threads:
        thread.join()
    listener = socket.create_server(("127.0.0.1", 0))
    client = socket.create_connection(listener.getsockname())
    client.sendall(b"x")
    listener.accept()[0].recv(1)
"""
STUCK = """
import queue

def take(items):
    return next(iter(items.get, None))

def scenario():
    items = queue.Queue()
    for number in range(3):
        items.put(number)
        take(items)
    take(items)
"""
RUNS = 40


def test_sites_are_the_same_in_each_run(programs: Programs) -> None:
    seen = []
    with programs.opened(PROGRAM, {}) as (world, body, _):
        for _ in range(RUNS):
            run = world.run(body, Replay(), 20_000, None, SitedRun)
            assert isinstance(run, SitedRun) and (run.ending, run.errors) == ("done", [])
            seen.append(run.sites)
    assert len(seen[0]) > 100
    different = [step for step in seen[0] if len({found[step] for found in seen}) > 1]
    assert different == []


def test_a_site_of_the_library_is_the_same_each_time() -> None:
    run = SitedRun(Replay(), 1, Workers())
    seen = set()

    def down(further: int) -> None:
        if further:
            down(further - 1)
        else:
            seen.add(run._site(sys._getframe()))

    def calls() -> None:
        contextvars.Context().run(down, sites._DEEPEST - 2)

    for _ in range(RUNS):
        calls()
    assert {code for code, _ in seen} == {id(calls.__code__)} and len(seen) == 1


@pytest.mark.parametrize(("source", "least"), [(PROGRAM, 10), (STUCK, 1)])
def test_a_story_is_told_of_the_same_places_after_many_runs(programs: Programs, source: str, least: int) -> None:
    """A player is stopped where the story was, which was recorded before."""
    told = []
    with programs.opened(source, {}) as (world, body, _):
        kind = recorder(world.points)
        for _ in range(RUNS):
            run = world.run(body, Replay(), 20_000, None, kind)
            assert isinstance(run, Recorded) and run.story
            told.append(run.visible)
    assert len(told[0]) >= least
    assert [visible ^ told[0] for visible in told] == [set()] * RUNS
