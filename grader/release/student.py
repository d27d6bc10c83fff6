"""`grade release DIR`: the students' repository, made, checked, and only then put in its place."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.course import Course, load_course
from grader.grading import NOT_STARTED, grade
from grader.release import ReleaseError
from grader.release.contents import Files, public_files, secret_files
from grader.release.leaks import Secrets
from grader.release.templates import fill
from grader.release.wheel import wheel
from grader.results import ExerciseResult, Result

EXECUTABLE = (".github/confine.sh",)
_MOST_LEAKS = 10


@dataclass(frozen=True)
class Released:
    """What came of making a release."""

    folder: Path
    files: tuple[str, ...]
    checked: tuple[str, ...]
    """What was checked, each as a sentence."""


def release(course: Course, folder: Path, requirement: str = "", sealed: bytes = b"", force: bool = False) -> Released:
    """Makes the students' repository in `folder`, if it stands the check.

    Args:
        course: with its solutions, so that they can be searched for.
        folder: empty, or not there yet.
        requirement: what pip installs the grader from; empty: a wheel of this very grader, brought along.
        sealed: the hidden tests, sealed, to lie in the repository; empty: none.
        force: write over what is in `folder`; what is there besides stays.

    Raises:
        ReleaseError: the folder is not empty, the release gives something away, or its own tests do not say of stub
            and reference what they should.
    """
    refuse_to_overwrite(folder, force)
    files = student_files(course, requirement, sealed)
    checked = [_check_for_leaks(course, files)]
    with _beside(folder) as made:
        write(files, made, EXECUTABLE)
        checked += _check_by_grading(course, made)
        put_in_place(made, folder)
    return Released(folder, tuple(sorted(files)), tuple(checked))


def student_files(course: Course, requirement: str, sealed: bytes) -> Files:
    """All files of the students' repository."""
    files = public_files(course)
    if not requirement:
        name, data = wheel(files)
        files[f"wheels/{name}"] = data
        requirement = f"./wheels/{name}[seal]"
    blanks = {
        "TITLE": course.title,
        "NAME": "".join(letter for letter in course.title if letter.isalnum() or letter == " "),
        "EXERCISES": _exercise_table(course),
        "FIRST": course.exercises[0].name,
        "REQUIREMENT": requirement,
    }
    if sealed:
        files["tests.sealed"] = sealed
    return files | {path: fill(template, blanks) for path, template in _TEMPLATES.items()}


_TEMPLATES = {
    ".devcontainer/Dockerfile": "devcontainer.Dockerfile",
    ".devcontainer/devcontainer.json": "devcontainer.json",
    ".editorconfig": "editorconfig",
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


def _exercise_table(course: Course) -> str:
    rows = []
    for exercise in course.exercises:
        handout = f"handouts/{exercise.name}.md"
        read = f"[{handout}]({handout})" if (course.root / handout).is_file() else "the stub"
        stub = f"exercises/{exercise.name}/{exercise.name}.py"
        rows.append(f"| {exercise.title} | `{stub}` | {exercise.points:g} | {read} |")
    return "\n".join(rows)


# --- the check ---------------------------------------------------------------------------------


def _check_for_leaks(course: Course, files: Files) -> str:
    secret = secret_files(course)
    if not secret:
        return "solutions are not here, so there was nothing to search for"
    given = {name for exercise in course.exercises for name in _shared_with_secrets(exercise.name)}
    public = {name: data for name, data in files.items() if name in given}
    public |= _package_sources()
    secrets = Secrets(secret, public)
    leaks = secrets.leaks(files)
    if leaks:
        told = [f"  {leak}" for leak in leaks[:_MOST_LEAKS]]
        more = [f"  and {len(leaks) - _MOST_LEAKS} more"] if len(leaks) > _MOST_LEAKS else []
        raise ReleaseError("\n".join(["the release would give secrets away; take them out:", *told, *more]))
    return f"none of {len(secrets):,} lines of solutions and hidden tests is in it"


def _shared_with_secrets(exercise: str) -> tuple[str, str]:
    """Stub and public tests: the reference has the stub's signature, the hidden tests the same helpers."""
    return f"exercises/{exercise}/{exercise}.py", f"exercises/{exercise}/test_public.py"


def _package_sources() -> Files:
    package = Path(__file__).parents[1]
    return {str(path): path.read_bytes() for path in package.rglob("*.py") if "pack" not in path.parts}


def _check_by_grading(course: Course, made: Path) -> list[str]:
    """The release graded by its own public tests: nothing for the stubs, everything for the references."""
    released = load_course(made)
    stubs = grade(made / "exercises", released)
    _raise_if_failed(stubs)
    started = [exercise.name for exercise in stubs.exercises if exercise.status != NOT_STARTED]
    if started or stubs.score:
        what = (
            f"exercises/{started[0]}/{started[0]}.py is no stub" if started else f"the stubs get {stubs.score:g} points"
        )
        raise ReleaseError(f"{what}: give students a stub that raises NotImplementedError")
    told = [f"its stubs get 0 of {stubs.max_score:g} public points"]
    if all(exercise.solution for exercise in course.exercises):
        references = grade(course.root / "solutions", released)
        _raise_if_failed(references)
        _raise_if_not_full(references.exercises)
        told.append(f"the references get {references.score:g} of {references.max_score:g} from its public tests")
    return told


def _raise_if_failed(result: Result) -> None:
    tests = [test for exercise in result.exercises for test in exercise.tests]
    faults = [test.reason for test in tests if test.verdict == "inconclusive"]
    if faults or not tests:
        why = faults[0] if faults else "it has no public tests"
        raise ReleaseError(f"the release cannot be graded by its own public tests: {why}")


def _raise_if_not_full(exercises: list[ExerciseResult]) -> None:
    for exercise in exercises:
        for test in exercise.tests:
            if test.verdict != "passed":
                raise ReleaseError(f"the reference of {exercise.name} fails the public test {test.name}: {test.reason}")


# --- files on disk -----------------------------------------------------------------------------


def refuse_to_overwrite(folder: Path, force: bool) -> None:
    """Raises ReleaseError if `folder` is a file, or holds anything and `force` is not given."""
    if folder.exists() and not folder.is_dir():
        raise ReleaseError(f"{folder} is a file; name a folder")
    if not force and folder.is_dir() and any(folder.iterdir()):
        raise ReleaseError(f"{folder} is not empty; name another folder, or write over it with --force")


@contextlib.contextmanager
def _beside(folder: Path) -> Iterator[Path]:
    """A folder on the same file system, for what is not yet known to be good."""
    parent = Path(os.path.abspath(folder)).parent
    try:
        parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=".threadlab-release-", dir=parent))
    except OSError as error:
        raise ReleaseError(f"{parent} cannot be written: {error.strerror}") from None
    try:
        made.chmod(0o755)
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def write(files: Files, folder: Path, executable: tuple[str, ...] = ()) -> None:
    """Writes the files below `folder`, with modes that depend on nothing."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        path.chmod(0o755 if name in executable else 0o644)


def put_in_place(made: Path, folder: Path) -> None:
    """Moves what was made to where it belongs; a folder that is there keeps what it has besides."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    shutil.copytree(made, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__", ".pytest_cache"))
