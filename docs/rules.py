"""Writes docs/rules.md: for each sentence of the contracts, the tests that check it.

    python docs/rules.py [--check]

With --check nothing is written; exit status 1 if the file is not what it would be, or a sentence has no hidden test.
"""

from __future__ import annotations

import sys
from pathlib import Path

from grader.course import Course, load_course, rule_table

ROOT = Path(__file__).parents[1]
TABLE = ROOT / "docs" / "rules.md"
HEAD = """# Which test checks which sentence

Made by `python docs/rules.py` from `exercises/*/exercise.yaml` and the tests' own `@rule(...)`; do not edit.
Tests in *italics* are public.
"""


def render(course: Course) -> str:
    """The table as Markdown."""
    parts = [HEAD]
    table = rule_table(course)
    for exercise in course.exercises:
        public = set(exercise.public_test_names())
        parts.append(f"\n## {exercise.title} (`{exercise.name}`)\n\n| sentence | tests |\n|---|---|")
        for rule, sentence in exercise.rules.items():
            names = (f"*{test}*" if test in public else test for test in table[exercise.name][rule])
            parts.append(f"| {sentence.replace('|', chr(92) + '|')} | {', '.join(names)} |")
    return "\n".join(parts) + "\n"


def unchecked(course: Course) -> list[str]:
    """The sentences that no hidden test checks."""
    table = rule_table(course)
    return [
        f"{exercise.name}: {rule}"
        for exercise in course.exercises
        for rule in exercise.rules
        if not set(table[exercise.name][rule]) & set(exercise.hidden_test_names())
    ]


def main() -> int:
    """Writes or checks; 1 if something is not as it should be."""
    course = load_course(ROOT)
    missing = unchecked(course)
    for line in missing:
        print(f"no hidden test: {line}")
    text = render(course)
    if "--check" not in sys.argv[1:]:
        TABLE.write_text(text, encoding="utf-8")
        return 1 if missing else 0
    stale = not TABLE.exists() or TABLE.read_text(encoding="utf-8") != text
    if stale:
        print(f"{TABLE.relative_to(ROOT)} is out of date: run `python docs/rules.py`")
    return 1 if missing or stale else 0


if __name__ == "__main__":
    sys.exit(main())
