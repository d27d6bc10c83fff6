"""A result with every kind of evidence that a report draws, as a grading makes them."""

from __future__ import annotations

from typing import Any

from grader.results import Result, TestResult, exercise_result, result

THREADS = ["MainThread", "Thread-1 (work)", "Thread-2 (work)"]
SOURCE = {18: "self.total += part", 30: "with error_lock:", 47: "thread.start()"}


def step(thread: int, line: int, *did: str) -> dict[str, Any]:
    """One step of a story."""
    return {"thread": thread, "file": "threaded_sum.py", "line": line, "source": SOURCE[line], "did": list(did)}


LOST = {
    "threads": THREADS,
    "steps": [
        step(0, 47, "starts Thread-1", "starts Thread-2"),
        step(1, 18, "reads self.total: 0"),
        step(2, 18, "reads self.total: 0", "writes self.total: 6"),
        step(1, 18, "writes self.total: 1"),
    ],
    "ends": [],
    "error": None,
}
LINES = [
    [0, 47, SOURCE[47], "starts Thread-1"], [1, 18, SOURCE[18], "reads self.total: 0"],
    [1, 18, SOURCE[18], "writes self.total: 1"], [2, 18, SOURCE[18], "reads self.total: 0"],
    [2, 18, SOURCE[18], "writes self.total: 6"], [2, 18, SOURCE[18], "reads self.total: 1"],
]  # fmt: skip
PLAY = {
    "threads": THREADS, "complete": False, "runs": 3, "reasons": ["", "a sum was lost"], "lines": LINES,
    "nodes": [
        {"did": [0], "can": [1, 2], "next": {"1": 1}},
        {"did": [1], "can": [1, 2], "next": {"1": 2, "2": 3}},
        {"did": [2, 5], "end": "passed", "reason": 0},
        {"did": [3], "can": [1, 2], "next": {"2": 4}},
        {"did": [4, 2], "end": "failed", "reason": 1},
    ],
}  # fmt: skip
CROSSED = {
    "threads": THREADS,
    "steps": [
        step(1, 30, "takes error_lock"),
        step(2, 30, "takes total_lock", "waits for error_lock, held by Thread-1"),
    ],
    "ends": [
        {"thread": 1, "file": "x.py", "line": 30, "source": SOURCE[30], "holds": ["`error_lock`"],
         "waits_for": "lock `total_lock`, held by Thread-2"},
        {"thread": 2, "file": "x.py", "line": 30, "source": SOURCE[30], "holds": ["`total_lock`"],
         "waits_for": "lock `error_lock`, held by Thread-1"},
    ],
    "error": None,
}  # fmt: skip
FRAME = {"file": "x.py", "line": 48, "function": "fetch", "source": "items[url] = get(url)"}
STUCK = [
    {
        "thread": "Thread-1 (fetch)",
        "waits_in": "probe",
        "waits_for": "is in a function of the test's, which has not let it go on",
        "frames": [FRAME],
    }
]
SPANS = [
    {"lane": 0, "kind": "call", "label": "fetch_all", "began": 1, "ended": None, "held": False},
    {"lane": 1, "kind": "probe", "label": "get 1", "began": 2, "ended": None, "held": True},
    {"lane": 2, "kind": "request", "label": "request 1", "began": 3, "ended": 4, "held": True},
]
HISTORY = {"lanes": ["caller 1", "thread 1", "connection 1"], "length": 4, "spans": SPANS, "left_out": 0}
TIMELINE = [{"probe": "get", "thread": n, "began": float(n // 2), "ended": n // 2 + 2.0} for n in range(6)]
CURVE = {"points": [[1, 1.0], [2, 2.0], [4, 2.2], [8, 2.2]], "best": [[1, 1.0], [2, 2.0], [4, 4.0], [8, 4.0]]}
GANTT = {"got": ["AAB*", "..CC"], "expected": ["AABB", "..C."], "about": "`hybrid` with 2 CPUs"}


def told(name: str, verdict: Any = "failed", **evidence: Any) -> TestResult:
    """A test's result with this evidence."""
    return TestResult(
        name, "races", "public", verdict, 1.0 if verdict == "passed" else 0.0, 1.0,
        "" if verdict == "passed" else f"`{name}` was not kept to", "All of it `is` joined.", evidence, 0.1,
    )  # fmt: skip


def every_kind(name: str = "alice", title: str = "Sum a sequence") -> Result:
    """One test of each kind, and one of each verdict."""
    tests = [
        told("test_lost", interleaving=LOST, play=PLAY, schedule="6.2", output="hello"),
        told("test_crossed", interleaving=CROSSED, schedule="5.2"),
        told("test_stuck", threads=STUCK, history=HISTORY),
        told("test_slow", timeline=TIMELINE, curve=CURVE),
        told("test_chart", gantt=GANTT),
        told("test_unclear", "inconclusive"),
        told("test_good", "passed", timeline=TIMELINE),
    ]
    exercises = [exercise_result("threaded_sum", title, tests)]
    return result(name, exercises, environment={"python": "3.11", "tier": "jail"}, pack="abc", notes=["A `note`."])
