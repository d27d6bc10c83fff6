from __future__ import annotations

import codecs
import encodings.aliases
import os
import socket
import stat
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from grader import intake_copy, intake_gather
from grader.intake import Found, Intake, Limits, Refused, take_in

SUM, SERVER = "threaded_sum", "dispatcher_server"
CODE = b"def threaded_sum(values, n_threads, sum_chunk=sum):\n    return 0\n"
NOBODY = 65534


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    folder = tmp_path / "lab1"
    folder.mkdir()
    return folder


@pytest.fixture
def into(tmp_path: Path) -> Path:
    return tmp_path / "copies"


@pytest.fixture
def own(lab: Path) -> Path:
    """The exercise's own folder in a submission, with a solution in it."""
    write(lab / SUM / f"{SUM}.py")
    return lab / SUM


@pytest.fixture
def unprivileged() -> Iterator[Path]:
    """A folder of somebody who has no rights but those of its owner."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if os.geteuid() != 0:
            yield folder
            return
        os.chown(folder, NOBODY, NOBODY)
        os.seteuid(NOBODY)
        try:
            yield folder
        finally:
            os.seteuid(0)


def write(file: Path, data: bytes = CODE) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    return file


def found(path: Path, into: Path, **limits: int) -> Found:
    return take_in(path, [SUM], into, Limits(**limits)).found[0]


def copied(into: Path) -> set[str]:
    return {str(path.relative_to(into)) for path in into.rglob("*") if not path.is_dir()}


def nothing_taken(one: Found, into: Path) -> bool:
    return one.file is None and bool(one.problem) and not copied(into)


# --- layouts ---------------------------------------------------------------------------------


def test_an_exercise_is_taken_from_its_own_folder(own: Path, into: Path) -> None:
    one = found(own.parent, into)
    assert one == Found(SUM, into / SUM / f"{SUM}.py", "", ())
    assert (into / SUM / f"{SUM}.py").read_bytes() == CODE


def test_an_exercise_is_taken_from_the_top(lab: Path, into: Path) -> None:
    write(lab / f"{SUM}.py")
    assert found(lab, into).file == into / SUM / f"{SUM}.py"
    assert copied(into) == {f"{SUM}/{SUM}.py"}


def test_the_file_itself_is_taken(lab: Path, into: Path) -> None:
    write(lab / "notes.txt")
    one = found(write(lab / f"{SUM}.py"), into)
    assert one.file == into / SUM / f"{SUM}.py"
    assert copied(into) == {f"{SUM}/{SUM}.py"}


def test_the_folder_of_one_exercise_comes_to_the_same_as_the_folder_around_it(own: Path, into: Path) -> None:
    write(own / "data" / "numbers.txt")
    around = take_in(own.parent, [SUM], into)
    itself = take_in(own, [SUM], into.parent / "again")
    assert around.digest == itself.digest
    assert copied(around.root) == copied(itself.root) == {f"{SUM}/{SUM}.py", f"{SUM}/data/numbers.txt"}


def test_layouts_may_be_mixed(own: Path, into: Path) -> None:
    write(own.parent / f"{SERVER}.py")
    intake = take_in(own.parent, [SERVER, SUM], into)
    assert [one.problem for one in intake.found] == ["", ""]


def test_exercises_come_in_the_order_in_which_they_were_asked_for(own: Path, into: Path) -> None:
    assert [one.exercise for one in take_in(own.parent, [SUM, SERVER], into).found] == [SUM, SERVER]
    assert [one.exercise for one in take_in(own.parent, [SERVER, SUM], into / "again").found] == [SERVER, SUM]


def test_at_the_top_each_exercise_gets_its_own_file_and_what_is_no_exercise(lab: Path, into: Path) -> None:
    for name in (f"{SUM}.py", f"{SERVER}.py", "pieces.py", "data/numbers.txt", "threading_models/x.py"):
        write(lab / name)
    take_in(lab, [SUM, SERVER, "threading_models"], into)
    shared = {"pieces.py", "data/numbers.txt"}
    assert copied(into / SUM) == shared | {f"{SUM}.py"}
    assert copied(into / SERVER) == shared | {f"{SERVER}.py"}


def test_what_lies_beside_the_folder_of_an_exercise_is_not_copied(own: Path, into: Path) -> None:
    write(own.parent / "essay.txt")
    os.symlink("/etc/passwd", own.parent / "link")
    assert found(own.parent, into).problem == ""
    assert copied(into) == {f"{SUM}/{SUM}.py"}


def test_its_own_folder_goes_before_the_top_with_a_note(own: Path, into: Path) -> None:
    write(own.parent / f"{SUM}.py", b"old = True\n")
    one = found(own.parent, into)
    assert one.notes == (f"{SUM}.py is not used, since there is {SUM}/{SUM}.py",)
    assert one.file is not None and one.file.read_bytes() == CODE


def test_the_name_is_that_of_the_folder(own: Path, into: Path) -> None:
    assert take_in(own.parent, [SUM], into).name == "lab1"


def test_the_name_of_the_current_folder_is_its_real_one(own: Path, into: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(own.parent)
    assert take_in(Path("."), [SUM], into).name == "lab1"


def test_the_root_is_absolute(own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    intake = take_in(Path("lab1"), [SUM], Path("copies"))
    assert intake.root == tmp_path / "copies"
    assert intake.found[0].file == tmp_path / "copies" / SUM / f"{SUM}.py"


def test_nothing_is_executed(lab: Path, into: Path) -> None:
    trace = lab / "trace"
    write(lab / SUM / f"{SUM}.py", f"open({str(trace)!r}, 'w')\n".encode())
    write(lab / SUM / "conftest.py", f"open({str(trace)!r}, 'w')\n".encode())
    assert found(lab, into).problem == ""
    assert not trace.exists()


# --- the copy --------------------------------------------------------------------------------


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077, 0o777])
def test_modes_of_the_copy_do_not_depend_on_the_umask(own: Path, into: Path, umask: int) -> None:
    write(own / "data" / "run.sh").chmod(0o4755)
    (own / f"{SUM}.py").chmod(0o600)
    before = os.umask(umask)
    try:
        take_in(own.parent, [SUM], into)
    finally:
        os.umask(before)
    modes = {path.is_dir(): stat.S_IMODE(path.stat().st_mode) for path in [into, *into.rglob("*")]}
    assert modes == {True: 0o755, False: 0o644}


def test_an_existing_file_is_not_overwritten(own: Path, into: Path) -> None:
    write(into / SUM / f"{SUM}.py", b"kept")
    with pytest.raises(FileExistsError):
        take_in(own.parent, [SUM], into)
    assert (into / SUM / f"{SUM}.py").read_bytes() == b"kept"


def test_a_copy_inside_the_submission_does_not_copy_itself(own: Path) -> None:
    assert found(own, own / "copies").problem == ""
    assert copied(own / "copies") == {f"{SUM}/{SUM}.py"}


def test_no_descriptor_stays_open(own: Path, into: Path) -> None:
    write(own / "a" / "b" / "c.txt")
    os.mkfifo(own / "a" / "pipe")
    before = sorted(os.listdir("/dev/fd"))
    found(own.parent, into)
    assert sorted(os.listdir("/dev/fd")) == before


@pytest.mark.parametrize(
    "name",
    [
        ".git/config",
        ".venv/bin/python",
        ".hidden",
        "__pycache__/threaded_sum.cpython-311.pyc",
        "old.pyc",
        "node_modules/x.js",
        "env/pyvenv.cfg",
        "env/lib/x.py",
        "test_public.py",
        "test_hidden.py",
        "pytest.ini",
        "tox.ini",
        "setup.cfg",
        "pyproject.toml",
        "conftest.py",
        "sub/conftest.py",
    ],
)
def test_by_products_and_files_of_the_grader_are_left_out(own: Path, into: Path, name: str) -> None:
    write(own / "env" / "pyvenv.cfg")
    write(own / name)
    assert found(own.parent, into, files=1).problem == ""
    assert copied(into) == {f"{SUM}/{SUM}.py"}


def test_what_is_left_out_may_be_of_any_kind(own: Path, into: Path) -> None:
    os.symlink("/etc", own / ".git")
    os.mkfifo(own / "x.pyc")
    os.symlink("/etc/passwd", own / "test_public.py")
    assert found(own.parent, into).problem == ""
    assert copied(into) == {f"{SUM}/{SUM}.py"}


@pytest.mark.parametrize("name", ["conftest.py", "sitecustomize.py", "usercustomize.py", "evil.pth"])
def test_a_file_that_would_run_unasked_is_noted(own: Path, into: Path, name: str) -> None:
    write(own / name)
    assert found(own.parent, into).notes == (f"{SUM}/{name} is not used",)
    assert copied(into) == {f"{SUM}/{SUM}.py"}


@pytest.mark.parametrize("name", ["pytest.ini", "test_public.py", "helper.py", "data.txt"])
def test_other_files_are_not_noted(own: Path, into: Path, name: str) -> None:
    write(own / name)
    assert found(own.parent, into).notes == ()


@pytest.mark.parametrize(("name", "told"), [("threading.py", "threading.py"), ("json/__init__.py", "json")])
def test_a_module_named_as_one_of_the_standard_library_is_copied_and_noted(
    own: Path, into: Path, name: str, told: str
) -> None:
    write(own / name)
    module = told.removesuffix(".py")
    (note,) = found(own.parent, into).notes
    assert note.startswith(f"{SUM}/{told} has the name of a module of the standard library; ")
    assert note.endswith(f"`import {module}` will not find yours; rename it")
    assert f"{SUM}/{name}" in copied(into)


@pytest.mark.parametrize("name", ["json/data.txt", "data/threading.py", "threading.txt"])
def test_a_name_of_the_standard_library_that_hides_nothing_is_not_noted(own: Path, into: Path, name: str) -> None:
    write(own / name)
    assert found(own.parent, into).notes == ()


def test_many_notes_are_cut(own: Path, into: Path) -> None:
    for number in range(30):
        write(own / f"{number:02}.pth")
    notes = found(own.parent, into).notes
    assert len(notes) == 6 and notes[-1] == "and 25 more like these"


# --- the digest ------------------------------------------------------------------------------


def digest(lab: Path, into: Path, **files: bytes) -> str:
    for name, data in files.items():
        write(lab / name / SUM / f"{SUM}.py")
        write(lab / name / SUM / "data.txt", data)
    return take_in(lab / next(iter(files)), [SUM], into / next(iter(files))).digest


def test_the_digest_is_the_same_for_the_same_files(lab: Path, into: Path) -> None:
    into.mkdir()
    one, other = digest(lab, into, a=b"1"), digest(lab, into, b=b"1")
    assert one == other
    assert one.startswith("sha256:") and len(one) == len("sha256:") + 64


def test_the_digest_depends_on_bytes(lab: Path, into: Path) -> None:
    into.mkdir()
    assert digest(lab, into, a=b"1") != digest(lab, into, b=b"2")


def test_the_digest_depends_on_names(own: Path, into: Path) -> None:
    before = take_in(own.parent, [SUM], into).digest
    write(own / "a").rename(own / "b")
    after = take_in(own.parent, [SUM], into / "2").digest
    (own / "b").rename(own / "c")
    assert len({before, after, take_in(own.parent, [SUM], into / "3").digest}) == 3


def test_a_name_cannot_pass_for_bytes_in_the_digest() -> None:
    one = intake_copy.digest_of({"a": b"bc", "d": b""})
    assert one != intake_copy.digest_of({"ab": b"c", "d": b""})
    assert one != intake_copy.digest_of({"a": b"bcd"})


def test_the_digest_leaves_out_what_is_not_copied(own: Path, into: Path) -> None:
    before = take_in(own.parent, [SUM], into).digest
    write(own / "__pycache__" / "x.pyc")
    assert take_in(own.parent, [SUM], into / "2").digest == before


# --- links and special files -----------------------------------------------------------------


def place_link(file: Path) -> None:
    os.symlink("/etc/passwd", file)


def place_linked_folder(file: Path) -> None:
    os.symlink("/etc", file)


def place_dangling_link(file: Path) -> None:
    os.symlink("nowhere", file)


def place_hard_link(file: Path) -> None:
    os.link(write(file.parents[2] / "elsewhere"), file)


def place_fifo(file: Path) -> None:
    os.mkfifo(file)


def place_socket(file: Path) -> None:
    # The path of a socket must be short, so it is bound from within its folder.
    here = os.getcwd()
    os.chdir(file.parent)
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(file.name)
    finally:
        os.chdir(here)


def place_device(file: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can make a device")
    try:
        os.mknod(file, stat.S_IFCHR | 0o666, os.makedev(1, 3))
    except PermissionError:
        pytest.skip("devices cannot be made here, not even by root")


SPECIAL = {
    place_link: "is a symbolic link",
    place_linked_folder: "is a symbolic link",
    place_dangling_link: "is a symbolic link",
    place_hard_link: "is a hard link",
    place_fifo: "is a FIFO",
    place_socket: "is a socket",
    place_device: "is a device",
}
Place = Callable[[Path], None]
specials = pytest.mark.parametrize(("place", "kind"), SPECIAL.items(), ids=lambda value: getattr(value, "__name__", ""))


@specials
def test_a_special_file_in_the_exercise_is_refused_with_its_name(
    own: Path, into: Path, place: Place, kind: str
) -> None:
    (own / "data").mkdir()
    place(own / "data" / "odd")
    one = found(own.parent, into)
    assert one.problem.startswith(f"{SUM}/data/odd {kind}") and " in its place" in one.problem
    assert nothing_taken(one, into)


@specials
def test_a_special_file_in_place_of_the_solution_is_refused(own: Path, into: Path, place: Place, kind: str) -> None:
    (own / f"{SUM}.py").unlink()
    place(own / f"{SUM}.py")
    one = found(own.parent, into)
    assert one.problem.startswith(f"{SUM}/{SUM}.py {kind}")
    assert nothing_taken(one, into)


@specials
def test_a_special_file_in_place_of_the_solution_at_the_top_is_refused(
    own: Path, into: Path, place: Place, kind: str
) -> None:
    (own / f"{SUM}.py").unlink()
    place(own / f"{SUM}.py")
    one = found(own, into)
    assert one.problem.startswith(f"{SUM}.py {kind}")
    assert nothing_taken(one, into)


@specials
def test_a_special_file_in_place_of_the_folder_is_refused(lab: Path, into: Path, place: Place, kind: str) -> None:
    if place is place_hard_link:
        pytest.skip("a folder has no hard links")
    place(lab / SUM)
    one = found(lab, into)
    assert one.problem.startswith(f"{SUM} {kind}")
    assert nothing_taken(one, into)


@specials
def test_a_special_file_as_the_submission_is_refused(own: Path, into: Path, place: Place, kind: str) -> None:
    if place is place_hard_link:
        pytest.skip("a hard link to the file of an exercise is a problem of that exercise")
    place(own / "odd")
    with pytest.raises(Refused, match=f"odd {kind}; give "):
        take_in(own / "odd", [SUM], into)


def test_a_hard_link_handed_in_alone_is_refused(own: Path, into: Path) -> None:
    os.link(own / f"{SUM}.py", own / "other")
    one = found(own / f"{SUM}.py", into)
    assert one.problem.startswith(f"{SUM}.py is a hard link")
    assert nothing_taken(one, into)


def test_a_link_to_a_good_submission_is_refused(own: Path, into: Path) -> None:
    os.symlink(own.parent, own.parents[1] / "link")
    with pytest.raises(Refused, match="link is a symbolic link; give what it points to"):
        take_in(own.parents[1] / "link", [SUM], into)


def test_a_refused_exercise_leaves_the_others_alone(own: Path, into: Path) -> None:
    write(own.parent / SERVER / f"{SERVER}.py")
    os.symlink("/etc/passwd", own / "link")
    sum_, server = take_in(own.parent, [SUM, SERVER], into).found
    assert sum_.file is None and server.problem == ""
    assert copied(into) == {f"{SERVER}/{SERVER}.py"}


def test_all_refused_entries_are_named(own: Path, into: Path) -> None:
    os.symlink("/etc/passwd", own / "a")
    os.mkfifo(own / "b")
    first, second = found(own.parent, into).problem.splitlines()
    assert first.startswith(f"{SUM}/a is a symbolic link") and second.startswith(f"{SUM}/b is a FIFO")


def test_many_refused_entries_are_cut(own: Path, into: Path) -> None:
    for number in range(40):
        os.mkfifo(own / f"{number:02}")
    lines = found(own.parent, into).problem.splitlines()
    assert len(lines) == 6 and lines[-1] == "and 35 more like these"


def test_a_special_file_beside_belongs_to_every_exercise_at_the_top(lab: Path, into: Path) -> None:
    write(lab / f"{SUM}.py")
    write(lab / f"{SERVER}.py")
    os.mkfifo(lab / "pipe")
    problems = [one.problem for one in take_in(lab, [SUM, SERVER], into).found]
    assert all(problem.startswith("pipe is a FIFO") for problem in problems)


# --- entries that change while they are looked at --------------------------------------------


def swap_at_open(monkeypatch: pytest.MonkeyPatch, name: str, swap: Callable[[], object]) -> None:
    """Calls `swap` after `name` has been looked at and before it is opened."""
    real = os.open

    def swapping(path: Any, flags: int, *args: Any, **kwargs: Any) -> int:
        if path == name and not flags & os.O_WRONLY:
            swap()
        return real(path, flags, *args, **kwargs)

    monkeypatch.setattr(os, "open", swapping)


@specials
def test_a_file_swapped_before_it_is_opened_is_refused(
    own: Path, into: Path, place: Place, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place(own / "tried")  # skips here where it cannot be made
    (own / "tried").unlink()
    (own.parents[1] / "elsewhere").unlink(missing_ok=True)

    def swap() -> None:
        (own / "x.txt").unlink()
        place(own / "x.txt")

    write(own / "x.txt")
    swap_at_open(monkeypatch, "x.txt", swap)
    one = found(own.parent, into)
    assert f"{SUM}/x.txt " in one.problem
    assert nothing_taken(one, into)


def test_a_folder_swapped_for_a_link_before_it_is_opened_is_refused(
    own: Path, into: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def swap() -> None:
        (own / "data").rename(own.parent / "away")
        os.symlink("/etc", own / "data")

    write(own / "data" / "x.txt")
    swap_at_open(monkeypatch, "data", swap)
    one = found(own.parent, into)
    assert one.problem.startswith(f"{SUM}/data changed while it was read")
    assert nothing_taken(one, into)


def test_an_entry_that_vanishes_is_refused(own: Path, into: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    swap_at_open(monkeypatch, "x.txt", write(own / "x.txt").unlink)
    assert found(own.parent, into).problem.startswith(f"{SUM}/x.txt changed while it was read")


def test_a_submission_that_vanishes_is_refused(own: Path, into: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    swap_at_open(monkeypatch, str(own.parent), lambda: own.parent.rename(own.parents[1] / "away"))
    with pytest.raises(Refused, match="lab1 changed while it was read"):
        take_in(own.parent, [SUM], into)


def test_a_file_that_grows_while_it_is_read_is_refused(own: Path, into: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.fstat

    def growing(descriptor: int) -> os.stat_result:
        status = real(descriptor)
        with open(own / f"{SUM}.py", "ab") as stream:
            stream.write(b"# more\n" * 10)
        return status

    monkeypatch.setattr(os, "fstat", growing)
    one = found(own.parent, into)
    assert one.problem.startswith(f"{SUM}/{SUM}.py changes while it is read")


def test_the_graders_own_shortage_is_not_the_students_fault(
    own: Path, into: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def short() -> None:
        raise OSError(24, "Too many open files")

    swap_at_open(monkeypatch, f"{SUM}.py", short)
    with pytest.raises(OSError, match="Too many open files"):
        take_in(own.parent, [SUM], into)


# --- limits ----------------------------------------------------------------------------------


def test_as_many_files_as_allowed_are_taken(own: Path, into: Path) -> None:
    write(own / "a.txt")
    assert found(own.parent, into, files=2).problem == ""


def test_one_file_too_many_is_refused_with_its_name(own: Path, into: Path) -> None:
    write(own / "a.txt")
    one = found(own.parent, into, files=1)
    assert one.problem.startswith(f"with {SUM}/{SUM}.py there are more than 1 files in the submission; remove ")
    assert nothing_taken(one, into)


def test_the_usual_limits_hold_500_files(own: Path, into: Path) -> None:
    for number in range(500):
        write(own / f"{number:03}.txt", b"")
    assert "more than 500 files" in found(own.parent, into).problem
    (own / "000.txt").unlink()
    assert found(own.parent, into).problem == ""


def test_a_file_of_a_mebibyte_is_taken_and_one_byte_more_refused(own: Path, into: Path) -> None:
    write(own / "data", bytes(1 << 20))
    assert found(own.parent, into).problem == ""
    write(own / "data", bytes((1 << 20) + 1))
    one = found(own.parent, into / "again")
    assert one.problem == f"{SUM}/data has 1,048,577 bytes; at most 1,048,576 are taken in one file: remove it"


def test_a_huge_sparse_file_is_not_read(own: Path, into: Path) -> None:
    with open(own / "huge", "wb") as stream:
        stream.truncate(1 << 40)
    assert found(own.parent, into).problem.startswith(f"{SUM}/huge has 1,099,511,627,776 bytes")


def test_too_many_bytes_in_all_are_refused(own: Path, into: Path) -> None:
    for name in "abc":
        write(own / name, bytes(100))
    assert "more than 250 bytes" in found(own.parent, into, total_bytes=250).problem


def test_a_file_handed_in_alone_is_limited_too(lab: Path, into: Path) -> None:
    assert "at most 10 are taken" in found(write(lab / f"{SUM}.py"), into, file_bytes=10).problem


def test_folders_may_be_as_deep_as_allowed(own: Path, into: Path) -> None:
    write(own / "a/b/c/d/e/f/x.txt")
    assert found(own.parent, into).problem == ""
    assert f"{SUM}/a/b/c/d/e/f/x.txt" in copied(into)


def test_a_folder_too_deep_is_refused(own: Path, into: Path) -> None:
    write(own / "a/b/c/d/e/f/g/x.txt")
    problem = found(own.parent, into).problem
    assert problem == f"{SUM}/a/b/c/d/e/f/g lies more than 6 folders deep; remove it or move it up"


def test_nesting_beyond_the_longest_path_ends_in_a_refusal(own: Path, into: Path) -> None:
    descriptor = os.open(own, os.O_RDONLY)
    for _ in range(300):  # longer than any path may be, so made step by step
        os.mkdir("deep" * 10, dir_fd=descriptor)
        inner = os.open("deep" * 10, os.O_RDONLY, dir_fd=descriptor)
        os.close(descriptor)
        descriptor = inner
    os.close(descriptor)
    assert "lies more than 6 folders deep" in found(own.parent, into).problem


def test_too_many_entries_are_refused(own: Path, into: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake_copy, "MOST_NAMES", 5)
    for number in range(6):
        (own / "many" / str(number)).mkdir(parents=True)
    assert found(own.parent, into).problem.startswith(f"{SUM}/many holds more than 5 entries")


def test_too_many_entries_in_many_folders_are_refused(own: Path, into: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake_gather, "MOST_NAMES", 8)
    for name in ("a/1/1", "a/2/2", "b/1/1", "b/2/2"):
        (own / name).mkdir(parents=True)
    assert found(own.parent, into).problem.startswith(f"with {SUM}/b/ there are more than 8 entries")


def test_limits_hold_over_all_exercises(own: Path, into: Path) -> None:
    write(own.parent / SERVER / f"{SERVER}.py")
    first, second = take_in(own.parent, [SUM, SERVER], into, Limits(files=1)).found
    assert first.problem == "" and "more than 1 files" in second.problem


def test_a_refused_exercise_does_not_use_up_what_others_may_have(own: Path, into: Path) -> None:
    write(own.parent / SERVER / f"{SERVER}.py")
    write(own / "too" / "many.txt")
    first, second = take_in(own.parent, [SUM, SERVER], into, Limits(files=1)).found
    assert "more than 1 files" in first.problem and second.problem == ""


def test_what_lies_beside_counts_once(lab: Path, into: Path) -> None:
    for name in (f"{SUM}.py", f"{SERVER}.py", "a.txt", "b.txt"):
        write(lab / name)
    assert [one.problem for one in take_in(lab, [SUM, SERVER], into, Limits(files=4)).found] == ["", ""]


def test_what_lies_beside_counts_at_all(lab: Path, into: Path) -> None:
    for name in (f"{SUM}.py", "a.txt", "b.txt"):
        write(lab / name)
    assert "more than 2 files" in found(lab, into, files=2).problem


def test_too_much_beside_is_told_once(lab: Path, into: Path) -> None:
    for name in (f"{SUM}.py", "a.txt", "b.txt"):
        write(lab / name)
    assert found(lab, into, files=1).problem.startswith("with b.txt there are more than 1 files")
    assert "\n" not in found(lab, into, files=1).problem


# --- odd names -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (b"a\nb", r"a\nb"),
        (b"\x1b[31m", r"\x1b[31m"),
        (b"\xff.txt", r"\xff.txt"),
        ("\u202e.txt".encode(), r"\u202e.txt"),
        (b"a\\x41", r"a\\x41"),
        (b"::error ::x", "::error ::x"),
    ],
)
def test_odd_names_are_shown_escaped(own: Path, into: Path, name: bytes, told: str) -> None:
    os.mkfifo(os.fsencode(own) + b"/" + name)
    problem = found(own.parent, into).problem
    assert problem.startswith(f"{SUM}/{told} is a FIFO")
    problem.encode("utf-8")


def test_files_with_odd_names_are_copied(own: Path, into: Path) -> None:
    for name in (b"\xff.txt", b"a\nb", b"..."):
        write(Path(os.fsdecode(os.fsencode(own) + b"/" + name)))
    intake = take_in(own.parent, [SUM], into)
    assert intake.found[0].problem == ""
    assert {os.fsencode(name) for name in os.listdir(into / SUM)} == {b"\xff.txt", b"a\nb", b"threaded_sum.py"}


def test_long_names_are_cut(own: Path, into: Path) -> None:
    os.mkfifo(own / ("x" * 250))
    assert len(found(own.parent, into).problem) < 250


def test_an_odd_name_of_the_submission_is_escaped(lab: Path, into: Path) -> None:
    odd = Path(os.fsdecode(os.fsencode(lab) + b"/\xff\x07"))
    write(odd / f"{SUM}.py")
    assert take_in(odd, [SUM], into).name == r"\xff\x07"


# --- near misses -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "Threaded_Sum.py",
        "THREADED_SUM.PY",
        "threaded-sum.py",
        "threaded_sum.py.txt",
        "threaded_sum (1).py",
        "threadedsum.py",
        "threaded_sum",
        "threaded_sum.ipynb",
        "thread_sum.py",
        "my_threaded_sum_final.py",
    ],
)
def test_a_near_miss_is_named_with_what_was_expected(lab: Path, into: Path, name: str) -> None:
    write(lab / name)
    assert found(lab, into).problem == (
        f"no {SUM}.py found: {SUM}/{SUM}.py or {SUM}.py is expected; {name} was found: rename it to {SUM}.py"
    )


@pytest.mark.parametrize("name", ["Threaded_Sum.py", "main.py"])
def test_a_near_miss_in_the_right_folder_is_named(lab: Path, into: Path, name: str) -> None:
    write(lab / SUM / name)
    assert found(lab, into).problem.endswith(f"; {SUM}/{name} was found: rename it to {SUM}.py")


def test_any_source_in_a_submission_of_the_right_name_is_named(lab: Path, into: Path) -> None:
    write(lab / SUM / "main.py")
    assert found(lab / SUM, into).problem.endswith(f"; main.py was found: rename it to {SUM}.py")


def test_a_near_miss_in_a_folder_of_the_wrong_name_is_named(lab: Path, into: Path) -> None:
    write(lab / "Threaded-Sum" / "sum.py")
    assert found(lab, into).problem.endswith(f"; Threaded-Sum/sum.py was found: make it {SUM}/{SUM}.py")


def test_several_near_misses_are_named(lab: Path, into: Path) -> None:
    for name in ("threaded_sum (1).py", "threaded_sum (2).py"):
        write(lab / name)
    assert "; threaded_sum (1).py and threaded_sum (2).py were found: " in found(lab, into).problem


@pytest.mark.parametrize("name", ["essay.pdf", "dispatcher_server.py", ".threaded_sum.py", "threaded_sum.pyc"])
def test_a_file_that_is_something_else_is_no_near_miss(lab: Path, into: Path, name: str) -> None:
    write(lab / name)
    intake = take_in(lab, [SUM, SERVER], into)
    assert intake.found[0].problem == f"no {SUM}.py found: {SUM}/{SUM}.py or {SUM}.py is expected"


def test_another_exercise_of_a_similar_name_is_no_near_miss(lab: Path, into: Path) -> None:
    write(lab / "sum_1.py")
    assert "sum_1" not in take_in(lab, ["sum_1", "sum_2"], into).found[1].problem


def test_an_archive_in_the_folder_is_to_be_unpacked(lab: Path, into: Path) -> None:
    write(lab / "lab1.zip")
    assert found(lab, into).problem.endswith(
        "; lab1.zip was found: archives in a submission are not opened: hand in the archive itself, or unpack it"
    )


@pytest.mark.parametrize("place", [f"my-solution/{SUM}/{SUM}.py", f"my-solution/{SUM}.py"])
def test_a_submission_one_folder_deeper_is_told_by_its_path(lab: Path, into: Path, place: str) -> None:
    write(lab / place)
    intake = take_in(lab, [SUM, SERVER], into)
    hint = f"; the submission lies one folder deeper: give {lab}/my-solution instead"
    assert [one.problem.endswith(hint) for one in intake.found] == [True, True]
    assert take_in(lab / "my-solution", [SUM], into).found[0].problem == ""


def test_a_folder_of_the_exercise_in_itself_is_told_by_its_path(lab: Path, into: Path) -> None:
    write(lab / SUM / SUM / f"{SUM}.py")
    assert found(lab, into).problem.endswith(f"give {lab}/{SUM} instead")


def test_one_exercise_out_of_place_is_to_be_moved(own: Path, into: Path) -> None:
    write(own.parent / "week 2" / f"{SERVER}.py")
    _, server = take_in(own.parent, [SUM, SERVER], into).found
    assert server.problem.endswith(f"; week 2/{SERVER}.py was found: move it to {SERVER}/{SERVER}.py")


def test_exercises_in_folders_of_other_names_are_to_be_moved(lab: Path, into: Path) -> None:
    write(lab / "week 1" / f"{SUM}.py")
    write(lab / "week 2" / f"{SERVER}.py")
    first, _ = take_in(lab, [SUM, SERVER], into).found
    assert first.problem.endswith(f"; week 1/{SUM}.py was found: move it to {SUM}/{SUM}.py")


def test_the_search_for_near_misses_follows_no_link(lab: Path, into: Path, tmp_path: Path) -> None:
    write(tmp_path / "elsewhere" / f"{SUM}.py")
    os.symlink(tmp_path / "elsewhere", lab / "link")
    assert "link" not in found(lab, into).problem


def test_an_empty_folder_has_a_problem_for_each_exercise(lab: Path, into: Path) -> None:
    intake = take_in(lab, [SUM, SERVER], into)
    assert isinstance(intake, Intake)
    assert [one.problem.partition(":")[0] for one in intake.found] == [f"no {SUM}.py found", f"no {SERVER}.py found"]


def test_a_folder_in_place_of_the_file_is_told(lab: Path, into: Path) -> None:
    (lab / SUM / f"{SUM}.py").mkdir(parents=True)
    one = found(lab, into)
    assert one.problem == f"{SUM}/{SUM}.py is a folder; a file is expected"
    assert nothing_taken(one, into)


def test_a_file_inside_a_folder_of_its_name_is_to_be_moved_up(lab: Path, into: Path) -> None:
    write(lab / f"{SUM}.py" / f"{SUM}.py")
    assert found(lab, into).problem.endswith(f"a file is expected; {SUM}.py/{SUM}.py was found: move it up")


# --- the submission as a whole ---------------------------------------------------------------


@pytest.mark.parametrize("name", ["nowhere", "a\0b", "essay.txt/inside", "\ud800"])
def test_a_path_that_does_not_exist_is_refused(lab: Path, into: Path, name: str) -> None:
    write(lab / "essay.txt")
    with pytest.raises(Refused, match="does not exist; give the folder that holds your exercises"):
        take_in(lab / name, [SUM], into)


def test_a_path_too_long_is_refused(lab: Path, into: Path) -> None:
    with pytest.raises(Refused, match="cannot be reached: File name too long"):
        take_in(lab / ("x" * 300), [SUM], into)


@pytest.mark.parametrize("name", ["lab1.zip", "lab1.tar", "lab1.tar.gz", "lab1.TGZ", "lab1.7z", "threaded_sum.py.zip"])
def test_what_is_only_named_as_an_archive_is_refused(lab: Path, into: Path, name: str) -> None:
    with pytest.raises(
        Refused, match=r"is no archive of a form that is read; hand in the folder itself, or one of \.zip, "
    ):
        take_in(write(lab / name), [SUM], into)


def test_a_folder_named_like_an_archive_is_taken(lab: Path, into: Path) -> None:
    write(lab / "lab1.zip" / f"{SUM}.py")
    assert found(lab / "lab1.zip", into).problem == ""


def test_a_file_that_is_no_exercise_is_refused(lab: Path, into: Path) -> None:
    with pytest.raises(Refused) as told:
        take_in(write(lab / "essay.txt"), [SUM, SERVER], into)
    expected = f"expected {SUM}.py or {SERVER}.py, or the folder that holds it"
    assert str(told.value) == f"essay.txt is not the file of an exercise; {expected}"


@pytest.mark.parametrize("name", ["Threaded_Sum.py", "threaded_sum", "threaded_sum (1).py", "threaded_sum.py.txt"])
def test_a_file_with_a_name_that_comes_near_is_refused_with_the_right_one(lab: Path, into: Path, name: str) -> None:
    with pytest.raises(Refused, match=f"rename it to {SUM}.py$"):
        take_in(write(lab / name), [SERVER, SUM], into)


def test_of_a_file_handed_in_alone_the_other_exercises_are_missing(lab: Path, into: Path) -> None:
    intake = take_in(write(lab / f"{SUM}.py"), [SERVER, SUM], into)
    assert [one.problem for one in intake.found] == [f"no {SERVER}.py found: only {SUM}.py was handed in", ""]


def test_where_case_does_not_count_the_name_on_disk_does(
    lab: Path, into: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As on such a file system: either name opens the file, only one is listed.
    write(lab / f"{SUM}.py")
    os.link(lab / f"{SUM}.py", lab / "Threaded_Sum.py")
    monkeypatch.setattr(os, "listdir", lambda _: ["Threaded_Sum.py"])
    with pytest.raises(Refused, match=r"Threaded_Sum\.py is not the file of an exercise"):
        take_in(lab / f"{SUM}.py", [SUM], into)


def test_a_folder_that_may_not_be_read_is_refused(unprivileged: Path) -> None:
    write(unprivileged / "lab" / f"{SUM}.py")
    (unprivileged / "lab").chmod(0)
    with pytest.raises(Refused, match="lab cannot be read: permission denied; allow it"):
        take_in(unprivileged / "lab", [SUM], unprivileged / "copies")
    (unprivileged / "lab").chmod(0o700)


@pytest.mark.parametrize("name", [f"{SUM}/{SUM}.py", f"{SUM}/data", SUM])
def test_what_may_not_be_read_is_refused(unprivileged: Path, name: str) -> None:
    lab = unprivileged / "lab"
    write(lab / SUM / f"{SUM}.py")
    (lab / SUM / "data").mkdir()
    (lab / name).chmod(0)
    one = found(lab, unprivileged / "copies")
    (lab / name).chmod(0o700)
    assert one.problem.startswith(f"{name} cannot be read: permission denied")
    assert one.file is None


# --- sources ---------------------------------------------------------------------------------


def problem_of(lab: Path, into: Path, source: bytes) -> str:
    write(lab / SUM / f"{SUM}.py", source)
    one = found(lab, into)
    assert (one.file is None) == bool(one.problem)
    return one.problem.removeprefix(f"{SUM}/{SUM}.py ")


@pytest.mark.parametrize(
    "source",
    [
        "x = 'é'\n".encode(),
        codecs.BOM_UTF8 + "x = 'é'\n".encode(),
        b"# -*- coding: latin-1 -*-\nx = '\xe9'\n",
        b"#!/usr/bin/env python\n# vim: set fileencoding=cp1252 :\nx = '\x80'\n",
        b"# coding: utf-8\r\nx = 1\r\n",
        b"\n",
        b"def broken(:\n",
    ],
)
def test_a_source_that_can_be_decoded_is_taken(lab: Path, into: Path, source: bytes) -> None:
    assert problem_of(lab, into, source) == ""


def test_an_empty_file_is_told(lab: Path, into: Path) -> None:
    assert problem_of(lab, into, b"") == "is empty; write your solution into it"


def test_a_source_that_is_not_utf8_is_told_with_its_place(lab: Path, into: Path) -> None:
    told = "is not UTF-8: the byte at offset 13 (line 2) is 0xe9; save it as UTF-8"
    assert problem_of(lab, into, b"x = 1\ny = 'ab\xe9'\n") == told


def test_a_first_line_that_is_not_utf8_is_told_with_its_place(lab: Path, into: Path) -> None:
    told = "is not UTF-8: the byte at offset 3 (line 1) is 0xff; save it as UTF-8"
    assert problem_of(lab, into, b"x='\xff'\n") == told


@pytest.mark.parametrize("lines", [0, 3])
def test_the_place_counts_a_byte_order_mark(lab: Path, into: Path, lines: int) -> None:
    told = f"is not UTF-8: the byte at offset {6 + lines} (line {1 + lines}) is 0xff; save it as UTF-8"
    assert problem_of(lab, into, codecs.BOM_UTF8 + b"\n" * lines + b"x='\xff'\n") == told


def test_a_source_that_is_not_what_it_declares_is_told(lab: Path, into: Path) -> None:
    told = "is not ascii, which it declares: the byte at offset 21 (line 2) is 0xc3; save it as UTF-8"
    assert problem_of(lab, into, b"# coding: ascii\nx = '\xc3\xa9'\n") == told


def test_an_encoding_nobody_knows_is_told(lab: Path, into: Path) -> None:
    told = "declares an encoding that Python does not know; save it as UTF-8"
    assert problem_of(lab, into, b"# coding: klingon\n") == told


@pytest.mark.parametrize(
    "name", ["punycode", "idna", "unicode_escape", "raw_unicode_escape", "rot13", "hex", "zlib", "utf-7", "utf-16"]
)
def test_an_encoding_that_is_not_for_sources_is_told(lab: Path, into: Path, name: str) -> None:
    assert problem_of(lab, into, b"# coding: %b\n" % name.encode()).endswith("; save it as UTF-8")


def test_no_encoding_whatever_raises(lab: Path, into: Path) -> None:
    for number, name in enumerate(
        sorted({*encodings.aliases.aliases, "undefined", "mbcs", "a" * 5000, "é", "..", "__main__"})
    ):
        write(lab / SUM / f"{SUM}.py", f"# coding: {name}\n\\x \xff ~{{ xn--a.\n".encode("latin-1"))
        take_in(lab, [SUM], into.parent / f"copies {number}")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_wide_encodings_are_named(lab: Path, into: Path, encoding: str) -> None:
    assert problem_of(lab, into, "x = 1\n".encode(encoding)) == f"is saved as {encoding.upper()}; save it as UTF-8"


def test_a_nul_byte_is_told_with_its_place(lab: Path, into: Path) -> None:
    told = "is no text: the byte at offset 8 (line 2) is a NUL byte; save it as plain text in UTF-8"
    assert problem_of(lab, into, b"x = 1\ny \0= 2\n") == told


def test_a_source_handed_in_alone_is_looked_at_too(lab: Path, into: Path) -> None:
    one = found(write(lab / f"{SUM}.py", b""), into)
    assert one.problem == f"{SUM}.py is empty; write your solution into it"
    assert nothing_taken(one, into)
