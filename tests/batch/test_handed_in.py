"""One rule of names for all formats: what is certain is taken, what may be it is told, and nothing is guessed."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from grader.batch.attempts import Attempt
from grader.batch.formats import SHIPPED
from grader.batch.taking import Taken, take

SUM, SERVER = "threaded_sum", "dispatcher_server"
BOTH = (SUM, SERVER)
SOURCE, OTHER = b"x = 1\n", b"x = 2\n"
FORMATS = ("plain", "canvas", "moodle", "moodle flat", "zip", "gradescope", "classroom")
LOOSE = ("canvas", "moodle flat")
"""Layouts that know no folders of a student's own."""


def zipped(files: Mapping[str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return data.getvalue()


def lay(folder: Path, files: Mapping[str, bytes]) -> Path:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def handed_in(form: str, folder: Path, files: Mapping[str, bytes]) -> Path:
    """The same files as a student's submission in a download of some system."""
    if form == "canvas":
        return lay(folder, {f"doejane_1_{10 + n}_{name}": data for n, (name, data) in enumerate(files.items())})
    if form == "zip":
        return lay(folder, {"jane.zip": zipped(files)})
    place = {
        "plain": "jane/",
        "moodle": "Jane Doe_1_assignsubmission_file/",
        "moodle flat": "Jane Doe_1_assignsubmission_file_",
        "gradescope": "submission_1/",
        "classroom": "hw-jane/",
    }[form]
    folder = folder / "hw-submissions" if form == "classroom" else folder
    lay(folder, {f"{place}{name}": data for name, data in files.items()})
    if form == "gradescope":
        lay(folder, {"submission_metadata.yml": b"submission_1: {':submitters': [{':email': j@x}]}\n"})
    return folder


def taken(folder: Path, *asked: str) -> Taken:
    """What is taken of the only attempt in `folder`; `asked`: of these exercises, else of all."""
    form = next(one for one in SHIPPED if one.recognise(folder))
    [attempt] = form.find(folder, asked or BOTH).attempts
    scratch = folder.parent / "scratch"
    scratch.mkdir(exist_ok=True)
    return take(attempt, BOTH, scratch, asked or BOTH)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(
    "name",
    [
        "threaded_sum.py",
        "Threaded_Sum.PY",
        "THREADED_SUM.py",
        "threaded_sum (1).py",
        "threaded_sum(2).py",
        "threaded_sum-1.py",
        "threaded_sum copy.py",
        "threaded_sum copy 2.py",
        "threaded_sum - Copy.py",
        "threaded_sum - Kopie (2).py",
        "threaded_sum-1 (1).py",
    ],
)
def test_a_name_that_differs_only_by_what_systems_do_to_it_is_taken(tmp_path: Path, form: str, name: str) -> None:
    found = taken(handed_in(form, tmp_path / "in", {name: SOURCE, "report.pdf": b"%PDF"}))
    assert found.files[f"{SUM}/{SUM}.py"] == SOURCE
    assert not found.refused and not found.doubts.unclear and SERVER in found.doubts.absent


@pytest.mark.parametrize("form", sorted({*FORMATS} - {*LOOSE}))
@pytest.mark.parametrize("place", ["x/y/", "exercises/", "a/exercises/threaded_sum/", "Threaded_Sum/", "1/2/3/4/"])
def test_the_folders_around_it_do_not_matter(tmp_path: Path, form: str, place: str) -> None:
    files = {f"{place}threaded_sum.py": SOURCE, f"{place}part.py": OTHER, "readme.txt": b"hello"}
    found = taken(handed_in(form, tmp_path / "in", files))
    assert (found.files[f"{SUM}/{SUM}.py"], found.files[f"{SUM}/part.py"]) == (SOURCE, OTHER)
    assert not found.doubts.unclear


def test_exercises_side_by_side_in_a_folder_are_each_taken_without_the_other(tmp_path: Path) -> None:
    files = {"x/y/Threaded_Sum.py": SOURCE, "x/y/dispatcher_server (1).py": OTHER, "readme": b"hello"}
    assert taken(lay(tmp_path / "in", {f"jane/{name}": data for name, data in files.items()})).files == {
        f"{SUM}/{SUM}.py": SOURCE,
        f"{SERVER}/{SERVER}.py": OTHER,
    }


@pytest.mark.parametrize("place", ["exercises/", ""])
def test_what_is_moved_brings_no_other_exercise_along(tmp_path: Path, place: str) -> None:
    files = {"exercises/threaded_sum/threaded_sum.py": SOURCE, f"{place}dispatcher_server (1).py": OTHER}
    assert taken(lay(tmp_path / "in", {f"jane/{name}": data for name, data in files.items()})).files == {
        f"{SUM}/{SUM}.py": SOURCE,
        f"{SERVER}/{SERVER}.py": OTHER,
    }


@pytest.mark.parametrize("form", FORMATS)
def test_two_that_could_be_it_are_listed_and_not_guessed(tmp_path: Path, form: str) -> None:
    files = {"threaded_sum (1).py": SOURCE, "threaded_sum (2).py": OTHER, "dispatcher_server.py": SOURCE}
    found = taken(handed_in(form, tmp_path / "in", files))
    assert "threaded_sum (1).py and threaded_sum (2).py" in found.doubts.unclear[SUM]
    assert found.intake is not None
    assert found.intake.found[0].problem == found.doubts.unclear[SUM]
    assert set(found.files) == {f"{SERVER}/{SERVER}.py"}
    same = taken(handed_in(form, tmp_path / "same", files | {"threaded_sum (2).py": SOURCE}))
    assert same.files[f"{SUM}/{SUM}.py"] == SOURCE and not same.doubts.unclear, "either is the same"


@pytest.mark.parametrize("form", FORMATS)
def test_one_beside_the_rightly_named_is_not_passed_over(tmp_path: Path, form: str) -> None:
    found = taken(handed_in(form, tmp_path / "in", {"threaded_sum.py": SOURCE, "threaded_sum-1.py": OTHER}))
    assert "threaded_sum-1.py" in found.doubts.unclear[SUM] and not found.files


def test_one_of_that_name_elsewhere_is_told_and_the_one_in_its_place_counts(tmp_path: Path) -> None:
    files = {"jane/threaded_sum/threaded_sum.py": SOURCE, "jane/old/threaded_sum.py": OTHER}
    found = taken(lay(tmp_path / "in", files))
    assert found.files == {f"{SUM}/{SUM}.py": SOURCE}
    assert found.doubts.flags[SUM] == "old/threaded_sum.py was handed in too, and is not what is graded"


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(
    "name", ["threaded_sum_final.py", "threaded-sum.py", "threaded_sum.txt", "threaded_sum.py.txt"]
)
def test_what_only_comes_near_is_not_taken_but_not_passed_over(tmp_path: Path, form: str, name: str) -> None:
    found = taken(handed_in(form, tmp_path / "in", {name: SOURCE, "dispatcher_server.py": SOURCE}))
    assert found.intake is not None
    assert name in found.intake.found[0].problem and SUM not in found.doubts.absent


@pytest.mark.parametrize("form", FORMATS)
def test_a_file_of_any_name_is_the_exercise_where_one_is_graded(tmp_path: Path, form: str) -> None:
    folder = handed_in(form, tmp_path / "in", {"solution.py": SOURCE, "report.pdf": b"%PDF"})
    found = taken(folder, SUM)
    assert found.files[f"{SUM}/{SUM}.py"] == SOURCE
    assert found.doubts.taken_as == {SUM: "solution.py"}
    assert not taken(folder).files
    other = taken(handed_in(form, tmp_path / "other", {"dispatcher_server.py": SOURCE}), SUM)
    assert f"{SUM}/{SUM}.py" not in other.files, "another exercise is not taken for it"


@pytest.mark.parametrize("form", sorted({*FORMATS} - {"zip"}))
def test_a_zip_beside_something_to_read_is_unpacked(tmp_path: Path, form: str) -> None:
    files = {"work.zip": zipped({"hw/threaded_sum/Threaded_Sum.py": SOURCE}), "report.pdf": b"%PDF" * 500_000}
    assert taken(handed_in(form, tmp_path / "in", files)).files == {f"{SUM}/{SUM}.py": SOURCE}


def test_of_two_zips_none_is_guessed(tmp_path: Path) -> None:
    files = {"jane/a.zip": zipped({"threaded_sum.py": SOURCE}), "jane/b.zip": zipped({"threaded_sum.py": OTHER})}
    found = taken(lay(tmp_path / "in", files))
    assert set(found.doubts.unclear) == set(BOTH) and "a.zip and b.zip" in found.doubts.unclear[SUM]


def test_a_zip_beside_an_exercise_may_hold_the_others(tmp_path: Path) -> None:
    found = taken(lay(tmp_path / "in", {"jane/threaded_sum.py": SOURCE, "jane/rest.zip": zipped({"x": b""})}))
    assert f"{SUM}/{SUM}.py" in found.files
    assert "rest.zip" in found.doubts.flags[SERVER]


def test_a_zip_in_a_zip_is_not_opened_and_not_passed_over(tmp_path: Path) -> None:
    inner = zipped({"threaded_sum.py": SOURCE})
    found = taken(lay(tmp_path / "in", {"jane.zip": zipped({"work.zip": inner})}))
    assert not found.files and SUM not in found.doubts.absent


def test_no_link_is_followed_in_the_search(tmp_path: Path) -> None:
    lay(tmp_path, {"elsewhere/threaded_sum.py": SOURCE, "in/jane/readme.txt": b"", "in/jane/y/z": b""})
    (tmp_path / "in" / "jane" / "link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "in" / "jane" / "y" / "Threaded_Sum.py").symlink_to(tmp_path / "elsewhere" / "threaded_sum.py")
    assert not taken(tmp_path / "in").files


def test_where_there_is_too_much_to_look_through_nothing_is_guessed(tmp_path: Path) -> None:
    folder = lay(tmp_path / "in", {f"jane/{n}/x": b"" for n in range(1200)} | {"jane/0/0/threaded_sum.py": SOURCE})
    found = taken(folder)
    assert not found.files and "to look through" in found.doubts.unclear[SUM]


def test_files_of_the_same_name_are_not_mixed_up(tmp_path: Path) -> None:
    lay(tmp_path, {"1": SOURCE, "2": OTHER, "in/x": b""})
    attempt = Attempt("jane", "jane", files=(("threaded_sum.py", tmp_path / "1"), ("threaded_sum.py", tmp_path / "2")))
    assert "threaded_sum.py is there twice" in take(attempt, BOTH, tmp_path / "in", BOTH).refused
