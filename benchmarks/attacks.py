"""Does each attack come to what it must, again and again, and does the next submission never notice?

    python benchmarks/attacks.py [--repeat 20] [--tier jail] [ATTACK...]

Grades every attack of tests/attacks (or those whose name holds one of the words given) so often in a row; after each
grading an honest submission is graded, and its result compared, byte for byte but for durations, with what it is alone;
processes and files that are left are counted. Prints a table. Exit status 1 if anything deviates that is not
known to be open.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.attacks.corpus import TIERS, Attack, attacks  # the corpus lies among the tests
from tests.attacks.judging import deviations
from tests.attacks.running import Range, opened_range, why_not


@dataclass
class Row:
    """What came of one attack."""

    attack: Attack
    runs: int = 0
    processes: int = 0
    files: int = 0
    next_differs: int = 0
    seconds: list[float] = field(default_factory=list)
    deviations: dict[str, int] = field(default_factory=dict)
    """By what was found."""

    def wrong(self, tier: str) -> bool:
        """Whether anything was found that is not known, or what is known was not found."""
        known = bool(self.attack.at(tier, "open"))
        return bool(self.next_differs) or (bool(self.deviations) != known)


def _repeat(place: Range, attack: Attack, tier: str, count: int) -> Row:
    row = Row(attack)
    for _ in range(count):
        before = time.monotonic()
        run = place.run(attack, tier)
        row.seconds.append(time.monotonic() - before)
        row.runs += 1
        row.processes += len(run.processes)
        row.files += len(run.files)
        for line in deviations(attack, tier, run):
            row.deviations[line] = row.deviations.get(line, 0) + 1
        if differs := place.next_differs(tier):
            row.next_differs += 1
            row.deviations[differs] = row.deviations.get(differs, 0) + 1
    return row


def _print(row: Row, tier: str) -> None:
    state = "WRONG" if row.wrong(tier) else "open" if row.deviations else "as it must"
    outcome = row.attack.at(tier, "outcome") + (" not held" if row.attack.at(tier, "not held") else "")
    counts = f"{row.runs:4} {statistics.median(row.seconds):7.2f} {row.processes:9} {row.files:5} {row.next_differs:4}"
    print(f"{row.attack.name:48} {outcome:10} {counts}  {state}", flush=True)
    for line, times in row.deviations.items() if row.wrong(tier) else ():
        print(f"    {times} times: {line[:400]}", flush=True)


def main() -> int:
    """Runs it; 1 if anything deviates."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--tier", choices=TIERS, default="jail")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("attack", nargs="*")
    options = parser.parse_args()
    if why := why_not(options.tier):
        print(f"attacks cannot be run at tier {options.tier} here: {why}")
        return 1
    chosen = [one for one in attacks() if not options.attack or any(word in one.name for word in options.attack)]
    counts = f"{'runs':>4} {'s, med.':>7} {'processes':>9} {'files':>5} {'next':>4}"
    print(f"{'attack':48} {'must be':10} {counts}  at tier {options.tier}")
    rows = []
    with opened_range() as place, ThreadPoolExecutor(options.jobs) as pool:
        for row in pool.map(lambda attack: _repeat(place, attack, options.tier, options.repeat), chosen):
            rows.append(row)
            _print(row, options.tier)
    wrong = [row for row in rows if row.wrong(options.tier)]
    still = sum(bool(row.deviations) for row in rows) - sum(bool(row.deviations) for row in wrong)
    runs = sum(row.runs for row in rows)
    print(f"{len(rows)} attacks, {runs} runs, each followed by another submission:", end=" ")
    print(f"{len(wrong)} wrong, {still} known to be open")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
