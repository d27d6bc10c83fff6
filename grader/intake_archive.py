"""Archives as submissions: which form a file has, and where in it the submission lies."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Protocol

from grader.intake_copy import FOLDER, Unreadable, read_file
from grader.intake_gather import Limits
from grader.intake_names import is_archive, is_left_out
from grader.intake_tree import LEAVE_OUT, Tree

_MOST_AROUND = 3
"""Folders around everything that are looked through."""


class Form(Protocol):
    """A form in which one file can hold a whole submission. A plug-in may bring its own (`grader_intakes`)."""

    name: str
    endings: tuple[str, ...]
    """Of the names that such files usually have; for people only."""

    def open(self, data: bytes, limits: Limits) -> Tree | None:
        """The tree of files in an archive.

        Args:
            data: the whole file.
            limits: how much is read of it.

        Returns:
            the tree, or None if the file has another form.

        Raises:
            Unreadable: it has this form, but is damaged, dangerous or too large; the message stands alone.
        """


def shipped_forms() -> list[Any]:
    """The forms that ship."""
    from grader.intake_tar import Tar
    from grader.intake_zip import Zip

    return [Zip(), Tar()]


def open_archive(path: Path, limits: Limits) -> Tree | None:
    """The tree of the archive at `path`; None if it is not named as one and is none.

    The file is read once and whole, so that nothing that writes to it can show two readers two archives.

    Raises:
        Unreadable: it is no file to be read, or an archive that is refused; the message follows the file's name.
    """
    try:
        data = read_file(os.fspath(path), limits.archive_bytes, remedy=LEAVE_OUT)
    except Unreadable:
        if is_archive(path.name):
            raise
        return None
    return tree_of(data, path.name, limits)


def tree_of(data: bytes, name: str, limits: Limits) -> Tree | None:
    """The tree of an archive with these bytes; None if it is not named as one and is none.

    Raises:
        Unreadable: as `open_archive`.
    """
    from grader.plugins import plugin_manager

    forms = [form for given in plugin_manager().hook.grader_intakes() for form in given]
    for form in forms:
        try:
            tree: Tree | None = form.open(data, limits)
        except Unreadable as why:
            raise Unreadable(f"is refused: {why}") from None
        if tree is not None:
            return tree
    if is_archive(name):
        known = ", ".join(ending for form in forms for ending in form.endings)
        raise Unreadable(f"is no archive of a form that is read; hand in the folder itself, or one of {known}")
    return None


@contextmanager
def looked_through(tree: Tree, exercises: Sequence[str]) -> Iterator[Tree]:
    """The folder of an archive that holds the submission: the usual one around everything is looked through."""
    with ExitStack() as stack:
        for _ in range(_MOST_AROUND):
            names = [name for name in tree.names if not is_left_out(name)]
            if len(names) != 1 or tree.kind(names[0]) != FOLDER:
                break
            inner = stack.enter_context(tree.folder(names[0]))
            if names[0] in exercises and names[0] not in inner.names:
                break  # the exercise's own
            tree = inner
        yield tree
