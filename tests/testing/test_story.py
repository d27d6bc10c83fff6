"""The story of a schedule as text: columns, switches, who waits for whom; and what a hostile process makes of it."""

from __future__ import annotations

import copy
import json
import unicodedata
from typing import Any

import pytest

from grader.testing.story import tell
from grader.testing.story_form import is_story

Story = dict[str, Any]
LINES = {
    8: "        self.total += 1",
    15: "    with source.lock, target.lock:",
    20: "    thread.join()",
    21: "    assert counter.total == 2",
    30: "    if not jobs.empty():",
    31: "        jobs.get()",
    40: "        self.filled.wait()",
    41: "        self.filled.notify()",
}


def source(file: str, line: int) -> str:
    assert file == "/course/program.py"
    return LINES.get(line, "")


def row(task: int, line: int, *did: str) -> dict[str, Any]:
    return {"task": task, "file": "/course/program.py", "line": line, "did": list(did)}


def wait(task: int, line: int, what: str, *holds: str) -> dict[str, Any]:
    return {"task": task, "file": "/course/program.py", "line": line, "for": what, "holds": list(holds)}


def story(rows: list[dict[str, Any]], tasks: int = 3, **more: Any) -> Story:
    names = ["MainThread", *(f"Thread-{number} (work)" for number in range(1, tasks))]
    return {"tasks": names, "rows": rows, "waits": [], "error": None, **more}


LOST = story(
    [
        row(1, 8, "reads self.total: 0"),
        row(2, 8, "reads self.total: 0", "writes self.total: 1"),
        row(1, 8, "writes self.total: 1"),
    ]
)


def cells(lines: list[str]) -> list[list[str]]:
    """The columns of the rows, without the header."""
    return [[cell.strip() for cell in line.split("|")] for line in lines[2:] if "|" in line]


def test_lost_update_in_two_columns():
    lines = tell(LOST, source)
    assert [part.strip() for part in lines[0].split("|")] == ["Thread-1 (work)", "Thread-2 (work)"]
    assert set(lines[1]) == {"-", "+"}
    texts = [(column, cell) for found in cells(lines) for column, cell in enumerate(found) if cell]
    assert texts == [
        (0, "8 self.total += 1"), (0, "reads self.total: 0"),
        (1, "8 self.total += 1"), (1, "reads self.total: 0"), (1, "writes self.total: 1"),
        (0, "8 self.total += 1 (goes on)"), (0, "writes self.total: 1"),
    ]  # fmt: skip


def test_switches_are_seen():
    lines = tell(LOST, source)
    assert sum(not any(found) for found in cells(lines)) == 2


def test_main_thread_has_a_column_if_it_does_something():
    lines = tell(story([row(0, 20, "starts Thread-1 (work)"), *LOST["rows"]]), source)
    assert [part.strip() for part in lines[0].split("|")] == ["MainThread", "Thread-1 (work)", "Thread-2 (work)"]
    assert cells(lines)[1][0] == "starts Thread-1"


def test_short_name_only_where_it_is_clear():
    told = story([row(0, 20, "starts Thread-1 (work)"), row(1, 8, "x")])
    told["tasks"][2] = "Thread-1 (other)"
    assert "starts Thread-1 (work)" in "\n".join(tell(told, source))


def test_deadlock_tells_who_holds_and_who_waits():
    told = story(
        [row(1, 15, "takes source.lock (lock 1)"), row(2, 15, "takes source.lock (lock 2)")],
        waits=[
            wait(1, 15, "lock `target.lock` (lock 2), held by Thread-2 (work)", "`source.lock` (lock 1)"),
            wait(2, 15, "lock `target.lock` (lock 1), held by Thread-1 (work)", "`source.lock` (lock 2)"),
        ],
    )
    lines = tell(told, source)
    assert lines[-7:] == [
        "",
        "Thread-1 (work), line 15: with source.lock, target.lock:",
        "    holds     `source.lock` (lock 1)",
        "    waits for lock `target.lock` (lock 2), held by Thread-2",
        "Thread-2 (work), line 15: with source.lock, target.lock:",
        "    holds     `source.lock` (lock 2)",
        "    waits for lock `target.lock` (lock 1), held by Thread-1",
    ]


def test_check_and_act_on_queue():
    told = story(
        [
            row(1, 30, "asks jobs.empty(): False"),
            row(2, 30, "asks jobs.empty(): False"),
            row(2, 31, "gets 'tea' from jobs"),
        ],
        waits=[wait(1, 31, "an item in `jobs`: it is empty")],
    )
    lines = tell(told, source)
    assert lines[-2:] == ["Thread-1 (work), line 31: jobs.get()", "    waits for an item in `jobs`: it is empty"]
    assert [found for found in cells(lines) if "gets 'tea' from jobs" in found] == [["", "gets 'tea' from jobs"]]


def test_missed_notify():
    told = story(
        [
            row(2, 41, "notifies one on self.filled: nobody waits there"),
            row(1, 40, "waits on self.filled and gives back its lock"),
        ],
        waits=[wait(1, 40, "somebody to notify it on `self.filled`")],
    )
    lines = tell(told, source)
    text = " ".join(cell for found in cells(lines) for cell in found if cell)
    assert text.index("self.filled: nobody waits there") < text.index("self.filled and gives back its lock")
    assert lines[-1] == "    waits for somebody to notify it on `self.filled`"


def test_error_is_told():
    lines = tell(story([row(0, 21, "raises AssertionError")], error=[0, "AssertionError"]), source)
    assert lines[-1] == "MainThread ends with AssertionError"


def test_what_is_left_out_is_told():
    lines = tell(story([row(1, 8, "a"), {"elided": 12}, row(2, 8, "b")]), source)
    assert "... 12 more ..." in lines


def test_many_threads_go_in_steps():
    lines = tell(story([row(task, 8, f"reads self.total: {task}") for task in range(1, 6)], tasks=6), source)
    assert not any("|" in line for line in lines)
    starts = [len(line) - len(line.lstrip()) for line in lines if line.endswith("(work):")]
    assert starts == [0, 4, 8, 12, 16]
    assert [line.strip() for line in lines if "reads" in line] == [f"reads self.total: {task}" for task in range(1, 6)]


def test_file_is_named_where_there_are_two():
    told = story([row(1, 8, "a"), {**row(2, 3, "b"), "file": "/course/other.py"}])
    text = "\n".join(tell(told, lambda file, line: f"in {file}"))
    assert "program.py:8 in /course/program.py" in text
    assert "other.py:3 in" in text


@pytest.mark.parametrize("width", [10, 40, 72, 100, 160])
@pytest.mark.parametrize("tasks", [2, 3, 4, 7, 100])
@pytest.mark.parametrize("text", ["word " * 100, "x" * 5_000, "\u6f22" * 300, "e\u0301" * 300, "\x1b[2J" * 60])
def test_no_line_is_too_long(width: int, tasks: int, text: str):
    told = story(
        [row(task, 8, text, text) for task in range(tasks)],
        tasks=tasks,
        waits=[wait(0, 8, text, text, text)],
        error=[0, text],
    )
    told["tasks"] = [f"{number}{text}" for number in range(tasks)]
    lines = tell(told, lambda file, line: text, width)
    assert lines
    assert max(map(columns, lines)) <= max(width, 40)


def columns(line: str) -> int:
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in line)
    return len(line) + wide - sum(unicodedata.category(char) == "Mn" for char in line)


@pytest.mark.parametrize(
    "bad", ["\x1b[31m", "\r", "\n", "\t", "\x00", "\x9b", "\u202e", "\u200b", "\u2028", "\ud800", "\U000e0041", "\xad"]
)
def test_nothing_reaches_the_terminal_that_it_would_obey(bad: str):
    told = story(
        [{**row(1, 8, f"a{bad}b"), "file": f"/x/p{bad}.py"}, row(2, 8, f"c{bad}")],
        waits=[wait(1, 8, f"d{bad}e", f"f{bad}g")],
        error=[2, f"h{bad}i"],
    )
    told["tasks"] = [f"j{bad}k"] * 3
    lines = tell(told, lambda file, line: f"l{bad}m")
    text = "".join(lines)
    assert text.isprintable()
    for letters in ("ab", "de", "fg", "hi", "jk", *(["lm"] if bad != "\t" else [])):
        assert letters[0] + ascii(bad)[1:-1] + letters[1] in text


MALFORMED: dict[str, Any] = {
    "nothing": None,
    "a list": [],
    "no rows": {"tasks": [], "waits": [], "error": None},
    "tasks are numbers": {**LOST, "tasks": [1, 2, 3]},
    "a task that is not there": {**LOST, "rows": [row(3, 8, "a")]},
    "a negative task": {**LOST, "rows": [row(-1, 8, "a")]},
    "a task that is true": {**LOST, "rows": [{**row(1, 8, "a"), "task": True}]},
    "a line that is text": {**LOST, "rows": [{**row(1, 8, "a"), "line": "8"}]},
    "a line that is not whole": {**LOST, "rows": [{**row(1, 8, "a"), "line": 8.0}]},
    "a negative line": {**LOST, "rows": [row(1, -8, "a")]},
    "an enormous line": {**LOST, "rows": [row(1, 10**4000, "a")]},
    "no file": {**LOST, "rows": [{**row(1, 8, "a"), "file": None}]},
    "did is text": {**LOST, "rows": [{**row(1, 8), "did": "abc"}]},
    "did holds numbers": {**LOST, "rows": [{**row(1, 8), "did": [1]}]},
    "did has no end": {**LOST, "rows": [row(1, 8, *["a"] * 10_000)]},
    "rows have no end": {**LOST, "rows": [row(1, 8, "a")] * 10_000},
    "left out: text": {**LOST, "rows": [{"elided": "many"}]},
    "left out: enormous": {**LOST, "rows": [{"elided": 10**5000}]},
    "a row is a list": {**LOST, "rows": [[1, 2]]},
    "waits is an object": {**LOST, "waits": {}},
    "waits for a number": {**LOST, "waits": [{**wait(1, 8, ""), "for": 1}]},
    "holds is text": {**LOST, "waits": [{**wait(1, 8, "a"), "holds": "abc"}]},
    "waits without holds": {**LOST, "waits": [row(1, 8)]},
    "the error is text": {**LOST, "error": "AssertionError"},
    "the error's task is not there": {**LOST, "error": [9, "AssertionError"]},
    "the error is too long": {**LOST, "error": [1, "a", "b"]},
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_story_is_none(name: str):
    assert tell(MALFORMED[name], source) == []
    assert not is_story(MALFORMED[name])


def test_every_place_of_a_story_may_hold_anything():
    whole = story(LOST["rows"], waits=[wait(1, 8, "a", "b")], error=[1, "E"])
    tried = 0
    for path in paths(whole):
        for thing in (None, True, -1, 10**30, 1.5, float("nan"), "", "\x1b", [], {}, [[]], {"elided": 1}):
            changed = copy.deepcopy(whole)
            at: Any = changed
            for key in path[:-1]:
                at = at[key]
            at[path[-1]] = thing
            lines = tell(changed, lambda file, line: "")
            assert all(type(line) is str and line.isprintable() for line in lines)
            tried += 1
    assert tried > 300


def paths(thing: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    items = thing.items() if isinstance(thing, dict) else enumerate(thing) if isinstance(thing, list) else ()
    for key, inner in items:
        found += paths(inner, (*path, key))
    return found


def test_source_that_fails_is_no_reason_to_fail():
    def missing(file: str, line: int) -> str:
        raise OSError(file)

    assert "reads self.total: 0" in "\n".join(tell(LOST, missing))


def test_empty_story():
    assert tell(story([]), source) == []


def test_story_is_told_as_it_comes_from_the_wire():
    assert tell(json.loads(json.dumps(LOST)), source) == tell(LOST, source)
