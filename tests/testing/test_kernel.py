"""The kernel's view: what cannot be seen proves nothing."""

from __future__ import annotations

import os

import pytest

from grader.testing import kernel


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
