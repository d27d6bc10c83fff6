"""What the jail adds: for each submission and each test, tier `jail` beside a plain student process (tier `none`).

    python benchmarks/jail_cost.py [--rounds 30] [--tests 20]

In each round both are measured, one after the other, in turn the one first and the other: the time to start a cell for
a submission and to end it, and, inside it, that of a test: a student process forked, a module loaded, one call made,
the process ended. Prints medians in milliseconds, and the differences, which may be 60 ms for a submission and 4 ms for
a test at most; exit status 1 if they are more.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

from grader.jail import open_cell
from grader.testing.bench import Bench, rlimits
from grader.testing.quiet import LoopbackFlush
from grader.testing.watch import Limits

TIERS = ("jail", "none")
MOST_SUBMISSION, MOST_TEST = 60.0, 4.0
"""Milliseconds that the jail may add."""

PROGRAM = """
import threading

def double(number):
    return 2 * number
"""


def measure(tier: str, top: Path, tests: int) -> tuple[float, list[float]]:
    """Milliseconds to start and end a cell, and for each of so many tests in it."""
    each = []
    begun = time.perf_counter()
    cell = open_cell(top, rlimits(Limits()), (), tier)
    started = time.perf_counter() - begun
    flush = LoopbackFlush()
    bench = Bench(cell, flush, top / "program" / "program.py", top, {"double": "function"})
    for _ in range(tests):
        begun = time.perf_counter()
        with bench.student() as student:
            assert student.begin("double", 4).result() == 8
        each.append(1000 * (time.perf_counter() - begun))
    flush.close()
    begun = time.perf_counter()
    cell.close()
    return 1000 * (started + time.perf_counter() - begun), each


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--tests", type=int, default=20)
    given = parser.parse_args()
    cells: dict[str, list[float]] = {tier: [] for tier in TIERS}
    tests: dict[str, list[float]] = {tier: [] for tier in TIERS}
    with tempfile.TemporaryDirectory(prefix="threadlab-") as name:
        top = Path(name)
        (top / "program").mkdir()
        (top / "program" / "program.py").write_text(PROGRAM)
        for path in (top, top / "program"):
            path.chmod(0o755)
        for number in range(given.rounds + 1):
            for tier in TIERS if number % 2 else TIERS[::-1]:
                cell, each = measure(tier, top, given.tests)
                if number:  # the first round compiles, and fills caches
                    cells[tier].append(cell)
                    tests[tier] += each
    print(f"medians of {given.rounds} rounds of {given.tests} tests, in ms       jail    none   added")
    added = []
    for what, found in (("a submission: cell started and ended", cells), ("a test: forked, called, ended", tests)):
        jail, none = (statistics.median(found[tier]) for tier in TIERS)
        added.append(jail - none)
        print(f"{what:<44}{jail:8.2f}{none:8.2f}{jail - none:8.2f}")
    if added[0] > MOST_SUBMISSION or added[1] > MOST_TEST:
        raise SystemExit(f"more than {MOST_SUBMISSION:g} ms for a submission, or {MOST_TEST:g} ms for a test")


if __name__ == "__main__":
    main()
