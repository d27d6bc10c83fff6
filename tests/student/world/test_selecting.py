"""Waiting for several sockets in the world: as with the real modules, and what only schedules show."""

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


def scenario(body: str) -> str:
    """A program: `body` fills the list `out`."""
    return HEAD + "def scenario():\n    out = []\n" + indent(dedent(body).strip(), "    ") + "\n    return out\n"


HEAD = """
import errno, select, selectors, socket, threading

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
"""

SAME = {
    "select": """
        c, s = pair()
        with c, s:
            out += [select.select([c, s], [], [], 0), select.select([], [c], [], 0) == ([], [c], [])]
            c.send(b"x")
            out += [select.select([c, s], [], [])[0] == [s], select.select([s.fileno()], [], [])[0] == [s.fileno()]]
            s.close()
            out += [select.select([c], [c], [c]) == ([c], [c], []), c.fileno() > 0]
        out += [seen(select.select, [c], [], []), seen(select.select, ["c"], [], [])]
        out += [seen(select.select, [], [], [], -1)]
        out += [seen(select.select, [], [], [], "1"), select.select([], [], [], 0.01), seen(select.select, 1, [], [])]
        """,
    "select on a listener": """
        with socket.create_server(("127.0.0.1", 0)) as l:
            out += [select.select([l], [l], [], 0)]
            with socket.create_connection(l.getsockname()) as c:
                out += [select.select([l], [], []) == ([l], [], [])]
                l.accept()[0].close()
                out += [select.select([l], [], [], 0)]
            l.shutdown(socket.SHUT_RDWR)
            out += [select.select([l], [], []) == ([l], [], [])]
        """,
    "poll": """
        c, s = pair()
        with c, s:
            poller = select.poll()
            poller.register(c)
            poller.register(s, select.POLLIN)
            names = {c.fileno(): "c", s.fileno(): "s"}
            out += [[(names[fd], mask) for fd, mask in poller.poll()]]
            c.send(b"x")
            poller.modify(c, 0)
            out += [[(names[fd], mask) for fd, mask in poller.poll(50)], seen(poller.modify, 5, 1)]
            s.recv(1)
            out += [poller.poll(0), poller.poll(1)]
            s.shutdown(socket.SHUT_WR)
            c.shutdown(socket.SHUT_WR)
            out += [sorted((names[fd], mask) for fd, mask in poller.poll())]
            poller.unregister(s)
            out += [seen(poller.unregister, s)]
            poller.modify(c, select.POLLIN | select.POLLOUT | select.POLLRDHUP)
            out += [[(names[fd], mask) for fd, mask in poller.poll()]]
            c.close()
            out += [[mask for fd, mask in poller.poll()]]
        """,
    "masks of what is not connected, shut down, reset": """
        def mask(sock):
            poller = select.poll()
            poller.register(sock, select.POLLIN | select.POLLOUT | select.POLLRDHUP)
            return [mask for fd, mask in poller.poll(0)]
        with socket.socket() as x, socket.create_server(("127.0.0.1", 0)) as l:
            out += [mask(x), mask(l)]
            l.shutdown(socket.SHUT_RDWR)
            out += [mask(l)]
        for how in (socket.SHUT_RD, socket.SHUT_WR, socket.SHUT_RDWR):
            for c, s in (pair(), socket.socketpair()):
                with c, s:
                    c.shutdown(how)
                    select.select([c, s], [], [], 0 if how == socket.SHUT_RD else None)
                    out += [mask(c), mask(s)]
        for c, s in (pair(), socket.socketpair()):
            with c:
                c.send(b"x")
                s.close()
                select.select([c], [], [])
                out += [mask(c), seen(c.recv, 1), mask(c)]
        """,
    "epoll": """
        c, s = pair()
        with c, s, select.epoll() as poller:
            poller.register(c, select.EPOLLIN)
            poller.register(s.fileno(), select.EPOLLIN | select.EPOLLOUT)
            out += [[mask for fd, mask in poller.poll()], seen(poller.register, c)]
            out += [seen(poller.modify, c, select.EPOLLOUT)]
            out += [[mask for fd, mask in poller.poll(1)], [mask for fd, mask in poller.poll(maxevents=1)]]
            poller.unregister(s)
            out += [seen(poller.unregister, s), seen(poller.modify, s, 1), seen(poller.poll, 0, 0)]
            c.close()
            out += [poller.poll(0), poller.poll(0.01), seen(poller.register, c)]
        out += [poller.closed, seen(poller.poll)]
        """,
    "epoll that tells once": """
        c, s = pair()
        with c, s, select.epoll() as poller:
            poller.register(c, select.EPOLLOUT | select.EPOLLONESHOT)
            out += [[mask for fd, mask in poller.poll()], poller.poll(0), poller.poll(0.01)]
            poller.modify(c, select.EPOLLIN | select.EPOLLONESHOT)
            out += [poller.poll(0)]
            s.send(b"x")
            out += [[mask for fd, mask in poller.poll()], poller.poll(0)]
            s.close()
            out += [poller.poll(0.01)]
        """,
    "selectors": """
        for name in ("Default", "Select", "Poll", "Epoll"):
            kind = getattr(selectors, f"{name}Selector")
            c, s = pair()
            with c, s, kind() as selector:
                key = selector.register(c, selectors.EVENT_READ, "the client")
                out += [key.fileobj is c, key.fd == c.fileno(), key.events, key.data, selector.select(0)]
                selector.register(s, selectors.EVENT_READ | selectors.EVENT_WRITE, "the server")
                out += [[(key.data, events) for key, events in selector.select()]]
                out += [seen(selector.register, s, 1), seen(selector.register, 7, 0), seen(selector.get_key, 3)]
                s.send(b"x")
                select.select([c], [], [])
                out += [sorted((key.data, events) for key, events in selector.select())]
                selector.modify(s, selectors.EVENT_READ, "changed")
                out += [[(key.data, events) for key, events in selector.select(None)], len(selector.get_map())]
                c.recv(1)
                out += [selector.select(0.01), selector.select(-1)]
                s.shutdown(socket.SHUT_WR)
                out += [[(key.data, events) for key, events in selector.select()], selector.unregister(s).data]
                out += [seen(selector.unregister, s), s in selector.get_map(), c in selector.get_map()]
                c.close()
                out += [selector.unregister(c).data, isinstance(selector, selectors.BaseSelector)]
            out += [selector.get_map()]
        """,
}


@pytest.mark.parametrize("name", SAME)
def test_it_is_as_with_real_sockets(name: str, in_world: Callable[..., Any], for_real: Callable[..., Any]) -> None:
    program = scenario(SAME[name])
    assert in_world(program, 1) == for_real(program)


# --- several threads -----------------------------------------------------------------------------------

LOOP = """
def serve(kind, listener, stop):
    with kind() as selector, listener, stop:
        selector.register(listener, selectors.EVENT_READ)
        selector.register(stop, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fileobj is stop:
                    return
                if key.fileobj is listener:
                    client, _ = listener.accept()
                    client.setblocking(False)
                    selector.register(client, selectors.EVENT_READ, bytearray())
                    continue
                data = key.fileobj.recv(10)
                key.data.extend(data)
                if not data or b"\\n" in key.data:
                    selector.unregister(key.fileobj)
                    with key.fileobj:
                        key.fileobj.sendall(key.data.upper())

def ask(address, pieces, answers):
    with socket.create_connection(address) as connection:
        for piece in pieces:
            connection.sendall(piece)
        answers.append(connection.recv(100))

def scenario():
    answers = []
    for kind in (selectors.DefaultSelector, selectors.SelectSelector, selectors.PollSelector):
        listener = socket.create_server(("127.0.0.1", 0))
        bell, stop = socket.socketpair()
        server = threading.Thread(target=serve, args=(kind, listener, stop))
        asking = [(b"one\\n",), (b"tw", b"o\\n")]
        clients = [threading.Thread(target=ask, args=(listener.getsockname(), pieces, answers)) for pieces in asking]
        for thread in [server, *clients]:
            thread.start()
        for thread in clients:
            thread.join()
        with bell:
            bell.send(b"!")
            server.join()
    return sorted(answers)
"""


def test_a_loop_serves_all_and_is_stopped(in_world: Callable[..., Any], for_real: Callable[..., Any]) -> None:
    assert in_world(HEAD + LOOP, 20) == for_real(HEAD + LOOP) == [b"ONE\n"] * 3 + [b"TWO\n"] * 3


@pytest.mark.parametrize("kind", ["DefaultSelector", "SelectSelector", "PollSelector"])
@pytest.mark.parametrize("act", ["c.send(b'x')", "c.close()", "c.shutdown(socket.SHUT_WR)"])
def test_who_waits_is_woken(kind: str, act: str, in_world: Callable[..., Any]) -> None:
    program = scenario(
        f"""
        c, s = pair()
        selector = selectors.{kind}()
        selector.register(s, selectors.EVENT_READ)
        thread = threading.Thread(target=lambda: out.append(selector.select()[0][1]))
        thread.start()
        {act}
        thread.join()
        """
    )
    assert in_world(program) == [1]


def test_closing_a_socket_does_not_wake_who_waits_for_it(outcomes: Callable[..., Any]) -> None:
    program = scenario(
        """
        c, s = pair()
        selector = selectors.DefaultSelector()
        selector.register(s, selectors.EVENT_READ)
        thread = threading.Thread(target=selector.select)
        thread.start()
        s.close()
        thread.join()
        """
    )
    assert {outcome.ending for outcome in outcomes(program, 3)} == {"deadlock"}


def test_a_loop_hears_of_what_others_register_meanwhile(in_world: Callable[..., Any]) -> None:
    program = scenario(
        """
        c, s = pair()
        selector = selectors.EpollSelector()
        thread = threading.Thread(target=lambda: out.append(len(selector._selector.poll())))
        thread.start()
        selector.register(s, selectors.EVENT_WRITE)
        thread.join()
        """
    )
    assert in_world(program) == [1]


def test_one_can_wait_for_room(in_world: Callable[..., Any]) -> None:
    program = scenario(
        """
        c, s = pair()
        c.setblocking(False)
        size = 0
        try:
            while True:
                size += c.send(bytes(100_000))
        except BlockingIOError:
            out.append(select.select([], [c], [], 0))
        def read():
            left = size
            while left:
                left -= len(s.recv(65_536))
        thread = threading.Thread(target=read)
        thread.start()
        out.append(select.select([], [c], []) == ([], [c], []))
        thread.join()
        """
    )
    assert in_world(program, 3) == [([], [], []), True]


def test_a_number_given_again_is_another_socket(in_world: Callable[..., Any]) -> None:
    program = scenario(
        """
        a, b = socket.socketpair()
        poller = select.epoll()
        poller.register(a, select.EPOLLOUT)
        number = a.fileno()
        a.close()
        c, d = socket.socketpair()
        out += [c.fileno() == number, poller.poll(0)]
        poller.register(c, select.EPOLLOUT)
        out += [len(poller.poll(0))]
        """
    )
    assert in_world(program, 1) == [True, [], 1]


def test_waiting_takes_virtual_time_only(outcomes: Callable[..., Any]) -> None:
    program = scenario(
        """
        a, b = socket.socketpair()
        selector = selectors.DefaultSelector()
        selector.register(a, selectors.EVENT_READ)
        out += [select.select([a], [], [], 1000), selector.select(500)]
        """
    )
    assert {outcome.now for outcome in outcomes(program, 1)} == {1500}


@pytest.mark.parametrize(
    "call",
    ["select.select([0], [], [])", "select.poll().register(1)", "select.epoll().register(2)", "select.epoll().fileno()",
     "select.epoll().register(socket.socket(), select.EPOLLET)", "select.epoll.fromfd(0)"],
)  # fmt: skip
def test_what_is_not_modelled_gives_no_verdict(call: str, outcomes: Callable[..., Any]) -> None:
    seen = outcomes(scenario(f"try:\n    {call}\nexcept BaseException:\n    pass"), 1)
    assert {outcome.ending for outcome in seen} == {"not modelled"}


def test_what_other_systems_have_is_not_there(in_world: Callable[..., Any]) -> None:
    program = scenario("out += [hasattr(select, 'kqueue'), hasattr(selectors, 'KqueueSelector')]")
    assert in_world(program, 1) == [False, False]
