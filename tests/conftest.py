"""What the tests share: a miniature course, gradings of it, and student processes made from a string."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

import grader
from grader.jail import Cell, TierUnavailable, open_cell
from grader.testing.bench import Bench, rlimits
from grader.testing.calls import Call
from grader.testing.connecting import Connect
from grader.testing.probe import Probe
from grader.testing.quiet import LoopbackFlush
from grader.testing.schedule import Run, play
from grader.testing.site import Site
from grader.testing.student import Student
from grader.testing.watch import Limits

# What a shell has put into the background ignores Ctrl-C, and so would all that tests start and interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)

TIERS = ("jail", "landlock", "limits")

STUB = '''
"""Twice what a thread works out."""


def double(number, work):
    """Call `work(number)` in a thread of its own, and return twice what it gives."""
    raise NotImplementedError
'''

REFERENCE = """
import threading


def double(number, work):
    found = []
    thread = threading.Thread(target=lambda: found.append(work(number)))
    thread.start()
    thread.join()
    return 2 * found[0]
"""

RUBRIC = """
title: Twice
points: 4
defines: {double: function}
limits: {memory_mib: 200, processes: 100, cpu_seconds: 0.3, idle_seconds: 0.6}
rules:
  twice: "Returns twice what `work(number)` gives."
  own-thread: "`work` is called in a thread of its own."
hints:
  twice: ["What is twice nothing?"]
groups:
  correctness:
    points: 2
    tests: {test_twice: 1, test_twice_of_a_fraction: 1}
  blocking:
    points: 2
    tests: {test_work_has_its_own_thread: 2}
"""

PUBLIC = """
from grader.testing import rule

@rule("twice")
def test_twice(student, probe):
    work = probe("work", answer=lambda call: call.args[0])
    assert student.double(4, work) == 8, "double(4, ...) did not give twice 4"
"""

HIDDEN = """
from grader.testing import rule

@rule("twice")
def test_twice_of_a_fraction(student, probe):
    work = probe("work", answer=lambda call: call.args[0])
    assert student.double(0.5, work) == 1.0, "the double of a fraction was not twice the fraction"

@rule("own-thread")
def test_work_has_its_own_thread(student, probe):
    work = probe("work", returns=1)
    student.double(1, work)
    assert [call.is_caller for call in work.calls] == [False], "work was not called once, in another thread"
"""


@dataclass
class Graded:
    """What one run of the command line came to."""

    status: int
    output: str
    errors: str

    @property
    def result(self) -> dict[str, Any]:
        """The result of a run with `--json -`."""
        found: dict[str, Any] = json.loads(self.output)
        return found

    def exercise(self, name: str = "double") -> dict[str, Any]:
        """The result of one exercise."""
        return next(found for found in self.result["exercises"] if found["name"] == name)


@dataclass
class Course:
    """A miniature course: exercises that all ask for `double`."""

    root: Path
    names: tuple[str, ...] = ("double",)
    points: int = 4
    rubric: str = RUBRIC
    public: str = PUBLIC
    hidden: str | None = HIDDEN

    def write(self) -> Course:
        """Writes it into its root."""
        listed = "".join(f"  - {{name: {name}, points: {self.points}}}\n" for name in self.names)
        _write(self.root / "course.yaml", f"title: A miniature\nexercises:\n{listed}")
        for name in self.names:
            folder, solution = self.root / "exercises" / name, self.root / "solutions" / name
            _write(folder / f"{name}.py", STUB)
            _write(folder / "exercise.yaml", self.rubric)
            _write(folder / "test_public.py", self.public)
            if self.hidden is not None:
                _write(solution / "test_hidden.py", self.hidden)
                _write(solution / f"{name}.py", REFERENCE)
        return self

    def submit(self, files: Mapping[str, str]) -> Path:
        """Makes a submission of some files, by their paths in it."""
        folder = self.root.parent / "handed_in"
        folder.mkdir(exist_ok=True)
        for name, text in files.items():
            _write(folder / name, text)
        return folder

    def run(self, *args: object, cwd: Path | None = None, seconds: float = 60) -> Graded:
        """Runs `grade` with these arguments on this course, as a user would."""
        return run_grade(*args, "--course", self.root, cwd=cwd or self.root.parent, seconds=seconds)

    def grade(self, source: str, *args: object) -> Graded:
        """Grades `double.py` with this text; the result is read from `--json -`."""
        path = self.submit({"double.py": source}) / "double.py"
        return self.run("run", path, "--json", "-", *args)


def run_grade(*args: object, cwd: Path, seconds: float = 60, **environment: str) -> Graded:
    """Runs the command line in a process of its own, all its temporary files in a folder of its own."""
    command = [sys.executable, "-m", "grader.cli", *map(str, args)]
    with reachable_folder() as scratch:
        done = subprocess.run(
            command,
            cwd=cwd,
            env=os.environ | {"TMPDIR": str(scratch)} | environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            check=False,
        )
        left = [entry.name for entry in scratch.iterdir()]
        assert not left, f"files are left behind: {left}"
        assert not processes_with(str(scratch)), "processes are left behind"
    return Graded(done.returncode, done.stdout.decode(), done.stderr.decode())


class reachable_folder:  # noqa: N801 - used like a function
    """A temporary folder that the student's user may enter: those of pytest's `tmp_path` are private."""

    def __enter__(self) -> Path:
        self._path = Path(tempfile.mkdtemp(prefix="threadlab-test-"))
        self._path.chmod(0o755)
        return self._path

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._path)


def processes_with(marker: str) -> list[int]:
    """The processes of this machine with `marker` in their command line."""
    found = []
    for entry in os.listdir("/proc"):
        try:
            if entry.isdigit() and marker.encode() in Path("/proc", entry, "cmdline").read_bytes():
                found.append(int(entry))
        except OSError:
            continue
    return [pid for pid in found if pid != os.getpid()]


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.fixture(scope="session")
def make_course() -> Callable[..., Course]:
    """Makes a miniature course: `make_course(root, names)`."""

    def make(root: Path, names: tuple[str, ...] = ("double",)) -> Course:
        return Course(root, names).write()

    return make


@pytest.fixture(scope="session", name="processes_with")
def _processes_with() -> Callable[[str], list[int]]:
    """The processes with some text in their command line."""
    return processes_with


@pytest.fixture
def package_alone(tmp_path: Path) -> Callable[..., Graded]:
    """Runs a copy of the command line that has no course beside it, in an empty folder."""
    shutil.copytree(Path(grader.__file__).parent, tmp_path / "site" / "grader")
    (tmp_path / "empty").mkdir()
    return lambda *args: run_grade(*args, cwd=tmp_path / "empty", PYTHONPATH=str(tmp_path / "site"))


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A course of one exercise, `double`, with public and hidden tests."""
    return Course(tmp_path / "course").write()


# --- student processes from a string ---------------------------------------------------------


@dataclass
class Lab:
    """One student process, and what a test has to do with it."""

    student: Student
    bench: Bench
    _closers: list[Callable[[], None]] = field(default_factory=list)

    @property
    def pid(self) -> int:
        """The process, as numbered outside the jail."""
        return self.student._process.pid

    def probe(self, name: str = "probe", **options: Any) -> Probe:
        """As the fixture `probe`."""
        return self.student.add_probe(name, options)

    def gate(self, name: str = "gate", **options: Any) -> Probe:
        """As the fixture `gate`."""
        return self.student.add_probe(name, {"held": True, **options})

    def connect(self) -> Connect:
        """As the fixture `connect`."""
        connect = Connect(self.bench.cell, self.student.loop)
        self.student.afterwards.callback(connect.close)
        return connect

    def site(self) -> Site:
        """As the fixture `site`."""
        site = Site(self.bench.cell, self.student.loop)
        self._closers.append(site.close)
        return site

    def schedule(self, call: Call | None, source: Any, cost: Any = lambda _: 1, cores: int | None = None) -> Run:
        """As the fixture `schedule`."""
        return play(self.student, call, source, cost, cores)

    def close(self) -> None:
        """Closes what was opened, before the process is ended."""
        for close in self._closers:
            close()


class Labs:
    """Starts student processes in one cell."""

    def __init__(self, cell: Cell, top: Path) -> None:
        self.cell = cell
        self.top = top
        self.flush = LoopbackFlush()
        self._count = 0
        self._opened: list[Any] = []

    def bench(self, source: str, defines: dict[str, str] | None = None, **limits: Any) -> Bench:
        """A bench for a submission with this text."""
        self._count += 1
        file = self.top / f"number_{self._count}" / "program.py"
        _write(file, dedent(source))
        for path in (file.parent, file):
            path.chmod(0o755)
        given: dict[str, Any] = {"cpu_seconds": 1.0, "idle_seconds": 2.0, **limits}
        return Bench(self.cell, self.flush, file, self.top, defines or {}, Limits(**given))

    def __call__(self, source: str, defines: dict[str, str] | None = None, **limits: Any) -> Lab:
        """A student process with this text as its module; ended at the end of the test."""
        bench = self.bench(source, defines, **limits)
        opened = bench.student()
        lab = Lab(opened.__enter__(), bench)
        self._opened.append((lab, opened))
        return lab

    def end_all(self) -> None:
        """Ends the student processes of one test."""
        while self._opened:
            lab, opened = self._opened.pop()
            lab.close()
            opened.__exit__(None, None, None)

    def close(self) -> None:
        """Ends the cell."""
        self.flush.close()
        self.cell.close()


def _open_labs(top: Path, tier: str | None, masked: tuple[Path, ...] = ()) -> Labs:
    try:
        return Labs(open_cell(top, rlimits(Limits()), masked, tier), top)
    except TierUnavailable as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def _labs() -> Iterator[Labs]:
    with reachable_folder() as top:
        labs = _open_labs(top, None)
        yield labs
        labs.close()


@pytest.fixture(scope="session", params=TIERS)
def _labs_of_each_tier(request: pytest.FixtureRequest) -> Iterator[Labs]:
    with reachable_folder() as top:
        labs = _open_labs(top, request.param)
        yield labs
        labs.close()


@pytest.fixture
def lab(_labs: Labs) -> Iterator[Labs]:
    """Starts student processes at the strongest tier that works: `lab(source)` gives a `Lab`."""
    yield _labs
    _labs.end_all()


@pytest.fixture
def lab_at(_labs_of_each_tier: Labs) -> Iterator[Labs]:
    """The same, once for each tier."""
    yield _labs_of_each_tier
    _labs_of_each_tier.end_all()


@pytest.fixture
def reachable() -> Iterator[Path]:
    """A temporary folder that the student's user may enter."""
    with reachable_folder() as folder:
        yield folder


@pytest.fixture
def labs_in() -> Iterator[Callable[..., Labs]]:
    """Opens a cell of its own: `labs_in(folder, tier, masked)`."""
    opened: list[Labs] = []

    def make(top: Path, tier: str | None = None, masked: tuple[Path, ...] = ()) -> Labs:
        opened.append(_open_labs(top, tier, masked))
        return opened[-1]

    yield make
    for labs in opened:
        labs.end_all()
        labs.close()


@pytest.fixture(params=TIERS)
def tier(request: pytest.FixtureRequest) -> str:
    """The name of each tier that works here."""
    with reachable_folder() as top:
        try:
            open_cell(top, rlimits(Limits()), (), request.param).close()
        except TierUnavailable as error:
            pytest.skip(str(error))
    return str(request.param)


# --- what reads the output of a job on GitHub ------------------------------------------------


class Runner:
    """GitHub's runner as it reads the output of a step, after its sources (`ActionCommand`, `ActionCommandManager`).

    A command is a line that begins with `::`, whatever white space is before it, or one with `##[` anywhere. It
    compares by culture, which skips some characters: here all that are not ASCII.
    """

    KNOWN = frozenset(
        {"notice", "warning", "error", "debug", "group", "endgroup", "add-mask", "add-matcher", "remove-matcher"}
        | {"set-output", "save-state", "set-env", "add-path", "echo", "stop-commands", "internal-set-repo-path"}
    )

    def __init__(self) -> None:
        self.commands: list[tuple[str, dict[str, str], str]] = []
        self.log: list[str] = []
        self._token: str | None = None

    def read(self, output: str) -> Runner:
        """Takes the output of a step in."""
        for line in re.split(r"\r\n|\n|\r", output):
            found = self._parsed(line) or self._parsed(re.sub(r"[^ -~]", "", line))
            if found is None or (self._token is not None and found[0] != self._token):
                self.log.append(line)
            elif found[0] == "stop-commands":
                self._token = found[2]
            elif found[0] == self._token:
                self._token = None
            else:
                self.commands.append(found)
        return self

    def _parsed(self, line: str) -> tuple[str, dict[str, str], str] | None:
        start, end, separator = "::", "::", ","
        line = line.strip()
        if not line.startswith(start):
            start, end, separator = "##[", "]", ";"
        _, found, rest = line.partition(start)
        info, closed, data = rest.partition(end)
        name, _, given = info.partition(" ")
        if not found or not closed or name not in self.KNOWN | {self._token}:
            return None
        pairs = [pair.partition("=") for pair in given.split(separator) if "=" in pair]
        return name, {key.strip(): self._plain(value, ":,") for key, _, value in pairs}, self._plain(data)

    @staticmethod
    def _plain(value: str, more: str = "") -> str:
        for char in "\r\n" + more:
            value = value.replace(f"%{ord(char):02X}", char)
        return value.replace("%25", "%")

    @staticmethod
    def outputs(file: str) -> dict[str, str]:
        """What a step has left in the file that `GITHUB_OUTPUT` names."""
        found, lines = {}, iter(file.splitlines())
        for line in lines:
            at = min((line.find(mark) for mark in ("=", "<<") if mark in line), default=-1)
            if not line:
                continue
            assert at > 0, f"the runner fails the step for this line: {line!r}"
            if line[at] == "=":
                found[line[:at]] = line[at + 1 :]
            else:
                delimiter = line[at + 2 :]
                found[line[:at]] = "\n".join(iter(lambda: next(lines), delimiter))
        return found

    @classmethod
    def reporter(cls, output: str) -> Runner:
        """Classroom's reporter: takes the step output `result`, prints every test and the points into its own log."""
        given = json.loads(base64.b64decode(output, validate=True))
        printed = []
        for test in given["tests"]:
            printed += [f"{test['status']} {test['name']}", test["test_code"], test["message"]]
        score = sum(test["score"] for test in given["tests"])
        most = given["max_score"]
        if most:
            printed.append(
                f"::notice title=Autograding complete::Points {_as_javascript(score)}/{_as_javascript(most)}"
            )
            points = f'{{"totalPoints":{_as_javascript(score)},"maxPoints":{_as_javascript(most)}}}'
            printed.append(f"::notice title=Autograding report::{points}")
        return cls().read("\n".join(printed))


def _as_javascript(number: float) -> str:
    return str(int(number)) if number == int(number) else repr(number)


@pytest.fixture(scope="session")
def runner() -> type[Runner]:
    """A model of GitHub's runner and of Classroom's reporter."""
    return Runner
