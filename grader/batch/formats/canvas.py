"""Canvas's download of submissions: files named after student, user and attachment, all in one folder.

It tells that something came late, but not when it came: the files' own times are not those of handing in.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from grader.batch.attempts import Attempt, Collection
from grader.batch.formats.layout import entries, is_archive, numbered

_NAME = re.compile(r"(?P<name>.+?)_(?:(?P<late>LATE)_)?(?P<user>\d+)_(?P<attachment>\d+)_(?P<file>.+)")
_TEXT = re.compile(r"(?P<name>.+?)_(?:(?P<late>LATE)_)?(?P<user>\d+)_(?:text|link)\.html")
"""What was typed into a box instead of handed in as a file."""
_ANONYMOUS = re.compile(
    r"(?P<first>LATE_)?(?P<name>anon_(?P<user>[A-Za-z0-9]+))_(?P<late>LATE_)?"
    r"(?:(?P<attachment>\d+)_(?P<file>.+)|(?:text|link)\.html)"
)
"""Where the assignment hides who its students are."""


_LOOK = "look at it yourself, or put it in a folder and name it so"
_TYPED = f"is text typed into Canvas, and no file; {_LOOK}"


class Canvas:
    """`<lowername>[_LATE]_<userid>_<attachmentid>_<file>`."""

    name = "canvas"
    description = "a download of Canvas: <name>[_LATE]_<user id>_<attachment id>_<file>"

    def recognise(self, folder: Path) -> str:
        """By the names of most entries."""
        paths, _ = entries(folder)
        files = [path for path in paths if not path.is_dir()]
        hits = sum(_named(path.name) is not None for path in files)
        return f"{hits} of {len(paths)} files are named as Canvas names them" if 2 * hits > len(paths) else ""

    def find(self, folder: Path, exercises: Sequence[str]) -> Collection:
        """One attempt for each user: Canvas gives out the last one only."""
        paths, ignored = entries(folder)
        by_user: dict[str, list[tuple[re.Match[str], Path]]] = {}
        doubtful: list[str] = []
        for path in paths:
            found = _named(path.name)
            if found is None:
                doubtful.append(f"{path.name}: is not named as Canvas does; {_LOOK}")
                continue
            if not _is_file(found):
                doubtful.append(f"{path.name}: {_TYPED}")
            by_user.setdefault(found["user"], []).append((found, path))
        names = [own[0][0]["name"] for own in by_user.values()]
        attempts = [_attempt(user, own, names.count(own[0][0]["name"]) == 1) for user, own in by_user.items()]
        return numbered(attempts, doubtful, ignored)


def _named(name: str) -> re.Match[str] | None:
    return _ANONYMOUS.fullmatch(name) or _NAME.fullmatch(name) or _TEXT.fullmatch(name)


def _is_file(found: re.Match[str]) -> bool:
    return bool(found.groupdict().get("file"))


def _attempt(user: str, own: list[tuple[re.Match[str], Path]], alone: bool) -> Attempt:
    """What one user has handed in; `alone`: nobody else has their name."""
    name = own[0][0]["name"]
    student = name if alone else f"{name}_{user}"
    late = any(found["late"] or found.groupdict().get("first") for found, _ in own)
    hidden = own[0][0].re is _ANONYMOUS
    ids = {"anonymous": user} if hidden else {"canvas": user, "canvas_name": name}
    source = ", ".join(path.name for _, path in own)
    own = [(found, path) for found, path in own if _is_file(found)]
    if not own:
        return Attempt(student, source, late=late, problem=f"{source}: {_TYPED}", ids=ids)
    own.sort(key=lambda one: int(one[0]["attachment"]))
    if len(own) == 1 and is_archive(own[0][0]["file"]):
        return Attempt(student, source, own[0][1], late=late, ids=ids)
    files = tuple((found["file"], path) for found, path in own)
    return Attempt(student, source, files=files, late=late, ids=ids)
