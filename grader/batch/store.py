"""Keeps every result in `OUT/results.sqlite`, each written through to the disk as soon as it is there.

A result is found again by what it depends on: the digest of the exercise's part of the submission, the exercise and
its digest, the grader's digest. So nothing is graded twice, and what has changed is.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from grader.batch.attempts import BatchError
from grader.results import ExerciseResult

FILE = "results.sqlite"
_LOCK = ".lock"
_VERSION = 2
_TABLES = """
CREATE TABLE results (
    part TEXT NOT NULL, exercise TEXT NOT NULL, pack TEXT NOT NULL, grader TEXT NOT NULL,
    result BLOB NOT NULL, environment BLOB NOT NULL, at_fault INTEGER NOT NULL,
    number INTEGER PRIMARY KEY,
    UNIQUE (part, exercise, pack, grader)
);
CREATE TABLE attempts (
    student TEXT NOT NULL, number INTEGER NOT NULL, source TEXT NOT NULL, submission TEXT NOT NULL,
    refused TEXT NOT NULL,
    PRIMARY KEY (student, number)
);
"""


_NOTES = "CREATE TABLE IF NOT EXISTS written (path TEXT PRIMARY KEY)"
"""Files in OUT that are ours, so that those of nobody can be removed, and nothing else is."""


@dataclass(frozen=True)
class Key:
    """What a result depends on."""

    part: str
    """Digest of what the submission holds of the exercise."""
    exercise: str
    pack: str
    """Digest of the exercise."""
    grader: str


@dataclass(frozen=True)
class Kept:
    """A result as it is kept."""

    result: ExerciseResult
    environment: dict[str, Any]
    at_fault: bool
    """It says more of the grader than of the submission, and is made anew by the next run."""


class Store:
    """The results of a batch. Use as a context manager; one process at a time has it."""

    def __init__(self, folder: Path) -> None:
        """Opens the store in `folder`, which is made if it is not there.

        Raises:
            BatchError: another batch has it, it cannot be written, or is none of ours.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = _locked(folder / _LOCK)
        except OSError as error:
            raise BatchError(f"{folder} cannot be used for results: {error.strerror}; give another --out") from None
        self._file = folder / FILE
        try:
            self._base = _opened(self._file)
        except BaseException:
            os.close(self._lock)
            raise

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self._base.close()
        os.close(self._lock)

    def put(self, results: Sequence[tuple[Key, Kept]]) -> None:
        """Keeps the results of one grading, all of them or none; they are on the disk when this returns.

        Args:
            results: each with what it depends on.

        Raises:
            BatchError: the disk is full, or fails.
        """
        rows = [
            (key.part, key.exercise, key.pack, key.grader, msgspec.json.encode(kept.result),
             msgspec.json.encode(kept.environment), kept.at_fault)
            for key, kept in results
        ]  # fmt: skip
        with _told(self._file), self._base:
            self._base.executemany(
                "INSERT OR REPLACE INTO results (part, exercise, pack, grader, result, environment, at_fault)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                rows,
            )

    def get(self, key: Key) -> Kept | None:
        """The result that was kept, if there is one."""
        with _told(self._file):
            row = self._base.execute(
                "SELECT result, environment, at_fault FROM results"
                " WHERE part = ? AND exercise = ? AND pack = ? AND grader = ?",
                (key.part, key.exercise, key.pack, key.grader),
            ).fetchone()
            return None if row is None else _kept(row)

    def last_number(self) -> int:
        """Grows with each result kept: tells results of this run from earlier ones."""
        with _told(self._file):
            return int(self._base.execute("SELECT coalesce(max(number), 0) FROM results").fetchone()[0])

    def is_newer(self, key: Key, number: int) -> bool:
        """Whether the result was kept after `last_number` gave `number`."""
        with _told(self._file):
            row = self._base.execute(
                "SELECT number FROM results WHERE part = ? AND exercise = ? AND pack = ? AND grader = ?",
                (key.part, key.exercise, key.pack, key.grader),
            ).fetchone()
        return row is not None and row[0] > number

    def write_attempts(self, rows: Sequence[tuple[str, int, str, str, str]]) -> None:
        """Keeps what the last run has seen: student, number, source, submission's digest, why refused."""
        with _told(self._file), self._base:
            self._base.execute("DELETE FROM attempts")
            self._base.executemany("INSERT INTO attempts VALUES (?, ?, ?, ?, ?)", rows)

    def note(self, paths: Iterable[str]) -> None:
        """Keeps that these files are ours; to be called before they are written.

        Args:
            paths: relative to OUT.
        """
        with _told(self._file), self._base:
            self._base.executemany("INSERT OR IGNORE INTO written VALUES (?)", [(path,) for path in paths])

    def noted(self) -> set[str]:
        """The files that this run or an earlier one has written."""
        with _told(self._file):
            return {str(row[0]) for row in self._base.execute("SELECT path FROM written")}

    def forget(self, paths: Iterable[str]) -> None:
        """These files are there no more."""
        with _told(self._file), self._base:
            self._base.executemany("DELETE FROM written WHERE path = ?", [(path,) for path in paths])


def _kept(row: tuple[bytes, bytes, int]) -> Kept:
    return Kept(msgspec.json.decode(row[0], type=ExerciseResult), msgspec.json.decode(row[1]), bool(row[2]))


def _locked(file: Path) -> int:
    """An open file that no other process can lock; the lock goes with the process, however it ends."""
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.read(descriptor, 20).decode("ascii", "replace").strip()
        os.close(descriptor)
        raise BatchError(
            f"{file.parent} is in use by another `grade batch` (process {holder or 'unknown'});"
            " wait for it, or give another --out"
        ) from None
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, b"%d\n" % os.getpid(), 0)
    return descriptor


def _opened(file: Path) -> sqlite3.Connection:
    try:
        base = sqlite3.connect(file, isolation_level="IMMEDIATE")
        try:
            _prepare(base, file)
        except BaseException:
            base.close()
            raise
    except sqlite3.DatabaseError as error:
        raise BatchError(
            _damaged(file, error)
            or f"{file} cannot be used: {error}; free the disk if it is full, or move the file away to begin anew"
        ) from None
    return base


def _prepare(base: sqlite3.Connection, file: Path) -> None:
    base.execute("PRAGMA journal_mode = WAL")
    base.execute("PRAGMA synchronous = FULL")
    version = base.execute("PRAGMA user_version").fetchone()[0]
    if version not in (0, _VERSION):
        raise BatchError(f"{file} was written by another version of the grader; give another --out")
    if version == 0:
        base.executescript(f"BEGIN; {_TABLES} PRAGMA user_version = {_VERSION}; COMMIT;")
    base.execute(_NOTES)


@contextmanager
def _told(file: Path) -> Iterator[None]:
    """A failing disk, and a damaged file, become messages."""
    try:
        yield
    except (sqlite3.Error, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BatchError(
            _damaged(file, error)
            or f"results cannot be kept: {error}; all earlier ones are safe: free the disk, then run the same command"
        ) from None


def _damaged(file: Path, error: Exception) -> str:
    """What is to be done where the file itself is at fault; empty where it is not."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if isinstance(error, sqlite3.Error) and code not in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return ""
    remedy = "move the file away and run the same command, which grades all again, or restore it from a copy"
    return f"{file} cannot be used: {error}; it is damaged: {remedy}"
