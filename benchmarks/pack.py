"""Does the pack say what it should of every known submission, again and again, under load?

    python benchmarks/pack.py [-e EXERCISE] [--repeat N] [--load K]

Grades the reference, the stub, each correct variant and each faulty submission of an exercise; prints every
verdict that is not what it should be. Exit status 1 if there is any.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from load import busy_loops

from grader.check import check_exercise
from grader.course import load_course

ROOT = Path(__file__).parents[1]


def main() -> int:
    """Runs it; 1 if any verdict is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-e", "--exercise", action="append")
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--load", type=int, default=0)
    parser.add_argument("--course", type=Path, default=ROOT)
    options = parser.parse_args()
    course = load_course(options.course)
    exercises = [e for e in course.exercises if not options.exercise or e.name in options.exercise]
    gradings = wrong = 0
    with busy_loops(options.load):
        for exercise in exercises * options.repeat:
            for file, found in check_exercise(exercise, course):
                gradings += 1
                wrong += bool(found)
                for line in found:
                    print(f"{exercise.name}/{file.parent.name}/{file.name}: {line}", flush=True)
    print(f"{gradings} gradings under {options.load} busy loops, {wrong} with a wrong verdict")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
