"""The kernel's view: what cannot be seen proves nothing."""

from __future__ import annotations

import os
import platform
from typing import TYPE_CHECKING

import pytest

from grader.testing import kernel

if TYPE_CHECKING:
    from tests.conftest import Labs


def test_a_thread_whose_call_is_hidden_is_not_taken_for_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """As it is, to another user than root, while a process becomes another program."""
    read = kernel.read

    def hidden(path: str) -> str:
        if path.endswith("/syscall"):
            raise PermissionError(13, "Permission denied", path)
        return read(path)

    pid = os.getpid()
    monkeypatch.setattr(kernel, "read", hidden)
    view = kernel._look_at_thread(pid, pid)
    assert view is not None
    assert view.wait in ("unknown", "running")


def test_a_thread_that_has_ended_is_gone() -> None:
    assert kernel._look_at_thread(os.getpid(), 2**22 + 1) is None


@pytest.mark.parametrize(("pending", "ends"), [("0000000000000100", True), ("0000000000004000", False)])
def test_a_thread_that_is_about_to_be_killed_ends(monkeypatch: pytest.MonkeyPatch, pending: str, ends: bool) -> None:
    """Others of its process may be gone already: they do not all end at one moment, least of all under load."""
    read = kernel.read
    none = "SigPnd:\t0000000000000000"
    monkeypatch.setattr(kernel, "read", lambda path: read(path).replace(none, f"SigPnd:\t{pending}"))
    assert kernel.is_ending(os.getpid()) is ends


def test_a_call_on_a_socket_may_end_by_itself_where_the_kernel_keeps_a_limit() -> None:
    calls = {"accept": 43, "recvfrom": 45, "read": 0, "futex": 202} if platform.machine() == "x86_64" else {}
    threads = tuple(kernel.ThreadView(n, "untimed", f"{call} 0x3", 1) for n, call in enumerate(calls.values()))
    seen = kernel.View(threads, 0.0, 0).with_limits_on_sockets()
    assert [thread.wait for thread in seen.threads] == ["timed", "timed", "untimed", "untimed"][: len(calls)]


def test_what_children_share_with_their_parent_counts_once(lab: Labs) -> None:
    program = lab("""
import os
held = bytearray(b"x") * (64 << 20)

def run(wait):
    ready, go = os.pipe(), os.pipe()
    for _ in range(8):
        if os.fork() == 0:
            os.write(ready[1], b"x")
            os.read(go[0], 1)
            os._exit(0)
    for _ in range(8):
        os.read(ready[0], 1)
    wait()
    os.write(go[1], b"x" * 8)
    return sum(os.waitpid(-1, 0)[1] for _ in range(8))
""")
    gate = program.gate("wait")
    call = program.student.begin("run", gate)
    gate.wait(1)
    view = kernel.look(program.pid)
    assert view is not None and view.memory > 8 * (64 << 20)
    assert 64 << 20 < kernel.memory_shared_out(program.pid) < 2 * (64 << 20)
    gate.open()
    assert call.result() == 0
