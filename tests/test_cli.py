"""The command line: options in, reports and exit status out."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from grader import cli, running
from grader.cli.guard import guarded

if TYPE_CHECKING:
    from tests.conftest import Course

NO_THREAD = "def double(number, work):\n    return 2 * work(number)\n"


@pytest.fixture
def submission(course: Course) -> Path:
    return course.submit({"double.py": NO_THREAD})


def test_a_grading_is_status_0_whatever_the_score(course: Course, submission: Path) -> None:
    graded = course.run(submission)
    assert (graded.status, graded.errors) == (0, "")
    assert "Score 2 / 4" in graded.output and "work was not called once, in another thread" in graded.output


def test_json_to_standard_output_is_alone_there(course: Course, submission: Path) -> None:
    graded = course.run("run", submission, "--json", "-", "-v")
    assert graded.status == 0 and graded.errors == ""
    assert (graded.result["submission"], graded.result["score"]) == (submission.name, 2.0)


def test_json_to_a_file_and_the_report_beside_it(course: Course, submission: Path, tmp_path: Path) -> None:
    graded = course.run(submission, "--json", tmp_path / "result.json")
    assert graded.status == 0 and "Score 2 / 4" in graded.output
    assert json.loads((tmp_path / "result.json").read_text())["score"] == 2.0


@pytest.mark.parametrize(("below", "status"), [("2", 0), ("2.25", 1)])
def test_a_score_below_what_is_asked_is_status_1(course: Course, submission: Path, below: str, status: int) -> None:
    assert course.run(submission, "--json", "-", "--fail-under", below).status == status


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["--json", "/nowhere/x.json"], "--json /nowhere/x.json: cannot be written"),
        (["--json", "/"], "--json /: cannot be written"),
        (["-e", "duoble"], 'no exercise "duoble"; did you mean "double"?'),
        (["--fail-under", "much"], "Invalid value for '--fail-under'"),
        (["--nonsense"], "No such option"),
        (["more", "than", "one"], "unexpected extra argument"),
    ],
)
def test_wrong_usage_is_status_2_and_says_why(course: Course, submission: Path, args: list[str], told: str) -> None:
    graded = course.run("run", submission, *args)
    assert (graded.status, graded.output) == (2, "")
    assert told in graded.errors and "Traceback" not in graded.errors


def test_only_one_exercise(course: Course, submission: Path) -> None:
    assert course.run(submission, "-e", "double", "--json", "-").result["score"] == 2.0


def test_inside_a_course_nothing_need_be_said(course: Course) -> None:
    (course.root / "exercises" / "double" / "double.py").write_text(NO_THREAD)
    assert course.run("--json", "-", cwd=course.root).result["score"] == 2.0
    assert course.run("--json", "-", cwd=course.root / "exercises" / "double").result["score"] == 2.0


def test_variables_for_pytest_and_python_change_nothing(
    course: Course, submission: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_ADDOPTS", "--collect-only -p nothing_of_the_kind")
    monkeypatch.setenv("PYTEST_PLUGINS", "nothing_of_the_kind")
    monkeypatch.setenv("PYTHONWARNINGS", "error")
    monkeypatch.setenv("PYTHONSTARTUP", "/nowhere")
    assert course.run(submission, "--json", "-").result["score"] == 2.0


def test_a_reader_that_goes_away_is_no_fault(course: Course, submission: Path) -> None:
    command = [sys.executable, "-m", "grader.cli", str(submission), "--course", str(course.root), "--json", "-"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=submission) as grading:
        assert grading.stdout is not None and grading.stderr is not None
        grading.stdout.close()
        errors = grading.stderr.read()
    assert b"Traceback" not in errors and grading.returncode in (0, -signal.SIGPIPE)


@pytest.mark.parametrize("how", ["Ctrl-C", "SIGTERM", "timeout"])
def test_an_interrupt_ends_everything_and_is_status_130(course: Course, tmp_path: Path, how: str) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir(mode=0o755)
    folder = course.submit({"double.py": "print('it runs', flush=True)\nimport time\ntime.sleep(999)\n"})
    course.rubric = course.rubric.replace("idle_seconds: 0.6", "idle_seconds: 900")
    course.write()
    command = [sys.executable, "-m", "grader.cli", str(folder), "--course", str(course.root)]

    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder,
        start_new_session=True,
        env=os.environ | {"TMPDIR": str(scratch)},
    ) as grading:
        # As soon as a session of the grading's is there.
        while not Path(f"/proc/{grading.pid}/task/{grading.pid}/children").read_text().split():
            pass
        if how != "Ctrl-C":
            grading.send_signal(signal.SIGTERM)
        if how != "SIGTERM":  # to the whole group
            os.killpg(grading.pid, signal.SIGINT if how == "Ctrl-C" else signal.SIGTERM)
        _, errors = grading.communicate(timeout=60)
    assert grading.returncode == 130
    assert b"Traceback" not in errors
    assert list(scratch.iterdir()) == []


def test_a_second_sigterm_does_not_cut_the_end_short() -> None:
    """timeout(1) sends one to the process, and one to its group."""
    tidied = []

    @guarded
    def command() -> None:
        try:
            signal.raise_signal(signal.SIGTERM)
        finally:
            signal.raise_signal(signal.SIGTERM)
            tidied.append(True)

    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit) as ended:
        command()
    assert (ended.value.code, tidied, signal.getsignal(signal.SIGTERM)) == (130, [True], before)


def test_a_fault_of_ours_is_status_3_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> None:
        raise ZeroDivisionError("ours")

    monkeypatch.setattr(running, "run", broken)
    done = CliRunner().invoke(cli.main, ["run", "anything"])
    assert done.exit_code == 3
    assert done.stderr.startswith("grade: the grader itself failed: ZeroDivisionError: ours (test_cli.py:")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("args", [["--help"], ["-h"], ["run", "--help"], ["doctor", "--help"], ["--version"]])
def test_help_is_status_0(args: list[str]) -> None:
    done = CliRunner().invoke(cli.main, args)
    assert done.exit_code == 0 and done.output


def test_help_waits_for_nothing_that_grades() -> None:
    program = "import sys, grader.cli; print(*(name for name in sys.modules if name.startswith(('grader.', 'pytest'))))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = {name for name in done.stdout.split() if not name.startswith("grader.cli.")}
    assert loaded == {"grader.cli", "grader.usage"}


def test_a_path_that_looks_like_a_command_is_one() -> None:
    assert "Tell what is in force" in CliRunner().invoke(cli.main, ["doctor", "--help"]).output


def test_doctor_tells_what_is_in_force() -> None:
    done = CliRunner().invoke(cli.main, ["doctor"])
    assert done.exit_code == 0
    assert "Python " in done.output and "limits" in done.output and done.output.count("in force") == 1
