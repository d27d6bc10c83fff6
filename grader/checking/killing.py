"""What becomes of a mutant: the first test that fails kills it, or it survives them all."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from grader.checking.gradings import grade_until_failure
from grader.checking.known import Uncheckable
from grader.checking.model import MutantCheck
from grader.checking.mutants import Mutant, mutants_of
from grader.course import Course, Exercise
from grader.session import Sessions


@dataclass(frozen=True)
class Suspect:
    """A mutant of an exercise's reference."""

    exercise: Exercise
    mutant: Mutant


def suspects(exercise: Exercise, reference: Path) -> list[Suspect]:
    """All mutants of a reference.

    Raises:
        Uncheckable: the reference, or the stub, is no module.
    """
    texts = []
    for file in (reference, exercise.stub):
        try:
            texts.append(file.read_text(encoding="utf-8"))
            compile(texts[-1], str(file), "exec", dont_inherit=True)
        except (SyntaxError, ValueError) as error:
            raise Uncheckable(f"{file}: is no Python module ({error}); mend it") from None
    return [Suspect(exercise, mutant) for mutant in mutants_of(*texts)]


def fate(suspect: Suspect, judged: str, seconds: dict[str, float], course: Course, sessions: Sessions) -> MutantCheck:
    """Has the tests try to kill a mutant; those in the controlled world only if it is not judged equivalent.

    Args:
        suspect: the mutant.
        judged: why it is equivalent; empty if it is not judged so.
        seconds: how long each test may be expected to take.
        course: of the exercise.
        sessions: has the tests run.
    """
    mutant = suspect.mutant
    result = grade_until_failure(
        mutant.source, suspect.exercise, course, sessions, seconds, world=not judged
    ).exercises[0]
    killer = next((test.name for test in result.tests if test.verdict == "failed"), "")
    return MutantCheck(
        id=mutant.id,
        operator=mutant.operator,
        concurrency=mutant.concurrency,
        line=mutant.line,
        diff=mutant.diff,
        killed_by=killer,
        equivalent=judged,
    )
