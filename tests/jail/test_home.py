"""The copy of our modules that a jail shows."""

from __future__ import annotations

import sys
from importlib.util import cache_from_source
from pathlib import Path

import pytest

import grader.student.seal
from grader.jail import home


def test_no_jail_has_to_compile_our_modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    Path(cache_from_source(grader.student.seal.__file__)).unlink(missing_ok=True)
    home._home_files.cache_clear()
    shown = home.home_for(tmp_path, shared=False)
    sources = list((shown / "grader").rglob("*.py"))
    assert len(sources) > 40
    assert [
        path for path in sources if path.name != "__init__.py" and not Path(cache_from_source(str(path))).exists()
    ] == []
