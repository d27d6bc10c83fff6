"""Does a batch that is killed at random moments come to the same gradebook as one that is left alone?

    python benchmarks/batch_kills.py [--kills 50] [--count 60] [--seed 1] [--without races] [-e EXERCISE]

Kills `grade batch` (-9) at moments chosen by a fixed seed and runs it again, until as many kills are done; each
time a batch has come to its end its gradebook must be that of the undisturbed run, byte for byte, no result may
have been made twice, and no process or temporary file may be left. Exit status 1 if anything is not so.
"""

from __future__ import annotations

import argparse
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from corpus import make

ROOT = Path(__file__).parents[1]


def start(scratch: Path, *options: str) -> subprocess.Popen[bytes]:
    """Starts a batch."""
    environment = os.environ | {"TMPDIR": str(scratch)}
    command = [sys.executable, "-m", "grader.cli", "batch", *options]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def wrong_with(out: Path, undisturbed: Path) -> list[str]:
    """What differs from the undisturbed run."""
    forms = ("gradebook.csv", "gradebook.json", "canvas.csv")
    found = [f"{name} differs" for name in forms if (out / name).read_bytes() != (undisturbed / name).read_bytes()]
    base = sqlite3.connect(out / "results.sqlite")
    count, last = base.execute("SELECT count(*), max(number) FROM results").fetchone()
    base.close()
    return found + ([f"{last - count} results were made twice"] if last != count else [])


def left_behind(scratch: Path) -> list[str]:
    """Files in the folder for temporary ones, and processes that have it in their command line."""
    found = [entry.name for entry in scratch.iterdir()]
    for entry in os.listdir("/proc"):
        try:
            if entry.isdigit() and str(scratch).encode() in Path("/proc", entry, "cmdline").read_bytes():
                found.append(f"process {entry}")
        except OSError:
            continue
    return found


def main() -> int:
    """Kills, resumes, compares; 1 if anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--without", action="append", default=[])
    parser.add_argument("-e", "--exercise", action="append", default=[])
    options = parser.parse_args()
    chosen = [word for group in options.without for word in ("--without", group)]
    chosen += [word for name in options.exercise for word in ("-e", name)]
    chance = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as name:
        folder, scratch = Path(name), Path(tempfile.mkdtemp(prefix="kills-"))
        scratch.chmod(0o755)
        make(folder / "in", options.count, options.seed)
        common = [str(folder / "in"), *chosen, "--out"]
        begun = time.perf_counter()
        if start(scratch, *common, str(folder / "undisturbed")).wait() != 0:
            raise SystemExit("the undisturbed run did not end well")
        whole = time.perf_counter() - begun
        print(f"undisturbed: {whole:.0f} s", flush=True)
        kills = faults = rounds = 0
        while kills < options.kills:
            rounds += 1
            out = folder / f"out{rounds}"
            while True:
                process = start(scratch, *common, str(out))
                moment = chance.uniform(0, whole / 3) if kills < options.kills else None
                try:
                    status = process.wait(timeout=moment)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
                    kills += 1
                    continue
                break
            found = [f"exit status {status}"] if status else wrong_with(out, folder / "undisturbed")
            found += left_behind(scratch)
            faults += len(found)
            print(f"round {rounds}, {kills} kills so far: {'; '.join(found) or 'the same gradebook'}", flush=True)
        scratch.rmdir()
    print(f"{kills} kills in {rounds} rounds, {faults} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
