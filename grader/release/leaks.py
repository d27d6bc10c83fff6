"""Searches a release for lines of solutions and hidden tests; archives in it are looked into."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass

from grader.release.contents import Files

_FEWEST_WORD_CHARACTERS = 12
"""A line with fewer tells nothing: `import threading`, `return result`."""


@dataclass(frozen=True)
class Leak:
    """A line of a secret file in a release."""

    file: str
    line: int
    secret: str
    """Where the line belongs, as `file:line`."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line} has a line of {self.secret}"


class Secrets:
    """The lines of what students must not get, as far as a line tells anything."""

    def __init__(self, secret: Files, public: Files) -> None:
        """Args: secret: files that must not be given away. public: files that may share lines with them, such as the
        stub, whose signature the reference has too.
        """
        known = {line for data in public.values() for line in _lines(data)}
        self._lines: dict[str, str] = {}
        for name, data in secret.items():
            for number, line in enumerate(_lines(data), 1):
                if _tells(line) and line not in known:
                    self._lines.setdefault(line, f"{name}:{number}")

    def __len__(self) -> int:
        return len(self._lines)

    def leaks(self, release: Files) -> list[Leak]:
        """Where a release has any of them."""
        found = []
        for name, data in _with_contents(release).items():
            for number, line in enumerate(_lines(data), 1):
                if line in self._lines:
                    found.append(Leak(name, number, self._lines[line]))
        return found


def _with_contents(files: Files) -> Files:
    """The files, and those in archives among them."""
    found = dict(files)
    for name, data in files.items():
        if zipfile.is_zipfile(io.BytesIO(data)):
            with zipfile.ZipFile(io.BytesIO(data)) as zipped:
                inner = {f"{name}/{entry}": zipped.read(entry) for entry in zipped.namelist()}
            found |= _with_contents(inner)
    return found


def _lines(data: bytes) -> list[str]:
    return [line.strip() for line in data.decode("utf-8", "replace").splitlines()]


def _tells(line: str) -> bool:
    return len(re.sub(r"\W", "", line)) >= _FEWEST_WORD_CHARACTERS
