"""Goes through the choices that a player has: what follows which, and how each way ends, for a reader to play with.

The evidence `play` of a test that failed under a schedule; `did` and `reason` point into `lines` and `reasons`:

    {"threads": [name, ...], "complete": true, "runs": 19,
     "lines": [[thread, line, source, what it did], ...], "reasons": ["...", ...],
     "nodes": [{"did": [0, 1], "can": [1, 2], "next": {"1": 4, "2": 9}},
               {"did": [7], "end": "failed", "reason": 0}, ...]}

Each node begins with what happened after the choice that led to it, up to the next choice. `complete` tells whether
every choice has been followed; if not, `next` lacks those that have not been.
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any

from grader import wire
from grader.testing.story_form import Quote, is_list, quoted, safe, short_names, shorter

GUIDED = "guided:"
_MOST_RUNS = 160
_MOST_NODES = 1_500
_MOST_DID = 4_000

Choices = tuple[int, ...]
Judge = Callable[[wire.Observed], tuple[str, str]]
"""From what was seen in a run to "failed", "passed" or "unknown", and the reason."""


class Playing:
    """Follows choices, those first that stray least from letting each thread go on, and keeps what comes of them."""

    def __init__(self, perform: Callable[[str], wire.Explored], judge: Judge, source: Quote) -> None:
        """Args: perform: runs a schedule, recorded. judge: see `Judge`. source: gives the text of a line."""
        self._perform = perform
        self._judge = judge
        self._source = source
        self._nodes: list[dict[str, Any]] = [{"did": []}]
        self._lines: dict[tuple[Any, ...], int] = {}
        self._reasons: dict[str, int] = {}
        self._names: list[str] = []
        self._todo: list[tuple[int, int, Choices]] = [(0, 0, ())]
        self._runs = 0

    def as_evidence(self) -> dict[str, Any]:
        """Follows the choices as far as the budget reaches; empty if what is told is malformed."""
        while self._todo and self._runs < _MOST_RUNS and len(self._nodes) < _MOST_NODES:
            strays, _, choices = heappop(self._todo)
            explored = self._perform(GUIDED + ".".join(map(str, choices)))
            if not _is_told(explored.story):
                return {}
            self._runs += 1
            self._take(explored.story, strays, len(choices), *self._judge(explored.observed[0]))
        return {
            "threads": [safe(name, 60) for name in self._names],
            "complete": not self._todo,
            "runs": self._runs,
            "lines": [list(line) for line in self._lines],
            "reasons": list(self._reasons),
            "nodes": self._nodes,
        }

    def _take(self, story: dict[str, Any], strays: int, given: int, verdict: str, reason: str) -> None:
        """Adds one run to the tree, and what could have been chosen instead to what is to be done."""
        if len(story["tasks"]) > len(self._names):
            self._names = story["tasks"]
        short = short_names(self._names)
        at = 0
        path: list[int] = []
        self._did(at, story["did"][0], short)
        for number, (can, chosen, stays) in enumerate(story["choices"]):
            node = self._nodes[at]
            if "can" not in node:
                node["can"], node["next"] = can, {}
            if number >= given:
                for other in can:
                    if other != chosen:
                        heappush(self._todo, (strays + (stays >= 0), number, (*path, other)))
            path.append(chosen)
            if str(chosen) not in node["next"]:
                node["next"][str(chosen)] = len(self._nodes)
                self._nodes.append({"did": []})
            at = node["next"][str(chosen)]
            self._did(at, story["did"][number + 1], short)
        self._nodes[at] |= {"end": verdict, "reason": self._reasons.setdefault(reason, len(self._reasons))}

    def _did(self, at: int, did: list[list[Any]], short: dict[str, str]) -> None:
        if self._nodes[at]["did"]:
            return
        for task, file, line, text in did:
            source = quoted({"file": file, "line": line}, self._source)
            told = (task, line, source, safe(shorter(text, short)))
            self._nodes[at]["did"].append(self._lines.setdefault(told, len(self._lines)))


def _is_told(story: Any) -> bool:
    """Whether it has the form in which `grader.student.world.guiding` tells a run."""
    if type(story) is not dict or not {"tasks", "choices", "did"} <= story.keys():
        return False
    tasks, choices, did = story["tasks"], story["choices"], story["did"]
    return (
        is_list(tasks, 2_000, lambda name: type(name) is str)
        and is_list(choices, 400, lambda choice: _is_choice(choice, len(tasks)))
        and is_list(did, 401, lambda part: is_list(part, _MOST_DID, lambda line: _is_line(line, len(tasks))))
        and len(did) == len(choices) + 1
    )


def _is_choice(choice: Any, tasks: int) -> bool:
    return (
        type(choice) is list
        and len(choice) == 3
        and is_list(choice[0], tasks, lambda task: type(task) is int and 0 <= task < tasks)
        and type(choice[1]) is int
        and choice[1] in choice[0]
        and type(choice[2]) is int
    )


def _is_line(line: Any, tasks: int) -> bool:
    return type(line) is list and [type(part) for part in line] == [int, str, int, str] and 0 <= line[0] < tasks
