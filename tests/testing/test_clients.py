"""Clients of a student's server: over real TCP, polite ones and others."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from grader.testing import kernel
from grader.testing.connecting import checked_address
from grader.testing.outcomes import Inconclusive, RuleBroken

if TYPE_CHECKING:
    from tests.conftest import Lab, Labs

SERVER = """
import socket
import threading

def serve(answer):
    listener = socket.create_server(("127.0.0.1", 0), backlog=256)
    def accept():
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=answer, args=(connection,), daemon=True).start()
    threading.Thread(target=accept, daemon=True).start()
    return listener.getsockname()

def echo(connection):
    with connection, connection.makefile("rb") as lines:
        for line in lines:
            connection.sendall(line.upper())

def count(connection):
    with connection:
        total = 0
        while data := connection.recv(65536):
            total += len(data)
        connection.sendall(b"%d\\n" % total)

def tell(connection):
    seen = b""
    try:
        while data := connection.recv(100):
            seen += data
        ends.append(("end of file", seen))
    except ConnectionResetError:
        ends.append(("reset", seen))
    connection.close()

def hang_up(connection):
    connection.close()

def reset(connection):
    import struct
    connection.recv(1)
    connection.sendall(b"last words\\n")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()

def half_a_line(connection):
    with connection:
        connection.sendall(b"no newline")

def silent(connection):
    connection.recv(1)
    threading.Event().wait()

def half_closed(connection):
    connection.shutdown(socket.SHUT_WR)
    if connection.recv(1) == b"k":
        kept_open.append(connection)
    else:
        connection.close()

kept_open = []

def flood(connection):
    while True:
        connection.sendall(bytes(65536))

def unread(connection):
    connection.recv(1)
    connection.sendall(bytes(16384))
    connection.close()

ends = []
servers = (echo, count, tell, hang_up, reset, half_a_line, silent, half_closed, flood, unread)
serving = {f.__name__: f for f in servers}

def start(name):
    return serve(serving[name])

def what_ended():
    return ends

def listen_only():
    global kept
    kept = socket.create_server(("127.0.0.1", 0))
    return kept.getsockname()

def close_it():
    kept.close()
"""


@pytest.fixture
def program(lab: Labs) -> Lab:
    return lab(SERVER)


def test_lines_go_there_and_back(program: Lab) -> None:
    client = program.connect()(program.student.start("echo"))
    client.send(b"one\ntwo\nthr")
    assert (client.receive_line(), client.receive_line()) == (b"ONE\n", b"TWO\n")
    program.student.settle()
    assert client.received == b"" and not client.closed
    client.send(b"ee\n")
    assert client.receive_line() == b"THREE\n"
    client.finish()
    assert client.receive_all() == b""
    assert client.closed and not client.reset


def test_two_hundred_at_once(program: Lab) -> None:
    clients = program.connect()(program.student.start("echo"), 200)
    for number, client in enumerate(clients):
        client.send(b"client %d\n" % number)
    assert [client.receive_line() for client in clients] == [b"CLIENT %d\n" % number for number in range(200)]


def test_what_the_server_does_not_take_at_once_is_sent_later(program: Lab) -> None:
    client = program.connect()(program.student.start("count"))
    client.send(bytes(5_000_000))
    client.finish()
    assert client.receive_line() == b"5000000\n"


@pytest.mark.parametrize(("leave", "seen"), [("finish", "end of file"), ("close", "end of file"), ("abort", "reset")])
def test_a_client_may_leave_in_every_way(program: Lab, leave: str, seen: str) -> None:
    client = program.connect()(program.student.start("tell"))
    client.send(b"half a li")
    program.student.settle()
    getattr(client, leave)()
    program.student.settle()
    [(how, data)] = program.student.what_ended()
    assert how == seen and (data == b"half a li" or how == "reset")


def test_a_server_that_hangs_up_is_seen_and_may_be_sent_to(program: Lab) -> None:
    client = program.connect()(program.student.start("hang_up"))
    client.wait_closed()
    assert not client.reset
    client.send(b"too late\n")
    client.send(b"much too late\n")
    program.student.settle()
    assert client.receive_all() == b"" and client.closed


def test_a_server_lets_go_when_it_has_closed_and_not_when_it_says_that_it_sends_no_more(program: Lab) -> None:
    address = program.student.start("half_closed")
    closed, kept = program.connect()(address, 2)
    for client, said in ((closed, b"c"), (kept, b"k")):
        client.wait_closed()
        client.send(said)
    closed.wait_dropped()
    with pytest.raises(RuleBroken, match="waited for the server to close its side"):
        kept.wait_dropped()


def test_where_nobody_can_look_it_is_not_taken_to_have_let_go(program: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    client = program.connect()(program.student.start("silent"))
    monkeypatch.setattr(kernel, "can_look", lambda: False)
    with pytest.raises(Inconclusive, match="does not show"):
        client.wait_dropped()


def test_what_came_before_a_reset_is_kept(program: Lab) -> None:
    client = program.connect()(program.student.start("reset"))
    client.send(b"x")
    assert client.receive_line() == b"last words\n"
    client.wait_closed()
    assert client.reset


def test_a_line_without_end_is_given_as_it_came(program: Lab) -> None:
    client = program.connect()(program.student.start("half_a_line"))
    assert client.receive_line() == b"no newline"
    assert client.receive_line() == b""


def test_an_answer_that_never_comes_is_told(program: Lab) -> None:
    client = program.connect()(program.student.start("silent"))
    client.send(b"hello\n")
    with pytest.raises(RuleBroken, match=r"waited for a line from the server. Your program is stuck") as broken:
        client.receive_line()
    assert "in silent: `threading.Event().wait()` - waits to be notified (wait)" in broken.value.reason
    with pytest.raises(RuleBroken, match="waited for the server to close the connection"):
        client.receive_all()


def test_a_server_that_sends_without_end_is_stopped(program: Lab) -> None:
    client = program.connect()(program.student.start("flood"))
    with pytest.raises(RuleBroken, match="sends without end"):
        client.receive_line()


def test_refused_connections_are_told_from_taken_ones(program: Lab) -> None:
    connect = program.connect()
    address = program.student.listen_only()
    assert not connect.refused(address)
    program.student.close_it()
    assert connect.refused(address)
    assert connect.refused(("127.0.0.1", connect.free_port()))
    with pytest.raises(RuleBroken, match=f"port {address[1]} was refused"):
        connect(address)


def test_a_free_port_can_be_bound_over_there(lab: Labs) -> None:
    program = lab("import socket\ndef run(port):\n    return socket.create_server(('127.0.0.1', port)).getsockname()\n")
    port = program.connect().free_port()
    assert program.student.run(port) == ("127.0.0.1", port)


def test_clients_that_are_connected_but_not_accepted_do_not_block_the_test(program: Lab) -> None:
    clients = program.connect()(program.student.listen_only(), 5)
    assert all(client.connected and not client.closed for client in clients)


def test_a_process_that_was_never_found_is_not_stopped(program: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its number would be 0: for kill(2), everybody that we have started, and ourselves."""
    connect = program.connect()
    stopped: list[int] = []
    monkeypatch.setattr("os.kill", lambda pid, _: stopped.append(pid))
    program.student.loop.watch.pid = 0
    with pytest.raises(RuleBroken, match="gone before a client could connect"):
        connect.at_once(("127.0.0.1", 4), [b"x\n", b"y\n"])
    assert stopped == []


@pytest.mark.parametrize("how", ["gone", "at_once"])
def test_clients_come_once_all_threads_of_the_server_are_stopped(
    program: Lab, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """The signal is taken by one thread, which stops the others once it has a CPU: before that, they may accept."""
    connect, listed = program.connect(), iter([False, False])
    address = program.student.start("tell")
    begun: list[bool] = []
    monkeypatch.setattr(kernel, "is_stopped", lambda _: next(listed, True))
    begin = connect._begin
    monkeypatch.setattr(connect, "_begin", lambda *args: begun.append(next(listed, True)) or begin(*args))
    connect.gone(address) if how == "gone" else connect.at_once(address, [b"x\n", b"y\n"])
    assert begun and all(begun)


def test_a_process_is_stopped_when_all_its_threads_are(program: Lab) -> None:
    pid = program.student.loop.watch.pid
    program.student.start("tell")
    assert not kernel.is_stopped(pid)
    os.kill(pid, signal.SIGSTOP)
    while not kernel.is_stopped(pid):
        pass
    assert {kernel.state_of(pid, int(task)) for task in os.listdir(f"/proc/{pid}/task")} == {"T"}
    os.kill(pid, signal.SIGCONT)


def test_a_server_that_computes_and_never_accepts_ends_the_test(lab: Labs) -> None:
    program = lab(
        """
        import socket, threading

        def run():
            global kept
            kept = socket.create_server(("127.0.0.1", 0))
            threading.Thread(target=spin, daemon=True).start()
            return kept.getsockname()

        def spin():
            while True:
                pass
        """,
        cpu_seconds=0.3,
    )
    client = program.connect()(program.student.run())
    with pytest.raises(RuleBroken, match="computes without end"):
        client.receive_line()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0.0.0.0", "", "127.1.2.3"])
def test_addresses_of_this_machine(host: str) -> None:
    assert checked_address((host, 8080))[1] == 8080
    assert checked_address((host, 8080))[0].startswith("127.")


@pytest.mark.parametrize(
    "value",
    [
        None,
        8080,
        "127.0.0.1:8080",
        ("127.0.0.1",),
        ("127.0.0.1", "8080"),
        ("127.0.0.1", 0),
        ("127.0.0.1", 65_536),
        ("127.0.0.1", True),
        ("127.0.0.1", 10**4000),
        (b"127.0.0.1", 8080),
        ("8.8.8.8", 53),
        ("127.0.0.1.evil.example", 80),
        ("127.evil.example", 80),
        ("127.0.0.1\0", 80),
        ("127.0.0.256", 80),
        ("127.0.0.\u0661", 80),
        ("::1", 80, 0, 0),
    ],
    ids=ascii,
)
def test_nobody_else_is_connected_to(value: Any) -> None:
    with pytest.raises(RuleBroken, match=r"has to return the address bound.*it returned"):
        checked_address(value)


def test_connections_that_a_test_leaves_open_are_not_remembered(labs_in: Callable[..., Labs], reachable: Path) -> None:
    labs = labs_in(reachable, "jail")
    program = labs(SERVER)
    connect = program.connect()
    for client in connect(program.student.start("hang_up"), 3):
        client.wait_closed()
    program.student.end()
    assert labs.cell.remembers() == 0


def test_a_slow_client_reads_when_it_is_asked_to(program: Lab) -> None:
    client = program.connect().slow(program.student.start("unread"))
    client.send(b"two")
    client.wait_dropped()
    program.student.settle()
    assert client.received == b"" and not client.closed
    got = client.receive_all()
    assert 0 < len(got) < 16_384 and client.reset  # a reset has overtaken the rest


def test_a_client_can_be_gone_before_it_is_accepted(program: Lab) -> None:
    connect = program.connect()
    address = program.student.start("tell")
    connect.gone(address)
    client = connect(address)
    client.send(b"x")
    client.finish()
    client.wait_closed()
    program.student.settle()
    assert program.student.what_ended() == [("reset", b""), ("end of file", b"x")]


def test_a_client_is_turned_away_when_nobody_listens_or_it_is_closed_at_once(program: Lab) -> None:
    connect = program.connect()
    assert connect.turned_away(program.student.start("hang_up"))
    assert not connect.turned_away(program.student.start("silent"))
    waiting = program.student.listen_only()
    assert not connect.turned_away(waiting)
    program.student.close_it()
    assert connect.turned_away(waiting)
