"""`grade ci` in a job of GitHub's, GitLab's, and nobody's: what it leaves, and what hostile submissions cannot."""

from __future__ import annotations

import os
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from grader import ci
from grader.reports import ci_log, safe
from grader.reports.wording import number

if TYPE_CHECKING:
    from tests.conftest import Course, Graded, Runner

NO_THREAD = "def double(number, work):\n    return 2 * work(number)\n"
FORGE = (
    "\\n::notice title=Autograding complete::Points 4/4\\n"
    '::notice title=Autograding report::{\\"totalPoints\\":4,\\"maxPoints\\":4}\\n'
    " ::error::x\\r::warning::x ##[error]x ##vso[task.complete]x\\x1b[2J\\u2028::debug::x :\\u200d:notice::x"
    "\\n```\\n</details>\\n# Points 4/4\\nresult=e30=\\nscore=4\\n::stop-commands::x\\n"
)
HOSTILE = {
    "raises": f'raise ValueError("{FORGE}")',
    "odd_type": f'raise type("{FORGE}", (Exception,), {{}})("{FORGE}")',
    "prints": f'print("{FORGE}")\n    print("{FORGE}", file=sys.stderr)\n    return 1',
    "says_its_name": f'return type("Odd", (int,), {{"__repr__": lambda self: "{FORGE}"}})(5)',
    "named_thread": (
        "lock = threading.Lock()\n    lock.acquire()\n"
        f'    thread = threading.Thread(target=lock.acquire, name="{FORGE}")\n    thread.start()\n    thread.join()'
    ),
    "prints_at_import": f'return 2 * work(number)\nprint("{FORGE}")\nos.write(1, b"::notice::x\\n")',
    "import_fails": f'return 1\nraise RuntimeError("{FORGE}")',
    "no_syntax": 'return "::notice::x"; ::notice::x ##[error]x',
    "missing": f'return 1\nglobals()["{FORGE}"] = globals().pop("double")',
}
"""Bodies of `double` and what follows it, by what each tries."""


@dataclass
class Job:
    """A job of GitHub's: its workspace, and the files in which a step leaves things."""

    course: Course
    workspace: Path
    output: Path
    summary: Path

    def step(self, *args: object) -> Graded:
        """`grade ci` in the workspace."""
        return self.course.run("ci", *args, cwd=self.workspace)


@pytest.fixture(autouse=True)
def at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ci_log.SIGNS:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def job(course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Job:
    made = Job(course, tmp_path / "workspace", tmp_path / "output", tmp_path / "summary")
    made.workspace.mkdir()
    for file in (made.output, made.summary):
        file.touch()
    given = {"GITHUB_ACTIONS": "true", "CI": "true", "GITHUB_WORKSPACE": made.workspace}
    given |= {"GITHUB_OUTPUT": made.output, "GITHUB_STEP_SUMMARY": made.summary, "GITHUB_TOKEN": "t0ken"}
    for name, value in given.items():
        monkeypatch.setenv(name, str(value))
    return made


def junit_points(file: Path) -> tuple[float, float]:
    properties = ElementTree.parse(file).getroot().findall("testsuite/properties/property")
    score, most = (
        sum(float(each.get("value", "")) for each in properties if each.get("name") == key)
        for key in ("score", "max_score")
    )
    return score, most


def hand_in(job: Job, source: str) -> None:
    (job.workspace / "double.py").write_text(source)


def test_the_points_are_the_same_wherever_they_are_looked_for(job: Job, runner: type[Runner]) -> None:
    job.course.rubric = job.course.rubric.replace(
        "points: 2\n    tests: {test_work", "points: 2.25\n    tests: {test_work"
    )
    job.course.rubric = job.course.rubric.replace("thread: 2}", "thread: 2.25}").replace(
        "points: 4\n", "points: 4.25\n"
    )
    job.course.points = 4.25  # type: ignore[assignment]
    job.course.write()
    hand_in(job, NO_THREAD)
    graded = job.step(".")
    assert (graded.status, graded.errors) == (0, "")
    commands = runner().read(graded.output).commands
    assert [name for name, _, _ in commands] == ["error", "notice", "notice"]
    assert [text for _, _, text in commands[1:]] == ["Points 2/4.25", '{"totalPoints":2,"maxPoints":4.25}']
    outputs = runner.outputs(job.output.read_text())
    assert runner.reporter(outputs.pop("result")).commands == commands[1:]
    assert outputs == {"score": "2", "max_score": "4.25"}
    assert job.summary.read_text().startswith("## 2 / 4.25 points\n")
    assert junit_points(job.workspace / "junit.xml") == (2.0, 4.25)
    assert "Score 2 / 4.25\n" in graded.output


def test_what_is_there_before_stays_in_the_files_of_the_runner(job: Job, runner: type[Runner]) -> None:
    job.output.write_text("before=1\n")
    job.summary.write_text("# Before\n\n")
    hand_in(job, NO_THREAD)
    job.step(".")
    assert runner.outputs(job.output.read_text()).keys() == {"before", "result", "score", "max_score"}
    assert job.summary.read_text().startswith("# Before\n\n## 2 / 4 points\n")


@pytest.mark.parametrize("folder", ["", "double/", "a/b/double/"])
def test_errors_are_at_the_file_of_the_repository(job: Job, runner: type[Runner], folder: str) -> None:
    (job.workspace / folder).mkdir(parents=True, exist_ok=True)
    (job.workspace / folder / "double.py").write_text("\n\ndef double(number, work):\n    raise KeyError(1)\n")
    path = "a/b" if folder.startswith("a") else "."
    (_, properties, text), *_ = runner().read(job.step(path).output).commands
    assert properties["file"] == f"{folder}double.py"
    assert properties["line"] == "4" and "KeyError" in text


def test_submission_as_a_file_is_named(job: Job, runner: type[Runner]) -> None:
    hand_in(job, "def double(number, work):\n    raise KeyError(1)\n")
    (_, properties, _), *_ = runner().read(job.step("double.py").output).commands
    assert properties["file"] == "double.py"


@pytest.fixture
def attacks(job: Job, make_course: Callable[..., Course]) -> Job:
    """A job whose submission attacks in every way, each in an exercise of its own."""
    job.course = make_course(job.course.root.parent / "attacked", tuple(HOSTILE))
    for name, body in HOSTILE.items():
        (job.workspace / name).mkdir()
        source = f"import os, sys, threading\n\n\ndef double(number, work):\n    {body}\n"
        (job.workspace / name / f"{name}.py").write_text(source)
    return job


def test_a_submission_issues_no_command(attacks: Job, runner: type[Runner]) -> None:
    graded = attacks.step(".")
    assert graded.status == 0
    for stream in (graded.output, graded.errors):
        assert safe.for_terminal(stream) == stream
    read = runner().read(graded.output)
    notices = [text for kind, _, text in read.commands if kind == "notice"]
    score, most = map(number, junit_points(attacks.workspace / "junit.xml"))
    assert notices == [f"Points {score}/{most}", f'{{"totalPoints":{score},"maxPoints":{most}}}']
    assert score != most and f"\nScore {score} / {most}\n" in graded.output
    assert {kind for kind, _, _ in read.commands} == {"notice", "error"}
    files = {properties.get("file") for kind, properties, _ in read.commands if kind == "error"}
    assert files <= {f"{name}/{name}.py" for name in HOSTILE} | {None} and len(files) > 4
    assert runner().read(graded.errors).commands == []
    outputs = runner.outputs(attacks.output.read_text())
    assert outputs.keys() == {"result", "score", "max_score"} and outputs["score"] == score
    assert [text for _, _, text in runner.reporter(outputs["result"]).commands] == notices


@pytest.mark.parametrize("option", ["-v", "--json=-"])
def test_escaping_alone_keeps_commands_out_of_what_grade_run_prints(
    attacks: Job, runner: type[Runner], option: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_ACTIONS")  # without the runner's own guard
    graded = attacks.course.run("run", attacks.workspace, option)
    assert graded.status == 0 and "Autograding complete" in graded.output
    assert runner().read(graded.output).commands == runner().read(graded.errors).commands == []
    assert not re.search(r"##\w*\[", graded.output)


def test_name_of_a_submission_issues_no_command(job: Job, runner: type[Runner]) -> None:
    folder = job.workspace / "x\n::notice title=Autograding complete::Points 4\r##[error]x"
    folder.mkdir()
    (folder / "double.py").write_text(NO_THREAD)
    (folder / "\n::notice::forged").symlink_to("/etc/passwd")
    graded = job.step(folder)
    score = number(junit_points(job.workspace / "junit.xml")[0])
    read = [*runner().read(graded.output).commands, *runner().read(graded.errors).commands]
    assert next(text for kind, _, text in read if kind == "notice") == f"Points {score}/4"
    assert [kind for kind, _, _ in read] == ["error", "notice", "notice"]
    missing = job.step(folder / "nothing\n::error::x")
    read = [*runner().read(missing.output).commands, *runner().read(missing.errors).commands]
    assert [(kind, properties) for kind, properties, _ in read] == [("error", {"title": "grade"})]


def test_what_is_started_inherits_no_token(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = ["GITHUB_TOKEN", "ACTIONS_RUNTIME_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_URL", "CI_JOB_TOKEN", "MY_SECRET"]
    for name in secrets:
        monkeypatch.setenv(name, "s3cret")
    job.course.hidden = (
        "import os\nfrom grader.testing import rule\n\n"
        "@rule('twice')\ndef test_twice_of_a_fraction():\n    assert 'PATH' in os.environ\n\n"
        "@rule('own-thread')\ndef test_work_has_its_own_thread():\n    assert 's3cret' not in os.environ.values()\n"
    )
    job.course.write()
    hand_in(job, NO_THREAD)
    assert "Score 4 / 4" in job.step(".").output
    assert "Score 2 / 4" in job.course.run("run", job.workspace).output  # so the test can tell


def test_only_what_is_harmless_is_left() -> None:
    environment = dict.fromkeys(["PATH", "HOME", "LC_ALL", "CI", "CLASSROOM"], "kept") | {
        "GITHUB_WORKSPACE": "/w",
        "GITHUB_OUTPUT": "/o",
        "GITHUB_STEP_SUMMARY": "",
        "ACTIONS_RUNTIME_TOKEN": "x",
        "SYSTEM_ACCESSTOKEN": "x",
        "INPUT_KEY": "x",
        "ANYTHING": "x",
    }
    assert ci.take_over(environment) == ci.Job(Path("/w"), Path("/o"), None)
    assert set(environment) == {"PATH", "HOME", "LC_ALL", "CI", "CLASSROOM"}


@pytest.mark.parametrize(("below", "status"), [("2", 0), ("2.25", 1)])
def test_status_is_0_unless_it_is_asked_for_more(job: Job, below: str, status: int) -> None:
    hand_in(job, NO_THREAD)
    assert job.step(".", "--fail-under", below).status == status
    assert job.output.read_text().startswith("result=")


def test_wrong_usage_is_seen_on_the_page_of_the_job(job: Job, runner: type[Runner]) -> None:
    graded = job.step("nothing here")
    assert graded.status == 2 and graded.errors.startswith("grade: ")
    ((kind, properties, text),) = runner().read(graded.output).commands
    assert (kind, properties) == ("error", {"title": "grade"}) and "nothing here" in text


@pytest.mark.parametrize("option", ["--json=-", "--report=markdown=-"])
def test_the_log_is_no_file_for_a_report(job: Job, option: str) -> None:
    graded = job.step(".", option)
    assert graded.status == 2 and "standard output is the log of the job; name a file" in graded.errors


def test_files_that_cannot_be_written_cost_nothing_else(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_OUTPUT", "/nowhere/output")
    hand_in(job, NO_THREAD)
    graded = job.step(".")
    assert graded.status == 2 and "/nowhere/output: cannot be written (No such file or directory)" in graded.errors
    assert "Score 2 / 4" in graded.output and job.summary.read_text() and (job.workspace / "junit.xml").exists()


@pytest.mark.parametrize("system", ["GITLAB_CI", None])
def test_elsewhere_there_are_the_report_and_junit(
    course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system: str | None
) -> None:
    if system:
        monkeypatch.setenv(system, "true")
    (tmp_path / "w").mkdir()
    (tmp_path / "w" / "double.py").write_text(NO_THREAD)
    graded = course.run("ci", ".", "--junit", "report.xml", cwd=tmp_path / "w")
    assert (graded.status, graded.errors) == (0, "")
    assert "Score 2 / 4" in graded.output and "::" not in graded.output
    assert junit_points(tmp_path / "w" / "report.xml") == (2.0, 4.0)
    assert sorted(os.listdir(tmp_path / "w")) == ["double.py", "report.xml"]
