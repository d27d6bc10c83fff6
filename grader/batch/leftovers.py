"""Removes from OUT what an earlier run has written there and this one has not: reports of who has left, an old table.

Only files that are noted in the store as ours are touched; folders go when they are empty.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path, PurePosixPath

from grader.batch.attempts import BatchError
from grader.batch.store import Store


def remove_leftovers(store: Store, out: Path, written: Iterable[str]) -> None:
    """Removes the files that are noted and not among those that this run has written.

    Args:
        store: with the notes, in which they are forgotten.
        out: the folder of the batch.
        written: by this run, relative to it.

    Raises:
        BatchError: one cannot be removed.
    """
    present = {_as_seen(path): path for path in written}
    left = sorted(store.noted() - set(present.values()))
    for path in left:
        other = present.get(_as_seen(path))
        if not _leads_out(path) and not (other and _is_same(out / path, out / other)):
            _remove(out / path, out)
    store.forget(left)


def _as_seen(path: str) -> str:
    """A path as a file system sees it that tells no case and no normal form."""
    return unicodedata.normalize("NFC", path.casefold())


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False


def _leads_out(path: str) -> bool:
    pure = PurePosixPath(path)
    return pure.is_absolute() or ".." in pure.parts


def _remove(file: Path, out: Path) -> None:
    try:
        file.unlink(missing_ok=True)
    except NotADirectoryError:
        return  # somebody has put a file in the folder's place
    except OSError as error:
        raise BatchError(f"{file}: {error.strerror}; it belongs to nobody any more: remove it by hand") from None
    for folder in file.parents:
        if folder == out:
            return
        with suppress(OSError):  # it holds something else
            folder.rmdir()
