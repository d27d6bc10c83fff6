"""The store: what was put is there, also after the disk was full; one at a time has it."""

from __future__ import annotations

import random
import sqlite3
from pathlib import Path

import pytest

from grader.batch.attempts import BatchError
from grader.batch.store import FILE, Kept, Key, Store
from grader.results import ExerciseResult


def kept(name: str = "double", reason: str = "", at_fault: bool = False) -> Kept:
    return Kept(ExerciseResult(name, "Twice", 1.0, 4.0, 0.0, "graded", reason, []), {"tier": "jail"}, at_fault)


def key(part: str = "s", exercise: str = "double", pack: str = "p", grader: str = "g") -> Key:
    return Key(part, exercise, pack, grader)


def test_a_result_is_found_by_all_that_it_depends_on(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        store.put([(key(), kept()), (key(exercise="triple", pack="q"), kept("triple", at_fault=True))])
    with Store(tmp_path) as store:
        assert store.get(key()) == kept()
        assert store.get(key(exercise="triple", pack="q")) == kept("triple", at_fault=True)
        for other in (key("t"), key(exercise="triple"), key(pack="q"), key(grader="h")):
            assert store.get(other) is None


def test_results_of_this_run_are_told_from_earlier_ones(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        store.put([(key(), kept())])
        before = store.last_number()
        assert not store.is_newer(key(), before)
        store.put([(key(), kept(reason="again"))])
        assert store.is_newer(key(), before)
        assert store.get(key()) == kept(reason="again")


def test_a_full_disk_loses_nothing_that_was_kept(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        store.put([(key(), kept())])
        store._base.execute(f"PRAGMA max_page_count = {store._base.execute('PRAGMA page_count').fetchone()[0]}")
        with pytest.raises(BatchError, match=r"full.*run the same command"):
            store.put([(key("t"), kept()), (key("t", "large"), kept("large", "x" * 100_000))])
        assert store.get(key()) == kept()
        assert store.get(key("t")) is None  # all results of a submission, or none
    with Store(tmp_path) as store:
        assert store.get(key()) == kept()


def test_results_are_written_through(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        assert store._base.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert store._base.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL


def test_a_store_is_had_by_one_at_a_time_and_given_back(tmp_path: Path) -> None:
    with Store(tmp_path), pytest.raises(BatchError, match="in use by another"):
        Store(tmp_path)
    Store(tmp_path).__exit__()


def test_a_file_that_is_no_store_is_refused(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("not a database at all, but long enough to be looked at as one" * 20)
    with pytest.raises(BatchError, match=r"results\.sqlite cannot be used.*move the file away"):
        Store(tmp_path)


def test_a_store_of_another_version_is_refused(tmp_path: Path) -> None:
    base = sqlite3.connect(tmp_path / FILE)
    base.execute("PRAGMA user_version = 99")
    base.close()
    with pytest.raises(BatchError, match="another version"):
        Store(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(BatchError, match="cannot be used for results"):
        Store(tmp_path / "file")


def test_a_damaged_store_is_told_as_such_with_its_own_remedy(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        store.put([(key(f"s{number}"), kept(reason="x" * 300)) for number in range(100)])
    data = bytearray((tmp_path / FILE).read_bytes())
    data[8000:40_000] = random.Random(1).randbytes(32_000)
    (tmp_path / FILE).write_bytes(data)
    told = r"results\.sqlite cannot be used: .* it is damaged: move the file away .*, or restore it from a copy"
    with pytest.raises(BatchError, match=told) as caught, Store(tmp_path) as store:
        for number in range(100):
            store.get(key(f"s{number}"))
    assert "free the disk" not in str(caught.value)


@pytest.mark.parametrize("damaged", [b"{", b'{"name": 3}', b"\xff"])
def test_a_result_that_is_damaged_is_no_traceback(tmp_path: Path, damaged: bytes) -> None:
    with Store(tmp_path) as store:
        store.put([(key(), kept())])
        store._base.execute("UPDATE results SET result = ?", (damaged,))
        with pytest.raises(BatchError, match="it is damaged: move the file away"):
            store.get(key())


def test_what_was_written_is_noted_until_it_is_forgotten(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        store.note(["a", "b"])
        store.note(["b", "c"])
        store.forget(["a", "x"])
    with Store(tmp_path) as store:
        assert store.noted() == {"b", "c"}


def test_a_store_without_notes_is_read_on(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        store.put([(key(), kept())])
        store._base.execute("DROP TABLE written")
    with Store(tmp_path) as store:
        assert (store.get(key()), store.noted()) == (kept(), set())
