"""A test's script in the world: callers, probes, clients, and what is told of each run."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from grader.student.world.scenario import Codec, Exploration, Outcome
from grader.student.world.world import World, beside


def _probe_of(exploration: list[Exploration], data: Any) -> Any:
    if isinstance(data, dict) and data.get("t") == "probe":
        play = exploration[0].play
        assert play is not None
        return play.probe(data)
    if isinstance(data, dict) and data.get("t") == "fault":
        return KeyError(data["v"])
    return [] if data == {"t": "list"} else data


class Scripts:
    """Explores scripts over source texts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def explore(
        self, source: str, actors: list[Any], probes: Any = (), count: int = 40, **options: Any
    ) -> list[Outcome]:
        """All that differs in `count` runs."""
        return self.exploration(source, actors, probes, count, **options)[1]

    def exploration(
        self,
        source: str,
        actors: list[Any],
        probes: Any = (),
        count: int = 40,
        most_bytes: int = 300_000,
        **options: Any,
    ) -> tuple[Exploration, list[Outcome]]:
        """The exploration, closed, and what was seen."""
        file = self.folder / "program.py"
        file.write_text(dedent(source))
        holder: list[Exploration] = []
        codec = Codec(
            lambda data: _probe_of(holder, data), lambda value: value, lambda error: repr(error), lambda: None
        )
        script = {
            "actors": actors, "probes": [asked(**probe) for probe in probes], "seed": 0, "schedules": count,
            "steps": 4_000, "bounded": count, "cores": None, **options,
        }  # fmt: skip
        world = World(beside(self.folder))
        world.rebuild("program", file)
        with world.opened():
            exploration = Exploration(world, "program", script, codec)
            holder.append(exploration)
            found: list[Outcome] = []
            while not exploration.over:
                found += exploration.explore(15, 300_000)
                if found and found[-1].ending == "not modelled":
                    break
            self.replayed = [
                exploration.replay(outcome.switches)[1] for outcome in found[:5] if outcome.ending != "not modelled"
            ]
        return exploration, found


def asked(
    name: str = "probe", returns: Any = None, answers: Any = (), how: str = "", takes: Any = 0, cores: bool = True
) -> Any:
    """A probe, as the trusted side writes it down."""
    return {
        "name": name, "returns": returns, "answers": [list(pair) for pair in answers], "how": how, "takes": takes,
        "cores": cores,
    }  # fmt: skip


def call(out: int, name: str, *args: Any, on: int | None = None, keep: bool = False, **kwargs: Any) -> dict[str, Any]:
    """A step of a script."""
    return {
        "do": "call", "out": out, "name": name, "on": on, "args": list(args), "kwargs": kwargs, "keep": keep,
        "joins": not keep,
    }  # fmt: skip


PROBE = {"t": "probe", "id": 0}


@pytest.fixture
def scripts(tmp_path: Path) -> Scripts:
    return Scripts(tmp_path)


def test_what_a_call_returns_or_raises_is_told(scripts: Scripts) -> None:
    (seen,) = scripts.explore(
        "def double(x, y=0):\n    return 2 * x + y\ndef fails():\n    raise ValueError('no')\n",
        [[call(0, "double", 4), call(1, "fails"), call(2, "double", 1, y=5), call(3, "missing")]],
    )
    assert seen.results["0"] == ["value", 8] and seen.results["2"] == ["value", 7]
    assert seen.results["1"] == ["error", "ValueError('no')"]
    assert seen.results["3"][0] == "error" and "missing" in seen.results["3"][1]
    assert (seen.ending, seen.threads, seen.errors, seen.left) == ("done", 0, [], {"0": 0, "1": 0, "2": 0, "3": 0})


def test_objects_are_kept_and_their_methods_called(scripts: Scripts) -> None:
    (seen,) = scripts.explore(
        "class Box:\n    def __init__(self, n): self.n = n\n"
        "    def add(self, m):\n        self.n += m\n        return self.n\n",
        [[call(0, "Box", 3, keep=True), call(1, "add", 4, on=0), call(2, "add", {"t": "later", "v": 1}, on=0)]],
    )
    assert seen.results == {"0": ["kept", "Box"], "1": ["value", 7], "2": ["value", 14]}


def test_calls_on_what_was_never_made_are_left_out(scripts: Scripts) -> None:
    (seen,) = scripts.explore(
        "class Box:\n    def __init__(self): raise OSError('no')\n", [[call(0, "Box", keep=True), call(1, "add", on=0)]]
    )
    assert seen.results == {"0": ["error", "OSError('no')"]} and seen.ending == "done"


def test_two_callers_at_once(scripts: Scripts) -> None:
    start = {"do": "start", "actor": 1, "name": "caller 1"}
    exploration, seen = scripts.exploration(
        "total = 0\ndef add():\n    global total\n    total += 1\n    return total\n",
        [[start, call(0, "add")], [call(1, "add")]],
        count=200,
    )
    answers = {(outcome.results["0"][1], outcome.results["1"][1]) for outcome in seen}
    assert {(1, 2), (2, 1), (1, 1)} <= answers <= {(1, 2), (2, 1), (1, 1), (2, 2)}
    assert {outcome.threads for outcome in seen} == {0} and exploration.tried == 200


def test_what_was_seen_before_is_not_told_again(scripts: Scripts) -> None:
    exploration, seen = scripts.exploration("def f():\n    return 1\n", [[call(0, "f")]], count=50)
    assert len(seen) == 1 and exploration.over
    assert len({outcome.as_bytes() for outcome in seen}) == len(seen)


def test_a_replay_shows_the_same(scripts: Scripts) -> None:
    start = {"do": "start", "actor": 1, "name": "caller 1"}
    source = "total = 0\ndef add(p):\n    global total\n    p(total)\n    total += 1\n    return total\n"
    seen = scripts.explore(source, [[start, call(0, "add", PROBE)], [call(1, "add", PROBE)]], [{}], 60)
    assert [outcome.as_bytes() for outcome in scripts.replayed] == [outcome.as_bytes() for outcome in seen[:5]]
    assert len(seen) > 2


WORKERS = """
import threading

def spread(work, items):
    found = []
    threads = [threading.Thread(target=lambda item=item: found.append(work(item))) for item in items]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(found)

def leave(work, items):
    for item in items:
        threading.Thread(target=work, args=(item,)).start()

def stuck(work):
    threading.Event().wait()
"""


def test_calls_of_probes_are_told(scripts: Scripts) -> None:
    probes = [{"how": "sum", "takes": "each"}]
    for seen in scripts.explore(WORKERS, [[call(0, "spread", PROBE, [[1, 2], [3]])]], probes):
        assert seen.results["0"] == ["value", [3, 3]] and seen.threads == 2
        by_args = {tuple(entry[2][0]): entry for entry in seen.entries}
        assert [by_args[1, 2][4] - by_args[1, 2][3], by_args[3,][4] - by_args[3,][3]] == [2, 1]
        assert sorted(order for entry in seen.entries for order in entry[5:]) == [1, 2, 3, 4]
        assert len({entry[1] for entry in seen.entries}) == 2 and 0 not in {entry[1] for entry in seen.entries}


def test_what_a_probe_answers(scripts: Scripts) -> None:
    source = "def ask(p, *args):\n    return [p(arg) for arg in args]\n"
    cases: list[tuple[dict[str, Any], list[Any], Any]] = [
        ({"returns": 5}, [1, 2], [5, 5]),
        ({"returns": 5, "answers": [(1, 7)]}, [1, 2], [7, 5]),
        ({"how": "sum"}, [[1, 2], []], [3, 0]),
        ({"how": "sum", "answers": [([1], 9)]}, [[1], [2]], [9, 2]),
    ]
    for probe, args, expected in cases:
        (seen,) = scripts.explore(source, [[call(0, "ask", PROBE, *args)]], [probe], 1)
        assert seen.results["0"] == ["value", expected], probe
    (seen,) = scripts.explore(source, [[call(0, "ask", PROBE, 1)]], [{"returns": {"t": "fault", "v": "k"}}], 1)
    assert seen.results["0"] == ["error", "KeyError('k')"]
    assert seen.entries[0][4] is not None, "a probe that raises has ended"


def test_answers_are_the_same_in_each_run(scripts: Scripts) -> None:
    """Some are decoded once; one that a program can change is its own each time."""
    source = "def ask(p):\n    found = [p(1), p(2), p(3)]\n    found[2].append(4)\n    return found\n"
    probes = [{"answers": [(1, "one"), (2, "two"), (3, {"t": "list"})]}]
    runs = scripts.explore(source, [[call(0, "ask", PROBE)]], probes, 3)
    assert [run.results["0"] for run in runs] == [["value", ["one", "two", [4]]]], "all three runs are alike"


@pytest.mark.parametrize(("cores", "makespan"), [(1, 9), (2, 5), (3, 4), (None, 4)])
def test_makespan_on_so_many_cores(scripts: Scripts, cores: int | None, makespan: float) -> None:
    probes = [{"takes": [(4, 4), (3, 3), (2, 2)]}]
    source = WORKERS.replace("sorted(found)", "len(found)")
    (seen,) = scripts.explore(source, [[call(0, "spread", PROBE, [4, 3, 2])]], probes, 1, cores=cores)
    assert max(entry[4] for entry in seen.entries) == makespan
    waits = [{"takes": [(4, 4), (3, 3), (2, 2)], "cores": False}]
    (seen,) = scripts.explore(source, [[call(0, "spread", PROBE, [4, 3, 2])]], waits, 1, cores=cores)
    assert max(entry[4] for entry in seen.entries) == 4


def test_threads_that_are_left_behind_a_call_are_counted(scripts: Scripts) -> None:
    seen = scripts.explore(WORKERS, [[call(0, "leave", PROBE, [1, 2])]], [{}])
    assert {outcome.left["0"] for outcome in seen} == {0, 1, 2} or {outcome.left["0"] for outcome in seen} == {1, 2}
    assert {outcome.ending for outcome in seen} == {"done"}


def test_calls_that_do_not_end_are_told(scripts: Scripts) -> None:
    (seen,) = scripts.explore(WORKERS, [[call(0, "stuck", PROBE)]], [{}], 5)
    assert seen.ending == "deadlock" and seen.results == {}
    assert [part[:2] for part in seen.stuck] == [["MainThread", "wait"]]


def test_errors_of_threads_are_told(scripts: Scripts) -> None:
    source = WORKERS.replace("found.append(work(item))", "1 / 0")
    seen = scripts.explore(source, [[call(0, "spread", PROBE, [1])]], [{}], 5)
    assert [error for _, error in seen[0].errors] == ["ZeroDivisionError('division by zero')"]
    assert seen[0].results["0"] == ["value", []]


def test_what_is_not_modelled_is_told_and_ends_it(scripts: Scripts) -> None:
    seen = scripts.explore("def f():\n    import subprocess\n    subprocess.run([])\n", [[call(0, "f")]])
    assert [(outcome.ending, outcome.problem) for outcome in seen] == [("not modelled", "subprocess.run")]
    assert seen[0].results == {}


def test_a_module_that_cannot_be_imported_is_an_error(scripts: Scripts) -> None:
    (seen,) = scripts.explore("raise ValueError('at import')\n", [[call(0, "f")]], count=3)
    assert seen.errors == [["MainThread", "ValueError('at import')"]] and seen.results == {}


def test_each_run_has_a_fresh_module(scripts: Scripts) -> None:
    seen = scripts.explore("n = 0\ndef f():\n    global n\n    n += 1\n    return n\n", [[call(0, "f"), call(1, "f")]])
    assert [outcome.results for outcome in seen] == [{"0": ["value", 1], "1": ["value", 2]}]


def test_probes_that_are_called_without_end_are_stopped(scripts: Scripts) -> None:
    (seen,) = scripts.explore("def f(p):\n    while True: p()\n", [[call(0, "f", PROBE)]], [{}], 1, steps=100_000)
    assert "without end" in str(seen.results["0"]) and len(seen.entries) == 4_000


SERVER = """
import socket, threading

class Server:
    def __init__(self, handle):
        self.handle = handle

    def start(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()
        return self.socket.getsockname()

    def serve(self):
        connection, _ = self.socket.accept()
        with connection, connection.makefile("rb") as file:
            connection.sendall((self.handle() + file.readline().decode()).encode())

    def stop(self):
        self.thread.join()
        self.socket.close()
"""


def test_clients_talk_to_a_server(scripts: Scripts) -> None:
    client = {
        "do": "client",
        "out": 2,
        "address": 1,
        "sends": ["he", "llo\n"],
        "hangs_up": False,
        "goes_on": "",
        "pause": 0,
    }
    refused = {**client, "out": 4}
    steps = [
        call(0, "Server", PROBE, keep=True),
        call(1, "start", on=0, keep=True),
        client,
        call(3, "stop", on=0),
        refused,
    ]
    seen = scripts.explore(SERVER, [steps], [{"returns": "x"}], 30)
    assert {json.dumps([outcome.results["2"], outcome.results["4"]]) for outcome in seen} == {
        json.dumps([["client", ["closed", "xhello\n"]], ["client", ["refused", ""]]])
    }
    assert {outcome.ending for outcome in seen} == {"done"}


LISTENS_FOR = """
import socket
import threading

class Server:
    def __init__(self, most):
        self.most = most
        self.socket = socket.create_server(("127.0.0.1", 0))

    def start(self):
        threading.Thread(target=self.serve).start()
        return self.socket.getsockname()

    def serve(self):
        connection, _ = self.socket.accept()
        with connection:
            connection.sendall(b"hello")
            for _ in range(self.most):
                if not connection.recv(100):
                    break
        self.socket.close()
"""


@pytest.mark.parametrize(("most", "ending"), [(3, "closed"), (1_990, "closed"), (10_000, "outlasted")])
def test_a_client_goes_on_until_the_server_has_had_enough(scripts: Scripts, most: int, ending: str) -> None:
    client = {"do": "client", "out": 2, "address": 1, "sends": ["he"], "hangs_up": False, "goes_on": "x", "pause": 0}
    steps = [call(0, "Server", most, keep=True), call(1, "start", on=0, keep=True), client]
    (seen,) = scripts.explore(LISTENS_FOR, [steps], [], 1, steps=100_000)
    assert (seen.ending, seen.results["2"]) == ("done", ["client", [ending, "" if ending == "outlasted" else "hello"]])


def test_a_client_lets_time_pass(scripts: Scripts) -> None:
    client = {"do": "client", "out": 2, "address": 1, "sends": ["a", "b"], "hangs_up": False, "goes_on": "", "pause": 3}
    program = """
import socket
import threading
import time

class Server:
    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))

    def start(self):
        self.begun = time.monotonic()
        threading.Thread(target=self.serve).start()
        return self.socket.getsockname()

    def serve(self):
        connection, _ = self.socket.accept()
        with connection:
            came = [connection.recv(1) + b"%d" % (time.monotonic() - self.begun) for _ in range(2)]
            connection.sendall(b" ".join(came))
        self.socket.close()

    def stop(self):
        return time.monotonic() - self.begun
"""
    steps = [call(0, "Server", keep=True), call(1, "start", on=0, keep=True), client, call(3, "stop", on=0)]
    (seen,) = scripts.explore(program, [steps], [], 1)
    assert (seen.results["2"], seen.results["3"]) == (["client", ["closed", "a0 b3"]], ["value", 6.0])
