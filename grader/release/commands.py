"""What `grade release` and `grade seal` do, between their options and the modules that do the work."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from grader.course import Course, load_course, pack_digest
from grader.release import ReleaseError
from grader.release.contents import marking_files
from grader.release.keys import new_key_file, take_key
from grader.release.sealing import MAGIC, fingerprint, read_header, seal, unseal
from grader.release.student import release


@dataclass(frozen=True)
class ReleaseOptions:
    """The options of `grade release`."""

    folder: Path
    requirement: str
    sealed: Path | None
    force: bool


def make_release(course: Course, options: ReleaseOptions) -> str:
    """Makes the students' repository; the report for the terminal.

    Raises:
        ReleaseError: it cannot be made, or does not stand the check.
    """
    sealed = read_sealed(options.sealed) if options.sealed else b""
    done = release(course, options.folder, options.requirement, sealed, options.force)
    lines = [f"{course.title}: {len(done.files)} files in {done.folder}, for students"]
    lines += [f"  checked: {sentence}" for sentence in done.checked]
    lines.append("  next: put it under version control there, and publish it as your template repository")
    return "\n".join(lines) + "\n"


def make_seal(course: Course, out: Path, key_file: Path | None, new_key: Path | None) -> str:
    """Seals what marks a course; the report for the terminal.

    Raises:
        ReleaseError: there is no key, nothing hidden, or `out` cannot be written.
    """
    if out.exists() and not _is_sealed(out):
        raise ReleaseError(f"{out} is there already, and no sealed file; name another file")
    files = marking_files(course)
    key = new_key_file(new_key) if new_key else take_key(key_file)
    data = seal(files, course.title, _digest_of(files), key)
    if unseal(data, key)[1] != files:
        raise ReleaseError("the sealed file does not open as what was sealed")
    _write(out, data)
    return "\n".join(
        [
            f"{course.title}: {len(files)} files sealed in {out} ({len(data):,} bytes) with the key {fingerprint(key)}",
            f"  the key is in {new_key}: keep it, and show it to nobody"
            if new_key
            else "  whoever has the key can read it",
            f"  to grade with it: grade run SUBMISSION --sealed {out} --key-file KEYFILE (or THREADLAB_SEAL_KEY)",
            "",
        ]
    )


def read_sealed(file: Path) -> bytes:
    """The bytes of a sealed file of a form that we know.

    Raises:
        ReleaseError: it is none.
    """
    try:
        data = file.read_bytes()
    except OSError as error:
        raise ReleaseError(f"the sealed file {file} cannot be read: {error.strerror}") from None
    try:
        read_header(data)
    except ReleaseError as error:
        raise ReleaseError(f"{file} {error}") from None
    return data


def _is_sealed(file: Path) -> bool:
    try:
        with file.open("rb") as stream:
            return stream.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


def _digest_of(files: dict[str, bytes]) -> str:
    """The pack's digest as a grading with the sealed file will give it."""
    from grader.release.private import private_place

    with private_place(files) as place:
        return pack_digest(load_course(place))


def _write(out: Path, data: bytes) -> None:
    """Whole or not at all."""
    try:
        with tempfile.NamedTemporaryFile(dir=out.parent, prefix=".threadlab-", delete=False) as stream:
            stream.write(data)
        os.chmod(stream.name, 0o644)
        os.replace(stream.name, out)
    except OSError as error:
        raise ReleaseError(f"{out} cannot be written: {error.strerror}") from None
