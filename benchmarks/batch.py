"""How fast `grade batch` grades a course, beside a shell loop of `grade` and a loop of plain pytest, in the same run.

    python benchmarks/batch.py [--sizes 50 150 300] [--without races] [--loop 10] [--jobs N] [--alike]

Makes submissions by a fixed seed (see corpus.py: one in ten stuck, one in fifty hostile, no two files the same unless
`--alike` is given) and prints for each size the rate and the cost of a submission, in seconds of wall clock and of CPU;
then the same for a loop of `grade run` and for a loop of plain `pytest` with the public tests, over the first `--loop`
submissions.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from corpus import make

ROOT = Path(__file__).parents[1]
GRADE = [sys.executable, "-m", "grader.cli"]


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds of wall clock, and of CPU of all children that were waited for (jailed processes are not among them)."""
    begun, before = time.perf_counter(), os.times()
    work()
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return time.perf_counter() - begun, cpu


def run(*command: str) -> None:
    """Runs a command, whose exit status may be anything but a fault of the grader's."""
    nowhere = subprocess.DEVNULL
    done = subprocess.run([*GRADE, *command], cwd=ROOT, stdout=nowhere, stderr=nowhere, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(f"grade {' '.join(command)}: exit status {done.returncode}")


def pytest_on(submission: Path, place: Path) -> None:
    """The public tests with plain pytest, each exercise beside its tests as a student has it."""
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(ROOT / "exercises", place / "exercises")
    shutil.copy(ROOT / "course.yaml", place)
    for file in submission.glob("*/*.py"):
        shutil.copy(file, place / "exercises" / file.parent.name)
    subprocess.run([sys.executable, "-m", "pytest", "-q", str(place / "exercises")], cwd=place,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)  # fmt: skip


def show(what: str, count: int, seconds: float, cpu: float) -> float:
    """Prints a line; seconds a submission."""
    each = seconds / count
    cost = f"{each:6.3f} s each, {cpu / count:6.3f} s CPU"
    print(f"{what:<34} {count:>4} in {seconds:7.1f} s: {count / seconds:5.2f}/s, {cost}", flush=True)
    return each


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[50, 150, 300])
    parser.add_argument("--without", action="append", default=[])
    parser.add_argument("--loop", type=int, default=10)
    parser.add_argument("--jobs", type=int)
    parser.add_argument("--alike", action="store_true")
    options = parser.parse_args()
    without = [word for group in options.without for word in ("--without", group)]
    jobs = ["--jobs", str(options.jobs)] if options.jobs else []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        measure(folder, options.sizes, options.loop, without, jobs, options.alike)


def measure(folder: Path, sizes: Sequence[int], loop: int, without: list[str], jobs: list[str], alike: bool) -> None:
    """One run of everything; prints as it goes."""
    each = []
    for size in sizes:
        handed_in, out = folder / f"in{size}", folder / f"out{size}"
        make(handed_in, size, alike=alike)
        command = ["batch", str(handed_in), "--out", str(out), *without, *jobs]
        each.append(show("grade batch", size, *timed(lambda command=command: run(*command))))  # type: ignore[misc]
        again = timed(lambda command=command: run(*command))[0]  # type: ignore[misc]
        print(f"  the same command again, all known: {again:.1f} s")
    print(f"  dearest size over cheapest: {max(each) / min(each):.3f}")
    some = sorted((folder / f"in{sizes[0]}").iterdir())[:loop]
    show("loop of grade run", len(some), *timed(lambda: each_of(some, lambda one: run("run", str(one), *without))))
    plain = folder / "plain"
    show("loop of pytest, public tests", len(some), *timed(lambda: each_of(some, lambda one: pytest_on(one, plain))))


def each_of(paths: Sequence[Path], work: Callable[[Path], None]) -> None:
    """One after the other, as a shell loop does."""
    for path in paths:
        work(path)


if __name__ == "__main__":
    main()
