"""From a release to points, with everything installed as it is there: the same number on every platform."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from grader.release.keys import VARIABLE
from tests.conftest import Runner, run_grade
from tests.release.jobs import PLAIN_PATH, Job, commit

ROOT = Path(__file__).parents[2]
PIP = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
FAULTY = "threaded_sum/one_after_the_other"
"""Next to the references of the other exercises: so that the number is no round one."""

pytestmark = pytest.mark.skipif(not os.environ.get("THREADLAB_ALL"), reason="takes long: make check-all")


@dataclass(frozen=True)
class Published:
    """What an instructor has published, what a student has made of it, and the points that it is worth."""

    folder: Path
    repository: Path
    key: str
    score: float


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Published:
    folder = tmp_path_factory.mktemp("published")
    grade = [sys.executable, "-m", "grader.cli"]
    for command in (
        ["seal", folder / "tests.sealed", "--new-key", folder / "key"],
        ["release", folder / "repository", "--sealed", folder / "tests.sealed"],
        ["release", folder / "bundle", "--classroom50", "--sealed", folder / "tests.sealed"],
        ["release", folder / "upload", "--gradescope"],
    ):
        subprocess.run([*grade, *map(str, command)], cwd=ROOT, check=True)
    repository = folder / "repository"
    commit(repository)
    for stub in repository.glob("exercises/*/*.py"):
        if stub.stem == stub.parent.name:
            stub.write_bytes((ROOT / "solutions" / stub.stem / stub.name).read_bytes())
    exercise, fault = FAULTY.split("/")
    faulty = (ROOT / "solutions" / exercise / "faulty" / f"{fault}.py").read_bytes()
    (repository / "exercises" / exercise / f"{exercise}.py").write_bytes(faulty)
    commit(repository)
    result = run_grade("run", repository / "exercises", "--course", ROOT, "--json", "-", cwd=folder, seconds=600).result
    assert result["inconclusive"] == 0 and 75 < result["score"] < 100 == result["max_score"]
    return Published(folder, repository, (folder / "key").read_text().strip(), result["score"])


def test_github(published, tmp_path):
    job = Job(tmp_path / "job", published.repository, {f"secrets.{VARIABLE}": published.key})
    job.run(published.repository / ".github/workflows/classroom.yml", "run-autograding-tests")
    outputs = Runner.outputs(job.files["output"].read_text())
    points = f"{published.score:g}"
    assert outputs["score"] == points
    assert ("notice", {"title": "Autograding complete"}, f"Points {points}/100") in Runner().read(job.log).commands
    reported = [data for name, _, data in Runner.reporter(outputs["result"]).commands if name == "notice"]
    assert any(f"Points {points}/100" in data for data in reported)
    assert f"{points} / 100" in job.files["step_summary"].read_text()
    assert published.key not in job.told()


def test_gitlab(published, tmp_path):
    template = yaml.safe_load((published.repository / ".gitlab-ci.yml").read_text())["grade"]
    job = Job(tmp_path / "job", published.repository)
    job.check_out()
    job._play("actions/setup-python", {})
    lines = ["unset ${!GITHUB_@}; export GITLAB_CI=true", *template["before_script"], *template["script"]]
    job.script("\n".join(lines), {VARIABLE: published.key})
    assert f"Score {published.score:g} / 100" in job.log
    suites = ElementTree.parse(job.workspace / "junit.xml").getroot()
    points = [prop.get("value") for prop in suites.iter("property") if prop.get("name") == "score"]
    assert sum(map(float, points)) in (published.score, 2 * published.score, 3 * published.score), points


def test_classroom50(published, tmp_path):
    job = Job(tmp_path / "job", published.repository)
    job.check_out()
    given = {
        "CLASSROOM": "cs", "ASSIGNMENT": "threads", "ASSIGNMENT_TYPE": "individual", "OWNER": "alice",
        "SUBMISSION_TAG": "submit/2026-11-27T10-00-00Z-abc1234", "COMMIT_URL": "https://example.org/c",
        "RELEASE_URL": "https://example.org/r", "REVIEW_URL": "https://example.org/v", VARIABLE: published.key,
    }  # fmt: skip
    job.script(f"{sys.executable} {published.folder}/bundle/autograder.py", given)
    result = json.loads((job.workspace / "result.json").read_text())
    assert (result["score"], result["max-score"]) == (4 * published.score, 400)
    assert sum(test["score"] for test in result["tests"]) == result["score"]
    assert f"{published.score:g} / 100" in (job.workspace / "release-body.md").read_text()
    assert not list((tmp_path / "job" / "temp").iterdir()), "something is left"


def test_gradescope(published, tmp_path):
    top = tmp_path / "autograder"
    with zipfile.ZipFile(published.folder / "upload" / "autograder.zip") as zipped:
        zipped.extractall(top / "source")
    subprocess.run(["git", "clone", "--quiet", str(published.repository), str(top / "submission")], check=True)
    environment = {"PATH": PLAIN_PATH, "HOME": str(tmp_path), "AUTOGRADER": str(top), **PIP}
    for script in ("setup.sh", "run_autograder"):
        subprocess.run(["bash", str(top / "source" / script)], env=environment, check=True)
    result = json.loads((top / "results" / "results.json").read_text())
    assert sum(test["score"] for test in result["tests"]) == published.score
    assert sum(test["max_score"] for test in result["tests"]) == 100


def test_sealed_by_hand(published, tmp_path):
    sealed, key = published.folder / "tests.sealed", published.folder / "key"
    args = ("run", published.repository / "exercises", "--sealed", sealed, "--key-file", key, "--json", "-")
    assert run_grade(*args, cwd=tmp_path, seconds=600).result["score"] == published.score
