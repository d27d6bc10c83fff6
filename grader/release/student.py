"""The students' repository: stubs, public tests, handouts, and what editors and CI want to find."""

from __future__ import annotations

from grader.course import Course
from grader.release.contents import Files, public_files
from grader.release.kinds import Request
from grader.release.templates import fill
from grader.release.wheel import wheel

_TEMPLATES = {
    ".devcontainer/Dockerfile": "devcontainer.Dockerfile",
    ".devcontainer/devcontainer.json": "devcontainer.json",
    ".editorconfig": "editorconfig",
    ".gitattributes": "gitattributes",
    ".github/confine.sh": "confine.sh",
    ".github/workflows/classroom.yml": "classroom.yml",
    ".gitignore": "gitignore",
    ".gitlab-ci.yml": "gitlab-ci.yml",
    ".vscode/extensions.json": "extensions.json",
    ".vscode/settings.json": "settings.json",
    ".vscode/tasks.json": "tasks.json",
    "README.md": "README.md",
    "pytest.ini": "pytest.ini",
    "requirements.txt": "requirements.txt",
}
"""Path in the repository -> template."""


def files(course: Course, request: Request) -> Files:
    """All files of the students' repository."""
    found = public_files(course)
    requirement = request.requirement
    if not requirement:
        name, data = wheel(found)
        found[f"wheels/{name}"] = data
        requirement = f"./wheels/{name}" + ("[seal]" if request.sealed else "")
    if request.sealed:
        found["tests.sealed"] = request.sealed
    blanks = {
        "TITLE": course.title,
        "NAME": "".join(letter for letter in course.title if letter.isalnum() or letter == " "),
        "EXERCISES": _exercise_table(course),
        "PYTHONPATH": " ".join(f"exercises/{name}" for name in _own_tests(course)),
        "OWN_TESTS": _about_own_tests(course),
        "FIRST": course.exercises[0].name,
        "REQUIREMENT": requirement,
    }
    return found | {path: fill(template, blanks) for path, template in _TEMPLATES.items()}


def _own_tests(course: Course) -> list[str]:
    """The exercises for which students write tests themselves."""
    return [exercise.name for exercise in course.exercises if exercise.student_tests]


def _about_own_tests(course: Course) -> str:
    files = [f"`exercises/{name}/test_{name}.py`" for name in _own_tests(course)]
    return f"\nA bonus is in tests of your own, marked with your work: {', '.join(files)}.\n" if files else ""


def _exercise_table(course: Course) -> str:
    rows = []
    for exercise in course.exercises:
        handout = f"handouts/{exercise.name}.md"
        read = f"[{handout}]({handout})" if (course.root / handout).is_file() else "the stub"
        stub = f"exercises/{exercise.name}/{exercise.name}.py"
        rows.append(f"| {exercise.title} | `{stub}` | {exercise.points:g} | {read} |")
    return "\n".join(rows)
