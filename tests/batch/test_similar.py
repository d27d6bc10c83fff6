"""Submissions that look alike are listed; what all have from the stub does not make them so."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from grader.batch.attempts import Attempt
from grader.batch.similar import Pair, similar, to_csv
from grader.course import load_course

if TYPE_CHECKING:
    from tests.conftest import Course

pytest.importorskip("copydetect")

OTHER = """
from concurrent.futures import ThreadPoolExecutor, wait


def double(value, job):
    with ThreadPoolExecutor(max_workers=1) as pool:
        future = pool.submit(job, value)
        wait([future])
        return future.result() + future.result()
"""


def test_copies_are_found_under_other_names(course: Course, tmp_path: Path) -> None:
    reference = (course.root / "solutions" / "double" / "double.py").read_text()
    stub = (course.root / "exercises" / "double" / "double.py").read_text()
    renamed = reference.replace("found", "results").replace("thread =", "worker =").replace("thread.", "worker.")
    folder = course.submit(
        {
            "a/double.py": reference,
            "b/double.py": renamed,
            "c/double.py": OTHER,
            "d/double.py": stub,
            "e/double.py": stub,
        }
    )
    attempts = [Attempt(name, name, folder / name) for name in "abcde"] + [Attempt("gone", "gone", folder / "gone")]
    [pair] = similar(attempts, load_course(course.root).exercises, tmp_path)
    assert (pair.exercise, pair.one, pair.other) == ("double", "a", "b")
    assert pair.share > 0.9


def test_the_table_holds_no_formula() -> None:
    assert to_csv([Pair("double", "=a", "b", 0.506)]).decode().splitlines() == [
        "exercise,student,other,percent",
        "double,'=a,b,51",
    ]
