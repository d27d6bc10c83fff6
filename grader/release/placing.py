"""Puts a release into its folder: never over anything unasked."""

from __future__ import annotations

from pathlib import Path

from grader.course import Course
from grader.release import ReleaseError
from grader.release.contents import Files

EXECUTABLE = frozenset({".github/confine.sh", "confine.sh", "setup.sh", "run_autograder"})
"""Names of files that are run."""

_COURSE = ("exercises", "handouts", "solutions")


def refuse_to_overwrite(folder: Path, course: Course, force: bool) -> None:
    """Makes sure that nothing is lost by a release into `folder`.

    Raises:
        ReleaseError: it is a file, it belongs to the course itself, or it holds something and `force` is not given.
    """
    target, root = folder.resolve(), course.root.resolve()
    if root.is_relative_to(target) or any(target.is_relative_to(root / part) for part in _COURSE):
        raise ReleaseError(f"{folder} belongs to the course itself; name a folder elsewhere")
    if folder.exists() and not folder.is_dir():
        raise ReleaseError(f"{folder} is a file; name a folder")
    if not force and folder.is_dir() and any(folder.iterdir()):
        raise ReleaseError(f"{folder} is not empty; name another folder, or write over it with --force")


def besides(files: Files, folder: Path) -> Files:
    """What is in `folder` that a release would leave there: it will be published with it.

    Raises:
        ReleaseError: it cannot be read.
    """
    if not folder.is_dir():
        return {}
    paths = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    names = {path.relative_to(folder).as_posix(): path for path in paths}
    kept = {name: path for name, path in names.items() if name not in files and not name.startswith(".git/")}
    try:
        return {name: path.read_bytes() for name, path in kept.items()}
    except OSError as error:
        raise ReleaseError(f"{error.filename} cannot be read: {error.strerror}") from None


def put(files: Files, folder: Path) -> None:
    """Writes files below `folder`, with modes that depend on nothing; what is there besides stays.

    Raises:
        ReleaseError: one of them cannot be written.
    """
    for name, data in files.items():
        path = folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.is_symlink():
                path.unlink()  # what it points to is not ours to change
            path.write_bytes(data)
            path.chmod(0o755 if name in EXECUTABLE else 0o644)
        except OSError as error:
            raise ReleaseError(f"{path} cannot be written: {error.strerror}") from None
