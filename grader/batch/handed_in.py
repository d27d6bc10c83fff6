"""Where in what was handed in the exercises lie: one rule of names, whatever format it came in.

A file of the right name in the right place counts, as for `grade run`. Else the only one does whose name differs by
no more than case and what an LMS or a browser adds, in whatever folder. Where several could be it, none is taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field

from grader.batch.views import View, read_at, tree_at
from grader.intake_archive import looked_through, tree_of
from grader.intake_copy import FILE, FOLDER, Unreadable
from grader.intake_gather import Limits
from grader.intake_names import is_archive, is_left_out, is_ours, meant, shown
from grader.intake_tree import Tree

_DEEPEST = 8
_MOST_FOLDERS, _MOST_NAMES = 1000, 20_000
_AROUND = 4
"""Folders around everything that are looked through before the right place is looked for."""

Place = tuple[str, ...]
"""The folders from the top of a submission, and the name."""


@dataclass
class Doubts:
    """What of a submission an instructor has to look at, each by exercise."""

    unclear: dict[str, str] = field(default_factory=dict)
    """Why it cannot be told what to grade."""
    flags: dict[str, str] = field(default_factory=dict)
    taken_as: dict[str, str] = field(default_factory=dict)
    """The file of another name that was taken for it, since it is the only one."""
    absent: set[str] = field(default_factory=set)
    """Nothing was handed in that could be it."""


class Arrangement:
    """Lays a submission out as intake expects it; `doubts` then tells what was not certain."""

    def __init__(self, exercises: Sequence[str], asked: Sequence[str], limits: Limits, archives: bool = True) -> None:
        """Args:
        exercises: the names of all of the course.
        asked: of those that are graded.
        limits: how much is read.
        archives: whether one that lies alone in it is opened.
        """
        self.doubts = Doubts()
        self._exercises, self._asked, self._limits, self._opens = exercises, asked, limits, archives

    @contextmanager
    def __call__(self, top: Tree) -> Iterator[Tree]:
        """The same submission with each exercise in its place, as far as that is certain."""
        with ExitStack() as stack:
            search = _Search(top)
            home = _home(top, self._exercises)
            right = {name: place for name in self._exercises if (place := _in_place(top, home, name))}
            moved: dict[str, Place] = {}
            for name in self._exercises:
                own = [one for one in search.sources if meant(one[-1], self._exercises) == name]
                if name in right:
                    self._beside(top, name, right[name], own)
                elif chosen := self._only(top, name, own, search.is_complete):
                    moved[name] = chosen
            if not right and not moved and not self.doubts.unclear:
                if (archive := self._alone(search)) is not None:
                    yield stack.enter_context(self._opened(top, archive))
                    return
                moved = self._of_another_name(search)
            elif search.archives:
                for name in set(self._exercises) - {*right, *moved}:
                    self.doubts.flags.setdefault(name, f"{_listed(search.archives, 'and')} may hold it: not opened")
            yield self._arranged(stack, top, home, moved)

    def _beside(self, top: Tree, name: str, right: Place, own: Sequence[Place]) -> None:
        """Others of its name: of those in the same folder either could be meant."""
        others = [one for one in own if one != right and _differ(top, one, right, self._limits)]
        close = [one for one in others if one[:-1] == right[:-1]]
        if close:
            self.doubts.unclear[name] = f"{_listed([right, *close], 'and')} could be it; keep the one that counts"
        elif others:
            was = "was" if len(others) == 1 else "were"
            self.doubts.flags[name] = f"{_listed(others, 'and')} {was} handed in too, and is not what is graded"

    def _only(self, top: Tree, name: str, own: Sequence[Place], is_complete: bool) -> Place | None:
        if not is_complete:
            self.doubts.unclear[name] = f"there is too much to look through; put it in {name}/{name}.py"
            return None
        if any(_differ(top, one, own[0], self._limits) for one in own[1:]):
            self.doubts.unclear[name] = f"{_listed(own, 'and')} could be it; keep the one that counts"
            return None
        return min(own, key=len) if own else None

    def _alone(self, search: _Search) -> Place | None:
        """The archive that lies in the submission with nothing else that could be graded."""
        could_be = [*search.archives, *search.others(self._exercises)]
        if not search.archives or not self._opens:
            return None
        if len(could_be) == 1:
            return could_be[0]
        for name in self._asked:
            self.doubts.unclear[name] = f"{_listed(could_be, 'and')} could hold it; keep the one that counts"
        return None

    @contextmanager
    def _opened(self, top: Tree, archive: Place) -> Iterator[Tree]:
        try:
            data = read_at(top, archive, self._limits.archive_bytes)
            tree = tree_of(data, archive[-1], self._limits)
        except Unreadable as why:
            raise Unreadable(f"cannot be graded: {_listed([archive], '')} {why}") from None
        if tree is None:
            raise Unreadable(f"cannot be graded: {_listed([archive], '')} is no archive")
        inner = Arrangement(self._exercises, self._asked, self._limits, archives=False)
        with looked_through(tree, self._exercises) as around, inner(around) as arranged:
            self.doubts = inner.doubts
            yield arranged

    def _of_another_name(self, search: _Search) -> dict[str, Place]:
        """Where one exercise is graded and one source was handed in, that is it."""
        others = search.others(self._exercises)
        if len(self._asked) != 1 or len(others) != 1 or search.archives:
            return {}
        self.doubts.taken_as[self._asked[0]] = _listed(others, "")
        return {self._asked[0]: others[0]}

    def _arranged(self, stack: ExitStack, top: Tree, place_of_home: Place, moved: dict[str, Place]) -> Tree:
        """Home with exercises from elsewhere: each as a folder of its own, or by its right name at the top."""
        home = tree_at(stack, top, place_of_home)
        renamed, folders = {}, {}
        hidden = {one for one in home.names if meant(one, self._exercises) in self.doubts.unclear}
        for name, place in moved.items():
            file = f"{name}.py"
            if place[:-1] == place_of_home:
                renamed[file] = place[-1]
                continue
            others = {other[-1] for other in moved.values() if other != place and other[:-1] == place[:-1]}
            others |= {"exercises", *self._exercises}
            folders[name] = View(tree_at(stack, top, place[:-1]), {file: place[-1]}, hidden=others)
            hidden.add(name)
        return View(home, renamed, folders, hidden) if moved or hidden else home


class _Search:
    """What in a submission could be graded: sources and archives, with no link followed."""

    def __init__(self, top: Tree) -> None:
        self.sources: list[Place] = []
        self.archives: list[Place] = []
        self._folders, self._names = 0, 0
        self.is_complete = True
        self._look(top, ())

    def others(self, exercises: Sequence[str]) -> list[Place]:
        """Sources that are not named as an exercise, nor as tests of one."""
        return [
            one for one in self.sources
            if meant(one[-1], exercises) is None and not one[-1].lower().startswith("test_")
        ]  # fmt: skip

    def _look(self, tree: Tree, inside: Place) -> None:
        self._folders += 1
        self._names += len(tree.names)
        if self._folders > _MOST_FOLDERS or self._names > _MOST_NAMES or len(inside) > _DEEPEST:
            self.is_complete = False
            return
        if inside and "pyvenv.cfg" in tree.names:  # an environment, under whatever name
            return
        for name in tree.names:
            if not is_left_out(name) and not is_ours(name):
                with suppress(Unreadable):
                    self._entry(tree, name, (*inside, name))

    def _entry(self, tree: Tree, name: str, place: Place) -> None:
        kind = tree.kind(name)
        if kind == FOLDER:
            with tree.folder(name) as inner:
                self._look(inner, place)
        elif kind == FILE and name.lower().endswith(".py"):
            self.sources.append(place)
        elif kind == FILE and is_archive(name):
            self.archives.append(place)


def _home(top: Tree, exercises: Sequence[str]) -> Place:
    """The folder in which exercises lie as expected: the top, its `exercises`, or one around everything."""
    with ExitStack() as stack:
        tree, place = top, Place()
        for _ in range(_AROUND):
            for inner in ((), ("exercises",)):
                with suppress(Unreadable):
                    if any(_in_place(tree, inner, name) for name in exercises):
                        return (*place, *inner)
            names = [name for name in tree.names if not is_left_out(name)]
            if len(names) != 1 or tree.kind(names[0]) != FOLDER:
                break
            try:
                tree = stack.enter_context(tree.folder(names[0]))
            except Unreadable:
                break
            place = (*place, names[0])
    return ()


def _in_place(top: Tree, home: Place, name: str) -> Place | None:
    """Where intake itself would find the exercise, or say why it cannot take it."""
    file = f"{name}.py"
    with ExitStack() as stack:
        tree = tree_at(stack, top, home)
        if name in tree.names and tree.kind(name) != FILE:
            try:
                if file in tree_at(stack, tree, (name,)).names:
                    return (*home, name, file)
            except Unreadable:  # a link, or what may not be read
                return (*home, name, file)
        return (*home, file) if file in tree.names else None


def _differ(top: Tree, one: Place, other: Place, limits: Limits) -> bool:
    try:
        return read_at(top, one, limits.file_bytes) != read_at(top, other, limits.file_bytes)
    except Unreadable:
        return True


def _listed(places: Sequence[Place], word: str) -> str:
    told = [shown("/".join(place)) for place in places[:4]]
    told += [f"{len(places) - 4} more"] if len(places) > 4 else []
    return told[0] if len(told) == 1 else f"{', '.join(told[:-1])} {word} {told[-1]}"
