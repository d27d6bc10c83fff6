"""What a program says on the wire in place of the harness, and what the harness says whatever the program does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from grader.testing.outcomes import RuleBroken

if TYPE_CHECKING:
    from tests.conftest import Labs

NO_FRAMES = [
    r"b'\x00\x00\x00\x05hello'",
    r"b'\xff\xff\xff\xff'",
    r"b'\x00\x10\x00\x01'",
    r"b'\x00\x00\x00\x00'",
    "frame(type='returned', id=77, value=1)",
    "frame(type='returned', id=1, value=[])",
    "frame(type='returned', id=2, value='forged') + frame(type='returned', id=2, value='forged')",
    "frame(type='returned', id=2)",
    "frame(type='returned', id='2', value=1)",
    "frame(type='returned', id=2, value=1, more=1)",
    "frame(type='returned', id=2, value={'t': 'pickle', 'v': 'gASV'})",
    "frame(type='returned', id=2, value={'t': 'int', 'v': '0x' + 'f' * 100_000})",
    "frame(type='returned', id=2, value={'v': 1})",
    "frame(type='returned', id=2, value=eval('[' * 100 + ']' * 100))",
    r"b'\x00\x01\x86\xa0' + b'[' * 100_000",
    "frame(type='raised', id=2, error=5)",
    "frame(type='raised', id=2, error={'t': 'raised'})",
    "frame(type='raised', id=2, error={'t': 'tuple', 'v': []})",
    "frame(type='began', id=77, thread=1)",
    "frame(type='began', id=2, thread=1)",  # it has begun already
    "frame(type='working')",  # no world is open
    "frame(type='lines', arcs=[[1, 2]])",  # nobody has asked
    "frame(type='asked', id=9, probe=0, thread=1, args=[], kwargs={})",
    "frame(type='asked', id=-1, probe=-1, thread=1, args=[], kwargs={})",
    "frame(type='exiting', ask=5)",
    "frame(type='invoke', id=1, name='run', on=None, args=[], kwargs={})",
    "frame(type='stacks', threads=[1])",
    "frame(type='explored', id=2, observed=[], tried=0, over=True, complete=True, story=None)",
    "frame(type='returned', id=2, value={'t': 'set', 'v': [n * (2**61 - 1) for n in range(9000)]})",
    'b\'\\x00\\x00\\x00\\x29\' + b\'{"type":"returned","id":2,"value":"\\\\ud800"}\'',
]


@pytest.mark.parametrize("frame", NO_FRAMES, ids=range(len(NO_FRAMES)))
def test_a_forged_frame_ends_the_test(lab: Labs, forger: str, frame: str) -> None:
    program = lab(forger)
    with pytest.raises(RuleBroken) as broken:
        program.student.run(frame)
        program.student.settle()
    assert broken.value.evidence["kind"] == "forged frame", broken.value.reason
    assert len(broken.value.reason) < 400


@pytest.mark.parametrize(
    "pairs",
    [
        None,
        [],
        [["name", "x"]],
        [["name", 1], ["fault", "a"], ["seen", "b"]],
        [["name", "x"], ["fault", "a"], ["seen", None]],
    ],
)
def test_a_forged_reply_to_the_import_is_the_students_fault(lab: Labs, forger: str, pairs: Any) -> None:
    fault = 5 if pairs is None else {"t": "dict", "v": pairs}
    for value in (fault, [fault], [[fault]]):
        with pytest.raises(RuleBroken) as broken:
            lab(forger + f"\nsend(frame(type='returned', id=1, value={value!r}))\nos.read(os.pipe()[0], 1)\n")
        assert broken.value.evidence["kind"] == "forged frame"


def test_calls_are_heard_whatever_signals_come_in_between(lab: Labs) -> None:
    program = lab("""
        import signal

        signal.signal(signal.SIGALRM, lambda *_: None)
        signal.setitimer(signal.ITIMER_REAL, 1e-4, 1e-4)

        def run(work):
            return [work(number) for number in range(100)]
    """)
    assert program.student.run(program.probe(answer=lambda call: call.args[0])) == list(range(100))
    assert program.student.flags == []
