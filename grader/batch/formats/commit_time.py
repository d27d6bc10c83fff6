"""When the last commit of a clone was made, told without obeying anything that the clone has to say.

git is run on a repository of our own that borrows the clone's objects: hooks, filters, aliases and programs that
the clone's configuration names are never read. The time is what the student's machine had, and can be forged.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from datetime import UTC, datetime
from pathlib import Path

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_SECONDS = 30
"""A last resort: to read one object takes milliseconds."""


def commit_time(repository: Path) -> datetime | None:
    """The committer's time of what is checked out; None where there is no git, no commit, or no telling.

    Args:
        repository: a folder with `.git`.
    """
    clone = repository / ".git"
    try:
        commit = _checked_out(clone)
        if commit is None or not (clone / "objects").is_dir() or (clone / "objects").is_symlink():
            return None
        with tempfile.TemporaryDirectory(prefix="threadlab-") as name:
            own = Path(name)
            for folder in ("objects/info", "refs"):
                (own / folder).mkdir(parents=True)
            (own / "HEAD").write_text("ref: refs/heads/main\n")
            (own / "objects/info/alternates").write_text(f"{(clone / 'objects').resolve()}\n")
            command = ["git", f"--git-dir={own}", "cat-file", "commit", commit]
            environment = {"PATH": os.environ.get("PATH", ""), "GIT_CONFIG_NOSYSTEM": "1", "HOME": name}
            done = subprocess.run(
                command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=_SECONDS, check=False
            )
    except (OSError, subprocess.SubprocessError, UnicodeError):
        return None
    found = re.search(rb"^committer .*> (\d{1,11}) [+-]\d{4}$", done.stdout.partition(b"\n\n")[0], re.MULTILINE)
    return datetime.fromtimestamp(int(found[1]), UTC) if found and done.returncode == 0 else None


def _checked_out(clone: Path) -> str | None:
    """The commit that HEAD names, read from the files."""
    head = _line(clone / "HEAD")
    if not head.startswith("ref: "):
        return head if _COMMIT.fullmatch(head) else None
    reference = head.removeprefix("ref: ").strip()
    if not re.fullmatch(r"refs/[\w./@+-]+", reference) or ".." in reference:
        return None
    loose = _line(clone / reference) if (clone / reference).is_file() else ""
    if _COMMIT.fullmatch(loose):
        return loose
    packed = clone / "packed-refs"
    lines = packed.read_text("utf-8", "replace").splitlines() if packed.is_file() and not packed.is_symlink() else []
    return next((line.split()[0] for line in lines if line.endswith(f" {reference}")), None)


def _line(path: Path) -> str:
    if path.is_symlink() or path.stat().st_size > 4096:
        return ""
    return path.read_text("utf-8", "replace").strip()
