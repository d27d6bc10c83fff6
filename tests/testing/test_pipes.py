"""Output, and frames that come in pieces, in part, or without end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from grader.testing.outcomes import RuleBroken

if TYPE_CHECKING:
    from tests.conftest import Labs


def test_output_is_kept_up_to_a_limit(lab: Labs) -> None:
    program = lab(
        "import sys\ndef run(n):\n    print('x' * n); print('end', file=sys.stderr)\n    return 1\n", output_kib=1
    )
    program.student.run(10)
    program.student.settle()
    assert bytes(program.student.output) in (b"xxxxxxxxxx\nend\n", b"end\nxxxxxxxxxx\n")
    program.student.run(100_000)
    program.student.settle()
    assert len(program.student.output) == 1024 and program.student.output_cut


def test_what_the_pipe_does_not_take_at_once_is_sent_on(lab: Labs) -> None:
    program = lab("def run(text):\n    return len(text)\n")
    assert [program.student.run("x" * size) for size in (700_000, 1, 700_000)] == [700_000, 1, 700_000]


def test_what_has_been_sent_on_is_no_sign_of_life(lab: Labs) -> None:
    program = lab("import threading\ndef stay(text):\n    threading.Event().wait()\n")
    with pytest.raises(RuleBroken) as broken:
        program.student.stay("x" * 700_000)
    assert broken.value.evidence["kind"] == "stuck"


def test_printing_without_end_is_stopped(lab: Labs) -> None:
    program = lab("def run():\n    while True:\n        print('x' * 1000)\n")
    with pytest.raises(RuleBroken, match="prints without end"):
        program.student.run()


def test_a_frame_that_never_ends_is_stuck(lab: Labs, forger: str) -> None:
    program = lab(
        forger + "\n\ndef stop(text):\n    send(eval(text))\n    import threading\n    threading.Event().wait()\n"
    )
    with pytest.raises(RuleBroken) as broken:
        program.student.stop(r"b'\x00\x00\x00\x09half'")
    assert broken.value.evidence["kind"] == "stuck"


def test_frames_dripped_byte_by_byte_are_frames(lab: Labs, forger: str) -> None:
    program = lab(
        forger + "\n\ndef drip(value):\n    for byte in frame(type='returned', id=2, value=value): "
        "send(bytes([byte]))\n    os._exit(0)\n"
    )
    assert program.student.drip(7) == 7  # what it says is its answer, in whatever way it says it


def test_frames_without_end_are_stopped(lab: Labs, forger: str) -> None:
    program = lab(forger + "\n\ndef flood():\n    while True: send(frame(type='started', count=1))\n")
    with pytest.raises(RuleBroken) as broken:
        program.student.flood()
    assert broken.value.evidence["kind"] == "flood"


@pytest.mark.parametrize("calls", [False, True], ids=["bytes that complete no frame", "calls of a probe"])
def test_what_says_something_now_and_then_and_sleeps_is_given_up(lab: Labs, forger: str, calls: bool) -> None:
    program = lab(
        forger + "\n\nimport time\n\ndef run(work):\n    send(b'\\x00\\x0f\\x00\\x00' if work is None else b'')\n"
        "    while True:\n"
        "        send(b' ') if work is None else work()\n"
        "        time.sleep(0.05)\n",
        idle_seconds=0.2,
    )
    with pytest.raises(RuleBroken, match="sleeps"):
        program.student.run(program.probe() if calls else None)
