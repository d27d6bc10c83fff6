"""Pipes, event counters and sockets by their descriptors: the same as the real ones, and waited for together."""

from __future__ import annotations

import os
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


def test_a_socket_is_read_and_written_as_a_descriptor(programs: Programs) -> None:
    programs.same(
        """
        import os, select, socket

        def scenario():
            with socket.create_server(("127.0.0.1", 0)) as listener:
                client = socket.create_connection(listener.getsockname())
                server, _ = listener.accept()
            see(os.write(client.fileno(), b"one line"))
            see(os.read(server.fileno(), 3))
            see(server.recv(9))
            server.settimeout(5)
            see(lambda: os.read(server.fileno(), 1))
            server.settimeout(None)
            other = socket.fromfd(client.fileno(), client.family, client.type)
            see(other.fileno() != client.fileno())
            os.close(client.detach())
            other.sendall(b"by another")
            see(os.read(server.fileno(), 20))
            other.shutdown(socket.SHUT_WR)
            see(os.read(server.fileno(), 20))
            see(os.close(server.detach()))
            other.close()
    """
    )


@pytest.mark.skipif(not hasattr(os, "eventfd"), reason="Linux has it")
def test_an_event_counter_is_like_the_real_one(programs: Programs) -> None:
    programs.same(
        """
        import os, select

        def scenario():
            number = os.eventfd(2)
            see(select.select([number], [number], [], 0) == ([number], [number], []))
            see(os.eventfd_read(number))
            see(select.select([number], [], [], 0) == ([], [], []))
            see(os.eventfd_write(number, 3))
            see(os.eventfd_write(number, 4))
            see(os.read(number, 8))
            see(os.write(number, (9).to_bytes(8, "little")))
            see(lambda: os.write(number, b"x"))
            see(lambda: os.eventfd_write(number, -1))
            see(lambda: os.eventfd_write(number, "1"))
            see(lambda: os.read(number, 7))
            see(os.eventfd_read(number))
            see(os.get_blocking(number))
            os.set_blocking(number, False)
            see(lambda: os.eventfd_read(number))
            see(os.close(number))
            see(lambda: os.eventfd_read(number))
            see(lambda: os.eventfd_write(number, 1))
            one_by_one = os.eventfd(2, os.EFD_SEMAPHORE | os.EFD_NONBLOCK)
            see([os.eventfd_read(one_by_one), os.eventfd_read(one_by_one)])
            see(lambda: os.eventfd_read(one_by_one))
            see(lambda: os.eventfd(-1))
            os.close(one_by_one)
    """
    )


@pytest.mark.parametrize("wake", ["os.eventfd_write(number, 1)", "os.write(number, (1).to_bytes(8, 'little'))"])
@pytest.mark.skipif(not hasattr(os, "eventfd"), reason="Linux has it")
def test_a_thread_is_woken_by_an_event_counter(programs: Programs, wake: str) -> None:
    found = programs.explore(f"""
        import os, select, threading

        def scenario():
            number = os.eventfd(0)
            got = []

            def wait():
                with select.epoll() as poller:
                    poller.register(number, select.EPOLLIN)
                    poller.poll()
                got.append(os.eventfd_read(number))

            thread = threading.Thread(target=wait)
            thread.start()
            {wake}
            thread.join()
            assert got == [1]
    """)
    assert found.kind in ("complete", "not found"), found


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


@pytest.mark.parametrize(
    "call", ["os.read(0, 1)", "os.close(1)", "(one := socket.socket()), os.set_blocking(one.fileno(), True)"]
)
def test_other_descriptors_are_refused(programs: Programs, call: str) -> None:
    found = programs.explore(f"""
        import os, socket

        def scenario():
            {call}
    """)
    assert found.kind == "inconclusive", found
