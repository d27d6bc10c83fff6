"""Which hints go with which rule, from gentle to plain."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from grader.course import Course, Exercise
from grader.results import TestResult


def hints_of(course: Course) -> Callable[[str, str], tuple[str, ...]]:
    """Gives the hints of a rule of an exercise, from gentle to plain."""
    rubrics = {exercise.name: exercise for exercise in course.exercises}

    def hint(exercise: str, rule: str) -> tuple[str, ...]:
        rubric = rubrics[exercise]
        keys = [key for key, text in rubric.rules.items() if text in rule.splitlines()]
        return tuple(line for key in keys for line in rubric.hints.get(key, ()))

    return hint


def hints_of_broken(exercise: Exercise, tests: Sequence[TestResult]) -> dict[str, list[str]]:
    """The hints of the rules that were found broken, so that every form can give them from the result alone."""
    broken = {rule for test in tests if test.verdict == "failed" for rule in test.rule.splitlines()}
    return {
        text: list(exercise.hints[rule])
        for rule, text in exercise.rules.items()
        if text in broken and rule in exercise.hints
    }
