"""The picture `stacks`: where each thread of a stuck program is, from the kernel's and the interpreter's view."""

from __future__ import annotations

from grader.reports.pictures import Picture
from grader.reports.wording import counted
from grader.results import TestResult


def picture(test: TestResult) -> Picture | None:
    """The stacks of a program that went no further; none where nothing was seen of them."""
    threads = test.evidence.get("threads")
    if not isinstance(threads, list) or not threads:
        return None
    shown = [
        {
            "name": thread["thread"],
            "waits": thread["waits_for"],
            "frames": list(reversed(thread["frames"])),
        }
        for thread in threads
        if thread["frames"]
    ]
    summary = f"the lines of your program that {counted(len(shown), 'thread')} had come to, innermost first"
    return Picture("stacks", "Where each thread is", summary, {"threads": shown})
