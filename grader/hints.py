"""Which hints go with which rule, from gentle to plain."""

from __future__ import annotations

from collections.abc import Callable

from grader.course import Course


def hints_of(course: Course) -> Callable[[str, str], tuple[str, ...]]:
    """Gives the hints of a rule of an exercise, from gentle to plain."""
    rubrics = {exercise.name: exercise for exercise in course.exercises}

    def hint(exercise: str, rule: str) -> tuple[str, ...]:
        rubric = rubrics[exercise]
        keys = [key for key, text in rubric.rules.items() if text in rule.splitlines()]
        return tuple(line for key in keys for line in rubric.hints.get(key, ()))

    return hint
