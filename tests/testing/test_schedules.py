"""The fixture `every_schedule`: an author's own code, plain pytest."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

DOCS = Path(__file__).parents[2] / "docs" / "world.md"

SHOP = """
import threading
import till

class Shop:
    def __init__(self):
        self.stock = 1
        self.lock = threading.Lock()

    def sell(self):
        if self.stock > 0:
            self.stock -= 1
            till.cash += 1

    def sell_safely(self):
        with self.lock:
            self.sell()
"""

TESTS = """
import threading, time
import pytest
import till
from shop import Shop

made = []

def twice(method):
    threads = [threading.Thread(target=method) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

def test_race(every_schedule):
    @every_schedule
    def scenario():
        shop = Shop()
        twice(shop.sell)
        assert till.cash == 1 - shop.stock, f"sold {till.cash}"

def test_race_in_the_scenario_itself(every_schedule):
    @every_schedule
    def scenario():
        box = {"n": 0}
        def add():
            box["n"] += 1
        twice(add)
        assert box["n"] == 2

def test_safe(every_schedule):
    @every_schedule(schedules=150, seed=4)
    def scenario():
        shop = Shop()
        twice(shop.sell_safely)
        assert till.cash == 1 and shop.stock == 0

def test_the_finding_is_returned(every_schedule):
    found = every_schedule(lambda: None, schedules=50)
    assert found.kind == "complete" and not found.failed

def test_each_run_is_fresh(every_schedule):
    @every_schedule(schedules=20)
    def scenario():
        made.append(1)
        assert len(made) == 1 and till.cash == 0
        till.cash += 1
        threading.Thread(target=made.append, args=(1,)).start()

def test_nothing_is_left_of_the_world():
    assert made == [] and till.cash == 0
    assert threading.Lock is __import__("_thread").allocate_lock or threading.Lock is __import__("_thread").lock
    before = time.monotonic()
    twice(lambda: time.sleep(0.001))
    assert time.monotonic() > before

def test_deadlock(every_schedule):
    @every_schedule
    def scenario():
        threading.Event().wait()

def test_left_behind(every_schedule):
    @every_schedule
    def scenario():
        threading.Thread(target=threading.Event().wait).start()

def test_livelock(every_schedule):
    @every_schedule(steps=500)
    def scenario():
        event = threading.Event()
        while not event.is_set():
            pass

def test_exception(every_schedule):
    @every_schedule
    def scenario():
        twice(lambda: 1 / 0)

def test_not_modelled(every_schedule):
    @every_schedule
    def scenario():
        import subprocess
        subprocess.run([])

def test_closures(every_schedule):
    wanted = 3

    @every_schedule
    def scenario():
        assert wanted == 3

def test_no_function(every_schedule):
    with pytest.raises(TypeError, match="plain function"):
        every_schedule(print)

def test_no_schedule(every_schedule):
    with pytest.raises(ValueError, match="no schedule"):
        every_schedule(lambda: None, replay="nonsense")

def test_work_outside(every_schedule):
    with pytest.raises(RuntimeError, match="for scenarios"):
        every_schedule.work(1)

def test_speedup(every_schedule):
    def scenario():
        threads = [threading.Thread(target=every_schedule.work, args=(3,)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert [every_schedule.speedup(scenario, cores) for cores in (1, 2, 4, 8)] == [1, 2, 4, 8]

def test_no_speedup(every_schedule):
    def scenario():
        for _ in range(4):
            thread = threading.Thread(target=every_schedule.work, args=(3,))
            thread.start()
            thread.join()

    assert every_schedule.speedup(scenario, cores=4) == 1

def test_no_work(every_schedule):
    with pytest.raises(ValueError, match="no work"):
        every_schedule.speedup(lambda: None, cores=2)

def test_time(every_schedule):
    @every_schedule
    def scenario():
        time.sleep(1_000)
        assert time.monotonic() >= 2_000

@pytest.mark.parametrize("number", [1, 2])
def test_parameters(every_schedule, number):
    @every_schedule(schedules=5)
    def scenario():
        assert number in (1, 2)

class TestInAClass:
    def test_method(self, every_schedule):
        @every_schedule(schedules=5)
        def scenario():
            twice(print)
"""

FAILS = {
    "test_race",
    "test_race_in_the_scenario_itself",
    "test_deadlock",
    "test_left_behind",
    "test_livelock",
    "test_exception",
}
SKIPPED = {"test_not_modelled"}


def run_pytest(folder: Path, *arguments: str) -> str:
    """The output of pytest on a folder, without the project's own configuration."""
    # In CI pytest repeats whole messages in its summary.
    here = {name: value for name, value in os.environ.items() if name not in ("CI", "BUILD_NUMBER")}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-rA", "-q", "-p", "no:cacheprovider", "--tb=short", *arguments, str(folder)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=here | {"COLUMNS": "200"},
    )
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What pytest says of the tests above."""
    folder = tmp_path_factory.mktemp("author")
    (folder / "shop.py").write_text(SHOP)
    (folder / "till.py").write_text("cash = 0\n")
    (folder / "test_shop.py").write_text(TESTS)
    return run_pytest(folder, "-W", "error")


def told_of(output: str, name: str) -> str:
    """The part of the output that tells of one failure."""
    return re.split(r"\n_{3,} ", output.partition(f"_ {name} _")[2])[0]


def test_outcomes(output: str) -> None:
    found = re.findall(r"^(PASSED|FAILED|ERROR) \S+::(\w+)", output, re.MULTILINE)
    outcomes = {name: outcome for outcome, name in found}
    assert {name for name, outcome in outcomes.items() if outcome != "PASSED"} == FAILS, output
    names = set(re.findall(r"def (test_\w+)", TESTS))
    assert names - set(outcomes) == SKIPPED, output


def test_a_race_is_told(output: str) -> None:
    told = told_of(output, "test_race")
    assert "property: MainThread: AssertionError: sold 2" in told
    assert re.search(r"every_schedule\(replay='[\d.@a-z-]+'\)", told), told
    assert "self.stock -= 1" in told or "self.stock > 0" in told, told
    assert "scheduler.py" not in told and "Traceback" not in told


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("test_deadlock", "deadlock: MainThread waits in wait of <Event"),
        ("test_left_behind", "left behind: Thread-1 (wait) waits in wait of <Event"),
        ("test_livelock", "livelock: MainThread goes on and on"),
        ("test_exception", "exception: Thread-1 (<lambda>): ZeroDivisionError: division by zero"),
    ],
)
def test_each_fault_is_told(output: str, name: str, words: str) -> None:
    assert words in told_of(output, name)


def test_what_is_not_modelled_is_skipped_with_its_name(output: str) -> None:
    assert re.search(r"SKIPPED.*no verdict: the controlled world does not model subprocess.run", output), output


def test_a_replay_shows_the_same_again(tmp_path: Path, output: str) -> None:
    (schedule,) = set(re.findall(r"every_schedule\(replay='([^']+)'\)", told_of(output, "test_race")))
    (tmp_path / "shop.py").write_text(SHOP)
    (tmp_path / "till.py").write_text("cash = 0\n")
    (tmp_path / "test_shop.py").write_text(
        TESTS.replace("    @every_schedule\n", f"    @every_schedule(replay={schedule!r})\n", 1)
    )
    again = run_pytest(tmp_path, "-k", "race")
    assert "found with schedule 1;" in again and "sold 2" in again
    assert _story(told_of(again, "test_race")) == _story(told_of(output, "test_race")) != []


def _story(told: str) -> list[str]:
    return [line.rstrip() for line in told.splitlines() if "|" in line]


def blocks() -> list[str]:
    """The examples of the documentation."""
    return re.findall(r"```python\n(.*?)```", DOCS.read_text(), re.DOTALL)


def test_example_of_the_documentation(tmp_path: Path) -> None:
    (tmp_path / "test_counter.py").write_text(next(text for text in blocks() if "test_counter.py" in text))
    output = run_pytest(tmp_path)
    assert "1 failed, 2 passed" in output
    assert "property: MainThread: AssertionError" in told_of(output, "test_add")
    assert "self.value += 1" in told_of(output, "test_add")
    assert "every_schedule(replay='" in output


@pytest.mark.parametrize("budget", [{"schedules": 0}, {"steps": 0}, {"cores": 0}])
def test_a_budget_that_judges_nothing_is_refused(every_schedule: Any, budget: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        every_schedule(lambda: None, **budget)
