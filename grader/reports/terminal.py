"""The form `terminal`: for a student to read and act on. Short where all is well; one cause is told once."""

from __future__ import annotations

import io
import shlex
from collections.abc import Callable

from rich.console import Console
from rich.text import Text

from grader.reports.failures import Failure, failures
from grader.reports.page import Page
from grader.reports.wording import counted, number, test_name, unconfined
from grader.results import PUBLIC_ONLY, ExerciseResult, Result, TestResult

Hints = Callable[[str, str], tuple[str, ...]]
"""From an exercise's name and a rule's sentence to its hints, from gentle to plain."""

_MOST_FAILURES = 5
_MOST_NAMES = 4
_MOST_LINES = 14
_MOST_PRINTED = 10
_LONGEST_LINE = 400
_LABEL = 8
_SAID_ONCE = (PUBLIC_ONLY,)
"""Notes that are told for the whole result."""


def print_result(
    result: Result,
    console: Console,
    hints: Hints | None = None,
    verbose: bool = False,
    unfolded: int = 1,
    path: str = "",
) -> None:
    """Writes a result: failures by exercise, an overview, the score.

    Args:
        result: of one submission.
        console: where to; its width, colours and encoding are kept to.
        hints: gives the hints of a rule. None: those that the result carries.
        verbose: every failure in full, and what the program printed in public tests.
        unfolded: how many hints are shown for each failure.
        path: of the submission, as it was given; for the commands that tell more.
    """
    page = Page(console)
    page.line(page.cut(page.name(f"Submission {result.submission}", "dim"), page.width))
    for exercise in result.exercises:
        if exercise.status == "graded" and any(test.verdict != "passed" for test in exercise.tests):
            page.line()
            _Details(page, exercise, hints, verbose, unfolded, path).write()
    page.line()
    _overview(page, result.exercises)
    page.line()
    for note in result.notes:
        page.block(note)
    for flag in result.flags:
        page.block(f"Flagged for your instructor: {flag}", style="yellow")
    if told := unconfined(result):
        page.block(told, style="dim")
    _score(page, result)


def render(result: Result) -> bytes:
    """The report as plain text, 80 columns wide, in UTF-8: for files and logs."""
    file = io.StringIO()
    print_result(result, Console(file=file, width=80, force_terminal=False, color_system=None, legacy_windows=False))
    return file.getvalue().encode()


class _Details:
    """What went wrong in one exercise."""

    def __init__(
        self, page: Page, exercise: ExerciseResult, hints: Hints | None, verbose: bool, unfolded: int, path: str
    ) -> None:
        self._page = page
        self._exercise = exercise
        self._hints = hints or (lambda _exercise, rule: tuple(exercise.hints.get(rule, ())))
        self._verbose = verbose
        self._unfolded = unfolded
        self._path = f" {shlex.quote(path)}" if path else ""
        self._stories = 0

    def write(self) -> None:
        self._page.heading(self._exercise.title or self._exercise.name)
        found = failures(test for test in self._exercise.tests if test.verdict == "failed")
        shown = found if self._verbose else found[:_MOST_FAILURES]
        for failure in shown:
            self._page.line()
            self._failure(failure)
        if rest := sum(len(failure.tests) for failure in found[len(shown) :]):
            self._page.line()
            self._page.block(f"{self._page.glyphs.more} and {rest} more that failed (`--verbose` shows all)")
        self._undecided()

    def _failure(self, failure: Failure) -> None:
        self._names(failure.tests, Text(f"{self._page.glyphs.failed} ", "bold red"))
        for label, text in zip(["  Rule", *[""] * len(failure.rules)], failure.rules, strict=False):
            self._page.block(text, _LABEL, label)
        self._page.block(self._told(failure.reason), _LABEL, "  Seen")
        self._story(failure.tests[0])
        found = tuple(dict.fromkeys(hint for rule in failure.rules for hint in self._hints(self._exercise.name, rule)))
        for text in hint_lines(found, self._unfolded):
            self._page.block(text, _LABEL, "  Hint")
        self._more(failure.tests[0])
        if self._verbose:
            self._output(failure.tests)

    def _more(self, test: TestResult) -> None:
        """The command that tells everything about a test, or shows its story again."""
        if self._exercise.name and test.verdict == "failed":
            name, schedule = test_name(test.name), test.evidence.get("schedule")
            told = f"replay {name}:{schedule}" if isinstance(schedule, str) else f"explain {name}"
            self._page.block(f"grade {told}{self._path}", _LABEL, "  More", "dim")

    def _names(self, tests: tuple[TestResult, ...], mark: Text) -> None:
        """Each on its line, with its points."""
        shown = tests if self._verbose or len(tests) <= _MOST_NAMES + 1 else tests[:_MOST_NAMES]
        for test in shown:
            points = f"{number(test.score)}/{number(test.max_score)}{' hidden' * (test.visibility == 'hidden')}"
            self._page.item(mark, self._page.name(test_name(test.name), "bold"), Text(points, "dim"))
            mark = Text("  ")
        if rest := len(tests) - len(shown):
            self._page.block(f"{self._page.glyphs.more} and {rest} more for the same reason", 2)

    def _story(self, test: TestResult) -> None:
        """How the threads took turns; once for each exercise, unless everything is asked for."""
        story = test.evidence.get("story")
        if not isinstance(story, list) or not story:
            return
        self._stories += 1
        if self._stories > 1 and not self._verbose:
            return
        self._page.block("when the threads take turns like this:", _LABEL, "  How")
        self._page.picture([str(line) for line in story], 2)

    def _undecided(self) -> None:
        """The inconclusive tests, apart from what failed."""
        found = failures(test for test in self._exercise.tests if test.verdict == "inconclusive")
        if found:
            self._page.line()
            points = counted(self._exercise.inconclusive, "point")
            self._page.block(f"Not decided: {points}, flagged for your instructor", style="yellow")
        for failure in found:
            self._names(failure.tests, Text("? ", "bold yellow"))
            self._page.block(self._told(failure.reason), _LABEL, "  Why")

    def _output(self, tests: tuple[TestResult, ...]) -> None:
        """The last of what was printed in public tests; in hidden ones it could give away what they hand over."""
        printed = {
            str(test.evidence["output"]): None
            for test in tests
            if "output" in test.evidence and test.visibility == "public"
        }
        for text in filter(str.strip, printed):
            lines = text.rstrip().split("\n")[-_MOST_PRINTED:]
            self._page.block(_short("\n".join(lines), self._page), _LABEL + 2, "  Printed")

    def _told(self, reason: str) -> str:
        return reason if self._verbose else _short(reason, self._page)


def _short(text: str, page: Page) -> str:
    """The first lines of a text, none of them endless."""
    lines = text.rstrip().split("\n")
    more = page.glyphs.more
    shown = [line if len(line) <= _LONGEST_LINE else line[:_LONGEST_LINE] + more for line in lines[:_MOST_LINES]]
    if rest := len(lines) - len(shown):
        shown.append(f"{more} and {counted(rest, 'line')} more")
    return "\n".join(shown)


def hint_lines(found: tuple[str, ...], unfolded: int) -> list[str]:
    """The hints as far as they are unfolded, and how to see the next one."""
    shown = list(found[:unfolded])
    if 0 < unfolded < len(found):
        shown[-1] += f" ({unfolded} of {len(found)}; --hint {unfolded + 1} for the next)"
    return shown


def make_console(plain: bool = False) -> Console:
    """The console of standard output, as `grade` uses it.

    Args:
        plain: no colours, and lines of 80 columns, wherever it goes.
    """
    if plain:
        return Console(
            highlight=False, markup=False, emoji=False, legacy_windows=False, color_system=None, width=80,
            force_terminal=False,
        )  # fmt: skip
    return Console(highlight=False, markup=False, emoji=False, legacy_windows=False)


def _overview(page: Page, exercises: list[ExerciseResult]) -> None:
    """One line for each exercise: title, bar, points; and why, where it could not be tested."""
    titles = [page.name(exercise.title or exercise.name) for exercise in exercises]
    bar = 20 if page.width >= 70 else 8
    aside = 13 if page.width >= 70 and any(exercise.status != "graded" for exercise in exercises) else 0
    room = min(max((title.cell_len for title in titles), default=0), page.width - bar - 11 - aside)
    for exercise, title in zip(exercises, titles, strict=True):
        points = f"{number(exercise.score)}/{number(exercise.max_score)}"
        style = "green" if exercise.score == exercise.max_score else "red" if exercise.score == 0 else "yellow"
        line = Text.assemble(page.cut(title, room, pad=True), " ", _bar(page, exercise, bar, style), f" {points:>9}")
        told = _untested(exercise)
        if told and "\n" not in told and line.cell_len + len(told) < page.width:
            page.line(line, " ", page.name(told))
        else:
            page.line(line)
            if told:
                page.block(_short(told, page), 4)
        for note in exercise.notes:
            if note not in _SAID_ONCE:
                page.block(f"note: {note}", 4, style="dim")


def _untested(exercise: ExerciseResult) -> str:
    """What kept a whole exercise from being tested; nothing where it was graded."""
    if exercise.status == "graded":
        return ""
    return exercise.status if exercise.status == "not started" else f"{exercise.status}: {exercise.reason}".rstrip(": ")


def _bar(page: Page, exercise: ExerciseResult, width: int, style: str) -> Text:
    whole = exercise.max_score or 1.0
    full = max(int(width * exercise.score / whole), exercise.score > 0)
    undecided = min(width - full, max(round(width * exercise.inconclusive / whole), exercise.inconclusive > 0))
    rest = width - full - undecided
    glyphs = page.glyphs
    return Text.assemble(
        (glyphs.full * full, style), (glyphs.undecided * undecided, "yellow"), (glyphs.empty * rest, "dim")
    )


def _score(page: Page, result: Result) -> None:
    score = Text(f"Score {number(result.score)} / {number(result.max_score)}", "bold")
    if result.inconclusive:
        page.item(Text(""), score, Text(f"({counted(result.inconclusive, 'point')} not decided)", "yellow"))
    else:
        page.line(score)
