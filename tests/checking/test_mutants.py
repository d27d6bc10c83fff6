"""Mutants: what each operator does to a source, and the names that stay when lines move."""

from __future__ import annotations

from textwrap import dedent

import pytest

from grader.checking.mutants import Mutant, mutants_of


def changed(operator: str, source: str, given: str = "") -> list[str]:
    """The sources that an operator makes."""
    return [mutant.source for mutant in found(operator, source, given)]


def found(operator: str, source: str, given: str = "") -> list[Mutant]:
    return [mutant for mutant in mutants_of(dedent(source), dedent(given)) if mutant.operator == operator]


def body(*lines: str) -> str:
    """A function with these lines."""
    return "\n".join(["import threading", "def f(a, b, x):", *(f"    {line}" for line in lines), ""])


@pytest.mark.parametrize(
    ("operator", "before", "after"),
    [
        ("drop-lock", ["with a:", "    x()"], [["if True:", "    x()"]]),
        ("drop-lock", ["with open(x) as file:", "    x()"], []),
        ("drop-call", ["a.join()"], [["pass"]]),
        ("drop-call", ["x = a.join(b)"], []),
        ("join-at-start", ["a.start()", "x()"], [["a.start(); a.join()", "x()"]]),
        ("join-at-start", ["a.start()", "a.join()"], []),
        ("run-instead-of-start", ["a.start()"], [["a.run()"]]),
        (
            "join-the-last-only",
            ["for thread in a:", "    thread.join()"],
            [["for thread in list(a)[-1:]:", "    thread.join()"]],
        ),
        ("swap-locks", ["with a, b:", "    x()"], [["with b, a:", "    x()"]]),
        ("swap-locks", ["with a:", "    with b:", "        x()"], [["with b:", "    with a:", "        x()"]]),
        (
            "move-out-of-with",
            ["with a:", "    b()", "    x()"],
            [["b()", "with a:", "    x()"], ["with a:", "    b()", "x()"]],
        ),
        ("notify-one", ["a.notify_all()"], [["a.notify()"]]),
        ("wait-once", ["while b:", "    a.wait()"], [["if b:", "    a.wait()"]]),
        ("wait-once", ["while b:", "    x()"], []),
        ("wait-for-ever", ["a.wait(0.1)"], [["a.wait()"]]),
        ("share-what-is-fresh", ["x = []"], [["x = globals().setdefault('_shared_3', [])"]]),
        (
            "drop-finally",
            ["try:", "    a()", "finally:", "    b()"],
            [["if True:", "    a()", "if True:", "    b()"]],
        ),
        (
            "drop-finally",
            ["try:", "    a()", "except x:", "    b()", "finally:", "    b()"],
            [["try:", "    a()", "except x:", "    b()", "else:", "    b()"]],
        ),
        ("drop-daemon", ["a(daemon=True)"], [["a(daemon=None)"]]),
        ("take-in-two-steps", ["x = a.popleft()"], [["x = (a[0], a.popleft())[0]"]]),
        (
            "bind-late",
            ["threading.Thread(target=a, args=(b,)).start()"],
            [["threading.Thread(target=lambda: a(*(b,))).start()"]],
        ),
        ("swap-statements", ["a.set()", "b = x"], [["b = x", "a.set()"]]),
        ("swap-statements", ["a = 1", "b = x"], []),
        ("slice-by-one", ["x[a:]"], [["x[(a) + 1:]"], ["x[(a) - 1:]"]]),
        ("change-constant", ["x(1)"], [["x(2)"], ["x(0)"]]),
        ("change-comparison", ["x(a < b)"], [["x(a <= b)"]]),
        ("negate-condition", ["if a:", "    x()"], [["if not (a):", "    x()"]]),
        ("swap-and-or", ["x(a and b)"], [["x(((a) or (b)))"]]),
        ("change-arithmetic", ["x(a + b)"], [["x(((a) - (b)))"]]),
        ("return-nothing", ["return a"], [["return None"]]),
        ("drop-raise", ["raise a"], [["pass"]]),
        (
            "catch-less",
            ["try:", "    a()", "except BaseException:", "    b()"],
            [["try:", "    a()", "except Exception:", "    b()"]],
        ),
        ("leave-the-loop-otherwise", ["for x in a:", "    break"], [["for x in a:", "    continue"]]),
    ],
)
def test_an_operator_changes_its_lines_and_no_others(operator: str, before: list[str], after: list[list[str]]) -> None:
    assert changed(operator, body(*before)) == [body(*lines) for lines in after]


def test_what_comes_from_the_stub_is_not_mutated() -> None:
    given = "def get(url):\n    return url + 1\n"
    own = "def f(a):\n    return a + 1\n"
    assert {mutant.id.split("/")[1] for mutant in mutants_of(given + own, given)} == {"f"}
    assert {mutant.id.split("/")[1] for mutant in mutants_of(given + own, "")} == {"f", "get"}


def test_names_stay_when_lines_move_and_comments_change() -> None:
    before = "def f(a, b):\n    for x in a:  # each\n        b.join()\n    c = []\n    return a[1:]\n"
    moved = before.replace("each", "every one").replace("    c", "    # New:\n    c")
    after = '"""A text."""\n\n# More.\n' + moved
    assert [mutant.id for mutant in mutants_of(before)] == [mutant.id for mutant in mutants_of(after)]


def test_equal_changes_in_one_function_have_names_of_their_own() -> None:
    ids = [mutant.id for mutant in found("drop-call", body("a.join()", "x()", "a.join()"))]
    assert len(set(ids)) == 2 and ids[1] == f"{ids[0]}-2"


def test_only_thread_operators_count_as_such() -> None:
    kinds = {mutant.operator: mutant.concurrency for mutant in mutants_of(body("a.join()", "if a > 1:", "    x()"))}
    assert kinds["drop-call"] and not kinds["change-comparison"]


def test_a_mutant_shows_what_is_changed() -> None:
    (mutant,) = found("drop-call", body("x()", "a.join()"))
    assert mutant.line == 4 and "-    a.join()\n+    pass" in mutant.diff


def test_text_that_is_not_ascii_shifts_nothing() -> None:
    assert changed("drop-call", body('x("äöü")', 'y = "ü"; a.join()')) == [body('x("äöü")', 'y = "ü"; pass')]


def test_a_docstring_and_an_annotation_are_no_code() -> None:
    source = 'def f(a: "x[1:]") -> "y[1:]":\n    """a.join()"""\n    a()\n'
    assert {mutant.operator for mutant in mutants_of(source)} == {"return-early", "drop-statement"}


def test_what_is_not_to_be_covered_is_not_mutated() -> None:
    source = "def f(a):\n    if a:  # pragma: no cover - never so\n        a.join()\n    a.start()\n"
    assert {mutant.line for mutant in mutants_of(source)} == {4}
