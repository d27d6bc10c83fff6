"""What a full grading costs, beside plain pytest with as many empty tests, in the same run.

    python benchmarks/cost.py [--rounds 5]

Prints, as medians over the rounds: wall time of `grade solutions`, of `pytest` over as many empty tests, and
their ratio; the peak of resident memory over all processes together; and what a submission that deadlocks
in every test adds for each test.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from grader.results import from_json

ROOT = Path(__file__).parents[1]
GRADE = [sys.executable, "-m", "grader.cli", "run"]
DEADLOCK = """
import threading
def threaded_sum(values, n_threads, sum_chunk=sum):
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()
"""


def timed(command: Sequence[str]) -> tuple[float, int, bytes]:
    """Wall seconds, peak resident bytes of the whole family, and standard output of a command."""
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT)
    peak, over = [0], threading.Event()

    def sample() -> None:
        while not over.wait(0.02):
            peak[0] = max(peak[0], sum(map(proportional_bytes, family(process.pid))))

    sampler = threading.Thread(target=sample)
    sampler.start()
    output, _ = process.communicate()
    seconds = time.perf_counter() - begun
    over.set()
    sampler.join()
    return seconds, peak[0], output


def family(pid: int) -> list[int]:
    """A process and all its descendants."""
    found, todo = [], [pid]
    while todo:
        found.append(todo.pop())
        try:
            for task in os.listdir(f"/proc/{found[-1]}/task"):
                todo += map(int, Path(f"/proc/{found[-1]}/task/{task}/children").read_text().split())
        except OSError:
            continue
    return found


def proportional_bytes(pid: int) -> int:
    """Resident memory, shared pages counted by their share (proc_pid_smaps(5): Pss)."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) << 10
    except OSError:
        pass
    return 0


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        dead = folder / "threaded_sum.py"
        dead.write_text(DEADLOCK)
        full, empty, stuck, fine, peaks = [], [], [], [], []
        count = sum_count = 0
        for _ in range(rounds):
            seconds, peak, output = timed([*GRADE, str(ROOT / "solutions"), "--json", "-"])
            result = from_json(output)
            count = sum(len(exercise.tests) for exercise in result.exercises)
            full.append(seconds)
            peaks.append(peak)
            tests = folder / "test_empty.py"
            tests.write_text("".join(f"def test_{number}():\n    pass\n" for number in range(count)))
            empty.append(timed([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tests)])[0])
            one = [*GRADE, str(ROOT / "solutions" / "threaded_sum"), "--json", "-"]
            fine.append(timed(one)[0])
            seconds, _, output = timed([*GRADE, str(dead), "--json", "-"])
            stuck.append(seconds)
            sum_count = len(from_json(output).exercises[0].tests)
    whole, plain = statistics.median(full), statistics.median(empty)
    print(f"grade solutions, {count} tests, jailed:     {whole:.2f} s (median of {rounds})")
    print(f"pytest, {count} empty tests:                {plain:.2f} s; ratio {whole / plain:.1f}")
    print(f"peak memory, all processes (Pss):        {max(peaks) / (1 << 20):.0f} MiB")
    added = (statistics.median(stuck) - statistics.median(fine)) / sum_count
    print(f"a deadlock in each of {sum_count} tests adds:       {added * 1000:.0f} ms a test")


if __name__ == "__main__":
    main()
