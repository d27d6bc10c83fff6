"""Pages from templates: everything that is put into one is made safe first; styles and scripts are put inside."""

from __future__ import annotations

import json
import re
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from grader.reports import safe, wording

_HERE = Path(__file__).parent
_CODE = re.compile(r"`([^`\n]+)`")
_NOT_IN_IDS = re.compile(r"[^A-Za-z0-9_-]")
_UNSAFE_IN_SCRIPTS = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029\x7f"}


def page(template: str, **values: Any) -> bytes:
    """A page, whole in one file.

    Args:
        template: a file of `grader/reports/templates`.
        values: what it shows; strings may come from anywhere.
    """
    return _environment().get_template(template).render(**values).encode()


def as_script_data(value: Any) -> Markup:
    """A value as JSON that can stand in a script element: it does not end there, whatever is in it.

    Strings are made safe to show, too, since a script will show them.
    """
    written = safe.in_json(json.dumps(_safe(value), separators=(",", ":")))
    return Markup(written.translate(_UNSAFE_IN_SCRIPTS))


def prose(text: str) -> Markup:
    """Text of a result in which code stands between backticks."""
    return Markup(_CODE.sub(r"<code>\1</code>", safe.for_html(text)))


def as_id(*names: str) -> str:
    """A name for a place of the page, from names of whatever kind."""
    return "--".join(_NOT_IN_IDS.sub("-", name) for name in names)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        finalize=_finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "prose": prose, "data": as_script_data, "number": wording.number, "test_name": wording.test_name,
    }  # fmt: skip
    environment.globals |= {"asset": _asset, "as_id": as_id, "counted": wording.counted}
    return environment


def _finalize(value: Any) -> Any:
    """What every expression of a template goes through."""
    if isinstance(value, int | float):
        return Markup(value)
    return value if isinstance(value, Markup) else _shown(str(value))


@lru_cache(4_096)  # a page says the same words over and over
def _shown(text: str) -> Markup:
    return Markup(safe.for_html(text))


def _asset(name: str) -> Markup:
    """A style sheet or script of ours, as it is."""
    return Markup((_HERE / "assets" / name).read_text(encoding="utf-8"))


def _safe(value: Any) -> Any:
    if isinstance(value, str):
        return safe.for_terminal(value)
    if isinstance(value, dict):
        return {safe.for_terminal(str(key)): _safe(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_safe(item) for item in value]
    return value
