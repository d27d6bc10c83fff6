"""Searches a release for what solutions and hidden tests say; archives in it are looked into.

One line of some length tells, and so do three short ones in a row; `lock = threading.Lock()` alone does not.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

from grader.release.contents import Files

_LONG = 32
"""Word characters in a line that tells by itself."""
_IN_A_ROW = 3
_TOGETHER = 50
"""Word characters in short lines in a row that tell together."""


@dataclass(frozen=True)
class Leak:
    """A place in a release that says what a secret file says."""

    file: str
    line: int
    secret: str
    """Where that belongs, as `file:line`."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line} has a line of {self.secret}"


class Secrets:
    """What students must not get, as far as it tells anything."""

    def __init__(self, secret: Files, public: Files) -> None:
        """Args: secret: files that must not be given away. public: files that may share lines with them, such as the
        stub, whose signature the reference has too.
        """
        known = {said for data in public.values() for said, _ in _sayings(data)}
        self._said: dict[str, str] = {}
        for name, data in secret.items():
            for said, number in _sayings(data):
                if said not in known:
                    self._said.setdefault(said, f"{name}:{number}")

    def __len__(self) -> int:
        return len(self._said)

    def leaks(self, release: Files) -> list[Leak]:
        """Where a release has any of them."""
        return [
            Leak(name, number, self._said[said])
            for name, data in _with_contents(release).items()
            for said, number in _sayings(data)
            if said in self._said
        ]


def _sayings(data: bytes) -> Iterator[tuple[str, int]]:
    """What a file says that tells anything, each with the number of its first line; indentation does not count."""
    lines = [(line.strip(), number) for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1)]
    lines = [(line, number) for line, number in lines if re.search(r"\w", line)]
    for place, (line, number) in enumerate(lines):
        if _weight(line) >= _LONG:
            yield line, number
        row = [text for text, _ in lines[place : place + _IN_A_ROW]]
        if len(row) == _IN_A_ROW and all(_weight(text) < _LONG for text in row) and _weight("".join(row)) >= _TOGETHER:
            yield "\n".join(row), number


def _weight(text: str) -> int:
    return len(re.sub(r"\W", "", text))


def _with_contents(files: Files) -> Files:
    """The files, and those in archives among them."""
    found = dict(files)
    for name, data in files.items():
        if zipfile.is_zipfile(io.BytesIO(data)):
            with zipfile.ZipFile(io.BytesIO(data)) as zipped:
                inner = {f"{name}/{entry}": zipped.read(entry) for entry in zipped.namelist()}
            found |= _with_contents(inner)
    return found
