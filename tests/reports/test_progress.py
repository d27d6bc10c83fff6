"""The line of progress: there on a terminal, gone afterwards, silent anywhere else."""

from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

from grader.reports.progress import make_progress
from grader.results import TestResult, Verdict


def verdict(word: Verdict) -> TestResult:
    return TestResult("test_sum", "correctness", "public", word, 0.0, 1.0, "", "", {}, 0.0)


def written(file: io.StringIO) -> str:
    """What has been written since the last call, without colours."""
    text = file.getvalue()
    file.seek(0)
    file.truncate()
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def terminal(width: int = 80, term: str = "xterm-256color") -> tuple[Console, io.StringIO]:
    file = io.StringIO()
    environment = {"TERM": term, "COLUMNS": str(width), "LINES": "24"}
    return Console(file=file, force_terminal=True, legacy_windows=False, _environ=environment), file


def test_line_tells_how_many_have_run_and_failed() -> None:
    console, file = terminal()
    progress = make_progress(False, console)
    progress.started(3)
    assert "0/3" in written(file)
    progress.finished("adder", verdict("passed"))
    line = written(file)
    assert "1/3 adder" in line
    assert "failed" not in line
    progress.finished("adder", verdict("failed"))
    assert "2/3 adder, 1 failed" in written(file)
    progress.finished("server", verdict("inconclusive"))
    assert "3/3 server, 1 failed" in written(file)
    progress.close()


def test_line_goes_away_and_the_cursor_comes_back() -> None:
    console, file = terminal()
    progress = make_progress(False, console)
    progress.started(1)
    assert "\x1b[?25l" in written(file)
    progress.close()
    rest = written(file)
    assert rest.endswith("\x1b[2K")  # the line is erased
    assert "\x1b[?25h" in rest
    progress.close()
    assert not written(file)


def test_line_stays_one_line_on_a_narrow_terminal() -> None:
    console, file = terminal(40)
    progress = make_progress(False, console)
    progress.started(100)
    written(file)
    progress.finished("a_rather_long_name_of_an_exercise", verdict("failed"))
    line = written(file)
    assert "\n" not in line
    assert "1/100 a_rather" in line
    progress.close()


def test_names_are_no_markup() -> None:
    console, file = terminal()
    progress = make_progress(False, console)
    progress.started(1)
    progress.finished("[link=x]adder[/]", verdict("passed"))
    assert "[link=x]adder[/]" in written(file)
    progress.close()


def test_line_can_be_written_to_a_terminal_without_unicode() -> None:
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, "ascii")
    progress = make_progress(False, Console(file=file, force_terminal=True, legacy_windows=False, width=80))
    progress.started(2)
    progress.finished("adder", verdict("passed"))
    progress.close()
    file.flush()
    assert b"1/2" in raw.getvalue()


def go_through(file: io.StringIO, console: Console, quiet: bool) -> str:
    progress = make_progress(quiet, console)
    progress.started(1)
    progress.finished("adder", verdict("failed"))
    progress.close()
    return file.getvalue()


def test_nothing_is_written_where_quiet_is_asked_for() -> None:
    console, file = terminal()
    assert go_through(file, console, quiet=True) == ""


def test_nothing_is_written_to_a_file() -> None:
    file = io.StringIO()
    assert go_through(file, Console(file=file, force_terminal=False), quiet=False) == ""


def test_nothing_is_written_to_a_dumb_terminal() -> None:
    console, file = terminal(term="dumb")
    assert go_through(file, console, quiet=False) == ""


def test_standard_error_in_a_file_stays_empty_even_if_colour_is_forced(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    progress = make_progress(False)
    progress.started(1)
    progress.finished("adder", verdict("failed"))
    progress.close()
    assert capsys.readouterr() == ("", "")
