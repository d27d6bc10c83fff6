"""Deadlocks are proved, and whatever can still go on is never taken for one. Real processes, real kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from grader.testing.outcomes import RuleBroken

if TYPE_CHECKING:
    from tests.conftest import Labs


def ended_with(lab: Labs, source: str, **limits: Any) -> RuleBroken:
    """What a call of `run()` in a program of this text ends the test with."""
    student = lab(source, **limits).student
    with pytest.raises(RuleBroken) as broken:
        student.run()
    return broken.value


DEADLOCKS = {
    "one lock taken twice": """
        import threading

        def run():
            lock = threading.Lock()
            lock.acquire()
            lock.acquire()
    """,
    "two locks in two orders": """
        import threading

        a, b, met = threading.Lock(), threading.Lock(), threading.Barrier(2)

        def both(first, second):
            with first:
                met.wait()
                with second:
                    pass

        def run():
            threads = [threading.Thread(target=both, args=pair) for pair in ((a, b), (b, a))]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
    """,
    "two threads that join each other": """
        import threading

        def run():
            me = threading.current_thread()
            thread = threading.Thread(target=me.join)
            thread.start()
            thread.join()
    """,
    "an empty queue": """
        import queue

        def run():
            return queue.Queue().get()
    """,
    "a simple queue": """
        import queue

        def run():
            return queue.SimpleQueue().get()
    """,
    "a full queue": """
        import queue

        def run():
            full = queue.Queue(1)
            full.put(1)
            full.put(2)
    """,
    "a condition that nobody notifies": """
        import threading

        def run():
            condition = threading.Condition()
            with condition:
                condition.wait()
    """,
    "an event, a semaphore and a barrier": """
        import threading

        def run():
            for wait in (threading.Semaphore(0).acquire, threading.Barrier(2).wait):
                threading.Thread(target=wait).start()
            threading.Event().wait()
    """,
    "a future that is never done": """
        import concurrent.futures

        def run():
            return concurrent.futures.Future().result()
    """,
    "a pool that waits for itself": """
        import concurrent.futures

        def run():
            with concurrent.futures.ThreadPoolExecutor(1) as pool:
                return pool.submit(lambda: pool.submit(int).result()).result()
    """,
    "nobody connects": """
        import socket

        def run():
            return socket.create_server(("127.0.0.1", 0)).accept()
    """,
    "a peer that says nothing": """
        import socket

        def run():
            one, other = socket.socketpair()
            return one.recv(1)
    """,
    "a peer that does not read": """
        import socket

        def run():
            one, other = socket.socketpair()
            one.sendall(bytes(10_000_000))
    """,
    "a pipe that nobody writes to": """
        import os

        def run():
            reader, writer = os.pipe()
            return os.read(reader, 1)
    """,
    "a child that waits for ever": """
        import os, signal

        def run():
            child = os.fork()
            if child == 0:
                signal.pause()
            os.waitpid(child, 0)
    """,
    "a selector with no time-out": """
        import selectors, socket

        def run():
            one, other = socket.socketpair()
            with selectors.DefaultSelector() as selector:
                selector.register(one, selectors.EVENT_READ)
                selector.select()
    """,
    "select and poll with no time-out": """
        import select, socket, threading

        def run():
            one, other = socket.socketpair()
            poll = select.poll()
            poll.register(one, select.POLLIN)
            threading.Thread(target=poll.poll).start()
            select.select([one], [], [])
    """,
    "an event loop with nothing to do": """
        import asyncio

        def run():
            async def never():
                await asyncio.get_running_loop().create_future()
            asyncio.run(never())
    """,
    "a lock between two processes": """
        import os

        def run():
            reader, writer = os.pipe()
            if os.fork() == 0:
                os.read(reader, 1)
            os.wait()
    """,
    "a program that stops itself": """
        import os, signal

        def run():
            os.kill(os.getpid(), signal.SIGSTOP)
    """,
}


@pytest.mark.parametrize("source", DEADLOCKS.values(), ids=[name.replace(" ", "-") for name in DEADLOCKS])
def test_a_deadlock_is_proved(lab: Labs, source: str) -> None:
    # So patient that only a proof can end it before the test suite is given up.
    broken = ended_with(lab, source, cpu_seconds=1000.0, idle_seconds=1000.0)
    assert broken.evidence["kind"] == "stuck"


def test_a_deadlock_is_told_with_every_threads_line(lab: Labs) -> None:
    broken = ended_with(lab, DEADLOCKS["two locks in two orders"])
    places = [(thread["frames"][-1]["line"], thread["frames"][-1]["source"]) for thread in broken.evidence["threads"]]
    assert sorted(places) == [(9, "with second:"), (9, "with second:"), (17, "thread.join()")]
    assert "program.py line 17, in run: `thread.join()` - waits for a thread to end (join)" in broken.reason


def test_a_deadlock_is_proved_at_each_tier(lab_at: Labs) -> None:
    broken = ended_with(lab_at, DEADLOCKS["two locks in two orders"], idle_seconds=1000.0)
    assert broken.evidence["kind"] == "stuck"
    assert len(broken.evidence["threads"]) == 3


GOES_ON = {
    "a thread that computes": """
        import threading, time

        def compute():
            end = time.thread_time() + 0.3
            while time.thread_time() < end:
                pass

        def run():
            thread = threading.Thread(target=compute)
            thread.start()
            thread.join()
            return "done"
    """,
    "threads that fight for the interpreter": """
        import threading, time

        def compute():
            end = time.thread_time() + 0.05
            while time.thread_time() < end:
                pass

        def run():
            threads = [threading.Thread(target=compute) for _ in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            return "done"
    """,
    "a thread that sleeps": """
        import threading, time

        def run():
            thread = threading.Thread(target=time.sleep, args=(0.3,))
            thread.start()
            thread.join()
            return "done"
    """,
    "a timer": """
        import threading

        def run():
            rings = threading.Event()
            threading.Timer(0.3, rings.set).start()
            rings.wait()
            return "done"
    """,
    "a thread that polls for another": """
        import threading, time

        def run():
            found = []
            threading.Timer(0.3, found.append, [1]).start()
            while not found:
                time.sleep(0.005)
            return "done"
    """,
    "a thread that polls a clock": """
        import time

        def run():
            end = time.monotonic() + 0.4
            while time.monotonic() < end:
                time.sleep(0.002)
            return "done"
    """,
    "waits with time-outs, one after the other": """
        import queue

        def run():
            empty = queue.Queue()
            for _ in range(100):
                try:
                    empty.get(timeout=0.004)
                except queue.Empty:
                    pass
            return "done"
    """,
    "an alarm": """
        import signal

        def run():
            rung = []
            signal.signal(signal.SIGALRM, lambda *_: rung.append(1))
            signal.setitimer(signal.ITIMER_REAL, 0.3)
            signal.pause()
            return "done" if rung else "woken by what?"
    """,
    "a child that computes": """
        import subprocess, sys

        def run():
            subprocess.run([sys.executable, "-S", "-c", "sum(range(2_000_000))"], check=True)
            return "done"
    """,
    "a child of a child that is gone": """
        import os, time

        def run():
            reader, writer = os.pipe()
            if os.fork() == 0:
                if os.fork() == 0:
                    time.sleep(0.3)
                    os.write(writer, b"x")
                os._exit(0)
            os.wait()
            os.read(reader, 1)
            return "done"
    """,
    "a time limit that the kernel keeps": """
        import socket, struct

        def run():
            one, other = socket.socketpair()
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("@ll", 0, 300_000))
            try:
                one.recv(1)
            except BlockingIOError:
                return "done"
    """,
    "small writes held back by Nagle": """
        import socket, threading

        def serve(listener):
            connection, _ = listener.accept()
            for _ in range(3):
                connection.send(b"a")
                connection.send(b"b")
                connection.recv(1)

        def run():
            listener = socket.create_server(("127.0.0.1", 0))
            threading.Thread(target=serve, args=(listener,)).start()
            client = socket.create_connection(listener.getsockname())
            for _ in range(3):
                got = b""
                while len(got) < 2:
                    got += client.recv(2)
                client.send(b"c")
            return "done"
    """,
}


@pytest.mark.parametrize("source", GOES_ON.values(), ids=[name.replace(" ", "-") for name in GOES_ON])
def test_what_goes_on_is_never_given_up(lab: Labs, source: str) -> None:
    assert lab(source).student.run() == "done"


def test_clients_that_overflow_the_backlog_are_waited_for(lab: Labs) -> None:
    source = """
        import socket, threading

        def run():
            listener = socket.socket()
            listener.bind(("127.0.0.1", 0))
            listener.listen(1)
            threading.Thread(target=serve, args=(listener,)).start()
            return listener.getsockname()

        def serve(listener):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=answer, args=(connection,)).start()

        def answer(connection):
            with connection:
                connection.sendall(connection.recv(100).upper())
    """
    opened = lab(source, idle_seconds=0.5)  # a connection that the kernel has dropped takes a second at least
    clients = opened.connect()(opened.student.run(), 50)
    for client in clients:
        client.send(b"hello\n")
    assert [client.receive_all() for client in clients] == [b"HELLO\n"] * 50


def test_a_loop_without_end_is_told_with_its_line(lab: Labs) -> None:
    broken = ended_with(lab, "def run():\n    while True:\n        pass\n", cpu_seconds=0.3)
    assert broken.evidence["kind"] == "runaway"
    assert "MainThread: program.py line" in broken.reason and "0.3 s of CPU" in broken.reason


def test_a_loop_without_end_that_lets_nobody_else_run_ends_too(lab: Labs) -> None:
    source = "import sys\ndef run():\n    sys.setswitchinterval(1000)\n    while True:\n        pass\n"
    assert ended_with(lab, source, cpu_seconds=0.3).evidence["kind"] == "runaway"


def test_polling_for_ever_is_told_as_such(lab: Labs) -> None:
    source = "import time\ndef run():\n    while True:\n        time.sleep(0.001)\n"
    broken = ended_with(lab, source, idle_seconds=0.5)
    assert broken.evidence["kind"] == "idle"
    assert "program.py line 4, in run: `time.sleep(0.001)`" in broken.reason


def test_a_loop_in_a_child_process_counts_as_the_programs(lab: Labs) -> None:
    source = "import os\ndef run():\n    if os.fork() == 0:\n        while True:\n            pass\n    os.wait()\n"
    assert ended_with(lab, source, cpu_seconds=0.3).evidence["kind"] == "runaway"


def test_memory_is_counted_over_child_processes(lab: Labs) -> None:
    source = """
        import os, signal

        def run():
            for _ in range(4):
                if os.fork() == 0:
                    block = bytearray(40 << 20)
                    signal.pause()
            os.wait()
    """
    assert ended_with(lab, source, memory_mib=120).evidence["kind"] == "memory"


def test_many_threads_are_a_bomb(lab: Labs) -> None:
    source = """
        import threading

        def run():
            for _ in range(60):
                threading.Thread(target=threading.Event().wait).start()
            threading.Event().wait()
    """
    assert ended_with(lab, source, processes=40).evidence["kind"] == "bomb"


def test_a_process_without_its_main_thread_is_watched_on(lab: Labs) -> None:
    program = lab("""
        import ctypes
        import threading

        def run():
            threading.Thread(target=threading.Event().wait).start()
            ctypes.CDLL(None).syscall({"x86_64": 60}.get(__import__("platform").machine(), 93), 0)
    """)
    with pytest.raises(RuleBroken, match="is stuck") as broken:
        program.student.run()
    assert "in run: `ctypes.CDLL" in broken.value.reason
