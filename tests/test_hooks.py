"""The plug-in contract: every hook is asked, what ships comes through them, and a plug-in is asked before it."""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from grader import hooks, shipped
from grader.course import load_course
from grader.grading import grade
from grader.hooks import hookimpl
from grader.jail import TierUnavailable, open_cell, tiers
from grader.plugins import plugin_manager
from grader.release.kinds import Kind, Request, kinds
from grader.release.making import release

if TYPE_CHECKING:
    from tests.conftest import Course


@pytest.fixture
def plug_in() -> Iterator[Callable[..., None]]:
    """Registers functions as a plug-in for one test."""
    made: list[types.SimpleNamespace] = []

    def register(**functions: Any) -> None:
        plugin = types.SimpleNamespace(**{name: hookimpl(function) for name, function in functions.items()})
        plugin_manager().register(plugin)
        made.append(plugin)
        tiers.cache_clear()

    yield register
    for plugin in made:
        plugin_manager().unregister(plugin)
    tiers.cache_clear()


def test_every_hook_is_documented_and_named_after_us() -> None:
    specs = [value for name, value in vars(hooks).items() if hasattr(value, "grader_spec")]
    assert len(specs) >= 5
    assert all(inspect.getdoc(spec) and spec.__name__.startswith("grader_") for spec in specs)


def test_what_ships_comes_through_the_hooks() -> None:
    assert plugin_manager().is_registered(shipped)
    assert [tier.name for tier in tiers()] == ["jail", "landlock", "limits", "none"]
    assert "terminal" in [report.name for given in plugin_manager().hook.grader_reports() for report in given]


def test_a_kind_of_release_of_a_plug_in_is_made(plug_in: Callable[..., None], course: Course, tmp_path: Path) -> None:
    def files(course: Any, request: Any) -> dict[str, bytes]:
        return {"config.json": course.title.encode()}

    plug_in(grader_releases=lambda: [Kind("elsewhere", "a platform of somebody's", files)])
    release(load_course(course.root), kinds()["elsewhere"], tmp_path / "made", Request())
    assert (tmp_path / "made" / "config.json").read_bytes() == b"A miniature"


def test_a_tier_of_a_plug_in_comes_first_and_may_be_refused(plug_in: Callable[..., None], reachable: Path) -> None:
    class Odd:
        name, guarantees, own_network, own_pids = "odd", ("files",), False, False

        def plan(self, layout: Any, uid: int | None) -> Any:
            raise TierUnavailable("needs a full moon")

    plug_in(grader_tiers=lambda: [Odd()])
    assert [tier.name for tier in tiers()] == ["odd", "jail", "landlock", "limits", "none"]
    with pytest.raises(TierUnavailable, match=r"^odd: needs a full moon$"):
        open_cell(reachable, {}, (), "odd")
    with open_cell(reachable, {}) as cell:
        assert cell.tier.name in ("jail", "landlock", "limits")


def test_a_plug_in_decides_about_points_or_leaves_it(course: Course, plug_in: Callable[..., None]) -> None:
    told: list[Any] = []

    def grader_points(test: Any, exercise: Any) -> float | None:
        return test.max_score / 2 if test.group == "blocking" and test.verdict == "passed" else None

    plug_in(
        grader_points=grader_points,
        grader_test_finished=lambda exercise, test: told.append((exercise, test.name, test.score)),
        grader_graded=lambda course, result: told.append(result.score),
    )
    submission = course.submit({"double.py": (course.root / "solutions" / "double" / "double.py").read_text()})
    result = grade(submission, load_course(course.root))
    assert result.score == 3.0
    assert told.pop() == 3.0
    assert sorted(told) == [
        ("double", "test_twice", 1.0),
        ("double", "test_twice_of_a_fraction", 1.0),
        ("double", "test_work_has_its_own_thread", 1.0),
    ]


@pytest.mark.parametrize("points", [0.3, -0.25, 1.25, float("nan"), float("inf")])
def test_points_that_could_not_add_up_are_no_points(
    course: Course, plug_in: Callable[..., None], points: float
) -> None:
    plug_in(grader_points=lambda test: points if test.name == "test_twice" else None)
    submission = course.submit({"double.py": (course.root / "solutions" / "double" / "double.py").read_text()})
    graded = grade(submission, load_course(course.root))
    assert (graded.score, graded.inconclusive) == (3.0, 1.0)
    assert graded.exercises[0].tests[0].reason.startswith(f"a plug-in gave {points} of 1 points")
