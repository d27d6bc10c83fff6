"""Words for an exercise that a submission lacks: what was expected, and what was found that comes near."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from grader.intake_copy import FOLDER, Unreadable
from grader.intake_names import is_archive, is_left_out, is_ours, near, shown
from grader.intake_tree import Tree

_MOST_FOLDERS = 64
_MOST_NEAR = 3
_UNPACK = "archives in a submission are not opened: hand in the archive itself, or unpack it"


class Lacking:
    """A folder as it is searched for what may have been meant to be an exercise's file."""

    def __init__(self, path: Path | None, name: str, top: Tree, exercises: Sequence[str]) -> None:
        """Args:
        path: the submission, as the user gave it; None if it is an archive.
        name: the submission's name, whatever the path looks like.
        top: the submission, open.
        exercises: all that were asked for.
        """
        self._path = path
        self._name = name
        self._top = top
        self._others = {name for exercise in exercises for name in (exercise, f"{exercise}.py")}
        folders = (name for name in _candidates(top) if _is_folder(top, name))
        self._folders = [name for name, _ in zip(folders, range(_MOST_FOLDERS), strict=False)]
        self._deeper = {name: list(self._one_deeper(name)) for name in exercises}

    def why(self, exercise: str) -> str:
        """What was expected of an exercise that is not there."""
        file = f"{exercise}.py"
        return f"no {file} found: {exercise}/{file} or {file} is expected"

    def hint(self, exercise: str, alone: bool) -> str:
        """What was found that comes near it, to be read after `why`; empty if nothing was.

        Args:
            exercise: its name.
            alone: whether no other exercise is there either.
        """
        folders = {place.partition("/")[0] for places in self._deeper.values() for place in places}
        if alone and len(folders) == 1:
            inner = folders.pop()
            remedy = f"give {shown(str(self._path / inner))}" if self._path else f"pack {shown(inner)} alone"
            return f"; the submission lies one folder deeper: {remedy} instead"
        if places := self._deeper[exercise]:
            which = "it" if len(places) == 1 else "the right one"
            return f"; {_listed(places)} found: move {which} to {exercise}/{exercise}.py"
        if places := self._near(exercise):
            return f"; {_listed(places)} found: {_remedy(places[0], exercise)}"
        archives = [name for name in _candidates(self._top) if is_archive(name)]
        return f"; {_listed(archives)} found: {_UNPACK}" if alone and archives else ""

    def _one_deeper(self, exercise: str) -> Iterator[str]:
        """Where the file lies, rightly named, in a submission's layout but one folder too deep."""
        file = f"{exercise}.py"
        for name in self._folders:
            with suppress(Unreadable), self._top.folder(name) as inner:
                if file in inner.names:
                    yield f"{name}/{file}"
                if exercise in inner.names:
                    with inner.folder(exercise) as own:
                        if file in own.names:
                            yield f"{name}/{exercise}/{file}"

    def _near(self, exercise: str) -> list[str]:
        """What has a name that comes near: at the top, or in a folder whose own name is right or comes near."""
        names = [name for name in _candidates(self._top) if name == exercise or name not in self._others]
        alike = near(exercise, names)
        found = [name for name in alike if name not in self._folders]
        for folder in self._folders:
            if folder == exercise or folder in alike:
                found += [f"{folder}/{name}" for name in self._within(folder, exercise)]
        if not found and self._name == exercise:
            return [name for name in names if name.endswith(".py")]
        return found

    def _within(self, folder: str, exercise: str) -> list[str]:
        with suppress(Unreadable), self._top.folder(folder) as inner:
            names = _candidates(inner)
            return near(exercise, names) or [name for name in names if name.endswith(".py")]
        return []


def _candidates(folder: Tree) -> list[str]:
    return [name for name in folder.names if not is_left_out(name) and not is_ours(name)]


def _is_folder(top: Tree, name: str) -> bool:
    with suppress(Unreadable):
        return top.kind(name) == FOLDER
    return False


def _listed(places: list[str]) -> str:
    """The first few places, and the verb."""
    told = [shown(place) for place in places[:_MOST_NEAR]]
    return f"{told[0]} was" if len(told) == 1 else f"{', '.join(told[:-1])} and {told[-1]} were"


def _remedy(place: str, exercise: str) -> str:
    if is_archive(place):
        return _UNPACK
    folder = place.rpartition("/")[0]
    if folder and folder != exercise:
        return f"make it {exercise}/{exercise}.py"
    return f"rename it to {exercise}.py"
