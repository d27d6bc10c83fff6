"""The private place: nobody else's to enter, and gone afterwards, even after a kill."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from grader.release import private
from grader.release.private import private_place
from tests.release.jobs import until

FILES = {"course.yaml": b"x", "solutions/a/test_hidden.py": b"secret"}

HOLD = """
import sys
from pathlib import Path
from grader.release.private import private_place
with private_place({"a/b": b"secret"}) as place:
    print(place, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def base(tmp_path, monkeypatch) -> Path:
    monkeypatch.setattr(private, "_IN_MEMORY", tmp_path)
    return tmp_path


def test_it_is_in_memory_where_there_is_a_file_system_for_that():
    with private_place(FILES) as place:
        assert place.parent == Path("/dev/shm") if os.access("/dev/shm", os.W_OK) else Path(os.environ["TMPDIR"])


def test_its_files_are_there_and_only_ours(base):
    with private_place(FILES) as place:
        assert {name: (place / name).read_bytes() for name in FILES} == FILES
        assert stat.S_IMODE(place.stat().st_mode) == 0o700
    assert list(base.iterdir()) == []


def test_it_is_gone_after_an_exception_too(base):
    with pytest.raises(KeyboardInterrupt), private_place(FILES):
        raise KeyboardInterrupt
    assert list(base.iterdir()) == []


def test_without_such_a_file_system_the_temporary_folder_serves(base, tmp_path, monkeypatch):
    monkeypatch.setattr(private, "_IN_MEMORY", tmp_path / "none")
    with private_place(FILES) as place:
        assert place.is_dir()
    assert not place.exists()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_it_is_gone_after_a_kill(how):
    with subprocess.Popen(
        [sys.executable, "-c", HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as holder:
        place = Path(holder.stdout.readline().decode().strip())
        assert (place / "a/b").read_bytes() == b"secret"
        holder.send_signal(how)
        holder.wait()
    until(lambda: not place.exists())


def test_what_a_killed_grading_and_its_keeper_have_left_is_removed_at_the_next_start(base):
    left = base / f"{private._PREFIX}left"
    (left / "solutions").mkdir(parents=True)
    (left / ".lock").touch()
    with private_place(FILES):
        assert not left.exists()


def test_what_another_grading_holds_stays(base):
    with private_place(FILES) as held, private_place(FILES) as other:
        assert held.is_dir() and held != other


def test_a_link_of_somebodys_is_not_followed(base, tmp_path):
    target = tmp_path / "target"
    target.mkdir()
    (target / "kept").touch()
    (base / f"{private._PREFIX}link").symlink_to(target)
    with private_place(FILES):
        pass
    assert (target / "kept").exists()
