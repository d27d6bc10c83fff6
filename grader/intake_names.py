"""Names of files: shown safely, left out, and compared with the name that was expected."""

from __future__ import annotations

import difflib
import re
import sys
from collections.abc import Iterable

_LEFT_OUT = {"__pycache__", "node_modules", "__MACOSX", "Thumbs.db", "desktop.ini", "Icon\r"}
_NEVER_USED = {"conftest.py", "sitecustomize.py", "usercustomize.py"}
_OURS = {"test_public.py", "test_hidden.py", "pytest.ini", "tox.ini", "setup.cfg", "pyproject.toml"}
_ARCHIVE = re.compile(r"\.(zip|tar|tgz|tbz2?|txz|(tar\.)?(gz|bz2|xz|zst)|7z|rar)$", re.IGNORECASE)
_ENDINGS = re.compile(r"(\.(py|pyw|txt|bak|ipynb|md|docx?|pdf|zip|tar|tgz|gz|7z|rar))+$")
_ADDED = re.compile(r"(?:-\d+| ?\(\d+\)|[ _]?(?: - )?(?:copy|kopie)(?: ?\d+| ?\(\d+\))?)$")
"""What systems add to a name: an LMS to what is handed in again, a browser or a desktop to a second copy."""
_LONGEST = 120
_MOST_SHOWN = 5
_ALIKE = 0.75


def shown(name: str) -> str:
    """`name` for a reader: what cannot be printed escaped, and cut in the middle if it is long."""
    text = "".join(map(_visible, name))
    if len(text) <= _LONGEST:
        return text
    return f"{text[: _LONGEST - 41]}…{text[-40:]}"


def _visible(char: str) -> str:
    if char == "\\":
        return "\\\\"
    if char.isprintable():
        return char
    if "\udc80" <= char <= "\udcff":  # a byte that is not UTF-8, as os.fsdecode gives it
        return f"\\x{ord(char) - 0xDC00:02x}"
    return char.encode("unicode_escape").decode("ascii")


def some(told: list[str]) -> list[str]:
    """The first few of `told`, and how many more there are."""
    more = len(told) - _MOST_SHOWN
    return told if more <= 0 else [*told[:_MOST_SHOWN], f"and {more} more like these"]


def is_left_out(name: str) -> bool:
    """Whether an entry is a by-product (caches, version control, a desktop's notes) that nobody means to hand in."""
    return name.startswith(".") or name in _LEFT_OUT or name.lower().endswith((".pyc", ".pyo"))


def is_never_used(name: str) -> bool:
    """Whether Python or pytest would execute a file of this name unasked."""
    return name.lower() in _NEVER_USED or name.lower().endswith(".pth")


def is_ours(name: str) -> bool:
    """Whether a file of this name is the grader's to provide."""
    return name.lower() in _OURS or is_never_used(name)


def is_archive(name: str) -> bool:
    """Whether a file's name is that of an archive."""
    return _ARCHIVE.search(name) is not None


def without_ending(name: str) -> str:
    """An archive's name without what tells that it is one."""
    return _ARCHIVE.sub("", name) or name


def hides_library(path: str) -> str:
    """The module of the standard library whose name the file at `path` has; empty if there is none.

    Args:
        path: relative to the exercise's folder, parts separated by `/`.
    """
    first, _, rest = path.removesuffix(".py").partition("/")
    is_module = path.endswith(".py") and rest in ("", "__init__")
    return first if is_module and first in sys.stdlib_module_names else ""


def without_additions(name: str) -> str:
    """A name without its ending, in lower case and without what an LMS, a browser or a desktop adds to it."""
    bare = name.casefold().removesuffix(".py")
    while (shorter := _ADDED.sub("", bare)) != bare and shorter.strip():
        bare = shorter
    return bare


def meant(name: str, exercises: Iterable[str]) -> str | None:
    """The exercise whose source a file is, but for case and additions; None: of none.

    Args:
        name: of the file.
        exercises: the names of all that it could be.
    """
    if not name.casefold().endswith(".py"):
        return None
    known = {exercise.casefold(): exercise for exercise in exercises}
    return known.get(name.casefold().removesuffix(".py")) or known.get(without_additions(name))


def near(exercise: str, names: Iterable[str]) -> list[str]:
    """Those of `names` that someone who meant the exercise may have written, the nearest first."""
    scored = [(_likeness(exercise, name), name) for name in names]
    return [name for score, name in sorted(scored, key=lambda pair: (-pair[0], pair[1])) if score >= _ALIKE]


def _likeness(exercise: str, name: str) -> float:
    wanted, given = _bare(exercise), _bare(name)
    if wanted == given:
        return 1.0
    if wanted in given:
        return 0.9
    if 2 * min(len(given), len(wanted)) < _ALIKE * (len(given) + len(wanted)):
        return 0.0  # whatever is in them; a folder may hold ten thousand long names
    return difflib.SequenceMatcher(None, given, wanted, autojunk=False).ratio()


def _bare(name: str) -> str:
    return re.sub(r"[\W_]+", "", _ENDINGS.sub("", name.casefold()))
