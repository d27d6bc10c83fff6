"""When a submission counts as not started: read, never run."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest

from grader.stub import not_started

ROOT = Path(__file__).parents[1]


def is_stub(tmp_path: Path, source: str | bytes, *names: str) -> bool:
    file = tmp_path / "double.py"
    file.write_bytes(source if isinstance(source, bytes) else source.encode())
    return not_started(file, names or ("double",))


@pytest.mark.parametrize(
    "source",
    [
        "def double():\n    raise NotImplementedError\n",
        "def double():\n    raise NotImplementedError('later')\n",
        'def double():\n    """What it does."""\n    raise NotImplementedError\n',
        "import threading\n\ndef double(a: int, *, b='x') -> int:\n    ...\n    raise NotImplementedError()\n",
        "# a comment of mine\ndef double():\n    # here, too\n    raise NotImplementedError\n",
        "def helper():\n    return 1\n\ndef double():\n    raise NotImplementedError\n",
        "def double():\n    return 1\n\ndef double():\n    raise NotImplementedError\n",
    ],
)
def test_what_only_raises_is_a_stub(tmp_path: Path, source: str) -> None:
    assert is_stub(tmp_path, source)


@pytest.mark.parametrize(
    "source",
    [
        "",
        "def duoble():\n    raise NotImplementedError\n",
        "def double():\n    return 1\n",
        "def double():\n    pass\n",
        'def double():\n    """Says only what it does."""\n',
        "def double():\n    raise NotImplementedError\n    return 2\n",
        "def double():\n    x = 1\n    raise NotImplementedError\n",
        "def double():\n    if 1:\n        raise NotImplementedError\n",
        "def double():\n    raise NotImplemented\n",
        "def double():\n    raise\n",
        "def double():\n    raise ValueError\n",
        "double = lambda: 1\n",
        "async def double():\n    raise NotImplementedError\n",
        "def double():\n    raise NotImplementedError\n\ndef double():\n    return 1\n",
        "if True:\n    def double():\n        raise NotImplementedError\n",
        "class double:\n    pass\n",
    ],
)
def test_whatever_else_is_started(tmp_path: Path, source: str) -> None:
    assert not is_stub(tmp_path, source)


def test_all_names_must_be_stubs(tmp_path: Path) -> None:
    source = "def one():\n    raise NotImplementedError\n\ndef two():\n    return 2\n"
    assert is_stub(tmp_path, source, "one") and not is_stub(tmp_path, source, "one", "two")


def test_a_class_is_a_stub_if_all_its_methods_are(tmp_path: Path) -> None:
    head = 'class Server:\n    """Serves."""\n\n    def __init__(self):\n        raise NotImplementedError\n\n'
    assert is_stub(
        tmp_path, head + "    def start(self):\n        '''Starts.'''\n        raise NotImplementedError\n", "Server"
    )
    assert not is_stub(tmp_path, head + "    def start(self):\n        return 1\n", "Server")
    assert not is_stub(tmp_path, head + "    port = 1\n", "Server")


@pytest.mark.parametrize(
    "source",
    [
        "def double(:\n",
        b"\xff\xfe",
        b"# coding: nonsense\n",
        "x = '\0'",
        "x = " + "-" * 200_000 + "1\n",
        "x = " + "(" * 5_000 + ")" * 5_000,
        "x = " + "+".join(["1"] * 100_000),
        "x" + ".x" * 100_000,
    ],
    ids=["syntax", "bytes", "coding", "NUL", "signs", "brackets", "sum", "attributes"],
)
def test_what_cannot_be_read_is_started(tmp_path: Path, source: str | bytes) -> None:
    assert not is_stub(tmp_path, source)


def test_no_warning_about_the_students_text_is_ours_to_give(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert is_stub(tmp_path, "x = '\\d'\ny = 1if 1else 2\ndef double():\n    raise NotImplementedError\n")


def test_a_file_that_is_not_there_is_started(tmp_path: Path) -> None:
    assert not not_started(tmp_path / "double.py", ["double"])


@pytest.mark.parametrize("name", sorted(path.name for path in (ROOT / "exercises").iterdir() if path.is_dir()))
def test_what_we_hand_out_is_not_started_and_what_we_solved_is(name: str) -> None:
    from grader.course import load_exercise

    exercise = load_exercise(ROOT / "exercises" / name)
    assert not_started(exercise.stub, exercise.defines)
    assert exercise.solution and not not_started(exercise.solution / f"{name}.py", exercise.defines)
