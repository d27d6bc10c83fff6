"""Takes attempts in: reads each with the intake, into memory, and tells what of it there is to grade."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from grader.batch.attempts import Attempt, BatchError
from grader.batch.digests import part_digests, submission_digest
from grader.batch.handed_in import Arrangement, Doubts
from grader.intake import Intake, Limits, Refused, take_in
from grader.intake_copy import Unreadable, read_file, write_copy
from grader.intake_names import shown

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
"""Errors of a disk that takes no more."""


@dataclass(frozen=True)
class Taken:
    """An attempt that was taken in, or why it was not."""

    attempt: Attempt
    intake: Intake | None
    files: dict[str, bytes]
    """The copy by path."""
    digest: str
    """Of the submission; empty if it was not taken."""
    refused: str = ""
    fault: str = ""
    """What of the grader's own went wrong."""
    parts: dict[str, str] = field(default_factory=dict)
    """The digest of each exercise's part of it."""
    doubts: Doubts = field(default_factory=Doubts)


def take(attempt: Attempt, exercises: Sequence[str], scratch: Path, asked: Sequence[str] = ()) -> Taken:
    """Reads one attempt. Whatever lies there: it comes back as taken, refused, or a fault.

    Args:
        attempt: where it lies.
        exercises: the names of those to look for.
        scratch: a folder to write in; left as it was.
        asked: the names of those that are graded; empty: all.

    Raises:
        BatchError: there is no room to write.
    """
    if attempt.problem:
        return Taken(attempt, None, {}, "", refused=attempt.problem)
    place = scratch / "intake"
    try:
        shutil.rmtree(place, ignore_errors=True)
        path = attempt.path or _gathered(attempt, place / "handed_in")
        arrangement = Arrangement(exercises, asked or exercises, Limits(), archives=path.is_dir())
        intake = take_in(path, exercises, _made(place / "copy"), None, arrangement)
        doubts = arrangement.doubts
        doubts.absent = {one.exercise for one in intake.found if one.absent} - {*doubts.unclear, *doubts.flags}
        intake = _undecided(intake, doubts)
        files = {
            path: data for path, data in _files(place / "copy").items() if path.split("/")[0] not in doubts.unclear
        }
        return Taken(
            attempt, intake, files, submission_digest(intake), parts=part_digests(intake, files), doubts=doubts
        )
    except Refused as error:
        said = str(error)
        for known in (attempt.path, place / "handed_in"):
            said = said.replace(shown(str(known)), shown(attempt.source))
        return Taken(attempt, None, {}, "", refused=said)
    except Exception as error:  # a fault of ours, in one row
        if isinstance(error, OSError) and error.errno in NO_ROOM:
            raise BatchError(f"{scratch}: {error.strerror}; free the disk, then run the same command") from None
        return Taken(attempt, None, {}, "", fault=f"{type(error).__name__}: {error}"[:300])
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _undecided(intake: Intake, doubts: Doubts) -> Intake:
    """The same without the exercises of which it cannot be told what to grade."""
    found = (
        replace(one, file=None, problem=why) if (why := doubts.unclear.get(one.exercise)) else one
        for one in intake.found
    )
    return replace(intake, found=tuple(found))


def _made(folder: Path) -> Path:
    folder.parent.mkdir(parents=True, exist_ok=True)
    return folder


def _gathered(attempt: Attempt, place: Path) -> Path:
    """A folder with the single files of an attempt, under the names that they were handed in as."""
    files = {}
    for name, path in attempt.files:
        if name in files:
            raise Refused(f"{shown(name)} is there twice; keep the one that counts")
        try:
            files[name] = read_file(os.fspath(path), Limits().archive_bytes)
        except Unreadable as why:
            raise Refused(f"{shown(name)} {why}") from None
    write_copy(files, _made(place))
    return place


def _files(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}
