"""Pipes: the same as the real ones, and waited for beside sockets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.student.world.conftest import Programs


def test_a_pipe_is_like_the_real_one(programs: Programs) -> None:
    programs.same(
        """
        import os, select

        def scenario():
            out, into = os.pipe()
            see(select.select([out], [into], [], 0) == ([], [into], []))
            see(os.write(into, b"one"))
            see(select.select([out], [], [], 0) == ([out], [], []))
            see(os.read(out, 2))
            see(os.read(out, 100))
            see(os.get_blocking(out))
            os.set_blocking(out, False)
            see(os.get_blocking(out))
            see(lambda: os.read(out, 1))
            see(lambda: os.write(out, b"x"))
            see(lambda: os.read(into, 1))
            os.write(into, b"last")
            see(os.close(into))
            see(os.read(out, 100))
            see(os.read(out, 100))
            see(lambda: os.write(into, b"x"))
            see(lambda: os.close(into))
            see(os.close(out))
            see(lambda: os.read(out, 1))
            again, into = os.pipe()
            os.close(again)
            see(lambda: os.write(into, b"x"))
            os.close(into)
            see([os.get_blocking(end) for end in os.pipe2(os.O_NONBLOCK)])
            see([os.get_blocking(end) for end in os.pipe2(0)])
    """
    )


@pytest.mark.parametrize("wait", ["select.select([out, listener], [], [])[0]", "[out]", "selector.select()"])
def test_a_thread_is_woken_through_a_pipe(programs: Programs, wait: str) -> None:
    found = programs.explore(f"""
        import os, select, selectors, socket, threading

        def scenario():
            out, into = os.pipe()
            listener = socket.create_server(("127.0.0.1", 0))
            selector = selectors.DefaultSelector()
            selector.register(out, selectors.EVENT_READ)
            selector.register(listener, selectors.EVENT_READ)
            got = []

            def wait():
                assert {wait}
                got.append(os.read(out, 10))

            thread = threading.Thread(target=wait)
            thread.start()
            os.write(into, b"x")
            thread.join()
            assert got == [b"x"]
    """)
    assert found.kind in ("complete", "not found"), found


def test_a_pipe_that_nobody_writes_to_is_waited_for_in_vain(programs: Programs) -> None:
    found = programs.explore("""
        import os

        def scenario():
            out, into = os.pipe()
            os.read(out, 1)
    """)
    assert found.kind == "deadlock", found


@pytest.mark.parametrize("call", ["os.read(0, 1)", "os.close(1)", "(one := socket.socket()), os.read(one.fileno(), 1)"])
def test_other_descriptors_are_refused(programs: Programs, call: str) -> None:
    found = programs.explore(f"""
        import os, socket

        def scenario():
            {call}
    """)
    assert found.kind == "inconclusive", found
