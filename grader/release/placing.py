"""Puts a release into its folder: never over anything unasked."""

from __future__ import annotations

from pathlib import Path

from grader.release import ReleaseError
from grader.release.contents import Files

EXECUTABLE = frozenset({".github/confine.sh", "confine.sh", "setup.sh", "run_autograder"})
"""Names of files that are run."""


def refuse_to_overwrite(folder: Path, force: bool) -> None:
    """Makes sure that nothing is lost by a release into `folder`.

    Raises:
        ReleaseError: it is a file, or it holds something and `force` is not given.
    """
    if folder.exists() and not folder.is_dir():
        raise ReleaseError(f"{folder} is a file; name a folder")
    if not force and folder.is_dir() and any(folder.iterdir()):
        raise ReleaseError(f"{folder} is not empty; name another folder, or write over it with --force")


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
