"""Sockets of the world: the same programs see the same as with real ones, and what only schedules show."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent, indent
from typing import Any, NamedTuple

import pytest

from grader.student.world import strategies
from grader.student.world.world import World


class Outcome(NamedTuple):
    ending: str
    result: Any
    errors: list[str]
    now: float
    problem: str


class Runner:
    """A program's `scenario()`, in the world."""

    def __init__(self) -> None:
        self.world = World()

    def outcomes(self, source: str, schedules: int = 8) -> list[Outcome]:
        """What comes of it under as many schedules of each kind."""
        self.world.rebuild("program", Path("program.py"), dedent(source))
        return [self._run(strategy) for seed in range(schedules) for strategy in _strategies(seed)]

    def _run(self, strategy: Any) -> Outcome:
        results: list[Any] = []
        run = self.world.run(lambda: results.append(self.world.module("program").scenario()), strategy, 20_000)
        errors = [repr(error) for _, error in run.errors]
        return Outcome(run.ending, results[0] if results else None, errors, run.now, run.problem)


def _strategies(seed: int) -> list[Any]:
    kinds = [
        strategies.Random(seed),
        strategies.Sticky(seed),
        strategies.Priorities(seed, 3, 100),
        strategies.Lockstep(1 + seed % 5),
    ]
    return kinds if seed else [*kinds, strategies.Replay()]


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    made = Runner()
    with made.world.opened():
        yield made


@pytest.fixture
def outcomes(runner: Runner) -> Callable[..., list[Outcome]]:
    return runner.outcomes


@pytest.fixture
def in_world(runner: Runner) -> Callable[..., Any]:
    """The result of a program that ends, and in the same way, under all schedules."""

    def run(source: str, schedules: int = 8) -> Any:
        seen = runner.outcomes(source, schedules)
        for outcome in seen:
            assert (outcome.ending, outcome.errors, outcome.problem) == ("done", [], "")
            assert outcome.result == seen[0].result
        return seen[0].result

    return run


@pytest.fixture
def for_real() -> Callable[[str], Any]:
    """The result of the same program with the machine's own sockets."""

    def run(source: str) -> Any:
        space: dict[str, Any] = {"__name__": "program"}
        exec(compile(dedent(source), "program.py", "exec", dont_inherit=True), space)
        return space["scenario"]()

    return run


HEAD = """
import errno, io, select, socket, struct, threading

def seen(function, *args, **kwargs):
    try:
        return function(*args, **kwargs)
    except OSError as error:
        return type(error).__name__, errno.errorcode.get(error.errno, str(error))
    except Exception as error:
        return type(error).__name__

def pair():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = socket.create_connection(listener.getsockname())
        return client, listener.accept()[0]

def until(sock, events):
    poller = select.poll()
    poller.register(sock, events)
    poller.poll()
"""


def scenario(body: str, closes: str = "") -> str:
    """A program: `body` fills the list `out`; the sockets named in `closes` are closed at the end."""
    names = "".join(f"    {name}.close()\n" for name in closes.split())
    return (
        HEAD + "def scenario():\n    out = []\n" + indent(dedent(body).strip(), "    ") + f"\n{names}    return out\n"
    )


SAME = {
    "a reply can be read, also what came before a reset": (
        """
        c, s = pair()
        s.sendall(b"reply")
        c.sendall(b"not read")
        s.close()
        until(c, 0)
        out += [c.recv(9), seen(c.recv, 9), seen(c.recv, 9), seen(c.send, b"x")]
        """,
        "c",
    ),
    "who sends after a reset": (
        """
        c, s = pair()
        c.sendall(b"not read")
        s.close()
        until(c, 0)
        out += [seen(c.send, b"x"), seen(c.send, b"x"), seen(c.recv, 9), seen(c.getpeername)]
        """,
        "c",
    ),
    "the first send after the other has closed succeeds": (
        """
        c, s = pair()
        s.close()
        until(c, select.POLLIN)
        out += [c.send(b"x")]
        until(c, 0)
        out += [seen(c.send, b"x"), seen(c.send, b"x"), c.recv(1), seen(c.shutdown, socket.SHUT_WR)]
        """,
        "c",
    ),
    "data for one that has shut both directions": (
        """
        c, s = pair()
        s.shutdown(socket.SHUT_RDWR)
        out += [c.send(b"x")]
        until(c, 0)
        out += [seen(c.send, b"x"), c.recv(1), seen(s.recv, 1), seen(s.recv, 1), seen(s.send, b"y")]
        """,
        "c s",
    ),
    "one that has shut reading still gets what is sent": (
        """
        c, s = pair()
        s.shutdown(socket.SHUT_RD)
        out += [s.recv(1), c.send(b"x"), s.recv(1), s.recv(1), s.send(b"z"), c.recv(4)]
        """,
        "c s",
    ),
    "both have closed": (
        """
        c, s = pair()
        c.shutdown(socket.SHUT_WR)
        out += [s.recv(1)]
        s.close()
        out += [c.recv(1), seen(c.shutdown, socket.SHUT_WR), seen(c.getpeername), seen(c.send, b"r")]
        """,
        "c",
    ),
    "closing without lingering resets": (
        """
        c, s = pair()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        s.close()
        out += [seen(c.recv, 1), seen(c.recv, 1)]
        """,
        "c",
    ),
    "a listener that is shut down": (
        """
        l = socket.create_server(("127.0.0.1", 0))
        address = l.getsockname()
        c = socket.create_connection(address)
        out += [seen(l.shutdown, socket.SHUT_WR), seen(l.shutdown, socket.SHUT_RDWR)]
        out += [seen(l.shutdown, socket.SHUT_RDWR)]
        out += [seen(l.accept), seen(c.recv, 1), l.getsockname() == address, seen(socket.create_connection, address)]
        out += [seen(l.listen), l.getsockname() == address]
        """,
        "l c",
    ),
    "a socket that is not connected": (
        """
        x = socket.socket()
        out += [seen(x.recv, 1), seen(x.send, b""), seen(x.accept), seen(x.getpeername), x.getsockname()]
        out += [seen(x.shutdown, socket.SHUT_RDWR), seen(x.shutdown, 7), seen(x.listen), x.getsockname()[0]]
        out += [seen(x.connect, ("127.0.0.1", 1)), seen(x.bind, ("127.0.0.1", 0))]
        """,
        "x",
    ),
    "a connected socket": (
        """
        c, s = pair()
        out += [seen(c.connect, s.getsockname()), seen(c.listen), seen(c.bind, ("127.0.0.1", 0)), seen(c.accept)]
        out += [c.getpeername() == s.getsockname(), s.getpeername() == c.getsockname(), c.family, c.type, c.proto]
        level = socket.SOL_SOCKET
        out += [repr(s.family), s.getsockopt(level, socket.SO_TYPE), s.getsockopt(level, socket.SO_ERROR)]
        """,
        "c s",
    ),
    "connecting without blocking": (
        """
        l = socket.create_server(("127.0.0.1", 0))
        x = socket.socket()
        x.setblocking(False)
        out += [seen(x.connect, l.getsockname())]
        until(x, select.POLLOUT)
        out += [x.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), seen(x.connect, l.getsockname())]
        out += [seen(x.connect, l.getsockname()), x.connect_ex(l.getsockname()), seen(x.recv, 1)]
        """,
        "l x",
    ),
    "messages with parts": (
        """
        c, s = pair()
        out += [c.sendmsg([b"one", bytearray(b"two"), memoryview(b"three")]), c.sendmsg([])]
        out += [s.recvmsg(4), s.recvmsg(20, 10), seen(s.recvmsg, -1), seen(s.recvmsg, 1, -1)]
        c.sendall(b"four and more")
        first, second, third = bytearray(4), bytearray(3), bytearray(9)
        out += [s.recvmsg_into([first, second, third]), first, second, third]
        out += [seen(s.recvmsg_into, [b"fixed"]), seen(c.sendmsg, ["text"])]
        c.shutdown(socket.SHUT_WR)
        until(s, select.POLLRDHUP)
        out += [s.recvmsg(9)[0], s.recvmsg_into([first])[0]]
        """,
        "c s",
    ),
    "one socket with two descriptors": (
        """
        c, s = pair()
        c.settimeout(5)
        d = c.dup()
        out += [d.gettimeout(), d.getpeername() == c.getpeername(), d.fileno() != c.fileno()]
        d.sendall(b"by another")
        out += [s.recv(20)]
        c.close()
        out += [seen(c.send, b"x"), d.send(b"y"), s.recv(9)]
        d.close()
        until(s, select.POLLRDHUP)
        out += [s.recv(9), seen(d.dup)]
        """,
        "s",
    ),
    "a file that is sent": (
        """
        c, s = pair()
        file = io.BytesIO(b"0123456789")
        out += [c.sendfile(file), s.recv(20), c.sendfile(file, 2, 3), s.recv(20), file.tell()]
        c.setblocking(False)
        out += [seen(c.sendfile, file)]
        """,
        "c s",
    ),
    "limits of the kernel's": (
        """
        c, s = pair()
        moment = struct.pack("@ll", 0, 10_000)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, moment)
        out += [seen(s.recv, 1), s.gettimeout(), seen(s.recv_into, bytearray(3)), seen(s.recvmsg, 1)]
        c.sendall(b"x")
        until(s, select.POLLIN)
        out += [s.recv(9), seen(s.recv, 1)]
        s.settimeout(0.02)
        out += [seen(s.recv, 1)]
        s.settimeout(None)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("@ll", 0, 0))
        late = threading.Thread(target=c.sendall, args=(b"late",))
        late.start()
        out += [s.recv(9)]
        late.join()
        c.shutdown(socket.SHUT_WR)
        out += [s.recv(9)]
        s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, moment)
        out += [0 < s.send(bytes(30_000_000)) < 30_000_000]
        while isinstance(got := seen(s.send, bytes(100_000)), int):
            pass
        out += [got, seen(s.sendall, b"x" * 9)]
        l = socket.create_server(("127.0.0.1", 0))
        l.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, moment)
        out += [seen(l.accept)]
        x = socket.create_connection(l.getsockname())
        y, _ = l.accept()
        out += [seen(y.recv, 1)]
        full = socket.socket()
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        first, second = socket.create_connection(full.getsockname()), socket.socket()
        second.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, moment)
        out += [seen(second.connect, full.getsockname())]
        out += [seen(y.setsockopt, socket.SOL_SOCKET, socket.SO_RCVTIMEO, 3)]
        out += [seen(y.setsockopt, socket.SOL_SOCKET, socket.SO_RCVTIMEO, b"short")]
        out += [seen(y.setsockopt, socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("@ll", 0, 1_000_000))]
        """,
        "c s l x y full first second",
    ),
    "being refused": (
        """
        with socket.create_server(("127.0.0.1", 0)) as l:
            address = l.getsockname()
        x = socket.socket()
        out += [seen(x.connect, address), x.connect_ex(address)]
        x.setblocking(False)
        out += [seen(x.connect, address)]
        until(x, select.POLLOUT)
        out += [seen(x.connect, address), seen(x.connect, address)]
        until(x, select.POLLOUT)
        out += [x.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), seen(socket.create_connection, address)]
        """,
        "x",
    ),
    "a port that is in use": (
        """
        l = socket.create_server(("127.0.0.1", 0))
        x = socket.socket()
        out += [seen(x.bind, l.getsockname())]
        x.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        out += [seen(x.bind, l.getsockname()), seen(x.bind, ("", l.getsockname()[1]))]
        """,
        "x l",
    ),
    "a port that is free again": (
        """
        with socket.create_server(("127.0.0.1", 0)) as l:
            address = l.getsockname()
        x = socket.socket()
        out += [seen(x.bind, address), x.getsockname() == address, seen(x.bind, address)]
        """,
        "x",
    ),
    "the side that closed first keeps the port": (
        """
        def use(reuse, first):
            l = socket.socket()
            l.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, reuse)
            l.bind(("127.0.0.1", 0))
            l.listen()
            address = l.getsockname()
            c = socket.create_connection(address)
            s = l.accept()[0]
            for one, other in ((c, s), (s, c))[first:first + 1]:
                one.shutdown(socket.SHUT_WR)
                other.recv(1)
                other.shutdown(socket.SHUT_WR)
                one.recv(1)
            for each in (c, s, l):
                each.close()
            return address
        for first in (0, 1):
            for before in (0, 1):
                for after in (0, 1):
                    with socket.socket() as x:
                        x.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, after)
                        out += [seen(x.bind, use(before, first))]
        """,
        "",
    ),
    "connections keep the port": (
        """
        c, s = pair()
        with socket.socket() as x:
            out += [seen(x.bind, s.getsockname())]
            x.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            out += [seen(x.bind, s.getsockname()), seen(x.listen)]
        """,
        "c s",
    ),
    "a pair": (
        """
        a, b = socket.socketpair()
        out += [a.getsockname(), a.getpeername(), a.family, a.send(b"xy"), b.recvfrom(1), b.recv(9)]
        b.shutdown(socket.SHUT_RD)
        out += [seen(a.send, b"x"), b.send(b"k"), a.recv(3)]
        """,
        "a b",
    ),
    "a pair, closed with data that is not read": (
        """
        a, b = socket.socketpair()
        a.send(b"zz")
        b.close()
        out += [seen(a.send, b"x"), seen(a.recv, 1), seen(a.recv, 1)]
        """,
        "a",
    ),
    "a pair, closed": (
        """
        a, b = socket.socketpair()
        b.send(b"last")
        b.close()
        out += [a.recv(9), a.recv(9), seen(a.send, b"x"), seen(a.shutdown, socket.SHUT_WR)]
        """,
        "a",
    ),
    "looking without taking": (
        """
        c, s = pair()
        c.send(b"ab")
        c.send(b"cd")
        until(s, select.POLLIN)
        out += [s.recv(3, socket.MSG_PEEK), s.recv(3), s.recv(3)]
        """,
        "c s",
    ),
    "into a buffer": (
        """
        c, s = pair()
        c.sendall(memoryview(b"abcdef"))
        room = bytearray(4)
        out += [s.recv_into(room, 2), bytes(room), s.recv_into(room), bytes(room), seen(s.recv_into, b"x")]
        out += [seen(s.recv_into, room, 5), seen(s.recv_into, room, -1), s.recv(0)]
        """,
        "c s",
    ),
    "time-outs": (
        """
        c, s = pair()
        s.settimeout(0.01)
        out += [seen(s.recv, 1), s.gettimeout(), s.getblocking(), s.timeout]
        s.setblocking(False)
        out += [seen(s.recv, 1), s.gettimeout(), seen(s.settimeout, -1), seen(s.settimeout, "1")]
        out += [socket.timeout is TimeoutError, socket.getdefaulttimeout(), seen(c.recv, 1, socket.MSG_DONTWAIT)]
        """,
        "c s",
    ),
    "bad arguments": (
        """
        x = socket.socket()
        for address in ("q", ("127.0.0.1",), ("127.0.0.1", "1"), ("127.0.0.1", 70000), (1, 2), (None, 2)):
            out += [seen(x.bind, address), seen(x.connect, address)]
        out += [seen(x.bind, ("192.0.2.1", 0)), seen(x.send, "s"), seen(x.sendall, None), seen(x.recv, -1)]
        out += [seen(x.recv, 1.5)]
        out += [seen(x.listen, "1"), seen(socket.socket, "a"), seen(x.accept, 1)]
        out += [seen(x.connect, ("nobody.invalid", 2))]
        out += [seen(socket.socket, socket.AF_INET, socket.SOCK_STREAM, 99), seen(socket.socket, fileno=-1)]
        out += [seen(x.makefile, "q"), seen(setattr, x, "note", 1)]
        """,
        "x",
    ),
    "a closed socket": (
        """
        c, s = pair()
        for each in (c, s):
            each.close()
            each.close()
        out += [seen(c.recv, 1), seen(c.send, b"x"), seen(c.getsockname), seen(c.shutdown, 2)]
        out += [seen(c.settimeout, 1), c.fileno()]
        out += [seen(c.accept), seen(c.connect, ("127.0.0.1", 1)), repr(c).startswith("<socket.socket [closed]")]
        """,
        "",
    ),
    "files": (
        """
        c, s = pair()
        with s, s.makefile("rwb") as file:
            s.close()
            c.sendall(b"one\\ntwo\\nand ")
            c.sendall(b"three")
            c.shutdown(socket.SHUT_WR)
            out += [file.readline(), file.readline(2), file.peek(1)[:1], file.read(), file.readline()]
            file.write(b"answer")
            file.flush()
        out += [c.recv(99), c.recv(99)]
        """,
        "c",
    ),
    "files of text": (
        """
        c, s = pair()
        with c.makefile("w", encoding="utf-8", newline="\\n") as file:
            print("grün", 1, file=file)
            print("two", file=file, flush=True)
        c.shutdown(socket.SHUT_WR)
        with s.makefile(encoding="utf-8") as file:
            out += list(file)
        raw = s.makefile("rb", buffering=0)
        out += [raw.read(1), raw.closed]
        raw.close()
        """,
        "c s",
    ),
    "handing a socket on by its number": (
        """
        c, s = pair()
        number = s.detach()
        out += [s.fileno(), seen(s.recv, 1)]
        again = socket.socket(fileno=number)
        c.send(b"x")
        out += [again.recv(1), again.fileno() == number]
        """,
        "c again",
    ),
    "names": (
        """
        out += [socket.gethostbyname("localhost"), socket.gethostbyname(""), socket.inet_aton("127.0.0.1")]
        out += [socket.getaddrinfo("127.0.0.1", 80, type=socket.SOCK_STREAM)]
        out += [seen(socket.getaddrinfo, "nobody.invalid", 1)]
        out += [seen(socket.gethostbyname, "nobody.invalid"), seen(socket.create_connection, ("nobody.invalid", 1))]
        with socket.create_server(("localhost", 0)) as l:
            with socket.create_connection(("localhost", l.getsockname()[1])) as c:
                out += [c.getpeername() == l.getsockname()]
        """,
        "",
    ),
}


@pytest.mark.parametrize("name", SAME)
def test_it_is_as_with_real_sockets(name: str, in_world: Callable[..., Any], for_real: Callable[..., Any]) -> None:
    program = scenario(*SAME[name])
    assert in_world(program, 1) == for_real(program)


# --- several threads -----------------------------------------------------------------------------------

TALK = """
def serve(listener, times):
    for _ in range(times):
        connection, _ = listener.accept()
        with connection:
            data = b""
            while b"\\n" not in data:
                data += connection.recv(100)
            connection.sendall(data.upper())

def ask(address, pieces, answers):
    with socket.create_connection(address) as connection:
        for piece in pieces:
            connection.sendall(piece)
        answer = b""
        while data := connection.recv(3):
            answer += data
        answers.append(answer)

def scenario():
    answers = []
    listener = socket.create_server(("127.0.0.1", 0))
    asking = [(b"one\\n",), (b"tw", b"o\\n")]
    all = [threading.Thread(target=ask, args=(listener.getsockname(), pieces, answers)) for pieces in asking]
    all.append(threading.Thread(target=serve, args=(listener, 2)))
    for thread in all:
        thread.start()
    for thread in all:
        thread.join()
    listener.close()
    return sorted(answers)
"""


def test_server_and_clients_talk(in_world: Callable[..., Any], for_real: Callable[..., Any]) -> None:
    assert in_world(HEAD + TALK, 30) == for_real(HEAD + TALK) == [b"ONE\n", b"TWO\n"]


def test_a_request_in_pieces_is_read_in_pieces(in_world: Callable[..., Any]) -> None:
    program = scenario('c, s = pair()\nc.send(b"ab")\nc.send(b"cd")\nout += [s.recv(9), s.recv(9)]')
    assert in_world(program) == [b"ab", b"cd"]


def waking(how: str) -> str:
    return scenario(
        f"""
        listener = socket.create_server(("127.0.0.1", 0))
        thread = threading.Thread(target=lambda: out.append(seen(listener.accept)))
        thread.start()
        {how}
        thread.join()
        """
    )


def test_closing_a_listener_does_not_wake_who_accepts(outcomes: Callable[..., Any]) -> None:
    seen = outcomes(waking("listener.close()"))
    stuck = [outcome for outcome in seen if outcome.ending == "deadlock"]
    early = [outcome for outcome in seen if outcome.ending == "done"]
    assert stuck
    assert early, "closed before accept is called"
    assert all(outcome.result == [("OSError", "EBADF")] for outcome in early)


def test_shutting_a_listener_down_wakes_who_accepts(in_world: Callable[..., Any]) -> None:
    assert in_world(waking("listener.shutdown(socket.SHUT_RDWR)")) == [("OSError", "EINVAL")]


def test_a_call_under_way_keeps_the_port_and_takes_one_more(outcomes: Callable[..., Any]) -> None:
    program = scenario(
        """
        listener = socket.create_server(("127.0.0.1", 0))
        address = listener.getsockname()
        thread = threading.Thread(target=lambda: seen(listener.accept))
        thread.start()
        listener.close()
        with socket.socket() as other:
            other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            out.append(seen(other.bind, address))
        out.append(type(seen(socket.create_connection, address)) is socket.socket)
        thread.join()
        with socket.socket() as other:
            other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            out.append(seen(other.bind, address))
        """
    )
    results = [outcome.result for outcome in outcomes(program)]
    assert [("OSError", "EADDRINUSE"), True, None] in results
    assert [None, False, None] in results


def test_closing_does_not_wake_who_reads_and_says_nothing_to_the_other(outcomes: Callable[..., Any]) -> None:
    program = scenario(
        """
        c, s = pair()
        thread = threading.Thread(target=lambda: out.append(seen(s.recv, 1)))
        thread.start()
        s.close()
        c.settimeout(1)
        out.append(seen(c.recv, 1))
        seen(c.send, b"x")
        thread.join()
        """
    )
    results = [outcome.result for outcome in outcomes(program)]
    assert [("TimeoutError", "timed out"), b"x"] in results
    assert [("OSError", "EBADF"), b""] in results or [b"", ("OSError", "EBADF")] in results


def test_with_a_time_out_a_reader_sees_that_its_socket_is_closed(outcomes: Callable[..., Any]) -> None:
    program = scenario(
        """
        c, s = pair()
        s.settimeout(5)
        thread = threading.Thread(target=lambda: out.append(seen(s.recv, 1)))
        thread.start()
        s.close()
        seen(c.send, b"x")
        thread.join()
        """
    )
    assert {str(outcome.result) for outcome in outcomes(program)} == {"[('OSError', 'EBADF')]"}


def test_who_sends_more_than_is_read_waits(outcomes: Callable[..., Any]) -> None:
    program = scenario(
        """
        c, s = pair()
        thread = threading.Thread(target=c.sendall, args=(b"x" * 300_000,))
        thread.start()
        s.sendall(b"y" * 300_000)
        thread.join()
        """
    )
    assert {outcome.ending for outcome in outcomes(program, 2)} == {"deadlock"}


def test_a_reader_lets_a_sender_go_on(in_world: Callable[..., Any], for_real: Callable[..., Any]) -> None:
    program = scenario(
        """
        c, s = pair()
        thread = threading.Thread(target=lambda: [out.append(s.send(b"y" * 900_000)), s.close()])
        thread.start()
        size = 0
        while data := c.recv(65_536):
            size += len(data)
        thread.join()
        out.append(size)
        """,
        "c",
    )
    assert in_world(program, 2) == for_real(program) == [900_000, 900_000]


def test_a_full_queue_lets_nobody_connect_until_one_is_accepted(outcomes: Callable[..., Any]) -> None:
    program = scenario(
        """
        listener = socket.create_server(("127.0.0.1", 0), backlog=0)
        kept = [socket.create_connection(listener.getsockname())]
        late = threading.Thread(target=lambda: kept.append(socket.create_connection(listener.getsockname())))
        late.start()
        out.append(len(kept))
        kept.append(listener.accept()[0])
        late.join()
        out.append(len(kept))
        out.append(seen(socket.create_connection, listener.getsockname()))
        """
    )
    for outcome in outcomes(program):
        assert (outcome.ending, outcome.errors) == ("done", [])
        assert outcome.result == [1, 3, ("TimeoutError", "ETIMEDOUT")]
        assert outcome.now == 127


def test_waiting_takes_virtual_time_only(outcomes: Callable[..., Any]) -> None:
    program = scenario("c, s = pair()\ns.settimeout(3600)\nout.append(seen(s.recv, 1))")
    assert {(outcome.result[0], outcome.now) for outcome in outcomes(program, 1)} == {
        (("TimeoutError", "timed out"), 3600)
    }


def test_a_file_in_use_keeps_others_waiting_and_not_the_world(outcomes: Callable[..., Any]) -> None:
    program = scenario(
        """
        c, s = pair()
        file = s.makefile("rb")
        thread = threading.Thread(target=lambda: out.append(seen(file.readline)))
        thread.start()
        file.close()
        thread.join()
        """
    )
    assert {outcome.ending for outcome in outcomes(program)} == {"deadlock", "done"}


def test_two_who_read_one_file_get_whole_lines(in_world: Callable[..., Any]) -> None:
    program = scenario(
        """
        c, s = pair()
        file = s.makefile("rb")
        readers = [threading.Thread(target=lambda: out.append(file.readline())) for _ in range(2)]
        for reader in readers:
            reader.start()
        for piece in (b"o", b"ne\\ntw", b"o\\n"):
            c.sendall(piece)
        for reader in readers:
            reader.join()
        out.sort()
        """
    )
    assert in_world(program, 20) == [b"one\n", b"two\n"]


def test_a_port_is_kept_for_a_minute(in_world: Callable[..., Any]) -> None:
    program = scenario(
        """
        c, s = pair()
        address = s.getsockname()
        s.close()
        c.close()
        for _ in range(2):
            with socket.socket() as x:
                out.append(seen(x.bind, address))
            select.select([], [], [], 61)
        """
    )
    assert in_world(program, 1) == [("OSError", "EADDRINUSE"), None]


def test_a_socket_that_nobody_has_is_closed(in_world: Callable[..., Any]) -> None:
    program = scenario(
        """
        c, s = pair()
        del s
        out += [c.recv(1)]
        c, s = pair()
        file = c.makefile("rb")
        del c, file
        out += [s.recv(1)]
        """
    )
    assert in_world(program) == [b"", b""]


def test_numbers_of_closed_sockets_are_given_again(in_world: Callable[..., Any]) -> None:
    program = scenario(
        "a, b = socket.socketpair()\nout.append(a.fileno())\na.close()\na = socket.socket()\nout.append(a.fileno())"
    )
    assert in_world(program) == [1000, 1000]


def test_each_run_has_a_network_of_its_own(in_world: Callable[..., Any]) -> None:
    program = scenario(
        'kept = socket.create_server(("", 0))\nout.append(kept.getsockname())\nglobals()["cycle"] = [kept, globals()]'
    )
    assert in_world(program) == [("0.0.0.0", 49_152)]


@pytest.mark.parametrize(
    "call",
    [
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
        "socket.socket().sendmsg([b'x'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, b'')])",
        "socket.socket().sendmsg([b'x'], (), 0, ('', 1))",
        "socket.socket(socket.AF_UNIX).bind('x')",
        "socket.fromfd(0, socket.AF_INET, socket.SOCK_STREAM)",
        "socket.if_nameindex()",
    ],
)
def test_what_is_not_modelled_gives_no_verdict(call: str, outcomes: Callable[..., Any]) -> None:
    seen = outcomes(scenario(f"try:\n    {call}\nexcept BaseException:\n    pass"), 1)
    assert {outcome.ending for outcome in seen} == {"not modelled"}
    assert all(outcome.problem for outcome in seen)


def test_all_names_can_be_imported(in_world: Callable[..., Any]) -> None:
    program = """
        from socket import *
        def scenario():
            with create_server(("", 0)) as server:
                return server.type == SOCK_STREAM, SHUT_RD.__class__
        """
    assert in_world(program, 1) == (True, int)


SERVER = """
    import socket, threading

    def scenario():
        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                self.wfile.write(self.rfile.readline().upper())

        with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            answers = []
            for question in (b"one\\n", b"two\\n"):
                with socket.create_connection(server.server_address) as client:
                    client.sendall(question)
                    answers.append(client.recv(9))
            server.shutdown()
            thread.join()
        return answers
    """


def test_the_servers_of_the_standard_library_work(in_world: Callable[..., Any]) -> None:
    assert in_world("import socketserver\n" + dedent(SERVER), 4) == [b"ONE\n", b"TWO\n"]


def test_functions_do_not_become_methods(in_world: Callable[..., Any], for_real: Callable[..., Any]) -> None:
    program = scenario("class Names:\n    find = socket.gethostbyname\nout += [Names().find('localhost')]")
    assert in_world(program, 1) == for_real(program)


def test_waiting_for_all_of_it(programs: Any) -> None:
    found = programs.explore("""
        import socket, threading

        def scenario():
            here, there = socket.socketpair()
            def send():
                for piece in (b"ab", b"c", b"d"):
                    there.sendall(piece)
                there.close()
            threading.Thread(target=send).start()
            assert here.recv(3, socket.MSG_WAITALL) == b"abc"
            assert here.recv(9, socket.MSG_WAITALL) == b"d"
    """)
    assert found.kind in ("complete", "not found"), found
