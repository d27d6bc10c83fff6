"""`grade ci`: one command for a workflow: grades, and leaves the result wherever a CI system looks for it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from grader import running
from grader.reports import ci_log, classroom50
from grader.results import Result
from grader.usage import UsageError

JUNIT = "junit.xml"

_KEPT = {
    *("PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TERM", "COLUMNS", "NO_COLOR"),
    *("TMPDIR", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "pythonLocation"),
    *classroom50.FROM_RUNNER.values(),
    *ci_log.SIGNS,
}
"""All that a grading needs to know. A secret may have any other name."""
_KEPT_PREFIX = "LC_"


@dataclass(frozen=True)
class Job:
    """What a CI system has told about the job."""

    workspace: Path
    """The top of the repository."""
    output: Path | None = None
    """Where a step of GitHub's leaves outputs."""
    summary: Path | None = None
    """Where it leaves Markdown for the page of the job."""

    def tell(self, result: Result, path: Path) -> list[str]:
        """Leaves a result with the CI system.

        Args:
            result: of the submission.
            path: where it lies.

        Returns:
            what went wrong, for the user.
        """
        from grader.reports import github, github_output, markdown
        from grader.reports.wording import number

        files = {exercise.name: self._file(exercise.name, path) for exercise in result.exercises}
        if ci_log.on_github():
            _print([*github.errors(result, files), *github.warnings(result), *github.notices(result)])
        points = f"score={number(result.score)}\nmax_score={number(result.max_score)}\n"
        output = f"result={github_output.encoded(result, files)}\n{points}"
        faults = [_append(self.output, output.encode()), _append(self.summary, markdown.render(result))]
        return [fault for fault in faults if fault]

    def _file(self, exercise: str, path: Path) -> str:
        """The file of an exercise, as paths are given in the repository."""
        name = f"{exercise}.py"
        found = next((file for file in (path / exercise / name, path / name) if file.is_file()), path)
        try:
            return found.absolute().relative_to(self.workspace.absolute()).as_posix()
        except ValueError:
            return f"{exercise}/{name}"


def run(options: running.RunOptions, junit: str = JUNIT) -> running.Graded:
    """Grades one submission, and reports it to the CI system that this is a job of; elsewhere only as `grade run` does.

    Args:
        options: those of `grade run`.
        junit: the file for the result as JUnit XML.

    Raises:
        UsageError: as for `grade run`; on GitHub it is an annotation, too.
    """
    with _errors_annotated():
        options = running.with_key(options)
    job = take_over(os.environ)
    with _errors_annotated():
        if options.json_file == "-" or any(each.endswith("=-") for each in options.reports):
            raise UsageError("standard output is the log of the job; name a file")
        return running.run(replace(options, reports=(*options.reports, f"junit={junit}")), job.tell)


def take_over(environment: MutableMapping[str, str]) -> Job:
    """What the environment says of the job; all that a grading has no need of is taken out of it.

    Tokens and keys may have any name: what is started from here inherits only what is known to be harmless.
    """
    job = Job(
        Path(environment.get("GITHUB_WORKSPACE") or environment.get("CI_PROJECT_DIR") or "."),
        _path(environment, "GITHUB_OUTPUT"),
        _path(environment, "GITHUB_STEP_SUMMARY"),
    )
    for name in list(environment):
        if name not in _KEPT and not name.startswith(_KEPT_PREFIX):
            del environment[name]
    return job


def _path(environment: MutableMapping[str, str], name: str) -> Path | None:
    return Path(environment[name]) if environment.get(name) else None


def _print(lines: Iterable[str]) -> None:
    """Workflow commands, in UTF-8 whatever the locale is: that is what the runner reads."""
    sys.stdout.flush()
    sys.stdout.buffer.write("".join(f"{line}\n" for line in lines).encode())
    sys.stdout.flush()


def _append(file: Path | None, data: bytes) -> str:
    """Adds to a file of the runner's; what went wrong, if anything."""
    if file is None:
        return ""
    try:
        with file.open("ab") as opened:
            opened.write(data)
    except OSError as error:
        return f"{file}: cannot be written ({error.strerror})"
    return ""


@contextmanager
def _errors_annotated() -> Iterator[None]:
    """An error that ends the command is seen on the page of the job, too."""
    try:
        yield
    except UsageError as error:
        if ci_log.on_github():
            from grader.reports import safe

            _print([f"::error title=grade::{safe.for_command(str(error))}"])
        raise
