"""Code that `dataclasses` writes as text for each class: compiled once, although the module is executed in each run."""

from __future__ import annotations

import contextlib
import dataclasses
import types
from collections.abc import Iterator
from typing import Any

_compiled: dict[str, types.CodeType] = {}


@contextlib.contextmanager
def compiled_once() -> Iterator[None]:
    """For the length of the block; to compile is half of what it takes to make a dataclass."""
    before = vars(dataclasses).get("exec", exec)
    dataclasses.exec = _execute  # type: ignore[attr-defined]  # found there before the builtin one
    try:
        yield
    finally:
        dataclasses.exec = before  # type: ignore[attr-defined]
        _compiled.clear()


def _execute(text: str, *spaces: Any) -> None:
    if text not in _compiled:
        _compiled[text] = compile(text, "<string>", "exec", dont_inherit=True)
    exec(_compiled[text], *spaces)
