"""The log of a CI job: where what is printed may be taken for commands, and what keeps it from being so."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from grader.reports import safe

SIGNS = frozenset({"CI", "GITHUB_ACTIONS", "GITLAB_CI", "TF_BUILD", "TEAMCITY_VERSION", "BUILDKITE", "JENKINS_URL"})
"""Variables, each of which some CI system sets in its jobs."""


def in_ci() -> bool:
    """Whether this is a job of a CI system, as its variables tell."""
    return not SIGNS.isdisjoint(os.environ)


def on_github() -> bool:
    """Whether it is a job of GitHub's, whose runner knows the commands that begin with `::`."""
    return os.environ.get("GITHUB_ACTIONS") == "true"


def is_log(file: TextIO) -> bool:
    """Whether a CI system reads what is written to `file`: not where it is a file on disk."""
    return in_ci() and not _is_on_disk(file)


def message(text: str, file: TextIO) -> str:
    """A message of ours that may hold text of a submission, for a terminal or a log."""
    return safe.for_terminal(text) if file.isatty() and not in_ci() else safe.for_ci_log(text)


@contextmanager
def commands_stopped(file: TextIO) -> Iterator[None]:
    """Has GitHub's runner take nothing for a command that is printed within: its own guard, behind our escaping.

    Args:
        file: where to; elsewhere than in a log of GitHub's it is left alone.
    """
    if not (on_github() and is_log(file)):
        yield
        return
    token = secrets.token_hex(16)  # made when no student code runs any more; unknown to anyone who wrote the text
    print(f"::stop-commands::{token}", file=file, flush=True)
    try:
        yield
    finally:
        print(f"\n::{token}::", file=file, flush=True)


def _is_on_disk(file: TextIO) -> bool:
    try:
        return stat.S_ISREG(os.fstat(file.fileno()).st_mode)
    except (OSError, ValueError):
        return False
