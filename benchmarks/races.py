"""Which races does the controlled world find, beside two packages from PyPI, and how fast?

    python benchmarks/races.py [--seeds 8] [--schedules 1000] [--twins 10000] [--load 6] [--peers PYTHON]
                               [--pythons PYTHON...] [--only NAME...] [--out FILE.md] [--quick]

Explores each program of `programs/` with each seed, and its corrected twin, and prints a table in Markdown. Verdicts
are made four times: quiet, under busy loops, with all processes on one CPU, and spread over all CPUs; they must be
identical in all that they say. PYTHON of `--peers` is one with frontrun and interleave-test installed, see `peers.py`.
Exit status 1 if a fault was missed, a twin raised an alarm, verdicts differ, or a peer found what we did not.
Ctrl-C prints what there is.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor, as_completed
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from races_table import BESIDE, CONDITIONS, COUNTERS, Pair, Table

from grader.checking.conditions import busy_loops

ROOT = Path(__file__).parents[1]
SAME_SEEDS, SAME_SCHEDULES = 3, 300
"""With which a twin is explored under each condition, to compare, and to time it quiet; few seeds if few are asked."""
LIMIT = 900.0
"""Seconds after which a process of ours is ended, and counts as one that has found nothing."""
SPEED_ROUNDS = 5
Task = Callable[[list[int]], None]
"""Is given the CPU that is its own."""


class Children:
    """Processes that print one JSON object each; all of them end with this one."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[str]] = set()
        self._over = False

    def ask(self, command: Sequence[str | Path], seconds: float, folder: Path) -> dict[str, Any]:
        """What `command` prints; under "error" why it is nothing.

        Raises:
            CancelledError: all is to end.
        """
        environment = {**os.environ, "PYTHONPATH": str(folder)}
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True, env=environment
        )
        self._running.add(process)
        try:
            if self._over:
                raise CancelledError
            output, said = process.communicate(timeout=seconds)
            answer: dict[str, Any] = json.loads(output.splitlines()[-1])
            return answer
        except subprocess.TimeoutExpired:
            return {"error": f"no answer within {seconds:.0f} s"}
        except (IndexError, ValueError):
            if self._over:
                raise CancelledError from None
            return {"error": (said.splitlines() or [f"ended with status {process.returncode}"])[-1]}
        finally:
            self._kill(process)
            self._running.discard(process)

    def end(self) -> None:
        """Ends all of them."""
        self._over = True
        for process in list(self._running):
            self._kill(process)

    def _kill(self, process: subprocess.Popen[str]) -> None:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


class Races:
    """The measurement: fills the table."""

    def __init__(self, options: argparse.Namespace, table: Table, folder: Path) -> None:
        """Args: options: of the command line. table: to fill. folder: with a copy of engine and programs."""
        self._options = options
        self._table = table
        self._folder = folder
        self._children = Children()
        self._cpus = sorted(os.sched_getaffinity(0))

    def run(self) -> None:
        """All of it."""
        options, pairs = self._options, self._table.pairs
        try:
            if not options.only:
                self._phase("speed", 1, [partial(self._speed, python) for python in pythons(options.pythons)])
            for condition in CONDITIONS:
                workers = 1 if condition == "quiet" else 2
                with busy_loops(options.load if condition == "loaded" else 0):
                    self._phase(condition, workers, [partial(self._verdicts, condition, pair) for pair in pairs])
            self._phase("twins", 2, [partial(self._twin, pair) for pair in pairs])
            if options.peers and not options.only:
                fast = [partial(self._beside_counter, peer, name) for peer in BESIDE for name in COUNTERS]
                self._phase("speed of the peers", 1, fast)
            if options.peers:
                jobs = [partial(self._beside, peer, pair, seed) for pair in pairs for peer in BESIDE
                        for seed in range(self.peer_seeds(peer))]  # fmt: skip
                self._phase("peers", 2, jobs)
        finally:
            self._children.end()

    def peer_seeds(self, peer: str) -> int:
        """How many: one for a peer that chooses nothing at random."""
        return 1 if peer == "frontrun" else int(self._options.peer_seeds)

    def _phase(self, name: str, workers: int, tasks: Sequence[Task]) -> None:
        """Runs tasks on as many workers, each with a CPU of its own."""
        begun = time.monotonic()
        free: SimpleQueue[int] = SimpleQueue()
        for worker in range(workers):
            free.put(self._cpus[worker % len(self._cpus)])

        def run(task: Task) -> None:
            cpu = free.get()
            try:
                task([cpu])
            finally:
                free.put(cpu)

        with ThreadPoolExecutor(workers) as pool:
            try:
                for number, done in enumerate(as_completed([pool.submit(run, task) for task in tasks]), 1):
                    done.result()
                    if number % 5 == 0 or number == len(tasks):
                        tell(f"\r{name}: {number}/{len(tasks)}, {time.monotonic() - begun:.0f} s ")
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                self._children.end()
                raise
            tell("\n")
        self._table.seconds[name] = time.monotonic() - begun
        if self._options.out:
            self._options.out.write_text(self._table.written(), encoding="utf-8")

    def _explore(self, python: str, **job: Any) -> dict[str, Any]:
        child = self._folder / "benchmarks" / "races_child.py"
        return self._children.ask([python, child, json.dumps(job)], LIMIT, self._folder)

    def _speed(self, python: str, _: list[int]) -> None:
        files = [(str(self._folder / f"{name}.py"), SPEED_ROUNDS, self._options.schedules) for name in COUNTERS]
        answer = self._explore(python, files=files)
        self._table.speed[answer.get("python", python)] = answer

    def _verdicts(self, condition: str, pair: Pair, _: list[int]) -> None:
        options = self._options
        files = [
            (str(pair.file), options.seeds, options.schedules),
            (str(pair.twin), SAME_SEEDS if options.seeds > SAME_SEEDS else 1, min(SAME_SCHEDULES, options.twins)),
        ]
        where = self._cpus[:1] if condition == "one CPU" else None
        answer = self._explore(sys.executable, files=files, cpus=where, spread=condition == "all CPUs")
        pair.seen[condition] = answer
        for line in pair.wrong(condition):
            tell(f"\n{pair.name}, {condition}: {line}\n")

    def _twin(self, pair: Pair, cpus: list[int]) -> None:
        pair.long = self._explore(sys.executable, files=[(str(pair.twin), 1, self._options.twins)], cpus=cpus)
        for line in pair.wrong_twin():
            tell(f"\n{pair.name}: {line}\n")

    def _beside(self, peer: str, pair: Pair, seed: int, _: list[int]) -> None:
        pair.peers.setdefault(peer, {})[seed] = self._peer(peer, pair.file, seed, self._options.peer_seconds)

    def _beside_counter(self, peer: str, name: str, _: list[int]) -> None:
        answer = self._peer(peer, self._folder / f"{name}.py", 0, self._options.peer_seconds)
        self._table.peer_speed[peer, name] = answer

    def _peer(self, peer: str, file: Path, seed: int, seconds: float) -> dict[str, Any]:
        limits = ["--schedules", str(self._options.schedules), "--seed", str(seed), "--seconds", str(seconds)]
        command = [self._options.peers, self._folder / "benchmarks" / "peers.py", peer, file, *limits]
        return self._children.ask(command, 2 * seconds + 30, self._folder)


def tell(text: str) -> None:
    """Says how it goes."""
    sys.stderr.write(text)
    sys.stderr.flush()


def pythons(more: Sequence[str]) -> list[str]:
    """This Python, the others that the world runs on, as far as they are found here, and those that are given."""
    found = [sys.executable]
    for minor in (11, 12, 13, 14):
        installed = sorted((Path.home() / ".pyenv" / "versions").glob(f"3.{minor}.*/bin/python3.{minor}"))
        path = str(installed[-1]) if installed else shutil.which(f"python3.{minor}")
        if path and sys.version_info[:2] != (3, minor):
            found.append(path)
    return [*found, *more]


def options_given() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--schedules", type=int, default=1000, help="for each seed; for the peers as well")
    parser.add_argument("--twins", type=int, default=10_000, help="schedules for each twin")
    parser.add_argument("--load", type=int, default=6, help="busy loops")
    parser.add_argument("--peers", metavar="PYTHON", help="one with frontrun and interleave-test installed")
    parser.add_argument("--peer-seeds", type=int, default=2)
    parser.add_argument("--peer-seconds", type=float, default=45.0, help="of one peer for one program and seed")
    parser.add_argument("--pythons", nargs="*", default=[], metavar="PYTHON", help="more of them, for the speed")
    parser.add_argument("--only", nargs="*", metavar="NAME", help="programs with this in their name; no speed")
    parser.add_argument("--out", type=Path, metavar="FILE.md")
    parser.add_argument("--quick", action="store_true", help="2 seeds, 1,000 schedules for twins, no peers")
    options = parser.parse_args()
    if options.quick:
        options.seeds, options.twins, options.peers = 2, 1000, None
    return options


def main() -> int:
    """Measures and prints; 1 if anything is not as it should be."""
    options = options_given()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)  # of a copy: a run takes long, and may not see the sources change
        for part in ("grader", "benchmarks"):
            shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        for counter, text in COUNTERS.items():
            (folder / f"{counter}.py").write_text(text)
        files = sorted((folder / "benchmarks" / "programs").glob("*_fixed.py"))
        pairs = sorted((Pair.of(file) for file in files), key=lambda pair: pair.name)
        if options.only:
            pairs = [pair for pair in pairs if any(part in pair.name for part in options.only)]
        table = Table(pairs, options)
        try:
            Races(options, table, folder).run()
        except KeyboardInterrupt:
            tell("\ninterrupted\n")
            table.interrupted = True
    if options.out:
        options.out.write_text(table.written(), encoding="utf-8")
    else:
        sys.stdout.write(table.written())
    for line in table.wrong():
        tell(f"{line}\n")
    return 1 if table.interrupted or table.wrong() else 0


if __name__ == "__main__":
    sys.exit(main())
