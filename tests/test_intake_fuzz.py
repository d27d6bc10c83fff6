"""Any tree and any bytes: a `Refused` or an `Intake`, bounded, and nothing written but the copy."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import lzma
import os
import shutil
import stat
import tarfile
import tempfile
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.intake import Intake, Limits, Refused, asked, take_in

SUM, SERVER = "threaded_sum", "dispatcher_server"
CODE = b"def threaded_sum(values, n_threads, sum_chunk=sum):\n    return 0\n"
SMALL = Limits(files=8, file_bytes=4096, total_bytes=16384, depth=2, archive_bytes=1 << 16, unpacked_bytes=1 << 18)
FUZZ = settings(
    max_examples=100,
    deadline=None,  # no test of ours depends on elapsed time
    database=None,
    derandomize=True,  # the same examples everywhere: a test that fails now and then teaches nobody
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def scratch() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def snapshot(top: Path) -> set[bytes]:
    return {
        os.path.join(folder, name) for folder, *both in os.walk(os.fsencode(top)) for names in both for name in names
    }


def check(path: Path, scratch: Path) -> Intake | None:
    """Takes in what lies at `path`, whatever it is."""
    into = scratch / "copies"
    before = snapshot(scratch)
    try:
        about = asked(path, [SUM, SERVER], SMALL)
        intake = take_in(path, [SUM, SERVER], into, SMALL)
    except Refused as why:
        assert str(why).isprintable() and len(str(why)) < 1500
        assert not into.exists()
        assert snapshot(scratch) == before
        return None
    try:
        assert set(about) <= {SUM, SERVER} and about
        copied = [entry for entry in into.rglob("*") if not entry.is_dir()]
        assert all(stat.S_ISREG(entry.lstat().st_mode) for entry in copied)
        assert len(copied) <= SMALL.files * 2 and sum(entry.stat().st_size for entry in copied) <= 2 * SMALL.total_bytes
        told = [line for one in intake.found for text in (one.problem, *one.notes) for line in text.splitlines()]
        assert all(line.isprintable() and len(line) < 1500 for line in [intake.name, *told])
        shutil.rmtree(into)
        assert snapshot(scratch) == before
        return intake
    finally:
        shutil.rmtree(into, ignore_errors=True)


# --- trees -------------------------------------------------------------------------------------

PLAIN = [
    SUM, f"{SUM}.py", SERVER, f"{SERVER}.py", "data", "x.py", "alice", "conftest.py", "json.py", ".git", "__pycache__",
    "pyvenv.cfg", "lab.zip", "Threaded_Sum.py", "__MACOSX", "evil.pth",
]  # fmt: skip
NAMES = st.sampled_from([name.encode() for name in PLAIN]) | st.binary(min_size=1, max_size=24).filter(
    lambda name: b"/" not in name and b"\0" not in name and name not in (b".", b"..")
)
CONTENT = (
    st.sampled_from([CODE, b"\xff\xfe", b"# coding: rot13\n"])
    | st.sampled_from([0, 1, 4096, 4097]).map(bytes)
    | st.binary(max_size=200)
)
ODD_KINDS = ["link", "loop", "dangling", "hard link", "fifo", "sparse", "closed"]
KINDS = st.sampled_from(["file"] * 8 + ["folder"] * 3 + ODD_KINDS)
TREES = st.recursive(
    st.dictionaries(NAMES, st.tuples(KINDS, CONTENT), max_size=5),
    lambda inner: st.dictionaries(NAMES, st.tuples(KINDS, CONTENT) | inner, max_size=5),
    max_leaves=12,
)


def plant(folder: bytes, tree: dict[bytes, object]) -> None:
    os.makedirs(folder, exist_ok=True)
    for name, entry in tree.items():
        place = os.path.join(folder, name)
        if isinstance(entry, dict):
            plant(place, entry)
        elif isinstance(entry, tuple):
            plant_entry(place, *entry)


def plant_entry(place: bytes, kind: str, content: bytes) -> None:
    if kind == "folder":
        os.mkdir(place)
    elif kind == "fifo":
        os.mkfifo(place)
    elif kind in ("link", "loop", "dangling"):
        os.symlink({"link": "/etc/passwd", "loop": "..", "dangling": "nowhere"}[kind], place)
    else:
        with open(place, "wb") as stream:
            stream.write(content)
            if kind == "sparse":
                stream.truncate(1 << 40)
        if kind == "hard link":
            with contextlib.suppress(FileExistsError):
                os.link(place, os.path.join(os.path.dirname(place), b"another name"))
        if kind == "closed":
            os.chmod(place, 0)


@FUZZ
@given(tree=TREES)
def test_any_folder_is_taken_or_refused(scratch: Path, tree: dict[bytes, object]) -> None:
    lab = scratch / "alice"
    plant(os.fsencode(lab), tree)
    try:
        check(lab, scratch)
        for entry in sorted(lab.iterdir())[:3]:
            check(entry, scratch)
    finally:
        shutil.rmtree(lab)


# --- archives ----------------------------------------------------------------------------------------

PATHS = st.lists(
    st.sampled_from([*PLAIN, "..", ".", "", "C:", "a\\b", "é", "e\u0301", "x" * 300]), min_size=1, max_size=4
)
TYPES = st.sampled_from([stat.S_IFREG] * 6 + [0, stat.S_IFDIR, stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFSOCK])
ENTRIES = st.lists(st.tuples(PATHS.map("/".join), TYPES, CONTENT), max_size=6)
TAR_TYPES = {
    stat.S_IFDIR: tarfile.DIRTYPE,
    stat.S_IFLNK: tarfile.SYMTYPE,
    stat.S_IFIFO: tarfile.FIFOTYPE,
    stat.S_IFCHR: tarfile.CHRTYPE,
    stat.S_IFSOCK: tarfile.LNKTYPE,
}
FORMS = st.sampled_from(["zip", "zip stored", "tar", "pax", "gz", "bz2", "xz"])
Entries = list[tuple[str, int, bytes]]


def archive_of(entries: Entries, form: str) -> bytes:
    stream = io.BytesIO()
    if form.startswith("zip"):
        warnings.simplefilter("ignore")  # a name that comes twice
        method = zipfile.ZIP_STORED if form == "zip stored" else zipfile.ZIP_DEFLATED
        with zipfile.ZipFile(stream, "w", method) as made:
            for name, mode, content in entries:
                info = zipfile.ZipInfo(name)
                info.external_attr = (mode | 0o644) << 16
                made.writestr(info, content)
        return stream.getvalue()
    dialect = tarfile.PAX_FORMAT if form == "pax" else tarfile.GNU_FORMAT
    with tarfile.open(fileobj=stream, mode="w", format=dialect) as tar:
        for name, mode, content in entries:
            member = tarfile.TarInfo(name)
            member.type = TAR_TYPES.get(mode, tarfile.REGTYPE)
            member.size = 0 if mode in TAR_TYPES else len(content)
            tar.addfile(member, io.BytesIO(content))
    pack = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}.get(form, bytes)
    return pack(stream.getvalue())


HOW = st.sampled_from(["set", "cut", "insert", "double", "saturate"])
CHANGES = st.lists(st.tuples(HOW, st.floats(0, 1), st.binary(min_size=1, max_size=8)), max_size=6)


STARTS = st.sampled_from([b"", b"PK\3\4", b"PK\5\6", b"\x1f\x8b\x08\0", b"BZh9", b"\xfd7zXZ\0"])


def mutated(data: bytes, changes: list[tuple[str, float, bytes]]) -> bytes:
    for how, where, given_bytes in changes:
        at = int(where * len(data))
        if how == "set":
            data = data[:at] + given_bytes + data[at + len(given_bytes) :]
        elif how == "cut":
            data = data[:at] + data[at + given_bytes[0] :]
        elif how == "insert":
            data = data[:at] + given_bytes + data[at:]
        elif how == "double":
            data = data[:at] + data[max(0, at - 600) :]
        else:
            data = data[:at] + b"\xff" * len(given_bytes) + data[at + len(given_bytes) :]
    return data


@FUZZ
@given(entries=ENTRIES, form=FORMS, changes=CHANGES, name=st.sampled_from(["alice.zip", "alice.tar.gz", "alice"]))
def test_any_archive_is_taken_or_refused(
    scratch: Path, entries: Entries, form: str, changes: list[tuple[str, float, bytes]], name: str
) -> None:
    path = scratch / name
    path.write_bytes(mutated(archive_of(entries, form), changes))
    try:
        check(path, scratch)
    finally:
        path.unlink()


@FUZZ
@given(
    data=st.binary(max_size=2000),
    start=st.sampled_from([b"", b"PK\3\4", b"PK\5\6", b"\x1f\x8b\x08\0", b"BZh9", b"\xfd7zXZ\0"]),
)
def test_any_bytes_are_taken_or_refused(scratch: Path, data: bytes, start: bytes) -> None:
    path = scratch / "alice.zip"
    path.write_bytes(start + data)
    try:
        check(path, scratch)
    finally:
        path.unlink()


GOOD: Entries = [(f"{SUM}/{SUM}.py", stat.S_IFREG, CODE), (f"{SUM}/data/x.txt", stat.S_IFREG, b"x" * 600)]


@pytest.mark.parametrize("form", ["zip", "zip stored", "gz", "bz2", "xz"])
def test_one_changed_byte_changes_nothing_of_what_is_graded(scratch: Path, form: str) -> None:
    """There are check sums over it all: either it is as it was packed, or it is told that it is not."""
    data = archive_of(GOOD, form)
    path = scratch / "alice.x"
    path.write_bytes(data)
    whole = check(path, scratch)
    assert whole is not None and whole.found[0].problem == ""
    for at in range(0, len(data), 5):
        path.write_bytes(data[:at] + bytes([data[at] ^ 0x41]) + data[at + 1 :])
        intake = check(path, scratch)
        assert intake is None or intake.found[0].problem or intake.digest == whole.digest, at
    path.unlink()


@pytest.mark.parametrize("form", ["zip", "zip stored", "tar", "pax", "gz", "bz2", "xz"])
def test_no_archive_cut_short_is_taken(scratch: Path, form: str) -> None:
    data = archive_of(GOOD, form)
    path = scratch / "alice.zip"
    end = data.rstrip(b"\0") if form in ("tar", "pax") else data
    for length in range(0, len(end), 7 if len(data) < 1000 else 101):
        path.write_bytes(data[:length])
        assert check(path, scratch) is None, length
    path.unlink()
