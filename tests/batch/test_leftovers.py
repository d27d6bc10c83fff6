"""What an earlier run has left in OUT: only what is noted goes, and never what is there under another spelling."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.batch.attempts import BatchError
from grader.batch.leftovers import remove_leftovers
from grader.batch.store import Store


def write(out: Path, *names: str) -> None:
    for name in names:
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).touch()


def test_only_noted_files_go_and_folders_when_they_are_empty(tmp_path: Path) -> None:
    write(tmp_path, "feedback/a/r", "feedback/a/attempt-1/r", "feedback/b/r", "feedback/b/mine", "feedback/c/r", "x")
    with Store(tmp_path) as store:
        store.note(["feedback/a/r", "feedback/a/attempt-1/r", "feedback/b/r", "feedback/c/r", "feedback/gone/r"])
        remove_leftovers(store, tmp_path, ["feedback/c/r"])
        assert store.noted() == {"feedback/c/r"}
    left = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if not path.name.startswith(".")}
    assert left - {"results.sqlite"} == {"feedback", "feedback/b", "feedback/b/mine", "feedback/c", "feedback/c/r", "x"}


@pytest.mark.parametrize("is_case_told", [True, False])
def test_a_name_that_differs_in_case_only_may_be_that_of_a_present_file(tmp_path: Path, is_case_told: bool) -> None:
    write(tmp_path, "feedback/Ann/r")
    if is_case_told:
        write(tmp_path, "feedback/ann/r")
    else:
        (tmp_path / "feedback" / "ann").symlink_to("Ann")  # as it looks where case is not told
    with Store(tmp_path) as store:
        store.note(["feedback/Ann/r", "feedback/ann/r"])
        remove_leftovers(store, tmp_path, ["feedback/ann/r"])
        assert store.noted() == {"feedback/ann/r"}
    assert (tmp_path / "feedback/ann/r").is_file()
    assert (tmp_path / "feedback/Ann/r").is_file() != is_case_told


def test_nothing_is_removed_outside_of_out(tmp_path: Path) -> None:
    out = tmp_path / "out"
    write(tmp_path, "kept", "out/feedback")
    with Store(out) as store:
        store.note(["../kept", str(tmp_path / "kept"), "feedback/a/r"])
        remove_leftovers(store, out, [])
    assert (tmp_path / "kept").is_file() and (out / "feedback").is_file()


def test_what_cannot_be_removed_is_told(tmp_path: Path) -> None:
    (tmp_path / "moodle.csv").mkdir()
    with Store(tmp_path) as store:
        store.note(["moodle.csv"])
        with pytest.raises(BatchError, match=r"moodle\.csv: .*remove it by hand"):
            remove_leftovers(store, tmp_path, [])
