"""What a result depends on changes its key, and nothing else does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from grader.batch.attempts import Attempt, BatchError
from grader.batch.digests import course_files, exercise_digest, grader_digest
from grader.batch.taking import take
from grader.batch.tier import tier_in_force
from grader.course import load_course
from grader.jail import TierUnavailable

if TYPE_CHECKING:
    from tests.conftest import Course


def digest(course: Course, *without: str) -> str:
    return exercise_digest(load_course(course.root).exercises[0], without)


@pytest.mark.parametrize("file", ["exercises/double/test_public.py", "solutions/double/test_hidden.py"])
def test_a_change_of_a_test_changes_the_key(course: Course, file: str) -> None:
    before = digest(course)
    assert digest(course) == before
    path = course.root / file
    path.write_text(path.read_text() + "\n# changed\n")
    assert digest(course) != before


def test_groups_that_are_left_out_change_it_and_other_files_do_not(course: Course) -> None:
    before = digest(course)
    assert digest(course, "blocking") != before
    (course.root / "exercises" / "double" / "README.md").write_text("for students")
    (course.root / "solutions" / "double" / "double.py").write_text("# a better reference\n")
    assert digest(course) == before


def test_where_students_bring_tests_what_these_are_tried_on_is_part_of_it(course: Course) -> None:
    course.rubric += "tests_by_student: {points: 1}\n"
    faulty = course.root / "solutions" / "double" / "faulty" / "wrong.py"
    faulty.parent.mkdir(parents=True)
    faulty.write_text("# wrong: nothing\n# fails: test_twice\n")
    course.write()
    before = digest(course)
    assert "solutions/double/faulty/wrong.py" in course_files(load_course(course.root))
    faulty.write_text("# wrong: everything\n# fails: test_twice\n")
    assert digest(course) != before


def test_the_graders_digest_is_the_same_in_every_process() -> None:
    assert grader_digest() == grader_digest.__wrapped__()


def test_a_worker_elsewhere_gets_what_it_needs_and_no_solution(course: Course) -> None:
    assert sorted(course_files(load_course(course.root))) == [
        "course.yaml",
        "exercises/double/double.py",
        "exercises/double/exercise.yaml",
        "exercises/double/test_public.py",
        "solutions/double/test_hidden.py",
    ]


def test_the_same_files_have_the_same_digest_wherever_they_lie(course: Course, tmp_path: Path) -> None:
    folder = course.submit(
        {"a/double.py": "x = 1\n", "b/double/double.py": "x = 1\n", "c/double.py": "x = 2\n", "d/x": ""}
    )
    digests = [take(Attempt(name, name, folder / name), ["double"], tmp_path).digest for name in "abcd"]
    assert digests[0] == digests[1] and len(set(digests)) == 3


def test_what_is_refused_has_its_reason_with_no_path_of_this_machine(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/etc")
    taken = take(Attempt("a", "a/link", tmp_path / "link"), ["double"], tmp_path)
    assert taken.refused.startswith("a/link is a symbolic link") and not taken.digest
    single = take(Attempt("a", "a.py", files=(("double.py", tmp_path / "link"),)), ["double"], tmp_path)
    assert single.refused.startswith("double.py is a symbolic link")


def test_a_weaker_tier_needs_to_be_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    def only_limits(*args: object) -> object:
        if args[-1] != "limits":
            raise TierUnavailable("bubblewrap is not installed")
        return type("Cell", (), {"close": lambda self: None})()

    monkeypatch.setattr("grader.batch.tier.open_cell", only_limits)
    with pytest.raises(BatchError, match=r"bubblewrap is not installed.*accept less with --allow-tier NAME"):
        tier_in_force()
    with pytest.raises(BatchError, match="would not be confined by tier 'landlock' or a stronger one"):
        tier_in_force("landlock")
    assert tier_in_force("limits") == "limits"
    assert tier_in_force("none") == "limits", "the strongest that works"
