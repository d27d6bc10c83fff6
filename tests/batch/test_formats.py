"""Every format, from files laid out as the exporters write them."""

from __future__ import annotations

import os
import subprocess
import time
import zipfile
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from grader.batch.attempts import Attempt, BatchError, Collection, Format
from grader.batch.formats import SHIPPED
from grader.batch.formats.times import with_times_inside
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


def commit(repo: Path, author: str = "J", when: str = "2026-10-30T23:00:00+01:00") -> None:
    """Commits all that lies there."""
    environment = os.environ | {"HOME": str(repo.parent), "GIT_CONFIG_NOSYSTEM": "1"}
    for who in ("AUTHOR", "COMMITTER"):
        environment |= {f"GIT_{who}_DATE": when, f"GIT_{who}_NAME": author, f"GIT_{who}_EMAIL": "j@x"}
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "x"]):
        subprocess.run(["git", *command], cwd=repo, env=environment, check=True)


def test_a_clone_tells_whose_its_last_commit_is(tmp_path: Path) -> None:
    repo = lay(tmp_path / "hw-submissions", "hw-jane/threaded_sum.py") / "hw-jane"
    commit(repo, author="bot[bot] Jürgen\u202e")
    assert found(repo.parent)["jane 1"].by == r"bot[bot] Jürgen\u202e"


COMMITTED = "threaded_sum/threaded_sum.py", "threaded_sum/more/part.py", "tests/test_it.py", "README.md"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("threaded_sum/threaded_sum.py", "x = 2\n"),
        ("threaded_sum/more/part.py", None),
        ("threaded_sum/new.py", "x = 3\n"),
        ("dispatcher_server.py", "x = 1\n"),
    ],
)
def test_changes_in_a_clone_that_are_not_committed_are_flagged(tmp_path: Path, path: str, text: str | None) -> None:
    repo = lay(tmp_path / "hw-submissions", *(f"hw-jane/{name}" for name in COMMITTED)) / "hw-jane"
    commit(repo)
    (repo / path).unlink() if text is None else (repo / path).write_text(text)
    assert found(repo.parent)["jane 1"].flags == ("holds changes that are not committed",)


def test_what_is_left_out_or_differs_by_its_line_ends_is_no_change(tmp_path: Path) -> None:
    repo = lay(tmp_path / "hw-submissions", *(f"hw-jane/{name}" for name in COMMITTED)) / "hw-jane"
    commit(repo)
    (repo / "threaded_sum" / "threaded_sum.py").write_bytes(b"x = 1\r\n")
    lay(repo, "threaded_sum/__pycache__/part.py", "threaded_sum/.venv/x.py", text="x = 4\n")
    (repo / "README.md").write_text("changed")
    assert found(repo.parent)["jane 1"].flags == ()
    (repo / ".git" / "HEAD").write_text("junk")
    assert found(repo.parent)["jane 1"].flags == (), "that nothing is known of it is told by its time"


def test_a_clones_configuration_does_not_tell_what_has_changed(tmp_path: Path) -> None:
    repo = lay(tmp_path / "hw-submissions", "hw-jane/threaded_sum.py") / "hw-jane"
    commit(repo)
    touched = tmp_path / "touched"
    (repo / ".git" / "info").mkdir(exist_ok=True)
    (repo / ".git" / "info" / "attributes").write_text("*.py filter=own diff=own\n")
    with (repo / ".git" / "config").open("a") as config:
        config.write(f'[filter "own"]\n\tclean = touch {touched}\n[core]\n\tfsmonitor = touch {touched}\n')
    (repo / ".gitattributes").write_text("*.py filter=own\n")
    (repo / "threaded_sum.py").write_text("x = 2\n")
    assert found(repo.parent)["jane 1"].flags == ("holds changes that are not committed",)
    assert not touched.exists()


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


@pytest.mark.parametrize(
    ("written", "when"),
    [
        (
            "!ruby/object:ActiveSupport::TimeWithZone\n    utc: 2026-10-31 07:00:00.5 Z\n    zone: x\n",
            (7, 0, 0, 500000),
        ),
        ("!ruby/object:ActiveSupport::TimeWithZone\n    zone: x\n", None),
        ("'31.10.2026, 8 Uhr'\n", None),
    ],
)
def test_gradescopes_times_are_read_in_the_ways_that_ruby_writes_them(
    tmp_path: Path, written: str, when: tuple[int, int, int, int] | None
) -> None:
    lay(tmp_path, "submission_1/threaded_sum.py")
    text = f"submission_1:\n  :submitters:\n  - :email: a@x\n  :created_at: {written}"
    (tmp_path / "submission_metadata.yml").write_text(text)
    assert found(tmp_path)["a@x 1"].when == (datetime(2026, 10, 31, *when, tzinfo=UTC) if when else None)


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
    assert datetime.fromtimestamp(path.stat().st_mtime, UTC) == datetime(2026, 10, 30, 12, tzinfo=UTC)


def test_a_file_that_is_no_zip_is_told(tmp_path: Path) -> None:
    (tmp_path / "broken.zip").write_text("PK nothing")
    with pytest.raises(BatchError, match="cannot be read as a zip"):
        unpack(tmp_path / "broken.zip", tmp_path / "unpacked")


BERLIN = timezone(timedelta(hours=1))


def zipped(file: Path, *entries: tuple[str, tuple[int, ...]]) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(file, "w") as archive:
        for name, when in entries:
            archive.writestr(zipfile.ZipInfo(name, when), "x = 1\n")  # type: ignore[arg-type]
    return file


@pytest.mark.parametrize("machine", ["UTC", "America/New_York"])
def test_the_times_in_a_zip_are_those_of_the_zone_that_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, machine: str
) -> None:
    name = "Jane Doe_1_assignsubmission_file_/{}.py".format
    file = zipped(
        tmp_path / "all.zip", (name("a"), (2026, 10, 31, 23, 59, 0)), (name("b"), (2026, 7, 1, 0, 0, 58)),
        ("Ann Old_2_assignsubmission_file_/a.py", (1980, 1, 1, 0, 0, 0)),
    )  # fmt: skip
    monkeypatch.setenv("TZ", machine)
    time.tzset()
    try:
        folder, _ = unpack(file, tmp_path / "unpacked", BERLIN)
        attempts = found(folder)
    finally:
        monkeypatch.undo()
        time.tzset()
    assert attempts["Jane Doe 1"].when == datetime(2026, 10, 31, 22, 59, tzinfo=UTC)
    assert attempts["Jane Doe 1"].when_from == "file"
    assert attempts["Ann Old 1"].when is None


def test_a_time_that_no_zip_can_mean_is_none(tmp_path: Path) -> None:
    known = (2026, 10, 31, 23, 59, 0)
    file = zipped(tmp_path / "all.zip", ("alice/threaded_sum.py", known), ("bob/threaded_sum.py", known))
    data = bytearray(file.read_bytes())
    at = data.index(b"PK\1\2")
    data[at + 12 : at + 16] = data[10:14] = b"\0\0\0\0"  # the 0th of the 0th month
    file.write_bytes(data)
    folder, _ = unpack(file, tmp_path / "unpacked")
    assert [one.when for one in found(folder).values()] == [None, datetime(2026, 10, 31, 23, 59, tzinfo=UTC)]


def test_an_archive_has_the_latest_time_of_itself_and_what_it_holds(tmp_path: Path) -> None:
    late, early = (2026, 11, 3, 12, 0, 0), (2026, 10, 1, 12, 0, 0)
    own = datetime(2026, 10, 20, tzinfo=UTC).timestamp()
    for student, when in (("ann", late), ("bob", early), ("cy", (1980, 1, 1, 0, 0, 0))):
        os.utime(zipped(tmp_path / student / "work.zip", ("threaded_sum.py", early), ("x.py", when)), (own, own))
    os.utime(zipped(tmp_path / "dan.zip", ("threaded_sum.py", late)), (own, own))
    lay(tmp_path, "eve/threaded_sum.py", "eve/readme.txt")
    os.utime(zipped(tmp_path / "eve" / "b.zip", ("threaded_sum.py", late)), (0, 0))
    os.utime(tmp_path / "eve" / "threaded_sum.py", (own, own))
    os.utime(zipped(tmp_path / "flo" / "b.zip", ("threaded_sum.py", (1980, 1, 1, 0, 0, 0))), (0, 0))
    (tmp_path / "gus").mkdir()
    (tmp_path / "gus" / "b.zip").write_bytes(b"PK no zip")
    os.utime(tmp_path / "gus" / "b.zip", (own, own))
    attempts = with_times_inside(recognised(tmp_path).find(tmp_path, EXERCISES), BERLIN).attempts
    times = {one.student: one.when for one in attempts}
    held, known = datetime(2026, 11, 3, 11, tzinfo=UTC), datetime.fromtimestamp(own, UTC)
    assert times == {"ann": held, "bob": known, "cy": known, "dan": held, "eve": held, "flo": None, "gus": known}


def test_a_source_whose_ending_is_in_capitals_has_a_time(tmp_path: Path) -> None:
    lay(tmp_path, "ann/Threaded_Sum.PY")
    assert found(tmp_path)["ann 1"].when is not None


def test_what_a_system_has_told_is_not_changed_by_a_file(tmp_path: Path) -> None:
    file = zipped(tmp_path / "a.zip", ("x.py", (2099, 1, 1, 0, 0, 0)))
    told = Attempt("a", "a", file, when=datetime(2026, 1, 1, tzinfo=UTC))
    assert with_times_inside(Collection((told,)), UTC).attempts == (told,)


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
