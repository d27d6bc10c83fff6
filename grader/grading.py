"""One submission -> one result: the story of a grading.

Take the submission in; see what can be tested at all; have the rest tested in sessions of its own;
put the verdicts together. Student code is not run here, and tests are not either.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import msgspec

from grader.course import Course
from grader.intake import Intake, asked, take_in
from grader.planning import Case, check_groups, plan_for, sort_out
from grader.plugins import plugin_manager
from grader.putting_together import put_together, result_of
from grader.results import Result
from grader.scoring import Progress, Scorer
from grader.session import SessionOutcome, Sessions
from grader.settings import Look, Settings
from grader.sharing import run_shared
from grader.testing.plan import Plan


def grade(
    path: Path,
    course: Course,
    only: Sequence[str] = (),
    tier: str | None = None,
    progress: Progress | None = None,
    without: Sequence[str] = (),
    coverage: bool = False,
    sessions: Sessions | None = None,
    look: Look | None = None,
) -> Result:
    """Grades one submission.

    Args:
        path: a folder holding `<exercise>/<exercise>.py`, one holding `<exercise>.py`, an archive of it, or that file.
        course: the pack to grade with.
        only: names of exercises; empty: all that the submission is about.
        tier: confine with this tier only; None: the strongest that works here.
        progress: told of each verdict.
        without: groups of tests that are left out, with their points.
        coverage: note in each exercise which of its lines and branches no test has reached.
        sessions: has the tests run; None: sessions that share them.
        look: how closely to look; None: as usual.

    Raises:
        Refused: there is no submission at `path`.
        CourseError: `only` names an exercise that the course does not have, or `without` a group that none has.
    """
    exercises = [course.exercise(name) for name in only or asked(path, [one.name for one in course.exercises])]
    check_groups(without, course)
    with workspace() as folder:
        intake = take_in(path, [exercise.name for exercise in exercises], folder / "submission")
        settings = Settings(tier, tuple(without), sessions or run_shared, coverage, look or Look())
        done = grade_copy(intake, course, folder, settings, progress)
    plugin_manager().hook.grader_graded(course=course, result=done)
    return done


def grade_copy(
    intake: Intake, course: Course, folder: Path, settings: Settings, progress: Progress | None = None
) -> Result:
    """Grades what has been taken in: the exercises that `intake` tells of.

    Args:
        intake: the copy, in `folder / "submission"`.
        course: the pack to grade with.
        folder: as from `workspace`.
        settings: how.
        progress: told of each verdict.
    """
    cases = [sort_out(course.exercise(found.exercise), found, settings) for found in intake.found]
    plan = plan_for(course, folder, cases, settings)
    outcome = settings.have_run(plan, Scorer(cases, progress)) if plan.exercises else SessionOutcome()
    if settings.coverage and plan.exercises and not outcome.interrupted:
        cases = _with_coverage(cases, plan, settings.have_run)
    graded = [put_together(case, outcome) for case in cases]
    return result_of(course, intake, graded, outcome, settings.without)


@contextmanager
def workspace() -> Iterator[Path]:
    """A folder for all that is written: gone when the grading is over, however its sessions end.

    `submission` holds the copy, for the student process to read; `scratch` what the jails need.
    """
    with tempfile.TemporaryDirectory(prefix="threadlab-") as name:
        top = Path(name)
        for folder, mode in ((top, 0o711), (top / "submission", 0o755), (top / "scratch", 0o711)):
            folder.mkdir(exist_ok=True)
            folder.chmod(mode)
        yield top


def _with_coverage(cases: Sequence[Case], plan: Plan, have_run: Sessions) -> list[Case]:
    """The cases with a note on what the tests reach; they are run once more: no verdict hangs on being traced."""
    from grader.coverage import measure

    traced = msgspec.structs.replace(plan, lines=True, world=False)
    arcs = have_run(traced, lambda _, test: test).arcs
    return [
        replace(case, notes=(*case.notes, f"coverage: {measure(case.found.file, arcs[case.exercise.name])}"))
        if case.found.file is not None and case.exercise.name in arcs
        else case
        for case in cases
    ]
