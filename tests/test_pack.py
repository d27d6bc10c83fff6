"""The pack that ships: known submissions of every exercise get the verdicts they should.

One in four is graded here; `make check-all` grades all of them (`grade check`).
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

from grader.checking.check import CheckOptions, check
from grader.checking.progress import Lines
from grader.course import load_course
from grader.grading import grade

ROOT = Path(__file__).parents[1]
COURSE = load_course(ROOT)


def test_reference_solutions_get_full_marks():
    result = grade(ROOT / "solutions", COURSE)
    assert (result.score, result.max_score, result.inconclusive) == (100.0, 100.0, 0.0)


def test_stubs_get_nothing_and_are_not_started():
    result = grade(ROOT / "exercises", COURSE)
    assert (result.score, result.max_score, result.inconclusive) == (0.0, 100.0, 0.0)
    assert [exercise.status for exercise in result.exercises] == ["not started"] * 4


@pytest.mark.parametrize("exercise", COURSE.exercises, ids=lambda exercise: exercise.name)
def test_known_submissions_get_the_verdicts_they_should(exercise):
    options = CheckOptions((exercise.name,), mutants=False, coverage=False, each=4)
    assert check(COURSE, options, Lines(sys.stderr)).exercises[0].problems == []


@pytest.mark.parametrize("exercise", COURSE.exercises, ids=lambda exercise: exercise.name)
def test_there_are_enough_known_submissions(exercise):
    assert len(list(exercise.solution.glob("faulty/*.py"))) >= 8
    assert len(list(exercise.solution.glob("correct/*.py"))) >= 5
    assert 5 <= len(exercise.public_test_names()) <= 10


def test_every_sentence_has_a_hidden_test_and_the_table_is_up_to_date():
    spec = importlib.util.spec_from_file_location("docs_rules", ROOT / "docs" / "rules.py")
    rules = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(rules)
    assert rules.unchecked(COURSE) == []
    assert (ROOT / "docs" / "rules.md").read_text(encoding="utf-8") == rules.render(COURSE)
