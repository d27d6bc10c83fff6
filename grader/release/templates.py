"""The texts of a release: templates of the package, with their blanks filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.resources import files

ACTIONS = {
    # Pinned by commit, as a tag may be moved; read from the repositories' own tags.
    "CHECKOUT": "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1  # v7.0.1",
    "SETUP_PYTHON": "actions/setup-python@5fda3b95a4ea91299a34e894583c3862153e4b97  # v7.0.0",
    "UPLOAD_ARTIFACT": "actions/upload-artifact@bbbca2ddaa5d8feaa63e36b76fdaad77386f024f  # v7.0.0",
}
"""What the workflows use of others."""

_BLANK = re.compile(r"@([A-Z_]+)@")


def fill(name: str, blanks: Mapping[str, str] | None = None) -> bytes:
    """The template `name` with each `@BLANK@` replaced.

    Args:
        name: a file of `templates`.
        blanks: what to put where, beside the actions.

    Raises:
        KeyError: a blank of the template is not in `blanks`.
    """
    text = files("grader.release").joinpath("templates", name).read_text(encoding="utf-8")
    given = {**ACTIONS, **(blanks or {})}
    return _BLANK.sub(lambda found: given[found[1]], text).encode()
