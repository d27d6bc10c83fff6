"""`grade compare`: whose mark differs between two gradebooks, and why."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from grader.batch.attempts import BatchError
from grader.gradebook import Cell, Gradebook, Row, from_json
from grader.reports.safe import for_ci_log, on_one_line
from grader.reports.wording import counted, number, test_name

_MOST_TESTS = 6


def read_gradebook(path: Path) -> Gradebook:
    """The gradebook in a file, or in the folder that a batch wrote to.

    Raises:
        BatchError: there is none.
    """
    file = path / "gradebook.json" if path.is_dir() else path
    try:
        return from_json(file.read_bytes())
    except OSError as error:
        raise BatchError(f"{file}: {error.strerror}; give the OUT of `grade batch`, or its gradebook.json") from None
    except msgspec.MsgspecError as error:
        raise BatchError(f"{file}: is no gradebook of `grade batch` ({error})") from None


def compare(old: Gradebook, new: Gradebook) -> str:
    """What has changed, as text that is safe to print; a student in a paragraph.

    Args:
        old: the earlier one.
        new: the later one.
    """
    before = {row.student: row for row in old.rows}
    after = {row.student: row for row in new.rows}
    lines: list[str] = []
    changed = up = 0
    for student in sorted(before.keys() | after.keys()):
        found = list(_differences(before.get(student), after.get(student)))
        if found:
            changed += 1
            up += (
                student in before
                and student in after
                and (after[student].score or 0.0) > (before[student].score or 0.0)
            )
            lines += [_headline(student, before.get(student), after.get(student)), *(f"  {line}" for line in found)]
    total = f"{counted(changed, 'student')} of {len(before.keys() | after.keys())} changed"
    lines.append(f"{total}, {up} of them for the better" if changed else "No mark differs.")
    return "".join(f"{on_one_line(for_ci_log(line))}\n" for line in lines)


def _headline(student: str, old: Row | None, new: Row | None) -> str:
    if old is None or new is None:
        return f"{student}: {'only in the new one' if old is None else 'only in the old one'}"
    change = f"{_mark(old.score)} -> {_mark(new.score)}" if old.score != new.score else _mark(new.score)
    return f"{student}: {change} of {number(new.max_score)}"


def _differences(old: Row | None, new: Row | None) -> Iterator[str]:
    if old is None or new is None:
        found = new or old
        assert found is not None
        yield f"{_mark(found.score)} of {number(found.max_score)}"
        return
    if old.max_score != new.max_score:
        yield f"out of {number(new.max_score)} instead of {number(old.max_score)}"
    for name in dict.fromkeys((*old.cells, *new.cells)):
        yield from _in_exercise(name, old.cells.get(name), new.cells.get(name))
    earlier = [(one.points, one.reason) for one in old.adjustments]
    later = [(one.points, one.reason) for one in new.adjustments]
    yield from (f"now: {reason} ({number(points)})" for points, reason in later if (points, reason) not in earlier)
    yield from (
        f"no longer: {reason} ({number(points)})" for points, reason in earlier if (points, reason) not in later
    )
    yield from (f"now flagged: {flag}" for flag in new.flags if flag not in old.flags)
    yield from (f"no longer flagged: {flag}" for flag in old.flags if flag not in new.flags)


def _in_exercise(name: str, old: Cell | None, new: Cell | None) -> Iterator[str]:
    if old is None or new is None:
        yield f"{name}: {'new' if old is None else 'no longer there'}"
        return
    told = [
        *_tests("failed now", set(new.failed) - set(old.failed)),
        *_tests("not decided now", set(new.undecided) - set(old.undecided)),
        *_tests("no longer fails", set(old.failed) - set(new.failed)),
        *_tests("decided now", set(old.undecided) - set(new.undecided)),
    ]
    if old.status != new.status:
        told.append(f"{new.status} instead of {old.status}")
    points = [_mark(cell.score) for cell in (old, new)]
    if points[0] != points[1] or told:
        yield f"{name}: {points[0]} -> {points[1]}{': ' if told else ''}{'; '.join(told)}"


def _mark(score: float | None) -> str:
    return "not graded" if score is None else number(score)


def _tests(what: str, names: set[str]) -> list[str]:
    if not names:
        return []
    shown = [test_name(name) for name in sorted(names)]
    more = f" and {len(shown) - _MOST_TESTS} more" if len(shown) > _MOST_TESTS else ""
    return [f"{what}: {', '.join(shown[:_MOST_TESTS])}{more}"]
