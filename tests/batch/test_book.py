"""The gradebook's rows, the reports for students, and the summary: made from results, without grading anything."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import msgspec
import pytest

from grader.batch import book
from grader.batch.attempts import Attempt, BatchError
from grader.batch.feedback import folder_name, write_feedback, write_file
from grader.batch.handed_in import Doubts
from grader.batch.marking import Draft, Marking, Step
from grader.batch.people import People, Person
from grader.batch.store import Kept
from grader.batch.summary import figures_of_tests, summary
from grader.course import Exercise
from grader.reports.reading import NoResult, read_result
from grader.results import TestResult, exercise_result

NOBODY, PLAIN = People(), Marking()
DOUBLE = Exercise("double", "Twice", 4.0, Path("double"), {}, {}, {}, {}, (), None)


def judged(name: str, verdict: str, points: float = 2.0, **evidence: Any) -> TestResult:
    score = points if verdict == "passed" else 0.0
    return TestResult(name, "g", "hidden", verdict, score, points, "why", "rule", evidence, 0.5)  # type: ignore[arg-type]


def graded(student: str, *verdicts: str, number: int = 1, tier: str = "jail", **changes: Any) -> book.Graded:
    tests = [judged(f"test_{place}", verdict, **changes.get("evidence", {})) for place, verdict in enumerate(verdicts)]
    kept = {"double": Kept(exercise_result("double", "Twice", tests), {"tier": tier}, changes.get("at_fault", False))}
    attempt = Attempt(student, f"{student}/{number}", Path(student), number=number)
    return book.Graded(attempt, f"digest {student} {number}", "", changes.get("fault", ""), kept if verdicts else {})


def rows(
    *given: book.Graded, keep: book.Keep = "last", people: People | None = None, marking: Marking | None = None
) -> Any:
    return book.rows(given, [DOUBLE], keep, people or People(), marking or Marking())


def test_the_attempt_that_counts_is_the_last_or_the_best() -> None:
    first, second = graded("a", "passed", "passed"), graded("a", "passed", "failed", number=2)
    assert [one.row.score for one in rows(second, first)] == [2.0]
    [best] = rows(second, first, keep="best")
    assert (best.row.score, best.graded, best.others) == (4.0, first, (second,))
    assert [(mark.number, mark.score, mark.counts) for mark in best.row.attempts] == [(1, 4.0, True), (2, 2.0, False)]
    attempts = [first.attempt, second.attempt]
    assert book.that_count(attempts, "last") == attempts[1:]
    assert book.that_count(attempts, "best") == book.that_count(attempts, "all") == attempts


def test_the_best_is_the_best_mark_and_not_the_most_points() -> None:
    def late(draft: Draft) -> None:
        if draft.work.when:
            draft.change(-draft.score / 2, "late")

    first, second = graded("a", "passed", "passed", "failed"), graded("a", "passed", "passed", "passed", number=2)
    second = replace(second, attempt=replace(second.attempt, when=datetime(2026, 11, 1, tzinfo=UTC)))
    [best] = rows(first, second, keep="best", marking=Marking([Step("late", 30, late)]))
    assert (best.row.score, best.graded, best.row.adjustments) == (4.0, first, [])
    assert [(mark.number, mark.score, mark.counts) for mark in best.row.attempts] == [(1, 4.0, True), (2, 6.0, False)]


def test_that_the_best_is_not_known_is_flagged() -> None:
    first, second = graded("a", "passed"), graded("a", number=2)
    [best] = rows(first, second, keep="best")
    assert (best.row.score, best.row.flags) == (2.0, ["attempt 2 is not graded, and may be better"])
    assert rows(second, first)[0].row.flags == ["not graded yet"]


def test_flags_name_what_an_instructor_should_look_at() -> None:
    found = rows(
        graded("a", "passed", "inconclusive", at_fault=True),
        graded("b", "failed", "failed", evidence={"flags": ["forged frames"]}),
        graded("c", "passed", "passed", tier="limits", evidence={"flags": ["denied: ptrace"]}),
        graded("d", fault="MemoryError: x"),
        graded("e"),
        graded("f", "passed", "failed"),
        people=People(tuple(Person(name) for name in "abcdefg")),
    )
    assert {one.row.student: one.row.flags for one in found} == {
        "a": ["2 points not decided", "the grader itself failed in some tests"],
        "b": ["double: forged frames"],
        "c": ["graded at tier limits", "double: denied: ptrace"],
        "d": ["the grader itself failed: MemoryError: x", "4 points not decided"],
        "e": ["not graded yet"],
        "f": [],
        "g": ["nothing handed in"],
    }
    assert {one.row.max_score for one in found} == {4.0}
    assert [one.row.cells["double"].failed for one in found if one.row.student == "f"] == [["test_1"]]


def test_what_a_format_has_seen_is_flagged() -> None:
    one = graded("a", "passed")
    [found] = rows(replace(one, attempt=replace(one.attempt, flags=("holds changes that are not committed",))))
    assert found.row.flags == ["holds changes that are not committed"]


def test_who_is_not_graded_has_no_mark_and_not_zero() -> None:
    unclear = book.Graded(Attempt("a", "a", problem="a.py and a.zip"), "", "a.py and a.zip", "", {})
    refused = book.Graded(Attempt("b", "b"), "", "b is a link", "", {})
    found = rows(
        unclear, refused, graded("c"), graded("d", fault="x"), graded("e", "failed"), people=People((Person("f"),))
    )
    assert [(one.row.student, one.row.score) for one in found] == [
        ("a", None), ("b", 0.0), ("c", None), ("d", None), ("e", 0.0), ("f", 0.0),
    ]  # fmt: skip
    assert found[0].row.flags[0] == "not clear: a.py and a.zip"


def test_the_worth_is_that_of_the_tests_that_were_run() -> None:
    people = People((Person("a"), Person("b")))
    assert {one.row.max_score for one in rows(graded("a", "passed"), people=people)} == {2.0}


def feedback(found: Any, out: Path) -> None:
    write_feedback(found, out, {one.digest: one.kept for row in found for one in (row.graded, *row.others)}.__getitem__)


def test_reports_show_the_mark_of_the_gradebook(tmp_path: Path) -> None:
    def penalty(draft: Draft) -> None:
        draft.change(-draft.score / 4, "1 day late")

    found = rows(graded("a/..", "passed", "passed"), graded("b"), marking=Marking([Step("late", 30, penalty)]))
    feedback(found, tmp_path)
    assert [path.name for path in (tmp_path / "feedback").iterdir()] == ["a%2F"]
    result = json.loads((tmp_path / "feedback" / "a%2F" / "result.json").read_text())
    assert (result["score"], result["max_score"], found[0].row.score) == (3.0, 4.0, 3.0)
    assert result["notes"] == ["1 day late: -1 points"]
    assert "Score 3 / 4" in (tmp_path / "feedback" / "a%2F" / "report.txt").read_text()


def test_a_mark_that_the_policy_has_changed_can_be_reported_and_an_edited_one_cannot(tmp_path: Path) -> None:
    def change(draft: Draft) -> None:
        draft.change(Fraction(-15, 100), "oral exam")
        draft.max_score -= 1
        draft.score -= Fraction(1, 3)  # as a plug-in may, without a word

    found = rows(graded("a", "passed", "passed"), graded("b"), marking=Marking([Step("by hand", 40, change)]))
    feedback(found, tmp_path)
    file = tmp_path / "feedback" / "a" / "result.json"
    result = read_result(str(file))
    assert (result.score, result.max_score) == (found[0].row.score, 3.0)
    written = file.read_text()
    for old, new in (
        ('"score": 3.5', '"score": 3.9'),
        ('"max_score": 3.0', '"max_score": 4.5'),
        ('"points": -0.15', '"points": -0.05'),
    ):
        assert old in written
        file.write_text(written.replace(old, new, 1))
        with pytest.raises(NoResult, match=r"are not the sum.*: has it been edited"):
            read_result(str(file))


def test_who_lacks_an_exercise_has_a_result_that_can_be_reported(tmp_path: Path) -> None:
    late = Step("late", 30, lambda draft: draft.change(-draft.score / 4, "1 day late"))
    twice = replace(DOUBLE, name="triple")
    found = book.rows([graded("a", "passed", "passed")], [DOUBLE, twice], "last", People(), Marking([late]))
    assert (found[0].row.score, found[0].row.max_score) == (None, 8.0)
    feedback(found, tmp_path)
    result = read_result(str(tmp_path / "feedback" / "a" / "result.json"))
    assert (result.score, result.max_score) == (4.0, 8.0)
    assert result.notes == [], "nothing has been taken off"


def test_what_the_policy_notes_is_in_the_gradebook_and_in_the_students_report(tmp_path: Path) -> None:
    def extend(draft: Draft) -> None:
        draft.notes.append("extended until tomorrow: ill")

    found = rows(graded("a", "passed"), people=People((Person("b"),)), marking=Marking([Step("late", 30, extend)]))
    assert [one.row.notes for one in found] == [["extended until tomorrow: ill"]] * 2
    feedback(found[:1], tmp_path)
    assert "extended until tomorrow: ill" in (tmp_path / "feedback" / "a" / "report.txt").read_text()
    assert "extended until tomorrow: ill" in (tmp_path / "feedback" / "a" / "report.html").read_text()


def test_every_attempt_has_its_reports(tmp_path: Path) -> None:
    found = rows(graded("a", "passed", "passed"), graded("a", "passed", "failed", number=2), keep="all")
    feedback(found, tmp_path)
    scores = {
        str(path.parent.relative_to(tmp_path)): json.loads(path.read_text())["score"]
        for path in tmp_path.rglob("result.json")
    }
    assert scores == {"feedback/a": 2.0, "feedback/a/attempt-1": 4.0}


def test_a_report_is_not_written_again(tmp_path: Path) -> None:
    found = rows(graded("a", "passed"))
    feedback(found, tmp_path)
    file = tmp_path / "feedback" / "a" / "report.txt"
    before = file.stat()
    feedback(found, tmp_path)
    assert file.stat().st_ino == before.st_ino


def test_names_of_folders_are_special_in_no_way() -> None:
    taken: set[str] = set()
    names = ["..", ".", "", "a/b", "A\\b", "jürgen", "-rf", "x\x00\n", "CON.", "a" * 300, "a" * 299 + "b", "Ann", "ann"]
    made = [folder_name(name, taken) for name in names]
    assert len({name.casefold() for name in made}) == len(names)
    for name in made:
        assert name and not name.startswith(".") and "/" not in name and "\\" not in name and name.isprintable()
        assert len(name.encode()) < 200
    assert made[5] == "jürgen"


def test_a_file_is_replaced_as_a_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_file(tmp_path / "x", b"old")
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(BatchError, match="No space left on device; all results are kept"):
        write_file(tmp_path / "x", b"new")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("x", b"old")]


def test_a_test_that_tells_good_from_bad_is_told_from_one_that_does_not() -> None:
    verdicts = [("passed", "passed", "failed"), ("failed", "failed", "passed")] * 8
    found = rows(
        *(graded(f"s{n}", *one) for n, one in enumerate(verdicts)), graded("z", "inconclusive", "passed", "passed")
    )
    figures = {one.name: one for one in figures_of_tests(found)}
    assert (figures["test_0"].passed, figures["test_0"].failed, figures["test_0"].inconclusive) == (8, 8, 1)
    assert figures["test_2"].discrimination is not None and figures["test_2"].discrimination < 0
    told = summary(found, ["a note\x1b[31m"])
    assert "17 submissions, out of 6 points: median 4" in told
    assert any(line.split()[0] == "2" and line.endswith("tells little") for line in told.splitlines() if line.strip())
    assert "z: 2 points not decided" in told and "--regrade --only z" in told
    assert r"a note\x1b[31m" in told


def test_the_table_of_tests_says_that_it_leaves_stubs_out() -> None:
    stub = graded("s", "failed", "failed")
    blank = msgspec.structs.replace(stub.kept["double"].result, status="not started")
    stub = replace(stub, kept={"double": replace(stub.kept["double"], result=blank)})
    told = summary(rows(graded("a", "passed", "failed"), stub), [], whole=True)
    [head] = [line for line in told.splitlines() if "passed failed" in line]
    assert head.split("discrimination")[1] == "  without 1 submission that is still the stub"
    assert "without" not in summary(rows(graded("a", "passed", "failed")), [], whole=True)


def test_how_to_grade_again_can_be_pasted() -> None:
    told = summary(rows(graded("a b", "inconclusive"), graded("c", "inconclusive")), [])
    assert "to be graded again by the same command with:  --regrade --only 'a b' --only c\n" in told


def test_a_few_submissions_tell_nothing_of_a_test() -> None:
    found = rows(graded("a", "passed", "failed"), graded("b", "failed", "passed"))
    assert [one.discrimination for one in figures_of_tests(found)] == [None, None]
    assert "tells little" not in summary(found, [], whole=True)
    assert summary([], []) == "No submission has been graded.\n"


def untestable(student: str, number: int = 1, **doubts: Any) -> book.Graded:
    why = "no double.py found: double/double.py or double.py is expected"
    found = exercise_result("double", "Twice", [judged("test_0", "failed", 4.0)], "cannot be tested", why)
    attempt = Attempt(student, f"{student}/{number}", Path(student), number=number)
    return book.Graded(attempt, f"digest {student}", "", "", {"double": Kept(found, {}, False)}, Doubts(**doubts))


def test_what_cannot_be_tested_or_found_is_flagged_and_named_in_the_summary() -> None:
    other = Exercise("other", "Other", 4.0, Path("other"), {}, {}, {}, {}, (), None)
    has_other = graded("d", "passed", "passed")
    has_other.kept["other"] = untestable("d").kept["double"]
    has_other.doubts.absent.add("other")
    found = book.rows([has_other], [DOUBLE, other], "last", NOBODY, PLAIN)
    assert (found[0].row.flags, found[0].row.score) == ([], 4.0), "one exercise was simply not handed in"
    found = rows(
        untestable("a"),
        untestable("b", absent={"double"}),
        untestable("c", unclear={"double": "x.py and y.py could be it"}),
        untestable("e", number=2, absent={"double"}),
        untestable("f", taken_as={"double": "my.py"}, flags={"double": "old/double.py was handed in too"}),
    )
    reason = "no double.py found: double/double.py or double.py is expected"
    assert {one.row.student: (one.row.score, one.row.flags) for one in found} == {
        "a": (0.0, [f"double: cannot be tested: {reason}"]),
        "b": (0.0, ["nothing was found to grade"]),
        "c": (None, ["double: not clear: x.py and y.py could be it"]),
        "e": (0.0, ["nothing was found to grade", "attempt 2 counts and lacks double: an earlier one may have it"]),
        "f": (0.0, [f"double: cannot be tested: {reason}", "double: old/double.py was handed in too"]),
    }
    assert "To be looked at, 5 students:" in summary(found, [])


def test_no_points_for_a_file_of_another_name_is_flagged() -> None:
    zero = graded("a", "failed", "failed")
    zero.doubts.taken_as["double"] = "my.py"
    assert rows(zero)[0].row.flags == ["double: no points for my.py, which was taken for double.py"]


def test_whoever_it_may_be_of_has_no_mark_and_a_flag() -> None:
    attempt = Attempt("smith", "smith.py", problem="smith.py: may be of a or b", may_be=("a", "b"))
    unclear = book.Graded(attempt, "", attempt.problem, "", {})
    found = rows(unclear, graded("b", "passed"), people=People(tuple(Person(name) for name in "abc")))
    assert {one.row.student: (one.row.score, one.row.flags[0]) for one in found} == {
        "a": (None, "not clear: smith.py: may be of a or b"),
        "b": (None, "not clear: smith.py: may be of a or b"),
        "c": (0.0, "nothing handed in"),
        "smith": (None, "not clear: smith.py: may be of a or b"),
    }


def test_the_best_is_flagged_where_another_attempt_is_not_decided() -> None:
    found = rows(graded("a", "passed", "failed"), untestable("a", 2, unclear={"double": "two files"}), keep="best")
    assert (found[0].row.score, found[0].row.flags) == (2.0, ["attempt 2 is not clear, and may be better"])


def test_where_a_submission_may_be_somebodys_no_attempt_of_theirs_is_told_apart() -> None:
    attempt = Attempt("smith", "smith.py", problem="smith.py: may be of a or b", may_be=("a", "b"))
    unclear = book.Graded(attempt, "", attempt.problem, "", {})
    own = graded("a", "passed"), graded("a", number=2)
    [first, *_] = rows(*own, unclear, keep="best", people=People((Person("a"), Person("b"))))
    assert (first.row.score, first.row.flags[0]) == (None, "not clear: smith.py: may be of a or b")
    assert not any("may be better" in flag for flag in first.row.flags)
