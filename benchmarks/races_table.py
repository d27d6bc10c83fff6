"""The table that `races.py` makes: what was seen of each program, and how it is told."""

from __future__ import annotations

import argparse
import os
import platform
import shlex
import statistics
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CONDITIONS = ("quiet", "loaded", "one CPU", "all CPUs")
BESIDE = ("frontrun", "frontrun:random", "interleave-test", "interleave-test:pct")
"""The default strategy of each peer, and the one of its others that finds most."""

_COUNTER = '''"""Two threads count; no fault is to be found. About 40 steps each."""
import threading

total = 0
lock = threading.Lock()


def count():
    global total
    {loop}


def scenario():
    threads = [threading.Thread(target=count) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 1 <= total <= 40
'''
COUNTERS = {
    "without a lock": _COUNTER.format(loop="for _ in range(20):\n        total += 1"),
    "with a lock": _COUNTER.format(loop="for _ in range(10):\n        with lock:\n            total += 1"),
}


def findings(answer: dict[str, Any], which: int = 0) -> list[dict[str, Any]]:
    """What was found in one of the files of a job, by seed."""
    return [one["finding"] for one in answer["answers"][which]] if "answers" in answer else []


def rate(runs: Iterable[dict[str, Any]], time: str = "seconds") -> float:
    """Schedules a second, the median over the runs."""
    return float(statistics.median(one["finding"]["schedules"] / max(one[time], 1e-6) for one in runs))


@dataclass
class Pair:
    """A program with a fault, its twin, and what was seen of them."""

    name: str
    bug: str
    file: Path
    twin: Path
    seen: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By condition: what `races_child.py` answered about the program, and its twin."""
    long: dict[str, Any] = field(default_factory=dict)
    """What it answered about many schedules of the twin."""
    peers: dict[str, dict[int, dict[str, Any]]] = field(default_factory=dict)
    """By peer and seed, what `peers.py` answered."""

    @classmethod
    def of(cls, twin: Path) -> Pair:
        """The pair with this twin."""
        file = twin.with_name(twin.name.replace("_fixed.py", ".py"))
        bug = next(line for line in file.read_text("utf-8").splitlines() if line.startswith("# bug: "))
        return cls(file.stem, bug.removeprefix("# bug: ").strip(), file, twin)

    def found(self, finding: dict[str, Any]) -> bool:
        """Whether it is the fault that is there."""
        return str(finding["kind"]).replace("property", "assertion") == self.bug

    def wrong(self, condition: str) -> Iterator[str]:
        """What is not as it should be under a condition."""
        answer = self.seen[condition]
        if "error" in answer:
            yield str(answer["error"])
        for seed, finding in enumerate(findings(answer)):
            if not self.found(finding):
                yield f"seed {seed}: {finding['kind']} instead of {self.bug}"
        for seed, finding in enumerate(findings(answer, 1)):
            yield from alarm(finding, seed)
        if "quiet" in self.seen and self.seen["quiet"].get("answers") and not self.same(condition):
            yield "other verdicts than quiet"

    def same(self, condition: str) -> bool:
        """Whether all verdicts are the same as quiet."""
        mine, quiet = self.seen[condition], self.seen["quiet"]
        return all(findings(mine, which) == findings(quiet, which) for which in (0, 1))

    def wrong_twin(self) -> Iterator[str]:
        """What is not as it should be in many schedules of the twin."""
        if "error" in self.long:
            yield str(self.long["error"])
        for finding in findings(self.long):
            yield from alarm(finding, 0)

    def row(self) -> list[str]:
        """Its line of the table."""
        seen = findings(self.seen.get("quiet", {}))
        tries = [finding["schedules"] for finding in seen if self.found(finding)]
        twins = findings(self.long)
        cells = [
            self.name, self.bug, f"{len(tries)}/{len(seen)}",
            f"{statistics.median(tries):.0f}" if tries else "", str(max(tries, default="")),
            f"{sum(bool(list(alarm(finding, 0))) for finding in twins)} in {twins[0]['schedules']:,}" if twins else "",
        ]  # fmt: skip
        runs = self.seen["quiet"]["answers"][1] if findings(self.seen.get("quiet", {}), 1) else []
        cells.append(f"{statistics.median(f['steps'] / f['schedules'] for f in findings({'answers': [runs]})):.0f}"
                     if runs else "")  # fmt: skip
        cells.append(f"{rate(runs):,.0f} ({rate(runs, 'cpu'):,.0f})" if runs else "")
        others = [condition for condition in CONDITIONS[1:] if condition in self.seen]
        differing = [condition for condition in others if not self.same(condition)]
        cells.append(("not " + ", ".join(differing) if differing else "yes") if others else "")
        return cells

    def beside(self, peer: str) -> str:
        """What a peer found, in short."""
        runs = list(self.peers.get(peer, {}).values())
        if not runs:
            return ""
        if not any(run.get("taken") for run in runs):
            return "ended" if any("error" in run for run in runs) else "not taken"
        found = sum(bool(run.get("found")) for run in runs)
        seconds = sum(run.get("seconds", 0.0) for run in runs)
        tried = sum(run.get("schedules", 0) for run in runs)
        hung = " (hung)" if any(run.get("kind") == "hang" for run in runs) else ""
        return f"{found}/{len(runs)}{hung} of {tried}, {tried / max(seconds, 1e-6):.0f}/s"


def alarm(finding: dict[str, Any], seed: int) -> Iterator[str]:
    """What is wrong with the verdict on a twin."""
    if finding["kind"] not in ("complete", "not found"):
        yield f"alarm on the twin, seed {seed}: {finding['kind']}, {finding['schedule']}: {finding['message']}"


class Table:
    """All that was seen."""

    def __init__(self, pairs: list[Pair], options: argparse.Namespace) -> None:
        """Args: pairs: still empty. options: of the command line."""
        self.pairs = pairs
        self.options = options
        self.seconds: dict[str, float] = {}
        """How long each phase took."""
        self.speed: dict[str, dict[str, Any]] = {}
        """By Python, what `races_child.py` answered about the counters."""
        self.peer_speed: dict[tuple[str, str], dict[str, Any]] = {}
        self.interrupted = False

    def wrong(self) -> list[str]:
        """All that is not as it should be."""
        found = []
        for pair in self.pairs:
            found += [f"{pair.name}, {where}: {what}" for where in pair.seen for what in pair.wrong(where)]
            found += [f"{pair.name}: {what}" for what in pair.wrong_twin()]
            ours = findings(pair.seen.get("quiet", {}))
            for peer, runs in pair.peers.items():
                if any(run.get("found") for run in runs.values()) and not all(map(pair.found, ours)):
                    found.append(f"{pair.name}: {peer} found what we did not, with every seed")
        found += [f"speed, {python}: {answer['error']}" for python, answer in self.speed.items() if "error" in answer]
        return found

    def written(self) -> str:
        """It in Markdown."""
        parts = [
            "# What the controlled world finds", self._about(), *self._summary(),
            "## Is anything not as it should be?", "\n".join(f"- {line}" for line in self.wrong()) or "Nothing.",
            "## Programs", self._programs(), *(["## Speed", self._speeds()] if self.speed else []),
        ]  # fmt: skip
        return "\n\n".join(parts) + "\n"

    def _about(self) -> str:
        took = ", ".join(f"{phase} {seconds:.0f} s" for phase, seconds in self.seconds.items())
        runs = [one for pair in self.pairs for one in pair.seen.get("quiet", {}).get("answers", [[], []])[1]]
        share = sum(one["cpu"] for one in runs) / max(sum(one["seconds"] for one in runs), 1e-6)
        return (
            f"`python benchmarks/races.py {shlex.join(sys.argv[1:])}` on Python {platform.python_version()}, "
            f"{os.cpu_count()} CPUs. It took: {took or 'nothing'}. While all was to be quiet, others left "
            f"our process {share:.0%} of a CPU." + self.interrupted * " **Interrupted.**"
        )

    def _summary(self) -> Iterator[str]:
        options, pairs = self.options, self.pairs
        ours = [(pair, findings(pair.seen.get("quiet", {}))) for pair in pairs]
        hits = sum(pair.found(finding) for pair, seen in ours for finding in seen)
        yield (
            f"Of {len(pairs)} faults, each with {options.seeds} seeds, {hits} of {sum(len(seen) for _, seen in ours)} "
            f"were found within {options.schedules:,} schedules, each of the kind that its program's header names."
        )
        twins = [finding for pair in pairs for finding in findings(pair.long)]
        alarms = sum(any(alarm(finding, 0)) for finding in twins)
        yield f"Alarms on {len(twins)} twins, in {sum(f['schedules'] for f in twins):,} schedules: {alarms}."
        for condition in CONDITIONS[1:]:
            seen = [pair for pair in pairs if condition in pair.seen]
            yield f"Verdicts identical to quiet, {condition}: {sum(pair.same(condition) for pair in seen)}/{len(seen)}."
        for peer in BESIDE:
            runs = [run for pair in pairs for run in pair.peers.get(peer, {}).values()]
            taken = [pair for pair in pairs if any(run.get("taken") for run in pair.peers.get(peer, {}).values())]
            found = [pair for pair in taken if any(run.get("found") for run in pair.peers[peer].values())]
            if runs:
                yield (
                    f"{peer} takes {len(taken)} of these programs, and finds the fault in {len(found)} of them with at "
                    f"least one of its seeds; in {sum(bool(run.get('found')) for run in runs)} of {len(runs)} runs."
                )

    def _programs(self) -> str:
        beside = [peer for peer in BESIDE if any(peer in pair.peers for pair in self.pairs)]
        heads = ["program", "fault", "found", "schedules, median", "most", "alarms on the twin", "steps a run",
                 "schedules/s", "same verdicts", *beside]  # fmt: skip
        rows = [pair.row() + [pair.beside(peer) for peer in beside] for pair in self.pairs]
        note = (
            f"Found: with how many of the seeds. Schedules: until then. Steps and schedules a second: of the twin, "
            f"quiet; in brackets for each second of a CPU. Same verdicts: everything that is said of the program with "
            f"each seed, and of the twin, is the same quiet, under {self.options.load} busy loops, with all processes "
            f"on one CPU, and spread over all CPUs. Peers: found in how many runs, of how many schedules in all, and "
            f"schedules a second with starting up; each run ends after {self.options.schedules:,} schedules, or "
            f'{self.options.peer_seconds:.0f} s, or when the peer holds that it has seen all. "ended": it gave no '
            f"answer long after that."
        )
        return f"{markdown(heads, rows)}\n\n{note}"

    def _speeds(self) -> str:
        rows = []
        for python, answer in self.speed.items():
            if "error" not in answer:
                steps = findings(answer)[0]["steps"] / findings(answer)[0]["schedules"]
                each = [f"{rate(runs):,.0f} ({rate(runs, 'cpu'):,.0f})" for runs in answer["answers"]]
                rows.append([f"the world, {python}", f"{steps:.0f}", *each])
        for peer in BESIDE:
            runs = [self.peer_speed.get((peer, name), {}) for name in COUNTERS]
            if any(runs):
                each = [f"{run.get('schedules', 0) / max(run.get('seconds', 0), 1e-6):,.0f}" for run in runs]
                rows.append([peer, "", *each])
        note = (
            "Schedules a second for two threads of about 40 steps each that count, in brackets for each second of a "
            f"CPU: median of five rounds of {self.options.schedules:,} schedules, with the strategies that a search "
            "mixes."
        )
        return f"{markdown(['', 'steps a run', *COUNTERS], rows)}\n\n{note}"


def markdown(heads: list[str], rows: list[list[str]]) -> str:
    """A table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
