"""What a check came to, as people see it."""

from __future__ import annotations

import io

from rich.console import Console

from grader.checking.model import Changed, CheckResult, CoverageCheck, ExerciseCheck, MutantCheck, SubmissionCheck
from grader.checking.progress import Bar, Lines
from grader.checking.table import print_check

KILLED = MutantCheck("drop-call/f/1", "drop-call", True, 3, "-    a.join()\n+    pass", "test_a", "")
SURVIVES = MutantCheck("drop-call/f/2", "drop-call", True, 4, "-    b.join()\n+    pass", "", "")
JUDGED = MutantCheck("change-constant/f/3", "change-constant", False, 5, "-    1\n+    2", "", "It is never read.")


def shown(result: CheckResult, width: int = 80) -> str:
    file = io.StringIO()
    print_check(result, Console(file=file, width=width, color_system=None))
    return file.getvalue()


def a_check() -> CheckResult:
    exercise = ExerciseCheck(
        "threading_models",
        submissions=[
            SubmissionCheck("reference", "reference", 4.0, []),
            SubmissionCheck("stub", "stub", 1.0, ["the stub gets 1 points"]),
            SubmissionCheck("correct/a.py", "correct", 4.0, []),
            SubmissionCheck("faulty/b.py", "faulty", 2.0, ["test_a: must fail and passed"]),
        ],
        mutants=[KILLED, SURVIVES, JUDGED],
        coverage=CoverageCheck(10, 10, [3], []),
        problems=["stub: the stub gets 1 points", "mutant drop-call/f/2: survives; write a test"],
        notes=[f"no faulty submission fails test_{number}" for number in range(8)],
    )
    return CheckResult("sha256:x", 2, 6, [exercise], gradings=9, seconds=12.3)


def test_a_table_fits_a_narrow_terminal() -> None:
    lines = shown(a_check()).splitlines()
    assert " ".join(lines[0].split()) == ("exercise ref. stub correct faulty thread mutants other mutants coverage")
    assert lines[1].split() == ["threading_models", "ok", "wrong", "1/1", "0/1", "1/2", "0/1", "+1", "95%"]
    assert max(map(len, lines[:2])) <= 80


def test_survivors_are_shown_with_what_was_changed() -> None:
    text = shown(a_check())
    assert "  mutant drop-call/f/2: survives; write a test\n    -    b.join()\n    +    pass\n" in text
    assert "Thread mutants killed: 1 of 2 (50%); 0 more are judged equivalent (+)." in text
    assert "a.join()" not in text


def test_only_some_notes_are_shown_and_how_many_more() -> None:
    text = shown(a_check())
    assert text.count("Note: ") == 5 and "and 3 notes more, in the JSON" in text


def test_the_last_line_is_the_verdict() -> None:
    result = a_check()
    assert shown(result).splitlines()[-2:] == [
        "9 gradings in 2 rounds, under 6 busy loops, 12 s",
        "The pack is not releasable.",
    ]
    result.exercises[0].problems.clear()
    result.settle()
    assert shown(result).endswith("The pack is releasable.\n")
    result.interrupted = True
    result.settle()
    assert shown(result).splitlines()[-2:] == ["Interrupted: not all was looked at.", "The pack is not releasable."]


def test_changed_verdicts_are_named_with_both() -> None:
    result = a_check()
    result.exercises[0].problems.clear()
    result.changed = [Changed("double", "faulty/b.py", "test_a", "failed", "passed", 3, "6 busy loops")]
    result.settle()
    assert not result.releasable
    assert "double faulty/b.py: test_a failed at first, passed in round 3 with 6 busy loops" in shown(result)


def test_without_a_terminal_lines_tell_how_far_it_is() -> None:
    file = io.StringIO()
    lines = Lines(file)
    lines.started(100)
    for number in range(100):
        lines.graded("double", f"mutant {number}", ["survives"] if number == 7 else [])
    told = file.getvalue().splitlines()
    assert told[0] == "100 gradings" and told[-1] == "100/100"
    assert len(told) == 22 and "double mutant 7: survives" in told


def test_on_a_terminal_a_bar_tells_it_and_goes_away() -> None:
    file = io.StringIO()
    bar = Bar(Console(file=file, force_terminal=True, width=100, color_system=None))
    bar.started(2)
    bar.on("round 2, with one CPU")
    bar.graded("double", "reference", ["test_a: failed"])
    bar.close()
    bar.close()
    assert "double reference: test_a: failed" in file.getvalue()
