"""The picture `stacks`: where each thread of a stuck program is, from the kernel's and the interpreter's view."""

from __future__ import annotations

from grader.reports.pictures import Picture
from grader.reports.wording import counted
from grader.results import TestResult

_WAITS_IN = {
    "acquire": "waits for a lock",
    "__enter__": "waits for a lock",
    "join": "waits for a thread to end (join)",
    "wait": "waits to be notified (wait)",
    "get": "waits for a queue to hold something (get)",
    "put": "waits for room in a queue (put)",
    "result": "waits for a future's result",
    "accept": "waits for a connection (accept)",
    "select": "waits for a socket (select)",
    "shutdown": "waits for a pool to shut down",
    "probe": "is held in a function of the test's",
    "_ask": "is held in a function of the test's",
}


def picture(test: TestResult) -> Picture | None:
    """The stacks of a program that went no further; none where nothing was seen of them."""
    threads = test.evidence.get("threads")
    if not isinstance(threads, list) or not threads:
        return None
    shown = [
        {
            "name": thread["thread"],
            "waits": _WAITS_IN.get(thread["waits_in"], ""),
            "frames": list(reversed(thread["frames"])),
        }
        for thread in threads
        if thread["frames"]
    ]
    summary = f"the lines of your program that {counted(len(shown), 'thread')} had come to, innermost first"
    return Picture("stacks", "Where each thread is", summary, {"threads": shown})
