"""Wrong usage of a command: told before the work, not after it."""

from __future__ import annotations

import os
from pathlib import Path


class UsageError(Exception):
    """Wrong usage, or a course that cannot be used; the message is for the user."""


def check_writable(file: Path) -> None:
    """Sees that the file that `--json` names can be written.

    Raises:
        UsageError: it cannot.
    """
    folder = file.parent
    if file.is_dir() or not os.access(file if file.exists() else folder, os.W_OK):
        raise UsageError(f"--json {file}: cannot be written")
