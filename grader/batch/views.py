"""Views of a submission's folders: some entries under other names, left out, or from elsewhere."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Set
from contextlib import ExitStack, contextmanager

from grader.intake_copy import FOLDER, Unreadable
from grader.intake_tree import Tree


class View:
    """A folder as a `Tree`."""

    def __init__(
        self,
        base: Tree,
        renamed: Mapping[str, str],
        folders: Mapping[str, Tree] | None = None,
        hidden: Set[str] = frozenset(),
    ) -> None:
        """Args:
        base: the folder, open.
        renamed: names of entries as they are shown, and as they are.
        folders: open ones from elsewhere, by the names that they have here.
        hidden: names that are left out.
        """
        self._base, self._folders = base, dict(folders or {})
        gone = {*hidden, *renamed.values()}
        self._real = {name: name for name in base.names if name not in gone} | dict(renamed)
        self.names = tuple(sorted({*self._real, *self._folders}, key=os.fsencode))

    def kind(self, name: str) -> str:
        """As `Tree.kind`."""
        return FOLDER if name in self._folders else self._base.kind(self._known(name))

    @contextmanager
    def folder(self, name: str) -> Iterator[Tree]:
        """As `Tree.folder`."""
        if name in self._folders:
            yield self._folders[name]
            return
        with self._base.folder(self._known(name)) as inner:
            yield inner

    def read(self, name: str, most: int) -> bytes:
        """As `Tree.read`."""
        if name in self._folders:
            raise Unreadable("is a folder; put a file in its place, or remove it")
        return self._base.read(self._known(name), most)

    def _known(self, name: str) -> str:
        if name not in self._real:
            raise Unreadable("is not there; put it there")
        return self._real[name]


def tree_at(stack: ExitStack, top: Tree, folders: tuple[str, ...]) -> Tree:
    """The folder with that path, open until `stack` is closed.

    Raises:
        Unreadable: there is none, or it cannot be listed.
    """
    for name in folders:
        top = stack.enter_context(top.folder(name))
    return top


def read_at(top: Tree, place: tuple[str, ...], most: int) -> bytes:
    """The bytes of the file with that path.

    Raises:
        Unreadable: as `Tree.read`.
    """
    with ExitStack() as stack:
        return tree_at(stack, top, place[:-1]).read(place[-1], most)
