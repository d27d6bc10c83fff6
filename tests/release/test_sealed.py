"""Grading with sealed tests, on the command line: the same marks, and nothing of tests or key to be found."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from grader.release.keys import VARIABLE, take_key
from tests.conftest import REFERENCE, Course, processes_with, reachable_folder, run_grade
from tests.release.jobs import until

MARKER = "a_word_that_only_the_hidden_tests_have"


@pytest.fixture
def sealed(course: Course, tmp_path: Path) -> Path:
    course.hidden += f"\n# {MARKER}\n"
    course.write()
    done = course.run("seal", tmp_path / "tests.sealed", "--new-key", tmp_path / "key")
    assert (done.status, done.errors) == (0, "")
    return tmp_path / "tests.sealed"


@pytest.fixture
def student(course: Course, tmp_path: Path) -> Path:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "double.py").write_text(REFERENCE)
    return folder


def test_the_marks_are_those_of_the_open_tests(course, sealed, student, tmp_path):
    (student / "double.py").write_text("def double(number, work):\n    return 2 * work(number)\n")
    open_result = course.run("run", student, "--json", "-").result
    done = run_grade("run", student, "--sealed", sealed, "--key-file", tmp_path / "key", "--json", "-", cwd=student)
    assert (done.status, done.errors) == (0, "")
    assert _without_durations(done.result) == _without_durations(open_result)
    assert (done.result["score"], done.result["max_score"]) == (2.0, 4.0)


def test_the_key_may_be_in_the_environment(sealed, student, tmp_path):
    key = (tmp_path / "key").read_text()
    done = run_grade("run", student, "--sealed", sealed, "--json", "-", cwd=student, **{VARIABLE: key})
    assert (done.status, done.result["score"]) == (0, 4.0)


def test_what_the_student_has_of_the_course_does_not_count(course, sealed, student, tmp_path):
    generous = course.rubric.replace("test_twice: 1,", "test_twice: 2,").replace("fraction: 1", "fraction: 0")
    Course(student, rubric=generous, hidden=None).write()
    done = run_grade("run", "exercises", "--sealed", sealed, "--key-file", tmp_path / "key", "--json", "-", cwd=student)
    assert {test["name"]: test["max_score"] for test in done.result["exercises"][0]["tests"]}["test_twice"] == 1.0


def test_in_the_students_folder_nothing_need_be_said(sealed, student, tmp_path):
    Course(student, hidden=None).write()
    (student / "exercises" / "double" / "double.py").write_text(REFERENCE)
    done = run_grade("run", "--sealed", sealed, "--key-file", tmp_path / "key", "--json", "-", cwd=student)
    assert done.result["score"] == 4.0


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (lambda data: data[:-100], "is cut short"),
        (lambda data: data[:-1] + bytes([data[-1] ^ 1]), "was changed since it was sealed"),
        (lambda data: b"hello", "is not a sealed file"),
        (lambda data: data.replace(b'"grader":"', b'"grader":"9'), "update threadlab|cut short|was changed"),
    ],
)
def test_a_sealed_file_that_cannot_be_used_is_status_2(sealed, student, tmp_path, harm, told):
    sealed.write_bytes(harm(sealed.read_bytes()))
    done = run_grade("run", student, "--sealed", sealed, "--key-file", tmp_path / "key", cwd=student)
    assert (done.status, done.output) == (2, "")
    assert any(part in done.errors for part in told.split("|")) and str(sealed) in done.errors
    assert "Traceback" not in done.errors


def test_a_wrong_key_is_status_2(course, sealed, student, tmp_path):
    done = run_grade("run", student, "--sealed", sealed, cwd=student, **{VARIABLE: "00" * 32})
    assert done.status == 2 and "was sealed with the key" in done.errors


def test_no_key_is_status_2(sealed, student):
    done = run_grade("run", student, "--sealed", sealed, cwd=student)
    assert done.status == 2 and "there is no key" in done.errors


def test_a_key_in_the_submission_is_refused(sealed, student, tmp_path):
    (student / "key").write_bytes((tmp_path / "key").read_bytes())
    done = run_grade("run", student, "--sealed", sealed, "--key-file", student / "key", cwd=student)
    assert done.status == 2 and "lies in the submission" in done.errors


def test_a_tier_that_keeps_no_files_is_refused_unless_allowed(sealed, student, tmp_path):
    args = ("run", student, "--sealed", sealed, "--key-file", tmp_path / "key", "--tier", "limits", "--json", "-")
    refused = run_grade(*args, cwd=student)
    assert (refused.status, refused.output) == (2, "")
    assert "would not stay secret here (limits keeps no files" in refused.errors
    allowed = run_grade(*args, "--allow-tier", "limits", cwd=student)
    if "does not start here" in allowed.errors:
        pytest.skip(allowed.errors)
    assert (allowed.status, allowed.result["score"]) == (0, 4.0)
    unknown = run_grade(*args, "--allow-tier", "lmits", cwd=student)
    assert unknown.status == 2 and "there is no tier 'lmits'" in unknown.errors


PRYING = """
import os
import tempfile

WORDS = ["".join(parts).encode() for parts in {words!r}]


def double(number, work):
    control = tempfile.mkdtemp()
    with open(os.path.join(control, "control"), "wb") as file:
        file.write(b" ".join(WORDS))
    for top in [control, "/proc", "/dev/shm", "/run", {private!r}]:
        for place, folders, names in os.walk(top):
            folders[:] = [name for name in folders if name not in ("task", "map_files", "fdinfo", "net", "sys", "bus")]
            for path in [os.path.join(place, name) for name in names if name not in ("kmsg", "kcore", "pagemap")]:
                try:
                    with open(path, "rb") as file:
                        data = file.read(100_000)
                except (OSError, ValueError):
                    continue
                for word in WORDS:
                    if word in data:
                        print("FOUND", path)
    return 2 * work(number)
"""


@pytest.mark.parametrize("tier", ["jail", "landlock", "limits"])
def test_a_prying_program_finds_neither_key_nor_test(course, student, tmp_path, tier):
    if tier == "limits" and os.geteuid() != 0:
        pytest.skip("without root the student process has our own user, and may read what we may")
    course.rubric = course.rubric.replace("cpu_seconds: 0.3", "cpu_seconds: 20")
    course.hidden += f"\n# {MARKER}\n"
    course.write()
    course.run("seal", tmp_path / "tests.sealed", "--new-key", tmp_path / "key")
    key = (tmp_path / "key").read_text().strip()
    words = [(MARKER[:9], MARKER[9:]), (key[:9], key[9:])]  # in parts, for it not to find its own source
    (student / "double.py").write_text(PRYING.format(words=words, private=str(tmp_path)))
    done = run_grade(
        "run", student, "--sealed", tmp_path / "tests.sealed", "--json", "-", "--tier", tier, "--allow-tier", tier,
        cwd=student, **{VARIABLE: key},
    )  # fmt: skip
    if done.status == 2:
        pytest.skip(done.errors)
    first = done.result["exercises"][0]["tests"][0]
    found = first["evidence"]["output"].splitlines()
    assert first["verdict"] == "passed" and len(found) == 2, "it must have searched, and found its own control"
    assert all(line.startswith("FOUND") and line.endswith("/control") for line in found)
    assert MARKER not in done.output and key not in done.output


def test_a_failing_sealed_test_file_does_not_quote_itself(course, student, tmp_path):
    course.hidden = f"import nowhere_to_be_found  # {MARKER}\n{course.hidden}"
    course.write()
    course.run("seal", tmp_path / "tests.sealed", "--new-key", tmp_path / "key")
    done = run_grade(
        "run",
        student,
        "--sealed",
        tmp_path / "tests.sealed",
        "--key-file",
        tmp_path / "key",
        "--json",
        "-",
        cwd=student,
    )
    assert done.status == 3 and "nowhere_to_be_found" in done.output
    assert MARKER not in done.output + done.errors


def test_nothing_is_left_of_a_grading_that_is_killed(course, student, tmp_path):
    course.rubric = course.rubric.replace("cpu_seconds: 0.3", "cpu_seconds: 600")
    course.write()
    course.run("seal", tmp_path / "tests.sealed", "--new-key", tmp_path / "key")
    (student / "double.py").write_text("def double(number, work):\n    while True:\n        pass\n")
    command = ["run", student, "--sealed", tmp_path / "tests.sealed", "--key-file", tmp_path / "key"]
    with reachable_folder() as scratch, subprocess.Popen(
        [sys.executable, "-m", "grader.cli", *map(str, command)],
        cwd=student, env=os.environ | {"TMPDIR": str(scratch)}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ) as grading:  # fmt: skip
        place = until(lambda: _private_place_of(grading.pid))
        until((place / "solutions/double/test_hidden.py").exists)
        grading.kill()
    until(lambda: not place.exists())
    until(lambda: not processes_with(str(place)))


def _private_place_of(pid: int) -> Path | None:
    """Where a grading has opened its tests, as the command line of its keeper tells."""
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        words = Path(f"/proc/{child}/cmdline").read_bytes().decode().split("\0")
        found = [word for word in words if "/threadlab-opened-" in word]
        if found:
            return Path(found[0])
    return None


def test_nothing_is_sealed_without_hidden_tests(course, tmp_path):
    (course.root / "solutions" / "double" / "test_hidden.py").unlink()
    done = course.run("seal", tmp_path / "out", "--new-key", tmp_path / "key")
    assert done.status == 2 and "the hidden tests of double are not here" in done.errors
    assert not (tmp_path / "out").exists() and not (tmp_path / "key").exists()


def test_another_file_is_not_written_over(course, tmp_path):
    (tmp_path / "out").write_text("my thesis")
    done = course.run("seal", tmp_path / "out", "--new-key", tmp_path / "key")
    assert done.status == 2 and "no sealed file" in done.errors
    assert (tmp_path / "out").read_text() == "my thesis"


def test_sealing_again_gives_the_same_file(course, sealed, tmp_path):
    before = sealed.read_bytes()
    done = course.run("seal", sealed, "--key-file", tmp_path / "key")
    assert done.status == 0 and sealed.read_bytes() == before


def test_no_solution_is_sealed(course, sealed, tmp_path):
    from grader.release.sealing import unseal

    files = unseal(sealed.read_bytes(), take_key(tmp_path / "key"))[1]
    assert sorted(files) == [
        "course.yaml",
        "exercises/double/double.py",
        "exercises/double/exercise.yaml",
        "exercises/double/test_public.py",
        "solutions/double/test_hidden.py",
    ]


def _without_durations(result: dict) -> dict:
    for exercise in result["exercises"]:
        for test in exercise["tests"]:
            del test["duration"]
    return result
