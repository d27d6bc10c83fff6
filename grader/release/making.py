"""The story of a release: what is to be in it, whether it stands the check, and only then its folder."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from grader.course import Course
from grader.release.checking import check_by_grading, check_for_leaks
from grader.release.contents import marking_files
from grader.release.kinds import Kind, Request
from grader.release.placing import besides, put, refuse_to_overwrite


@dataclass(frozen=True)
class Released:
    """What came of making a release."""

    folder: Path
    files: tuple[str, ...]


def _nobody(sentence: str) -> None:
    """Is told what was checked."""


def release(
    course: Course,
    kind: Kind,
    folder: Path,
    request: Request,
    force: bool = False,
    tell: Callable[[str], None] = _nobody,
) -> Released:
    """Makes a release in `folder`, if it stands the check.

    Args:
        course: with its solutions, so that they can be searched for.
        kind: for whom.
        folder: empty, or not there yet.
        request: what the instructor has asked for.
        force: write over what is in `folder`; what is there besides stays.
        tell: takes what was checked, each as a sentence, as it is done.

    Raises:
        ReleaseError: the folder is not empty or cannot be written, the release gives something away, or its own tests
            do not say of stub and reference what they should.
    """
    refuse_to_overwrite(folder, course, force)
    files = kind.files(course, request)
    tell(check_for_leaks(course, files | besides(files, folder), {} if kind.is_public else marking_files(course)))
    if kind.is_course:
        with tempfile.TemporaryDirectory(prefix="threadlab-") as tried:
            put(files, Path(tried))
            for sentence in check_by_grading(course, Path(tried)):
                tell(sentence)
    put(files, folder)
    return Released(folder, tuple(sorted(files)))
