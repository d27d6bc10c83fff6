"""What a submission looks like to those who gather its files, and such a tree built from an archive's entries.

The tree of an archive lies in memory: nothing is unpacked to disk, and no entry can lead out of it. A name that
would, or that two readers could take for two things, is refused here, for every form of archive.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property
from typing import Protocol

from grader.intake_copy import FILE, FOLDER, MOST_NAMES, Unreadable
from grader.intake_names import is_left_out, shown

_MOST_NODES = 100_000
"""Files and folders of one archive, left-out ones not counted."""

_LONGEST_NAME, _LONGEST_PART = 4096, 255
"""Bytes of a path and of one name in it that Linux can hold."""

_ODD_LEFT_OUT = ("Icon\r", "Icon\r/")  # what macOS draws a folder with

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_DRIVE = re.compile(r"[A-Za-z]:")

ANEW = "pack the folder anew, for example with `python3 -m zipfile -c NAME.zip FOLDER`"
LEAVE_OUT = "leave out what the exercises do not need, such as environments and data"

Reader = Callable[[int], bytes]
"""Gives the bytes of a file, no more than so many; raises `Unreadable`."""


class Tree(Protocol):
    """A folder of a submission: on disk (`intake_copy.Folder`) or in an archive."""

    @property
    def names(self) -> tuple[str, ...]:
        """What it holds, sorted."""

    def kind(self, name: str) -> str:
        """What the entry is: FILE, FOLDER, or words for what else.

        Raises:
            Unreadable: it cannot be told.
        """

    def folder(self, name: str) -> AbstractContextManager[Tree]:
        """The folder of that name, open for as long as the context lasts.

        Raises:
            Unreadable: there is none, or it cannot be listed.
        """

    def read(self, name: str, most: int) -> bytes:
        """The bytes of the file of that name, `most` at most.

        Raises:
            Unreadable: it is no plain file, too large, or cannot be read.
        """


class _File:
    """One entry that is no folder."""

    def __init__(self, kind: str, size: int, reader: Reader) -> None:
        self.kind = kind
        self.size = size
        self.reader = reader


class Branch:
    """One folder of an archive, as a `Tree`."""

    def __init__(self) -> None:
        self.entries: dict[str, _File | Branch] = {}
        self.alike: dict[str, str] = {}
        """By their names as a file system sees them that tells no case and no normal form."""

    @cached_property
    def names(self) -> tuple[str, ...]:
        """As `Tree.names`; to be asked for when the tree is complete."""
        if len(self.entries) > MOST_NAMES:
            raise Unreadable(
                f"holds more than {MOST_NAMES:,} entries; put the exercise's files in a folder of their own"
            )
        return tuple(sorted(self.entries, key=os.fsencode))

    def kind(self, name: str) -> str:
        """As `Tree.kind`."""
        entry = self._entry(name)
        return FOLDER if isinstance(entry, Branch) else entry.kind

    @contextmanager
    def folder(self, name: str) -> Iterator[Branch]:
        """As `Tree.folder`."""
        entry = self._entry(name)
        if not isinstance(entry, Branch):
            raise Unreadable(f"is {entry.kind}; put a folder in its place, or remove it")
        _ = entry.names  # or it cannot be listed
        yield entry

    def read(self, name: str, most: int) -> bytes:
        """As `Tree.read`."""
        entry = self._entry(name)
        if isinstance(entry, Branch):
            raise Unreadable("is a folder; put a file in its place, or remove it")
        if entry.kind != FILE:
            raise Unreadable(f"is {entry.kind}; put a file in its place, or remove it")
        if entry.size > most:
            raise Unreadable(f"has {entry.size:,} bytes; at most {most:,} are taken in one file: remove it")
        return entry.reader(entry.size)

    def _entry(self, name: str) -> _File | Branch:
        try:
            return self.entries[name]
        except KeyError:
            raise Unreadable("is not in the archive; put it there") from None


class TreeBuilder:
    """Builds the tree of an archive from its entries, in whatever order they come."""

    def __init__(self) -> None:
        self.top = Branch()
        self._nodes = 0

    def add_folder(self, name: str) -> None:
        """Adds a folder; the same one may come again.

        Raises:
            Unreadable: its name will not do, or is another entry's too.
        """
        if not name.endswith(_ODD_LEFT_OUT) and (parts := parts_of(name)):
            self._branch(parts, name)

    def add_file(self, name: str, kind: str, size: int, reader: Reader) -> bool:
        """Adds what is no folder; whether it is kept, and not left out as a by-product.

        Args:
            name: as the archive has it.
            kind: FILE, or words for what else.
            size: bytes in it, as the archive says.
            reader: gives them.

        Raises:
            Unreadable: its name will not do, or is another entry's too.
        """
        if name.endswith(_ODD_LEFT_OUT):
            return False
        parts = parts_of(name)
        if not parts:
            raise Unreadable(f"the name {_quoted(name)} is none; {ANEW}")
        if any(map(is_left_out, parts)):
            return False
        branch = self._branch(parts[:-1], name)
        if parts[-1] in branch.entries:
            raise Unreadable(f"{shown(name)} is in it twice, and either could count; {ANEW}")
        self._put(branch, parts[-1], _File(kind, size, reader), name)
        return True

    def _branch(self, parts: list[str], name: str) -> Branch:
        """The folder with that path, made where it is missing."""
        branch = self.top
        if any(map(is_left_out, parts)):
            return Branch()
        for part in parts:
            inner = branch.entries.get(part)
            if inner is None:
                inner = Branch()
                self._put(branch, part, inner, name)
            if not isinstance(inner, Branch):
                raise Unreadable(f"{shown(name)}: {shown(part)} is a file and a folder at once; {ANEW}")
            branch = inner
        return branch

    def _put(self, branch: Branch, part: str, entry: _File | Branch, name: str) -> None:
        self._nodes += 1
        if self._nodes > _MOST_NODES:
            raise Unreadable(f"{shown(name)}: there are more than {_MOST_NODES:,} files and folders; {LEAVE_OUT}")
        other = branch.alike.setdefault(_folded(part), part)
        if other != part:
            raise Unreadable(
                f"{shown(name)}: {shown(part)} and {shown(other)} are the same name but for case; rename one"
            )
        branch.entries[part] = entry


def parts_of(name: str) -> list[str]:
    """The folders and the name in a path of an archive; none for the top itself.

    Raises:
        Unreadable: it is no plain path below the top; the message stands alone.
    """
    if found := _CONTROL.search(name):
        what = "a NUL byte" if found[0] == "\0" else "a control character"
        raise Unreadable(f"the name {_quoted(name)} holds {what}; rename it")
    if name.startswith("/"):
        raise Unreadable(f"{_quoted(name)} is an absolute path; {ANEW}")
    if _DRIVE.match(name):
        raise Unreadable(f"{_quoted(name)} begins with a drive letter; {ANEW}")
    if "\\" in name:
        raise Unreadable(f"the name {_quoted(name)} holds a backslash; {ANEW}")
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise Unreadable(f"{_quoted(name)} leads out of the submission with `..`; {ANEW}")
    if len(name) > _LONGEST_NAME or any(len(os.fsencode(part)) > _LONGEST_PART for part in parts):
        raise Unreadable(f"the name {_quoted(name)} is too long; shorten it")
    return parts


def text_of(name: bytes, encoding: str = "utf-8") -> str:
    """A name as text.

    Raises:
        Unreadable: it is not in that encoding.
    """
    try:
        return name.decode(encoding)
    except UnicodeDecodeError:
        text = name[:_LONGEST_NAME].decode("utf-8", "surrogateescape")
        raise Unreadable(f"the name {_quoted(text)} is not UTF-8; rename it") from None


def _quoted(name: str) -> str:
    return f"'{shown(name)}'"


def _folded(part: str) -> str:
    return part if part.isascii() and part.islower() else unicodedata.normalize("NFC", part.casefold())
