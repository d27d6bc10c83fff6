"""What is to be said of one test, as plain text: for every form that has room for a text and no more."""

from __future__ import annotations

from grader.results import ExerciseResult, TestResult

_LABEL = 6
_MOST_LINES = 60
_LONGEST_LINE = 400
_MOST_PRINTED = 10


def message(test: TestResult, exercise: ExerciseResult, printed: bool = True) -> str:
    """Rule, what was seen, how it came about, a hint; nothing for a test that passed.

    It is text of the result as it stands there: hand it to `grader.reports.safe`.

    Args:
        test: of any verdict.
        exercise: it belongs to.
        printed: with the last of what a public test's program printed.
    """
    return "\n".join(_labelled(label, text) for label, text in _parts(test, exercise, printed))


def _parts(test: TestResult, exercise: ExerciseResult, printed: bool) -> list[tuple[str, str]]:
    if test.verdict == "passed":
        return []
    if test.verdict == "inconclusive":
        return [("Why", test.reason), ("Note", "not decided; flagged for your instructor")]
    parts = [("Rule", test.rule), ("Seen", test.reason)]
    story = test.evidence.get("story")
    if isinstance(story, list) and story:
        lines = "\n".join(str(line) for line in story)
        parts.append(("How", f"when the threads take turns like this:\n{lines}"))
    hints = [hint for rule in test.rule.splitlines() for hint in exercise.hints.get(rule, [])[:1]]
    parts += [("Hint", hint) for hint in hints[:1]]
    output = test.evidence.get("output")
    # In hidden tests it could give away what they hand over.
    if printed and test.visibility == "public" and isinstance(output, str) and output.strip():
        parts.append(("Printed", "\n".join(output.rstrip().split("\n")[-_MOST_PRINTED:])))
    return [(label, text) for label, text in parts if text.strip()]


def _labelled(label: str, text: str) -> str:
    """The text with its label before the first line; a story and what was printed keep their columns below it."""
    lines = text.rstrip().split("\n")
    shown = [line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]}..." for line in lines[:_MOST_LINES]]
    if len(lines) > _MOST_LINES:
        shown.append(f"... and {len(lines) - _MOST_LINES} lines more")
    if label in ("How", "Printed"):
        shown = [f"{label.ljust(_LABEL)}{shown[0]}", *shown[1:]] if label == "How" else [f"{label}:", *shown]
        return "\n".join(shown)
    return "\n".join(f"{'' if at else label:<{_LABEL}}{line}" for at, line in enumerate(shown))
