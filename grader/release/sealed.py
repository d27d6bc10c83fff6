"""Grading with sealed tests: opens them for as long as it lasts, where the student process cannot see them."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from grader.course import Course, load_course
from grader.jail import Cell, JailError, TierUnavailable, tiers
from grader.release import ReleaseError
from grader.release.keys import take_key
from grader.release.private import private_place
from grader.release.sealing import unseal
from grader.testing.bench import rlimits
from grader.testing.watch import Limits

_NEEDED = "files"


def key_for(key_file: Path | None, submission: Path) -> bytes:
    """The key, from a file or the environment, to grade a submission.

    Raises:
        ReleaseError: there is none; or its file lies in the submission, whose programs would see it.
    """
    if key_file is not None and key_file.resolve().is_relative_to(submission.resolve()):
        raise ReleaseError(f"the key file {key_file} lies in the submission, where its program could read it; move it")
    return take_key(key_file)


@contextlib.contextmanager
def opened(file: Path, key: bytes) -> Iterator[Course]:
    """The course in a sealed file, usable until the end of the block.

    Raises:
        ReleaseError: it cannot be opened with this key by this grader.
        CourseError: what is in it is no course.
    """
    try:
        data = file.read_bytes()
    except OSError as error:
        raise ReleaseError(f"the sealed file {file} cannot be read: {error.strerror}") from None
    try:
        _, files = unseal(data, key)
    except ReleaseError as error:
        raise ReleaseError(f"{file} {error}") from None
    with private_place(files) as place:
        yield replace(load_course(place), sealed=True)


def tier_that_hides(asked: str | None, allowed: str | None) -> str:
    """The strongest tier that works here and keeps files from the student process.

    Args:
        asked: only this one.
        allowed: the weakest that will do, even if it keeps no files; None: it must keep them.

    Raises:
        ReleaseError: there is none; the message says why.
    """
    known = [tier.name for tier in tiers()]
    for name in (asked, allowed):
        if name is not None and name not in known:
            raise ReleaseError(f"there is no tier {name!r}; there are {', '.join(known)}")
    good_enough = known[: known.index(allowed) + 1] if allowed else []
    why = []
    for tier in tiers():
        if asked not in (None, tier.name):
            continue
        if _NEEDED not in tier.guarantees and tier.name not in good_enough:
            why.append(f"{tier.name} keeps no files from students' programs")
        elif problem := _problem_with(tier):
            why.append(f"{tier.name}: {problem}")
        else:
            return str(tier.name)
    raise ReleaseError(
        f"sealed tests would not stay secret here ({'; '.join(why)}); `grade doctor` tells how to get a better tier, "
        "--allow-tier NAME takes the risk"
    )


def _problem_with(tier: object) -> str:
    """Why a tier does not work here; empty if it does."""
    with tempfile.TemporaryDirectory(prefix="threadlab-") as folder:
        Path(folder).chmod(0o755)
        try:
            Cell(tier, Path(folder), rlimits(Limits())).close()  # type: ignore[arg-type]
        except (TierUnavailable, JailError) as error:
            return str(error)
    return ""
