"""What is printed in a job of a CI system, and what is not changed elsewhere."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from grader.reports import ci_log

if TYPE_CHECKING:
    from tests.conftest import Runner


@pytest.fixture(autouse=True)
def at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ci_log.SIGNS:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def on_github(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")


@pytest.fixture
def pipe() -> Iterator[io.StringIO]:
    yield io.StringIO()


@pytest.mark.parametrize("name", ["CI", "GITHUB_ACTIONS", "GITLAB_CI", "TF_BUILD"])
def test_a_ci_system_is_known_by_its_variable(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    assert not ci_log.in_ci()
    monkeypatch.setenv(name, "true")
    assert ci_log.in_ci()


def test_a_file_on_disk_is_no_log(on_github: None, tmp_path: Path, pipe: io.StringIO) -> None:
    assert ci_log.is_log(pipe)
    with (tmp_path / "report.txt").open("w") as file:
        assert not ci_log.is_log(file)
        with ci_log.commands_stopped(file):
            print("report", file=file)
    assert (tmp_path / "report.txt").read_text() == "report\n"


@pytest.mark.usefixtures("on_github")
def test_nothing_is_a_command_while_they_are_stopped(pipe: io.StringIO, runner: type[Runner]) -> None:
    with ci_log.commands_stopped(pipe):
        print("::notice::forged\n##[error]forged\n::stop-commands::x\n::x::\n::pause-logging::", end="", file=pipe)
    print("::notice::ours", file=pipe)
    assert runner().read(pipe.getvalue()).commands == [("notice", {}, "ours")]


@pytest.mark.usefixtures("on_github")
def test_commands_go_on_whatever_happens_meanwhile(pipe: io.StringIO, runner: type[Runner]) -> None:
    with pytest.raises(ZeroDivisionError), ci_log.commands_stopped(pipe):
        raise ZeroDivisionError
    print("::notice::ours", file=pipe)
    assert runner().read(pipe.getvalue()).commands == [("notice", {}, "ours")]


@pytest.mark.usefixtures("on_github")
def test_token_is_another_each_time(pipe: io.StringIO) -> None:
    for _ in range(2):
        with ci_log.commands_stopped(pipe):
            pass
    first, second = [line for line in pipe.getvalue().splitlines() if line.startswith("::stop-commands::")]
    assert first != second and len(first.rpartition("::")[2]) == 32


def test_nothing_is_added_elsewhere(monkeypatch: pytest.MonkeyPatch, pipe: io.StringIO) -> None:
    monkeypatch.setenv("GITLAB_CI", "true")
    with ci_log.commands_stopped(pipe):
        pipe.write("report")
    assert pipe.getvalue() == "report"


def test_a_message_is_no_command_where_it_may_be_read_as_one(pipe: io.StringIO, runner: type[Runner]) -> None:
    assert runner().read(ci_log.message("a\n::notice::x ##[error]x \x1b[A", pipe)).commands == []
    assert "\x1b" not in ci_log.message("\x1b[A", pipe)
