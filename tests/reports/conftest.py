"""For all tests of forms: results to render, and hypothesis without deadlines, which would depend on the machine."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from grader.results import ExerciseResult, Result, TestResult, exercise_result, result

settings.register_profile(
    "forms", max_examples=50, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("forms")

RULE = "`sum_chunk` is called in that chunk's own new thread."
STORY = ["MainThread    | Thread-1", "--------------+---------", "5 total += 1  |"]
VERDICTS = ("passed", "failed", "inconclusive")
POINTS = {"passed": 1.0, "failed": 0.25, "inconclusive": 0.0}
JAILED = {"tier": "jail", "guarantees": ["files", "network", "processes"]}


def make_test(name: str, verdict: Any = "passed", points: float = 1.0, **fields: Any) -> TestResult:
    """The verdict on one test; a failed one has a quarter of its points, so that partial points are seen to."""
    known: dict[str, Any] = {
        "group": "correctness",
        "visibility": "public",
        "score": POINTS[verdict] * points,
        "reason": "" if verdict == "passed" else f"{name} saw\n  a reason",
        "rule": RULE,
        "evidence": {},
        "duration": 0.25,
    }
    return TestResult(name=name, verdict=verdict, max_score=points, **(known | fields))


def make_result(*exercises: ExerciseResult, **fields: Any) -> Result:
    """A result of exercises, with what else it takes."""
    known: dict[str, Any] = {"environment": JAILED, "pack": "sha256:abc", "digest": "sha256:def"}
    return result("alice", list(exercises), **(known | fields))


@pytest.fixture(scope="session", name="make_test")
def _make_test() -> Callable[..., TestResult]:
    """`make_test(name, verdict, points, **fields)`."""
    return make_test


@pytest.fixture(scope="session", name="make_result")
def _make_result() -> Callable[..., Result]:
    """`make_result(*exercises, **fields)`."""
    return make_result


@pytest.fixture
def one_of_each() -> Result:
    """Two exercises with every verdict, a story, hints, a line, output; and one that was not started."""
    stuck = {
        "kind": "stuck",
        "threads": [{"thread": "T", "frames": [{"file": "adder.py", "line": 7}, {"file": "threading.py", "line": 1}]}],
    }
    tests = [
        make_test("test_sum"),
        make_test("test_race", "failed", 2.0, visibility="hidden", evidence={"story": STORY, "output": "a secret"}),
        make_test("test_line", "failed", evidence={"line": 12, "output": "one\ntwo\n"}),
        make_test("test_stuck", "failed", evidence=stuck | {"flags": ["forged frames"]}),
        make_test("test_unsure", "inconclusive", 0.75, reason="the machine could not tell"),
    ]
    adder = exercise_result("adder", "Add", tests, notes=["found in Adder.py"], hints={RULE: ["Start one.", "More."]})
    blank = [make_test("test_reply", "failed", 4.0, score=0.0, reason="server.py is still the stub")]
    server = exercise_result("server", "Serve", blank, "not started", "server.py is still the stub")
    return make_result(adder, server, notes=["Only the public tests are here."])


@pytest.fixture
def any_points() -> Callable[[int], Result]:
    """A result with points drawn from a seed, in quarters."""

    def make(seed: int) -> Result:
        draw = random.Random(seed)

        def one(number: int) -> TestResult:
            most = draw.randrange(1, 12)
            given = draw.randrange(most + 1) / 4
            return make_test(f"test_{number}", draw.choice(VERDICTS), most / 4, score=given)

        exercises = [
            exercise_result(f"exercise_{name}", "", [one(number) for number in range(draw.randrange(1, 9))])
            for name in range(3)
        ]
        return make_result(*exercises)

    return make
