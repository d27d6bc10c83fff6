"""What a submission may do to the process that it shares with the harness: it harms itself only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from grader.testing.outcomes import RuleBroken

if TYPE_CHECKING:
    from tests.conftest import Labs

HONEST = """
import threading

def run(work):
    found = []
    thread = threading.Thread(target=lambda: found.append(work(20)))
    thread.start()
    thread.join()
    return found[0] + 1
"""

HARMLESS = {
    "nothing": "",
    "Thread is no more": "import threading as t\nclass threading:\n    Thread = t.Thread\nt.Thread = None",
    "locks are no more": "import _thread\n_thread.allocate_lock = None",
    "os is no more": "import os\nos.read = os.write = os._exit = os.fork = None",
    "frames are no more": "import sys\nsys._current_frames = None",
    "time stands still": "import time\ntime.sleep = time.monotonic = time.time = lambda *_: 0",
    "JSON is another": "import json, sys\njson.dumps = json.loads = None\nsys.modules['msgspec'] = None",
    "standard output is closed": "import sys, os\nsys.stdout.close(); sys.stderr.close()\nos.close(1) if False "
    "else None",
    "descriptors 1 and 2 are closed": "import os\nos.close(1); os.close(2)",
    "every descriptor is used up": "import os\nkept = []\ntry:\n    while True: "
    "kept.append(os.open('/dev/null', 0))\nexcept OSError: pass",
    "a full disk": "f = open('/tmp/full', 'wb')\ntry:\n    while True: f.write(bytes(1 << 20))\nexcept OSError: pass",
    "signals are ignored": "import signal\nfor n in {*signal.valid_signals()} - {9, 19}:\n    signal.signal(n, "
    "signal.SIG_IGN)",
    "a thread that computes": "threading.Thread(target=lambda: [0 for _ in iter(int, 1)], daemon=True).start()",
    "threads that sleep": "import time\nfor _ in range(5): threading.Thread(target=time.sleep, args=(999,), "
    "daemon=_ % 2).start()",
    "a child that sleeps": "import os, time\nif os.fork() == 0:\n    time.sleep(999)",
    "the garbage collector": "import gc\ngc.disable(); [gc.get_objects() for _ in range(2)]",
    "small stacks": "threading.stack_size(1 << 16)",
    "bytes that are no text": r"import sys; sys.stdout.buffer.write(b'\xff\x1b]52;c;x\x07'); print('\ud800')",
    "a handler at the end": "import atexit\natexit.register(print, 'bye')",
    "an excepthook": "import sys\nsys.excepthook = threading.excepthook = sys.unraisablehook = lambda *_: 1 / 0",
}


@pytest.mark.parametrize("line", HARMLESS.values(), ids=[name.replace(" ", "-") for name in HARMLESS])
def test_what_it_does_to_its_own_process_is_its_own_affair(lab: Labs, line: str) -> None:
    program = lab(HONEST + line + "\n")
    work = program.probe("work", answer=lambda arrival: arrival.args[0] * 2)
    first, second = program.student.begin("run", work), program.student.begin("run", work)
    assert (first.result(), second.result()) == (41, 41)


HARMFUL = {
    "len": "import builtins\nbuiltins.len = lambda _: 0",
    "type": "import builtins\nbuiltins.type = None",
    "isinstance": "import builtins\nbuiltins.isinstance = lambda *_: True",
    "everything": "import builtins\nbuiltins.__dict__.clear()",
    "getattr": "import builtins\nbuiltins.getattr = None",
    "the write": "import grader.student.harness as h\nh._write = None",
    "the reader": "import os\nfor fd in range(890, 1024):\n    try: os.close(fd)\n    except OSError: pass",
    "the memory": "import ctypes\nctypes.memset(id(None), 0, 64)",
}


@pytest.mark.parametrize("line", HARMFUL.values(), ids=[name.replace(" ", "-") for name in HARMFUL])
def test_what_it_breaks_of_ours_fails_its_test(lab: Labs, line: str) -> None:
    with pytest.raises(RuleBroken):
        program = lab(HONEST + line + "\n")
        program.student.run(program.probe("work", returns=2))
    assert lab(HONEST).student is not None  # and nobody else's


def test_nothing_of_the_graders_is_in_there(lab: Labs) -> None:
    program = lab(
        "import sys\ndef run():\n    return sorted(n for n in sys.modules if n.split('.')[0] in ('grader', "
        "'pytest', '_pytest'))\n"
    )
    rooms = {".".join(name.split(".")[:2]) for name in program.student.run()}
    assert rooms == {"grader", "grader.student", "grader.wire"}


def test_expected_answers_never_go_in(lab: Labs) -> None:
    program = lab(
        "import gc\ndef run(work, token):\n    work()\n    return [o for o in gc.get_objects() if type(o) is "
        "dict and '1234321' in o]\n"
    )
    work = program.probe("work", answer=lambda arrival: 0 if arrival.args == ("1234321",) else 1)
    assert program.student.run(work, "token") == []


def test_no_thread_of_ours_is_in_threadings_list(lab: Labs) -> None:
    program = lab(
        "import threading\ndef run(gate):\n    gate()\n    return [thread.name for thread in threading.enumerate()]\n"
    )
    gate = program.gate()
    first, second = program.student.begin("run", gate), program.student.begin("run", gate)
    gate.wait(2)
    gate.open()
    second.wait()
    assert first.result() in (["MainThread"], ["MainThread", "second caller"])
    assert program.student.run(gate) == ["MainThread"]


def test_a_thread_in_a_stack_has_its_name(lab: Labs) -> None:
    program = lab(r"""
        import threading

        class Odd(threading.Thread):
            @property
            def name(self):
                raise SystemExit

        def wait():
            threading.Event().wait()

        def run():
            for name in ("plain", "\ud800", "x" * 5_000, 5):
                thread = threading.Thread(target=wait)
                thread._name = name
                thread.start()
            odd = Odd(target=wait)
            odd.start()
            odd.join()
    """)
    with pytest.raises(RuleBroken) as broken:
        program.student.run()
    names = sorted(thread["thread"] for thread in broken.value.evidence["threads"])
    assert len(names) == 6 and {"MainThread", "plain", r"\ud800", "x" * 200, "a thread"} <= {*names}


def test_a_reply_follows_even_if_the_module_prints(lab: Labs) -> None:
    assert lab("def run():\n    print('x' * 300_000)\n    return 'done'\n").student.run() == "done"


def test_standard_input_is_empty(lab: Labs) -> None:
    program = lab("import sys\ndef run():\n    return sys.stdin.read()\ndef ask():\n    return input('name? ')\n")
    assert program.student.run() == ""
    with pytest.raises(
        RuleBroken, match=r"`ask` asks for keyboard input with `input\(\)` \(program.py line 5.*nobody to type"
    ):
        program.student.ask()
