"""The autograders for Classroom 50 and Gradescope, run as these platforms run them; only not installed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema
import pytest

from grader.release.keys import VARIABLE
from grader.release.templates import fill
from tests.conftest import REFERENCE
from tests.release.jobs import PLAIN_PATH

if TYPE_CHECKING:
    from tests.conftest import Course

SCHEMA = json.loads((Path(__file__).parents[1] / "reports" / "classroom50-result-v1.schema.json").read_text())
NO_THREAD = "def double(number, work):\n    return 2 * work(number)\n"
PLAYED = """
import runpy, sys
from pathlib import Path
script = runpy.run_path({script!r})
script["main"].__globals__["install"] = lambda bundle, work: Path({python!r})
sys.exit(script["main"]())
"""


@pytest.fixture
def bundle(course: Course, tmp_path: Path) -> Path:
    """The folder that an instructor copies to Classroom 50."""
    done = course.run("seal", tmp_path / "tests.sealed", "--new-key", tmp_path / "key")
    assert done.status == 0, done.errors
    done = course.run("release", tmp_path / "bundle", "--classroom50", "--sealed", tmp_path / "tests.sealed")
    assert done.status == 0, done.errors
    return tmp_path / "bundle"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A student's checkout, with a generous course of their own in it."""
    folder = tmp_path / "checkout"
    (folder / "exercises" / "double").mkdir(parents=True)
    (folder / "exercises" / "double" / "double.py").write_text(NO_THREAD)
    (folder / "course.yaml").write_text("title: everything is worth 100 points\nexercises: []\n")
    return folder


@pytest.fixture
def classroom50(bundle: Path, checkout: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs `autograder.py` as Classroom 50's runner does, with the grader of this environment."""

    def run(python: str = sys.executable, **variables: str) -> subprocess.CompletedProcess[str]:
        environment = {
            "PATH": PLAIN_PATH, "HOME": str(checkout.parent), "GITHUB_ACTIONS": "true", "CI": "true",
            "GITHUB_TOKEN": "token-of-the-job", "CLASSROOM": "cs", "ASSIGNMENT": "threads",
            "ASSIGNMENT_TYPE": "individual", "OWNER": "alice", "USERNAME": "alice",
            "SUBMISSION_TAG": "submit/2026-11-27T10-00-00Z-abc1234",
            "COMMIT_URL": "https://example.org/c", "RELEASE_URL": "https://example.org/r",
            "REVIEW_URL": "https://example.org/v", "CLASSROOM50_BUNDLE_DIR": str(bundle),
        }  # fmt: skip
        program = PLAYED.format(script=str(bundle / "autograder.py"), python=python)
        return subprocess.run(
            [sys.executable, "-c", program], cwd=checkout, env=environment | variables,
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    return run


def test_classroom50_gets_a_result_by_the_sealed_tests(classroom50, checkout, tmp_path):
    key = (tmp_path / "key").read_text().strip()
    done = classroom50(**{VARIABLE: key})
    assert done.returncode == 0, done.stdout + done.stderr
    result = json.loads((checkout / "result.json").read_text())
    jsonschema.validate(result, SCHEMA)
    assert (result["score"], result["max-score"]) == (8, 16)  # a point counts four there
    assert (result["owner"], result["submission"]) == ("alice", "submit/2026-11-27T10-00-00Z-abc1234")
    body = (checkout / "release-body.md").read_text()
    assert "work was not called once, in another thread" in body
    assert key not in done.stdout + done.stderr + body + json.dumps(result)


def test_the_key_may_be_in_a_file(classroom50, checkout, tmp_path):
    assert classroom50(THREADLAB_SEAL_KEY_FILE=str(tmp_path / "key")).returncode == 0
    assert json.loads((checkout / "result.json").read_text())["max-score"] == 16


def test_without_a_key_the_public_tests_count_and_never_the_students_course(classroom50, checkout, bundle, tmp_path):
    package = tmp_path / "site"
    with zipfile.ZipFile(next(bundle.glob("*.whl"))) as wheel:
        wheel.extractall(package)
    done = classroom50(_environment_of(package))
    assert done.returncode == 0, done.stdout + done.stderr
    result = json.loads((checkout / "result.json").read_text())
    assert (result["score"], result["max-score"]) == (4, 4)
    assert "only the public tests are run" in done.stdout
    assert "Only the public tests are here" in (checkout / "release-body.md").read_text()


def _environment_of(package: Path) -> str:
    """The interpreter of an environment whose grader is the one of the wheel, with the public part of the course."""
    venv = package / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True)
    others = next(path for path in sys.path if path.endswith("site-packages"))
    next(venv.glob("lib/python*/site-packages")).joinpath("all.pth").write_text(f"{package}\n{others}\n")
    grade = venv / "bin" / "grade"
    grade.write_text(f"#!{venv}/bin/python\nfrom grader.cli import main\nmain(prog_name='grade')\n")
    grade.chmod(0o755)
    return str(venv / "bin" / "python")


def test_a_planted_result_is_replaced_and_no_link_followed(classroom50, checkout, tmp_path):
    (tmp_path / "precious").write_text("mine")
    (checkout / "result.json").symlink_to(tmp_path / "precious")
    (checkout / "release-body.md").mkdir()
    (checkout / "release-body.md" / "file").touch()
    assert classroom50(**{VARIABLE: (tmp_path / "key").read_text()}).returncode == 0
    assert json.loads((checkout / "result.json").read_text())["score"] == 8
    assert (checkout / "release-body.md").is_file() and (tmp_path / "precious").read_text() == "mine"


def test_a_wrong_key_is_no_score_of_zero(classroom50, checkout):
    done = classroom50(**{VARIABLE: "00" * 32})
    assert done.returncode == 1 and "was sealed with the key" in done.stderr + done.stdout
    assert not (checkout / "result.json").exists()


def test_the_bundle_needs_sealed_tests(course, tmp_path):
    done = course.run("release", tmp_path / "bundle", "--classroom50")
    assert done.status == 2 and "give sealed tests with --sealed FILE" in done.errors


def test_a_key_seals_them_on_the_way(course, bundle, tmp_path):
    done = course.run("release", tmp_path / "other", "--for", "classroom50", "--key-file", tmp_path / "key")
    assert done.status == 0, done.errors
    assert (tmp_path / "other" / "tests.sealed").read_bytes() == (bundle / "tests.sealed").read_bytes()


# --- Gradescope ----------------------------------------------------------------------------------


@pytest.fixture
def gradescope(course: Course, tmp_path: Path) -> Callable[..., dict]:
    """Uploads the zip, and runs `run_autograder` on a submission of some files; gives `results.json`."""
    done = course.run("release", tmp_path / "upload", "--gradescope")
    assert done.status == 0, done.errors
    top = tmp_path / "autograder"
    with zipfile.ZipFile(tmp_path / "upload" / "autograder.zip") as zipped:
        zipped.extractall(top / "source")
        modes = {entry.filename: entry.external_attr >> 16 & 0o777 for entry in zipped.infolist()}
    assert modes["run_autograder"] == modes["setup.sh"] == 0o755
    (top / "venv" / "bin").mkdir(parents=True)
    for name in ("python", "grade"):
        (top / "venv" / "bin" / name).symlink_to(Path(sys.executable).parent / name)

    def run(**files: str) -> dict:
        shutil.rmtree(top / "submission", ignore_errors=True)
        for name, text in files.items():
            path = top / "submission" / name.replace("__", "/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.with_suffix(".py").write_text(text)
        environment = {"PATH": PLAIN_PATH, "HOME": str(tmp_path), "AUTOGRADER": str(top)}
        subprocess.run(
            ["bash", str(top / "source" / "run_autograder")], env=environment, check=True, capture_output=True
        )
        return json.loads((top / "results" / "results.json").read_text())

    return run


def test_gradescope_gets_all_tests_with_visibilities(gradescope):
    result = gradescope(double=NO_THREAD)
    assert sum(test["score"] for test in result["tests"]) == 2
    assert sum(test["max_score"] for test in result["tests"]) == 4
    assert {test["name"].rpartition(" ")[2]: test["visibility"] for test in result["tests"]} != {}
    assert {test["visibility"] for test in result["tests"]} == {"visible", "after_published"}


def test_gradescope_takes_a_repository_too(gradescope):
    result = gradescope(exercises__double__double=REFERENCE)
    assert sum(test["score"] for test in result["tests"]) == 4


def test_what_cannot_be_taken_is_said_to_the_student(gradescope, tmp_path):
    result = gradescope(other="x = 1\n")
    assert result["score"] == 0 and "double" in json.dumps(result)


def test_hidden_tests_are_roots_alone(gradescope, tmp_path):
    gradescope(double=NO_THREAD)
    assert (tmp_path / "autograder" / "source").stat().st_mode & 0o077 == 0


def test_setup_installs_the_wheel_that_lies_beside_it(gradescope, tmp_path):
    setup = (tmp_path / "autograder" / "source" / "setup.sh").read_text()
    wheel = next((tmp_path / "autograder" / "source").glob("*.whl"))
    assert f'"$source/{wheel.name}"' in setup
    for name in ("setup.sh", "run_autograder", "confine.sh"):
        assert subprocess.run(["bash", "-n"], input=fill_quietly(name), text=True, check=False).returncode == 0


def fill_quietly(name: str) -> str:
    return fill(name, {"REQUIREMENT": "x"}).decode()


# --- others --------------------------------------------------------------------------------------


def test_dockers_folder_is_what_its_dockerfile_installs(course, tmp_path):
    assert course.run("release", tmp_path / "image", "--for", "docker").status == 0
    dockerfile = (tmp_path / "image" / "Dockerfile").read_text()
    wheel = next((tmp_path / "image").glob("*.whl"))
    assert (
        f"/opt/threadlab/{wheel.name}[seal]" in dockerfile
        and "bubblewrap" in dockerfile
        and "USER grader" in dockerfile
    )


def test_the_central_repository_has_hidden_tests_and_no_solution(course, tmp_path):
    assert course.run("release", tmp_path / "central", "--for", "central").status == 0
    names = {path.relative_to(tmp_path / "central").as_posix() for path in (tmp_path / "central").rglob("*")}
    assert "course/solutions/double/test_hidden.py" in names and "course/solutions/double/double.py" not in names
    done = course.run("run", course.submit({"double.py": REFERENCE}), "--json", "-")
    assert done.result["score"] == 4.0


def test_an_unknown_kind_lists_those_there_are(course, tmp_path):
    done = course.run("release", tmp_path / "x", "--for", "moodle")
    assert done.status == 2 and "there is no release for 'moodle'" in done.errors and "gradescope " in done.errors
    assert not os.path.exists(tmp_path / "x")
