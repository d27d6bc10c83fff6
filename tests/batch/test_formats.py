"""Every format, from files laid out as the exporters write them."""

from __future__ import annotations

import os
import subprocess
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from grader.batch.attempts import Attempt, BatchError, Format
from grader.batch.formats import SHIPPED
from grader.batch.formats.unpack import unpack
from grader.batch.people import People, Person

EXERCISES = ("threaded_sum", "dispatcher_server")
GRADESCOPE = """
submission_301:
  :submitters:
  - :name: Jane Doe
    :sid: '1001'
    :email: jane@uni.example
  :created_at: 2026-10-30 23:59:59.123456000 Z
  :score: 0.0
  :status: processed
  :results: !ruby/hash:ActiveSupport::HashWithIndifferentAccess
    tests: []
submission_302:
  :submitters:
  - :name: Max Müller
    :sid: '1002'
    :email: max@uni.example
  - :name: Ann Other
    :sid: '1003'
    :email: ann@uni.example
  :created_at: 2026-10-31 08:00:00 +0100
submission_303:
  :submitters:
  - :name: Jane Doe
    :sid: '1001'
    :email: jane@uni.example
  :created_at: 2026-10-31 10:00:00.000000000 Z
submission_304:
  :submitters: []
submission_305:
  :submitters:
  - :name: Gone
    :email: gone@uni.example
"""


def lay(folder: Path, *files: str, text: str = "x = 1\n") -> Path:
    for name in files:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def recognised(folder: Path) -> Format:
    return next(one for one in SHIPPED if one.recognise(folder))


def found(folder: Path, *exercises: str) -> dict[str, Attempt]:
    collection = recognised(folder).find(folder, exercises or EXERCISES)
    return {f"{one.student} {one.number}": one for one in collection.attempts}


def test_plain_folders(tmp_path: Path) -> None:
    lay(tmp_path, "alice/threaded_sum/threaded_sum.py", "bob/exercises/threaded_sum/threaded_sum.py", ".git/config")
    lay(
        tmp_path,
        "carol.zip",
        "dave_threaded_sum.py",
        "dave_dispatcher_server.py",
        "students.csv",
        "__MACOSX/alice/x.py",
    )
    lay(tmp_path, "erin/attempt-1/threaded_sum.py", "erin/attempt-10/threaded_sum.py", "erin/attempt-2/threaded_sum.py")
    lay(tmp_path, "frank/my homework/threaded_sum/threaded_sum.py")
    assert recognised(tmp_path).name == "plain"
    attempts = found(tmp_path)
    assert list(attempts) == ["alice 1", "bob 1", "carol 1", "dave 1", "erin 1", "erin 2", "erin 10", "frank 1"]
    assert attempts["carol 1"].path == tmp_path / "carol.zip"
    assert [name for name, _ in attempts["dave 1"].files] == ["dispatcher_server.py", "threaded_sum.py"]
    assert attempts["erin 10"].path == tmp_path / "erin" / "attempt-10"


def test_files_named_after_students_need_an_exercise(tmp_path: Path) -> None:
    lay(tmp_path, "alice.py", "bob.py")
    assert found(tmp_path, "threaded_sum")["alice 1"].files == (("threaded_sum.py", tmp_path / "alice.py"),)
    collection = recognised(tmp_path).find(tmp_path, EXERCISES)
    assert collection.attempts == ()
    assert collection.doubtful[0].startswith("alice.py: which exercise is it? say so with -e")


def test_github_classroom(tmp_path: Path) -> None:
    folder = lay(
        tmp_path / "hw1-submissions", "hw1-jane-d/threaded_sum/threaded_sum.py", "hw1-jane-e/README.md", "notes/x"
    )
    assert recognised(folder).name == "github-classroom"
    attempts = found(folder)
    assert list(attempts) == ["jane-d 1", "jane-e 1"]
    assert attempts["jane-d 1"].ids == {"github": "jane-d"}
    assert "notes: does not begin with hw1-" in recognised(folder).find(folder, EXERCISES).doubtful[0]


def test_classroom_50(tmp_path: Path) -> None:
    names = ("cs50x-2026-threads-ann-lee", "cs50x-2026-threads-bob")
    for name in names:
        lay(tmp_path, f"{name}/threaded_sum/threaded_sum.py", f"{name}/.git/HEAD")
    assert recognised(tmp_path).name == "classroom50"
    assert "cs50x-2026-threads" in recognised(tmp_path).recognise(tmp_path)
    assert list(found(tmp_path)) == ["ann-lee 1", "bob 1"]


def test_the_time_of_a_clone_is_its_last_commits_and_nothing_in_it_is_obeyed(tmp_path: Path) -> None:
    repo = lay(tmp_path / "hw-submissions", "hw-jane/threaded_sum.py") / "hw-jane"
    when = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in
            (("DATE", "2026-10-30T23:00:00+01:00"), ("NAME", "J"), ("EMAIL", "j@x"))}  # fmt: skip
    environment = os.environ | when | {"HOME": str(tmp_path), "GIT_CONFIG_NOSYSTEM": "1"}
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "committer X <y> 1 +0000"], ["pack-refs", "--all"]):
        subprocess.run(["git", *command], cwd=repo, env=environment, check=True)
    touched = tmp_path / "touched"
    with (repo / ".git" / "config").open("a") as config:
        config.write(
            f'[core]\n\tfsmonitor = "touch {touched}"\n\tpager = "touch {touched}"\n[alias]\n\tcat-file = !false\n'
        )
    (repo / ".git" / "hooks").mkdir(exist_ok=True)
    assert found(repo.parent)["jane 1"].when == datetime(2026, 10, 30, 22, tzinfo=UTC)
    assert not touched.exists()
    (repo / ".git" / "HEAD").write_text("ref: ../../../etc/passwd\n")
    assert found(repo.parent)["jane 1"].when is None


def test_gradescope(tmp_path: Path) -> None:
    folder = lay(
        tmp_path / "assignment_1_export", *(f"submission_{n}/threaded_sum.py" for n in (301, 302, 303, 304, 306))
    )
    (folder / "submission_metadata.yml").write_text(GRADESCOPE)
    assert recognised(folder).name == "gradescope"
    attempts = found(folder)
    assert list(attempts) == ["ann@uni.example 1", "jane@uni.example 1", "jane@uni.example 2", "max@uni.example 1"]
    assert attempts["jane@uni.example 1"].path == folder / "submission_301"
    assert attempts["jane@uni.example 2"].path == folder / "submission_303"
    assert attempts["ann@uni.example 1"].path == attempts["max@uni.example 1"].path == folder / "submission_302"
    assert attempts["max@uni.example 1"].when == datetime(2026, 10, 31, 7, tzinfo=UTC)
    assert attempts["jane@uni.example 1"].ids == {"name": "Jane Doe", "email": "jane@uni.example", "sid": "1001"}
    doubtful = recognised(folder).find(folder, EXERCISES).doubtful
    assert [line.split(":")[0] for line in doubtful] == ["submission_304", "submission_306", "submission_305"]


@pytest.mark.parametrize("text", ["[", "- a\n- b\n", "submission_1: 3\n", "\t"])
def test_gradescopes_metadata_may_be_broken(tmp_path: Path, text: str) -> None:
    (tmp_path / "submission_metadata.yml").write_text(text)
    with pytest.raises(BatchError, match=r"submission_metadata\.yml.*download it again"):
        found(tmp_path)


def test_canvas(tmp_path: Path) -> None:
    lay(
        tmp_path,
        "doejane_1201_88001_threaded_sum-1.py",
        "doejane_1201_88002_dispatcher_server.py",
        "mullermax_LATE_1202_88003_homework.zip",
        "smithjohn_1203_88004_threaded_sum.py",
        "smithjohn_LATE_1204_88005_threaded_sum.py",
        "typedit_1205_text.html",
        "twice_1206_88006_threaded_sum.py",
        "twice_1206_88007_threaded_sum-2.py",
    )
    assert recognised(tmp_path).name == "canvas"
    attempts = found(tmp_path)
    assert list(attempts) == [
        "doejane 1",
        "mullermax 1",
        "smithjohn_1203 1",
        "smithjohn_1204 1",
        "twice 1",
        "typedit 1",
    ]
    assert [name for name, _ in attempts["doejane 1"].files] == ["threaded_sum-1.py", "dispatcher_server.py"]
    assert (attempts["mullermax 1"].late, attempts["mullermax 1"].path) == (
        True,
        tmp_path / "mullermax_LATE_1202_88003_homework.zip",
    )
    assert attempts["smithjohn_1204 1"].ids["canvas"] == "1204"
    assert "typedit_1205_text.html: is text typed" in recognised(tmp_path).find(tmp_path, EXERCISES).doubtful[0]


@pytest.mark.parametrize("folders", [True, False])
def test_moodle(tmp_path: Path, folders: bool) -> None:
    own = "assignsubmission_file/" if folders else "assignsubmission_file_"
    lay(
        tmp_path,
        f"Jane Doe_4711_{own}threaded_sum.py",
        f"Jürgen von_Stein_4712_{own}homework.zip",
        f"Jane Doe_4713_{own}threaded_sum.py",
        "Ann Text_4714_assignsubmission_onlinetext/onlinetext.html",
        "Bewertungen-Kurs.csv",
    )
    assert recognised(tmp_path).name == "moodle"
    attempts = found(tmp_path)
    assert list(attempts) == ["Ann Text 1", "Jane Doe_4711 1", "Jane Doe_4713 1", "Jürgen von_Stein 1"]
    assert attempts["Jürgen von_Stein 1"].ids == {"moodle": "4712", "name": "Jürgen von_Stein"}
    attempt = attempts["Jürgen von_Stein 1"]
    assert str(attempt.path).endswith("_assignsubmission_file" if folders else "_file_homework.zip")


@pytest.mark.parametrize("inner", ["", "export/"])
def test_an_export_may_still_be_a_zip(tmp_path: Path, inner: str) -> None:
    with zipfile.ZipFile(tmp_path / "submissions.zip", "w") as archive:
        info = zipfile.ZipInfo(f"{inner}doejane_1_2_threaded_sum.py", (2026, 10, 30, 12, 0, 0))
        archive.writestr(info, "x = 1\n")
        archive.writestr(f"{inner}doejohn_LATE_2_3_threaded_sum.py", "x = 1\n")
        archive.writestr("__MACOSX/._x", "")
        archive.writestr("../outside.py", "x = 1\n")
        archive.writestr("/absolute.py", "x = 1\n")
        link = zipfile.ZipInfo(f"{inner}link_3_4_threaded_sum.py")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    folder, left_out = unpack(tmp_path / "submissions.zip", tmp_path / "unpacked")
    assert sorted(found(folder)) == ["doejane 1", "doejohn 1"]
    assert [line.split(":")[0] for line in left_out] == [
        "../outside.py",
        "/absolute.py",
        f"{inner}link_3_4_threaded_sum.py",
    ]
    assert not (tmp_path / "outside.py").exists()
    [(_, path)] = found(folder)["doejane 1"].files
    assert datetime.fromtimestamp(path.stat().st_mtime).strftime("%Y-%m-%d %H:%M") == "2026-10-30 12:00"


def test_a_file_that_is_no_zip_is_told(tmp_path: Path) -> None:
    (tmp_path / "broken.zip").write_text("PK nothing")
    with pytest.raises(BatchError, match="cannot be read as a zip"):
        unpack(tmp_path / "broken.zip", tmp_path / "unpacked")


def test_canvass_anonymous_submissions(tmp_path: Path) -> None:
    lay(tmp_path, "anon_7fKq2_123_threaded_sum.py", "LATE_anon_8gLr3_124_threaded_sum.py", "anon_9hMs4_text.html")
    lay(tmp_path, "anon_Abc12_LATE_125_threaded_sum.py")
    assert recognised(tmp_path).name == "canvas"
    attempts = found(tmp_path)
    assert list(attempts) == ["anon_7fKq2 1", "anon_8gLr3 1", "anon_9hMs4 1", "anon_Abc12 1"]
    assert [one.late for one in attempts.values()] == [False, True, False, True]
    assert attempts["anon_7fKq2 1"].ids == {"anonymous": "7fKq2"}
    people = People((Person("jane"), Person("max")))
    joined = people.join(recognised(tmp_path).find(tmp_path, EXERCISES))
    assert {one.may_be for one in joined.attempts} == {("jane", "max")}, "whoever is listed is among them"


def test_what_was_typed_is_nobodys_nothing(tmp_path: Path) -> None:
    lay(tmp_path / "canvas", "wangli_1007_text.html", "wangli2_LATE_1008_link.html", "doe_1_2_threaded_sum.py")
    lay(tmp_path / "moodle", "Only Text_2006_assignsubmission_onlinetext_/onlinetext.html")
    lay(
        tmp_path / "moodle", "A B_1_assignsubmission_file_/threaded_sum.py", "A B_1_assignsubmission_onlinetext_/x.html"
    )
    lay(tmp_path / "flat", "Only Text_2006_assignsubmission_onlinetext_onlinetext.html")
    canvas, moodle, flat = (found(tmp_path / name) for name in ("canvas", "moodle", "flat"))
    assert list(canvas) == ["doe 1", "wangli 1", "wangli2 1"] and canvas["wangli 1"].ids["canvas"] == "1007"
    assert list(moodle) == ["A B 1", "Only Text 1"] and not moodle["A B 1"].problem
    for attempt in (canvas["wangli 1"], moodle["Only Text 1"], flat["Only Text 1"]):
        assert "typed into" in attempt.problem


def test_gradescope_tells_no_case_in_addresses_and_needs_its_metadata(tmp_path: Path) -> None:
    lay(tmp_path, "submission_1/threaded_sum.py", "submission_2/threaded_sum.py")
    with pytest.raises(BatchError, match=r"submission_metadata\.yml.*download"):
        SHIPPED[0].find(tmp_path, EXERCISES)
    (tmp_path / "submission_metadata.yml").write_text(
        "submission_1: {':submitters': [{':email': AL@uni.de}], ':created_at': 2026-10-01 10:00:00 Z}\n"
        "submission_2: {':submitters': [{':email': al@uni.de}], ':created_at': 2026-10-02 10:00:00 Z}\n"
    )
    assert list(found(tmp_path)) == ["al@uni.de 1", "al@uni.de 2"]


def test_a_single_file_is_named_after_its_student_whatever_was_added(tmp_path: Path) -> None:
    lay(tmp_path, "x_threaded_sum (1).py", "k_Threaded_Sum.PY", "students.csv")
    assert list(found(tmp_path)) == ["k 1", "x 1"]


def test_text_that_may_be_a_submission_is_told(tmp_path: Path) -> None:
    lay(tmp_path, "n_threaded_sum.txt", "students.csv", "notes.md", "a/threaded_sum.py")
    collection = recognised(tmp_path).find(tmp_path, EXERCISES)
    assert [line.split(":")[0] for line in collection.doubtful] == ["n_threaded_sum.txt"]
    assert set(collection.ignored) == {"students.csv", "notes.md"}


def test_a_whole_course_one_folder_too_deep_is_no_student(tmp_path: Path) -> None:
    lay(tmp_path, "handed/alice/threaded_sum.py", "handed/carl/threaded_sum/threaded_sum.py")
    with pytest.raises(BatchError, match=r"give .*handed"):
        found(tmp_path)


def test_the_results_of_an_earlier_batch_are_no_student(tmp_path: Path) -> None:
    lay(tmp_path, "alice/threaded_sum.py", "marks/results.sqlite", "marks/gradebook.json", "marks/feedback/a/b")
    collection = recognised(tmp_path).find(tmp_path, EXERCISES)
    assert [one.student for one in collection.attempts] == ["alice"]
    assert collection.doubtful[0].startswith("marks: holds the results of a batch")
