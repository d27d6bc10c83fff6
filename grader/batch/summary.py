"""What an instructor looks at after a batch: how the marks lie, what each test has found, who is to be looked at."""

from __future__ import annotations

import shlex
import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from grader.batch.book import Counted
from grader.reports.safe import for_ci_log, on_one_line
from grader.reports.wording import counted as told
from grader.reports.wording import number, test_name

_BINS = 10
_BAR = 40
_MOST_LISTED = 20
_FEW = 10
"""Below so many submissions, how a test tells good from bad is chance."""
_DISCRIMINATES = 0.15
_STUB = "not started"


@dataclass(frozen=True)
class TestFigures:
    """What one test has found over a course."""

    __test__ = False  # not a test class of pytest's

    exercise: str
    name: str
    passed: int
    failed: int
    inconclusive: int
    discrimination: float | None
    """Correlation of passing it with the points in all other tests of its exercise; None where it cannot be told."""


def figures_of_tests(rows: Iterable[Counted]) -> list[TestFigures]:
    """Figures of every test, in the order of the results; submissions that are still the stub are left out."""
    verdicts: dict[tuple[str, str], list[tuple[str, float, float]]] = {}
    for row in rows:
        for name, kept in row.graded.kept.items() if row.graded else ():
            if kept.result.status == _STUB:
                continue
            for test in kept.result.tests:
                verdicts.setdefault((name, test.name), []).append((test.verdict, test.score, kept.result.score))
    return [_figures(exercise, test, found) for (exercise, test), found in verdicts.items()]


def _figures(exercise: str, test: str, found: Sequence[tuple[str, float, float]]) -> TestFigures:
    count = {verdict: sum(one[0] == verdict for one in found) for verdict in ("passed", "failed", "inconclusive")}
    decided = [(float(verdict == "passed"), total - own) for verdict, own, total in found if verdict != "inconclusive"]
    discrimination = None
    if len(decided) >= _FEW and 0 < count["passed"] < len(decided) and len({rest for _, rest in decided}) > 1:
        discrimination = statistics.correlation([own for own, _ in decided], [rest for _, rest in decided])
    return TestFigures(exercise, test, count["passed"], count["failed"], count["inconclusive"], discrimination)


def summary(rows: Sequence[Counted], notes: Sequence[str], whole: bool = False) -> str:
    """The summary as text, safe to print.

    Args:
        rows: of the gradebook.
        notes: what else is to be told, a line each.
        whole: every test, and not only those that are to be looked at.
    """
    figures = figures_of_tests(rows)
    tests = _tests(figures if whole else _odd(figures), _stubs(rows), whole)
    lines = [*_distribution(rows), *tests, *_to_look_at(rows), *notes]
    return "".join(f"{_safe(line)}\n" for line in lines)


def _odd(figures: Sequence[TestFigures]) -> list[TestFigures]:
    """Tests that were not decided for somebody, or that tell those who can from those who cannot badly."""
    return [one for one in figures if one.inconclusive or _tells_little(one)]


def _tells_little(figures: TestFigures) -> bool:
    return figures.discrimination is not None and figures.discrimination < _DISCRIMINATES


def _stubs(rows: Iterable[Counted]) -> Counter[str]:
    """How many handed in the stub of an exercise: in the figures of its tests they would tell nothing."""
    kept = [one for row in rows if row.graded for one in row.graded.kept.items()]
    return Counter(name for name, one in kept if one.result.status == _STUB)


def _safe(line: str) -> str:
    return on_one_line(for_ci_log(line))


def _distribution(rows: Sequence[Counted]) -> list[str]:
    handed_in = [one.row for one in rows if one.graded is not None]
    scores = [row.score for row in handed_in if row.score is not None]
    if not scores:
        return ["No submission has been graded."]
    worth = max(row.max_score for row in handed_in)
    middle = f"median {number(statistics.median(scores))}, mean {number(statistics.fmean(scores))}"
    ends = f"lowest {number(min(scores))}, highest {number(max(scores))}"
    lines = [f"{told(len(scores), 'submission')}, out of {number(worth)} points: {middle}, {ends}", ""]
    bins = [0] * _BINS
    for score in scores:
        bins[min(int(_BINS * score / worth), _BINS - 1) if worth else 0] += 1
    step = worth / _BINS
    for place, count in enumerate(bins):
        label = f"{number(place * step)}-{number((place + 1) * step)}"
        lines.append(f"  {label:>11} {'#' * round(_BAR * count / len(scores))} {count or ''}".rstrip())
    return [*lines, ""]


def _tests(figures: Sequence[TestFigures], stubs: Mapping[str, int], whole: bool) -> list[str]:
    """Each test in one line, and which of them tell little."""
    if not figures:
        return []
    width = min(max(len(test_name(one.name)) for one in figures), 60)
    lines = []
    exercise = ""
    for one in figures:
        if one.exercise != exercise:
            exercise = one.exercise
            count = stubs.get(exercise, 0)
            without = f"  without {told(count, 'submission')} that {'is' if count == 1 else 'are'} still the stub"
            lines.append(f"  {exercise:<{width + 2}} passed failed undecided discrimination{without if count else ''}")
        told_well = "" if one.discrimination is None else f"{one.discrimination:+.2f}"
        weak = "  tells little" if _tells_little(one) else ""
        name = test_name(one.name)[:width]
        lines.append(
            f"    {name:<{width}} {one.passed:6} {one.failed:6} {one.inconclusive or '':>9} {told_well:>14}{weak}"
        )
    return ["What each test has found:" if whole else "Tests to be looked at:", *lines, ""]


def _to_look_at(rows: Sequence[Counted]) -> list[str]:
    lines = []
    flagged = [one.row for one in rows if one.row.flags]
    if flagged:
        lines.append(f"To be looked at, {told(len(flagged), 'student')}:")
        lines += [f"  {row.student}: {'; '.join(row.flags)}" for row in flagged[:_MOST_LISTED]]
        if len(flagged) > _MOST_LISTED:
            lines.append(f"  ... and {len(flagged) - _MOST_LISTED} more: column `flags` of gradebook.csv")
    undecided = [one.row.student for one in rows if one.row.inconclusive]
    if undecided:
        names = " ".join(f"--only {shlex.quote(name)}" for name in undecided[:_MOST_LISTED])
        lines.append(f"Not decided, to be graded again by the same command with:  --regrade {names}")
    return lines
