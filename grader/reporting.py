"""Results into files: the forms that are known, `grade report`, and the option `--report`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from grader.plugins import plugin_manager
from grader.reports import CannotRender, Report, ci_log, safe
from grader.reports.reading import NoResult, read_result
from grader.results import Result

STDOUT = "-"


class CannotReport(Exception):
    """A report cannot be made or written; the message is for the user."""


@dataclass(frozen=True)
class Wanted:
    """A form, and the file in which it is wanted."""

    report: Report
    file: str
    """`-` for standard output."""

    def write(self, result: Result) -> None:
        """Writes the result.

        Raises:
            CannotReport: it cannot be had in this form, or the file cannot be written.
        """
        try:
            data = self.report.render(result)
        except CannotRender as error:
            raise CannotReport(f"form {self.report.name}: {error}") from None
        except Exception as error:  # a plug-in's form that fails must not cost the others
            raise CannotReport(f"form {self.report.name} itself failed: {type(error).__name__}: {error}") from None
        if self.file == STDOUT:
            _print(data, self.report.is_commands)
            return
        try:
            Path(self.file).write_bytes(data)
        except OSError as error:
            raise CannotReport(f"{self.file}: cannot be written ({error.strerror})") from None


def forms() -> dict[str, Report]:
    """The forms by their names, those of plug-ins before what ships."""
    found: dict[str, Report] = {}
    for given in plugin_manager().hook.grader_reports():
        for report in given:
            found.setdefault(report.name, report)
    return found


def form(name: str) -> Report:
    """The form of a name.

    Raises:
        CannotReport: there is none; lists those there are.
    """
    known = forms()
    if name not in known:
        listed = "".join(f"\n  {known[each].name:<14} {known[each].description}" for each in sorted(known))
        raise CannotReport(f"there is no form {name!r}; there are{listed}")
    return known[name]


def wanted(options: Iterable[str], taken: str | None = None) -> list[Wanted]:
    """What options such as `junit=result.xml` ask for, before any work is done for it.

    Args:
        options: `FORM=FILE` each; the file may be `-`.
        taken: another option that has standard output for itself.

    Raises:
        CannotReport: one of them cannot be meant, or its file cannot be written.
    """
    found = []
    for option in options:
        name, equals, file = option.partition("=")
        if not equals or not file:
            raise CannotReport(f"--report {option}: give FORM=FILE, such as junit=result.xml; - for standard output")
        if file == STDOUT:
            if taken is not None:
                raise CannotReport(f"--report {option}: standard output is taken by {taken}; name a file for one")
            taken = f"--report {option}"
        found.append(Wanted(form(name), _writable(file)))
    return found


def report(file: str, name: str, into: str) -> None:
    """Writes a result that was kept as JSON in another form: `grade report`.

    Args:
        file: what `grade --json` wrote; `-` for standard input.
        name: of the form.
        into: the file to write; `-` for standard output.

    Raises:
        CannotReport: there is no such form, no such result, or the file cannot be written.
    """
    target = Wanted(form(name), _writable(into))
    try:
        result = read_result(file)
    except NoResult as error:
        raise CannotReport(str(error)) from None
    target.write(result)


def _writable(file: str) -> str:
    path = Path(file)
    if file != STDOUT and (path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK)):
        raise CannotReport(f"{file}: cannot be written")
    return file


def _print(data: bytes, is_commands: bool) -> None:
    """To standard output: as it is, but for what a CI system would take for a command where it reads along."""
    sys.stdout.flush()
    if not is_commands and ci_log.is_log(sys.stdout):
        with ci_log.commands_stopped(sys.stdout):
            sys.stdout.write(safe.for_ci_log(data.decode("utf-8", "backslashreplace"), sys.stdout.encoding))
    else:
        sys.stdout.buffer.write(data)
    sys.stdout.flush()
