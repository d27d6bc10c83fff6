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
_TEXT = re.compile(r".+?_(?:LATE_)?\d+_text\.html")
"""What was typed into a box instead of handed in as a file."""


class Canvas:
    """`<lowername>[_LATE]_<userid>_<attachmentid>_<file>`."""

    name = "canvas"
    description = "a download of Canvas: <name>[_LATE]_<user id>_<attachment id>_<file>"

    def recognise(self, folder: Path) -> str:
        """By the names of most entries."""
        paths, _ = entries(folder)
        files = [path for path in paths if not path.is_dir()]
        hits = sum(bool(_NAME.fullmatch(path.name) or _TEXT.fullmatch(path.name)) for path in files)
        return f"{hits} of {len(paths)} files are named as Canvas names them" if 2 * hits > len(paths) else ""

    def find(self, folder: Path, exercises: Sequence[str]) -> Collection:
        """One attempt for each user: Canvas gives out the last one only."""
        paths, ignored = entries(folder)
        by_user: dict[str, list[tuple[re.Match[str], Path]]] = {}
        doubtful: list[str] = []
        for path in paths:
            found = _NAME.fullmatch(path.name)
            if found is None:
                typed = _TEXT.fullmatch(path.name)
                why = "is text typed into Canvas, and no file" if typed else "is not named as Canvas does"
                doubtful.append(f"{path.name}: {why}; look at it yourself, or put it in a folder and name it so")
            else:
                by_user.setdefault(found["user"], []).append((found, path))
        names = [own[0][0]["name"] for own in by_user.values()]
        attempts = [_attempt(user, own, names.count(own[0][0]["name"]) == 1) for user, own in by_user.items()]
        return numbered(attempts, doubtful, ignored)


def _attempt(user: str, own: list[tuple[re.Match[str], Path]], alone: bool) -> Attempt:
    """What one user has handed in; `alone`: nobody else has their name."""
    own.sort(key=lambda one: int(one[0]["attachment"]))
    name = own[0][0]["name"]
    student = name if alone else f"{name}_{user}"
    late = any(found["late"] for found, _ in own)
    source, ids = ", ".join(path.name for _, path in own), {"canvas": user, "canvas_name": name}
    if len(own) == 1 and is_archive(own[0][0]["file"]):
        return Attempt(student, source, own[0][1], late=late, ids=ids)
    files = tuple((found["file"], path) for found, path in own)
    return Attempt(student, source, files=files, late=late, ids=ids)
