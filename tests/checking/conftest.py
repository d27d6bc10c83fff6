"""A miniature course with known submissions, and checks of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from grader.checking.check import CheckOptions, check
from grader.checking.model import CheckResult
from grader.course import load_course

if TYPE_CHECKING:
    from tests.conftest import Course

NO_THREAD = """# wrong: does without a thread
# fails: test_work_has_its_own_thread
def double(number, work):
    return 2 * work(number)
"""

OTHER_WAY = """
from concurrent.futures import ThreadPoolExecutor


def double(number, work):
    with ThreadPoolExecutor(1) as pool:
        return 2 * pool.submit(work, number).result()
"""

PLAIN = CheckOptions(mutants=False, coverage=False)


@dataclass
class Told:
    """A progress that remembers what it was told."""

    total: int = 0
    rounds: list[str] = field(default_factory=list)
    graded_: list[tuple[str, list[str]]] = field(default_factory=list)

    def started(self, total: int) -> None:
        self.total = total

    def on(self, text: str) -> None:
        self.rounds.append(text)

    def graded(self, exercise: str, name: str, wrong: Sequence[str]) -> None:
        self.graded_.append((name, list(wrong)))


@dataclass
class KnownCourse:
    """A miniature course whose `double` has known submissions."""

    course: Course
    told: Told = field(default_factory=Told)

    @property
    def solution(self) -> Path:
        return self.course.root / "solutions" / "double"

    def add(self, kind: str, text: str, name: str = "one.py") -> None:
        """A known submission."""
        folder = self.solution / kind
        folder.mkdir(exist_ok=True)
        (folder / name).write_text(text)

    def check(self, options: CheckOptions = PLAIN) -> CheckResult:
        """Checks it."""
        return check(load_course(self.course.root), options, self.told)


@pytest.fixture
def known(course: Course) -> KnownCourse:
    """`double` with a faulty submission and a correct variant."""
    made = KnownCourse(course)
    made.add("faulty", NO_THREAD)
    made.add("correct", OTHER_WAY)
    return made


@pytest.fixture
def options() -> Callable[..., CheckOptions]:
    """Options of a check without mutants and coverage, but for what is given."""
    return lambda **given: CheckOptions(**{"mutants": False, "coverage": False, **dict[str, Any](given)})
