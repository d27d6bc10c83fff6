"""Archives as submissions: taken as the folder in them would be, every trick refused by name."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import stat
import struct
import tarfile
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader import intake_tar, intake_tree
from grader.hooks import hookimpl
from grader.intake import Found, Limits, Refused, asked, take_in
from grader.plugins import plugin_manager

SUM, SERVER = "threaded_sum", "dispatcher_server"
CODE = b"def threaded_sum(values, n_threads, sum_chunk=sum):\n    return 0\n"
FILE = f"{SUM}/{SUM}.py"
ENDINGS = ["zip", "tar", "tar.gz", "tgz", "tar.bz2", "tar.xz"]


@pytest.fixture
def into(tmp_path: Path) -> Path:
    return tmp_path / "copies"


Put = Callable[[str, bytes], Path]


@pytest.fixture
def put(tmp_path: Path) -> Put:
    """Writes an archive; the name tells nothing of what may be in it."""

    def write(name: str, data: bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return write


def found(path: Path, into: Path, **limits: int) -> Found:
    one = take_in(path, [SUM], into, Limits(**limits)).found[0]
    assert (one.file is None) == bool(one.problem)
    return one


def copied(into: Path) -> set[str]:
    return {str(path.relative_to(into)) for path in into.rglob("*") if not path.is_dir()}


def refused(path: Path, into: Path, **limits: int) -> str:
    with pytest.raises(Refused) as told:
        take_in(path, [SUM], into, Limits(**limits))
    assert not into.exists() or not copied(into)
    message = str(told.value)
    assert message.startswith(str(path)) and message.isprintable() and len(message) < 700
    return message.removeprefix(f"{path} ")


def zipped(*files: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return stream.getvalue()


def zip_entry(name: str, mode: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.create_system, entry.external_attr = 3, mode << 16
    return entry


def tarred(*files: tuple[str | tarfile.TarInfo, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=form) as archive:
        for name, data in files:
            entry = tarfile.TarInfo(name) if isinstance(name, str) else name
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return stream.getvalue()


def tar_entry(name: str, kind: bytes, **fields: object) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type = kind
    for key, value in fields.items():
        setattr(entry, key, value)
    return entry


def header(name: bytes, size: int | bytes, kind: bytes = b"0") -> bytes:
    """A tar header by hand, with whatever in it."""
    digits = size if isinstance(size, bytes) else b"%011o\0" % size
    block = bytearray(name.ljust(100, b"\0") + b"0000644\0" * 3 + digits + b"00000000000\0" + b" " * 8 + kind)
    block += bytes(100) + b"ustar\00000" + bytes(512)
    del block[512:]
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 512)


TAR_END = bytes(1024)
GOOD_ZIP, GOOD_TAR = zipped((FILE, CODE)), tarred((FILE, CODE))


def packed(folder: Path, ending: str, around: str = "") -> bytes:
    """The folder as an archive of some form, as the usual packers make it."""
    paths = sorted(folder.rglob("*"))
    stream = io.BytesIO()
    if ending == "zip":
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in paths:
                archive.write(path, around + str(path.relative_to(folder)))
        return stream.getvalue()
    how = {"tar": "w", "tgz": "w:gz"}.get(ending, f"w:{ending.rpartition('.')[2]}")
    with tarfile.open(fileobj=stream, mode=how) as tar:  # type: ignore[call-overload]
        for path in paths:
            tar.add(path, around + str(path.relative_to(folder)), recursive=False)
    return stream.getvalue()


# --- what is taken -----------------------------------------------------------------------------


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    for name in (FILE, f"{SUM}/data/numbers.txt", f"{SUM}/a long name {'x' * 120}.txt", f"{SUM}/é.txt", "essay.txt"):
        (tmp_path / "alice" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "alice" / name).write_bytes(CODE)
    (tmp_path / "alice" / SUM / "big.bin").write_bytes(os.urandom(300_000))
    return tmp_path / "alice"


@pytest.mark.parametrize("around", ["", "./", "alice/", "alice-main/alice/"])
@pytest.mark.parametrize("ending", ENDINGS)
def test_an_archive_comes_to_the_same_as_its_folder(lab: Path, into: Path, put: Put, ending: str, around: str) -> None:
    folder = take_in(lab, [SUM, SERVER], into)
    archive = take_in(put(f"alice.{ending}", packed(lab, ending, around)), [SUM, SERVER], into / "again")
    assert copied(into / "again") == {name for name in copied(into) if not name.startswith("again")}
    assert (archive.digest, archive.name) == (folder.digest, folder.name)
    assert [one.problem.partition(":")[0] for one in archive.found] == ["", f"no {SERVER}.py found"]


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_bytes_are_copied(lab: Path, into: Path, put: Put, ending: str) -> None:
    take_in(put(f"alice.{ending}", packed(lab, ending)), [SUM], into)
    assert (into / SUM / "big.bin").read_bytes() == (lab / SUM / "big.bin").read_bytes()
    modes = {stat.S_IMODE(path.stat().st_mode) for path in into.rglob("*.py")}
    assert modes == {0o644}


@pytest.mark.parametrize("data", [GOOD_ZIP, GOOD_TAR, gzip.compress(GOOD_TAR)], ids=["zip", "tar", "gzip"])
@pytest.mark.parametrize("name", ["alice", "alice.zip", "alice.tar", "alice.tgz", "alice.txt"])
def test_what_an_archive_is_counts_and_not_its_name(into: Path, put: Put, name: str, data: bytes) -> None:
    assert found(put(name, data), into).problem == ""


@pytest.mark.parametrize("data", [GOOD_ZIP, gzip.compress(GOOD_TAR)], ids=["zip", "gzip"])
def test_nothing_but_the_copy_is_written(into: Path, put: Put, tmp_path: Path, data: bytes) -> None:
    path = put("alice.zip", data)
    before = {*tmp_path.rglob("*")}
    take_in(path, [SUM], into)
    assert {path for path in tmp_path.rglob("*") if not path.is_relative_to(into)} == before


def test_by_products_of_a_mac_are_left_out(into: Path, put: Put) -> None:
    names = [f"__MACOSX/{SUM}/._{SUM}.py", "__MACOSX/._alice", ".DS_Store", f"{SUM}/.DS_Store", f"{SUM}/Icon\r"]
    data = zipped((f"alice/{FILE}", CODE), *((name, b"\0") for name in names))
    one = found(put("alice.zip", data), into)
    assert (one.problem, one.notes, copied(into)) == ("", (), {FILE})


def test_left_out_entries_may_be_of_any_kind_and_size(into: Path, put: Put) -> None:
    link = tar_entry(".venv/bin/python", tarfile.SYMTYPE, linkname="/usr/bin/python3")
    data = tarred((FILE, CODE), (link, b""), (".git/objects/pack", bytes(2 << 20)), (".git/x", b"1"), (".git/x", b"2"))
    assert found(put("alice.tar", data), into).problem == ""
    assert copied(into) == {FILE}


def test_what_an_archive_does_not_need_may_be_more_than_is_taken(into: Path, put: Put) -> None:
    files = [(f"env/lib/{number}.py", b"") for number in range(2000)]
    one = found(
        put("alice.zip", zipped((FILE, CODE), ("env/pyvenv.cfg", b""), *files, ("film.mp4", bytes(9 << 20)))), into
    )
    assert one.problem == "" and copied(into) == {FILE}


def test_an_archive_of_one_exercises_folder_is_taken(into: Path, put: Put) -> None:
    assert found(put("x.zip", zipped((f"{SUM}.py", CODE))), into).problem == ""
    assert found(put("y.zip", zipped((f"{SUM}/{FILE}", CODE))), into / "again").problem == ""


def test_a_near_miss_in_an_archive_is_named(into: Path, put: Put) -> None:
    one = found(put("x.zip", zipped((f"{SUM}/main.py", CODE), ("y.txt", b""))), into)
    assert one.problem.endswith(f"; {SUM}/main.py was found: rename it to {SUM}.py")


def test_a_submission_too_deep_in_an_archive_is_told_without_a_path_on_disk(into: Path, put: Put) -> None:
    one = found(put("x.zip", zipped((f"alice/{FILE}", CODE), ("readme.txt", b""))), into)
    assert one.problem.endswith("; the submission lies one folder deeper: pack alice alone instead")


def test_an_archive_in_an_archive_is_not_opened(into: Path, put: Put) -> None:
    one = found(put("x.zip", zipped(("inner.zip", GOOD_ZIP))), into)
    assert one.problem.endswith(
        "inner.zip was found: archives in a submission are not opened: hand in the archive itself, or unpack it"
    )


def test_an_empty_archive_lacks_every_exercise(into: Path, put: Put) -> None:
    assert found(put("x.zip", zipped()), into).problem.startswith(f"no {SUM}.py found")


@pytest.mark.parametrize(
    ("files", "about"),
    [
        ([FILE], [SUM, SERVER]),
        ([f"{SUM}.py"], [SUM]),
        ([f"alice/{SUM}.py", "alice/x.py"], [SUM]),
        ([f"{SUM}.py", f"{SERVER}.py"], [SUM, SERVER]),
        (["x.py"], [SUM, SERVER]),
    ],
)
@pytest.mark.parametrize("name", ["alice.zip", "alice"])
def test_what_a_submission_is_about_is_the_same_in_an_archive_and_a_folder(
    tmp_path: Path, put: Put, files: list[str], about: list[str], name: str
) -> None:
    if name.endswith(".zip"):
        path = put(name, zipped(*((file, CODE) for file in files)))
    else:
        path = tmp_path / name
        for file in files:
            (path / file.removeprefix("alice/")).parent.mkdir(parents=True, exist_ok=True)
            (path / file.removeprefix("alice/")).write_bytes(CODE)
    assert asked(path, [SUM, SERVER]) == about


def test_an_archive_named_after_an_exercise_is_about_it(put: Put) -> None:
    assert asked(put(f"{SUM}.zip", zipped(("main.py", CODE))), [SUM, SERVER]) == [SUM]


def test_streams_of_every_core_are_one_archive(into: Path, put: Put) -> None:
    for number, compress in enumerate((gzip.compress, bz2.compress, lzma.compress)):
        halves = compress(GOOD_TAR[:700]) + compress(GOOD_TAR[700:]) + bytes(512)
        assert found(put("alice.tgz", halves), into.parent / str(number)).problem == ""


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_each_dialect_of_tar_keeps_long_names(into: Path, put: Put, form: int) -> None:
    name = f"{SUM}/{'d' * 60}/{'n' * 90}.txt"
    assert found(put("x.tar", tarred((FILE, CODE), (name, b"1"), form=form)), into).problem == ""
    assert copied(into) == {FILE, name}


def test_attributes_and_comments_of_packers_are_passed_over(into: Path, put: Put) -> None:
    entry = tar_entry(FILE, tarfile.REGTYPE, pax_headers={"SCHILY.xattr.com.apple.quarantine": "q" * 3000})
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", pax_headers={"comment": "0" * 40}) as archive:
        entry.size = len(CODE)
        archive.addfile(entry, io.BytesIO(CODE))
    assert found(put("x.tar", stream.getvalue()), into).problem == ""


def test_a_zip_written_to_a_pipe_is_taken(into: Path, put: Put) -> None:
    class Pipe(io.RawIOBase):
        def __init__(self) -> None:
            self.data = b""

        def writable(self) -> bool:
            return True

        def write(self, data: object) -> int:
            self.data += bytes(data)  # type: ignore[call-overload]
            return len(data)  # type: ignore[arg-type]

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(FILE, CODE)
        with archive.open(f"{SUM}/wide.txt", "w", force_zip64=True) as stream:
            stream.write(b"wide")
    assert found(put("x.zip", pipe.data), into).problem == ""
    assert (into / SUM / "wide.txt").read_bytes() == b"wide"


def test_a_name_of_the_old_kind_is_read_as_the_format_says(into: Path, put: Put) -> None:
    data = zipped((FILE, CODE), (f"{SUM}/Z.txt", b"")).replace(
        f"{SUM}/Z.txt".encode(), f"{SUM}/".encode() + b"\x9a.txt"
    )
    assert found(put("x.zip", data), into).problem == ""
    assert copied(into) == {FILE, f"{SUM}/Ü.txt"}


# --- entries that are no plain files ----------------------------------------------------------------


SPECIAL = {
    "link": ("a symbolic link", tarfile.SYMTYPE, stat.S_IFLNK),
    "hard link": ("a hard link", tarfile.LNKTYPE, None),
    "fifo": ("a FIFO", tarfile.FIFOTYPE, stat.S_IFIFO),
    "character device": ("a device", tarfile.CHRTYPE, stat.S_IFCHR),
    "block device": ("a device", tarfile.BLKTYPE, stat.S_IFBLK),
    "socket": ("a socket", None, stat.S_IFSOCK),
}


@pytest.mark.parametrize("form", ["zip", "tar"])
@pytest.mark.parametrize(("kind", "tar", "mode"), SPECIAL.values(), ids=SPECIAL)
@pytest.mark.parametrize("name", [f"{SUM}/odd", FILE])
def test_a_special_entry_in_the_exercise_is_refused_with_its_name(
    into: Path, put: Put, kind: str, tar: bytes | None, mode: int | None, form: str, name: str
) -> None:
    good = [(FILE, CODE)] if name != FILE else [(f"{SUM}/x.txt", b"")]
    if form == "zip" and mode is not None:
        data = zipped(*good, (zip_entry(name, mode | 0o777), b"/etc/passwd"))
    elif form == "tar" and tar is not None:
        data = tarred(*good, (tar_entry(name, tar, linkname="/etc/passwd"), b""))
    else:
        pytest.skip("there is no such thing")
    one = found(put("alice.x", data), into)
    assert one.problem.startswith(f"{name} is {kind}; put a file in its place")
    assert not copied(into)


def test_a_special_entry_elsewhere_is_passed_over_as_in_a_folder(into: Path, put: Put) -> None:
    data = zipped((FILE, CODE), (zip_entry("other/link", stat.S_IFLNK), b"/etc/passwd"))
    assert found(put("x.zip", data), into).problem == ""
    assert copied(into) == {FILE}


@pytest.mark.parametrize("name", [SUM, f"{SUM}/data"])
def test_a_link_that_later_entries_lead_through_is_refused(into: Path, put: Put, name: str) -> None:
    link = tar_entry(name, tarfile.SYMTYPE, linkname="/tmp")
    told = refused(put("x.tar", tarred((FILE, CODE), (link, b""), (f"{name}/evil.py", b""))), into)
    assert "at once" in told or "twice" in told


# --- names -----------------------------------------------------------------------------------------------


ODD_NAMES = {
    "../evil.py": "leads out of the submission",
    "alice/../../evil.py": "leads out of the submission",
    f"{SUM}/..": "leads out of the submission",
    "/etc/evil.py": "is an absolute path",
    "//evil.py": "is an absolute path",
    "C:/evil.py": "begins with a drive letter",
    "c:evil.py": "begins with a drive letter",
    "alice\\evil.py": "holds a backslash",
    "..\\evil.py": "holds a backslash",
    "a\nb": "holds a control character",
    "a\x1b[31mb": "holds a control character",
    "a\x7f": "holds a control character",
    "a\x85": "holds a control character",
    "x" * 256: "is too long",
    "é" * 128: "is too long",
    "a/" * 2500 + "x": "is too long",
}


@pytest.mark.parametrize("form", ["zip", "tar"])
@pytest.mark.parametrize(("name", "told"), ODD_NAMES.items(), ids=range(len(ODD_NAMES)))
def test_a_name_that_is_no_plain_path_is_refused(into: Path, put: Put, name: str, told: str, form: str) -> None:
    stand_in = "z" * len(name)
    if form == "tar":
        data = tarred((FILE, CODE), (name, b""))
    elif name.isascii():  # `zipfile` would mend it
        data = zipped((FILE, CODE), (stand_in, b"")).replace(stand_in.encode(), name.encode())
    else:
        data = zipped((FILE, CODE), (name, b""))
    assert told in refused(put("alice.x", data), into)


def test_a_nul_byte_in_a_name_is_refused(into: Path, put: Put) -> None:
    data = zipped((FILE, CODE), ("evilZ.txt", b"")).replace(b"evilZ.txt", b"evil\0.txt")
    assert "holds a NUL byte; rename it" in refused(put("x.zip", data), into)
    record = b"20 path=evil\0.txt\n"
    data = header(b"x", len(record) + 2, b"x") + padded(b"20 path=evil\0.txtxx\n") + header(b"y", 0) + TAR_END
    assert "holds a NUL byte; rename it" in refused(put("x.tar", data), into)


@pytest.mark.parametrize("name", [b"\xff.txt", b"a\xc3", b"\xed\xa0\x80"])
def test_a_name_that_is_not_utf8_is_refused(into: Path, put: Put, name: bytes) -> None:
    stand_in = "é" + "z" * (len(name) - 2)  # so that the entry claims to be UTF-8
    data = zipped((FILE, CODE), (stand_in if len(name) > 2 else "é", b"")).replace(stand_in.encode()[: len(name)], name)
    assert "is not UTF-8; rename it" in refused(put("x.zip", data), into)
    assert "is not UTF-8; rename it" in refused(put("x.tar", header(name, 0) + TAR_END), into)


DOUBLES = {
    "the same name": (FILE, "is in it twice"),
    "the same place": (f"./{SUM}//./{SUM}.py", "is in it twice"),
    "only case": (f"{SUM}/{SUM}.PY", "are the same name but for case"),
    "a folder's case": (f"Threaded_Sum/{SUM}.py", "are the same name but for case"),
    "a file in a file": (f"{FILE}/x", "is a file and a folder at once"),
    "a folder for a file": (f"{FILE}/", "is a file and a folder at once"),
}


@pytest.mark.parametrize("form", ["zip", "tar"])
@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize(("other", "told"), DOUBLES.values(), ids=DOUBLES)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_entries_of_which_one_could_count_are_refused(
    into: Path, put: Put, other: str, told: str, form: str, order: int
) -> None:
    if form == "zip":
        data = zipped(*[(FILE, CODE), (other, b"" if other.endswith("/") else b"x = 1\n")][::order])
    else:
        kind = tarfile.DIRTYPE if other.endswith("/") else tarfile.REGTYPE
        data = tarred(*[(FILE, CODE), (tar_entry(other, kind), b"")][::order])
    message = refused(put("alice.x", data), into)
    assert told in message or "is in it twice" in message


def test_normal_forms_of_one_name_are_one_name(into: Path, put: Put) -> None:
    data = zipped((FILE, CODE), ("\u00e9.py", b""), ("e\u0301.py", b""))
    assert "are the same name but for case" in refused(put("x.zip", data), into)


def test_a_folder_may_be_named_again(into: Path, put: Put) -> None:
    folder = tar_entry(SUM, tarfile.DIRTYPE)
    assert found(put("x.tar", tarred((folder, b""), (FILE, CODE), (folder, b""))), into).problem == ""


# --- too much --------------------------------------------------------------------------------------------


def test_an_archive_too_large_is_not_read(into: Path, put: Put) -> None:
    path = put("x.zip", b"")
    with path.open("r+b") as stream:
        stream.truncate(1 << 40)
    told = refused(path, into)
    assert told.startswith("has 1,099,511,627,776 bytes; at most 67,108,864 are taken in one file: leave out what")


def test_too_many_entries_at_its_top_are_refused(into: Path, put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake_tree, "MOST_NAMES", 5)
    told = refused(put("x.zip", zipped((FILE, CODE), *((str(number), b"") for number in range(5)))), into)
    assert told.startswith("holds more than 5 entries")


def test_attributes_without_end_are_refused(into: Path, put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake_tar, "_MOST_RECORDS", 10)
    data = header(b"x", 66, b"g") + padded(b"6 a=b\n" * 11) + header(b"y", 0) + TAR_END
    assert "it has more than 10 attributes" in refused(put("x.tar", data), into)


@pytest.mark.parametrize("form", ["zip", "tar"])
def test_too_many_entries_are_refused(into: Path, put: Put, form: str) -> None:
    files = [(FILE, CODE), *((f"x/{number}", b"") for number in range(10))]
    pack = zipped if form == "zip" else tarred
    assert found(put("alice.x", pack(*files)), into, entries=11).problem == ""
    told = refused(put("alice.x", pack(*files)), into / "again", entries=10)
    assert "entries" in told and "leave out what the exercises do not need" in told


def test_folders_without_end_are_refused(into: Path, put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake_tree, "_MOST_NODES", 50)
    told = refused(put("x.zip", zipped((FILE, CODE), ("a/" * 60 + "x", b""))), into)
    assert "more than 50 files and folders" in told


@pytest.mark.parametrize("form", ["zip", "tar"])
def test_a_file_too_large_is_refused_with_its_name(into: Path, put: Put, form: str) -> None:
    pack = zipped if form == "zip" else tarred
    one = found(put("alice.x", pack((FILE, CODE), (f"{SUM}/data", bytes((1 << 20) + 1)))), into)
    assert one.problem.startswith(f"{SUM}/data has 1,048,577 bytes; at most 1,048,576 are taken in one file")
    assert not copied(into)


BOMBS: dict[str, Callable[[], Any]] = {
    "gzip": lambda: zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS),
    "bzip2": bz2.BZ2Compressor,
    "xz": lambda: lzma.LZMACompressor(preset=1),
}


@pytest.mark.parametrize("start", [GOOD_TAR, header(b"zeros", 64 << 20), header(b"zeros", 64 << 20, b"5")])
@pytest.mark.parametrize("make", BOMBS.values(), ids=BOMBS)
def test_a_bomb_in_a_compressed_tar_is_not_unpacked(
    into: Path, put: Put, make: Callable[[], Any], start: bytes
) -> None:
    packer, zeros = make(), bytes(1 << 20)
    data = b"".join([packer.compress(start), *(packer.compress(zeros) for _ in range(64)), packer.flush()])
    assert len(data) < 100_000
    path = put("x.tgz", data)
    tracemalloc.start()
    try:
        told = refused(path, into, unpacked_bytes=8 << 20)
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
    finally:
        tracemalloc.stop()
    assert told.removeprefix("is refused: ").startswith(
        ("it unpacks to more than 8,388,608 bytes", "zeros says that it has", "zeros is a folder")
    )


def test_a_bomb_in_a_zip_is_told_by_what_it_says(into: Path, put: Put) -> None:
    one = found(put("x.zip", zipped((FILE, CODE), (f"{SUM}/bomb", bytes(50 << 20)))), into)
    assert one.problem.startswith(f"{SUM}/bomb has 52,428,800 bytes; at most")


def lying(data: bytes, name: str, size: int) -> bytes:
    """A zip in which an entry says of itself, twice, that it has another size."""
    changed = bytearray(data)
    for mark, at in ((b"PK\3\4", 22), (b"PK\1\2", 24)):
        place = data.find(mark)
        while place >= 0:
            head = 30 if mark == b"PK\3\4" else 46
            if data[place + head :].startswith(name.encode()):
                struct.pack_into("<L", changed, place + at, size)
            place = data.find(mark, place + 1)
    return bytes(changed)


@pytest.mark.parametrize("size", [0, 10, 999_999])
@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_zip_entry_of_another_size_than_it_says_is_refused(into: Path, put: Put, size: int, method: int) -> None:
    data = lying(zipped((FILE, CODE), (f"{SUM}/bomb", bytes(1 << 20)), method=method), f"{SUM}/bomb", size)
    one = found(put("x.zip", data), into)
    assert one.problem.startswith(f"{SUM}/bomb does not hold the {size:,} bytes that the archive says")


def test_streams_without_end_are_refused(into: Path, put: Put) -> None:
    told = refused(put("x.tgz", gzip.compress(GOOD_TAR[:512]) + gzip.compress(b"") * 100_000), into)
    assert "more than 1,000 compressed streams" in told


HUGE = {
    "octal": b"77777777777\0",
    "4 GiB": b"40000000000\0",
    "base 256": b"\x80" + b"\xff" * 11,
}


@pytest.mark.parametrize("size", HUGE.values(), ids=HUGE)
@pytest.mark.parametrize("kind", [b"0", b"x", b"g", b"L", b"K"])
def test_a_header_of_tar_that_announces_too_much_is_refused(into: Path, put: Put, size: bytes, kind: bytes) -> None:
    told = refused(put("x.tar", padded(header(b"huge", size, kind)) + CODE + TAR_END), into)
    assert "huge" in told and " bytes" in told


@pytest.mark.parametrize("size", [b"\xff" * 12, b"-0000000001\0", b"9\0\0\0\0\0\0\0\0\0\0\0", b"0x10\0\0\0\0\0\0\0\0"])
def test_a_size_that_is_none_is_refused(into: Path, put: Put, size: bytes) -> None:
    assert "a number in a header of it is none" in refused(put("x.tar", header(b"odd", size) + TAR_END), into)


# --- two archives in one, and pieces of one -----------------------------------------------------------


def first_central(data: bytes) -> int:
    return data.index(b"PK\1\2")


def changed(data: bytes, at: int, new: bytes) -> bytes:
    return data[:at] + new + data[at + len(new) :]


TWO = zipped((FILE, CODE), ("other.py", b"x = 1\n" * 20))
ZIP_TRICKS: dict[str, tuple[bytes, str]] = {
    "another name in the local header": (changed(TWO, 30, b"T"), "another entry in its own header"),
    "another method": (changed(TWO, 8, b"\0\0"), "another entry in its own header"),
    "another size": (changed(TWO, 22, b"\1"), "another entry in its own header"),
    "another check sum": (changed(TWO, 14, b"\1"), "another entry in its own header"),
    "encrypted for one": (changed(TWO, 6, b"\1"), "another entry in its own header"),
    "overlapping": (changed(TWO, TWO.rindex(b"PK\1\2") + 42, bytes(4)), "overlaps another entry"),
    "elsewhere": (changed(TWO, TWO.rindex(b"PK\3\4"), b"XX"), "is not where the directory says"),
    "later": (changed(TWO, first_central(TWO) + 42, b"\7"), "an entry before"),
    "beyond the end": (changed(TWO, first_central(TWO) + 42, b"\xff\xff\xff\x7f"), "not in its directory"),
    "garbage at the end": (GOOD_ZIP + b"garbage", "something else follows after its end"),
    "a line at the end": (GOOD_ZIP + b"\n", "something else follows after its end"),
    "cut off": (GOOD_ZIP[:-30], "it is cut off"),
    "its start alone": (GOOD_ZIP[:4], "it is cut off"),
    "two zips": (GOOD_ZIP + TWO, "its directory is not where it says"),
    "two ends": (changed(GOOD_ZIP, len(GOOD_ZIP) - 2, b"\x16\0") + b"PK\5\6" + bytes(18), "more than one end"),
    "more entries than it has": (changed(TWO, len(TWO) - 14, b"\3\0\3\0"), "lists fewer entries than it says"),
    "fewer entries than it has": (changed(TWO, len(TWO) - 14, b"\1\0\1\0"), "more than the entries it counts"),
    "split": (changed(TWO, len(TWO) - 18, b"\1\0"), "one part of a split archive"),
    "64 bits without": (changed(TWO, len(TWO) - 12, b"\xff\xff"), "points to what is not there"),
    "a size of 64 bits without": (
        changed(TWO, first_central(TWO) + 24, b"\xff" * 4),
        "a size in its directory is not there",
    ),
}


@pytest.mark.parametrize(("data", "told"), ZIP_TRICKS.values(), ids=ZIP_TRICKS)
def test_a_zip_that_is_damaged_or_can_be_read_in_two_ways_is_refused(
    into: Path, put: Put, data: bytes, told: str
) -> None:
    assert told in refused(put("x.zip", data), into)


def test_an_entry_that_the_directory_leaves_out_is_refused(into: Path, put: Put) -> None:
    hidden = TWO[TWO.rindex(b"PK\3\4") : first_central(TWO)]
    size = first_central(GOOD_ZIP)
    data = GOOD_ZIP[:size] + hidden + GOOD_ZIP[size:]
    data = changed(data, len(data) - 6, struct.pack("<L", size + len(hidden)))
    assert "is not in its directory" in refused(put("x.zip", data), into)


def test_bytes_that_are_not_those_that_were_packed_are_refused(into: Path, put: Put) -> None:
    data = zipped((FILE, CODE), method=zipfile.ZIP_STORED).replace(b"return 0", b"return 1")
    assert found(put("x.zip", data), into).problem.startswith(f"{FILE} has a wrong check sum")


def test_an_encrypted_entry_is_refused(into: Path, put: Put) -> None:
    data = bytearray(GOOD_ZIP)
    data[6] |= 1
    data[first_central(GOOD_ZIP) + 8] |= 1
    assert found(put("x.zip", bytes(data)), into).problem == f"{FILE} is encrypted; zip it anew without a password"


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_compression_that_is_not_read_is_told(into: Path, put: Put, method: int) -> None:
    one = found(put("x.zip", zipped((FILE, CODE), method=method)), into)
    assert one.problem.startswith(f"{FILE} is packed in a way that is not read (method {method})")


PAX_PATH = b"17 path=other.py\n"
TAR_TRICKS: dict[str, tuple[bytes, str]] = {
    "garbage at the end": (GOOD_TAR + b"garbage", "something else follows after its end"),
    "a tar behind its end": (GOOD_TAR + GOOD_TAR, "something else follows after its end"),
    "cut off in a file": (GOOD_TAR[:520], "is cut off"),
    "cut off in a header": (GOOD_TAR[:1200], "it is cut off"),
    "cut off between entries": (GOOD_TAR[:1024], "it is cut off"),
    "a wrong check sum": (GOOD_TAR[:1024] + changed(GOOD_TAR, 150, b"7")[:512] + TAR_END, "wrong check sum"),
    "names without an entry": (header(b"x", 17, b"x") + padded(PAX_PATH) + TAR_END, "an entry that is not there"),
    "two names": (
        (header(b"x", 17, b"x") + padded(PAX_PATH)) * 2 + header(b"y", 0) + TAR_END,
        "more than one name or size",
    ),
    "a name for all": (header(b"x", 17, b"g") + padded(PAX_PATH) + header(b"y", 0) + TAR_END, "name or size to all"),
    "a record too long": (header(b"x", 17, b"x") + padded(b"99 path=other.py\n") + TAR_END, "is malformed"),
    "a record of no length": (header(b"x", 17, b"x") + padded(b"0 path=another.y\n") + TAR_END, "is malformed"),
    "a size in words": (
        header(b"x", 11, b"x") + padded(b"11 size=1e\n") + header(b"y", 0) + TAR_END, "is no number",
    ),
    "a sparse file of GNU's": (header(b"sparse", 0, b"S") + TAR_END, "sparse is a sparse file; pack it anew without"),
    "a sparse file of pax": (
        header(b"x", 22, b"x") + padded(b"22 GNU.sparse.major=1\n") + header(b"y", 0) + TAR_END, "a sparse file in it",
    ),
    "a kind nobody knows": (header(b"odd", 0, b"Q") + TAR_END, "odd is of a kind that is not read"),
    "a part of a file": (header(b"odd", 0, b"M") + TAR_END, "odd is of a kind that is not read"),
    "a folder with bytes": (header(b"odd", 5, b"5") + padded(b"bytes") + TAR_END, "is a folder and has bytes"),
    "a link with bytes": (header(b"odd", 5, b"1") + padded(b"bytes") + TAR_END, "is a hard link and has bytes"),
}  # fmt: skip


@pytest.mark.parametrize("compress", [bytes, gzip.compress], ids=["plain", "gzip"])
@pytest.mark.parametrize(("data", "told"), TAR_TRICKS.values(), ids=TAR_TRICKS)
def test_a_tar_that_is_damaged_or_can_be_read_in_two_ways_is_refused(
    into: Path, put: Put, data: bytes, told: str, compress: Callable[[bytes], bytes]
) -> None:
    assert told in refused(put("x.tar", compress(data)), into)


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress])
def test_a_damaged_compression_is_refused(into: Path, put: Put, compress: Callable[[bytes], bytes]) -> None:
    data = compress(GOOD_TAR)
    for told, damaged in {
        "it is cut off": data[: len(data) // 2],
        "something else follows": data + b"garbage",
        "cannot be unpacked": changed(data, len(data) // 2, b"\xff\0\xff\0"),
        "holds no tar archive": compress(CODE),
    }.items():
        assert told in refused(put("x.tgz", damaged), into), told


def test_xz_may_not_ask_for_all_memory(into: Path, put: Put) -> None:
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 20}]
    data = bytearray(lzma.compress(GOOD_TAR, filters=filters))
    assert data[14:17] == b"\x21\x01\x10"  # LZMA2, one byte of properties: the dictionary's size
    data[16] = 40  # 4 GiB
    data[20:24] = struct.pack("<L", zlib.crc32(bytes(data[12:20])))
    assert "cannot be unpacked" in refused(put("x.txz", bytes(data)), into)


@pytest.mark.parametrize("name", ["x.zip", "x.7z", "x.rar", "x.tar.zst"])
@pytest.mark.parametrize("data", [b"", CODE, b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", bytes(10240), b"\x28\xb5\x2f\xfd"])
def test_what_is_no_archive_that_is_read_is_refused_with_those_that_are(
    into: Path, put: Put, name: str, data: bytes
) -> None:
    assert ".zip, .tar, .tar.gz" in refused(put(name, data), into)


def test_a_hard_link_to_an_archive_is_refused(into: Path, put: Put, tmp_path: Path) -> None:
    os.link(put("x.zip", GOOD_ZIP), tmp_path / "y.zip")
    assert refused(tmp_path / "x.zip", into).startswith("is a hard link")


def test_a_plug_in_may_bring_a_form_of_its_own(into: Path, put: Put) -> None:
    class Shouted:
        name, endings = "shouted", (".loud",)

        def open(self, data: bytes, limits: Limits) -> intake_tree.Branch | None:
            if not data.isupper():
                return None
            builder = intake_tree.TreeBuilder()
            builder.add_file(f"{SUM}.py", "a file", len(data), lambda _: data.lower())
            return builder.top

    class PlugIn:
        @hookimpl
        def grader_intakes(self) -> list[Any]:
            return [Shouted()]

    path = put("alice.loud", CODE.upper())
    with pytest.raises(Refused, match=r"alice\.loud is not the file of an exercise"):
        take_in(path, [SUM], into)
    plugin = PlugIn()
    plugin_manager().register(plugin)
    try:
        assert found(path, into).problem == ""
    finally:
        plugin_manager().unregister(plugin)
    assert (into / FILE).read_bytes() == CODE.lower()
