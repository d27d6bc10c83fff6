"""The folder with the only modules of ours that the student process may see."""

from __future__ import annotations

import contextlib
import py_compile
import shutil
import sys
from functools import cache
from importlib.util import cache_from_source, find_spec
from pathlib import Path

_shared_home: Path | None = None


def share_home(folder: Path) -> None:
    """Has all later cells of this process share one copy of our modules, where students cannot write to it.

    Args:
        folder: takes the copy; must be there as long as any cell.
    """
    global _shared_home
    _shared_home = _copy_home(folder)


def home_for(root: Path, shared: bool) -> Path:
    """The folder that a cell is going to show.

    Args:
        root: of the cell; takes a copy where none can be shared.
        shared: whether one that other cells show, too, will do.
    """
    return _shared_home if shared and _shared_home else _copy_home(root)


def _copy_home(root: Path) -> Path:
    home = root / "home"
    for source, target in _home_files():
        (home / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, home / target)
    for path in [home, *home.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    return home


@cache
def _home_files() -> list[tuple[Path, str]]:
    package = Path(__file__).parent.parent
    cached = f"__pycache__/__init__.{sys.implementation.cache_tag}.pyc"
    found = [(package / name, f"grader/{name}") for name in ("__init__.py", cached) if (package / name).exists()]
    roots = [(package / room, f"grader/{room}") for room in ("student", "wire")]
    for top, _ in roots:
        _compile(top)
    spec = find_spec("msgspec")
    assert spec is not None and spec.origin is not None
    roots.append((Path(spec.origin).parent, "msgspec"))
    for top, name in roots:
        files = (path for path in top.rglob("*") if path.suffix in (".py", ".pyc", ".so"))
        found += [(path, f"{name}/{path.relative_to(top)}") for path in files]
    return found


def _compile(folder: Path) -> None:
    """Leaves the bytecode beside our modules, as Python does where it imports them: each jail would compile anew."""
    if sys.dont_write_bytecode:
        return
    for source in folder.rglob("*.py"):
        cached = Path(cache_from_source(str(source)))
        if not cached.exists() or cached.stat().st_mtime < source.stat().st_mtime:
            with contextlib.suppress(OSError):  # installed where we may not write
                py_compile.compile(str(source), quiet=2)
