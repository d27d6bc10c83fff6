"""Results in other forms: `grade report`, and `--report` of `grade run`."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
import types
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result

from grader import cli, reporting
from grader.hooks import hookimpl
from grader.plugins import plugin_manager
from grader.reports import CannotRender, Report, ci_log
from grader.reports import json as json_form
from grader.results import TestResult as Tested
from grader.results import exercise_result, from_json, result

if TYPE_CHECKING:
    from tests.conftest import Course, Runner

FORGED = "::notice title=Autograding complete::Points 4/4\n##[error]x\n```\n::error::x"
NO_THREAD = "def double(number, work):\n    return 2 * work(number)\n"


@pytest.fixture(autouse=True)
def at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ci_log.SIGNS:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A result as it was kept."""
    failed = Tested("test_a", "group", "public", "failed", 0.25, 1.0, FORGED, "A rule.", {}, 0.5)
    value = result("alice", [exercise_result("adder", "Add", [failed])], environment={}, pack="")
    (tmp_path / "result.json").write_bytes(json_form.render(value))
    return tmp_path / "result.json"


def grade(*args: object) -> Result:
    return CliRunner().invoke(cli.main, [str(arg) for arg in args])


def test_report_is_for_the_terminal_if_nothing_else_is_said(kept: Path) -> None:
    done = grade("report", kept)
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.startswith("Submission alice\n") and done.stdout.endswith("Score 0.25 / 1\n")


@pytest.mark.parametrize("name", ["terminal", "json", "junit", "markdown", "github", "github-output", "gradescope"])
def test_report_in_a_file_is_what_the_form_renders(kept: Path, tmp_path: Path, name: str) -> None:
    done = grade("report", kept, "--form", name, "-o", tmp_path / "out")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "out").read_bytes() == reporting.form(name).render(from_json(kept.read_bytes()))


def test_report_reads_standard_input(kept: Path) -> None:
    done = CliRunner().invoke(cli.main, ["report", "-", "--form", "json"], input=kept.read_bytes())
    assert (done.exit_code, done.stdout_bytes) == (0, kept.read_bytes())


def test_every_form_that_ships_is_in_the_help() -> None:
    told = grade("report", "--help").stdout
    assert all(f"\n    {name} " in told or f"\n      {name} " in told for name in reporting.forms() if name != "html")


def test_unknown_form_lists_the_known(kept: Path) -> None:
    done = grade("report", kept, "--form", "pdf")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith("grade: there is no form 'pdf'; there are\n  classroom50 ")
    assert "\n  junit          XML for CI systems" in done.stderr


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["nothing.json"], "nothing.json: cannot be read (No such file or directory)"),
        (["/"], "/: is a folder"),
        (["{kept}", "-o", "/nowhere/x"], "/nowhere/x: cannot be written"),
        (["{kept}", "-o", "/"], "/: cannot be written"),
        (["{kept}", "--form", "classroom50"], "form classroom50: CLASSROOM, "),
        ([], "Missing argument 'RESULT.json'"),
    ],
)
def test_wrong_usage_is_status_2_and_says_why(kept: Path, args: list[str], told: str) -> None:
    done = grade("report", *[arg.format(kept=kept) for arg in args])
    assert (done.exit_code, done.stdout) == (2, "")
    assert told in done.stderr and "Traceback" not in done.stderr


def test_foreign_json_is_status_2(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('{"version": 1, "tests": []}')
    done = grade("report", tmp_path / "x.json")
    assert done.exit_code == 2 and "is no result" in done.stderr


@pytest.mark.parametrize("name", [name for name, form in reporting.forms().items() if not form.is_commands])
@pytest.mark.parametrize("system", ["GITHUB_ACTIONS", "TF_BUILD"])
def test_nothing_printed_in_a_job_is_a_command(
    kept: Path, name: str, system: str, monkeypatch: pytest.MonkeyPatch, runner: type[Runner]
) -> None:
    if name == "classroom50":
        pytest.skip("told from Classroom 50's variables: in test_hostile")
    monkeypatch.setenv(system, "true")
    done = grade("report", kept, "--form", name)
    assert done.exit_code == 0
    assert runner().read(done.output).commands == []
    if system == "TF_BUILD":
        assert "##[" not in done.output and "::" not in done.output


def test_a_file_in_a_job_is_not_changed(kept: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "grader.cli", "report", str(kept), "--form", "markdown"]
    with (tmp_path / "out.md").open("wb") as file:
        subprocess.run(command, stdout=file, check=True, env={"GITHUB_ACTIONS": "true"})
    assert (tmp_path / "out.md").read_bytes() == reporting.form("markdown").render(from_json(kept.read_bytes()))


def test_commands_are_printed_as_they_are(kept: Path, monkeypatch: pytest.MonkeyPatch, runner: type[Runner]) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    commands = runner().read(grade("report", kept, "--form", "github").output).commands
    assert [name for name, _, _ in commands] == ["error", "notice", "notice"]


# --- grade run ---------------------------------------------------------------------------------


def test_run_writes_every_form_that_is_asked_for(course: Course, tmp_path: Path) -> None:
    path = course.submit({"double.py": NO_THREAD})
    files = {"markdown": tmp_path / "m=1.md", "gradescope": tmp_path / "results.json"}
    options = [option for name, file in files.items() for option in ("--report", f"{name}={file}")]
    files["junit"] = tmp_path / "j.xml"
    graded = course.run("run", path, *options, "--junit", files["junit"])
    assert graded.status == 0 and "Score 2 / 4" in graded.output
    assert len(ElementTree.parse(files["junit"]).getroot().findall("testsuite/testcase")) == 3
    assert files["markdown"].read_text().startswith("## 2 / 4 points\n")
    assert json.loads(files["gradescope"].read_text())["score"] == 2


def test_a_result_carries_the_hints_of_broken_rules(course: Course, tmp_path: Path) -> None:
    wrong = "def double(number, work):\n    return 0\n"
    path = course.submit({"double.py": wrong})
    graded = course.run("run", path, "--report", "markdown=-")
    assert (graded.status, graded.errors) == (0, "")
    assert graded.output.startswith("## 0 / 4 points\n") and "Hint  What is twice nothing?" in graded.output


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--report", "junit"], "--report junit: give FORM=FILE"),
        (["--report", "junit="], "--report junit=: give FORM=FILE"),
        (["--report", "pdf=x.pdf"], "there is no form 'pdf'"),
        (["--report", "junit=/nowhere/x.xml"], "/nowhere/x.xml: cannot be written"),
        (["--report", "junit=-", "--json", "-"], "standard output is taken by --json -"),
        (["--report", "junit=-", "--report", "markdown=-"], "standard output is taken by --report junit=-"),
    ],
)
def test_what_cannot_be_meant_is_told_before_the_work(course: Course, options: list[str], told: str) -> None:
    graded = course.run("run", course.submit({"double.py": "raise SystemExit"}), *options)
    assert (graded.status, graded.output) == (2, "")
    assert told in graded.errors


# --- forms of plug-ins ---------------------------------------------------------------------------


@pytest.fixture
def plug_in() -> Iterator[Any]:
    registered = []

    def register(*reports: Report) -> None:
        plugin = types.SimpleNamespace(grader_reports=hookimpl(lambda: list(reports)))
        plugin_manager().register(plugin)
        registered.append(plugin)

    yield register
    for plugin in registered:
        plugin_manager().unregister(plugin)


def test_a_form_of_a_plug_in_is_used_before_what_ships(plug_in: Any, kept: Path) -> None:
    plug_in(Report("short", "one number", lambda value: f"{value.score}\n".encode()))
    plug_in(Report("junit", "another", lambda _: b"theirs"))
    assert grade("report", kept, "--form", "short").output == "0.25\n"
    assert grade("report", kept, "--form", "junit").output == "theirs"


def test_a_form_that_fails_costs_no_other(plug_in: Any, course: Course, tmp_path: Path, kept: Path) -> None:
    def broken(_: Any) -> bytes:
        raise KeyError("x")

    def cannot(_: Any) -> bytes:
        raise CannotRender("no moon")

    plug_in(Report("broken", "", broken), Report("lunar", "", cannot))
    assert grade("report", kept, "--form", "broken").stderr == "grade: form broken itself failed: KeyError: 'x'\n"
    path = course.submit({"double.py": NO_THREAD})
    files = [tmp_path / name for name in ("b", "l", "j.xml")]
    options = ["--report", f"broken={files[0]}", "--report", f"lunar={files[1]}", "--report", f"junit={files[2]}"]
    done = grade("run", path, "--course", course.root, *options)
    assert done.exit_code == 2 and "Score 2 / 4" in done.stdout
    assert "form broken itself failed" in done.stderr and "form lunar: no moon" in done.stderr
    assert [file.exists() for file in files] == [False, False, True]


def test_the_form_of_the_docs_is_one(plug_in: Any, kept: Path) -> None:
    page = (Path(__file__).parents[1] / "docs" / "reports.md").read_text()
    code = page.partition("## A form of your own\n")[2].partition("\nRegister")[0]
    found: dict[str, Any] = {}
    exec(textwrap.dedent(code), found)
    plug_in(*found["grader_reports"]())
    assert grade("report", kept, "--form", "lines").output == "failed test_a\n"
