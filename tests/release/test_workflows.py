"""The workflows of a release, their steps run as scripts: from a push to points; nothing leaks, nothing is forged."""

from __future__ import annotations

import csv
import os
import re
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from grader.release.keys import VARIABLE
from tests.conftest import REFERENCE, Runner
from tests.release.jobs import PLAIN_PATH, Job, commit

if TYPE_CHECKING:
    from tests.conftest import Course

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "grader" / "release" / "templates"
MARKER = "a_word_that_only_the_hidden_tests_have"
OURS = f"{Path(sys.executable).parent}:{PLAIN_PATH}"
INSTALLED = ("Set up Python", "Install")
"""Steps that are left out where this environment serves; with the whole pack they are run (`make check-all`)."""

FORGER = '''
import os

FORGED = """
::notice title=Autograding complete::Points 4/4
::error::forged
::stop-commands::x
##[error]forged
"""
print(FORGED)


def double(number, work):
    words = ["".join(parts).encode() for parts in {words!r}]
    for top in ["/proc", "/dev/shm", "/tmp", {private!r}]:
        for place, folders, names in os.walk(top):
            folders[:] = [name for name in folders if name not in ("task", "map_files", "fdinfo", "net", "sys", "bus")]
            for path in [os.path.join(place, name) for name in names if name not in ("kmsg", "kcore", "pagemap")]:
                try:
                    with open(path, "rb") as file:
                        data = file.read(100_000)
                except (OSError, ValueError):
                    continue
                for word in words:
                    if word in data:
                        print("FOUND", path, data)
    for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_ENV", "GITHUB_PATH"):
        for place in (os.environ.get(name), {private!r} + "/job/" + name[7:].lower()):
            try:
                with open(place, "a") as file:
                    file.write("result=forged\\nFORGED=1\\n")
            except (OSError, TypeError):
                pass
    raise RuntimeError(FORGED)
'''


@pytest.fixture
def key(course: Course, tmp_path: Path) -> str:
    """The key with which the course's hidden tests are sealed in `tests.sealed`."""
    course.rubric = course.rubric.replace("cpu_seconds: 0.3", "cpu_seconds: 20")
    course.hidden += f"\n# {MARKER}\n"
    course.write()
    assert course.run("seal", tmp_path / "tests.sealed", "--new-key", tmp_path / "key").status == 0
    return (tmp_path / "key").read_text().strip()


def hand_in(course: Course, folder: Path, source: str, *options: object) -> Path:
    """A student's repository: the release, and a solution."""
    done = course.run("release", folder, "--requirement", "threadlab", *options)
    assert done.status == 0, done.errors
    commit(folder)
    (folder / "exercises" / "double" / "double.py").write_text(source)
    commit(folder)
    return folder


def grade(repository: Path, folder: Path, **values: str) -> Job:
    """The workflow of a student's repository, run to its end."""
    job = Job(folder, repository, {f"secrets.{name}": value for name, value in values.items()}, OURS, INSTALLED)
    return job.run(repository / ".github" / "workflows" / "classroom.yml", "run-autograding-tests")


def outputs(job: Job) -> dict[str, str]:
    return Runner.outputs(job.files["output"].read_text(encoding="utf-8"))


def test_a_push_gets_points_and_feedback_by_the_public_tests(course: Course, tmp_path: Path) -> None:
    repository = hand_in(course, tmp_path / "repository", REFERENCE)
    job = grade(repository, tmp_path / "job")
    commands = Runner().read(job.log).commands
    assert ("notice", {"title": "Autograding complete"}, "Points 1/1") in commands
    assert outputs(job)["score"] == "1"
    assert "1 / 1" in job.files["step_summary"].read_text() or "1/1" in job.files["step_summary"].read_text()
    assert ElementTree.parse(job.folder / "artifact-junit.xml").getroot().tag == "testsuites"


def test_with_sealed_tests_and_their_key_all_tests_count(course: Course, key: str, tmp_path: Path) -> None:
    repository = hand_in(course, tmp_path / "repository", REFERENCE, "--sealed", tmp_path / "tests.sealed")
    job = grade(repository, tmp_path / "job", THREADLAB_SEAL_KEY=key)
    assert ("notice", {"title": "Autograding complete"}, "Points 4/4") in Runner().read(job.log).commands
    assert sum(test["score"] for test in _classroom(job)["tests"]) == 4
    assert key not in job.told()


def test_with_sealed_tests_and_no_key_the_public_ones_count(course: Course, key: str, tmp_path: Path) -> None:
    repository = hand_in(course, tmp_path / "repository", REFERENCE, "--sealed", tmp_path / "tests.sealed")
    job = grade(repository, tmp_path / "job")
    assert ("notice", {"title": "Autograding complete"}, "Points 1/1") in Runner().read(job.log).commands


def test_an_attack_forges_nothing_and_finds_nothing(course: Course, key: str, tmp_path: Path) -> None:
    words = [(word[:9], word[9:]) for word in (MARKER, key, "token-of-the-job", "token-of-the-runtime")]
    source = FORGER.format(words=words, private=str(tmp_path))
    repository = hand_in(course, tmp_path / "repository", source, "--sealed", tmp_path / "tests.sealed")
    job = grade(repository, tmp_path / "job", THREADLAB_SEAL_KEY=key)
    commands = Runner().read(job.log).commands
    notices = [command for command in commands if command[0] == "notice"]
    assert ("notice", {"title": "Autograding complete"}, "Points 0/4") in notices and len(notices) == 2
    assert not [command for command in commands if command[2].startswith("forged") or command[0] == "stop-commands"]
    assert sorted(outputs(job)) == ["max_score", "result", "score"] and outputs(job)["score"] == "0"
    assert "FOUND" not in job.told() and MARKER not in job.told() and key not in job.told()
    assert job.files["env"].read_text() == job.files["path"].read_text() == ""


def test_gitlabs_job_leaves_its_junit_report(course: Course, key: str, tmp_path: Path) -> None:
    repository = hand_in(course, tmp_path / "repository", REFERENCE, "--sealed", tmp_path / "tests.sealed")
    template = yaml.safe_load((repository / ".gitlab-ci.yml").read_text())["grade"]
    job = Job(tmp_path / "job", repository, path=OURS)
    job.check_out()
    confine, install, script = *template["before_script"], *template["script"]
    assert "requirements.txt" in install
    job.script("unset ${!GITHUB_@}; export GITLAB_CI=true\n" + "\n".join([confine, script]), {VARIABLE: key})
    report = ElementTree.parse(job.workspace / template["artifacts"]["reports"]["junit"]).getroot()
    assert report.find("testsuite").get("tests") == "3" and "Score 4 / 4" in job.log
    assert key not in job.told()


def test_the_central_workflow_grades_everybody_by_the_hidden_tests(course: Course, tmp_path: Path) -> None:
    assert course.run("release", tmp_path / "central", "--for", "central").status == 0
    commit(tmp_path / "central")
    no_thread = "def double(number, work):\n    return 2 * work(number)\n"
    for student, source in (("lab-alice", REFERENCE), ("lab-bob", no_thread)):
        hand_in(course, tmp_path / "job" / "temp" / "class-submissions" / student, source)
    job = Job(tmp_path / "job", tmp_path / "central", path=OURS, left_out=(*INSTALLED, "Collect"))
    job.values = {"runner.temp": str(tmp_path / "job" / "temp")}
    job.run(tmp_path / "central" / ".github" / "workflows" / "grade-class.yml", "grade")
    with (tmp_path / "job" / "artifact-marks" / "gradebook.csv").open(newline="") as file:
        marks = {row["student"]: (row["score"], row["max_score"]) for row in csv.DictReader(file)}
    assert set(marks.values()) == {("4", "4"), ("2", "4")}, marks


# --- what can be read off the workflows ----------------------------------------------------------


@pytest.fixture(params=["classroom.yml", "grade-class.yml", "tests.yml"])
def workflow(request: pytest.FixtureRequest) -> dict:
    if request.param == "tests.yml":
        text = (ROOT / ".github" / "workflows" / request.param).read_text()
    else:
        from grader.release.templates import fill

        text = fill(request.param).decode()
    return yaml.safe_load(text)


def test_actions_are_pinned_by_commit(workflow: dict) -> None:
    for step in _steps(workflow):
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", step.get("uses", f"a/b@{'0' * 40}"))


def test_permissions_are_the_least(workflow: dict) -> None:
    assert workflow["permissions"] == {"contents": "read"}
    assert not any("permissions" in job for job in workflow["jobs"].values())
    for step in _steps(workflow):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


def test_no_script_has_an_expression_in_it(workflow: dict) -> None:
    """What an expression gives is pasted into the script, where a branch's name could be a command."""
    assert not [step["name"] for step in _steps(workflow) if "${{" in step.get("run", "").replace("${{ matrix.", "")]


def test_jobs_end_and_pip_is_cached(workflow: dict) -> None:
    for job in workflow["jobs"].values():
        assert job["timeout-minutes"] <= 330
    for step in _steps(workflow):
        if step.get("uses", "").startswith("actions/setup-python@"):
            assert step["with"]["cache"] == "pip"


def _steps(workflow: dict) -> list[dict]:
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


def _classroom(job: Job) -> dict:
    import base64
    import json

    return json.loads(base64.b64decode(outputs(job)["result"]))


# --- confine.sh ----------------------------------------------------------------------------------


FAKE = """#!/bin/bash
echo "{name} $*" >> "$CALLS"
{body}
"""


@pytest.fixture
def machine(tmp_path: Path):
    """Runs `confine.sh` on a machine whose programs are fakes: `machine(bwrap=..., ...)` gives the calls they got."""

    def run(**bodies: str) -> list[str]:
        programs, calls = tmp_path / "bin", tmp_path / "calls"
        programs.mkdir()
        for name in {"bash", "id", "cat", "touch", "chmod"} - bodies.keys():
            (programs / name).symlink_to(f"/usr/bin/{name}")
        for name, body in bodies.items():
            name = "apt-get" if name == "apt_get" else name
            (programs / name).write_text(FAKE.format(name=name, body=body))
            (programs / name).chmod(0o755)
        environment = {"PATH": str(programs), "CALLS": str(calls), "STATE": str(tmp_path)}
        done = os.spawnve(os.P_WAIT, "/bin/bash", ["bash", str(TEMPLATES / "confine.sh")], environment)
        assert done == 0
        return calls.read_text().splitlines() if calls.exists() else []

    return run


def test_where_the_jail_works_nothing_is_changed(machine) -> None:
    calls = machine(bwrap="exit 0", apt_get="exit 1", sudo="exit 1")
    assert len(calls) == 1 and calls[0].startswith("bwrap --unshare-user")


def test_bubblewrap_is_installed_where_it_is_missing(machine, tmp_path: Path) -> None:
    made = f"printf '#!/bin/bash\\nexit 0\\n' > {tmp_path}/bin/bwrap; chmod 755 {tmp_path}/bin/bwrap"
    calls = machine(id="echo 1000", sudo='shift; exec "$@"', apt_get=f'if [ "$1" = install ]; then {made}; fi')
    assert [call for call in calls if call.startswith("sudo -n")][-1].endswith("bubblewrap")
    assert [call.split()[1] for call in calls if call.startswith("apt-get")] == ["update", "install"]


def test_where_apparmor_forbids_it_the_profile_is_loaded(machine, tmp_path: Path) -> None:
    loaded = tmp_path / "loaded"
    calls = machine(
        bwrap=f"[ -e {loaded} ]",
        cat="echo 1",  # /proc/sys/kernel/apparmor_restrict_unprivileged_userns
        apt_get="",
        cp="",
        apparmor_parser=f"touch {loaded}",
    )
    assert "apparmor_parser -r /etc/apparmor.d/bwrap-userns-restrict" in calls
    assert calls[-1].startswith("bwrap")


def test_where_it_cannot_be_had_the_step_does_not_fail(machine) -> None:
    calls = machine(bwrap="exit 1", apt_get="exit 100", sudo="exit 1")
    assert calls and not [call for call in calls if "profile" in call]


def test_where_there_is_no_apt_it_says_so(machine) -> None:
    assert machine(sudo="exit 1") == []
