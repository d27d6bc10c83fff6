"""Clones of repositories: of GitHub Classroom, and of Classroom 50."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile
from pathlib import Path

from grader.batch.attempts import Attempt, BatchError, Collection
from grader.batch.formats.last_commit import last_commit
from grader.batch.formats.layout import entries

_SUBMISSIONS = "-submissions"


class GitHubClassroom:
    """`<slug>-submissions/<slug>-<username>/`, as `gh classroom clone student-repos` lays them out."""

    name = "github-classroom"
    description = "clones of GitHub Classroom: <assignment>-submissions/<assignment>-<user>/"

    def recognise(self, folder: Path) -> str:
        """By the folder's own name, which tells the assignment's."""
        slug = _slug(folder)
        if not slug:
            return ""
        repos = _repositories(folder)
        hits = sum(path.name.startswith(f"{slug}-") for path in repos)
        return f"{hits} of {len(repos)} repositories belong to {slug}" if 2 * hits > len(repos) else ""

    def find(self, folder: Path, exercises: Sequence[str]) -> Collection:
        """One attempt for each repository; others are told."""
        slug = _slug(folder) or _common_prefix([path.name for path in _repositories(folder)])
        if not slug:
            raise BatchError(f"{folder}: its repositories do not begin with the name of one assignment")
        return _from_repositories(folder, slug)


class Classroom50:
    """`<classroom>-<assignment>-<username>/`, clones side by side."""

    name = "classroom50"
    description = "clones of Classroom 50: <classroom>-<assignment>-<user>/"

    def recognise(self, folder: Path) -> str:
        """By clones whose names begin with the same classroom and assignment."""
        repos = [path for path in _repositories(folder) if (path / ".git").exists()]
        prefix = _common_prefix([path.name for path in repos])
        if prefix.count("-") < 1 or 2 * len(repos) <= len(entries(folder)[0]):
            return ""
        return f"{len(repos)} clones belong to {prefix}"

    def find(self, folder: Path, exercises: Sequence[str]) -> Collection:
        """One attempt for each repository."""
        prefix = _slug(folder) or _common_prefix([path.name for path in _repositories(folder)])
        if not prefix:
            raise BatchError(f"{folder}: its repositories do not begin with the same classroom and assignment")
        return _from_repositories(folder, prefix)


def _slug(folder: Path) -> str:
    name = folder.resolve().name
    return name.removesuffix(_SUBMISSIONS) if name.endswith(_SUBMISSIONS) else ""


def _repositories(folder: Path) -> list[Path]:
    return [path for path in entries(folder)[0] if path.is_dir() and not path.is_symlink()]


def _common_prefix(names: Sequence[str]) -> str:
    """What all names begin with, up to a hyphen; of a single name its first two parts."""
    if len(names) == 1:
        return "-".join(names[0].split("-")[:2]) if names[0].count("-") >= 2 else ""
    first, last = min(names, default=""), max(names, default="")  # what these share, all between them share
    shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False)))
    return first[:shared].rpartition("-")[0]


def _from_repositories(folder: Path, prefix: str) -> Collection:
    paths, ignored = entries(folder)
    found, doubtful = [], []
    for path in paths:
        user = path.name.removeprefix(f"{prefix}-")
        if path.is_symlink() or not path.is_dir():
            ignored.append(path.name)
        elif user == path.name or not user:
            doubtful.append(f"{path.name}: does not begin with {prefix}-; rename or remove it")
        else:
            found.append(_attempt(user, path))
    return Collection(tuple(found), tuple(doubtful), tuple(ignored))


def _attempt(user: str, path: Path) -> Attempt:
    """What lies in a clone; it is graded as it lies."""
    attempt = Attempt(user, path.name, path, when_from="commit", ids={"github": user})
    commit = last_commit(path)
    if commit is None:
        return attempt
    flags = ("holds changes that are not committed",) if commit.is_changed else ()
    return replace(attempt, when=commit.when, by=commit.author, flags=flags)
