"""The executor `dask`, with a scheduler and workers of its own on this machine: the same gradebook, whoever dies."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from grader.batch.attempts import BatchError
from grader.batch.dask import Dask
from grader.batch.executors import Plan
from grader.batch.messages import Setup
from grader.course import load_course
from tests.conftest import processes_with, reachable_folder

if TYPE_CHECKING:
    from tests.conftest import Course

pytest.importorskip("distributed")


def started(command: list[str], scratch: Path, says: str) -> tuple[subprocess.Popen[str], str]:
    """Starts a process and waits until it has said something; what matched."""
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"TMPDIR": str(scratch), "DASK_DISTRIBUTED__DASHBOARD__LINK": ""},
    )
    assert process.stderr is not None
    for line in process.stderr:
        if found := re.search(says, line):
            return process, found[0]
    raise AssertionError(f"{command} ended: {process.wait()}")


class Cluster:
    """A scheduler and workers that can be killed and added."""

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch
        self._processes: list[subprocess.Popen[str]] = []
        options = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard"]
        process, self.address = started(
            ["distributed.cli.dask_scheduler", *options], scratch, r"tcp://127\.0\.0\.1:\d+"
        )
        self._processes.append(process)

    def add(self) -> subprocess.Popen[str]:
        options = [self.address, "--nthreads", "1", "--no-nanny", "--no-dashboard", "--host", "127.0.0.1"]
        options += ["--local-directory", str(self._scratch)]
        process, _ = started(["distributed.cli.dask_worker", *options], self._scratch, "Registered to")
        self._processes.append(process)
        return process

    def close(self) -> None:
        for process in reversed(self._processes):
            process.kill()
            process.wait()
            assert process.stderr is not None
            process.stderr.close()
        ends = time.monotonic() + 60
        while processes_with(str(self._scratch)):  # our own processes end, and clear up, when a worker is gone
            assert time.monotonic() < ends, "processes are left behind"


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    with reachable_folder() as scratch, contextlib.closing(Cluster(scratch)) as cluster:
        yield cluster


def test_the_gradebook_is_the_same_though_a_worker_is_killed_and_one_is_added(
    course: Course, cluster: Cluster, tmp_path: Path
) -> None:
    reference = (course.root / "solutions" / "double" / "double.py").read_text()
    sources = {f"s{n:02}/double.py": f"{reference if n % 3 else 'import os'}\n# {n}\n" for n in range(12)}
    folder = course.submit(sources)
    course.run("batch", folder, "--out", tmp_path / "local")
    first, _ = cluster.add(), cluster.add()
    with reachable_folder() as scratch:
        command = ["batch", str(folder), "--out", str(tmp_path / "dask"), "--course", str(course.root)]
        command += ["--executor", "dask", "--scheduler", cluster.address]
        with subprocess.Popen(
            [sys.executable, "-m", "grader.cli", *command],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"TMPDIR": str(scratch)},
        ) as process:
            assert process.stderr is not None
            lines = []
            for line in process.stderr:
                lines.append(line)
                if len(lines) == 3:
                    first.send_signal(signal.SIGKILL)
                    cluster.add()
    assert process.returncode == 0, "".join(lines)
    for name in ("gradebook.csv", "gradebook.json"):
        assert (tmp_path / "dask" / name).read_bytes() == (tmp_path / "local" / name).read_bytes()


def test_a_worker_with_another_grader_is_named(course: Course, cluster: Cluster, tmp_path: Path) -> None:
    cluster.add()
    setup = Setup(str(course.root), {}, "another", "jail", [])
    with pytest.raises(BatchError, match=r"tcp://127\.0\.0\.1:\d+: a worker cannot grade: its grader .* another one"):
        Dask(Plan(setup, load_course(course.root), 1, tmp_path, cluster.address))


def test_a_scheduler_that_is_not_there_is_told(course: Course, tmp_path: Path) -> None:
    setup = Setup(str(course.root), {}, "x", "jail", [])
    with pytest.raises(BatchError, match="needs --scheduler ADDRESS"):
        Dask(Plan(setup, load_course(course.root), 1, tmp_path))
    with pytest.raises(BatchError, match="--scheduler nonsense://x: "):
        Dask(Plan(setup, load_course(course.root), 1, tmp_path, "nonsense://x"))
