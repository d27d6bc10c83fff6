"""Reads a submission's files without following a link, and writes the copy of them.

What an entry is counts once it is open: it is opened by descriptor, relative to its open folder,
and looked at through that descriptor. So nothing that is swapped in between can lead elsewhere.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

FILE, FOLDER, LINK = "a file", "a folder", "a symbolic link"
KINDS = {
    stat.S_IFREG: FILE,
    stat.S_IFDIR: FOLDER,
    stat.S_IFLNK: LINK,
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}
_SAFELY = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
MOST_NAMES = 10_000
"""How many entries of one folder are looked at."""

_SHORT_HERE = {errno.EMFILE, errno.ENFILE, errno.ENOMEM}


class Unreadable(Exception):
    """An entry cannot be taken; the message is read after its name."""


class Folder:
    """An open folder. Whatever else is to hold submissions offers the same: `intake_tree.Tree`."""

    def __init__(self, descriptor: int) -> None:
        """Args: descriptor: of the open folder; it stays the caller's to close."""
        self._descriptor = descriptor
        self.names = _names(descriptor)

    def kind(self, name: str) -> str:
        """What the entry is: FILE, FOLDER, or words for what else.

        Raises:
            Unreadable: it cannot be told.
        """
        return kind_of(name, self._descriptor)

    @contextmanager
    def folder(self, name: str) -> Iterator[Folder]:
        """The folder of that name, open for as long as the context lasts.

        Raises:
            Unreadable: there is none, or it cannot be listed.
        """
        with open_folder(name, self._descriptor) as inner:
            yield inner

    def read(self, name: str, most: int) -> bytes:
        """The bytes of the file of that name, `most` at most.

        Raises:
            Unreadable: it is no regular file with this one name, too large, or cannot be read.
        """
        return read_file(name, most, self._descriptor)


def kind_of(name: str, at: int | None = None) -> str:
    """What `name` is, itself and not what it may point to: FILE, FOLDER, or words for what else.

    Raises:
        Unreadable: it cannot be told.
    """
    try:
        mode = os.stat(name, dir_fd=at, follow_symlinks=False).st_mode
    except OSError as error:
        raise _unreadable(error) from None
    return KINDS.get(stat.S_IFMT(mode), "no regular file")


@contextmanager
def open_folder(name: str, at: int | None = None) -> Iterator[Folder]:
    """The folder `name`, in the folder with descriptor `at`, open for as long as the context lasts.

    Raises:
        Unreadable: it is none, or cannot be listed.
    """
    descriptor = _open(name, FOLDER, at)
    try:
        yield Folder(descriptor)
    finally:
        os.close(descriptor)


def read_file(name: str, most: int, at: int | None = None, remedy: str = "remove it") -> bytes:
    """The bytes of the file `name`, in the folder with descriptor `at`.

    Args:
        most: bytes in the largest file that is read.
        at: descriptor of the folder; None: the current one.
        remedy: what to do with a larger one.

    Raises:
        Unreadable: it is no regular file with this one name, too large, or cannot be read.
    """
    descriptor = _open(name, FILE, at)
    try:
        status = os.fstat(descriptor)
        _vet(status, most, remedy)
        data = _read(descriptor, status.st_size + 1)
    except OSError as error:
        raise _unreadable(error) from None
    finally:
        os.close(descriptor)
    if len(data) != status.st_size:
        raise Unreadable("changes while it is read; hand in again when nothing writes to it")
    return data


def _open(name: str, kind: str, at: int | None) -> int:
    # Looked at first, since to open a device may already do something.
    seen = kind_of(name, at)
    if seen == LINK:
        raise Unreadable(f"is {seen}; put what it points to in its place, or remove it")
    if seen != kind:
        raise Unreadable(f"is {seen}; put {kind} in its place, or remove it")
    try:
        return os.open(name, _SAFELY | (os.O_DIRECTORY if kind == FOLDER else 0), dir_fd=at)
    except OSError as error:
        raise _unreadable(error) from None


def _vet(status: os.stat_result, most: int, remedy: str) -> None:
    if not stat.S_ISREG(status.st_mode):
        seen = KINDS.get(stat.S_IFMT(status.st_mode), "something else")
        raise Unreadable(f"turned into {seen} while it was read; a file is expected")
    if status.st_nlink != 1:
        raise Unreadable("is a hard link, so it has other names elsewhere; put a copy of the file in its place")
    if status.st_size > most:
        raise Unreadable(f"has {status.st_size:,} bytes; at most {most:,} are taken in one file: {remedy}")


def _read(descriptor: int, most: int) -> bytes:
    parts = []
    while most > 0 and (part := os.read(descriptor, most)):
        parts.append(part)
        most -= len(part)
    return b"".join(parts)


def _names(descriptor: int) -> tuple[str, ...]:
    try:
        with os.scandir(descriptor) as entries:
            names = [entry.name for entry in islice(entries, MOST_NAMES + 1)]
    except OSError as error:
        raise _unreadable(error) from None
    if len(names) > MOST_NAMES:
        raise Unreadable(f"holds more than {MOST_NAMES:,} entries; put the exercise's files in a folder of their own")
    return tuple(sorted(names, key=os.fsencode))


def _unreadable(error: OSError) -> Unreadable:
    if error.errno in _SHORT_HERE:
        raise error  # the grader's own trouble, not to be laid at the student's door
    if error.errno in (errno.EACCES, errno.EPERM):
        return Unreadable("cannot be read: permission denied; allow it, for example with `chmod -R u+rX`")
    if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENXIO):
        return Unreadable(f"changed while it was read ({error.strerror}); hand in again when nothing writes there")
    return Unreadable(f"cannot be read: {error.strerror}; put a fresh copy of it in its place")


def write_copy(files: Mapping[str, bytes], into: Path) -> None:
    """Writes `files` into the folder `into`, readable for all, whatever the umask.

    Args:
        files: path relative to `into`, parts separated by `/`, and the bytes.

    Raises:
        OSError: it cannot be written, or something is there already.
    """
    _make_folder(into)
    for path, data in files.items():
        *folders, name = path.split("/")
        place = into
        for folder in folders:
            place /= folder
            _make_folder(place)
        _write(place / name, data)


def _make_folder(folder: Path) -> None:
    try:
        os.mkdir(folder)
    except FileExistsError:
        return
    os.chmod(folder, 0o755)


def _write(file: Path, data: bytes) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with open(descriptor, "wb") as stream:
        os.fchmod(descriptor, 0o644)
        stream.write(data)


def digest_of(files: Mapping[str, bytes]) -> str:
    """A digest over names and bytes of `files`; the same whatever their order.

    Returns:
        "sha256:" and 64 hexadecimal digits.
    """
    digest = hashlib.sha256()
    for name, data in sorted((os.fsencode(path), data) for path, data in files.items()):
        # Lengths first, so that no name can pass for a part of the bytes.
        digest.update(b"%d %d\n" % (len(name), len(data)) + name + data)
    return f"sha256:{digest.hexdigest()}"
