"""The head of a faulty submission: what is wrong with it, and which tests must say so."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_KEYS = ("wrong", "fails", "may fail")


class HeaderError(Exception):
    """A faulty submission's header cannot be used; the message names file and remedy."""


@dataclass(frozen=True)
class Header:
    """What the head of a faulty submission says of it."""

    wrong: str
    fails: frozenset[str]
    """Tests that must fail."""
    may_fail: frozenset[str]
    """Tests that may go either way; every other one must pass."""


def read_header(file: Path) -> Header:
    """Reads the comment lines at the top: `# wrong: ...`, `# fails: a, b`, `# may fail: c`.

    A line that starts with no key goes on with the line before.

    Raises:
        HeaderError: the file cannot be read as text, or `wrong` or `fails` is missing.
    """
    fields: dict[str, str] = {}
    key = ""
    for line in _text(file).splitlines():
        if not line.startswith("#"):
            break
        text = line.lstrip("# ").rstrip()
        head, colon, rest = text.partition(":")
        if colon and head in _KEYS:
            key, text = head, rest
        if key:
            fields[key] = f"{fields.get(key, '')} {text}".strip()
    for needed in ("wrong", "fails"):
        if not fields.get(needed):
            raise HeaderError(f"{file}: the head has no `# {needed}: ...` line; add it")
    return Header(fields["wrong"], _names(fields["fails"]), _names(fields.get("may fail", "")))


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise HeaderError(f"{file}: is not UTF-8; save it as UTF-8") from None
    except OSError as error:
        raise HeaderError(f"{file}: cannot be read ({error.strerror}); make it a file that can be") from None


def _names(text: str) -> frozenset[str]:
    return frozenset(name.strip() for name in text.split(",") if name.strip())
