"""What `grade release` and `grade seal` do, between their options and the modules that do the work."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from grader.course import Course, load_course, pack_digest
from grader.release import ReleaseError
from grader.release.contents import marking_files
from grader.release.keys import VARIABLE, new_key_file, take_key
from grader.release.kinds import Kind, Request, kinds
from grader.release.making import release
from grader.release.sealing import MAGIC, fingerprint, read_header, seal, unseal


@dataclass(frozen=True)
class ReleaseOptions:
    """The options of `grade release`."""

    folder: Path
    kind: str
    requirement: str
    sealed: Path | None
    key_file: Path | None
    force: bool


def make_release(course: Course, options: ReleaseOptions) -> None:
    """Makes a release, and prints what is checked and what came of it.

    Raises:
        ReleaseError: it cannot be made, or does not stand the check.
    """
    known = kinds()
    if options.kind not in known:
        listed = "\n".join(f"  {kind.name:<12} {kind.description}" for kind in known.values())
        raise ReleaseError(f"there is no release for {options.kind!r}; there are:\n{listed}")
    kind = known[options.kind]
    request = Request(options.requirement, _sealed_tests(course, options, kind))
    done = release(course, kind, options.folder, request, options.force, _print_checked)
    print(f"{course.title}: {kind.description}: {len(done.files)} files in {done.folder}")


def _print_checked(sentence: str) -> None:
    print(f"checked: {sentence}", flush=True)


def _sealed_tests(course: Course, options: ReleaseOptions, kind: Kind) -> bytes:
    """As given, or sealed now if there is a key."""
    if options.sealed is not None:
        return read_sealed(options.sealed)
    if options.key_file is None and not (kind.takes_sealed and os.environ.get(VARIABLE)):
        return b""
    return sealed_now(course, take_key(options.key_file))


def make_seal(course: Course, out: Path, key_file: Path | None, new_key: Path | None) -> str:
    """Seals what marks a course; the report for the terminal.

    Raises:
        ReleaseError: there is no key, nothing hidden, or `out` cannot be written.
    """
    if out.exists() and not _is_sealed(out):
        raise ReleaseError(f"{out} is there already, and no sealed file; name another file")
    count = len(marking_files(course))  # before a key is made for nothing
    key = new_key_file(new_key) if new_key else take_key(key_file)
    data = sealed_now(course, key)
    _write(out, data)
    return "\n".join(
        [
            f"{course.title}: {count} files sealed in {out} ({len(data):,} bytes) with the key {fingerprint(key)}",
            f"  the key is in {new_key}: keep it out of version control, and show it to nobody"
            if new_key
            else "  whoever has the key can read it",
            f"  to grade with it: grade run SUBMISSION --sealed {out} --key-file KEYFILE (or THREADLAB_SEAL_KEY)",
            "",
        ]
    )


def sealed_now(course: Course, key: bytes) -> bytes:
    """What marks a course, sealed.

    Raises:
        ReleaseError: the hidden tests are not here, or the result does not open again.
    """
    files = marking_files(course)
    data = seal(files, course.title, _digest_of(files), key)
    if unseal(data, key)[1] != files:
        raise ReleaseError("the sealed file does not open as what was sealed")
    return data


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
