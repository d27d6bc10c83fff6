"""Gathers the files of one exercise out of a submission, within limits, and says what was refused of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.intake_copy import FOLDER, MOST_NAMES, Unreadable
from grader.intake_names import hides_library, is_left_out, is_never_used, is_ours, shown

if TYPE_CHECKING:
    from grader.intake_tree import Tree


@dataclass(frozen=True)
class Limits:
    """How much of a submission is taken.

    Args:
        files: files in all.
        file_bytes: bytes in one file.
        total_bytes: bytes in all files together.
        depth: folders inside one another, below the exercise's own.
        archive_bytes: bytes in an archive, and of the files in one that are kept in memory.
        unpacked_bytes: bytes to which a compressed archive may unpack, left-out files included.
        entries: entries of an archive, left-out ones included.
    """

    files: int = 500
    file_bytes: int = 1 << 20
    total_bytes: int = 8 << 20
    depth: int = 6
    archive_bytes: int = 64 << 20
    unpacked_bytes: int = 256 << 20
    entries: int = 50_000


class _Full(Exception):
    """There is more than the limits allow; the message stands alone."""


class Gathering:
    """The files of one exercise as they are gathered, what was refused of them, and what is to be noted."""

    def __init__(self, limits: Limits, prefix: str = "", before: Mapping[str, bytes] | None = None) -> None:
        """Args:
        limits: how much of the submission is taken in all.
        prefix: what to put before a path for it to be relative to the submission.
        before: what has been taken of the submission already.
        """
        self.files: dict[str, bytes] = {}
        self.refusals: list[str] = []
        self.notes: list[str] = []
        self._limits = limits
        self._prefix = prefix
        self._files_left = limits.files - len(before or ())
        self._bytes_left = limits.total_bytes - sum(map(len, (before or {}).values()))
        self._names_left = MOST_NAMES

    def take_folder(self, folder: Tree, without: frozenset[str] = frozenset()) -> None:
        """Gathers what is in `folder` and below, but for the names `without`, until a limit is reached."""
        try:
            self._folder(folder, "", without)
        except _Full as full:
            self.refusals.append(str(full))

    def take_file(self, folder: Tree, name: str) -> None:
        """Gathers the one file."""
        try:
            self._entry(folder, name, name)
        except _Full as full:
            self.refusals.append(str(full))

    def _add(self, path: str, data: bytes) -> None:
        self._files_left -= 1
        self._bytes_left -= len(data)
        if self._files_left < 0:
            raise _Full(self._too_much(path, f"{self._limits.files:,} files"))
        if self._bytes_left < 0:
            raise _Full(self._too_much(path, f"{self._limits.total_bytes:,} bytes"))
        self.files[path] = data
        if module := hides_library(path):
            self.notes.append(
                f"{self._shown(path.removesuffix('/__init__.py'))} has the name of a module of the standard library; "
                f"`import {module}` will not find yours; rename it"
            )

    def _folder(self, folder: Tree, inside: str, without: frozenset[str]) -> None:
        self._names_left -= len(folder.names)
        if self._names_left < 0:
            raise _Full(self._too_much(inside, f"{MOST_NAMES:,} entries"))
        for name in folder.names:
            path = f"{inside}{name}"
            if is_never_used(name):
                self.notes.append(f"{self._shown(path)} is not used")
            elif name not in without and not is_left_out(name) and not is_ours(name):
                self._entry(folder, name, path)

    def _entry(self, folder: Tree, name: str, path: str) -> None:
        try:
            if folder.kind(name) == FOLDER:
                self._subfolder(folder, name, path)
            else:
                self._add(path, folder.read(name, self._limits.file_bytes))
        except Unreadable as why:
            self.refusals.append(f"{self._shown(path)} {why}")

    def _subfolder(self, folder: Tree, name: str, path: str) -> None:
        if path.count("/") >= self._limits.depth:
            raise Unreadable(f"lies more than {self._limits.depth} folders deep; remove it or move it up")
        with folder.folder(name) as inner:
            if "pyvenv.cfg" not in inner.names:  # an environment, under whatever name
                self._folder(inner, f"{path}/", frozenset())

    def _shown(self, path: str) -> str:
        return shown(self._prefix + path)

    def _too_much(self, path: str, limit: str) -> str:
        return f"with {self._shown(path)} there are more than {limit} in the submission; remove what it does not need"
