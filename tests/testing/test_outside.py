"""What a student process claims of itself is held against what the kernel says; forging is told and flagged."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from grader.testing import kernel
from grader.testing.outcomes import RuleBroken
from grader.testing.outside import Forged, Outside
from grader.testing.world import World

if TYPE_CHECKING:
    from tests.conftest import Lab, Labs

pytestmark = pytest.mark.skipif(not kernel.can_look(), reason="the kernel shows nothing here")

FIND = """
import gc, json, os, sys, threading

def harness():
    frame = sys._getframe()
    while frame is not None:
        found = frame.f_locals.get("self")
        if type(found).__name__ == "Harness":
            return found
        frame = frame.f_back

def send(**fields):
    body = json.dumps(fields).encode()
    os.write(harness()._write_fd, len(body).to_bytes(4, "big") + body)
"""


def broken(lab: Lab, *args: object) -> RuleBroken:
    with pytest.raises(RuleBroken) as found:
        lab.student.begin("run", *args).wait()
    return found.value


NOBODYS = f"""{FIND}
def run(probe):
    send(type="asked", id=1, probe=0, thread=4194000, args=[], kwargs={{}})
    threading.Event().wait()
"""


def test_a_call_that_nobody_announced_is_forged(lab: Labs) -> None:
    if not lab.cell.announces:
        pytest.skip("no announcements here")
    forger = lab(NOBODYS)
    found = broken(forger, forger.gate())
    assert "a call is said to be made that no thread of your process has made" in found.reason
    assert found.evidence == {"kind": "forged evidence"}
    assert forger.student.flags == [
        "forged evidence: a call is said to be made that no thread of your process has made"
    ]


@pytest.mark.parametrize("forked", [False, True])
def test_a_call_in_the_name_of_a_sleeper_is_forged(lab: Labs, forked: bool) -> None:
    if not lab.cell.announces:
        pytest.skip("no announcements here")
    forger = lab(f"""{FIND}
def run(probe):
    sleeper = threading.Thread(target=threading.Event().wait, daemon=True)
    sleeper.start()
    if {forked} and os.fork():
        threading.Event().wait()
    harness()._announce(3)
    send(type="asked", id=1, probe=0, thread=sleeper.native_id, args=[], kwargs={{}})
    threading.Event().wait()
""")
    reason = broken(forger, forger.gate()).reason
    assert ("in another process than" if forked else "from another thread than the one that made it") in reason


ENDED = f"""{FIND}
def run(probe):
    told = []
    found = harness()
    thread = threading.Thread(target=lambda: (found._announce(3), told.append(threading.get_native_id()), END.wait()))
    thread.start()
    while not told:
        pass
    BEFORE
    send(type="asked", id=1, probe=0, thread=told[0], args=[], kwargs={{}})
    AFTER
    threading.Event().wait()

END = threading.Event()
"""
GO = "END.set(); thread.join()"


def test_a_call_in_the_name_of_a_thread_that_is_gone_is_forged(lab: Labs) -> None:
    if not lab.cell.announces:
        pytest.skip("no announcements here")
    forger = lab(ENDED.replace("BEFORE", GO).replace("AFTER", ""))
    assert "whose thread is there no more" in broken(forger, forger.gate()).reason
    assert forger.student.flags == ["forged evidence: a call is said to wait whose thread is there no more"]


@pytest.mark.parametrize("at_its_end", [False, True])
def test_a_call_that_is_held_without_its_thread_is_forged(lab: Labs, at_its_end: bool) -> None:
    if not lab.cell.announces:
        pytest.skip("no announcements here")
    end = 'send(type="exiting", ask=1)\n    ' if at_its_end else ""
    forger = lab(ENDED.replace("BEFORE", "").replace("AFTER", f"{GO}\n    {end}pass"))
    gate = forger.gate(exit_held=True)
    with pytest.raises(RuleBroken, match="whose thread is there no more"):
        forger.student.begin("run", gate)
        gate.wait(1)
        forger.student.settle()  # the end that is told of comes in here
        if not at_its_end:
            gate.release()


def test_without_announcements_the_kernels_list_decides(lab: Labs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.jail.Cell.announces", False)
    forger = lab(NOBODYS)
    assert "from a thread that your process does not have" in broken(forger, forger.gate()).reason


def test_two_calls_of_one_thread_at_once_are_forged(lab: Labs) -> None:
    forger = lab(f"""{FIND}
def run(probe):
    for number in (1, 2):
        harness()._announce(2 * number + 1)
        send(type="asked", id=number, probe=0, thread=threading.get_native_id(), args=[], kwargs={{}})
    threading.Event().wait()
""")
    assert "while it waits in another" in broken(forger, forger.gate()).reason


def test_calls_of_true_threads_are_taken(lab_at: Labs) -> None:
    program = lab_at("""
        from concurrent.futures import ThreadPoolExecutor
        def run(probe):
            with ThreadPoolExecutor(20) as pool:
                return sum(pool.map(probe, range(60)))
    """)
    gate = program.gate(returns=1)
    call = program.student.begin("run", gate)
    gate.wait(20)
    gate.open()
    assert call.result() == 60
    assert program.student.flags == []


@pytest.mark.parametrize(
    "change",
    [
        "sys.modules['grader.wire'].encode = lambda *_: 42",
        "sys.modules['grader.student.values'].Values.encode = lambda *_: 42",
        "type(harness())._result_of = lambda *_: 42",
        "sys.modules['grader.wire'].encode.__code__ = (lambda value, extension, depth=0: 42).__code__",
    ],
)
def test_our_own_code_is_sealed(lab: Labs, change: str) -> None:
    forger = lab(f"{FIND}\ndef run():\n    {change}\n    return 42\n")

    found = broken(forger)
    assert "is not so: your program has changed `grader." in found.reason
    assert forger.student.flags


def test_a_world_changed_by_the_import_is_noticed_by_the_first_test(lab: Labs) -> None:
    with pytest.raises(RuleBroken, match=r"your program has changed `grader\.student\.world"):
        lab("import sys\nsys.modules['grader.student.world.search'].Search = None\n")


def test_the_kernel_counts_the_threads(labs_in: object, reachable: object) -> None:
    labs = labs_in(reachable, "jail")  # type: ignore[operator]
    program = labs(f"""{FIND}
def run(lie):
    threads = [threading.Thread(target=int) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if lie:
        harness()._started.count = 1
""")
    program.student.run(False)
    assert program.student.threads_started == 3
    assert program.student.flags == []
    program.student.run(True)
    assert program.student.threads_started == 6
    assert program.student.flags == ["says that it has started 1 threads; the kernel has counted 6"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can take a jail to its last number")
def test_the_count_goes_on_when_the_kernel_begins_again_with_its_numbers(labs_in: object, reachable: object) -> None:
    labs = labs_in(reachable, "jail")  # type: ignore[operator]
    last = int(labs("def most():\n    return open('/proc/sys/kernel/pid_max').read()\n").student.most()) - 1
    labs.end_all()
    set_last = f"echo {last - 8} > /proc/sys/kernel/ns_last_pid"
    subprocess.run(["nsenter", "-t", str(labs.cell._zygote_pid), "-p", "sh", "-c", set_last], check=True)
    program = labs("""
        import threading

        def run():
            for _ in range(20):
                thread = threading.Thread(target=int)
                thread.start()
                thread.join()
            return thread.native_id
    """)
    assert program.student.run() < 400
    assert (program.student.threads_started, program.student.flags) == (20, [])


RACE = """
import threading
def double(number, work):
    total = [0]
    def add():
        seen = total[0]
        total[0] = seen + work(number)
    threads = [threading.Thread(target=add) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return total[0]
"""
CLEAN = """
import gc, sys
for found in [sys.modules["grader.student.seal"].Seal]:
    found.broken = lambda self, world: ""
exploration = sys.modules["grader.student.exploring"].Exploration
honest = exploration.explore
def lie(self, count, most):
    found = honest(self, 1, most)
    self.tried, self.over = TRIED, True
    return found[:MOST]
exploration.explore = lie
"""


def explored(lab: Lab) -> None:
    world = World(lab.student, lambda *_: None)
    work = world.probe("work", returns=1)
    twice = world.call("double", 1, work)
    world.every_schedule(lambda ran: None if ran[twice] == 2 else pytest.fail("lost"), schedules=200)


def test_runs_in_the_world_that_have_not_been_are_forged(lab: Labs) -> None:
    with pytest.raises(RuleBroken, match="runs in the controlled world are told of that have not taken place"):
        explored(lab(RACE + CLEAN.replace("TRIED", "200").replace("MOST", "1")))


@pytest.mark.parametrize(("tried", "most"), [("0", "0"), ("1", "0"), ("1", "1")])
def test_a_search_that_ends_too_soon_is_forged(lab: Labs, tried: str, most: str) -> None:
    with pytest.raises(RuleBroken, match="the search in the controlled world is said to be over"):
        explored(lab(RACE + CLEAN.replace("TRIED", tried).replace("MOST", most)))


@pytest.mark.parametrize(
    ("before", "tried", "over"), [(0, 201, False), (160, 201, True), (40, 40, False), (40, 39, True)]
)
def test_a_search_that_goes_beyond_its_budget_or_on_for_ever_is_forged(before: int, tried: int, over: bool) -> None:
    outside = Outside(1, None)  # type: ignore[arg-type]
    with pytest.raises(Forged, match="is said to go on as it cannot"):
        outside.check_slice(200, before, tried, over)


@pytest.mark.parametrize(
    ("before", "tried", "over"), [(0, 40, False), (199, 200, False), (200, 200, True), (0, 1, True)]
)
def test_a_search_that_goes_on_is_taken(before: int, tried: int, over: bool) -> None:
    Outside(1, None).check_slice(200, before, tried, over)  # type: ignore[arg-type]


def test_a_changed_world_is_noticed(lab: Labs) -> None:
    unsealed = CLEAN.replace("found.broken", "found.another").replace("TRIED", "200").replace("MOST", "1")
    with pytest.raises(RuleBroken, match=r"your program has changed `grader\.student"):
        explored(lab(RACE + unsealed))


def test_a_world_changed_in_a_call_is_noticed_when_it_is_used(lab: Labs) -> None:
    spoils = "import sys\ndef spoil():\n    sys.modules['grader.student.exploring'].Exploration.explore = None\n"
    spoiled = lab(RACE + spoils)
    spoiled.student.spoil()
    with pytest.raises(RuleBroken, match=r"your program has changed `grader\.student"):
        explored(spoiled)


def test_true_runs_are_taken(lab_at: Labs) -> None:
    right = RACE.replace("seen = total[0]", "part = work(number)").replace("seen + work(number)", "total[0] + part")
    one = right.replace("range(2)", "range(1)").replace("return total[0]", "return 2 * total[0]")
    explored(lab_at(one))


def test_few_schedules_prove_nothing() -> None:
    outside = Outside(2**22 + 1, None)  # type: ignore[arg-type]
    outside.check_runs(19)
    with pytest.raises(Forged):
        outside.check_runs(20)
