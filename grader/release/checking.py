"""Checks a release before anybody gets it: it gives nothing away, and it can be graded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from grader.course import Course, load_course
from grader.grading import grade
from grader.planning import NOT_STARTED
from grader.release import ReleaseError
from grader.release.contents import Files, secret_files
from grader.release.leaks import Secrets
from grader.results import ExerciseResult, Result

_MOST_LEAKS = 10


def check_for_leaks(course: Course, files: Files, but: Files | None = None) -> str:
    """Searches a release for what is secret of a course.

    Args:
        course: with its solutions.
        files: the release.
        but: what may be in it nevertheless, where the release itself is not public.

    Returns:
        what was found out, as a sentence.

    Raises:
        ReleaseError: something secret is in it; the message names the first places.
    """
    but = but or {}
    secret = {name: data for name, data in secret_files(course).items() if name not in but}
    if not secret:
        return "solutions are not here, so there was nothing to search for"
    secrets = Secrets(secret, _shared_with_secrets(course) | _package_sources() | but)
    leaks = secrets.leaks(files)
    if leaks:
        told = [f"  {leak}" for leak in leaks[:_MOST_LEAKS]]
        more = [f"  and {len(leaks) - _MOST_LEAKS} more"] if len(leaks) > _MOST_LEAKS else []
        raise ReleaseError("\n".join(["the release would give secrets away; take them out:", *told, *more]))
    return f"none of {len(secrets):,} lines of what students must not have is in it"


def _shared_with_secrets(course: Course) -> Files:
    """Stubs and public tests: the reference has the stub's signature, the hidden tests the same helpers."""
    files = [file for exercise in course.exercises for file in (exercise.stub, exercise.public_tests)]
    return {str(file): file.read_bytes() for file in files if file.is_file()}


def _package_sources() -> Files:
    package = Path(__file__).parents[1]
    return {str(path): path.read_bytes() for path in package.rglob("*.py") if "pack" not in path.parts}


def check_by_grading(course: Course, made: Path) -> Iterator[str]:
    """Grades a release by its own public tests: nothing for the stubs, everything for the references.

    Yields:
        what was found out, as sentences.

    Raises:
        ReleaseError: it is not so.
    """
    released = load_course(made)
    stubs = grade(made / "exercises", released)
    _raise_if_failed(stubs)
    started = [exercise.name for exercise in stubs.exercises if exercise.status != NOT_STARTED]
    if started or stubs.score:
        what = (
            f"exercises/{started[0]}/{started[0]}.py is no stub" if started else f"the stubs get {stubs.score:g} points"
        )
        raise ReleaseError(f"{what}: give students a stub that raises NotImplementedError")
    yield f"its stubs get 0 of {stubs.max_score:g} public points"
    if all(exercise.solution for exercise in course.exercises):
        references = grade(course.root / "solutions", released)
        _raise_if_failed(references)
        _raise_if_not_full(references.exercises)
        yield f"the references get {references.score:g} of {references.max_score:g} from its public tests"


def _raise_if_failed(result: Result) -> None:
    tests = [test for exercise in result.exercises for test in exercise.tests]
    faults = [test.reason for test in tests if test.verdict == "inconclusive"]
    if faults or not tests:
        why = faults[0] if faults else "it has no public tests"
        raise ReleaseError(f"the release cannot be graded by its own public tests: {why}")


def _raise_if_not_full(exercises: list[ExerciseResult]) -> None:
    for exercise in exercises:
        for test in exercise.tests:
            if test.verdict != "passed":
                raise ReleaseError(f"the reference of {exercise.name} fails the public test {test.name}: {test.reason}")
