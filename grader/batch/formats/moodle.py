"""Moodle's download of all submissions: a folder for each participant, or their files with a long name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from grader.batch.attempts import Attempt, Collection
from grader.batch.formats.layout import entries, file_time, is_archive, numbered

_NAME = re.compile(r"(?P<name>.+)_(?P<id>\d+)_assignsubmission_(?P<kind>[a-z]+)_?(?P<file>.*)", re.DOTALL)


_TYPED = "is text typed into Moodle, and no file; look at it yourself"


class Moodle:
    """`<full name>_<participant id>_assignsubmission_file/`, or the same before each file's name."""

    name = "moodle"
    description = "a download of Moodle: <full name>_<participant id>_assignsubmission_file/"

    def recognise(self, folder: Path) -> str:
        """By the names of most entries."""
        paths, _ = entries(folder)
        hits = sum(bool(_NAME.fullmatch(path.name)) for path in paths)
        return f"{hits} of {len(paths)} entries are named as Moodle names them" if 2 * hits > len(paths) else ""

    def find(self, folder: Path, exercises: Sequence[str]) -> Collection:
        """One attempt for each participant."""
        paths, ignored = entries(folder)
        by_id: dict[str, list[tuple[re.Match[str], Path]]] = {}
        typed: dict[str, tuple[re.Match[str], Path]] = {}
        doubtful: list[str] = []
        for path in paths:
            found = _NAME.fullmatch(path.name)
            if found is None:
                (ignored if path.suffix == ".csv" else doubtful).append(
                    f"{path.name}: is not named as Moodle names submissions; rename or remove it"
                )
            elif found["kind"] == "file":
                by_id.setdefault(found["id"], []).append((found, path))
            elif found["kind"] == "onlinetext":
                typed.setdefault(found["id"], (found, path))
            else:
                ignored.append(path.name)  # comments
        for number, one in typed.items():
            if number in by_id:
                ignored.append(one[1].name)
            else:
                by_id[number] = [one]
                doubtful.append(f"{one[1].name}: {_TYPED}")
        names = [own[0][0]["name"] for own in by_id.values()]
        return numbered(
            [
                replace(_attempt(number, own, names.count(own[0][0]["name"]) == 1), when_from="file")
                for number, own in by_id.items()
            ],
            doubtful,
            ignored,
        )


def _attempt(number: str, own: list[tuple[re.Match[str], Path]], alone: bool) -> Attempt:
    """What one participant has handed in; `alone`: nobody else has their name."""
    name = own[0][0]["name"]
    student = name if alone else f"{name}_{number}"
    source, ids = ", ".join(path.name for _, path in own), {"moodle": number, "name": name}
    times = [time for _, path in own if (time := file_time(path))]
    when = max(times, default=None)
    [(found, path), *more] = own
    if found["kind"] == "onlinetext":
        return Attempt(student, source, when=when, problem=f"{source}: {_TYPED}", ids=ids)
    if not more and path.is_dir():
        return Attempt(student, source, path, when=when, ids=ids)
    if not more and is_archive(found["file"]):
        return Attempt(student, source, path, when=when, ids=ids)
    files = tuple((one["file"], place) for one, place in own)
    return Attempt(student, source, files=files, when=when, ids=ids)
