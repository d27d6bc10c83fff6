"""What a student reads, at several widths and on several kinds of terminal."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

from grader.reports.terminal import Hints, hint_lines, make_console, print_result, render
from grader.results import PUBLIC_ONLY, ExerciseResult, Result, TestResult, Verdict, exercise_result, result

JAILED = {"tier": "jail", "guarantees": ["files", "network", "processes"]}
OWN_THREAD = "`sum_chunk` is called in that chunk's own new thread."
HOSTILE = "\x1b]52;c;x\x07[bold red]::error::\u202e ##[command]\udc80"


def told(name: str, verdict: Verdict = "passed", points: float = 1.0, reason: str = "", **fields: Any) -> TestResult:
    known: dict[str, Any] = {
        "group": "correctness",
        "visibility": "public",
        "score": points if verdict == "passed" else 0.0,
        "rule": "A rule.",
        "evidence": {},
        "duration": 0.01,
    }
    return TestResult(name=name, verdict=verdict, max_score=points, reason=reason, **(known | fields))


def failed(name: str, reason: str, **fields: Any) -> TestResult:
    return told(name, "failed", reason=reason, **fields)


def adder(*tests: TestResult, **fields: Any) -> ExerciseResult:
    return exercise_result("adder", "Add two numbers", list(tests), **fields)


def untested(status: str, reason: str = "") -> ExerciseResult:
    return adder(failed("test_a", reason), failed("test_b", reason), status=status, reason=reason)


def graded(*exercises: ExerciseResult, **fields: Any) -> Result:
    known: dict[str, Any] = {"environment": JAILED, "pack": "abc"}
    return result("alice", list(exercises), **(known | fields))


def report(value: Result, width: int = 80, hints: Hints | None = None, verbose: bool = False) -> str:
    """The report as text on a terminal of that width, without colours."""
    file = io.StringIO()
    environment = {"TERM": "xterm-256color"}
    console = Console(file=file, width=width, force_terminal=True, legacy_windows=False, _environ=environment)
    print_result(value, console, hints, verbose)
    return re.sub(r"\x1b\[[0-9;]*m", "", file.getvalue())


@pytest.fixture(autouse=True)
def at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not in a CI job, whatever runs these tests."""
    for name in ("CI", "GITHUB_ACTIONS", "TF_BUILD"):
        monkeypatch.delenv(name, raising=False)


# --- all is well ---------------------------------------------------------------------------------


def test_full_marks_are_a_line_for_each_exercise_and_a_total() -> None:
    server = exercise_result("server", "Serve", [told("test_c", points=2.5)])
    assert report(graded(adder(told("test_a"), told("test_b")), server)).splitlines() == [
        "Submission alice",
        "",
        "Add two numbers ████████████████████       2/2",
        "Serve           ████████████████████   2.5/2.5",
        "",
        "Score 4.5 / 4.5",
    ]


def test_exercise_without_a_title_is_told_by_its_name() -> None:
    assert "\nadder ███" in report(graded(exercise_result("adder", "", [told("test_a")])))


def test_result_without_exercises_is_no_trouble() -> None:
    assert report(graded()).endswith("Score 0 / 0\n")


@pytest.mark.parametrize(
    ("score", "bar"),
    [(0.0, "░" * 20), (0.25, "█" + "░" * 19), (50.0, "█" * 10 + "░" * 10), (99.75, "█" * 19 + "░"), (100.0, "█" * 20)],
)
def test_bar_is_empty_only_at_nothing_and_full_only_at_everything(score: float, bar: str) -> None:
    assert f" {bar} " in report(graded(adder(told("test_a", "failed", 100.0, "x", score=score))))


def test_bar_shows_what_is_not_decided() -> None:
    tests = [told("test_a", points=10.0), told("test_b", "inconclusive", 5.0), failed("test_c", "x")]
    text = report(graded(adder(*tests)))
    assert " ████████████▒▒▒▒▒▒░░ " in text
    assert " ███████████████████▒ " in report(
        graded(adder(told("test_a", points=99.0), told("test_b", "inconclusive")))
    )


# --- failures ------------------------------------------------------------------------------------


def test_failure_tells_name_points_rule_what_was_seen_and_the_first_hint() -> None:
    test = failed("test_each_chunk_has_a_thread_of_its_own", "2 chunks, 1 thread", rule=OWN_THREAD)
    asked = []

    def hints(exercise: str, rule: str) -> tuple[str, ...]:
        asked.append((exercise, rule))
        return ("Which thread is it?", "Start one.")

    lines = report(graded(adder(told("test_a"), test)), hints=hints).splitlines()
    assert lines[2] == "── Add two numbers " + "─" * 61
    assert lines[8] == "  More  grade explain each_chunk_has_a_thread_of_its_own"
    assert lines[4:8] == [
        "✗ each_chunk_has_a_thread_of_its_own 0/1",
        f"  Rule  {OWN_THREAD}",
        "  Seen  2 chunks, 1 thread",
        "  Hint  Which thread is it? (1 of 2; --hint 2 for the next)",
    ]
    assert asked == [("adder", OWN_THREAD)]


def test_hint_is_that_of_the_first_rule_that_has_one() -> None:
    test = failed("test_a", "x", rule="One.\nTwo.\nThree.")
    text = report(graded(adder(test)), hints=lambda _, rule: () if rule == "One." else (f"about {rule}",))
    assert "  Rule  One.\n        Two.\n        Three.\n" in text
    assert "  Hint  about Two. (1 of 2; --hint 2 for the next)\n" in text
    assert "about Three." not in text


def test_hints_are_those_of_the_result_where_nobody_else_gives_any() -> None:
    text = report(graded(adder(failed("test_a", "x", rule="One.\nTwo."), hints={"Two.": ["Think.", "Add."]})))
    assert "  Hint  Think. (1 of 2; --hint 2 for the next)\n" in text and "Add." not in text


def test_rule_without_hints_has_no_line_for_them() -> None:
    assert "Hint" not in report(graded(adder(failed("test_a", "x"))))


def test_hidden_test_and_its_partial_points_are_told() -> None:
    assert "✗ a 0.5/1 hidden\n" in report(graded(adder(failed("test_a", "x", visibility="hidden", score=0.5))))


def test_same_reason_is_told_once_with_all_names() -> None:
    text = report(graded(adder(failed("test_a", "KeyError"), failed("test_b", "stuck"), failed("test_c", "KeyError"))))
    assert text.count("KeyError") == 1
    assert "✗ a 0/1\n  c 0/1\n  Rule  A rule.\n  Seen  KeyError\n  More  grade explain a\n\n✗ b 0/1\n" in text


def test_many_names_for_one_reason_are_counted() -> None:
    value = graded(adder(*[failed(f"test_n{number}", "KeyError") for number in range(10)]))
    assert "  n3 0/1\n  … and 6 more for the same reason\n" in report(value)
    assert "  n9 0/1\n" in report(value, verbose=True)
    assert "more" not in report(value, verbose=True)


def test_sixth_failure_is_only_counted() -> None:
    value = graded(adder(*[failed(f"test_n{number}", f"reason {number // 2}") for number in range(16)]))
    text = report(value)
    assert "reason 4" in text
    assert "reason 5" not in text
    assert "\n… and 6 more that failed (`--verbose` shows all)\n" in text
    assert "reason 7" in report(value, verbose=True)


def test_lines_and_code_of_a_reason_keep_their_indentation() -> None:
    reason = "Stuck.\n  MainThread: line 3\n\n      def f():\n          pass"
    seen = "  Seen  Stuck.\n          MainThread: line 3\n\n              def f():\n                  pass\n"
    assert seen in report(graded(adder(failed("test_a", reason)))).replace(" " * 8 + "\n", "\n")


def test_long_lines_are_wrapped_below_their_beginning() -> None:
    reason = "Stuck.\n  Thread-1: " + "word " * 20
    assert report(graded(adder(failed("test_a", reason))), width=50).splitlines()[6:10] == [
        "  Seen  Stuck.",
        "          Thread-1: word word word word word",
        "            word word word word word word word",
        "            word word word word word word word",
    ]


def test_endless_reason_is_cut_unless_all_is_asked_for() -> None:
    value = graded(adder(failed("test_a", "\n".join(["x" * 5000] + [f"line {number}" for number in range(1, 40)]))))
    text = report(value)
    assert len(text.splitlines()) < 40
    assert "… and 26 lines more\n" in text
    assert "line 39" in report(value, verbose=True)
    assert report(value, verbose=True).count("x") >= 5000


def test_output_of_public_tests_is_shown_where_all_is_asked_for() -> None:
    shown = failed("test_a", "x", evidence={"output": "\n".join(f"print {number}" for number in range(30))})
    value = graded(adder(shown, failed("test_b", "y", evidence={"output": "secret"}, visibility="hidden")))
    text = report(value, verbose=True)
    assert "  Printed print 20\n          print 21\n" in text
    assert "print 19" not in text
    assert "secret" not in text
    assert "Printed" not in report(value)
    endless = graded(adder(failed("test_a", "x", evidence={"output": "z" * 5000})))
    assert 300 < report(endless, verbose=True).count("z") < 500


# --- not graded, not decided ---------------------------------------------------------------------


def test_exercise_not_started_is_told_in_one_line() -> None:
    text = report(graded(untested("not started", "adder.py is still the stub")))
    assert text.splitlines()[2:4] == ["Add two numbers ░░░░░░░░░░░░░░░░░░░░       0/2 not started", ""]


def test_exercise_that_cannot_be_tested_is_told_once_without_its_tests() -> None:
    reason = "adder.py line 3: SyntaxError: '(' was never closed\n    print(1\n         ^"
    lines = report(graded(untested("cannot be tested", reason), adder(told("test_c")))).splitlines()
    assert lines[2:7] == [
        "Add two numbers ░░░░░░░░░░░░░░░░░░░░       0/2",
        "    cannot be tested: adder.py line 3: SyntaxError: '(' was never closed",
        "        print(1",
        "             ^",
        "Add two numbers ████████████████████       1/1",
    ]


def test_not_started_stays_beside_its_line_whatever_the_title() -> None:
    blank = exercise_result("a", "A title that is too long for its column by far", [], "not started")
    assert report(graded(blank)).splitlines()[2].endswith("… ░░░░░░░░░░░░░░░░░░░░       0/0 not started")
    assert report(graded(blank), width=40).splitlines()[3] == "    not started"


def test_endless_reason_for_not_testing_is_cut() -> None:
    text = report(graded(untested("cannot be tested", "\n".join(f"line {number}" for number in range(99)))))
    assert "line 13" in text
    assert "line 14" not in text


def test_caret_is_below_its_place_in_code_indented_by_tabs() -> None:
    text = report(graded(untested("cannot be tested", "line 1\n    \tf(x\n      ^")))
    assert "\n         f(x\n          ^\n" in text


def test_caret_is_below_its_place_or_not_there_at_all() -> None:
    code = "f(" + "argument, " * 12
    near = report(graded(untested("cannot be tested", f"line 1\n    {code}\n     ^")), width=40)
    assert "\n        f(argument, argument, argument,…\n         ^\n" in near
    far = report(graded(untested("cannot be tested", f"line 1\n    {code}\n{' ' * 90}^")), width=40)
    assert "^" not in far


def test_what_is_not_decided_stands_apart() -> None:
    unsure = told("test_speed", "inconclusive", 2.0, "no CPU for 120 s")
    text = report(graded(adder(told("test_a"), failed("test_b", "KeyError"), unsure)))
    apart = "\nNot decided: 2 points, flagged for your instructor\n? speed 0/2\n  Why   no CPU for 120 s\n"
    assert apart in text
    assert text.index("KeyError") < text.index("Not decided")
    assert text.endswith("Score 1 / 4 (2 points not decided)\n")


def test_exercise_in_which_nothing_failed_tells_what_is_not_decided() -> None:
    assert "? speed 0/1\n" in report(graded(adder(told("test_a"), told("test_speed", "inconclusive"))))


def test_score_says_one_point_in_the_singular() -> None:
    assert report(graded(adder(told("test_a", "inconclusive")))).endswith("Score 0 / 1 (1 point not decided)\n")


# --- notes and tier ------------------------------------------------------------------------------


def test_notes_are_shown_and_those_for_the_whole_only_once() -> None:
    exercise = adder(told("test_a"), notes=[PUBLIC_ONLY, "found in Adder.py"])
    text = report(graded(exercise, exercise, notes=[PUBLIC_ONLY]))
    assert text.count(PUBLIC_ONLY) == 1
    assert "note: Only" not in text
    assert text.count("\n    note: found in Adder.py\n") == 2


@pytest.mark.parametrize(
    ("environment", "line"),
    [
        ({"tier": "limits", "guarantees": []}, "Ran at tier limits: no protection of files, network, processes"),
        ({"tier": "landlock", "guarantees": ["files"]}, "Ran at tier landlock: no protection of network, processes"),
        (JAILED, None),
        ({"tier": "vm", "guarantees": ["processes", "network", "files", "memory"]}, None),
        ({}, None),
    ],
)
def test_tier_is_told_where_it_is_less_than_a_jail(environment: dict[str, Any], line: str | None) -> None:
    text = report(graded(adder(told("test_a")), environment=environment))
    assert (f"\n{line} (`grade doctor`)\nScore" in text) if line else ("tier" not in text)


# --- terminals -----------------------------------------------------------------------------------


def everything(text: str = "words that go on for a while, so that there is something to break") -> Result:
    """Of each kind something, with this text wherever a submission can put one."""
    one = failed(f"test_{text}", f"{text}\n    {text}\n    ^", visibility="hidden", evidence={"output": text})
    public = failed("test_b", f"b {text}", evidence={"output": text})
    tests = [told("test_ok"), one, public, told("test_c", "inconclusive", 2.0, text)]
    first = exercise_result("first", text, tests, notes=[text])
    return result(
        text,
        [first, untested("cannot be tested", text), untested("not started", text), untested(text, f"{text}\nand more")],
        environment={"tier": text, "guarantees": []},
        pack="abc",
        notes=[text, PUBLIC_ONLY],
    )


@pytest.mark.parametrize("width", [32, 40, 60, 80, 100, 200])
@pytest.mark.parametrize(
    "text",
    [
        "some words",
        "x" * 300,
        "漢字 " * 50,
        "y z " * 100,
        f"a\n{' ' * 300}b",
        f"a\n{' ' * 25}deeper and deeper and deeper\n{' ' * 26}^",
    ],
)
def test_no_line_is_wider_than_the_terminal(text: str, width: int) -> None:
    lines = report(everything(text), width, lambda *_: (text,), verbose=True).splitlines()
    assert max(map(cell_len, lines)) <= min(width, 100)
    assert lines[-1].startswith(("Score", "(2"))


@pytest.mark.parametrize("width", [1, 5, 12])
def test_absurd_width_is_survived(width: int) -> None:
    assert "Score" in report(everything(), width)


def test_long_name_is_whole_on_a_narrow_terminal() -> None:
    name = "test_chunks_are_contiguous_and_of_nearly_equal_length_and_in_order"
    text = report(graded(adder(failed(name, "x"))), width=40)
    assert name.removeprefix("test_") in text.replace("\n  ", "")


def test_text_of_a_submission_is_never_raw() -> None:
    for verbose in (False, True):
        text = report(everything(HOSTILE), hints=lambda *_: (HOSTILE,), verbose=verbose)
        assert not set(text) & set("\x1b\x07\u202e\udc80")
        assert r"\x1b]52;c;x\x07[bold red]" in text


def test_name_with_newlines_cannot_forge_a_line() -> None:
    value = result("alice\nScore 100 / 100", [], environment=JAILED, pack="")
    exercise = exercise_result("x", "Title\nScore 100 / 100", [failed("test_a\nScore 100 / 100", "r\nScore 100 / 100")])
    forged = "\n".join([report(value), report(graded(exercise))]).splitlines()
    assert [line for line in forged if line.startswith("Score")] == ["Score 0 / 0", "Score 0 / 1"]


def test_file_gets_no_escape_sequence_and_no_workflow_command() -> None:
    text = render(everything(HOSTILE)).decode()
    assert "\x1b" not in text
    assert "::" not in text
    assert "##[" not in text


def test_double_colon_stays_on_a_terminal_but_not_in_a_ci_job(monkeypatch: pytest.MonkeyPatch) -> None:
    value = graded(adder(failed("test_a", "`x[::2]` is wrong")))
    assert "`x[::2]`" in report(value)
    monkeypatch.setenv("CI", "true")
    assert "`x[: :2]`" in report(value)


def on_bytes(encoding: str, environment: dict[str, str], terminal: bool = True) -> bytes:
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding)
    console = Console(file=file, width=80, force_terminal=terminal, legacy_windows=False, _environ=environment)
    print_result(everything("é → 漢 \udc80 " + "and more " * 100), console, lambda *_: ("é →",), verbose=True)
    file.flush()
    return raw.getvalue()


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "koi8-r"])
def test_terminal_without_unicode_gets_ascii_bars(encoding: str) -> None:
    text = on_bytes(encoding, {"TERM": "dumb"}).decode(encoding)
    assert " ####???" in text
    assert "x b 0/1\n" in text
    assert "\\u6f22" in text


def test_colours_are_for_terminals_that_want_them() -> None:
    colour = {"TERM": "xterm-256color"}
    assert b"\x1b[1;31m" in on_bytes("utf-8", colour)
    assert not re.search(rb"\x1b\[[0-9;]*3[0-7]m", on_bytes("utf-8", colour | {"NO_COLOR": "1"}))
    assert b"\x1b" not in on_bytes("utf-8", {"TERM": "dumb"})
    assert b"\x1b" not in on_bytes("utf-8", colour, terminal=False)


def test_console_of_grade_writes_to_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    print_result(graded(adder(told("test_a"))), make_console())
    out, err = capsys.readouterr()
    assert out.startswith("Submission alice\n")
    assert err == ""


# --- hints, and commands that tell more --------------------------------------------------------------


def test_hints_unfold_one_at_a_time() -> None:
    found = ("Look.", "Look closer.", "Use a lock.")
    assert hint_lines(found, 0) == [] and hint_lines((), 2) == []
    assert hint_lines(found, 2) == ["Look.", "Look closer. (2 of 3; --hint 3 for the next)"]
    assert hint_lines(found, 3) == hint_lines(found, 99) == list(found)


def test_a_story_can_be_seen_again_and_any_failure_explained() -> None:
    file = io.StringIO()
    tests = [failed("test_a", "x", evidence={"schedule": "15.2"}), failed("test_b", "y")]
    print_result(graded(adder(*tests)), Console(file=file, width=100), path="handed in/alice")
    assert "  More  grade replay a:15.2 'handed in/alice'\n" in file.getvalue()
    assert "  More  grade explain b 'handed in/alice'\n" in file.getvalue()


def test_plain_output_has_no_colours_and_80_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "200")
    console = make_console(plain=True)
    with console.capture() as captured:
        print_result(graded(adder(failed("test_a", "word " * 100))), console)
    assert "\x1b" not in captured.get() and max(map(len, captured.get().splitlines())) <= 80


def test_no_color_is_kept_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    console = Console(file=io.StringIO(), force_terminal=True)
    with console.capture() as captured:
        print_result(graded(adder(failed("test_a", "x"))), console)
    assert not re.search(r"\x1b\[(?:\d+;)*(?:3|4|9|10)\d", captured.get())
