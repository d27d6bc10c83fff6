"""A private place for opened tests: in memory where the system has a file system there, and gone afterwards.

A keeper process waits for the end of ours and then removes the folder, so that even after `kill -9` nothing is left.
If the keeper is killed too, the next start finds the folder (nobody holds its lock) and removes it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from grader.release.contents import Files

_PREFIX = "threadlab-opened-"
_LOCK = ".lock"
_MOST_TRIES = 100
_IN_MEMORY = Path("/dev/shm")
_KEEPER = """
import os, shutil, sys
print(flush=True)
sys.stdin.buffer.read()
shutil.rmtree(sys.argv[1], ignore_errors=True)
"""


@contextlib.contextmanager
def private_place(files: Files) -> Iterator[Path]:
    """A folder with these files that only our user can enter; gone at the end, however that comes.

    Raises:
        OSError: there is no room for them.
    """
    base = _base()
    _remove_stale(base)
    place, lock = _new_place(base)
    keeper = _start_keeper(place)
    try:
        for name, data in files.items():
            path = place / name
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.write_bytes(data)
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)
        os.close(lock)
        keeper.communicate()


def _base() -> Path:
    usable = _IN_MEMORY.is_dir() and os.access(_IN_MEMORY, os.W_OK | os.X_OK)
    return _IN_MEMORY if usable else Path(tempfile.gettempdir())


def _new_place(base: Path) -> tuple[Path, int]:
    """A new folder and the descriptor of its lock; another start may take it for stale before it is locked."""
    for _ in range(_MOST_TRIES):
        place = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=base))  # mode 0700
        with contextlib.suppress(FileNotFoundError, BlockingIOError):
            lock = _lock(place)
            if os.path.samestat(os.fstat(lock), (place / _LOCK).stat()):
                return place, lock
            os.close(lock)
    raise OSError(f"no folder of our own can be made in {base}")


def _lock(place: Path) -> int:
    descriptor = os.open(place / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _start_keeper(place: Path) -> subprocess.Popen[bytes]:
    """Starts the keeper, in a session of its own so that Ctrl-C does not reach it, and waits until it keeps."""
    keeper = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", _KEEPER, str(place)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env={},
        start_new_session=True,
    )
    assert keeper.stdout is not None
    keeper.stdout.read(1)
    return keeper


def _remove_stale(base: Path) -> None:
    """Removes what an ended grading of ours has left: a folder whose lock nobody holds."""
    for folder in base.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            status = folder.lstat()
            if stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid():
                os.close(_lock(folder))
                shutil.rmtree(folder, ignore_errors=True)
