"""The last commit of a clone, and whether more lies there than it has, told without obeying what the clone says.

git is run on a repository of our own that borrows the clone's objects: hooks, filters, aliases and programs that
the clone's configuration names are never read. The time is what the student's machine had, and can be forged.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from grader.intake_copy import Unreadable, read_file
from grader.intake_gather import Limits
from grader.intake_names import is_left_out, shown

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_SECONDS = 30
"""A last resort: to read one object takes milliseconds."""


@dataclass(frozen=True)
class Commit:
    """What is checked out."""

    when: datetime
    """The committer's time."""
    author: str
    """By name, fit to be shown."""
    is_changed: bool
    """Whether the Python files that lie there are others than it has."""


def last_commit(repository: Path) -> Commit | None:
    """The commit that is checked out; None where there is no git, no commit, or no telling.

    Args:
        repository: a folder with `.git`.
    """
    clone = repository / ".git"
    try:
        name = _checked_out(clone)
        if name is None or not (clone / "objects").is_dir() or (clone / "objects").is_symlink():
            return None
        with tempfile.TemporaryDirectory(prefix="threadlab-") as folder:
            own = Path(folder)
            _borrow(clone / "objects", own)
            head = _git(own, "cat-file", "commit", name).partition(b"\n\n")[0]
            when = re.search(rb"^committer .*> (\d{1,11}) [+-]\d{4}$", head, re.MULTILINE)
            author = re.search(rb"^author (.*?) ?<", head, re.MULTILINE)
            if when is None:
                return None
            has = dict(_committed(_git(own, "ls-tree", "-r", "-z", "--full-tree", name)))
    except (OSError, subprocess.SubprocessError, UnicodeError):
        return None
    said = shown(author[1].decode("utf-8", "replace")) if author else ""
    is_changed = has.keys() != set(_lying(repository)) or any(
        digest not in _digests(repository / path, len(digest)) for path, digest in has.items()
    )
    return Commit(datetime.fromtimestamp(int(when[1]), UTC), said, is_changed)


def _borrow(objects: Path, own: Path) -> None:
    """Makes a repository in the folder `own` that has these objects and says nothing else."""
    for folder in ("objects/info", "refs"):
        (own / folder).mkdir(parents=True)
    (own / "HEAD").write_text("ref: refs/heads/main\n")
    (own / "objects/info/alternates").write_text(f"{objects.resolve()}\n")


def _git(own: Path, *command: str) -> bytes:
    """What git says of the repository `own`, which is our own."""
    environment = {"PATH": os.environ.get("PATH", ""), "GIT_CONFIG_NOSYSTEM": "1", "HOME": str(own)}
    return subprocess.run(
        ["git", f"--git-dir={own}", *command],
        env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=_SECONDS, check=True,
    ).stdout  # fmt: skip


def _checked_out(clone: Path) -> str | None:
    """The commit that HEAD names, read from the files."""
    head = _line(clone / "HEAD")
    if not head.startswith("ref: "):
        return head if _COMMIT.fullmatch(head) else None
    reference = head.removeprefix("ref: ").strip()
    if not re.fullmatch(r"refs/[\w./@+-]+", reference) or ".." in reference:
        return None
    loose = _line(clone / reference) if (clone / reference).is_file() else ""
    if _COMMIT.fullmatch(loose):
        return loose
    packed = clone / "packed-refs"
    lines = packed.read_text("utf-8", "replace").splitlines() if packed.is_file() and not packed.is_symlink() else []
    return next((line.split()[0] for line in lines if line.endswith(f" {reference}")), None)


def _line(path: Path) -> str:
    if path.is_symlink() or path.stat().st_size > 4096:
        return ""
    return path.read_text("utf-8", "replace").strip()


# --- what lies there -------------------------------------------------------------------------


def _committed(listed: bytes) -> Iterator[tuple[str, str]]:
    """The Python files of a tree as git lists it, each with its digest."""
    for entry in listed.split(b"\0"):
        about, _, name = entry.partition(b"\t")
        path = os.fsdecode(name)
        is_file = about.startswith(b"100")
        if is_file and path.lower().endswith(".py") and not any(map(is_left_out, path.split("/"))):
            yield path, about.split()[2].decode()


def _lying(repository: Path) -> Iterator[str]:
    """The Python files in a folder, by path."""
    for folder, folders, files in os.walk(repository):
        folders[:] = [name for name in folders if not is_left_out(name)]
        for name in files:
            path = Path(folder, name)
            if name.lower().endswith(".py") and not is_left_out(name) and not path.is_symlink():
                yield path.relative_to(repository).as_posix()


def _digests(file: Path, length: int) -> set[str]:
    """What git would call a file: as it lies, or with the line ends that a checkout may have changed."""
    try:
        data = read_file(os.fspath(file), Limits().file_bytes)
    except Unreadable:
        return set()
    make = hashlib.sha1 if length == 40 else hashlib.sha256
    return {make(b"blob %d\0" % len(one) + one).hexdigest() for one in (data, data.replace(b"\r\n", b"\n"))}
