"""`grade batch` as an instructor uses it: what comes out, and that it goes on where it was stopped."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest

from tests.conftest import reachable_folder, run_grade

if TYPE_CHECKING:
    from tests.conftest import Course

NO_THREAD = "def double(number, work):\n    return 2 * work(number)\n"
STUCK = "import threading\n\ndef double(number, work):\n    threading.Event().wait()\n"


@pytest.fixture
def reference(course: Course) -> str:
    return (course.root / "solutions" / "double" / "double.py").read_text()


@pytest.fixture
def handed_in(course: Course, reference: str) -> Path:
    course.submit(
        {
            "carol/double/double.py": reference,
            "alice/double.py": NO_THREAD,
            "Bob/double.py": STUCK,
            "dave/readme.txt": "I have nothing",
            "=cmd()/double.py": "import os\nos._exit(0)\n",
        }
    )
    folder = course.root.parent / "handed_in"
    (folder / "erin").mkdir()
    (folder / "erin" / "double.py").symlink_to("/etc/passwd")
    (folder / "frank").symlink_to("carol")
    return folder


def table(out: Path) -> list[dict[str, str]]:
    with (out / "gradebook.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def files_of(out: Path) -> dict[str, bytes]:
    """What must be the same, however often a batch was stopped."""
    return {name: (out / name).read_bytes() for name in ("gradebook.csv", "gradebook.json")}


def test_there_is_a_row_for_everybody_whatever_they_handed_in(course: Course, handed_in: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = course.run("batch", handed_in, "--out", out)
    assert done.status == 0, done.errors
    rows = table(out)
    assert list(rows[0]) == ["student", "double", "score", "max_score", "inconclusive", "flags"]
    points = {row["student"]: (row["double"], row["score"], row["max_score"]) for row in rows}
    assert points == {
        "'=cmd()": ("0", "0", "4"),
        "Bob": ("0", "0", "4"),
        "alice": ("2", "2", "4"),
        "carol": ("4", "4", "4"),
        "dave": ("0", "0", "4"),
        "erin": ("0", "0", "4"),
        "frank": ("0", "0", "4"),
    }
    assert [row["student"].lstrip("'") for row in rows] == sorted(row["student"].lstrip("'") for row in rows)
    flags = {row["student"]: row["flags"] for row in rows}
    assert flags["frank"] == "refused: frank is a symbolic link; give what it points to"
    assert not flags["carol"] and not flags["Bob"]
    cells = {row["student"]: row["cells"]["double"] for row in json.loads((out / "gradebook.json").read_text())["rows"]}
    assert "symbolic link" in cells["erin"]["reason"]
    assert (out / "feedback" / "carol" / "report.txt").read_text().count("4/4")
    assert json.loads((out / "feedback" / "%3Dcmd%28%29" / "result.json").read_text())["score"] == 0.0
    assert "Format plain" in done.output and "median" in done.output
    page = (out / "course.html").read_text()
    links = re.findall(r'href="\./(feedback/[^"]+)"', page)
    assert links and all((out / unquote(link)).is_file() for link in links), "each name leads to a report"
    assert page.index(">frank<") < page.index(">carol<"), "flagged ones come first"
    for name, data in files_of(out).items():
        assert str(tmp_path).encode() not in data, f"{name} holds a path of this machine"


def test_what_is_known_is_not_graded_again(course: Course, handed_in: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    first = course.run("batch", handed_in, "--out", out)
    before = files_of(out)
    again = course.run("batch", handed_in, "--out", out)
    assert "alice: 2/4" in first.errors and "alice" not in again.errors
    assert files_of(out) == before


WAITS_FOR_A_TOKEN = """
    import os, pathlib, threading
    tokens = pathlib.Path({tokens!r})
    while not (tokens / "open").exists():
        try:
            os.unlink(tokens / "token")
            break
        except FileNotFoundError:
            threading.Event().wait(0.01)
"""


@pytest.mark.parametrize("stop", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_a_batch_that_is_stopped_goes_on(
    course: Course, handed_in: Path, tmp_path: Path, stop: signal.Signals, processes_with: Any
) -> None:
    assert course.hidden is not None
    name, tokens = "test_twice_of_a_fraction(student, probe):\n", tmp_path / "tokens"
    tokens.mkdir()
    course.hidden = course.hidden.replace(name, name + WAITS_FOR_A_TOKEN.format(tokens=str(tokens)))
    course.write()
    (tokens / "open").touch()
    course.run("batch", handed_in, "--out", tmp_path / "undisturbed")
    (tokens / "open").rename(tokens / "token")  # enough for one: the next that is graded waits
    out = tmp_path / "out"
    command = ["batch", str(handed_in), "--out", str(out), "--course", str(course.root), "--jobs", "1"]
    with reachable_folder() as scratch:
        with subprocess.Popen(
            [sys.executable, "-m", "grader.cli", *command],
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            env=os.environ | {"TMPDIR": str(scratch)},
        ) as process:
            assert process.stderr is not None
            told = [process.stderr.readline().decode() for _ in range(2)]
            process.send_signal(stop)
            (tokens / "open").touch()
            rest = process.stderr.read().decode()  # to its end: the workers write there, too
        assert process.returncode == (-stop if stop == signal.SIGKILL else 130)
        if stop != signal.SIGKILL:
            assert "run the same command to go on" in rest
            assert list(scratch.iterdir()) == []
        assert not processes_with(str(scratch))
    done = course.run(*command)
    assert done.status == 0, done.errors
    for line in told:
        assert line.split("] ")[1] not in done.errors, "graded twice"
    assert files_of(out) == files_of(tmp_path / "undisturbed")


def test_results_may_be_kept_among_the_submissions(course: Course, tmp_path: Path) -> None:
    folder = course.submit({"alice/double.py": NO_THREAD})
    for _ in range(2):
        done = course.run("batch", folder, "--out", folder / "marks")
        assert "not clear" not in done.output.casefold()
    assert [row["student"] for row in table(folder / "marks")] == ["alice"]
    done = course.run("batch", folder, "--out", tmp_path / "elsewhere")
    assert "Not clear: marks: holds the results of a batch" in done.output


def everything_in(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def test_what_is_nobodys_any_more_is_removed_and_nothing_else(course: Course, reference: str, tmp_path: Path) -> None:
    folder = course.submit({"alice/double.py": reference, "bob/attempt-1/double.py": NO_THREAD, "eve/double.py": STUCK})
    course.submit({"bob/attempt-2/double.py": reference})
    sheet, out = tmp_path / "sheet.csv", tmp_path / "out"
    sheet.write_text("Identifier,Name,Status,Grade,Maximum Grade,Feedback\nParticipant 1,alice,x,,4.00,\n")
    course.run("batch", folder, "--out", out, "--moodle", sheet, "--keep", "all")
    before = everything_in(out)
    assert {"moodle.csv", "feedback/bob/attempt-1/junit.xml", "feedback/eve/result.json"} <= before
    (out / "feedback" / "bob" / "from the oral exam.txt").touch()
    (out / "feedback" / "mine").mkdir()
    (out / "similar.csv").touch()
    shutil.rmtree(folder / "eve")
    (folder / "alice").rename(folder / "Alice A")
    (folder / "eve").symlink_to("Alice A")
    done = course.run("batch", folder, "--out", out)
    assert done.status == 0, done.errors
    after = everything_in(out)
    assert {path for path in after if path.startswith("feedback")} == {
        "feedback", "feedback/mine", "feedback/bob", "feedback/bob/from the oral exam.txt", "feedback/eve",
        "feedback/eve/report.txt", "feedback/Alice A",
        *(f"feedback/{name}/{form}" for name in ("bob", "Alice A") for form in (
            "report.txt", "result.json", "junit.xml", "report.md", "results.json", "report.html")),
    }  # fmt: skip
    assert "moodle.csv" not in after
    assert "similar.csv" in after, "not ours"
    assert {path for path in before - after if not path.startswith("feedback")} == {"moodle.csv"}


def test_a_worksheet_that_cannot_be_filled_in_leaves_none_of_earlier(
    course: Course, reference: str, tmp_path: Path
) -> None:
    folder, out, sheet = course.submit({"alice/double.py": reference}), tmp_path / "out", tmp_path / "sheet.csv"
    for most, is_there in ((4, True), (5, False)):
        sheet.write_text(f"Identifier,Name,Status,Grade,Maximum Grade\nParticipant 1,alice,x,,{most}.00\n")
        done = course.run("batch", folder, "--out", out, "--moodle", sheet)
        assert (out / "moodle.csv").is_file() == is_there
    assert "No moodle.csv: its maximum grade is 5" in done.output


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("title: A miniature", "title: Another title of it"),
        ("name: double", "name: triple"),
        ("title: A miniature", "title: A miniature\nmarking: {round: {to: 1}}"),
    ],
)
def test_a_course_that_has_changed_is_the_same_course(
    course: Course, reference: str, tmp_path: Path, old: str, new: str
) -> None:
    folder = course.submit({"alice/double.py": reference})
    course.run("batch", folder, "--out", tmp_path / "out")
    file = course.root / "course.yaml"
    file.write_text(file.read_text().replace(old, new))
    if "triple" in new:
        for place in (course.root / "exercises", course.root / "solutions"):
            shutil.copytree(place / "double", place / "triple")
            (place / "triple" / "double.py").rename(place / "triple" / "triple.py")
    done = course.run("batch", folder, "--out", tmp_path / "out")
    assert done.status == 0, done.errors


def test_results_of_another_course_are_not_overwritten(
    course: Course, make_course: Any, reference: str, tmp_path: Path
) -> None:
    folder, out = course.submit({"alice/double.py": reference}), tmp_path / "out"
    course.run("batch", folder, "--out", out)
    before = {
        path: (out / path).read_bytes() for path in everything_in(out) if (out / path).suffix in (".csv", ".html")
    }
    other = make_course(tmp_path / "other" / "course", ("triple",))
    file = other.root / "course.yaml"
    file.write_text(file.read_text().replace("A miniature", "Quite another"))
    theirs = other.submit({"zoe/triple/triple.py": reference})
    done = other.run("batch", theirs, "--out", out)
    assert done.status == 2
    assert "holds the marks of another course, 'A miniature' (double); give another --out" in done.errors
    assert {path: (out / path).read_bytes() for path in before} == before
    assert (out / "feedback" / "alice").is_dir() and not (out / "feedback" / "zoe").exists()


def test_two_batches_do_not_share_a_folder(course: Course, handed_in: Path, tmp_path: Path) -> None:
    from grader.batch.store import Store

    with Store(tmp_path / "out"):
        done = course.run("batch", handed_in, "--out", tmp_path / "out")
    assert done.status == 2
    assert f"in use by another `grade batch` (process {os.getpid()})" in done.errors


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--allow-tier", "moat"], "there is no tier 'moat'; there are jail"),
        (["--format", "plian"], 'did you mean "plain"?'),
        (["--only", "carrol"], 'did you mean "carol"?'),
        (["--since", "yesterday"], "write it as 2026-10-31"),
        (["-e", "duoble"], 'did you mean "double"?'),
        (["--without", "corectness"], 'did you mean "correctness"?'),
        (["--executor", "slurm"], "no such executor"),
    ],
)
def test_wrong_usage_is_told_with_its_remedy(
    course: Course, handed_in: Path, tmp_path: Path, options: list[str], said: str
) -> None:
    done = course.run("batch", handed_in, "--out", tmp_path / "out", *options)
    assert (done.status, done.output.count("Traceback")) == (2, 0)
    assert said in done.errors


def test_one_submission_is_not_taken_for_a_course(course: Course, reference: str, tmp_path: Path) -> None:
    folder = course.submit({"double/double.py": reference})
    done = course.run("batch", folder, "--out", tmp_path / "out")
    assert done.status == 2 and "looks like one submission" in done.errors
    with zipfile.ZipFile(tmp_path / "alice.zip", "w") as archive:
        archive.writestr("alice/double/double.py", reference)
    done = course.run("batch", tmp_path / "alice.zip", "--out", tmp_path / "out")
    assert done.status == 2 and f"grade it with `grade run {tmp_path / 'alice.zip'}`" in done.errors
    assert "threadlab-batch-" not in done.errors, "a folder that is gone by then"


def test_submissions_are_no_place_for_results(course: Course, reference: str, tmp_path: Path) -> None:
    folder = course.submit({"alice/double.py": reference, "bob/double.py": reference})
    (tmp_path / "link").symlink_to(folder)
    for out in (folder, tmp_path / "link", folder / "alice" / ".."):
        before = everything_in(folder)
        done = course.run("batch", folder, "--out", out)
        assert (done.status, "give another --out" in done.errors) == (2, True), out
        assert everything_in(folder) == before
    done = course.run("batch", folder, "--out", folder / "bob" / "marks")
    assert "bob: not clear: bob: --out lies in it; give another --out" in done.output.partition("To be looked at")[2]
    assert [row["score"] for row in table(folder / "bob" / "marks")] == ["4", ""]


def test_one_is_counted_as_one(course: Course, reference: str, tmp_path: Path) -> None:
    done = course.run("batch", course.submit({"alice/double.py": reference}), "--out", tmp_path / "out")
    assert ": 1 submission of 1 student\n" in done.output


def test_files_named_after_students_are_taken_where_there_is_one_exercise(
    course: Course, reference: str, tmp_path: Path
) -> None:
    folder = course.submit({"alice.py": NO_THREAD, "bob.py": reference, "bob/double.py": NO_THREAD, "grades.csv": ""})
    done = course.run("batch", folder, "--out", tmp_path / "out")
    rows = {row["student"]: row for row in table(tmp_path / "out")}
    assert rows["alice"]["score"] == "2"
    assert rows["bob"]["flags"].startswith("not clear: bob and bob.py are all of bob")
    assert (rows["bob"]["double"], rows["bob"]["score"]) == ("", "")
    assert done.output.count("Not clear: bob and bob.py") == 1
    assert "1 entry is not clear: see above, or summary.txt" in done.output
    assert "Not clear: bob and bob.py" in (tmp_path / "out" / "summary.txt").read_text()


def test_archives_are_taken_as_they_came(course: Course, reference: str, tmp_path: Path) -> None:
    folder = course.submit({"alice/double.py": reference, "grades.csv": ""})
    with zipfile.ZipFile(folder / "bob.zip", "w") as archive:
        archive.writestr("homework/double/double.py", NO_THREAD)
    with tarfile.open(folder / "carol.tar.gz", "w:gz") as archive:
        archive.add(folder / "alice" / "double.py", "double.py")
    (folder / "dave.zip").write_bytes(b"PK no archive")
    done = course.run("batch", folder, "--out", tmp_path / "out")
    assert done.status == 0, done.errors
    rows = {row["student"]: row for row in table(tmp_path / "out")}
    assert {student: row["score"] for student, row in rows.items()} == {
        "alice": "4",
        "bob": "2",
        "carol": "4",
        "dave": "0",
    }
    assert rows["dave"]["flags"].startswith("refused: dave.zip")


def test_an_export_that_is_still_a_zip_is_graded(course: Course, reference: str, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "submissions.zip", "w") as archive:
        archive.writestr("doejane_12_34_double-1.py", reference)
        archive.writestr("roemax_LATE_13_35_double.py", NO_THREAD)
    (tmp_path / "roster.csv").write_text("student,name,canvas id\njane,Jane Doe,12\nmax,Max Roe,13\nzoe,Zoe Zed,14\n")
    options = ["--out", tmp_path / "out", "--roster", tmp_path / "roster.csv", "--canvas-column", "Threads (7)"]
    done = course.run("batch", tmp_path / "submissions.zip", *options)
    assert done.status == 0, done.errors
    assert "Format canvas (recognised" in done.output and "2 submissions of 2 students" in done.output
    assert [(row["student"], row["score"], row["flags"]) for row in table(tmp_path / "out")] == [
        ("jane", "4", ""),
        ("max", "2", ""),
        ("zoe", "0", "nothing handed in"),
    ]
    with (tmp_path / "out" / "canvas.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    assert [(row[1], row[5]) for row in rows] == [
        ("ID", "Threads (7)"),
        ("", "4"),
        ("12", "4"),
        ("13", "2"),
        ("14", "0"),
    ]


def test_points_agree_in_every_form(course: Course, reference: str, tmp_path: Path) -> None:
    file = course.root / "course.yaml"
    file.write_text(file.read_text() + "marking: {adjustments: hand.csv, round: {to: 0.1}}\n")
    (course.root / "hand.csv").write_text("student,points,reason\nalice,-0.333,copied\n")
    folder = course.submit({"alice/double.py": reference})
    sheet = tmp_path / "sheet.csv"
    sheet.write_text("Identifier,Name,Status,Grade,Maximum Grade,Feedback\nParticipant 1,alice,x,,4.00,\n")
    done = course.run("batch", folder, "--out", tmp_path / "out", "--moodle", sheet)
    assert done.status == 0, done.errors
    out = tmp_path / "out"
    feedback = out / "feedback" / "alice"
    points = {
        "csv": float(table(out)[0]["score"]),
        "json": json.loads((out / "gradebook.json").read_text())["rows"][0]["score"],
        "canvas": float(list(csv.reader((out / "canvas.csv").read_text().splitlines()))[2][5]),
        "moodle": float(list(csv.reader((out / "moodle.csv").read_text().splitlines()))[1][3]),
        "report": json.loads((feedback / "result.json").read_text())["score"],
        "gradescope": json.loads((feedback / "results.json").read_text())["score"],
    }
    assert points == dict.fromkeys(points, 3.7)
    assert "Score 3.7 / 4" in (feedback / "report.txt").read_text()
    suite = ElementTree.parse(feedback / "junit.xml").getroot()
    assert len(suite.findall(".//testcase")) == 3
    properties = {each.get("name"): each.get("value") for each in suite.findall("testsuite/properties/property")}
    assert (properties["mark"], properties["max_mark"], properties["score"]) == ("3.7", "4", "4")
    for form in ("terminal", "json", "junit", "markdown", "gradescope", "html"):
        told = run_grade("report", feedback / "result.json", "--form", form, cwd=tmp_path)
        assert (told.status, told.errors) == (0, ""), form
        assert "3.7" in told.output, form


def test_what_changed_after_a_regrade_is_told(course: Course, tmp_path: Path) -> None:
    folder = course.submit({"alice/double.py": NO_THREAD})
    course.run("batch", folder, "--out", tmp_path / "out")
    assert course.hidden is not None
    course.hidden = course.hidden.replace("== [False]", "== [True]")
    course.write()
    done = course.run("batch", folder, "--out", tmp_path / "out")
    assert "alice: 4/4" in done.errors
    told = run_grade("compare", tmp_path / "out" / "gradebook.before.json", tmp_path / "out", cwd=tmp_path)
    assert told.output.splitlines()[:2] == [
        "alice: 2 -> 4 of 4",
        "  double: 2 -> 4: no longer fails: work_has_its_own_thread",
    ]
    assert run_grade("compare", tmp_path / "nowhere", tmp_path / "out", cwd=tmp_path).status == 2


def test_groups_can_be_left_out(course: Course, handed_in: Path, tmp_path: Path) -> None:
    course.run("batch", handed_in, "--out", tmp_path / "out", "--without", "blocking")
    assert {(row["student"], row["score"], row["max_score"]) for row in table(tmp_path / "out")} >= {
        ("alice", "2", "2"),
        ("carol", "2", "2"),
    }


def test_a_group_that_is_left_out_is_worth_nothing_where_nothing_is_graded_either(
    course: Course, handed_in: Path, tmp_path: Path
) -> None:
    course.run("batch", handed_in, "--out", tmp_path / "out", "--without", "blocking", "--since", "2099-01-01")
    assert {row["max_score"] for row in table(tmp_path / "out")} == {"2"}


def test_changes_by_hand_name_students_as_the_roster_does(course: Course, tmp_path: Path) -> None:
    file = course.root / "course.yaml"
    file.write_text(file.read_text() + "marking: {adjustments: hand.csv}\n")
    folder = course.submit({"alice/double.py": NO_THREAD, "bob/double.py": NO_THREAD})
    roster = tmp_path / "roster.csv"
    roster.write_text("student,name,email\nalice,Alice A,a@x\nbob,Bob B,b@x\n")
    options = ("batch", folder, "--out", tmp_path / "out", "--roster", roster)
    (course.root / "hand.csv").write_text("student,points,reason\nB@x,1,oral\nAlice A,2,oral\n")
    assert course.run(*options).status == 0
    assert [(row["student"], row["score"]) for row in table(tmp_path / "out")] == [("alice", "4"), ("bob", "3")]
    (course.root / "hand.csv").write_text("student,points,reason\nb@y,1,oral\n")
    done = course.run(*options)
    assert (done.status, "hand.csv:2: no student 'b@y'" in done.errors) == (2, True)


@pytest.mark.parametrize("machine", ["UTC", "Asia/Tokyo"])
def test_lateness_is_the_same_on_every_machine_and_told_where_no_time_is_known(
    course: Course, reference: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, machine: str
) -> None:
    monkeypatch.setenv("TZ", machine)
    file = course.root / "course.yaml"
    file.write_text(file.read_text() + "marking: {due: 2026-10-31T23:59+01:00, late: {per_day: 10}}\n")
    inside = io.BytesIO()
    with zipfile.ZipFile(inside, "w") as archive:
        archive.writestr(zipfile.ZipInfo("double/double.py", (2026, 11, 1, 0, 1, 0)), reference)
    known, none = (2026, 10, 31, 23, 59, 0), (1980, 1, 1, 0, 0, 0)
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for student, name, when, data in (
            ("Ann A_1", "double.py", known, reference.encode()),
            ("Bob B_2", "double.py", none, reference.encode()),
            ("Cy C_3", "work.zip", known, inside.getvalue()),
        ):
            archive.writestr(zipfile.ZipInfo(f"{student}_assignsubmission_file/{name}", when), data)
    done = course.run("batch", tmp_path / "all.zip", "--out", tmp_path / "out")
    assert done.status == 0, done.errors
    assert {row["student"]: (row["score"], row["flags"]) for row in table(tmp_path / "out")} == {
        "Ann A": ("4", ""),
        "Bob B": ("4", "when it was handed in is not known: nothing taken off"),
        "Cy C": ("3.6", "1 day late by the time of the file"),
    }
    assert "Bob B" in done.output.partition("To be looked at")[2]


@pytest.mark.parametrize(
    ("names", "form"),
    [(("hw-jane", "hw-max"), "github-classroom"), (("doejane_1_2_double.py", "roemax_2_3_double.py"), "canvas")],
)
def test_the_folder_around_a_download_is_looked_through(
    course: Course, tmp_path: Path, names: tuple[str, ...], form: str
) -> None:
    own = "" if form == "canvas" else "/double.py"
    folder = course.submit({f"hw-submissions/{name}{own}": NO_THREAD for name in names} | {".git/config": ""})
    done = course.run("batch", folder, "--out", tmp_path / "out")
    assert f"Format {form}" in done.output, done.errors
    assert [row["score"] for row in table(tmp_path / "out")] == ["2", "2"]


def test_nothing_that_was_handed_in_scores_zero_in_silence(course: Course, reference: str, tmp_path: Path) -> None:
    folder = course.submit(
        {
            "renamed/double (1).py": reference,
            "near/double_final.py": reference,
            "near/more.py": "",
            "two/double (1).py": reference,
            "two/double (2).py": NO_THREAD,
            "empty/readme.txt": "",
            "students.csv": "",
        }
    )
    done = course.run("batch", folder, "--out", tmp_path / "out")
    rows = {row["student"]: (row["score"], row["flags"].partition(":")[0]) for row in table(tmp_path / "out")}
    assert rows == {
        "renamed": ("4", ""),
        "near": ("0", "double"),
        "two": ("", "double"),
        "empty": ("0", "nothing was found to grade"),
    }
    told = done.output.partition("To be looked at, 3 students:")[2]
    assert all(f"  {name}: " in told for name in ("near", "two", "empty"))
    assert "Left aside: students.csv" in done.output
