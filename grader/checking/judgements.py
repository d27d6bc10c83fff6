"""`mutants.yaml` beside a reference: which of its mutants no test can tell from it, each with the reason.

- id: drop-call/fetch_page/d1da7ffc
  equivalent: "`close()` has nothing left to do: `feed()` has seen the last tag"
"""

from __future__ import annotations

from pathlib import Path

from grader.course import CourseError, Problem
from grader.course_yaml import Value, read_yaml

FILE = "mutants.yaml"


def read_judgements(folder: Path, root: Path) -> dict[str, str]:
    """The reasons by the mutant's id; none where there is no such file.

    Args:
        folder: of the solution.
        root: of the course.

    Raises:
        CourseError: the file cannot be used; says which line, and what to do.
    """
    file = folder / FILE
    if not file.exists():
        return {}
    problems: list[Problem] = []
    judged: dict[str, str] = {}
    for entry in read_yaml(file, root, problems).items():
        _take(entry, judged)
    if problems:
        raise CourseError(problems)
    return judged


def _take(entry: Value, judged: dict[str, str]) -> None:
    fields = entry.fields(["id", "equivalent"])
    name, reason = fields["id"].text(), fields["equivalent"].text()
    if name in judged:
        fields["id"].report("is judged a second time; take one of the two away")
    judged[name] = reason
