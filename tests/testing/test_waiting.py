"""What each thread of a stuck program is said to wait for, and where it is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from grader.testing.outcomes import RuleBroken

if TYPE_CHECKING:
    from tests.conftest import Labs


def stuck(lab: Labs, waiting: str) -> tuple[RuleBroken, dict[str, Any]]:
    source = f"""
import os, queue, socket, threading
lock, room, event = threading.Lock(), queue.Queue(1), threading.Event()
lock.acquire()
room.put(0)
def run():
    other = threading.Thread(target=work)
    other.start()
    other.join()
def work():
    {waiting}
"""
    program = lab(source)
    with pytest.raises(RuleBroken) as found:
        program.student.run()
    return found.value, program.student.history.as_evidence()


@pytest.mark.parametrize(
    ("waiting", "words"),
    [
        ("lock.acquire()", "waits for a lock"),
        ("with lock: pass", "waits for a lock"),
        ("threading._allocate_lock and lock.__enter__()", "waits for a lock"),
        ("event.wait()", "waits to be notified (wait)"),
        ("room.put(1)", "waits for room in a queue (put)"),
        ("queue.Queue().get()", "waits for a queue to hold something (get)"),
        ("queue.SimpleQueue().get()", "waits for a lock"),
        ("socket.create_server(('127.0.0.1', 0)).accept()", "waits for a connection (accept)"),
        ("(pair := socket.socketpair())[0].recv(1)", "waits for bytes from a socket (recv)"),
        ("os.read(os.pipe()[0], 1)", "waits for bytes (read)"),
    ],
)
def test_what_a_thread_waits_for_is_told_and_drawn(lab: Labs, waiting: str, words: str) -> None:
    broken, history = stuck(lab, waiting)
    told = {thread["frames"][-1]["function"]: thread["waits_for"] for thread in broken.evidence["threads"]}
    assert told == {"run": "waits for a thread to end (join)", "work": words}
    assert f"in work: `{waiting}` - {words}" in broken.reason
    waits = {(history["lanes"][span["lane"]], span["label"]) for span in history["spans"] if span["kind"] == "wait"}
    assert waits == {("caller 1", "waits for a thread to end (join)"), ("thread 1", words)}
    assert all(span["ended"] is None for span in history["spans"])
