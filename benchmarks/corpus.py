"""A course's worth of submissions, made by a fixed seed from the known ones: right, wrong, stuck and hostile.

    python benchmarks/corpus.py DIR [--count 300] [--seed 1] [--alike]

Each student's folder holds all exercises, each of them a correct variant or a faulty one; one student in ten has
a program that is stuck, one in fifty a hostile one, some have left an exercise out. No two files are the same, unless
`--alike` is given: then many students hand in the same ones. None is a program of which it depends on the operating
system's scheduler what it does (`# may fail:`).
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path

from grader.checking.headers import read_header
from grader.course import Course, load_course

ROOT = Path(__file__).parents[1]

STUCK = (
    "import threading\nlock = threading.Lock()\nlock.acquire()\nlock.acquire()\n",
    "while True:\n    pass\n",
    "import threading\nthreading.Event().wait()\n",
)
"""Put after a correct program: it does not get through being imported."""
STUCK_CALLS = "\n\n_kept = threading.Lock()\n_kept.acquire()\n{name} = lambda *args, **kwargs: _kept.acquire()\n"
"""Put after one, too: every call waits for what never comes."""
HOSTILE = (
    "import os\nos._exit(0)\n",
    "import os\nos.kill(os.getpid(), 9)\n",
    "import os\nwhile True:\n    os.fork()\n",
    "import sys\nprint('=cmd()' * 1000)\nsys.setrecursionlimit(10**9)\ndef f(): f()\nf()\n",
    "held = []\nwhile True:\n    held.append(bytearray(1 << 24))\n",
    "import ctypes\nctypes.string_at(0)\n",
    "import os\nos.kill(-1, 9)\n",
)
"""Instead of a program."""


def make(folder: Path, count: int, seed: int = 1, course: Course | None = None, alike: bool = False) -> None:
    """Writes `count` submissions into `folder`.

    Args:
        folder: made if it is not there.
        count: of students.
        seed: the same one gives the same files.
        course: to take them from; None: this one.
        alike: whether programs are handed in as they are, by as many as they fall to; else each file is its student's.
    """
    course = course or load_course(ROOT)
    chance = random.Random(seed)
    for number in range(count):
        student = folder / f"student{number:04}"
        kind = "stuck" if number % 10 == 3 else "hostile" if number % 50 == 7 else "usual"
        odd = chance.randrange(len(course.exercises))
        for place, exercise in enumerate(course.exercises):
            assert exercise.solution is not None
            right = [exercise.solution / f"{exercise.name}.py", *sorted(exercise.solution.glob("correct/*.py"))]
            wrong = [file for file in sorted(exercise.solution.glob("faulty/*.py")) if not read_header(file).may_fail]
            text = chance.choice(chance.choice([right, right, wrong])).read_text()
            if place == odd and kind == "stuck":
                text = stuck(text, exercise.defines, chance)
            elif place == odd and kind == "hostile":
                text = chance.choice(HOSTILE)
            elif chance.random() < 0.03:
                continue  # not handed in
            file = student / exercise.name / f"{exercise.name}.py"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text if alike else f"{text}\n# handed in by student {number} of seed {seed}\n")


def stuck(text: str, defines: dict[str, str], chance: random.Random) -> str:
    """A correct program made to wait for ever, while it is imported or in every call."""
    way = chance.randrange(len(STUCK) + 1)
    if way < len(STUCK):
        return f"{text}\n{STUCK[way]}"
    return f"{text}\nimport threading\n{STUCK_CALLS.format(name=next(iter(defines)))}"


def main() -> None:
    """Makes them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--alike", action="store_true")
    options = parser.parse_args()
    make(options.folder, options.count, options.seed, alike=options.alike)


if __name__ == "__main__":
    main()
