"""The references, graded over and over: how many verdicts are false failures?

    python benchmarks/reliability.py [--quiet 100] [--loaded 100] [--load 6]

Each grading is the command `grade solutions --json -`, in a process of its own.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from pathlib import Path

from grader.checking.conditions import busy_loops
from grader.results import from_json

ROOT = Path(__file__).parents[1]
GRADE = [sys.executable, "-m", "grader.cli", "run", str(ROOT / "solutions"), "--json", "-"]


def series(count: int, load: int) -> int:
    """Grades `count` times under `load` busy loops; the number of gradings that were not full marks."""
    short, times = 0, []
    with busy_loops(load):
        for number in range(1, count + 1):
            begun = time.perf_counter()
            done = subprocess.run(GRADE, stdout=subprocess.PIPE, check=False, cwd=ROOT)
            times.append(time.perf_counter() - begun)
            result = from_json(done.stdout)
            if result.score != result.max_score or done.returncode:
                short += 1
                for exercise in result.exercises:
                    for test in exercise.tests:
                        if test.verdict != "passed":
                            print(f"  {number}: {exercise.name}.{test.name} {test.verdict}: {test.reason}", flush=True)
            if number % 10 == 0:
                print(f"  {number}/{count}, {short} short of full marks", file=sys.stderr, flush=True)
    median = statistics.median(times) if times else 0.0
    print(f"{count} gradings under {load} busy loops: {short} short of full marks; median {median:.2f} s", flush=True)
    return short


def main() -> int:
    """Runs both series; 1 if any grading was short of full marks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quiet", type=int, default=100)
    parser.add_argument("--loaded", type=int, default=100)
    parser.add_argument("--load", type=int, default=6)
    options = parser.parse_args()
    return 1 if series(options.quiet, 0) + series(options.loaded, options.load) else 0


if __name__ == "__main__":
    sys.exit(main())
