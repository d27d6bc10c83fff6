"""Do four Dask workers, one of them killed and one added half-way, come to the gradebook of one machine?

    python benchmarks/batch_dask.py [--count 24] [--workers 4] [--without races] [-e EXERCISE]

Starts a scheduler and workers on this machine, grades the same submissions (see corpus.py) with and without them,
kills one worker (-9) and adds another when half is done, and compares the gradebooks byte for byte. Exit status 1
if they differ. Needs `pip install 'threadlab[dask]'`.
"""

from __future__ import annotations

import argparse
import contextlib
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from corpus import make

ROOT = Path(__file__).parents[1]


@contextlib.contextmanager
def ended(processes: list[subprocess.Popen[str]]) -> Iterator[None]:
    """Ends what has been started, the last first."""
    try:
        yield
    finally:
        for process in reversed(processes):
            process.kill()
            process.wait()


def started(says: str, *command: str) -> tuple[subprocess.Popen[str], str]:
    """Starts a part of Dask; it, and what matched when it said that it is ready."""
    process = subprocess.Popen([sys.executable, "-m", *command], stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    for line in process.stderr:
        if found := re.search(says, line):
            threading.Thread(target=process.stderr.read, daemon=True).start()  # or it would stop when the pipe is full
            return process, found[0]
    raise SystemExit(f"{command[0]} ended: {process.wait()}")


def batch(*options: str) -> subprocess.Popen[str]:
    """Starts a batch."""
    command = [sys.executable, "-m", "grader.cli", "batch", *options]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def main() -> int:
    """Runs both; 1 if they differ."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=24)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--without", action="append", default=[])
    parser.add_argument("-e", "--exercise", action="append", default=[])
    options = parser.parse_args()
    chosen = [word for group in options.without for word in ("--without", group)]
    chosen += [word for name in options.exercise for word in ("-e", name)]
    running: list[subprocess.Popen[str]] = []
    with tempfile.TemporaryDirectory() as name, ended(running):
        folder = Path(name)
        make(folder / "in", options.count)
        begun = time.perf_counter()
        batch(str(folder / "in"), "--out", str(folder / "local"), *chosen).communicate()
        print(f"this machine alone: {time.perf_counter() - begun:.0f} s", flush=True)

        def add() -> subprocess.Popen[str]:
            worker = ["distributed.cli.dask_worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard"]
            running.append(started("Registered to", *worker, "--local-directory", name)[0])
            return running[-1]

        scheduler = ["distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"]
        process, address = started(r"tcp://127\.0\.0\.1:\d+", *scheduler)
        running.append(process)
        workers = [add() for _ in range(options.workers)]
        begun = time.perf_counter()
        dask = ["--executor", "dask", "--scheduler", address]
        with batch(str(folder / "in"), "--out", str(folder / "dask"), *chosen, *dask) as process:
            assert process.stderr is not None
            for done, _ in enumerate(process.stderr, 1):
                if done == options.count // 2:
                    workers[0].kill()
                    add()
                    print("one worker killed, one added", flush=True)
        print(f"{options.workers} Dask workers: {time.perf_counter() - begun:.0f} s, exit status {process.returncode}")
        forms = ("gradebook.csv", "gradebook.json", "canvas.csv")
        differ = [
            form for form in forms if (folder / "local" / form).read_bytes() != (folder / "dask" / form).read_bytes()
        ]
    print(f"differ: {', '.join(differ)}" if differ else "the same gradebook, byte for byte")
    return 1 if differ or process.returncode else 0


if __name__ == "__main__":
    sys.exit(main())
