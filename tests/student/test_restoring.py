"""What a program has put in the place of the library's functions is put back before the world rests on them."""

from __future__ import annotations

import builtins
import contextvars
import gc
import os
import pathlib
import sys
import threading
from typing import Any

import grader.student.exploring  # noqa: F401 - what the world uses is there when `Kept` is made
from grader.student.restoring import Kept


def test_all_that_the_world_uses_is_put_back(monkeypatch: Any) -> None:
    places: list[tuple[Any, str]] = [
        (builtins, "min"), (builtins, "compile"), (gc, "collect"), (os, "getpid"), (sys, "_getframe"),
        (pathlib.Path, "read_text"), (pathlib.PurePath, "__str__"), (contextvars, "Context"), (os.path, "join"),
    ]  # fmt: skip
    monitoring = getattr(sys, "monitoring", None)
    if monitoring is not None:
        places.append((monitoring, "register_callback"))
    kept = Kept()
    before = [vars(space)[name] for space, name in places]
    for space, name in places:
        monkeypatch.setattr(space, name, None)
    kept.put_back()
    after = [vars(space)[name] for space, name in places]
    monkeypatch.undo()
    assert after == before


def test_what_is_missing_is_put_back_and_what_is_new_stays(monkeypatch: Any) -> None:
    kept, collect = Kept(), gc.collect
    monkeypatch.delattr(gc, "collect")
    monkeypatch.setattr(gc, "extra", 1, raising=False)
    kept.put_back()
    assert gc.collect is collect and gc.extra == 1  # type: ignore[attr-defined]


def test_functions_that_count_threads_stay(monkeypatch: Any) -> None:
    kept = Kept()
    monkeypatch.setattr(threading, "_start_new_thread", len, raising=False)
    kept.put_back()
    assert threading._start_new_thread is len  # type: ignore[attr-defined]
