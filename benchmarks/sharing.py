"""What it saves that sessions share the tests of a submission, beside one session for all of them, in the same run.

    python benchmarks/sharing.py [--rounds 5]

Prints the median seconds of wall clock, one after the other in turn, for: the reference server; all four references;
and a correct server that looks up every half second, whose tests wait most of the time.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from grader.course import load_course
from grader.grading import grade
from grader.session import Sessions, run_alone
from grader.sharing import run_shared

ROOT = Path(__file__).parents[1]
WAYS: dict[str, Sessions] = {"one session": run_alone, "shared": run_shared}


def slow(folder: Path) -> Path:
    """A server that looks up every half second, as a submission."""
    text = (ROOT / "solutions" / "dispatcher_server" / "correct" / "polling_with_timeouts.py").read_text()
    file = folder / "dispatcher_server.py"
    file.write_text(text.replace("MOMENT = 0.03", "MOMENT = 0.5"))
    assert "MOMENT = 0.5" in file.read_text()
    return file


def seconds(path: Path, only: Sequence[str], sessions: Sessions) -> float:
    """Of wall clock, for one grading with full marks."""
    course = load_course(ROOT)
    begun = time.perf_counter()
    result = grade(path, course, only, sessions=sessions)
    took = time.perf_counter() - begun
    if result.score != result.max_score:
        raise SystemExit(f"{path}: {result.score} of {result.max_score} points; nothing is measured so")
    return took


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as name:
        cases = {
            "the reference server": (ROOT / "solutions", ["dispatcher_server"]),
            "all four references": (ROOT / "solutions", [exercise.name for exercise in load_course(ROOT).exercises]),
            "a server that polls": (slow(Path(name)), ["dispatcher_server"]),
        }
        for what, (path, only) in cases.items():
            taken: dict[str, list[float]] = {way: [] for way in WAYS}
            for _ in range(rounds):
                for way, sessions in WAYS.items():
                    taken[way].append(seconds(path, only, sessions))
            alone, shared = map(statistics.median, taken.values())
            print(f"{what:<22} one session {alone:6.2f} s, shared {shared:6.2f} s: {shared / alone:.2f}", flush=True)


if __name__ == "__main__":
    main()
