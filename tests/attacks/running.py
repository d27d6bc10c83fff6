"""Has attacks graded for real, through the command line, and keeps what came of it and what was left behind.

Below tier `jail` a submission may do much harm: there the whole grader runs in a box of its own, made with bubblewrap,
with its own processes and network, so that nobody but itself is hit.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.attacks.corpus import MINIATURE, RACES, Attack
from tests.conftest import REFERENCE, RUBRIC, Course, reachable_folder

ROOT = Path(__file__).parents[2]
SECRET = "threadlab-attack-secret"
"""Held by variables of the grader's environment, as tokens are."""

_SECRETS = {"GITHUB_TOKEN": SECRET, "AWS_SECRET_ACCESS_KEY": SECRET, "THREADLAB_KEY": SECRET}
_WATCHED = ("/tmp", "/var/tmp", "/dev/shm", "/")
_NOBODY = 65534
_LAST_RESORT_SECONDS = 600
_SUPERVISE = Path(__file__).with_name("supervise.py")
_OPEN_TO_ALL = ("/dev/shm", "/var/tmp", "/tmp")
_OURS = sorted({str(ROOT), sys.prefix, sys.base_prefix})
_BOX = [
    "bwrap", "--die-with-parent", "--cap-add", "ALL", "--unshare-pid", "--unshare-net", "--unshare-ipc",
    "--dev-bind", "/", "/", "--proc", "/proc",
    *(word for folder in _OPEN_TO_ALL for word in ("--perms", "1777", "--tmpfs", folder)),
    *(word for path in _OURS if path.startswith(_OPEN_TO_ALL) for word in ("--bind", path, path)),
]  # fmt: skip
"""Everything as it is outside, but for processes, network, IPC and the folders that all may write to.

Where we lie in one of those ourselves, as a clone in `/tmp` does, we stay.
"""


_RACES_RUBRIC = RUBRIC.replace("test_twice_of_a_fraction", "test_two_callers_at_once").replace(
    "test_work_has_its_own_thread", "test_calls_take_their_time_side_by_side"
)
_RACES_HIDDEN = """
from grader.testing import rule

@rule("twice")
def test_two_callers_at_once(world):
    work = world.probe("work", answers=[(3, 30), (4, 40)])
    with world.thread():
        first = world.call("double", 3, work)
    second = world.call("double", 4, work)

    @world.every_schedule
    def check(ran):
        assert ran[first] == 60 and ran[second] == 80, "two callers at once got each other's results"

@rule("own-thread")
def test_calls_take_their_time_side_by_side(world):
    work = world.probe("work", returns=1, takes=5)
    with world.thread():
        world.call("double", 3, work)
    world.call("double", 4, work)
    ran = world.speedup(cores=2)
    assert len(ran.calls(work)) == 2, "work was not called twice"
    assert ran.makespan == 5, "two calls at once on two cores took longer than one"
"""


@dataclass(frozen=True)
class Run:
    """What one run of `grade` came to."""

    status: int | None
    """None: it never ended."""
    output: str
    errors: str
    processes: list[str] = field(default_factory=list)
    """Command lines of what it left running."""
    files: list[str] = field(default_factory=list)
    connections: int = 0
    """How many reached the listener outside."""

    @property
    def result(self) -> dict[str, Any]:
        """The result as JSON; empty if there is none."""
        try:
            found: dict[str, Any] = json.loads(self.output)
        except ValueError:
            return {}
        return found

    def exercise(self, name: str) -> dict[str, Any]:
        """The result of one exercise; empty if there is none."""
        return next((found for found in self.result.get("exercises", []) if found["name"] == name), {})


class Range:
    """Where attacks are run: a miniature course where student processes could enter, and the pack that ships."""

    def __init__(self, folder: Path) -> None:
        """Args: folder: empty, and open to everybody."""
        self._folder = folder
        self._courses = {
            MINIATURE: Course(folder / "course").write().root,
            RACES: Course(folder / "races", (RACES,), rubric=_RACES_RUBRIC, hidden=_RACES_HIDDEN).write().root,
        }
        self._honest = folder / "honest" / f"{MINIATURE}.py"
        self._honest.parent.mkdir()
        self._honest.write_text(REFERENCE)
        self._alone: dict[str, Any] = {}
        self._lock = threading.Lock()

    def run(self, attack: Attack, tier: str) -> Run:
        """Grades one attack at a tier."""
        with tempfile.TemporaryDirectory(prefix="attack-", dir=self._folder) as folder:
            Path(folder).chmod(0o755)
            path = attack.lay_out(Path(folder))
            course = self._courses.get(attack.exercise, ROOT)
            return self._grade(tier, path, "-e", attack.exercise, "--course", course)

    def next_differs(self, tier: str) -> str:
        """Grades the submission that comes next; how its result is not what it is alone, empty if it is the same."""
        with self._lock:
            if tier not in self._alone:
                self._alone[tier] = self._grade_honest(tier)
        run, alone = self._grade_honest(tier), self._alone[tier]
        if _timeless(alone.result) == _timeless(run.result) and alone.status == run.status == 0:
            return ""
        return f"the next submission's result is not what it is alone: {run.status} {run.output[:2000]} {run.errors}"

    def _grade_honest(self, tier: str) -> Run:
        return self._grade(tier, self._honest, "--course", self._courses[MINIATURE])

    def _grade(self, tier: str, path: Path, *options: object) -> Run:
        command = [sys.executable, "-m", "grader.cli", "run", str(path), "--json", "-", "--tier", tier]
        with tempfile.TemporaryDirectory(prefix="threadlab-test-", dir=self._folder) as scratch:
            Path(scratch).chmod(0o755)
            plan = {
                "command": [*command, *map(str, options)],
                "folder": str(self._folder),
                "environment": os.environ | _SECRETS | {"TMPDIR": scratch, "PYTHONPATH": str(ROOT)},
                "watched": [scratch, *_WATCHED],
                "student": _NOBODY if os.geteuid() == 0 else None,
                "seconds": _LAST_RESORT_SECONDS,
            }
            return _supervised(plan, [] if tier == "jail" else [*_BOX, "--bind", *[str(self._folder)] * 2])


def _supervised(plan: Mapping[str, Any], box: list[str]) -> Run:
    command = [*box, sys.executable, "-I", "-S", str(_SUPERVISE), json.dumps(plan)]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    except OSError as error:
        if error.errno != errno.EFAULT:  # by execve, seen twice in thousands of starts; nothing has been run then
            raise
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"the grading could not be supervised: {done.stderr[-2000:]}")
    return Run(**json.loads(done.stdout))


def _timeless(result: dict[str, Any]) -> bytes:
    """A result as bytes, without the durations of its tests."""
    tests = [test for exercise in result.get("exercises", []) for test in exercise["tests"]]
    return json.dumps(
        result | {"exercises": [e | {"tests": []} for e in result.get("exercises", [])]}
    ).encode() + b"".join(
        json.dumps({key: value for key, value in test.items() if key != "duration"}).encode() for test in tests
    )


@contextmanager
def opened_range() -> Iterator[Range]:
    """A range, gone at the end of the block."""
    with reachable_folder() as folder:
        yield Range(folder)


def why_not(tier: str) -> str:
    """Why attacks are not run at a tier on this machine; empty if they are."""
    from grader.jail import TierUnavailable, open_cell
    from grader.testing.bench import rlimits
    from grader.testing.watch import Limits

    if tier != "jail" and os.geteuid() != 0:
        return "below `jail` attacks are run by root only: another user's submission would be the same user"
    if tier != "jail" and shutil.which("bwrap") is None:
        return "below `jail` attacks are run in a box made with bubblewrap, which is not installed"
    with reachable_folder() as top:
        try:
            open_cell(top, rlimits(Limits()), (), tier).close()
        except TierUnavailable as error:
            return str(error)
    return ""
